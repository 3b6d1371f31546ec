"""Marks that a text was made unreadable by a tool: counted on the bytes, never guessed.

Minified code is not obfuscated: long lines and short names are normal in it. What is told are the shapes that
obfuscators leave (names of hexadecimal digits, rotated arrays of texts, escapes for letters, programs written
in six characters), each with its measure. Sources: the README of javascript-obfuscator; Hynek Petrak's and
JSFuck's descriptions; the catalogue of malcontent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities.judge import Fact

_HEX_NAME = re.compile(rb"\b_0x[0-9a-f]{3,}")
_ROTATED = re.compile(rb"while\s*\(\s*!!\[\]\s*\)|\['push'\]\(\w+\['shift'\]\(\)\)|push\(\w+\.shift\(\)\)")
_ESCAPED = re.compile(rb"(?:\\x[0-9a-fA-F]{2}|\\u00[0-7][0-9a-fA-F]){4,}")
_SIX = re.compile(rb"[\[\]()!+]{200,}")
_PACKER = re.compile(rb"eval\(function\(p,a,c,k,e,(?:d|r)\)")
#: Names of one letter in rows, `IIlIlI` and `O0O0`, as packers of Python write them.
_LOOKALIKE = re.compile(rb"\b(?=\w{0,40}[1I0])[lI1]{8,}\b|\b(?=\w{0,40}0)[O0]{8,}\b|\b_{6,}\b")
_NAMES, _SHARE, _LOOKALIKES = 20, 20, 8


def marks(data: bytes) -> Iterator[Fact]:
    """Yield the shapes of a text that obfuscators leave, each once."""
    if b"_0x" in data:
        names = len(_HEX_NAME.findall(data))
        if names >= _NAMES:
            rotated = _ROTATED.search(data) is not None
            yield _mark(data, _HEX_NAME, "string array" if rotated else "hex names", f"{names:,} names")
    if b"\\x" in data or b"\\u00" in data:
        escaped = sum(len(found) for found in _ESCAPED.findall(data))
        if escaped > _NAMES * 4 and escaped * _SHARE > len(data):
            yield _mark(data, _ESCAPED, "escapes", f"{escaped * 100 // len(data)} % of the text")
    if b"[+" in data and _SIX.search(data):
        yield _mark(data, _SIX, "six characters", "a program of []()!+")
    if b"eval(function(p" in data and _PACKER.search(data):
        yield _mark(data, _PACKER, "packer", "unpacks itself")
    lookalikes = (
        _LOOKALIKE.findall(data[: 1 << 20]) if b"II" in data or b"ll" in data or b"O0" in data else []
    )
    if len(lookalikes) >= _LOOKALIKES:
        yield _mark(data, _LOOKALIKE, "look-alike names", f"{len(lookalikes):,} names")


def _mark(data: bytes, shape: re.Pattern[bytes], kind: str, measure: str) -> Fact:
    found = shape.search(data)
    start = found.start() if found is not None else 0
    begin = data.rfind(b"\n", 0, start) + 1
    text = data[max(begin, start - 20) : start + 160].partition(b"\n")[0]
    line = data.count(b"\n", 0, start) + 1
    return Fact("obfuscation", kind, measure, line, text.decode("utf-8", "replace"), "import")
