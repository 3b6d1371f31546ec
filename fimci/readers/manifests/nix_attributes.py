"""What the outermost set of a Nix file says plainly: texts, words and lists, by the names that lead to them.

An expression of any other kind is passed over as what it is: brackets, `let … in`, and texts with code in
them, in which there are texts again. Nothing is evaluated.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

#: Names that lead to a value, the value, and its line; no value where it is none that is plain.
Attribute: TypeAlias = tuple[tuple[str, ...], str | None, int]

#: Tokens that are looked at, and sets within sets.
_MOST, _DEEPEST = 200_000, 16
#: Between texts: an address is a text without quotes; a word may have hyphens.
_CODE = re.compile(
    r"(?P<space>\s+|#[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)"
    r"|(?P<address>[A-Za-z][A-Za-z0-9+.-]{0,40}:[A-Za-z0-9%/?:@&=+$,_.!~*'-]+)"
    r"|(?P<word>[A-Za-z0-9_][A-Za-z0-9_'-]*)|(?P<quote>\"|'')|(?P<code>\$\{)|(?P<other>.)",
    re.DOTALL,
)
#: Within a text: what stands for itself, what is escaped, code, and the end.
_QUOTED = re.compile(r'(?P<plain>[^"\\$]+|\$(?!\{))|(?P<escape>\\.)|(?P<code>\$\{)|(?P<end>"|\\)', re.DOTALL)
_INDENTED = re.compile(
    r"(?P<plain>[^'$]+|\$(?!\{)|'(?!'))|(?P<escape>'''|''\$|''\\.)|(?P<code>\$\{)|(?P<end>'')", re.DOTALL
)
_WITHIN = {'"': _QUOTED, "''": _INDENTED}
_CLOSES = {"{": "}", "[": "]", "(": ")", "${": "}", "let": "in"}
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "'''": "''", "''$": "$"}


class _Token(NamedTuple):
    """A text (`value` is `None` where code is in it), a word, or a sign."""

    kind: str
    value: str | None
    line: int


def attributes(text: str, wanted: tuple[str, ...]) -> Iterator[Attribute]:
    """Yield what the outermost set says below these names."""
    tokens = list(itertools.islice(_tokens(text), _MOST))
    if not tokens or _sign(tokens, 0) != "{" or len(tokens) == _MOST:
        yield (), None, 1
        return
    waiting: list[tuple[int, tuple[str, ...]]] = [(1, ())]
    while waiting:
        at, prefix = waiting.pop()
        while at < len(tokens) and _sign(tokens, at) != "}":
            names, start = _names(tokens, at)
            end = _end(tokens, start)
            names = (*prefix, *names)
            inherits = names[len(prefix) :] == ("inherit",)
            if not names or (_sign(tokens, start) != "=" and not inherits):
                yield names, None, tokens[at].line
            elif names[0] in wanted and not inherits:
                last = _sign(tokens, start + 1) == "{" and _end(tokens, start + 2, "}") == end - 1
                if last and len(names) <= _DEEPEST:
                    waiting.append((start + 2, names))
                else:
                    yield from _plain(tokens[start + 1 : end], names, tokens[at].line)
            at = end + 1


def _names(tokens: Sequence[_Token], at: int) -> tuple[tuple[str, ...], int]:
    """Return the names that lead to a value, and where they end."""
    names: list[str] = []
    while at < len(tokens):
        one = tokens[at]
        if one.kind == "sign" or one.value is None:
            break
        names.append(one.value)
        at += 1
        if _sign(tokens, at) != ".":
            break
        at += 1
    return tuple(names), at


def _plain(value: Sequence[_Token], names: tuple[str, ...], line: int) -> Iterator[Attribute]:
    """Yield a value that is one text or word, or each that is listed."""
    listed = len(value) > 1 and _sign(value, 0) == "[" and _sign(value, len(value) - 1) == "]"
    items = value[1:-1] if listed else value
    if not listed and len(value) != 1:
        yield names, None, line
        return
    for one in items:
        if one.kind == "sign" or one.value is None:
            yield names, None, one.line
        else:
            yield ((*names, one.value), "true", one.line) if listed else (names, one.value, one.line)


def _sign(tokens: Sequence[_Token], at: int) -> str:
    """Return the sign that stands there."""
    return tokens[at].value or "" if at < len(tokens) and tokens[at].kind == "sign" else ""


def _end(tokens: Sequence[_Token], at: int, ends: str = ";}])") -> int:
    """Return where an expression ends that begins there: at its semicolon, or the bracket around it."""
    open_: list[str] = []
    passed = 0
    for number in range(at, len(tokens)):
        kind, value, _ = tokens[number]
        if kind == "text" or value is None:
            continue
        if value in _CLOSES:
            open_.append(_CLOSES[value])
        elif open_:
            if value == open_[-1]:
                open_.pop()
        elif value in {"with", "assert"}:
            passed += 1
        elif value in ends:
            if value == ";" and passed:
                passed -= 1
            else:
                return number
    return len(tokens)


def _tokens(text: str) -> Iterator[_Token]:
    """Yield words, signs, and each text as one."""
    line, at = 1, 0
    while at < len(text):
        found = _CODE.match(text, at)
        if found is None:
            return
        kind, value, here = found.lastgroup, found[0], line
        end = found.end()
        if kind == "quote":
            end, said = _text(text, end, value)
            yield _Token("text", said, here)
        elif kind != "space":
            yield _Token("text" if kind == "address" else "word" if kind == "word" else "sign", value, here)
        line += text.count("\n", at, end)
        at = end


def _text(text: str, at: int, quote: str) -> tuple[int, str | None]:
    """Return where a text ends, and what it says: nothing that is known where there is code in it."""
    parts: list[str] | None = []
    open_ = [quote]
    while open_:
        within = _WITHIN.get(open_[-1])
        found = (within or _CODE).match(text, at)
        if found is None:
            return len(text), None
        kind, value, at = found.lastgroup, found[0], found.end()
        if kind in {"code", "quote"} or (within is None and value == "{"):
            open_.append(value)
            parts = None
        elif kind == "end" or (within is None and value == "}"):
            open_.pop()
        elif parts is not None:
            parts.append(_ESCAPES.get(value, value[-1]) if kind == "escape" else value)
    return at, "".join(parts) if parts is not None else None
