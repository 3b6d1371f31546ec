"""Rights as records: `rights.FAMILY.RIGHT@WHO`. Shared by the readers of manifests that ask for rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.model import Place, Record, Setting

_FIRST = "rights."
#: Letters of a right, or of who has it.
_LONGEST = 200
#: What stands for the sign in a right that divides it from who has it.
_AT = "%40"
#: Rows below the first one of a tag or rule in which the word of a right is looked for, and letters of each.
_BELOW, _SEARCHED = 8, 20_000
#: Rights of one file that are quoted. Those behind them are told in words of our own: a row of a million
#: rights is not looked through for each.
_QUOTED = 1_000
#: Letters that are quoted before the word, where a row is longer than what is quoted.
_BEFORE = 60


class Right(NamedTuple):
    """What somebody asks for: of which family, what, who (empty: the whole file), and on which line.

    `word` is how the file writes it: a tag or a rule may begin rows above.
    """

    family: str
    what: str
    line: int
    who: str = ""
    word: str = ""


def records(path: str, data: bytes, rights: Iterable[Right]) -> Iterator[Record]:
    """Yield each right once, where it stands first, with what the file says there."""
    told: set[str] = set()
    rows: list[str] | None = None
    for one in rights:
        who = f"@{one.who[:_LONGEST]}" if one.who else ""
        name = f"{_FIRST}{one.family}.{one.what[:_LONGEST].replace('@', _AT)}{who}"
        if name in told:
            continue
        rows = _text(data).split("\n") if rows is None else rows
        line, text = _seen(rows, one) if len(told) < _QUOTED else (one.line, "")
        told.add(name)
        yield Setting(path=path, name=name, value="true", at=Place(path, line, text or _said(one)))


def right(record: Record | None) -> Right | None:
    """Return the right that a record states, if it is one."""
    if not isinstance(record, Setting) or not record.name.startswith(_FIRST):
        return None
    family, _, rest = record.name.removeprefix(_FIRST).partition(".")
    what, _, who = rest.partition("@")
    return Right(family, what.replace(_AT, "@"), record.at.line, who)


def _text(data: bytes) -> str:
    wide = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    return data.decode("utf-16" if wide else "utf-8-sig", "replace")


def _seen(rows: list[str], one: Right) -> tuple[int, str]:
    """Return the line on which the word of a right stands, and what is quoted of it."""
    first = one.line - 1
    for index, row in enumerate(rows[first : first + _BELOW]):
        clean = without_credentials(row[:_SEARCHED])
        at = clean.find(one.word)
        if at >= 0:
            begin = max(0, at - _BEFORE) if len(clean) > EXCERPT else 0
            return one.line + index, clean[begin : begin + EXCERPT].strip()
    here = rows[first][:_SEARCHED] if first < len(rows) else ""
    return one.line, without_credentials(here)[:EXCERPT].strip()


def _said(one: Right) -> str:
    return excerpt(f"{one.who}: {one.what}" if one.who else one.what)
