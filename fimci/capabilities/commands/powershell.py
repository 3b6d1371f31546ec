"""PowerShell: the names that a statement uses, with constants put together. Tokens, and no grammar.

A payload is free to be no valid script for a grammar (it is handed to `iex` in pieces), and what counts
is which names meet in one statement: what fetches, decodes and runs. So a statement is a bag of words in
order; texts that are joined, formatted, replaced or reversed are folded to one first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Typographic quotes are quotes to PowerShell.
_SINGLE, _DOUBLE = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
_TOKEN = re.compile(
    r"(?P<comment><#.*?(?:#>|\Z)|(?<![\w`$-])#[^\n]*)"
    r"|(?P<here>@(?P<mark>['\"])[ \t]*\r?\n.*?(?:\n(?P=mark)@|\Z))"
    rf"|(?P<single>[{_SINGLE}](?:[^{_SINGLE}]|'')*[{_SINGLE}]?)"
    rf"|(?P<double>[{_DOUBLE}](?:[^{_DOUBLE}`]|`.|\"\")*[{_DOUBLE}]?)"
    r"|(?P<join>`\r?\n)|(?P<end>[;\n\r]+|[{}])|(?P<pipe>\|\|?|&&)|(?P<blank>[ \t]+)"
    r"|(?P<variable>\$\{[^}\n]{1,200}\}|\$(?:[A-Za-z_]+:)?[\w?$^]+)"
    r"|(?P<type>\[[A-Za-z][\w.+`]{0,120}(?:\[\])?\])"
    r"|(?P<number>(?<![\w`])(?:0x[0-9A-Fa-f]{1,8}|\d{1,10})(?![\w.]))"
    rf"|(?P<word>(?:`.|[^\s{_SINGLE}{_DOUBLE};|{{}}()\[\],=+$`&])+)|(?P<mark2>.)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"`(.)", re.DOTALL)
#: A tick inside a name; before a digit it counts the parameters of a type.
_TICKED = re.compile(r"`\D")
_LETTERS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}
_FORMAT = re.compile(r"\{(\d{1,2})(?:[,:][^{}]{0,20})?\}")
#: Above these are no characters by themselves.
_CHARACTERS = 0xD800
_TOKEN_LIMIT = 100_000
#: Tokens of a statement that a table makes longer than one line.
_TABLE_LIMIT = 2_000
_TEXT_LIMIT = 200_000


class Token(NamedTuple):
    """`kind` is `text`, `word`, `variable`, `type`, `number`, `mark` or `pipe`; texts are without quotes."""

    kind: str
    text: str
    line: int
    #: Put together from pieces, or written with ticks inside a name.
    assembled: bool = False
    #: A blank stood before it.
    apart: bool = False
    #: Variables in it are replaced, as in double quotes.
    expands: bool = False


def statements(text: str) -> tuple[list[list[Token]], bool]:
    """Return the statements of a script, folded, and whether it was read in full."""
    found: list[list[Token]] = [[]]
    whole = True
    depth = tables = 0
    for count, token in enumerate(_tokens(text)):
        if count >= _TOKEN_LIMIT:
            whole = False
            break
        depth += (token.text in "([") - (token.text in ")]") if token.kind == "mark" and token.text else 0
        if token.kind == "end" and token.text in "{}" and len(found[-1]) < _TABLE_LIMIT:
            tables, goes_on = _table(found[-1], token.text, tables)
            if goes_on:
                continue
        if token.kind == "end" and not (tables and len(found[-1]) < _TABLE_LIMIT):
            tables = 0
            if found[-1] and (depth <= 0 or token.text.strip("\r\n") != "" or depth > 50):  # noqa: PLR2004  (lines in brackets)
                found.append([])
                depth = 0
        elif token.kind != "end":
            found[-1].append(token)
    return [fold(one) for one in found if one], whole


def _table(said: list[Token], brace: str, tables: int) -> tuple[int, bool]:
    """Count open tables (`@{`); also tell whether the statement goes on: in them, and into `| % {`."""
    if brace == "}":
        return max(0, tables - 1), tables > 0
    if tables or (said and said[-1].text == "@"):
        return tables + 1, True
    return 0, bool(said) and said[-1].text.lower() in {"%", "foreach-object"}


def _tokens(text: str) -> Iterator[Token]:
    line = 0
    apart = True
    for found in _TOKEN.finditer(text):
        kind, raw = found.lastgroup or "", found[0]
        if kind in {"mark", "mark2"}:
            kind = "here" if raw.startswith("@") and len(raw) > 1 else "mark"
        if kind in {"comment", "blank", "join"}:
            apart = True
        else:
            yield _token(kind, raw, line, apart=apart)
            apart = kind == "end"
        line += raw.count("\n")


def _token(kind: str, raw: str, line: int, *, apart: bool) -> Token:
    if kind == "single":
        return Token("text", raw[1:-1].replace("''", "'"), line, apart=apart)
    if kind == "double":
        text = _unticked(raw[1:-1].replace('""', '"'))
        return Token("text", text, line, apart=apart, expands="$" in text)
    if kind == "here":
        return Token("text", raw.partition("\n")[2].rpartition("\n")[0], line, apart=apart)
    if kind == "variable":
        return Token("variable", raw.strip("${}").lower(), line, apart=apart)
    if kind == "word":
        text = raw.replace("`", "")
        ticked = len(text) > len("rn") and _TICKED.search(raw.strip("`")) is not None
        return Token("word", text, line, ticked, apart)
    if kind == "type":
        return Token("type", raw.strip("[]`").lower(), line, apart=apart)
    return Token(kind, raw, line, apart=apart)


def _unticked(text: str) -> str:
    return _ESCAPED.sub(lambda found: _LETTERS.get(found[1], found[1]), text) if "`" in text else text


def fold(tokens: list[Token]) -> list[Token]:
    """Join constants: `'a' + 'b'`, `[char]105`, `'x','y' -join ''`, `-f`, `-replace`, reversed texts."""
    done: list[Token] = []
    for token in tokens:
        done.append(token)
        while _joined(done):
            pass
    return done


def _joined(done: list[Token]) -> bool:
    """Fold what stands at the end; tell whether anything was."""
    folds = (_character, _characters, _method, _address, _unary, _plus, _bracketed, _operated)
    return any(one(done) for one in folds)


def _characters(done: list[Token]) -> bool:
    """Fold `[char[]](105,101,120)`."""
    if done[-1].text != ")" or len(done) < 4 or done[-2].kind != "number":  # noqa: PLR2004  ([char] ( n ))
        return False
    at = len(done) - 2
    while at > 0 and (done[at].kind == "number" or done[at].text == ","):
        at -= 1
    if at < 1 or done[at].text != "(" or done[at - 1][:2] != ("type", "char"):
        return False
    codes = [
        int(one.text, 0 if "x" in one.text.lower() else 10) for one in done[at:-1] if one.kind == "number"
    ]
    if not all(0 < code < _CHARACTERS for code in codes):
        return False
    done[at - 1 :] = [_text(done[at - 1], "".join(map(chr, codes)))]
    return True


def _method(done: list[Token]) -> bool:
    """Fold `'…'.Replace('A','B')`."""
    if len(done) < 7 or done[-1].text != ")" or done[-6].text.lower() != ".replace":  # noqa: PLR2004  (t .Replace ( a , b ))
        return False
    whole, _, opened, old, comma, new, _ = done[-7:]
    if (
        (opened.text, comma.text) != ("(", ",")
        or {whole.kind, old.kind, new.kind} != {"text"}
        or not old.text
    ):
        return False
    done[-7:] = [_text(whole, whole.text.replace(old.text, new.text))]
    return True


def _address(done: list[Token]) -> bool:
    """Put an address together that stands without quotes, with what is put into it: `https://a/?t=$b`."""
    if len(done) < 2 or done[-1].apart or "://" not in done[-2].text:  # noqa: PLR2004  (address, piece)
        return False
    first, last = done[-2], done[-1]
    open_ = first.kind == "word" or (first.kind == "text" and first.expands and not first.assembled)
    if not open_ or (last.kind not in {"variable", "word", "number"} and last.text != "="):
        return False
    piece = f"${{{last.text}}}" if last.kind == "variable" else last.text
    done[-2:] = [first._replace(kind="text", text=(first.text + piece)[:_TEXT_LIMIT], expands=True)]
    return True


def _unary(done: list[Token]) -> bool:
    """Leave `-join` out before a text: nothing is left to join."""
    if len(done) < 2 or done[-1].kind != "text" or done[-2].text.lower() != "-join":  # noqa: PLR2004  (-join, text)
        return False
    if len(done) > 2 and (done[-3].kind in {"text", "variable", "number"} or done[-3].text in {")", "]"}):  # noqa: PLR2004  (before it)
        return False
    done[-2:] = [done[-1]]
    return True


def _character(done: list[Token]) -> bool:
    if len(done) > 1 and done[-1].kind in {"number", "text"} and done[-2][:2] == ("type", "char"):
        code = (
            int(done[-1].text, 0) if done[-1].kind == "number" and not re.match(r"0\d", done[-1].text) else -1
        )
        if 0 < code <= 0x10FFFF:  # noqa: PLR2004  (the last character there is)
            done[-2:] = [Token("text", chr(code), done[-2].line, assembled=True, apart=done[-2].apart)]
            return True
    return False


def _plus(done: list[Token]) -> bool:
    if len(done) < 3 or done[-1].kind != "text" or done[-2].text != "+" or done[-3].kind != "text":  # noqa: PLR2004  (a + b)
        return False
    first = done[-3]
    expands = first.expands or done[-1].expands
    done[-3:] = [_text(first, first.text + done[-1].text)._replace(expands=expands)]
    return True


def _bracketed(done: list[Token]) -> bool:
    """`('abc')` is `'abc'`; a call's brackets stay."""
    if len(done) < 3 or [one.text for one in (done[-1], done[-3])] != [")", "("] or done[-2].kind != "text":  # noqa: PLR2004  ("(", text, ")")
        return False
    called = len(done) > 3 and not done[-3].apart and done[-4].kind in {"word", "variable", "text"}  # noqa: PLR2004  (and a name)
    if called or done[-3].kind != "mark":
        return False
    done[-3:] = [done[-2]]
    return True


