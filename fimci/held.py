"""A folder held against its baseline: what differs, and no more of what does not than rules ask for.

A file whose line is as it was is not looked at any further, for the readers would say of it what
they said then: a reading is a function of path, bytes and the reader's version.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fimci import drift, rows, store, workers
from fimci.batches import MANY, Batch, batches, begun, count
from fimci.folder import Progress, taken, unpacked, walked
from fimci.lines import Unlike, ordered, unlike
from fimci.look import Sizes
from fimci.model import File, Package, Record, order
from fimci.profiles import DEFAULT
from fimci.snapshot import Snapshot, streamed
from fimci.sources.directory import Run
from fimci.sources.handles import ODD

_NO_SIZES: Sizes = {}
#: How the line of a file begins that is not as short as a row.
_LONG = b'{"type":"file"'
_MANIFEST = re.compile(b"|".join(re.escape(name.encode()) for name in drift.NAMES))


class Held(NamedTuple):
    """Both sides of a check, and how many files were looked at (0: those of the right side)."""

    left: Snapshot
    right: Snapshot
    files: int = 0


def held(
    root: str,
    left: Snapshot,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    but: frozenset[str] = frozenset(),
) -> Held:
    """Look at a folder as its baseline `left` did, past the files that `but` names.

    The sides hold files that differ, those that rules want to see in any case (manifests), and all
    other records. A profile that records more than the default one, or less, is looked at in full.
    """
    how, body = left.recipe, left.records
    if how.profile != DEFAULT or how.paths or not how.directories or not isinstance(body, store.Body):
        right = taken(root, how, progress, sizes)
        kept = (record for record in right.records if getattr(record, "path", None) not in but)
        return Held(left, msgspec.structs.replace(right, records=kept))
    lines = _Lines(body)
    found, alone = begun(batches(root, walked(root, how, but)))
    under_way: deque[bytes] = deque()

    def beside() -> Iterator[tuple[Batch, bytes]]:
        for batch in found:
            under_way.append(lines.up_to(batch))
            yield batch, under_way[-1]

    sides = _Sides(body, how.algorithm)
    work = functools.partial(unlike, root, how)
    for differing in workers.spread(work, beside(), 0 if body.count > MANY * workers.ALONE else alone):
        sides.put(under_way.popleft(), differing)
        if progress is not None:
            progress(lines.last)
    sides.put_gone(lines.rest())
    others = lines.others()
    if lines.seen != body.count:
        raise body.fault()
    return sides.held(left, f"dir:{root}", others)


class _Sides:
    """Both sides as far as they differ, in the order of the walk."""

    def __init__(self, body: store.Body, algorithm: str) -> None:
        self.body = body
        self.algorithm = algorithm
        self.was: list[Record] = []
        self.now: list[Record] = []
        self.touched: set[str] = set()
        self.files = 0

    def put(self, text: bytes, differing: Unlike | None) -> None:
        """Take in what has become of a batch, whose lines were `text`."""
        gone: list[bytes] = []
        found: list[Record] = []
        if differing is not None:
            if not differing.ordered:
                raise self.body.fault()
            gone = differing.lines
            found = [unpacked(record, self.algorithm) for record in differing.found]
        was = self._decoded(gone)
        self.touched.update(_subject(record) for record in (*was, *found))
        self.files += bool(text) * (text.count(b"\n") + 1) - len(gone)
        self.files += sum(isinstance(record, File) for record in found)
        manifests: list[Record] = []
        if _MANIFEST.search(text):
            lines = [line for line in text.split(b"\n") if _MANIFEST.search(line) and line not in gone]
            manifests = [
                r for r in self._decoded(lines) if isinstance(r, File) and r.path.endswith(drift.NAMES)
            ]
        self.was.extend(_merged(was, manifests))
        self.now.extend(_merged(found, manifests))

    def put_gone(self, lines: list[bytes]) -> None:
        """Take in the lines of what the walk did not meet."""
        gone = self._decoded(lines)
        self.touched.update(_subject(record) for record in gone)
        self.was.extend(gone)

    def held(self, left: Snapshot, name: str, others: list[Record]) -> Held:
        """Return the sides, with the records of the baseline that are no files."""
        still = (record for record in others if _subject(record) not in self.touched)
        now = list(streamed(itertools.chain(self.now, still)))
        was = [*self.was, *others]
        if any(one.key >= other.key for one, other in itertools.pairwise(was)):
            raise self.body.fault()
        right = Snapshot(locator=name, recipe=left.recipe, records=now)
        return Held(msgspec.structs.replace(left, records=was), right, self.files)

    def _decoded(self, lines: list[bytes]) -> list[Record]:
        try:
            return [rows.decode(line, self.algorithm) for line in lines]
        except (msgspec.MsgspecError, ValueError) as error:
            raise self.body.fault() from error


class _Lines:
    """The lines of a baseline, some at a time."""

    def __init__(self, body: store.Body) -> None:
        self._body = body
        self._blocks = body.blocks()
        self._files: list[bytes] = []
        self._others: list[bytes] = []
        #: Lines that were met, and the path that was asked for last.
        self.seen = 0
        self.last = ""

    def up_to(self, batch: Batch) -> bytes:
        """Return the lines of files up to the last name of a batch, without a line feed at the end."""
        run = next((run for run in reversed(batch) if isinstance(run, Run)), None)
        if run is None:
            return b""
        self.last = (run.folder + run.names[-1]).removesuffix(ODD)
        number = self._number(self.last, count(batch))
        lines = self._files[:number]
        del self._files[:number]
        return b"\n".join(lines)

    def rest(self) -> list[bytes]:
        """Return the lines of files that are left."""
        while self._more():
            pass
        lines, self._files = self._files, []
        if lines and self.last and self._order(lines[0]) <= order(self.last.rstrip("/")):
            raise self._body.fault()
        return lines

    def others(self) -> list[Record]:
        """Return the records that are no files, once those are through."""
        found: list[Record] = []
        for lines in itertools.chain([b"".join(line + b"\n" for line in self._others)], self._blocks):
            try:
                records = list(rows.decode_all(lines, self._body.algorithm))
            except (msgspec.MsgspecError, ValueError) as error:
                raise self._body.fault() from error
            if any(isinstance(record, File) for record in records):
                raise self._body.fault()
            found.extend(records)
            self.seen += len(records)
        return found

    def _number(self, path: str, guess: int) -> int:
        """Return how many lines are of files up to a path: as many as guessed, where nothing came or went."""
        while len(self._files) < guess and self._more():
            pass
        name = b'["%b"' % path.encode(errors="surrogateescape")
        if len(self._files) >= guess and self._files[guess - 1].startswith(name):
            return guess
        here = order(path.rstrip("/"))
        while not self._files or self._order(self._files[-1]) <= here:
            if not self._more():
                return len(self._files)
        return bisect.bisect_right(self._files, here, key=self._order)

    def _order(self, line: bytes) -> str:
        try:
            return ordered(line, self._body.algorithm)
        except (msgspec.MsgspecError, ValueError) as error:
            raise self._body.fault() from error

    def _is_other(self, line: bytes) -> bool:
        """Tell whether a line is of no file: of those with an escape the beginning does not tell."""
        if line.startswith((b"[", _LONG)):
            return False
        try:
            return not isinstance(rows.decode(line, self._body.algorithm), File)
        except (msgspec.MsgspecError, ValueError) as error:
            raise self._body.fault() from error

    def _more(self) -> bool:
        """Take in some more lines; tell whether there were any of files."""
        block = next(self._blocks, None) if not self._others else None
        if block is None:
            return False
        lines = block.split(b"\n")
        lines.pop()
        if block.startswith(b"{") or b"\n{" in block:
            number = next((n for n, line in enumerate(lines) if self._is_other(line)), len(lines))
            self._others = lines[number:]
            del lines[number:]
        self._files += lines
        self.seen += len(lines)
        return bool(lines)


def _merged(files: list[Record], manifests: list[Record]) -> list[Record]:
    """Put files that did not change among those that did; what is no file keeps its place behind them."""
    if not manifests:
        return files
    return sorted((*files, *manifests), key=lambda record: record.key)


def _subject(record: Record) -> str:
    return record.at.path if isinstance(record, Package) else record.path
