"""Functions across files: by which names those of a file are called elsewhere, and which it calls itself.

Names are taken at their word: `exports.send = …` and a method `send` are both called by `x.send()`, whatever
`x` is, as long as it came from a file of the same package.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from fimci.capabilities import passing
from fimci.capabilities.uses import Constant, Use
from fimci.readers.code.javascript_syntax import (
    bindings,
    callers,
    elsewhere,
    passes,
    phases,
    prefilter,
    words,
)
from fimci.readers.code.javascript_syntax.loads import (
    DEFAULT,
    WORD,
    is_program,
    more_than_looked_at,
    text,
)
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.reading import Reading
from fimci.readers.code.javascript_syntax.scopes import TOP
from fimci.readers.code.pure import Spent
from fimci.readers.code.related import TOO_MANY

if TYPE_CHECKING:
    from tree_sitter import Node

#: Calls of other files that are looked at, and bytes of a large file for one more.
_CALLS, _BYTES_A_CALL = 4_000, 60
#: The environment as a whole: to hand it on is no use of it that is told.
_ENVIRONMENT = re.compile(rb"\b(?:process|Bun)\.env\b(?!\s*(?:[.\[$]|\?\.))")
#: Another name for what is exported: `module.exports = run`, `exports.start = run`, `export default run`.
_RENAMED = re.compile(
    rb"export(?:s(?:\.(?P<as>" + WORD + rb"))?\s*=|\s+default\s)\s*(?P<local>" + WORD + rb")\s*(?:;|\n|\Z)"
)
_LISTED = re.compile(rb"export(?:s\s*=)?\s*\{([^{}]{1,2000})\}")
#: One of a list, up to its end: no place of it is tried twice.
_PAIR = re.compile(rb"(?<![\w$])(" + WORD + rb")\s*(:|\bas\b)\s*(" + WORD + rb")\Z")
#: Exports that are looked at.
_MOST = 1000
_EXPORTS = re.compile(rb"\bexport\s+default\s+(?:async\s+)?\Z")
_Calls: TypeAlias = dict[str, frozenset[tuple[str, str]]]


class Linked(NamedTuple):
    """Names of functions by their numbers, calls of other files by those names, and what cap was hit.

    `passes`: by those names, which values go where.
    """

    entries: dict[int, frozenset[str]]
    calls: _Calls
    passes: _Calls
    capped: str = ""


def linked(reading: Reading, made: Made, uses: Iterable[Use | Constant]) -> Linked:
    """Return how a file is tied to others: all that runs there only when it is called, and whom it calls."""
    entries: dict[int, frozenset[str]] = {}
    calls: dict[str, set[tuple[str, str]]] = {}
    passed: dict[str, set[tuple[str, str]]] = {}
    reading.scopes.work.begin()
    try:
        many = _link(_Names(reading, made), sorted(uses, key=_begins), entries, calls, passed)
    except Spent:
        reading.spent(TOO_MANY)
        many = True
    return Linked(entries, _frozen(calls), _frozen(passed), TOO_MANY if many else "")


def _frozen(edges: dict[str, set[tuple[str, str]]]) -> _Calls:
    return {name: frozenset(those) for name, those in edges.items()}


def _begins(use: Use | Constant) -> int:
    return use.function


def _link(
    names: _Names,
    uses: Iterable[Use | Constant],
    entries: dict[int, frozenset[str]],
    calls: dict[str, set[tuple[str, str]]],
    passed: dict[str, set[tuple[str, str]]],
) -> bool:
    """Fill in names, calls, and which values go where; tell whether there are more than are looked at."""
    for use in uses:
        if use.phase == "call" and use.function and use.function not in entries:
            entries[use.function] = names.of(use.function - 1)
    reading, data = names.reading, names.reading.source.data
    most = max(_CALLS, len(data) // _BYTES_A_CALL)
    found = [] if is_program(data) else list(itertools.islice(elsewhere.called(reading), most + 1))
    for at, target, member in found[:most]:
        for name in sorted(names.at(at)):
            calls.setdefault(name, set()).add((target, member))
    for at in (*prefilter.decodes(data), *prefilter.commands(data)):
        names.at(at)  # so that it is looked at what is given back there
    for at in prefilter.commands(data):
        for local, flow in passes.of_constant(reading, at):
            for name in names.exported_as(local):
                passed.setdefault(name, set()).add((flow, passing.BACK))
    for whole in itertools.islice(_ENVIRONMENT.finditer(data), _CALLS):
        names.at(whole.start())  # the same
    more = _pass(names, sorted({at for at, _, _ in found[:most]}), passed)
    return more or len(found) > most or more_than_looked_at(data)


def _pass(names: _Names, calls: Iterable[int], passed: dict[str, set[tuple[str, str]]]) -> bool:
    """Fill in which values go where by the names of functions; tell whether there is more to look at."""
    reading = names.reading
    for at in calls:
        for place, source, sink in passes.of_call(reading, at):
            for name in sorted(names.at(place)):
                passed.setdefault(name, set()).add((source, sink))
    numbers, more = passes.limited(names.near)
    for number in numbers:
        for edge in passes.of_function(reading, reading.scopes.functions[number]):
            for name in names.own(number):
                passed.setdefault(name, set()).add(edge)
    return more


class _Names:
    """By which names what is in a function can be called from other files."""

    def __init__(self, reading: Reading, made: Made) -> None:
        self.reading, self.made = reading, made
        self.memo: dict[int, frozenset[str]] = {}
        #: By what they are called where they stand, and in which functions of the file.
        self.near: dict[int, tuple[set[str], list[int]]] = {}
        self.exported: dict[str, set[str]] | None = None

    def of(self, number: int) -> frozenset[str]:
        """Return the names of a function, and of those in the file that call it, however far away."""
        if number == TOP:
            return frozenset()
        outer = self._outermost(number)
        if outer not in self.memo:
            found, seen, waiting = set[str](), {outer}, [outer]
            while waiting:
                own, callers = self._near(waiting.pop())
                self.reading.scopes.work.spend(1 + len(own) + len(callers))
                found |= own
                waiting += [one for one in callers if one not in seen]
                seen.update(callers)
            self.memo[outer] = frozenset(found)
        return self.memo[outer]

    def at(self, place: int) -> frozenset[str]:
        """Return by which names what stands at a place is called; no name where it runs at once."""
        if phases.phase_at(self.reading, place, self.made.phases) != "call":
            return frozenset(("",))
        found = self.of(self.reading.scopes.innermost(place))
        self.reading.scopes.work.spend(len(found))
        return found

    def own(self, number: int) -> frozenset[str]:
        """Return the names of a function by itself, without those of its callers."""
        function = self.reading.scopes.functions[number]
        path = phases.path_of(self.reading, function)
        own = _own(self.reading, function, path) if path else ()
        return frozenset(name for local in own for name in self.exported_as(local))

    def exported_as(self, local: str) -> set[str]:
        """Return a name, and those under which it is exported."""
        return {local, *self._exported().get(local, ())}

    def _outermost(self, number: int) -> int:
        """Return the outermost function that runs only when called: a wrapper around a file runs at once."""
        scopes = self.reading.scopes
        while (above := scopes.around[number]) != TOP and (
            phases.phase_at(self.reading, scopes.starts[above], self.made.phases) == "call"
        ):
            number = above
        return number

    def _near(self, number: int) -> tuple[set[str], list[int]]:
        if number not in self.near:
            self.near[number] = self._found(number)
        return self.near[number]

    def _found(self, number: int) -> tuple[set[str], list[int]]:
        reading = self.reading
        function = reading.scopes.functions[number]
        path = phases.path_of(reading, function)
        if not path:
            return set(), []
        calls = callers.calls_of(reading, function, tuple(path))
        inside = dict.fromkeys(reading.scopes.innermost(call.start_byte) for call in calls)
        those = dict.fromkeys(self._outermost(one) for one in inside if one != TOP)
        return set(self.own(number)), list(those)

    def _exported(self) -> dict[str, set[str]]:
        if self.exported is None:
            self.exported = _exported(self.reading.source.data)
        return self.exported


def _own(reading: Reading, function: Node, path: list[Node]) -> set[str]:
    """Return the names that a function has where it stands."""
    named = callers.name_of(function, tuple(path))
    found = {reading.text(named).strip("\"'")} if named is not None else set()
    if function.type == "method_definition" and found == {"constructor"}:
        at = next((at for at in range(len(path) - 1, 0, -1) if path[at].type in bindings.CLASSES), 0)
        name = path[at].child_by_field_name("name")
        return {reading.text(name), *_put(reading, path[: at + 1])} - {""}
    return (found | _put(reading, path)) - {""}


def _put(reading: Reading, path: list[Node]) -> set[str]:
    """Return the names under which something is exported where it stands."""
    above = path[-2] if len(path) > 1 else None
    found = set()
    if above is not None and above.type == "assignment_expression":
        text = reading.text(above.child_by_field_name("left"))
        found.add(DEFAULT if text == "module.exports" else text.rpartition(".")[2])
    start = path[-1].start_byte
    if _EXPORTS.search(reading.source.data, max(0, start - 40), start):
        found.add(DEFAULT)
    return found


def _exported(data: bytes) -> dict[str, set[str]]:
    """Return under which other names local ones are exported."""
    found: dict[str, set[str]] = {}
    for at in itertools.islice(words.hits(data, b"export", 0, len(data)), _MOST):
        one, several = _RENAMED.match(data, at), _LISTED.match(data, at)
        if one is not None:
            found.setdefault(text(one["local"]), set()).add(text(one["as"]) or DEFAULT)
        for item in several[1].split(b",") if several is not None else ():
            pair = _PAIR.search(item.rstrip())
            if pair is not None:
                local, name = (pair[3], pair[1]) if pair[2] == b":" else (pair[1], pair[3])
                found.setdefault(text(local), set()).add(text(name))
    return found
