"""What commands can do, as records of a file. Shared by the readers of shells, and no reader itself.

What a command hands to `node -e` or `python -c` is read as that language, at its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from fimci.capabilities.commands import SIZE_LIMIT, Judged, judge
from fimci.capabilities.commands.facts import Inner
from fimci.capabilities.commands.state import Dialect
from fimci.capabilities.gains import PHASES
from fimci.capabilities.sensitive import INSTALLS, secret
from fimci.excerpts import excerpt
from fimci.model import Capability, Phase, Place, Record, Reference, Unread
from fimci.readers.code import inner

_DETAIL = 100
#: Letters that a text costs at least: there may be many, and each is judged.
_LEAST = 48
#: Stands in the names that variables get for a while.
_MARK = "FIMCI"
#: Names of what is there to publish.
_RELEASE = re.compile(
    r"releas|publish|deploy|version|backport|upload|canary|nightly|(?:\b|_)(?:cd|pub|prepub|postpub|ship|dist)(?:\b|_)",
    re.IGNORECASE,
)
#: What `rm -rf dist` does is not told of a shell, nor of `node -e "fs.rmSync('dist')"`.
_EVERYDAY = frozenset(
    (
        ("filesystem-delete", "*"),
        ("filesystem-write", "*"),
        ("dynamic-code", "configured"),
        ("environment", "*"),
    )
)


class Text(NamedTuple):
    """Commands somewhere in a file: the line they begin on, and when they run.

    `folded`: the lines of the text are not those of the file. `released`: publishing is what it is for.
    `secrets` are variables that hold one, with its name.
    `unasked`: it runs where a package is installed, and nobody there asked for a push.
    """

    text: str
    line: int = 1
    dialect: Dialect = "sh"
    phase: Phase = "call"
    folded: bool = False
    released: bool = False
    secrets: Mapping[str, str] = MappingProxyType({})
    unasked: bool = False


def releases(name: str) -> bool:
    """Tell whether something of this name is there to publish."""
    return _RELEASE.search(name) is not None


def records(path: str, texts: Iterator[Text]) -> Iterator[Record]:
    """Yield one record for each name and subject, with the earliest phase and the first line."""
    told: dict[tuple[str, str], Capability] = {}
    loaded: dict[str, Reference] = {}
    cut = 0
    budget = inner_budget = SIZE_LIMIT
    for one in texts:
        if budget <= 0:
            cut = cut or one.line
            break
        judged = judge(one.text, one.dialect, one.secrets)
        budget -= max(len(one.text), _LEAST)
        cut = cut or (0 if judged.whole else one.line)
        nearer: list[Capability] = []
        others: list[Capability] = []
        for target, line in judged.references:
            first = loaded.get(target)
            if first is None or PHASES.index(one.phase) < PHASES.index(first.phase):
                at = Place(path, _line(one, line))
                loaded[target] = Reference(path=path, target=target, phase=one.phase, at=at)
        for text in judged.inner:
            inner_budget -= len(text.text)
            cut = cut or (0 if inner_budget > 0 else _line(one, text.line))
            if inner_budget > 0:
                (nearer if text.whole else others).extend(_of_inner(path, one, text))
        # What words tell of a whole text is told at its command; its own reader knows the line.
        for found in (*nearer, *_of_commands(path, one, judged), *others):
            _keep(told, found)
    yield from told.values()
    yield from loaded.values()
    if cut:
        yield left_out(path, cut)


def left_out(path: str, line: int) -> Unread:
    """Say that from a line on commands were not looked at."""
    why = "has more commands, or deeper ones, than people write; the rest was not read"
    return Unread(path=path, why=why, part="commands", line=line)


def _keep(told: dict[tuple[str, str], Capability], found: Capability) -> None:
    key = (found.name, found.subject)
    before = told.get(key)
    if before is None or PHASES.index(found.phase) < PHASES.index(before.phase):
        told[key] = found


def _line(one: Text, line: int) -> int:
    """Return the line in the file of one in the text, which counts from 0."""
    return one.line if one.folded else one.line + line


def _of_commands(path: str, one: Text, judged: Judged) -> Iterator[Capability]:
    for fact in judged.facts:
        name = fact.name
        if name == "self-propagation":
            if one.released:
                continue
            name = "process" if fact.subject == "git push" and not one.unasked else name
        if fact.subject.endswith(INSTALLS) and not (one.unasked and fact.subject.endswith(INSTALLS[0])):
            continue  # who starts a script by hand installs by it what he needs
        at = Place(path, _line(one, fact.line), excerpt(fact.text))
        subject, detail = excerpt(fact.subject), excerpt(fact.detail)[:_DETAIL]
        yield Capability(path=path, name=name, subject=subject, phase=one.phase, detail=detail, at=at)


def _of_inner(path: str, one: Text, text: Inner) -> Iterator[Capability]:
    """Read a text in another language. What it does at once happens when the command runs.

    Variables that hold a secret whatever their names have the name of that while it is read.
    """
    held = [(name, given) for name, given in sorted(one.secrets.items()) if not secret(name)]
    names = {name: f"{given}_{_MARK}{at}_SECRET" for at, (name, given) in enumerate(held)}
    data = _renamed(text.text, names).encode("utf-8", "surrogatepass")
    back = {new: old for old, new in names.items()}
    for found in inner.facts(text.language, data, 1):
        fact = found._replace(
            subject=_renamed(found.subject, back),
            detail=_renamed(found.detail, back),
            text=_renamed(found.text, back),
        )
        if (fact.name, fact.subject) in _EVERYDAY or fact.subject.startswith("process."):
            continue
        line = text.line + (fact.line - 1 if text.whole else 0)
        phase = fact.phase if fact.phase == "call" else one.phase
        at = Place(path, _line(one, line), excerpt(fact.text))
        subject, detail = excerpt(fact.subject), excerpt(fact.detail)[:_DETAIL]
        yield Capability(path=path, name=fact.name, subject=subject, phase=phase, detail=detail, at=at)


def _renamed(text: str, names: Mapping[str, str]) -> str:
    if not names:
        return text
    return re.sub(rf"\b(?:{'|'.join(map(re.escape, names))})\b", lambda found: names[found[0]], text)


def decoded(data: bytes) -> str:
    """Return a script as text: UTF-16 with its mark, as PowerShell writes it, else UTF-8."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
