"""The lines of a baseline, some at a time, in the order of the file."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable

import msgspec

from fimci import rows, store
from fimci.batches import Batch, count
from fimci.lines import ordered
from fimci.model import File, Record, order
from fimci.sources.directory import Run
from fimci.sources.handles import ODD

#: How the line of a file begins that is not as short as a row.
_LONG = b'{"type":"file"'


class Ledger:
    """The lines of a baseline, some at a time."""

    def __init__(self, body: store.Body, blocks: Iterable[bytes] | None = None) -> None:
        """Begin at the first line; `blocks` are whole lines of the body to go through instead of all."""
        self._body = body
        self._blocks = iter(body.blocks() if blocks is None else blocks)
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
        before, self.last = self.last, (run.folder + run.names[-1]).removesuffix(ODD)
        number = self._number(self.last, count(batch))
        lines = self._files[:number]
        del self._files[:number]
        self._follow(lines, before)
        return b"\n".join(lines)

    def some(self, number: int) -> bytes:
        """Return the next lines of files, at most so many, without a line feed at the end."""
        while len(self._files) < number and self._more():
            pass
        lines = self._files[:number]
        del self._files[:number]
        return b"\n".join(lines)

    def rest(self) -> list[bytes]:
        """Return the lines of files that are left."""
        while self._more():
            pass
        lines, self._files = self._files, []
        self._follow(lines, self.last)
        return lines

    def _follow(self, lines: list[bytes], path: str) -> None:
        """Refuse lines that stand behind those up to a path and belong before them, or say it twice."""
        if lines and path and self._order(lines[0]) <= order(path.rstrip("/")):
            raise self._body.fault()

    def others(self) -> list[Record]:
        """Return the records that are no files, once those are through. Raises `BaselineError`."""
        found: list[Record] = []
        if self._files:
            raise self._body.fault()
        for lines in itertools.chain([b"".join(line + b"\n" for line in self._others)], self._blocks):
            try:
                records = list(rows.decode_all(lines, self._body.algorithm))
            except (msgspec.MsgspecError, ValueError) as error:
                raise self._body.fault() from error
            if any(isinstance(record, File) for record in records):
                raise self._body.fault()
            found.extend(records)
            self.seen += len(records)
        if self.seen != self._body.count:
            raise self._body.fault()
        return found

    def _number(self, path: str, guess: int) -> int:
        """Return how many lines are of files up to a path: as many as guessed, where nothing came or went."""
        while len(self._files) < guess and self._more():
            pass
        # With the comma: a file `","755` in a folder looks like the line of the folder without.
        name = b'["%b",' % path.encode(errors="surrogateescape")
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
