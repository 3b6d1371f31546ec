"""Functions across files: by which names those of a file are called elsewhere, and which it calls itself.

Names are taken at their word: `exports.send = …` and a method `send` are both called by `x.send()`, whatever
`x` is, as long as it came from a file of the same package.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from fimci.capabilities.uses import Use
from fimci.readers.code.javascript_syntax import bindings, passes, phases, prefilter, words
from fimci.readers.code.javascript_syntax.loads import (
    DEFAULT,
    WORD,
    Call,
    Local,
    is_program,
    loads,
    more_than_looked_at,
    text,
)
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.reading import Reading
from fimci.readers.code.javascript_syntax.scopes import TOP

if TYPE_CHECKING:
    from tree_sitter import Node

#: Places of a name, calls of other files, and functions that call one another, as many as are looked at.
_PLACES, _CALLS, _DEEPEST = 4_001, 4_000, 12
_CALLED = re.compile(rb"\s*(?:\??\.\s*(" + WORD + rb")\s*)?(?:\?\.)?\(")
#: `(0, send_1.send)(…)`, as compilers write a call of what was imported; up to the name, and behind it.
_COMMA = re.compile(rb"\(\s*0\s*,\s*\Z")
_COMMA_CALLED = re.compile(rb"\s*(?:\.\s*(" + WORD + rb")\s*)?\)\s*\(")
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
_TOO_MANY = "more calls of other files than are followed"
_Calls: TypeAlias = dict[str, frozenset[tuple[str, str]]]


class Linked(NamedTuple):
    """Names of functions by their numbers, calls of other files by those names, and what cap was hit.

    `passes`: by those names, which values go where.
    """

    entries: dict[int, frozenset[str]]
    calls: _Calls
    passes: _Calls
    capped: str = ""


def linked(reading: Reading, made: Made, uses: Iterable[Use]) -> Linked:
    """Return how a file is tied to others: all that runs there only when it is called, and whom it calls."""
    names = _Names(reading, made)
    later = {use.function for use in uses if use.phase == "call" and use.function}
    entries = {number: names.of(number - 1, 0) for number in sorted(later)}
    calls: dict[str, set[tuple[str, str]]] = {}
    found = [] if is_program(reading.source.data) else list(itertools.islice(_called(reading), _CALLS + 1))
    for at, target, member in found[:_CALLS]:
        for name in names.at(at):
            calls.setdefault(name, set()).add((target, member))
    for at in prefilter.decodes(reading.source.data):
        names.at(at)  # so that it is looked at what is given back there
    passed, more = _passed(reading, names, [at for at, _, _ in found[:_CALLS]])
    tied = {name: frozenset(those) for name, those in calls.items()}
    many = more or len(found) > _CALLS or more_than_looked_at(reading.source.data)
    return Linked(entries, tied, passed, _TOO_MANY if many else "")


def _passed(reading: Reading, names: _Names, calls: Iterable[int]) -> tuple[_Calls, bool]:
    """Return which values go where by the names of functions, and whether there is more to look at."""
    found: dict[str, set[tuple[str, str]]] = {}
    for at in calls:
        for place, source, sink in passes.of_call(reading, at):
            for name in names.at(place):
                found.setdefault(name, set()).add((source, sink))
    numbers, more = passes.limited(names.memo)
    for number in numbers:
        for edge in passes.of_function(reading, reading.scopes.functions[number]):
            for name in names.own(number):
                found.setdefault(name, set()).add(edge)
    return {name: frozenset(those) for name, those in found.items()}, more


def _called(reading: Reading) -> Iterator[Call]:
    """Yield where functions of other files are called."""
    for one in loads(reading.source.data):
        if isinstance(one, Call):
            yield one
        else:
            yield from _places(reading, one)


def _places(reading: Reading, local: Local) -> Iterator[Call]:
    data = reading.source.data
    scope = reading.scopes.innermost(local.at)
    for at in itertools.islice(reading.scopes.every_place(local.word, scope), _PLACES):
        if at == local.at:
            continue
        end = at + len(local.word)
        found = _CALLED.match(data, end)
        if found is None and _COMMA.search(data, max(0, at - 20), at):
            found = _COMMA_CALLED.match(data, end)
        if found is not None:
            yield Call(at, local.target, text(found[1]) or local.member or DEFAULT)
        elif data[end : end + 1] in {b",", b")"} and bindings.HANDING.search(data, max(0, at - 80), at):
            yield Call(at, local.target, local.member or DEFAULT)


class _Names:
    """By which names what is in a function can be called from other files."""

    def __init__(self, reading: Reading, made: Made) -> None:
        self.reading, self.made = reading, made
        self.memo: dict[int, frozenset[str]] = {}
        self.exported: dict[str, set[str]] | None = None

    def of(self, number: int, depth: int) -> frozenset[str]:
        """Return the names of a function, and of those in the file that call it."""
        if number == TOP or depth > _DEEPEST:
            return frozenset()
        outer = self._outermost(number)
        if outer not in self.memo:
            self.memo[outer] = frozenset()  # what calls itself has no more names for it
            self.memo[outer] = self._found(outer, depth)
        return self.memo[outer]

    def at(self, place: int) -> frozenset[str]:
        """Return by which names what stands at a place is called; no name where it runs at once."""
        if phases.phase_at(self.reading, place, self.made.phases) != "call":
            return frozenset(("",))
        return self.of(self.reading.scopes.innermost(place), 0)

    def own(self, number: int) -> frozenset[str]:
        """Return the names of a function by itself, without those of its callers."""
        function = self.reading.scopes.functions[number]
        path = phases.path_of(self.reading, function)
        own = _own(self.reading, function, path) if path else ()
        return frozenset(name for local in own for name in (local, *self._exported().get(local, ())))

    def _outermost(self, number: int) -> int:
        """Return the outermost function that runs only when called: a wrapper around a file runs at once."""
        scopes = self.reading.scopes
        while (above := scopes.around[number]) != TOP and (
            phases.phase_at(self.reading, scopes.starts[above], self.made.phases) == "call"
        ):
            number = above
        return number

    def _found(self, number: int, depth: int) -> frozenset[str]:
        reading = self.reading
        function = reading.scopes.functions[number]
        path = phases.path_of(reading, function)
        if not path:
            return frozenset()
        found = set(self.own(number))
        for call in bindings.calls_of(reading, function, tuple(path)):
            found |= self.of(reading.scopes.innermost(call.start_byte), depth + 1)
        return frozenset(found)

    def _exported(self) -> dict[str, set[str]]:
        if self.exported is None:
            self.exported = _exported(self.reading.source.data)
        return self.exported


def _own(reading: Reading, function: Node, path: list[Node]) -> set[str]:
    """Return the names that a function has where it stands."""
    named = bindings.name_of(function, tuple(path))
    found = {reading.text(named).strip("\"'")} if named is not None else set()
    above = path[-2] if len(path) > 1 else None
    if above is not None and above.type == "assignment_expression":
        left = above.child_by_field_name("left")
        text = reading.text(left)
        found.add(DEFAULT if text == "module.exports" else text.rpartition(".")[2])
    if function.type == "method_definition" and found == {"constructor"}:
        owner = next((node for node in reversed(path) if node.type in bindings.CLASSES), None)
        found.add(reading.text(owner.child_by_field_name("name")) if owner is not None else "")
    start = function.start_byte
    if _EXPORTS.search(reading.source.data, max(0, start - 40), start):
        found.add(DEFAULT)
    return found - {""}


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
