"""From the names of the outside world to all that becomes of them: each use on the way is told.

A place is followed outwards, from an expression to the one around it, as long as something is known of it.
Where it gets a name, all places of that name are followed too.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import TYPE_CHECKING

from fimci.readers.code.javascript_syntax import bindings, callers, names
from fimci.readers.code.javascript_syntax.leading import worth
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.prefilter import BROWSERIFY, weighty
from fimci.readers.code.javascript_syntax.reading import Reading, arguments_of
from fimci.readers.code.javascript_syntax.scopes import LONGEST_MEMBER, MOST_FOLLOWED, plain
from fimci.readers.code.javascript_syntax.seeds import seeds
from fimci.readers.code.pure import Spent

if TYPE_CHECKING:
    from tree_sitter import Node

_RELATIVE = re.compile(rb"require\s*\(\s*([\"'])([^\"'`\\\n]+)\1\s*\)")
_OUTER_TEXT = (
    "parenthesized_expression await_expression as_expression satisfies_expression non_null_expression "
    "sequence_expression ternary_expression spread_element array object pair template_substitution "
    "template_string binary_expression yield_expression shorthand_property_identifier"
)
_OUTER = frozenset(_OUTER_TEXT.split())
_MOST_SEEDS, _MOST_LOOKED_AT = 20_000, 200_000
#: How it is said that not all was followed.
NAMES_CUT = "more names than are followed in one file"
#: Bytes of a large file for one more place of a name.
_BYTES_A_PLACE = 100
#: Places of a name that is a telling key.
_KEYED = 200
#: Nodes from a piece of a name to the member that it names.
_PIECES = 8
#: Nodes of one pattern of names.
_PATTERN = 5_000


class Following:
    """The places that are still to be followed, and those that were."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.made = Made(reading)
        self.work: deque[int | tuple[list[Node], int]] = deque()
        self.seen: set[int] = set()
        #: Members as they are written, and the first place where something was assigned to them.
        self.assigned: dict[bytes, int] = {}
        self.walked: set[tuple[int, int]] = set()

    def add(self, offset: int) -> None:
        """Take a place to be followed, once."""
        if offset not in self.seen:
            self.seen.add(offset)
            self.work.append(offset)

    def expression(self, path: list[Node], node_id: int) -> None:
        """Take an expression on a path to be followed."""
        self.reading.scopes.work.spend(len(path))
        at = next((number for number, node in enumerate(path) if node.id == node_id), 0)
        if at:
            self.work.append((path, at))


def follow(reading: Reading) -> Made:
    """Return all uses and references of a text."""
    following = Following(reading)
    try:
        _follow(following)
    except Spent:
        reading.spent(NAMES_CUT)
    following.made.sent()
    return following.made


def _follow(following: Following) -> None:
    reading = following.reading
    for statement in reading.scopes.imports:
        _import(following, statement)
    data = reading.source.data
    followed = 0
    for number, at in enumerate(seeds(data)):
        plain = _RELATIVE.match(data, at)
        if plain is None or weighty(plain[2]):
            followed += 1
            following.add(at)
        else:
            following.made.reference(plain[2].decode(errors="replace"), at)
        if followed == _MOST_SEEDS or number == _MOST_LOOKED_AT:
            reading.cut.add(NAMES_CUT)
            break
    while following.work and reading.left[0] > 0:
        place = following.work.popleft()
        if isinstance(place, int):
            _place(following, place)
        else:
            _climb(following, *place)


def _import(following: Following, statement: Node) -> None:
    source = statement.child_by_field_name("source")
    clause = next((child for child in statement.named_children if child.type.startswith("import_")), None)
    if source is None and clause is not None:
        source = clause.child_by_field_name("source")
    if (
        source is None
        or b"type"
        in following.reading.source.data[statement.start_byte : statement.start_byte + 12]
        .split(b"{")[0]
        .split()[1:2]
    ):
        return
    following.made.module(following.reading.text(source).strip("\"'`"), statement)
    if clause is not None:
        _names(following, clause)


