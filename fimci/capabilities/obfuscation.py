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

_HEX_NAME = re.compile(rb"\b_0x[0-9a-f]{3,8}\b")
_ROTATED = re.compile(
    rb"while\s*\(\s*!!\[\]\s*\)|\[?[\"'.]push[\"']?\]?\(_?\w{1,16}\[?[\"'.]shift[\"']?\]?\("
)
#: Letters, digits and signs that could stand there as they are; tables of controls have their reason.
_PLAIN = rb"(?:[2-6][0-9a-fA-F]|7[0-9a-eA-E])"
_ESCAPED = re.compile(rb"\\(?:x|u00)" + _PLAIN + rb"(?:\\(?:x|u00)" + _PLAIN + rb"){3,}")
#: Names of look-alike letters in rows, `IIlIlI` and `O0O0`, as packers of Python write them. Like all shapes
#: here it begins with a letter, or one of a few, to which `re` skips in C; what stands before follows it.
_LOOKALIKE = re.compile(
    rb"[lIO](?<!\w[lIO])"
    rb"(?:(?<=I)(?=I*l)[lI1]{7,60}|(?<=l)(?=l*[1I])[lI1]{7,60}|(?<=O)(?=O*0)[O0]{7,60})\b"
)
#: Names of hexadecimal digits: so many alone, so many beside a loop that rotates an array; and so on.
_NAMES, _ROTATING, _ESCAPES, _SHARE, _LOOKALIKES = 12, 3, 80, 20, 8
_BLANKS = b" " * 100
#: Whom programs hide from: machines and users of sandboxes, and tools of those who look at them.
_ANALYSTS = re.compile(
    rb"(?i)\b(?:WDAGUtilityAccount|DESKTOP-(?=[A-Z]*\d)[A-Z0-9]{7}|LISA-PC|JOHN-PC|WILEYPC"
    rb"|COMPNAME_\d+|SERVER-PC|wireshark|procmon|process ?hacker"
    rb"|x(?:32|64)dbg|ollydbg|ida64|fiddler|httpdebugger(?:ui)?"
    rb"|vmtoolsd|vboxservice|vboxtray|vmwaretray|vmwareuser|dumpcap|pestudio|dnspy|immunitydebugger|joeboxcontrol"
    rb"|joeboxserver|qemu-ga|xenservice|ksdumper(?:client)?|megadumper|prl_cc|prl_tools|cuckoo|sbiedll)\b"
)
#: So many of them are no accident; without the names that `marks` looks for there are not so many.
_ANALYSED = 4
#: Whatever there is of them: kind, a word without which there is none, the shape, and what it is.
_SHAPES = (
    ("brackets", b"[+", re.compile(rb"[\[\]()!+][\[\]()!+]{159}"), "a program of []()!+"),
    ("packer", b"function(p,a,c,k,e,", re.compile(rb"function\(p,a,c,k,e,[rd]\)"), "unpacks itself"),
    ("debugger trap", b"debu", re.compile(rb"[\"']debu[\"']\s*\+\s*[\"']gger[\"']"), "stops debuggers"),
    (
        "protector",
        b"pyarmor",
        re.compile(
            rb"\b__pyarmor__\(|\bfrom pytransform\d* import|\bimport pyarmor_runtime|\bpyarmor_runtime\("
        ),
        "encrypted by a protector",
    ),
    (
        "code behind blanks",
        _BLANKS,
        re.compile(
            rb"(?:[;})\]][ \t]{100,2000};?|[\w'\"][ \t]{100,2000};)[ \t]*"
            rb"(?:eval|exec|global|globalThis|require|import|const|let|var"
            rb"|function|async|new|try|if|__import__|\(\s*(?:function|async|\(|0)|!function|Function|setTimeout|process)\b"
        ),
        "to the right of what an editor shows",
    ),
)


def marks(data: bytes) -> Iterator[Fact]:
    """Yield the shapes of a text that obfuscators leave, each once."""
    if b"_0x" in data:
        names = len(set(_HEX_NAME.findall(data)))
        rotated = names >= _ROTATING and _ROTATED.search(data) is not None
        if names >= _NAMES or rotated:
            yield _mark(data, _HEX_NAME, "string array" if rotated else "hex names", f"{names:,} names")
    if b"\\x" in data or b"\\u00" in data:
        escaped = sum(len(found) for found in _ESCAPED.findall(data))
        if escaped > _ESCAPES and escaped * _SHARE > len(data):
            yield _mark(data, _ESCAPED, "escapes", f"{escaped * 100 // len(data)} % of the text")
    for kind, word, shape, measure in _SHAPES:
        if word in data and shape.search(data):
            yield _mark(data, shape, kind, measure)
    if b"ireshark" in data or b"WDAGUtil" in data or b"vmtoolsd" in data:
        names = len({found.lower() for found in _ANALYSTS.findall(data[: 1 << 20])})
        if names >= _ANALYSED:
            yield _mark(data, _ANALYSTS, "avoids analysis", f"{names:,} names of sandboxes and debuggers")
    near = b"lI" in data or b"Il" in data or b"O0" in data or b"0O" in data
    lookalikes = len(set(_LOOKALIKE.findall(data[: 1 << 20]))) if near else 0
    if lookalikes >= _LOOKALIKES:
        yield _mark(data, _LOOKALIKE, "look-alike names", f"{lookalikes:,} names")


def _mark(data: bytes, shape: re.Pattern[bytes], kind: str, measure: str) -> Fact:
    found = shape.search(data)
    start = found.start() if found is not None else 0
    begin = data.rfind(b"\n", 0, start) + 1
    text = data[max(begin, start - 20) : start + 160].partition(b"\n")[0]
    line = data.count(b"\n", 0, start) + 1
    return Fact("obfuscation", kind, measure, line, text.decode("utf-8", "replace"), "import")
