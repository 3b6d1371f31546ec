"""The arrays of texts that obfuscators take all words out of, put back into order without running anything.

javascript-obfuscator writes three things: an array, a function that returns one of its texts by a shifted
number (in an alphabet of its own, or RC4 with a key that stands in the call), and a loop that turns the array
until a sum of texts, read as numbers, is right. That sum tells when the order is found (the project's README,
options `stringArray`, `stringArrayRotate`, `stringArrayEncoding`).
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from fimci.capabilities import decoding
from fimci.readers.code.javascript_syntax import arithmetic, escapes
from fimci.readers.code.pure import Spent, Work

#: Texts of one array.
_MOST = 3_000
#: Turns of a loop that a function costs that may return the texts, and a number of a sum; by how many bits
#: bytes that are read for a loop are fewer.
_A_FUNCTION, _A_TERM, _SOUGHT_AT_ONCE = 20, 8, 4
_NAME = rb"[A-Za-z_$][\w$]{0,40}"
_TEXT = rb"'(?:[^'\\\n]|\\.){0,4000}'|\"(?:[^\"\\\n]|\\.){0,4000}\""
_ARRAY = re.compile(
    rb"(?:const|var|let)\s+(?P<name>" + _NAME + rb")\s*=\s*"
    rb"\[\s*(?P<texts>(?:" + _TEXT + rb")(?:\s*,\s*(?:" + _TEXT + rb")){3,3000})\s*,?\s*\]"
)
#: What may stand before: the function that is asked for the array.
_HOLDER = re.compile(rb"function\s{0,40}(" + _NAME + rb")\(\)\s{0,40}\{\s{0,40}\Z")
_BEFORE = 180
#: It begins with a plain word, which `re` seeks fast; what an unnamed one is assigned to is looked at later.
_ACCESS = re.compile(
    rb"function\s*(?P<name>" + _NAME + rb")?\(\s*(?P<number>" + _NAME + rb")"
    rb"\s*(?:,\s*" + _NAME + rb"\s*)?\)\s*\{"
)
_VARIABLE = re.compile(rb"(" + _NAME + rb")\s{0,10}=\s{0,10}\Z")
_NEAR = 64
_SHIFT = rb"\s*=\s*%s\s*-\s*(\(?[-+*/0-9a-fA-Fx()\s]{1,200}\)?)[;,]"
_LOOP = re.compile(
    rb"while\s*\(\s*(?:!!\[\]|true|1)\s*\)\s*\{\s*try\s*\{\s*(?:const|var|let)\s+"
    + _NAME
    + rb"\s*=\s*([^;{}]{10,4000});[^{}]{0,40}===?\s*"
    + _NAME
)
_COUNTED = re.compile(
    rb"while\s*\(\s*(?P<before>--)?\s*"
    + _NAME
    + rb"\s*(?:--)?\s*\)\s*\{?\s*"
    + _NAME
    + rb"\s*(?:\.push|\[\s*['\"]push['\"]\s*\])\s*\(\s*"
    + _NAME
    + rb"\s*(?:\.shift|\[\s*['\"]shift['\"]\s*\])"
)
_GOAL = re.compile(rb"\}\s*\(\s*(" + _NAME + rb")\s*,\s*([-+*/0-9a-fA-Fx()\s]{1,400}\))")
_TERM = re.compile(
    rb"parseInt\(\s*" + _NAME + rb"\(\s*([-+*0-9a-fA-Fx()\s]{1,80}?)\s*(?:,\s*(" + _TEXT + rb"))?\s*\)\s*\)"
)
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/="
_STANDARD = bytes.maketrans(_LETTERS, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_LEADING = re.compile(r"\s*([-+]?\d{1,15})")


class Words(NamedTuple):
    """The texts in their order, the name of the function that returns them, and how it does that."""

    texts: tuple[str, ...]
    function: bytes
    shift: int
    how: str

    def word(self, number: int, key: str = "") -> str | None:
        """Return a text by the number and key that a call gives; `None` where there is none."""
        at = number - self.shift
        if not 0 <= at < len(self.texts):
            return None
        return _plain(self.texts[at], self.how, key)


#: What is returned where there are more arrays and functions than are looked through.
TOO_MANY = Words((), b"", 0, "")


def words(data: bytes) -> Words | None:
    """Return the array of texts of a file, in the order that it has when it is used."""
    if b"_0x" not in data and b"'shift'" not in data and b".shift()" not in data:
        return None
    try:
        return _words(data, Work(len(data)))
    except Spent:
        return TOO_MANY


def _words(data: bytes, work: Work) -> Words | None:
    accesses: dict[bytes, tuple[bytes, int, str] | None] = {}
    for found in _ARRAY.finditer(data):
        texts = tuple(
            escapes.unescaped(text[1:-1].decode(errors="replace"))
            for text in re.findall(_TEXT, found["texts"])
        )
        holder = _HOLDER.search(data[max(0, found.start() - _BEFORE) : found.start()])
        owner = holder[1] if holder is not None else found["name"]
        if owner not in accesses:
            accesses[owner] = _access(data, owner, work)
        access = accesses[owner]
        if access is None:
            continue
        function, shift, how = access
        work.spend(len(data) >> _SOUGHT_AT_ONCE)
        turned = _turned(data, owner, Words(texts, function, shift, how), work)
        if turned is not None:
            return turned
    return None


def _written(literal: bytes) -> str:
    return escapes.unescaped(literal[1:-1].decode(errors="replace"))


def _access(data: bytes, owner: bytes, work: Work) -> tuple[bytes, int, str] | None:
    """Return the function that returns texts of an array: its name, what it takes off, its encoding."""
    for found in _ACCESS.finditer(data):
        work.spend(_A_FUNCTION)
        body = data[found.end() : found.end() + 4000]
        name = found["name"] or _variable(data, found.start()) if owner in body else None
        if name is None:
            continue
        shift = re.search(re.escape(found["number"]) + _SHIFT % re.escape(found["number"]), body)
        number = arithmetic.value(shift[1].decode()) if shift is not None else None
        if number is not None:
            encoded = _LETTERS[:26] in body
            how = (
                "rc4" if encoded and b"fromCharCode" in body and b"^" in body else "base64" if encoded else ""
            )
            return name, int(number), how
    return None


def _variable(data: bytes, at: int) -> bytes | None:
    """Return the variable that a function is assigned to."""
    found = _VARIABLE.search(data[max(0, at - _NEAR) : at])
    return None if found is None else found[1]


def _turned(data: bytes, owner: bytes, made: Words, work: Work) -> Words | None:
    """Turn the array until the sum in the loop is right, or as often as a loop that counts says."""
    loop = next((one for one in _LOOP.finditer(data) if b"parseInt" in one[1]), None)
    if loop is None:
        turns = _counted(data, owner) % len(made.texts)
        return made._replace(texts=made.texts[turns:] + made.texts[:turns])
    goal = next((one for one in _GOAL.finditer(data, loop.end(), loop.end() + 2000) if one[1] == owner), None)
    wanted = _closed(goal[2].decode()) if goal is not None else None
    if wanted is None:
        return None
    pieces = _TERM.split(loop[1])
    texts = made.texts
    for turn in range(min(len(texts), _MOST)):
        work.spend(len(texts) + _A_TERM * len(pieces))
        turned = made._replace(texts=texts[turn:] + texts[:turn])
        if _sum(pieces, turned) == wanted:
            return turned
    return None


def _counted(data: bytes, owner: bytes) -> int:
    """Return how often `while (--n) { a.push(a.shift()); }` turns an array, 0 for no such loop."""
    for found in _COUNTED.finditer(data):
        given = re.compile(rb"\(\s*" + re.escape(owner) + rb"\s*,\s*([-+*0-9a-fA-Fx()\s]{1,80}?)\)\s*[);]")
        count = given.search(data, found.end(), found.end() + 600)
        number = None if count is None else arithmetic.value(count[1].decode())
        if number is not None:
            more = re.search(rb"\(\s*\+\+", data[found.end() : found.end() + 300]) is not None
            before = found["before"] is not None
            return max(0, int(number) + more - before)
    return 0


def _closed(text: str) -> float | None:
    """Return the number of an argument behind which brackets are closed."""
    found = (arithmetic.value(text.rstrip()[: len(text.rstrip()) - cut]) for cut in range(3))
    return next((number for number in found if number is not None), None)


def _sum(pieces: list[bytes], made: Words) -> float | None:
    """Return what the sum of the loop is in an order of the texts; `None` where a text is no number."""
    text = pieces[0].decode(errors="replace")
    for number, key, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        at = arithmetic.value(number.decode(errors="replace"))
        word = None if at is None else made.word(int(at), _written(key or b"''"))
        digits = None if word is None else _LEADING.match(word)
        if digits is None:
            return None
        text += f"({digits[1]}){rest.decode(errors='replace')}"
    return arithmetic.value(text)


@functools.lru_cache(maxsize=8192)
def _plain(text: str, how: str, key: str) -> str | None:
    if not how:
        return text
    data = decoding.from_base64(text.encode(errors="replace").translate(_STANDARD))
    if data is None:
        return None
    if how == "base64":
        return data.decode(errors="replace")
    return _rc4(data.decode(errors="replace"), key)


def _rc4(text: str, key: str) -> str | None:
    """Undo RC4 over characters, as the obfuscator does it."""
    if not key:
        return None
    state, other = list(range(256)), 0
    for at in range(256):
        other = (other + state[at] + ord(key[at % len(key)])) % 256
        state[at], state[other] = state[other], state[at]
    at = other = 0
    made: list[str] = []
    for char in text[:100_000]:
        at = (at + 1) % 256
        other = (other + state[at]) % 256
        state[at], state[other] = state[other], state[at]
        made.append(chr(ord(char) ^ state[(state[at] + state[other]) % 256]))
    return "".join(made)
