"""Code under the name of something that is none, and programs behind the end of a picture.

    text of a language named as a picture, font, sound   Capability   `obfuscation`, `javascript named .woff`
    the same in a text, where it holds a long payload    Capability   `obfuscation`, `javascript named .txt`
    a program or archive behind the last chunk of a PNG   Capability   `native-code`, `obfuscation`

Native programs and bytecode under a wrong name are told by `magic`. https://www.w3.org/TR/png-3/ section 5
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities import decoding
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Place, Record

_TEXTS = (".txt", ".log", ".csv", ".dat", ".bin")
_PNG = b"\x89PNG\r\n\x1a\n"
#: Beginnings of what runs, or is unpacked and then runs.
_BEHIND: tuple[tuple[bytes, CapabilityName, str], ...] = (
    *((b"MZ", "native-code", "pe"), (b"\x7fELF", "native-code", "elf"), (b"\0asm", "native-code", "wasm")),
    *((b"PK\x03\x04", "obfuscation", "zip archive"), (b"\x1f\x8b", "obfuscation", "gzip")),
    *((b"#!", "obfuscation", "script"), (b"<?php", "obfuscation", "script")),
)
_CODE = frozenset(("javascript", "python", "shell"))
_PAYLOAD = re.compile(rb"[A-Za-z0-9+/_-]{400}|(?:\\x[0-9a-fA-F]{2}){100}")
#: Bytes of a text that are looked at, and chunks of a picture.
_LOOKED, _CHUNKS = 1 << 20, 100_000


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the table has looked at the name)
    """Want pictures that can be walked through, and what is text where none should be."""
    return head.startswith(_PNG) or (bool(head) and b"\0" not in head)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what is disguised."""
    if data.startswith(_PNG):
        rest = data[_end(data) :].lstrip(b"\0")
        for magic, name, what in _BEHIND:
            if rest.startswith(magic):
                yield _told(path, name, f"{what} behind the end of a picture", f"{len(rest):,} bytes")
        return
    kind = decoding.kind(data[:_LOOKED])
    suffix = path[path.rfind(".") :]
    if kind in _CODE and (not path.endswith(_TEXTS) or _PAYLOAD.search(data, 0, _LOOKED) is not None):
        yield _told(path, "obfuscation", f"{kind} named {suffix}", data[:200].decode("utf-8", "replace"))


def _told(path: str, name: CapabilityName, subject: str, text: str) -> Capability:
    at = Place(path, 1, excerpt(text))
    return Capability(path=path, name=name, subject=subject, phase="call", detail=text[:100], at=at)


def _end(data: bytes) -> int:
    """Return where the last chunk of a PNG ends, its own length where there is none."""
    at = len(_PNG)
    for _ in range(_CHUNKS):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND" or at >= len(data):
            return min(at, len(data))
    return len(data)
