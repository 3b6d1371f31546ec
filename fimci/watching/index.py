"""The lines of a baseline by path, so that one file can be held against it without going through all."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

from fimci import drift, rows, store
from fimci.held import ENDINGS
from fimci.ledger import Ledger
from fimci.model import File, Record, order
from fimci.shortcut import path_of
from fimci.snapshot import Snapshot

#: Lines that are kept as one text. Fewer cost memory, more cost time at each look.
_MANY = 64


class Index:
    """All records of a baseline: its files as lines, the others as they are."""

    def __init__(self, left: Snapshot) -> None:
        """Go through the baseline once. Raises `BaselineError` where it is damaged."""
        self._algorithm = left.recipe.algorithm
        self._texts: list[bytes] = []
        self._first: list[str] = []
        self.others: list[Record] = []
        #: Manifests and lockfiles, which rules want to see beside what changed.
        self.manifests: dict[str, File] = {}
        if isinstance(left.records, store.Body):
            ledger = Ledger(left.records)
            while text := ledger.some(_MANY):
                self._put(text)
            self.others = ledger.others()
        else:
            self._gather(left.records)

    def at(self, path: str) -> File | None:
        """Return what the baseline says of a path."""
        wanted = order(path)
        number = bisect.bisect_right(self._first, wanted) - 1
        if number < 0:
            return None
        lines = self._texts[number].split(b"\n")
        place = bisect.bisect_left(lines, wanted, key=self._order)
        if place < len(lines) and self._order(lines[place]) == wanted:
            return self._decoded(lines[place])
        return None

    def below(self, path: str) -> Iterator[File]:
        """Yield what the baseline has below a folder (`""`: all that it has)."""
        return self.between(order(path) + "\0", order(path) + "\1") if path else self.between("", "")

    def between(self, first: str, end: str) -> Iterator[File]:
        """Yield what comes from one place in the order of a walk to before another (`""`: to the end)."""
        number = max(0, bisect.bisect_right(self._first, first) - 1)
        while number < len(self._texts) and (not end or self._first[number] < end):
            for line in self._texts[number].split(b"\n"):
                place = self._order(line)
                if place >= first and (not end or place < end):
                    yield self._decoded(line)
            number += 1

    def _put(self, text: bytes) -> None:
        self._first.append(self._order(text.split(b"\n", 1)[0]))
        self._texts.append(text)
        if any(ending in text for ending in ENDINGS):
            for line in text.split(b"\n"):
                if any(ending in line for ending in ENDINGS):
                    file = self._decoded(line)
                    if file.path.rpartition("/")[2] in drift.NAMES:
                        self.manifests[file.path] = file

    def _gather(self, records: Iterable[Record]) -> None:
        files: list[Record] = []
        for record in records:
            if isinstance(record, File):
                files.append(record)
            else:
                self.others.append(record)
        for at in range(0, len(files), _MANY):
            self._put(rows.encode_all(files[at : at + _MANY], self._algorithm)[:-1])

    def _order(self, line: bytes) -> str:
        return order(path_of(line.decode(errors="surrogateescape"), self._algorithm).rstrip("/"))

    def _decoded(self, line: bytes) -> File:
        record = rows.decode(line, self._algorithm)
        assert isinstance(record, File)  # noqa: S101  (for the type checker: `path_of` has looked)
        return record
