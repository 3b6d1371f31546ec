"""How a text hides what it does, told by its looks: no parser is needed for it, and no meaning.

Minifiers shorten names and join lines, which is no hiding; what is told here, only tools for hiding write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.model import Capability, Place

#: Names as obfuscators make them, that are no accident any more.
_NAMES = 12
_EXCERPT = 200


class Look(NamedTuple):
    """A kind of hiding: a word that such a text contains, and the pattern that shows it."""

    kind: str
    word: bytes
    pattern: re.Pattern[bytes]


_LOOKS = (
    Look(
        "string array", b"_0x", re.compile(rb"\[?[\"'.]push[\"']?\]?\(_0x\w{1,12}\[?[\"'.]shift[\"']?\]?\(")
    ),
    Look("brackets", b"[]", re.compile(rb"[\[\]()!+]{160}")),
    Look("packer", b"function(p,a,c,k,e,", re.compile(rb"function\(p,a,c,k,e,[rd]\)")),
    Look(
        "code behind blanks",
        b"                                                  ",
        re.compile(
            rb"[;})\]][ \t]{100,2000}(?:eval|global|globalThis|require|import|const|let|var|function|async"
            rb"|new|try|if|\(\s*(?:function|async|\(|0)|!function|Function|setTimeout|process)\b"
        ),
    ),
    Look("debugger trap", b"debu", re.compile(rb"[\"']debu[\"']\s*\+\s*[\"']gger[\"']")),
)
_HEX_NAME = re.compile(rb"_0x[0-9a-f]{3,8}\b")


def records(path: str, data: bytes) -> Iterator[Capability]:
    """Yield one record for each kind of hiding, at its first place."""
    for look in _LOOKS:
        if look.word in data:
            found = look.pattern.search(data)
            if found is not None:
                yield _record(path, data, look.kind, "", found.start())
    if data.count(b"_0x") >= _NAMES:
        names = {found[0] for found in _HEX_NAME.finditer(data)}
        if len(names) >= _NAMES:
            first = _HEX_NAME.search(data)
            yield _record(path, data, "hex names", f"{len(names):,} names", first.start() if first else 0)


def _record(path: str, data: bytes, kind: str, detail: str, at: int) -> Capability:
    text = data[at : at + _EXCERPT].partition(b"\n")[0].decode(errors="replace").strip()
    place = Place(path, data.count(b"\n", 0, at) + 1, text)
    return Capability(path=path, name="obfuscation", subject=kind, phase="import", detail=detail, at=place)
