"""Code that a program runs and that nowhere stands in its file: made of numbers, turned round, in escapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fimci.capabilities.catalogue import find
from fimci.capabilities.uses import Api, Use

#: Bytes of a text that would stand there if it was written down, and of those that are looked for.
_PIECE, _LOOKED_AT = 8, 1200
#: Bytes of the file that are read for this, all texts together.
_READ = 1 << 29


class Unwritten:
    """What of the code that a file runs does not stand in it, as far as it was looked for."""

    def __init__(self, data: bytes, names: Mapping[str, Api]) -> None:
        self.data, self.names = data, names
        self.left = _READ

    @property
    def capped(self) -> str:
        """Say that not all was looked for, nothing otherwise."""
        return "runs more texts than are looked for in the file" if self.left <= 0 else ""

    def decoded(self, use: Use) -> Use:
        """Return a use that runs what does not stand in the file as one of what was decoded."""
        code = self.code(use)
        if len(code) < _PIECE or "decoded" in use.arguments[0].flows or self._stands(code):
            return use
        first = use.arguments[0]
        first = first._replace(flows=first.flows | {"decoded"})
        return use._replace(arguments=(first, *use.arguments[1:]))

    def code(self, use: Use) -> bytes:
        """Return the code that a use runs, as far as it is known."""
        api = find(self.names, use.name)
        text = use.arguments[0].text if api is not None and api.evaluates and use.arguments else None
        return text.encode("utf-8", "replace") if isinstance(text, str) else text or b""

    def _stands(self, code: bytes) -> bool:
        for piece in dict.fromkeys(_pieces(code)):
            if self.left <= 0:
                return True
            at = self.data.find(piece)
            self.left -= len(self.data) if at < 0 else at
            if at >= 0:
                return True
        return False


def _pieces(code: bytes) -> Iterator[bytes]:
    """Yield pieces of a text as it is, and as a string has it that escapes the ends of lines and quotes."""
    written = (
        code.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r").replace(b"\t", b"\\t")
    )
    quoted = (written.replace(quote, b"\\" + quote) for quote in (b'"', b"'"))
    for text in (code, written, *quoted):
        piece = min(_PIECE, len(text) // 2)
        last = min(len(text) - piece, _LOOKED_AT)
        yield from (text[at : at + piece] for at in range(0, last + 1, max(1, piece // 2)))
