"""Functions across files: by which names those of a file are called elsewhere, and which it calls itself.

Names are taken at their word: a function `send` and a method `send` are both called by `x.send()`, whatever
`x` is, as long as it was imported from the same package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from fimci.capabilities import passing
from fimci.capabilities.uses import Constant, Use
from fimci.readers.code import sought
from fimci.readers.code.pure import Spent
from fimci.readers.code.python_syntax import elsewhere
from fimci.readers.code.python_syntax.naming import own
from fimci.readers.code.python_syntax.passes import Passes
from fimci.readers.code.python_syntax.phases import AT_ONCE, Phases
from fimci.readers.code.python_syntax.prefilter import FETCHES
from fimci.readers.code.related import TOO_MANY

#: Calls that are looked at, and bytes of a large file for one more.
_CALLS, _BYTES_A_CALL = 4_000, 10
#: Functions that are looked at for what they return.
_GIVING = 2_000
#: Turns of a loop that a function costs whose callers are looked for.
_A_FUNCTION = 8
#: The environment as a whole: to hand it on is no use of it that is told.
_ENVIRONMENT = re.compile(rb"\benvironb?\b(?![ \t]{0,9}[.\[])")


_Edges: TypeAlias = dict[str, frozenset[tuple[str, str]]]
_Found: TypeAlias = dict[str, set[tuple[str, str]]]


class Linked(NamedTuple):
    """Names of functions by the numbers of their scopes, calls of other files by those names, the cap hit.

    `passes`: by those names, which values go where.
    """

    entries: dict[int, frozenset[str]]
    calls: _Edges
    passes: _Edges
    capped: str = ""


def linked(
    path: str, phases: Phases, uses: Iterable[Use | Constant] = (), passes: Passes | None = None
) -> Linked:
    """Return how a file is tied to others: all that runs there only when it is called, and whom it calls.

    Without `passes` it is not looked at which values go where.
    """
    entries: dict[int, frozenset[str]] = {}
    calls: _Found = {}
    passed: _Found = {}
    later = sorted({use.function for use in uses if use.phase == "call" and use.function})
    scopes = phases.scopes
    scopes.work.begin()
    try:
        names = _Names(phases)
        entries.update((number, names.of(number)) for number in later)
        most = max(_CALLS, len(phases.data) // _BYTES_A_CALL)
        found = list(islice(elsewhere.called(path, phases), most + 1))
        for position, target, member in found[:most]:
            for name in sorted(names.at(position, names.of)):
                calls.setdefault(name, set()).add((target, member))
        many = len(found) > most or sum(own(path, one[1]) for one in scopes.imports) > elsewhere.IMPORTS
        if passes is not None:
            places = sorted({position for position, _, _ in found[:most]})
            many = _pass(names, passes, places, entries, passed) or many
    except Spent:
        scopes.work.begin()
        many = True
    return Linked(entries, _frozen(calls), _frozen(passed), TOO_MANY if many else "")


def _pass(
    names: _Names, passes: Passes, calls: Iterable[int], entries: Iterable[int], passed: _Found
) -> bool:
    """Fill in which values go where by the names of functions; tell whether there is more to look at."""
    inside = set(entries)
    bulk = (found.start() for found in _ENVIRONMENT.finditer(names.data))
    commands = (at for _, at in sought.places(names.data, FETCHES))
    for at in (*islice(bulk, _CALLS), *islice(commands, _CALLS)):
        names.at(at, names.of)  # so that those are looked at that give back what is given there
        inside.add(names.scopes.at(at))
    for position in calls:
        inside.add(names.scopes.at(position))
        for place, source, sink in passes.of_call(position):
            for name in sorted(names.at(place, names.own)):
                passed.setdefault(name, set()).add((source, sink))
    for name, value in passes.constants():
        passed.setdefault(name, set()).add((value, passing.BACK))
    numbers = names.outermost(inside)
    for number in numbers[:_GIVING]:
        for name in names.own(number):
            passed.setdefault(name, set()).update(passes.of_function(number))
    return len(numbers) > _GIVING


def _frozen(edges: _Found) -> _Edges:
    return {name: frozenset(those) for name, those in edges.items() if those}


class _Names:
    """By which names what is in a function can be called from other files."""

    def __init__(self, phases: Phases) -> None:
        self.data, self.scopes, self.phases = phases.data, phases.scopes, phases
        self.named: dict[int, frozenset[str]] = {}
        self.memo: dict[int, frozenset[str]] = {}
        #: The functions of the file that call one of a name, and what is called by all that leads to names.
        self.calling: dict[str, list[int]] = {}
        self.closed: dict[frozenset[str], frozenset[str]] = {}

    def of(self, number: int) -> frozenset[str]:
        """Return the names of a function, and of those in the file that call it, however far away."""
        outer = self._outermost(number)
        if not outer:
            return frozenset()
        if outer not in self.memo:
            self.memo[outer] = self._closed(self.own(outer))
        return self.memo[outer]

    def _closed(self, own: frozenset[str]) -> frozenset[str]:
        """Return names, and those of all that calls one of them: thousands of functions have few names."""
        if own not in self.closed:
            found, waiting = set(own), sorted(own)
            while waiting:
                callers = self._calling(waiting.pop())
                self.scopes.work.spend(_A_FUNCTION + len(callers))
                new = frozenset[str]().union(*map(self.own, callers)) - found
                waiting += sorted(new)
                found |= new
            self.closed[own] = frozenset(found)
        return self.closed[own]

    def at(self, position: int, names: Callable[[int], frozenset[str]]) -> frozenset[str]:
        """Return the names of the function that a place is in; no name where it runs at once."""
        found = names(self.scopes.at(position)) if self.phases.at(position) == "call" else frozenset({""})
        self.scopes.work.spend(len(found))
        return found

    def _outermost(self, number: int) -> int:
        outer = 0
        while number:
            scope = self.scopes.scopes[number]
            outer = number if scope.kind == "function" else outer
            number = scope.parent
        return outer

    def outermost(self, numbers: Iterable[int]) -> list[int]:
        """Return the functions of the module around these, and those around which they are called in it."""
        called = chain.from_iterable(self.calling.values())
        return sorted({self._outermost(number) for number in numbers}.union(self.memo, called) - {0})

    def own(self, number: int) -> frozenset[str]:
        """Return the names of a function without those of its callers."""
        outer = self._outermost(number)
        if not outer:
            return frozenset()
        if outer not in self.named:
            self.named[outer] = self._named(outer)
        return self.named[outer]

    def _named(self, outer: int) -> frozenset[str]:
        scope = self.scopes.scopes[outer]
        owner = self.scopes.scopes[scope.parent]
        made = {owner.name} if owner.kind == "class" and scope.name in AT_ONCE else set[str]()
        return frozenset({scope.name} | made) - {""}  # a lambda has none

    def _calling(self, name: str) -> list[int]:
        """Return the functions that call one of a name: looked for once, however many have that name."""
        if name not in self.calling:
            found: dict[int, None] = {}
            for position in self.scopes.words.places(name.encode()):
                outer = self._outermost(self.scopes.at(position))
                if outer and elsewhere.runs(self.phases, position, len(name)):
                    found[outer] = None
            self.calling[name] = list(found)
        return self.calling[name]
