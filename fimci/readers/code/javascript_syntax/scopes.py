"""Functions, and which definitions of a name count where.

A scope is a function. A name belongs to the innermost function that declares it, and all that is assigned to
it there or in functions inside counts; but what a block declares (`let`, `const`, what is caught) does not
count outside of it: in minified code the same letter means something else there.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import operator
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fimci.readers.code.javascript_syntax import parsing, words
from fimci.readers.code.pure import Work

if TYPE_CHECKING:
    from tree_sitter import Node, Query

#: The scope outside of all functions.
TOP = -1
#: So many places of a name are looked at.
MOST_PLACES = 400
#: Places of one name that may mean much.
MOST_FOLLOWED = 5000
#: Letters of names that stand all over a minified text.
_SHORT = 2
#: A member that something is assigned to, as it is written, in bytes.
LONGEST_MEMBER = 80

#: How often a text is read before its words are indexed, and in how much of it a name is looked up then.
_READ_OVER, _FAR = 50, 20_000
#: By how many bits bytes that are only read for a word are fewer turns.
_SOUGHT_AT_ONCE = 8
_NOWHERE: array[int] = array("I")
_START = operator.attrgetter("start_byte", "end_byte")
_QUOTED_KEY = re.compile(rb"\[[\"'`]([\w$]+)[\"'`]\]")
_FUNCTIONS = (
    "(function_declaration) (function_expression) (arrow_function) (method_definition)"
    " (generator_function_declaration) (generator_function) (class_static_block)"
)
_DECLARED = (
    *("variable_declarator name: (identifier)", "pair_pattern value: (identifier)"),
    *("arrow_function parameter: (identifier)", "array_pattern (identifier)", "rest_pattern (identifier)"),
    *(
        "assignment_pattern left: (identifier)",
        "catch_clause parameter: (identifier)",
        "import_clause (identifier)",
    ),
    *(
        "for_in_statement left: (identifier)",
        "namespace_import (identifier)",
        "import_specifier !alias name: (identifier)",
    ),
    *("import_specifier alias: (identifier)", "function_expression name: (identifier)"),
)
_NAMED = ("function_declaration name: (identifier)", "generator_function_declaration name: (identifier)")
_TYPED = (
    *("required_parameter pattern: (identifier)", "optional_parameter pattern: (identifier)"),
    *("import_require_clause (identifier)", "class_declaration name: (type_identifier)"),
    *("abstract_class_declaration name: (type_identifier)", "enum_declaration name: (identifier)"),
    "internal_module name: (identifier)",
)
_UNTYPED = ("formal_parameters (identifier)", "class_declaration name: (identifier)")
_LEXICAL = (
    "(lexical_declaration (variable_declarator name: (identifier) @lexical))",
    "(catch_clause parameter: (identifier) @lexical)",
)
_BLOCKS = ("statement_block", "for_statement", "for_in_statement", "switch_body", "catch_clause")
_ASSIGNED = ("assignment_expression left: (identifier)", "augmented_assignment_expression left: (identifier)")


class Scopes(NamedTuple):
    """What is defined in a text: functions in order, the number of the one around each, names."""

    source: parsing.Source
    functions: list[Node]
    starts: list[int]
    around: list[int]
    declared: dict[bytes, list[int]]
    #: Where functions have their names, which are known around them.
    named: frozenset[int]
    assigned: dict[bytes, list[int]]
    #: Declarations and assignments of a name by scope, once it is asked for: hardly any name is.
    owned: dict[bytes, tuple[dict[int, list[int]], dict[int, list[int]]]]
    members: dict[bytes, list[int]]
    #: The same by the last name alone, once that is asked for.
    keyed: dict[bytes, list[int]]
    returns: list[int]
    #: Where generators give something.
    yields: list[int]
    imports: list[Node]
    spots: dict[tuple[bytes, int, int], list[int]]
    memo: dict[tuple[bytes, int], tuple[int, list[int]]]
    lexical: dict[int, tuple[int, int]]
    #: Where every word stands, once so many bytes were read to seek names.
    indexed: dict[bytes, array[int]]
    read: list[int]
    work: Work
    #: Which function is around an offset, and what a name means there, once it was asked for.
    inner: dict[int, int]
    found: dict[tuple[bytes, int], tuple[int, list[int]] | None]

    def innermost(self, offset: int) -> int:
        """Return the number of the innermost function around an offset, `TOP` for none."""
        if offset in self.inner:
            return self.inner[offset]
        number, climbed = bisect.bisect_right(self.starts, offset) - 1, 1
        while number >= 0 and self.functions[number].end_byte <= offset:
            number, climbed = self.around[number], climbed + 1
        self.work.spend(climbed)
        self.inner[offset] = number
        return number

    def number(self, function: Node) -> int:
        """Return the number of a function."""
        return bisect.bisect_left(self.starts, function.start_byte)

    def find(self, name: bytes, offset: int) -> tuple[int, list[int]] | None:
        """Return the scope of a name at an offset and where it is defined; `None` for a global name."""
        held = name, offset
        if held not in self.found:
            self.found[held] = self._defined(name, offset)
        return self.found[held]

    def _defined(self, name: bytes, offset: int) -> tuple[int, list[int]] | None:
        scope = self.innermost(offset)
        while True:
            held = (name, scope)
            if held not in self.memo:
                self.memo[held] = self._find(name, scope)
            owner, places = self.memo[held]
            self.work.spend(1 + len(places))
            seen = [at for at in places if self._sees(at, offset)] if self.lexical else places
            if seen:
                return owner, seen
            if owner < 0:
                return None
            scope = self.around[owner]

    def _sees(self, at: int, offset: int) -> bool:
        """Tell whether what a place declares can be meant at an offset."""
        start, end = self.lexical.get(at, (0, len(self.source.data) + 1))
        return start <= offset < end

    def _find(self, name: bytes, scope: int) -> tuple[int, list[int]]:
        if name not in self.owned:
            self.owned[name] = self._owned(name)
        declared, assigned = self.owned[name]
        owner = self._owner(scope, declared)
        places = [*declared.get(owner, ())[:MOST_PLACES], *assigned.get(owner, ())]
        return owner, sorted(set(places))

    def _owned(self, name: bytes) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        declared: dict[int, list[int]] = {}
        for at in self.declared.get(name, ()):
            own = self.innermost(at)
            own = self.around[own] if own >= 0 and at in self.named else own
            declared.setdefault(own, []).append(at)
        assigned: dict[int, list[int]] = {}
        for at in self.assigned.get(name, ())[:MOST_PLACES]:
            assigned.setdefault(self._owner(self.innermost(at), declared), []).append(at)
        return declared, assigned

    def _owner(self, scope: int, owners: Mapping[int, list[int]]) -> int:
        climbed = 0
        while scope >= 0 and scope not in owners:
            scope, climbed = self.around[scope], climbed + 1
        self.work.spend(climbed)
        return scope

    def places(self, name: bytes, scope: int, most: int = MOST_PLACES) -> list[int]:
        """Return where a name stands in a scope, so often at most: its uses, and what only looks like one."""
        held = (name, scope, most)
        if held not in self.spots:
            self.spots[held] = list(itertools.islice(self.every_place(name, scope), most))
        self.work.spend(1 + len(self.spots[held]))
        return self.spots[held]

    def every_place(self, name: bytes, scope: int) -> Iterator[int]:
        """Yield where a name stands in a scope as a word of its own, and not behind a single dot."""
        start, end = 0, len(self.source.data)
        if scope >= 0:
            start, end = self.functions[scope].start_byte, self.functions[scope].end_byte
        data, known = self.source.data, self._looked_up(name, start, end)
        if known is None and len(name) <= _SHORT:  # of a minified text, every second letter
            return words.alone(data, name, start, end)
        hits = words.hits(data, name, start, end) if known is None else known
        return (at for at in hits if words.free(data, at, len(name)))

    def written(self, text: bytes) -> Iterator[int]:
        """Yield where a text stands in which there is a word (`.run(`)."""
        end = len(self.source.data)
        known = self._looked_up(text, 0, end)
        return words.hits(self.source.data, text, 0, end) if known is None else known

    def _looked_up(self, text: bytes, start: int, end: int) -> Iterator[int] | None:
        """Yield where a text stands by the index of its last word; `None` where reading is cheaper.

        A text that was read many times over is worth an index.
        """
        data = self.source.data
        self.read[0] += end - start
        word = words.LAST.search(text) if end - start >= _FAR else None
        if word is None or self.read[0] < _READ_OVER * len(data):
            self.work.spend((end - start) >> _SOUGHT_AT_ONCE)
            return None
        if not self.indexed:
            self.indexed.update(words.index(data))
        places, before = self.indexed.get(word[1], _NOWHERE), word.start()
        low, high = (
            bisect.bisect_left(places, start + before),
            bisect.bisect_right(places, end + before - len(text)),
        )
        return (at - before for at in places[low:high] if data.startswith(text, at - before))

    def assigned_to(self, key: bytes) -> list[int]:
        """Return where something is assigned to a member of that name, whatever it is a member of."""
        if not self.keyed:
            for text, places in self.members.items():
                self.keyed.setdefault(text.rpartition(b".")[2], []).extend(places)
            self.keyed.setdefault(b"", [])
        return self.keyed.get(key, [])

    def returned(self, function: int) -> list[int]:
        """Return where a function returns something."""
        return self._within(self.returns, function)

    def yielded(self, function: int) -> list[int]:
        """Return where a generator gives something."""
        return self._within(self.yields, function)

    def _within(self, places: list[int], function: int) -> list[int]:
        node = self.functions[function]
        low = bisect.bisect_left(places, node.start_byte)
        high = bisect.bisect_left(places, node.end_byte)
        few = places[low : min(high, low + MOST_PLACES)]
        return [at for at in few if self.innermost(at) == function]


@functools.cache
def _query(kind: str) -> Query:
    from tree_sitter import Query  # noqa: PLC0415  (only where there is something to parse)

    more = _UNTYPED if kind == "javascript" else _TYPED
    rows = [
        *(f"{function} @function" for function in _FUNCTIONS.split()),
        *(f"({row} @declared)" for row in (*_DECLARED, *more)),
        "(shorthand_property_identifier_pattern) @declared",
        *(f"({row} @named)" for row in _NAMED),
        *(f"({row} @assigned)" for row in _ASSIGNED),
        *_LEXICAL,
        *(f"({block}) @block" for block in _BLOCKS),
        "(assignment_expression left: (member_expression) @member)",
        "(assignment_expression left: (subscript_expression index: (string)) @member)",
        "(return_statement) @return",
        "(yield_expression) @yield",
        "(import_statement) @import",
        "(export_statement source: (_)) @import",
    ]
    query: Query = Query(parsing.language(kind), "\n".join(rows))
    return query


def scopes(source: parsing.Source, kind: str) -> Scopes:
    """Collect the functions and definitions of a text, in one query."""
    from tree_sitter import QueryCursor  # noqa: PLC0415  (only where there is something to parse)

    cursor = QueryCursor(_query(kind))
    cursor.set_max_start_depth(parsing.DEEPEST)  # its time grows with the square of the depth
    captured = cursor.captures(source.tree.root_node)
    # They come in the order of their addresses in memory, and bounds count: two runs have to agree.
    found = {label: sorted(nodes, key=_START) for label, nodes in captured.items()}
    functions = sorted(found.get("function", ()), key=lambda node: (node.start_byte, -node.end_byte))
    starts = [node.start_byte for node in functions]
    result = Scopes(
        source,
        functions,
        starts,
        _nested([(node.start_byte, node.end_byte) for node in functions]),
        {},
        frozenset(node.start_byte for node in found.get("named", ())),
        {},
        {},
        {},
        {},
        [node.start_byte for node in found.get("return", ())],
        [node.start_byte for node in found.get("yield", ())],
        found.get("import", []),
        {},
        {},
        {},
        {},
        [0],
        Work(len(source.data)),
        {},
        {},
    )
    result.lexical.update(_limited(result, found.get("lexical", ()), found.get("block", ())))
    data = source.data
    for names, label in (
        (result.declared, "declared"),
        (result.declared, "named"),
        (result.assigned, "assigned"),
    ):
        for node in found.get(label, ()):
            at = node.start_byte
            names.setdefault(data[at : node.end_byte], []).append(at)
    for node in found.get("member", ()):
        if node.end_byte - node.start_byte <= LONGEST_MEMBER:
            result.members.setdefault(plain(data[node.start_byte : node.end_byte]), []).append(
                node.start_byte
            )
    return result


def _limited(
    found: Scopes, lexical: Iterable[Node], blocks: Iterable[Node]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield where names are declared in a block that is less than a function, and the reach of that block."""
    held = sorted((node.start_byte, -node.end_byte) for node in blocks)
    around = _nested([(start, -end) for start, end in held])
    starts = [start for start, _ in held]
    for node in lexical:
        at = node.start_byte
        number = bisect.bisect_right(starts, at) - 1
        while number >= 0 and -held[number][1] <= at:
            number = around[number]
        if number < 0:
            continue
        start, end = starts[number], -held[number][1]
        own = found.innermost(at)
        if own < 0 or (found.starts[own] < start and end < found.functions[own].end_byte):
            yield at, (start, end)


def plain(member: bytes) -> bytes:
    """Return `a["b"]` as `a.b`."""
    return _QUOTED_KEY.sub(rb".\1", member) if b"[" in member else member


def _nested(ranges: list[tuple[int, int]]) -> list[int]:
    """Return for each range, in order of their starts, the number of the one around it."""
    around: list[int] = []
    open_: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(ranges):
        while open_ and open_[-1][1] <= start:
            open_.pop()
        around.append(open_[-1][0] if open_ else TOP)
        open_.append((number, end))
    return around
