"""Functions across files: by which names those of a file are called elsewhere, and which it calls itself.

Names are taken at their word: a function `send` and a method `send` are both called by `x.send()`, whatever
`x` is, as long as it was imported from the same package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias

from fimci.capabilities.uses import Use
from fimci.readers.code.python_syntax.naming import own
from fimci.readers.code.python_syntax.passes import Passes
from fimci.readers.code.python_syntax.phases import AT_ONCE, Phases
from fimci.readers.code.python_syntax.prefilter import handed
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.words import is_member, next_byte, occurrences

#: Imports, places of a name, and functions that call one another, as many as are looked at.
_IMPORTS, _PLACES, _DEEPEST = 2_000, 40, 12
#: Functions that do something, and places in functions that call others, of which is asked who calls them in
#: the file; of all others, only their own name is told.
_FUNCTIONS, _INSIDE = 60, 30
#: Functions that are looked at for what they return.
_GIVING = 400
#: Calls of what one import brings, and all calls, as many as are looked at.
_CALLS, _ALL_CALLS = 4_001, 4_000
_MEMBERS = re.compile(rb"((?:[ \t]{0,80}\.[ \t]{0,80}\w{1,200}){1,6})[ \t]{0,80}\(")


_Edges: TypeAlias = dict[str, frozenset[tuple[str, str]]]


class Linked(NamedTuple):
    """Names of functions by the numbers of their scopes, calls of other files by those names, the cap hit.

    `passes`: by those names, which values go where.
    """

    entries: dict[int, frozenset[str]]
    calls: _Edges
    passes: _Edges
    capped: str = ""


def linked(path: str, scopes: Scopes, phases: Phases, uses: Iterable[Use], passes: Passes) -> Linked:
    """Return how a file is tied to others: all that runs there only when it is called, and whom it calls."""
    data = passes.data
    names = _Names(data, scopes, phases)
    later = sorted({use.function for use in uses if use.phase == "call" and use.function})
    entries = {number: names.of(number, 0) for number in later[:_FUNCTIONS]}
    entries |= {number: names.own(number) for number in later[_FUNCTIONS:]}
    calls: dict[str, set[tuple[str, str]]] = {}
    passed: dict[str, set[tuple[str, str]]] = {}
    looked_into = 0
    found = list(islice(_called(path, data, scopes, phases), _ALL_CALLS + 1))
    for position, target, member in found[:_ALL_CALLS]:
        number = scopes.at(position)
        looked_into += bool(number)
        inside = names.own(number) if number and looked_into > _INSIDE else names.of(number, 0)
        for name in inside if phases.at(position) == "call" else ("",):
            calls.setdefault(name, set()).add((target, member))
        for place, source, sink in passes.of_call(position):
            inside = names.own(scopes.at(place))
            for name in inside if phases.at(place) == "call" else ("",):
                passed.setdefault(name, set()).add((source, sink))
    numbers = names.outermost({*entries, *(scopes.at(position) for position, _, _ in found[:_ALL_CALLS])})
    for number in numbers[:_GIVING]:
        for name in names.own(number):
            passed.setdefault(name, set()).update(passes.of_function(number))
    many = len(found) > _ALL_CALLS or sum(own(path, one[1]) for one in scopes.imports) > _IMPORTS
    many = many or len(numbers) > _GIVING
    return Linked(
        entries,
        _frozen(calls),
        _frozen(passed),
        "more calls of other files than are followed" if many else "",
    )


def _frozen(edges: dict[str, set[tuple[str, str]]]) -> _Edges:
    return {name: frozenset(those) for name, those in edges.items() if those}


def _called(path: str, data: bytes, scopes: Scopes, phases: Phases) -> Iterator[tuple[int, str, str]]:
    """Yield where functions of other files are called, of which, and their names there."""
    imports = (one for one in scopes.imports if one[2] != "*" and own(path, one[1]))
    for node, module, member, local in islice(imports, _IMPORTS):
        target = f"{module}{'' if module.endswith('.') else '.'}{member}" if member else module
        for position in islice(occurrences(data, local.encode()), _CALLS):
            if node.start_byte <= position < node.end_byte or is_member(data, position):
                continue
            found = _MEMBERS.match(data, position + len(local))
            if found is not None:
                yield position, target, found[1].rpartition(b".")[2].strip().decode("utf-8", "replace")
            elif member and _runs(data, phases, position, len(local)):
                yield position, target, member


def _runs(data: bytes, phases: Phases, position: int, length: int) -> bool:
    """Tell whether a name is called where it stands, or given to what may call it."""
    if next_byte(data, position + length) == ord("("):
        return not phases.defines(position)
    return handed(data, position, position + length) and phases.runs(position)


class _Names:
    """By which names what is in a function can be called from other files."""

    def __init__(self, data: bytes, scopes: Scopes, phases: Phases) -> None:
        self.data, self.scopes, self.phases = data, scopes, phases
        self.memo: dict[int, frozenset[str]] = {}

    def of(self, number: int, depth: int) -> frozenset[str]:
        """Return the names of a function, and of those in the file that call it."""
        outer = self._outermost(number)
        if not outer or depth > _DEEPEST:
            return frozenset()
        if outer not in self.memo:
            self.memo[outer] = frozenset()  # what calls itself has no more names for it
            self.memo[outer] = self._found(outer, depth)
        return self.memo[outer]

    def _outermost(self, number: int) -> int:
        outer = 0
        while number:
            scope = self.scopes.scopes[number]
            outer = number if scope.kind == "function" else outer
            number = scope.parent
        return outer

    def outermost(self, numbers: Iterable[int]) -> list[int]:
        """Return the functions of the module around these, and those around which they are called in it."""
        return sorted(({self._outermost(number) for number in numbers} | set(self.memo)) - {0})

    def own(self, number: int) -> frozenset[str]:
        """Return the names of a function without those of its callers."""
        outer = self._outermost(number)
        if not outer:
            return frozenset()
        scope = self.scopes.scopes[outer]
        owner = self.scopes.scopes[scope.parent]
        made = {owner.name} if owner.kind == "class" and scope.name in AT_ONCE else set[str]()
        return frozenset({scope.name} | made) - {""}  # a lambda has none

    def _found(self, number: int, depth: int) -> frozenset[str]:
        found = set(self.own(number))
        for name in sorted(found):
            for position in islice(occurrences(self.data, name.encode()), _PLACES):
                inner = self.scopes.at(position)
                if self._outermost(inner) not in {0, number} and _runs(
                    self.data, self.phases, position, len(name)
                ):
                    found |= self.of(inner, depth + 1)
        return frozenset(found)
