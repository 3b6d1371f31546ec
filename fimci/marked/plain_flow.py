"""Flows of the regular part of YAML: `{integrity: sha512-…}`, `[linux, darwin]`, on one line.

Their members have no lines of their own: where there is none, `Marked.line` answers with that of the flow.
Part of `fimci.marked.plain_yaml`. Not read are, among others, single pairs in lists, keys without a
value, a comma before the end and question marks: releases of libyaml differ about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from sys import intern
from typing import Any, NamedTuple

from fimci.marked.document import Pointer

#: What begins a plain scalar, wherever it stands.
FIRST = r"[^ \-?:,\[\]{}#&*!|>'\"%@`]"
QUOTED = r"""'[^']*(?:''[^']*)*'|"[^"\\]*(?:\\[\\"nt][^"\\]*)*\""""
#: YAML takes no key of more than 1,024 characters, quotes included, without a `?` before it.
LONGEST_KEY = 1000
#: Deeper documents are left to the other reader, which has the cap.
DEEPEST = 40
_SHORT = 80

_PLAIN = FIRST + r"[^ :,?\[\]{}]*(?:(?::(?![ ,?\[\]{}]|$)| +(?![ #:,?\[\]{}]|$))[^ :,?\[\]{}]*)*"
_TOKEN = re.compile(rf" *(?! )(?:([\[\]{{}}])|({_PLAIN}|{QUOTED})) *(?! )(: +(?! )|,)?")
#: What most flows are: words, or words and what they say, with nothing in them that separates.
_WORD = rf"(?:{_PLAIN}|'[^',:]*')"
_PAIR = re.compile(rf"\{{({_PLAIN}): ({_PLAIN})\}}")
_WORDS = re.compile(rf"\[(?:{_WORD}(?:, {_WORD})*)?\]")
_PAIRS = re.compile(rf"\{{(?:{_WORD}: {_WORD}(?:, {_WORD}: {_WORD})*)?\}}")
_ENDS = {"{": "}", "[": "]"}
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t"}


class NotPlain(Exception):  # noqa: N818  (it says what the text is; nothing went wrong)
    """The text is outside the regular part of YAML."""


class Noted(NamedTuple):
    """What is noted beside the values: keys that are repeated, and what may be met again."""

    duplicates: list[tuple[Pointer, int]]
    #: Short flows that were read before, as pairs or as words: most say what many others say.
    flows: dict[str, list[Any]]


class _Token(NamedTuple):
    """A bracket or a scalar, and whether a colon or a comma follows."""

    bracket: str | None
    scalar: str
    colon: bool = False
    comma: bool = False


_END = _Token("", "")


def read(text: str, number: int, noted: Noted) -> Any:
    """Return the value of a flow that is all of `text`, on line `number`.

    Pointers of repeated keys begin at the flow. Raises `NotPlain`.
    """
    pair = _PAIR.fullmatch(text) if len(text) < LONGEST_KEY else None
    if pair is not None:
        key, word = pair.groups()
        return {intern(key): word}
    simple = noted.flows.get(text)
    if simple is None:
        simple = _simple(text)
    if simple is not None:
        if len(text) < _SHORT:
            noted.flows[text] = simple
        return dict(simple) if text[0] == "{" else simple.copy()
    tokens = _tokens(text)
    value, last = _value(next(tokens), tokens, number, (), noted)
    if last.colon or last.comma or next(tokens) is not _END:
        raise NotPlain
    return value


def unquoted(text: str) -> str:
    """Return what a quoted scalar says."""
    inside = text[1:-1]
    if text[0] == "'":
        return inside.replace("''", "'")
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), inside) if "\\" in inside else inside


def _simple(text: str) -> list[Any] | None:
    """Return the words of a list, or the pairs of a mapping of words; `None` where a flow is more."""
    if len(text) > LONGEST_KEY:
        return None
    members = text[1:-1].split(", ") if len(text) > len("{}") else []
    if _PAIRS.fullmatch(text):
        pairs = [(_bare(key), _bare(word)) for key, word in (pair.split(": ", 1) for pair in members)]
        return pairs if len({key for key, _ in pairs}) == len(pairs) else None
    return [_bare(word) for word in members] if _WORDS.fullmatch(text) else None


def _bare(word: str) -> str:
    return word[1:-1] if word[0] == "'" else word


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise NotPlain
        bracket, scalar, after = found.groups()
        colon = after is not None and after != ","
        if colon and found.end() - position > LONGEST_KEY:
            raise NotPlain
        position = found.end()
        if scalar is not None and scalar[0] in "'\"":
            scalar = unquoted(scalar)
        yield _Token(bracket, scalar or "", colon, after == ",")
    while True:
        yield _END


def _value(
    token: _Token, tokens: Iterator[_Token], number: int, path: Pointer, noted: Noted
) -> tuple[Any, _Token]:
    """Return the value that begins with a token, and the token with which it ends."""
    if token.bracket is None:
        return token.scalar, token
    if token.bracket not in _ENDS or token.colon or token.comma or len(path) > DEEPEST:
        raise NotPlain
    mapping = token.bracket == "{"
    value: Any = {} if mapping else []
    more = True
    for member in tokens:
        if member.bracket == _ENDS[token.bracket] and more == (not value):
            return value, member
        if not more or (mapping and (member.bracket is not None or not member.colon)):
            break
        key, first = (member.scalar, next(tokens)) if mapping else (len(value), member)
        if mapping and key in value:
            noted.duplicates.append(((*path, key), number))
        item, last = _value(first, tokens, number, (*path, key), noted)
        if last.colon:
            break
        if mapping:
            value[key] = item
        else:
            value.append(item)
        more = last.comma
    raise NotPlain