def _place(following: Following, offset: int) -> None:
    """Follow one place outwards."""
    reading = following.reading
    path = reading.path(offset)
    if not path:
        return
    leaf = path[-1]
    at = len(path) - 1
    if leaf.type == "string_fragment" and at > 1 and path[at - 2].type == "variable_declarator":
        _keyed(following, path[at - 2])
    if leaf.type in {'"', "'"}:
        _spliced(following, path)
        return
    if leaf.type in {"property_identifier", "string_fragment"} and at:
        at -= 1 if leaf.type == "property_identifier" else 2
        if path[at].type not in {"member_expression", "subscript_expression"}:
            return
    elif leaf.type not in {"identifier", "import", "this", "shorthand_property_identifier"}:
        return
    elif leaf.type == "import":
        at = next(number for number in range(at, -1, -1) if path[number].type != "import")
        if path[at].type == "call_expression":
            following.made.call(path[at])
    if at and path[at - 1].type == "call_expression" and BROWSERIFY in reading.source.data:
        at -= not worth(reading.value(path[at])) and worth(reading.value(path[at - 1]))
        following.made.call(path[at])
    _climb(following, path, at)


def _spliced(following: Following, path: list[Node]) -> None:
    """Follow a member whose name is put together where it stands."""
    for node in reversed(path[-_PIECES:]):
        if node.type == "subscript_expression":
            following.expression(path, node.id)
            return


def _keyed(following: Following, declarator: Node) -> None:
    """Follow what a telling key opens that has a name: `const key = "constructor"; [][key]`."""
    reading, name = following.reading, declarator.child_by_field_name("name")
    if name is None or name.type != "identifier":
        return
    word = reading.bytes(name)
    scope = reading.scopes.innermost(name.start_byte)
    for offset in reading.scopes.places(word, scope)[:_KEYED]:
        path = reading.path(offset)
        if path[1:] and path[-2].type == "subscript_expression":
            following.expression(path, path[-2].id)


def _climb(following: Following, path: list[Node], at: int) -> None:
    """Follow an expression outwards; no step is taken twice."""
    while at > 0 and (held := (path[at].id, path[at - 1].id)) not in following.walked:
        following.walked.add(held)
        following.reading.left[0] -= 1
        step = _outwards(following, path, at)
        if step == 0:
            return
        at -= step


def _outwards(  # noqa: C901, PLR0912  (one row a kind of node)
    following: Following, path: list[Node], at: int
) -> int:
    """Look at the expression around a node; return how many nodes to go on, 0 to stop."""
    reading, made = following.reading, following.made
    node, parent = path[at], path[at - 1]
    value = reading.value(node)
    if not worth(value) and not (path[at - 1].type == "arguments" and value.name):
        made.read(node, value, path[:at])
        return 0
    kind = parent.type
    if kind in {"member_expression", "subscript_expression"}:
        if (parent.child_by_field_name("object") or node).id == node.id:
            return 1
        made.read(node, value, path[:at])
        return 1
    if kind in {"call_expression", "new_expression"}:
        made.call(parent)
        _handed_on(following, parent)
        return 1
    if kind not in {"parenthesized_expression", "non_null_expression"}:
        made.read(node, value, path[:at])
    if kind == "arguments" and at > 1:
        _given(following, path[at - 2], node)
        return 2
    if kind == "pair":
        _member_of(following, parent)
    if kind in _OUTER:
        return 1
    if kind == "variable_declarator":
        pattern = parent.child_by_field_name("name")
        if pattern is not None and pattern.id != node.id:
            _names(following, pattern)
        return 0
    if kind == "assignment_expression":
        left = parent.child_by_field_name("left")
        if left is None or left.id == node.id:
            made.write(node, value, parent)
            return 0
        _assigned(following, left)
        return 1
    if kind == "augmented_assignment_expression":
        left = parent.child_by_field_name("left")
        if left is not None and left.id != node.id:
            _assigned(following, left)
        return 0
    if kind in {"assignment_pattern", "object_assignment_pattern"}:
        left = parent.child_by_field_name("left")
        if left is not None and left.id != node.id:
            _names(following, left)
        return 0
    if kind == "for_in_statement":
        left = parent.child_by_field_name("left")
        if left is not None and left.id != node.id:
            _names(following, left)
        return 0
    if kind == "return_statement" or (kind == "arrow_function" and node.type != "identifier"):
        _returned(following, path[:at])
    return 0


def _member_of(following: Following, pair: Node) -> None:
    """Follow a member of an object that is written out, where it is asked for by its name."""
    reading, key = following.reading, pair.child_by_field_name("key")
    if key is None or key.type != "property_identifier":
        return
    word = reading.bytes(key)
    for offset in itertools.islice(reading.scopes.written(b"." + word), _KEYED):
        path = reading.path(offset + 1)
        if path[1:] and path[-2].type == "member_expression" and reading.bytes(path[-1]) == word:
            following.expression(path, path[-2].id)


