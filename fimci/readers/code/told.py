"""What commands can do, as records of a file. Shared by the readers of shells, and no reader itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from fimci.capabilities.commands import SIZE_LIMIT, judge
from fimci.capabilities.commands.facts import Fact
from fimci.capabilities.commands.state import Dialect
from fimci.excerpts import excerpt
from fimci.model import Capability, Phase, Place, Record, Unread

_PHASES: tuple[Phase, ...] = ("install", "import", "call")
_DETAIL = 100


class Text(NamedTuple):
    """Commands somewhere in a file: the line they begin on, and when they run.

    `folded`: the lines of the text are not those of the file. `released`: publishing is what it is for.
    """

    text: str
    line: int = 1
    dialect: Dialect = "sh"
    phase: Phase = "call"
    folded: bool = False
    released: bool = False
    secrets: Collection[str] = ()


def records(path: str, texts: Iterator[Text]) -> Iterator[Record]:
    """Yield one record for each name and subject, with the earliest phase and the first line."""
    told: dict[tuple[str, str], tuple[Phase, int, Fact]] = {}
    cut = 0
    budget = SIZE_LIMIT
    for one in texts:
        if budget <= 0:
            cut = cut or one.line
            break
        judged = judge(one.text, one.dialect, one.secrets)
        budget -= len(one.text)
        cut = cut or (0 if judged.whole else one.line)
        for fact in judged.facts:
            if one.released and fact.name == "self-propagation":
                continue
            key = (fact.name, fact.subject)
            before = told.get(key)
            if before is None or _PHASES.index(one.phase) < _PHASES.index(before[0]):
                told[key] = one.phase, one.line if one.folded else one.line + fact.line, fact
    for phase, line, fact in told.values():
        at = Place(path, line, excerpt(fact.text))
        subject, detail = excerpt(fact.subject), excerpt(fact.detail)[:_DETAIL]
        yield Capability(path=path, name=fact.name, subject=subject, phase=phase, detail=detail, at=at)
    if cut:
        why = "has more commands, or deeper ones, than people write; the rest was not read"
        yield Unread(path=path, why=why, part="commands", line=cut)


def decoded(data: bytes) -> str:
    """Return a script as text: UTF-16 with its mark, as PowerShell writes it, else UTF-8."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
