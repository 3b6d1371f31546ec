"""Property files of Java.

Shared by this room, and no reader itself.
"""

from __future__ import annotations

import re

from fimci.readers.manifests import settings

_PAIR = re.compile(r"((?:[^\\:=\s]|\\.)+)\s*[:=]?\s*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read(text: str) -> dict[str, tuple[str, int]]:
    """Read `key=value` lines as Java does: a backslash at the end goes on, the last of a key counts."""
    found: dict[str, tuple[str, int]] = {}
    held: list[str] = []
    start = 0
    for number, raw in enumerate(settings.lines(text), 1):
        line = raw.lstrip(" \t\f")
        if not held and (not line or line[0] in "#!"):
            continue
        start = start if held else number
        if (len(line) - len(line.rstrip("\\"))) % 2:
            held.append(line[:-1])
            continue
        pair = _PAIR.match("".join([*held, line]))
        if pair is not None:
            found[_unescaped(pair[1])] = _unescaped(pair[2]), start
        held = []
    return found


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else _CONTROLS.get(found[2], found[2]), text
    )