def _handed_on(following: Following, call: Node) -> None:
    """Follow what a promise or a list hands to a callback."""
    callee = call.child_by_field_name("function")
    key = "" if callee is None else following.reading.text(callee.child_by_field_name("property"))
    arguments = arguments_of(call)
    if key in {"then", "map", "forEach"} and arguments:
        function = bindings.function_of(following.reading, arguments[0])
        if function is not None:
            _parameter(following, function, 0)


def _names(following: Following, pattern: Node) -> None:
    """Follow the places of all names that a pattern binds to something known."""
    pending, steps = [pattern], 0
    while pending and steps < _PATTERN:
        node, steps = pending.pop(), steps + 1
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            _name(following, node)
        else:
            pending += [child for child in node.named_children if child.type != "property_identifier"]


def _name(following: Following, leaf: Node) -> None:
    reading = following.reading
    found = reading.scopes.find(reading.bytes(leaf), leaf.start_byte)
    if found is None:
        return
    value = names.of_identifier(reading, leaf, 0)
    if leaf.type == "shorthand_property_identifier_pattern" or value.name.startswith(
        ("process.env.", "Bun.env.")
    ):
        following.made.read(leaf, value, reading.path(leaf.start_byte)[:-1])
    if not worth(value):
        return
    for offset in _places(reading, reading.bytes(leaf), found[0]):
        if offset not in following.seen:
            own = reading.scopes.find(reading.bytes(leaf), offset)
            if own is not None and own[0] == found[0]:
                following.add(offset)


def _places(reading: Reading, text: bytes, scope: int) -> list[int]:
    most = max(MOST_FOLLOWED, len(reading.source.data) // _BYTES_A_PLACE)
    found = reading.scopes.places(text, scope, most)
    if len(found) == most:
        reading.cut.add(NAMES_CUT)
    return found


def _assigned(following: Following, left: Node) -> None:
    """Follow what is assigned to a name or to a member."""
    reading = following.reading
    if left.type in {"identifier", "object_pattern", "array_pattern"}:
        if left.type == "identifier" and reading.scopes.find(reading.bytes(left), left.start_byte) is None:
            return
        _names(following, left)
    elif left.end_byte - left.start_byte <= LONGEST_MEMBER:
        text = plain(reading.bytes(left))
        for written in dict.fromkeys((text, reading.bytes(left))):
            _written(following, left.start_byte, written)
        if text.startswith((b"global.", b"globalThis.", b"window.")):
            for offset in _places(reading, text.partition(b".")[2], -1):
                following.add(offset)


def _written(following: Following, at: int, text: bytes) -> None:
    """Follow a member wherever it is written as at a place, where something is assigned to it."""
    first = following.assigned.setdefault(text, at)
    for offset in _places(following.reading, text, -1) if first == at else [first]:
        if offset != at:
            _member(following, offset, text)


def _member(following: Following, offset: int, text: bytes) -> None:
    """Follow a member that is written like one that something was assigned to."""
    path = following.reading.path(offset)
    following.reading.scopes.work.spend(len(path))
    found = next(
        (
            node
            for node in path
            if node.type in {"member_expression", "subscript_expression"}
            and node.end_byte - node.start_byte == len(text)
            and following.reading.bytes(node) == text
        ),
        None,
    )
    if found is not None:
        following.expression(path, found.id)


def _given(following: Following, call: Node, argument: Node) -> None:
    """Follow an argument into the function of this file that gets it, and a callback's parameters."""
    reading = following.reading
    if call.type not in {"call_expression", "new_expression"}:
        return
    following.made.piped(call, argument)
    following.made.defined(call, argument)
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    function = bindings.function_of(reading, callee)
    if function is None:
        return
    position = next((number for number, node in enumerate(arguments_of(call)) if node.id == argument.id), -1)
    _parameter(following, function, position)


def _parameter(following: Following, function: Node, position: int) -> None:
    single = function.child_by_field_name("parameter")
    parameters = function.child_by_field_name("parameters")
    if single is not None and position == 0:
        _names(following, single)
    elif parameters is not None:
        listed = [child for child in parameters.named_children if child.type != "comment"]
        if 0 <= position < len(listed):
            _names(following, listed[position])


def _returned(following: Following, path: list[Node]) -> None:
    """Follow the calls of the function that returns something."""
    reading = following.reading
    number = reading.scopes.innermost(path[-1].start_byte)
    if number < 0:
        return
    function = reading.scopes.functions[number]
    around = next((at for at, node in enumerate(path) if node.id == function.id), -1)
    if around < 0:
        return
    for call in callers.calls_of(reading, function, tuple(path[: around + 1])):
        following.expression(reading.path(call.start_byte), call.id)
