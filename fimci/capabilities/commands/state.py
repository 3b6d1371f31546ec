"""What is known while commands are read in order: values of variables, files that were fetched, facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from fimci.capabilities.commands.facts import Fact, Inner
from fimci.capabilities.commands.script import Statement
from fimci.model import CapabilityName

Dialect: TypeAlias = Literal["sh", "powershell", "batch"]
#: Where a value comes from: `network` and a host, `decoded` and by what, `secret` and its name,
#: `environment-bulk` and `system` and the command that printed it.
Origin: TypeAlias = tuple[str, str]

#: Around the name of what a workflow puts in before a shell sees the text.
MARKS = "\ue000", "\ue001"

#: Commands that are judged in one text, with all that is decoded from it, and texts inside texts.
STEP_LIMIT = 30_000
DEPTH_LIMIT = 8
#: Characters of a value that is folded, and of all that are.
TEXT_LIMIT = 200_000
WORK_LIMIT = 40_000_000
#: Origins of a value; more is no program.
_ORIGIN_LIMIT = 30
#: Texts that a variable was set to in turn.
OTHERS = 200
_FACT_LIMIT = 5_000
#: Files that a script runs, and texts of other languages in it.
_REFERENCES = 500
_INNER = 50
#: A parameter of a function or a script, or all of them; and how many there are without a word of any.
PARAMETER = re.compile(r"[1-9]\d{0,4}\Z|[@*]\Z")
_PARAMETERS = 9


class Value(NamedTuple):
    """What is known of a text at run time. In `text`, what is not known stands as `$NAME`."""

    text: str = ""
    known: bool = True
    origins: frozenset[Origin] = frozenset()
    #: It was put together from pieces (slices, escapes), as nobody does who has nothing to hide.
    assembled: bool = False
    #: What it may be besides, as its variable was set to that before: a branch may not be gone through.
    others: tuple[str, ...] = ()

    def origin(self, kind: str) -> str:
        """Return the first name of an origin of this kind, or nothing."""
        return min((name for one, name in self.origins if one == kind), default="")


UNKNOWN = Value("$?", known=False)


def joined(values: list[Value], between: str = "") -> Value:
    """Return values as one, one after the other."""
    text = between.join(value.text for value in values)[:TEXT_LIMIT]
    origins = frozenset[Origin]().union(*(value.origins for value in values))
    known, assembled = all(value.known for value in values), any(value.assembled for value in values)
    others = _others([value.text for value in values], values, between) if known else ()
    return Value(text, known, frozenset(sorted(origins)[:_ORIGIN_LIMIT]), assembled, others)


def _others(texts: list[str], values: list[Value], between: str) -> tuple[str, ...]:
    """Return what values may be besides, one after the other, where one of them may be something else."""
    places = [at for at, value in enumerate(values) if value.others]
    if len(places) != 1:
        return ()
    before, others, behind = texts[: places[0]], values[places[0]].others, texts[places[0] + 1 :]
    if sum(map(len, (*before, *behind))) * len(others) + sum(map(len, others)) > TEXT_LIMIT:
        return ()
    return tuple(between.join([*before, other, *behind]) for other in others)


@dataclass(slots=True)
class State:
    """Everything that is found out on the way. `facts` keeps the first of each name and subject."""

    script: str = ""
    dialect: Dialect = "sh"
    secrets: frozenset[str] = frozenset()
    variables: dict[str, Value] = field(default_factory=dict)
    #: What is in files that were written, by their paths; folders that were fetched; sockets by their
    #: number; named pipes, and the shell that reads each.
    files: dict[str, Value] = field(default_factory=dict)
    folders: dict[str, frozenset[Origin]] = field(default_factory=dict)
    sockets: dict[str, str] = field(default_factory=dict)
    #: Archives of the own package that were unpacked, and the folders that they filled.
    unpacked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pipes: dict[str, str] = field(default_factory=dict)
    #: The function whose body is judged, and which parameters functions run as a text.
    within: str = ""
    running: dict[str, set[str]] = field(default_factory=dict)
    #: Functions of the script, and whether their bodies fetch something.
    functions: dict[str, bool] = field(default_factory=dict)
    #: Those that run what they are given (`$1 -s $2`, `"$@"`), to be looked at where they are called.
    bodies: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    #: What a function, or the script, is given, word by word, where that is known.
    given: list[Value] | None = None
    numbered: int = 0
    #: Other names of commands.
    aliases: dict[str, str] = field(default_factory=dict)
    fetches: int = 0
    #: The last address that was fetched, and what the folder that one is in was fetched from.
    fetched: str = ""
    inside: frozenset[Origin] = frozenset()
    #: It reads other scripts: an unknown name may be a function of theirs.
    sources: bool = False
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    #: Files of the own package that are run, with the line of the command.
    references: dict[str, int] = field(default_factory=dict)
    inner: dict[tuple[str, str], Inner] = field(default_factory=dict)
    looked: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: Where a program first printed all variables.
    dumped: dict[str, tuple[int, str]] = field(default_factory=dict)
    steps: int = 0
    work: int = 0
    depth: int = 0
    capped: bool = False
    line: int = 0
    base: int = 0
    text: str = ""
    #: The text stands nowhere in the script: all its lines are that of the command which runs it.
    pinned: bool = False

    def tell(self, name: CapabilityName, subject: str, detail: str) -> None:
        """Keep a fact about the command that is being looked at."""
        if len(self.facts) >= _FACT_LIMIT:
            self.capped = True
            return
        clean = subject[:200] or "*"
        self.facts.setdefault((name, clean), Fact(name, clean, detail[:200], self.here(), self.text))

    def tell_bulk(self, source: str, more: str = "") -> None:
        """Keep that all variables are taken, at the command that prints them."""
        line, text = self.dumped.get(source, (self.here(), self.text))
        detail = f"{source} {more}".strip()
        self.facts.setdefault(("environment-bulk", "*"), Fact("environment-bulk", "*", detail, line, text))

    def assign(self, name: str, value: Value) -> None:
        """Set a variable; what it was before it may still be."""
        before = self.variables.get(name)
        if before is not None and before.known and value.known and before.text != value.text:
            found = dict.fromkeys((*before.others, before.text))
            found.pop(value.text, None)
            if sum(map(len, found)) <= TEXT_LIMIT:
                value = value._replace(others=tuple(found)[-OTHERS:])
        self.work += len(value.others)
        self.variables[name] = value

    def give(self, values: list[Value] | None) -> None:
        """Set what a function, or a script, is given: `$1`, `$@`; with `None`, nobody knows it."""
        for name in self.parameters():
            del self.variables[name]
        self.numbered = 0
        if values is not None:
            every = [*values, *[Value()] * (_PARAMETERS - len(values))]
            self.variables.update((str(at), value) for at, value in enumerate(every, 1))
            self.variables["@"] = self.variables["*"] = joined(values, " ")
            self.numbered = len(every)
        self.given = values

    def parameters(self) -> dict[str, Value]:
        """Return what a function, or the script, is given, by the names of that."""
        names = (*map(str, range(1, self.numbered + 1)), *("@*" if self.numbered else ""))
        return {name: self.variables[name] for name in names}

    def here(self) -> int:
        """Return the line that is being looked at."""
        return self.base if self.pinned else self.base + self.line

    def refer(self, target: str) -> None:
        """Keep the name of a file that is run."""
        if len(self.references) < _REFERENCES:
            self.references.setdefault(target, self.here())

    def hand(self, language: Literal["javascript", "python"], text: str) -> None:
        """Keep a text that an interpreter of another language is given."""
        if len(self.inner) < _INNER:
            self.inner.setdefault((language, text), Inner(language, text, self.here()))
        else:
            self.capped = True

    def step(self) -> bool:
        """Count one more command; `False`: there were too many."""
        self.steps += 1
        more = self.steps <= STEP_LIMIT and self.work <= WORK_LIMIT
        self.capped = self.capped or not more
        return more
