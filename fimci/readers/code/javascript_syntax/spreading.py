"""Where values go that get a name, are given to functions, kept in objects, or given back."""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import TYPE_CHECKING

from fimci.readers.code.javascript_syntax import bindings, callers, calling, events, names
from fimci.readers.code.javascript_syntax.leading import worth
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.reading import FUNCTIONS, Reading, arguments_of
from fimci.readers.code.javascript_syntax.scopes import LONGEST_MEMBER, MOST_FOLLOWED, plain

if TYPE_CHECKING:
    from tree_sitter import Node

#: How it is said that not all was followed.
NAMES_CUT = "more names than are followed in one file"
#: Bytes of a large file for one more place of a name.
_BYTES_A_PLACE = 20
#: Places of a name that is a telling key.
_KEYED = 200
#: Nodes of one pattern of names.
_PATTERN = 5_000
_ASSIGNS = re.compile(rb"\s{0,9}=(?![=>])")
_VARIABLES = ("process.env.", "Bun.env.")
#: What puts something into a list or a table, and under a name of an object.
_PUTTING = frozenset(("set", "push", "unshift", "add"))
_DEFINING = frozenset(("assign", "set", "defineProperty", "defineProperties"))
#: Expressions around a name in which something comes out of it again, and how many.
_ACCESS, _AROUND = frozenset(("member_expression", "subscript_expression", "call_expression")), 4


class Following:
    """The places that are still to be followed, and those that were."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.made = Made(reading)
        self.work: deque[int | tuple[list[Node], int]] = deque()
        self.seen: set[int] = set()
        #: Members as they are written, and the first place where something was assigned to them.
        self.assigned: dict[bytes, int] = {}
        #: Where something was put into what has a name.
        self.contained: set[int] = set()
        self.walked: set[tuple[int, int]] = set()
        #: Names of members that were sought all over the text.
        self.keyed: set[bytes] = set()

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


def member_of(following: Following, key: Node | None) -> None:
    """Follow a member of an object that is written out, where it is asked for by its name."""
    reading = following.reading
    word = b"" if key is None else bindings.key_of(reading, key).encode()
    if not word or word in following.keyed:
        return
    following.keyed.add(word)
    for offset in itertools.islice(reading.scopes.written(b"." + word), _KEYED):
        path = reading.path(offset + 1)
        if path[1:] and path[-2].type == "member_expression" and reading.bytes(path[-1]) == word:
            following.expression(path, path[-2].id)
    _taken_apart(following, word)


def _taken_apart(following: Following, word: bytes) -> None:
    """Follow the member of that name out of patterns: `{run}`, `{tools: {run: go}}`."""
    reading = following.reading
    for offset in reading.scopes.declared.get(word, ())[:_KEYED]:
        leaf = reading.path(offset)[-1:]
        if leaf and leaf[0].type == "shorthand_property_identifier_pattern":
            _name(following, leaf[0])
    for offset in itertools.islice(reading.scopes.written(word + b":"), _KEYED):
        above = reading.path(offset)[-2:-1]
        inner = above[0].child_by_field_name("value") if above and above[0].type == "pair_pattern" else None
        if inner is not None:
            pattern_of(following, inner)


def handed_on(following: Following, call: Node) -> None:
    """Follow what a promise or a list hands to a callback."""
    callee = call.child_by_field_name("function")
    key = "" if callee is None else following.reading.text(callee.child_by_field_name("property"))
    arguments = arguments_of(call)
    if key in {"then", "map", "forEach"} and arguments:
        function = bindings.function_of(following.reading, arguments[0])
        if function is not None:
            _parameter(following, function, 0)


def pattern_of(following: Following, pattern: Node) -> None:
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
    if leaf.type == "shorthand_property_identifier_pattern" or value.name.startswith(_VARIABLES):
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


def assigned(following: Following, left: Node) -> None:
    """Follow what is assigned to a name or to a member."""
    reading = following.reading
    if left.type in {"identifier", "object_pattern", "array_pattern"}:
        if left.type == "identifier" and reading.scopes.find(reading.bytes(left), left.start_byte) is None:
            return
        pattern_of(following, left)
    elif left.end_byte - left.start_byte <= LONGEST_MEMBER:
        text = plain(reading.bytes(left))
        for written in dict.fromkeys((text, reading.bytes(left))):
            _written(following, left.start_byte, written)
        owner = left.child_by_field_name("object")
        if left.type == "subscript_expression" and owner is not None:
            _container(following, owner)
        if text.startswith((b"global.", b"globalThis.", b"window.")):
            for offset in _places(reading, text.partition(b".")[2], -1):
                following.add(offset)


def _written(following: Following, at: int, text: bytes) -> None:
    """Follow a member that something is assigned to at a place, wherever else it is written and read."""
    first = following.assigned.setdefault(text, at)
    for offset in _places(following.reading, text, -1) if first == at else [first]:
        if offset != at and not _ASSIGNS.match(following.reading.source.data, offset + len(text)):
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


def given_to(following: Following, call: Node, argument: Node) -> None:
    """Follow an argument into the function of this file that gets it, and a callback's parameters."""
    reading = following.reading
    if call.type not in {"call_expression", "new_expression"}:
        return
    following.made.piped(call, argument)
    following.made.defined(call, argument)
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    function = _called(reading, callee)
    if function is None:
        _put(following, call, argument)
        return
    value = reading.value(argument)
    if not worth(value) and not value.name.startswith(_VARIABLES):
        return  # there is nothing in it of which the function could make a use
    position = next((number for number, node in enumerate(arguments_of(call)) if node.id == argument.id), -1)
    reading.scopes.work.cut |= position < 0  # behind all that are looked at
    _parameter(following, function, position)


