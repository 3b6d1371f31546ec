"""Two ways to hide code that minifiers do not know, told by their looks: out of sight, and from debuggers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.model import Capability, Place

_EXCERPT = 200


class Look(NamedTuple):
    """A kind of hiding: a word that such a text contains, and the pattern that shows it."""

    kind: str
    word: bytes
    pattern: re.Pattern[bytes]


_LOOKS = (
    Look(
        "code behind blanks",
        b" " * 50,
        re.compile(
            rb"[;})\]][ \t]{100,2000}(?:eval|global|globalThis|require|import|const|let|var|function|async"
            rb"|new|try|if|\(\s*(?:function|async|\(|0)|!function|Function|setTimeout|process)\b"
        ),
    ),
    Look("debugger trap", b"debu", re.compile(rb"[\"']debu[\"']\s*\+\s*[\"']gger[\"']")),
)


def records(path: str, data: bytes) -> Iterator[Capability]:
    """Yield one record for each kind of hiding, at its first place."""
    for look in _LOOKS:
        found = look.pattern.search(data) if look.word in data else None
        if found is not None:
            at = found.start()
            text = found[0][:_EXCERPT].decode(errors="replace").strip()
            yield Capability(
                path=path,
                name="obfuscation",
                subject=look.kind,
                phase="import",
                at=Place(path, data.count(b"\n", 0, at) + 1, text),
            )