def _operated(done: list[Token]) -> bool:
    """Fold `LIST -join TEXT`, `TEXT -f LIST`, `TEXT -replace A,B` once the next word shows the end."""
    if len(done) < 4 or (done[-1].kind in {"text", "mark"} and done[-1].text in {",", "+"}):  # noqa: PLR2004  (a, op, b, next)
        return False
    for at in range(len(done) - 3, max(0, len(done) - 60), -1):
        operator = done[at].text.lower()
        if done[at].kind == "word" and operator in {"-join", "-f", "-replace", "-creplace"}:
            left, right = _list_before(done, at), _list_after(done, at + 1)
            if left and right and at + 2 * len(right) == len(done) - 1:
                start = at - 2 * len(left) + 1
                start -= 1 if start > 0 and done[start - 1].text == "(" and done[at - 1].text == ")" else 0
                done[start : at + 2 * len(right)] = [_text(done[start], _result(operator, left, right))]
                return True
    return False


def _list_before(done: list[Token], at: int) -> list[str]:
    found: list[str] = []
    index = at - 1
    while index >= 0 and done[index].kind == "text":
        found.append(done[index].text)
        if index < 2 or done[index - 1].text != ",":  # noqa: PLR2004  (a, b)
            break
        index -= 2
    return found[::-1]


def _list_after(done: list[Token], at: int) -> list[str]:
    found: list[str] = []
    while at < len(done) and done[at].kind == "text":
        found.append(done[at].text)
        if at + 1 >= len(done) or done[at + 1].text != ",":
            break
        at += 2
    return found


def _result(operator: str, left: list[str], right: list[str]) -> str:
    if operator == "-join":
        return right[0].join(left)
    if operator == "-f":
        return _FORMAT.sub(lambda hole: right[int(hole[1])] if int(hole[1]) < len(right) else "", left[-1])
    return left[-1].replace(right[0], right[1] if len(right) > 1 else "") if right[0] else left[-1]


def _text(first: Token, text: str) -> Token:
    return Token("text", text[:_TEXT_LIMIT], first.line, assembled=True, apart=first.apart)
