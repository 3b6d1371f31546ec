"""Rights as records: `rights.FAMILY.RIGHT@WHO`. Shared by the readers of manifests that ask for rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.excerpts import EXCERPT
from fimci.model import Place, Record, Setting

_FIRST = "rights."
#: Letters of a right, or of who has it.
_LONGEST = 200
#: What stands for the sign in a right that divides it from who has it.
_AT = "%40"


class Right(NamedTuple):
    """What somebody asks for: of which family, what, who (empty: the whole file), and on which line."""

    family: str
    what: str
    line: int
    who: str = ""


def records(path: str, rights: Iterable[Right]) -> Iterator[Record]:
    """Yield each right once, where it stands first."""
    told = set()
    for family, what, line, who in rights:
        name = f"{_FIRST}{family}.{what[:_LONGEST].replace('@', _AT)}" + (f"@{who[:_LONGEST]}" if who else "")
        if name not in told:
            told.add(name)
            shown = f"{who}: {what}" if who else what
            yield Setting(path=path, name=name, value="true", at=Place(path, line, shown[:EXCERPT]))


def right(record: Record | None) -> Right | None:
    """Return the right that a record states, if it is one."""
    if not isinstance(record, Setting) or not record.name.startswith(_FIRST):
        return None
    family, _, rest = record.name.removeprefix(_FIRST).partition(".")
    what, _, who = rest.partition("@")
    return Right(family, what.replace(_AT, "@"), record.at.line, who)
