"""Programs that stand as texts in others, which run them: each text is read once, and so much of all.

No reader itself. A text can be put together anew for each place that runs it, so that there may be more to
read than the file has.
"""

from __future__ import annotations

from collections.abc import Callable

from fimci.capabilities.uses import Program

#: Bytes of all texts that one file runs, more for each of its own, and what a text costs whatever its size.
_BYTES, _BYTES_A_BYTE, _A_TEXT = 1 << 21, 2, 400
CUT = "runs more texts than are read"


class Nested:
    """Reads texts of one program by `read`."""

    def __init__(self, read: Callable[[bytes], Program], size: int, depth: int) -> None:
        """Begin with none read. What is in a text itself is worth no more than its own size."""
        self._read, self._left = read, (0 if depth else _BYTES) + _BYTES_A_BYTE * size + _A_TEXT
        self._known: dict[bytes, Program] = {}

    @property
    def capped(self) -> str:
        """Say that not all was read, nothing otherwise."""
        return CUT if self._left < 0 else ""

    def program(self, code: bytes) -> Program | None:
        """Return the program that a text is, `None` for one too many."""
        found = self._known.get(code)
        if found is None:
            self._left -= _A_TEXT + len(code)
            if self._left < 0:
                return None
            found = self._known[code] = self._read(code)
        return found
