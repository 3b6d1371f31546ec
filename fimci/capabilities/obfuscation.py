"""Marks that a text was made unreadable by a tool: counted on the bytes, never guessed.

Minified code is not obfuscated: long lines and short names are normal in it. What is told are the shapes that
obfuscators leave (names of hexadecimal digits, rotated arrays of texts, escapes for letters, programs written
in six characters), each with its measure. Sources: what javascript-obfuscator 5 and js-confuser 2 make, and
the former's README; Hynek Petrak's and JSFuck's descriptions; the catalogue of malcontent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from fimci.capabilities.judge import Fact

_HEX_NAME = re.compile(rb"\b_0x[0-9a-f]{3,8}\b")
_ROTATED = re.compile(
    rb"while\s*\(\s*!!\[\]\s*\)|\[?[\"'.]push[\"']?\]?\(_?\w{1,16}\[?[\"'.]shift[\"']?\]?\("
)
#: Letters, digits and signs that could stand there as they are; tables of controls have their reason.
_PLAIN = rb"(?:[2-6][0-9a-fA-F]|7[0-9a-eA-E])"
_ESCAPED = re.compile(rb"\\(?:x|u00)" + _PLAIN + rb"(?:\\{1,2}(?:x|u00)" + _PLAIN + rb"){3,}")
_ANY_ESCAPED = re.compile(rb"\\(?:x|u00)[0-9a-fA-F]{2}")
#: Small numbers as nobody writes them by hand, and no minifier: `a[0x1]`, `f(-0x2c6)`. Tables have others.
_HEX_NUMBER = re.compile(rb"0x(?:(?<=[(=<>+*&|^-]0x)|(?<=[\w)\]]\[0x))(?:[0-9a-f]|(?<=-0x)[0-9a-f]{2,4})\b")
#: All signs, each once, in an order of somebody's own: what decoders of base91 have.
_ALPHABET = re.compile(rb"[\"'`]([!-~]{85,110})[\"'`]")
#: Names of look-alike letters in rows, `IIlIlI` and `O0O0`, as packers of Python write them. Like all shapes
#: here it begins with a letter, or one of a few, to which `re` skips in C; what stands before follows it.
_LOOKALIKE = re.compile(
    rb"[lIO](?<!\w[lIO])"
    rb"(?:(?<=I)(?=I*l)[lI1]{7,60}|(?<=l)(?=l*[1I])[lI1]{7,60}|(?<=O)(?=O*0)[O0]{7,60})\b"
)
#: Names of hexadecimal digits: so many alone, so many beside a loop that rotates an array; and so on.
_NAMES, _ROTATING, _ESCAPES, _SHARE, _LOOKALIKES = 12, 3, 80, 16, 8
#: So many numbers, one in so many bytes: no script of 733 well-known packages had them in November 2026.
_NUMBERS = ((10, 100), (30, 200))
#: Distinct signs of an alphabet, and neighbours in it that are neighbours in ASCII, as in one in order.
_SIGNS, _IN_ORDER = 85, 10
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
_TRAP = re.compile(rb"[\"']debu[\"']\s*\+\s*[\"']gger[\"']|\bconstructor\(\s{0,9}[\"']debugger[\"']\s{0,9}\)")
#: Whatever there is of them: kind, a word without which there is none, the shape, and what it is.
_SHAPES = (
    ("brackets", b"[+", re.compile(rb"[\[\]()!+][\[\]()!+]{159}"), "a program of []()!+"),
    ("packer", b"function(p,a,c,k,e,", re.compile(rb"function\(p,a,c,k,e,[rd]\)"), "unpacks itself"),
    ("debugger trap", b"debu", _TRAP, "stops debuggers"),
    ("signs", b"=~[];", re.compile(rb"([$\w])=~\[\];\1=\{___:\+\+\1"), "a program of signs"),
    (
        "protector",
        b"pyarmor",
        re.compile(
            rb"\b__pyarmor__\(|\bfrom pytransform\d* import|\bpyarmor_runtime\("
            rb"|(?:\A|[\n;:'\"])[ \t]*import pyarmor_runtime"  # and no comment that speaks of it
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
    yield from _named(data)
    yield from _encoded(data)
    for kind, word, shape, measure in _SHAPES:
        if word in data and shape.search(data):
            yield _mark(data, shape, kind, measure)
    if b"ireshark" in data or b"WDAGUtil" in data or b"vmtoolsd" in data:
        names = len({found.lower() for found in _ANALYSTS.findall(data[: 1 << 20])})
        if names >= _ANALYSED:
            yield _mark(data, _ANALYSTS, "avoids analysis", f"{names:,} names of sandboxes and debuggers")


def _named(data: bytes) -> Iterator[Fact]:
    """Yield marks of names that tell nothing."""
    if b"_0x" in data:
        names = len(set(_HEX_NAME.findall(data)))
        rotated = names >= _ROTATING and _ROTATED.search(data) is not None
        if names >= _NAMES or rotated:
            yield _mark(data, _HEX_NAME, "string array" if rotated else "hex names", f"{names:,} names")
    near = b"lI" in data or b"Il" in data or b"O0" in data or b"0O" in data
    lookalikes = len(set(_LOOKALIKE.findall(data[: 1 << 20]))) if near else 0
    if lookalikes >= _LOOKALIKES:
        yield _mark(data, _LOOKALIKE, "look-alike names", f"{lookalikes:,} names")


def _encoded(data: bytes) -> Iterator[Fact]:
    """Yield marks of texts and numbers that are written as nobody would."""
    if b"\\x" in data or b"\\u00" in data:
        escaped = sum(len(found) for found in _ESCAPED.findall(data))
        if escaped > _ESCAPES and escaped * _SHARE > len(data) and 2 * escaped > _all_escaped(data):
            yield _mark(data, _ESCAPED, "escapes", f"{escaped * 100 // len(data)} % of the text")
    numbers = len(_HEX_NUMBER.findall(data)) if b"0x" in data else 0
    if any(numbers >= least and numbers * bytes_ >= len(data) for least, bytes_ in _NUMBERS):
        yield _mark(data, _HEX_NUMBER, "hex numbers", f"{numbers:,} small numbers")
    if b"indexOf" in data and _is_shuffled(data):
        yield _mark(data, _ALPHABET, "own alphabet", "texts in base91")


def _all_escaped(data: bytes) -> int:
    """Return how long all escapes are: in tables of colours and the like, most are of no letter."""
    return sum(len(found) for found in _ANY_ESCAPED.findall(data))


def _is_shuffled(data: bytes) -> bool:
    """Tell whether there is an alphabet of all signs, in no order."""
    for found in _ALPHABET.finditer(data[: 1 << 20]):
        text = found[1].replace(b"\\", b"")
        if len(set(text)) >= _SIGNS:
            in_order = sum(abs(one - other) == 1 for one, other in pairwise(text))
            if in_order < _IN_ORDER:
                return True
    return False


def _mark(data: bytes, shape: re.Pattern[bytes], kind: str, measure: str) -> Fact:
    found = shape.search(data)
    start = found.start() if found is not None else 0
    begin = data.rfind(b"\n", 0, start) + 1
    text = data[max(begin, start - 20) : start + 160].partition(b"\n")[0]
    line = data.count(b"\n", 0, start) + 1
    return Fact("obfuscation", kind, measure, line, text.decode("utf-8", "replace"), "import")