def _parameter(following: Following, function: Node, position: int) -> None:
    single = function.child_by_field_name("parameter")
    parameters = function.child_by_field_name("parameters")
    if single is not None and position == 0:
        pattern_of(following, single)
    elif parameters is not None:
        listed = [child for child in parameters.named_children if child.type != "comment"]
        if 0 <= position < len(listed):
            pattern_of(following, listed[position])


def returned(following: Following, path: list[Node]) -> None:
    """Follow the calls of the function that returns something."""
    reading = following.reading
    number = reading.scopes.innermost(path[-1].start_byte)
    if number < 0:
        return
    function = reading.scopes.functions[number]
    around = next((at for at, node in enumerate(path) if node.id == function.id), -1)
    if around < 0:
        return
    if around > 1 and path[around - 1].type == "arguments":
        following.expression(path, path[around - 2].id)  # what a list or a promise makes of it
    for call in callers.calls_of(reading, function, tuple(path[: around + 1])):
        inside = reading.path(call.start_byte)
        following.expression(inside, call.id)
        if calling.is_generator(function):
            _through(following, inside, call)
    _read(following, path[:around], function)


def _called(reading: Reading, callee: Node | None) -> Node | None:
    """Return the function that is called, of a class its constructor."""
    if callee is None:
        return None
    found = bindings.expression(reading, callee)
    if found.type in bindings.CLASSES:
        found = bindings.property_of(reading, found, "constructor") or found
    return found if found.type in FUNCTIONS else None


def kept(following: Following, field: Node) -> int:
    """Follow a field of a class: `class A { #run = require("…") }`."""
    name = field.child_by_field_name("property") or field.child_by_field_name("name")
    if name is not None:
        _written(following, field.start_byte, b"this." + following.reading.bytes(name))
    return 0


def _put(following: Following, call: Node, argument: Node) -> None:
    """Follow what is put into a list or a table, under a name of an object, or told to listeners."""
    callee, reading = call.child_by_field_name("function"), following.reading
    if callee is None or callee.type != "member_expression":
        return
    owner, key = callee.child_by_field_name("object"), reading.text(callee.child_by_field_name("property"))
    arguments = arguments_of(call)
    if key == "emit":
        position = next((at for at, node in enumerate(arguments) if node.id == argument.id), 0)
        for listener in events.listeners(reading, call):
            function = bindings.function_of(reading, listener)
            if function is not None:
                _parameter(following, function, position - 1)
    elif key in _PUTTING and owner is not None:
        _container(following, owner)
    elif key in _DEFINING and arguments and arguments[0].id != argument.id:
        _container(following, arguments[0])


def _container(following: Following, owner: Node) -> None:
    """Follow what comes out of something again that has a name."""
    reading = following.reading
    found = (
        reading.scopes.find(reading.bytes(owner), owner.start_byte) if owner.type == "identifier" else None
    )
    if found is None or owner.start_byte in following.contained:
        return
    following.contained.add(owner.start_byte)
    for offset in _places(reading, reading.bytes(owner), found[0])[:_KEYED]:
        path = reading.path(offset)
        if path:
            _through(following, path, path[-1])


def _through(following: Following, path: list[Node], node: Node) -> None:
    """Follow the first of the expressions around one that something comes out of."""
    at = next((number for number in range(len(path) - 1, -1, -1) if path[number].id == node.id), 0)
    for number in range(at - 1, max(-1, at - 1 - _AROUND), -1):
        if path[number].type not in _ACCESS:
            return
        if worth(following.reading.value(path[number])):
            following.expression(path, path[number].id)
            return


def _read(following: Following, path: list[Node], function: Node) -> None:
    """Follow what a getter gives: where its member is read."""
    above = path[-1] if path else None
    if function.type == "method_definition" and bindings.is_getter(function):
        member_of(following, function.child_by_field_name("name"))
    elif above is not None and above.type == "pair" and path[3:] and path[-4].type == "call_expression":
        arguments = arguments_of(path[-4])
        key = following.reading.text(above.child_by_field_name("key"))
        if key == "get" and arguments:
            _container(following, arguments[0])
