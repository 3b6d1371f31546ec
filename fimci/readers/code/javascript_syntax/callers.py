"""Where functions of a file are called, and with what."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fimci.readers.code.javascript_syntax import bindings
from fimci.readers.code.javascript_syntax.bindings import ABOVE, CLASSES, MEMBERS, MOST, function_of
from fimci.readers.code.javascript_syntax.reading import (
    FUNCTIONS,
    Reading,
    arguments_of,
    bare,
    first_of,
    listed_in,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: What calls a function whose member it is, and how far behind the name that stands.
_SHIFTED = re.compile(rb"\s*\??\.\s*(?:call|apply|bind)\s*\(")
_REFLECTING = re.compile(rb"Reflect\s*\.\s*(?:apply|construct)\s*\(\s*\Z")
#: What stands before a function that is called later, and how far before it.
HANDING = re.compile(
    rb"(?:setTimeout|setInterval|setImmediate|nextTick|queueMicrotask|\.then|\.catch|\.finally|\.once|\.on"
    rb"|\.addListener|\.forEach|\.map|\.flatMap|\.filter|\.some|\.every|\.find)\s*\("
    rb"(?:\s*[\"'][\w:-]{0,40}[\"']\s*,)?\s*\Z"
)
_BEFORE = 80
#: Turns of a loop that a place of a name costs.
_A_PLACE = 4
_NAMED = frozenset(("identifier", "type_identifier"))
#: What has a name where it stands.
_NAMING = frozenset(("function_declaration", "generator_function_declaration"))
#: What is given back by its name; bytes of a function in which it is looked for, and by how many bits those
#: are fewer turns of a loop.
_RETURNED = re.compile(rb"\breturn\s{1,9}([\w$]{1,99})\s{0,9}[;}\n]")
_LONG, _READ_AT_ONCE = 20_000, 6
_CALLING = frozenset(("call", "apply", "bind"))
#: What stands around a name that is called, or given to something, and letters between.
_LEADS, _BLANKS = frozenset((b"(", b",")), 40
_BLANK, _OPENS, _GOES_ON = frozenset((b" ", b"\n", b"\t")), frozenset((b"(", b"`")), frozenset((b",", b")"))


def calls_of(reading: Reading, function: Node, path: tuple[Node, ...], depth: int = 0) -> list[Node]:
    """Return the calls of a function by its name, as many as are looked at."""
    if function.id not in reading.calls:
        reading.calls[function.id] = []
        reading.calls[function.id] = _calls_of(reading, function, path, depth)
    return reading.calls[function.id]


def _calls_of(reading: Reading, function: Node, path: tuple[Node, ...], depth: int) -> list[Node]:
    name = name_of(function, path)
    if name is None:
        listed = path[-2] if path[1:] and path[-2].type == "array" else None
        if listed is not None:
            return _calls_of_element(reading, function, path)
        return _calls_of_returned(reading, function, path, depth)
    if name.type not in _NAMED:
        key = reading.text(name).strip("\"'`")
        if key == "constructor" and function.type == "method_definition" and path[2:]:
            return _calls_of_class(reading, path[-3], path[:-2], depth)
        return _calls_of_member(reading, function, key)
    found = _calls_of_name(reading, function, reading.bytes(name), _scope_of(reading, function, name))
    if not found and not reading.handed.get(function.id):
        found = _calls_of_returned(reading, function, path, depth)
    if reading.kind != "javascript" and any(node.type == "internal_module" for node in path):
        found += _calls_of_member(reading, function, reading.text(name))
    return found


def _calls_of_name(reading: Reading, function: Node, word: bytes, scope: int) -> list[Node]:
    """Return the calls of a function by its name, and take note of who is given it to call it later."""
    data, size = reading.source.data, len(word)
    found: list[Node] = []
    handed: list[int] = []
    for place in reading.scopes.places(word, scope):
        end = place + size
        behind = data[end : end + 1]
        if behind in _BLANK:
            behind = data[end : end + 3].lstrip()[:1]
        if behind in _OPENS or (behind == b"." and _SHIFTED.match(data, end) is not None):
            call = _called_at(reading, word, place) if len(found) < MOST else None
        elif behind not in _GOES_ON or data[max(0, place - _BLANKS) : place].rstrip()[-1:] not in _LEADS:
            continue
        elif HANDING.search(data, max(0, place - _BEFORE), place) is not None:
            handed.append(place)
            continue
        elif behind == b"," and _REFLECTING.search(data, max(0, place - _BEFORE), place) is not None:
            call = _called_at(reading, word, place)
        else:
            continue
        if call is not None:
            found.append(call)
            if behind not in _OPENS:
                reading.shifted.add(call.id)
    reading.handed[function.id] = handed[:MOST]
    return found


def _called_at(reading: Reading, word: bytes, place: int) -> Node | None:
    path = reading.path(place)
    if not path[1:] or reading.bytes(path[-1]) != word:
        return None
    around = path[-2]
    if around.type in {"member_expression", "arguments"} and path[2:]:
        around = path[-3]
    return around if around.type in {"call_expression", "new_expression"} else None


def given_by(reading: Reading, call: Node) -> tuple[list[Node], Node | None]:
    """Return what a call gives to the function that it is a call of, and a list of more of it."""
    arguments = arguments_of(call)
    callee = call.child_by_field_name("function")
    callee = None if callee is None else bare(callee)
    if callee is None or callee.type != "member_expression":
        return arguments, None
    how = reading.text(callee.child_by_field_name("property"))
    owner = reading.bytes(callee.child_by_field_name("object") or callee)
    if owner == b"Reflect" and how in {"apply", "construct"}:
        return [], arguments[-1] if arguments[1:] else None
    if how not in _CALLING:
        return arguments, None
    if how == "apply":
        return [], arguments[1] if arguments[1:] else None
    later = call.parent if how == "bind" else None
    called = later is not None and later.type == "call_expression" and later.children[0].id == call.id
    return [*arguments[1:], *(arguments_of(later) if called and later is not None else ())], None


def listed_by(reading: Reading, more: Node) -> list[Node] | None:
    """Return what is in a list that is written out; `None` where it is none."""
    listed = bindings.expression(reading, more)
    return listed_in(listed) if listed.type == "array" else None


def _calls_of_class(reading: Reading, owner: Node, path: tuple[Node, ...], depth: int) -> list[Node]:
    """Return where a class is made an object of, also by the classes that extend it."""
    if owner.type not in CLASSES or depth > ABOVE:
        return []
    if owner.id not in reading.calls:
        reading.calls[owner.id] = []
        reading.calls[owner.id] = list(_made_objects(reading, owner, path, depth))
    return reading.calls[owner.id]


def _made_objects(reading: Reading, owner: Node, path: tuple[Node, ...], depth: int) -> Iterator[Node]:
    above = path[-2] if path[1:] else None
    name = owner.child_by_field_name("name")
    if name is None and above is not None and above.type == "variable_declarator":
        name = above.child_by_field_name("name")
    if name is None or name.type not in _NAMED:
        outer = next((one for one in reversed(path[:-1]) if one.type != "parenthesized_expression"), None)
        if outer is not None and outer.type == "new_expression":
            yield outer
        return
    word, data = reading.bytes(name), reading.source.data
    for place in reading.scopes.places(word, reading.scopes.innermost(name.start_byte))[:MOST]:
        around = reading.path(place)
        reading.scopes.work.spend(_A_PLACE)
        if place == name.start_byte or not around[1:]:
            continue
        if around[-2].type == "new_expression":
            yield around[-2]
        elif around[2:] and _REFLECTING.search(data, max(0, place - _BEFORE), place):
            yield around[-3]
            reading.shifted.add(around[-3].id)
        elif any(node.type == "class_heritage" for node in around[-3:-1]):
            yield from _of_extending(reading, around, depth + 1)


def _of_extending(reading: Reading, path: list[Node], depth: int) -> list[Node]:
    """Return where a class that extends another one calls the constructor of that, or has it called."""
    at = next((number for number in range(len(path) - 1, -1, -1) if path[number].type in CLASSES), 0)
    owner = path[at]
    body = owner.child_by_field_name("body")
    for child in [] if body is None else body.named_children:
        reading.scopes.work.spend(1)
        if reading.text(child.child_by_field_name("name")) != "constructor":
            continue
        start = reading.source.data.find(b"super(", child.start_byte, child.end_byte)
        around = reading.path(start) if start >= 0 else []
        return [around[-2]] if around[1:] and around[-2].type == "call_expression" else []
    return _calls_of_class(reading, owner, tuple(path[: at + 1]), depth)


def _calls_of_returned(reading: Reading, function: Node, path: tuple[Node, ...], depth: int) -> list[Node]:
    """Return the calls of a function that another one gives back: `send(address)(text)`."""
    at = next((at for at in range(len(path) - 1, -1, -1) if path[at].id == function.id), 0)
    around = path[at - 1] if at else None
    if around is None or depth > ABOVE:
        return []
    outer = around if around.type == "arrow_function" else None
    if around.type == "return_statement":
        outer = next((node for node in reversed(path[: at - 1]) if node.type in FUNCTIONS), None)
    elif function.type in _NAMING:
        outer = next((node for node in reversed(path[:at]) if node.type in FUNCTIONS), None)
        outer = outer if outer is not None and _gives_back(reading, outer, function) else None
    if outer is None:
        return []
    above = tuple(path[: next(number for number, node in enumerate(path) if node.id == outer.id) + 1])
    found: list[Node] = []
    seen: set[bytes] = set()
    for call in calls_of(reading, outer, above, depth + 1):
        parent = call.parent
        if parent is not None and parent.type == "call_expression" and parent.children[0].id == call.id:
            found.append(parent)
        name = parent.child_by_field_name("name") if parent is not None else None
        if name is not None and name.type == "identifier" and reading.bytes(name) not in seen:
            seen.add(reading.bytes(name))
            found += _calls_by(reading, name)
    return found[:MOST]


def _calls_by(reading: Reading, name: Node) -> Iterator[Node]:
    """Yield the calls of what a function gave back, by the name that it got: `const run = f(a); run(b)`."""
    word = reading.bytes(name)
    for place in reading.scopes.places(word, reading.scopes.innermost(name.start_byte))[:MOST]:
        reading.scopes.work.spend(_A_PLACE)
        if reading.source.data[place + len(word) : place + len(word) + 1] == b"(":
            call = _called_at(reading, word, place)
            if call is not None:
                yield call


def _gives_back(reading: Reading, outer: Node, function: Node) -> bool:
    """Tell whether a function gives back one that is declared in it: `return inner`."""
    name, size = function.child_by_field_name("name"), outer.end_byte - outer.start_byte
    if name is None or size > _LONG:
        return False
    if outer.id not in reading.returning:
        reading.scopes.work.spend(size >> _READ_AT_ONCE)
        found = _RETURNED.findall(reading.source.data, outer.start_byte, outer.end_byte)
        reading.returning[outer.id] = frozenset(found)
    return reading.bytes(name) in reading.returning[outer.id]


def handed_places(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[int]:
    """Return where a function is given to what calls it later: timers, promises, listeners."""
    calls_of(reading, function, path)
    return reading.handed.get(function.id, [])


def name_of(function: Node, path: tuple[Node, ...]) -> Node | None:
    """Return what a function is called by: a name, or the key of a member."""
    name = function.child_by_field_name("name")
    if name is not None and function.type not in {"arrow_function", "function_expression"}:
        return name if name.type == "identifier" or function.type == "method_definition" else None
    above = path[-2] if len(path) > 1 else None
    if above is None:
        return None
    if above.type == "pair":
        return above.child_by_field_name("key")
    if above.type == "assignment_expression":
        left = above.child_by_field_name("left")
        return left.child_by_field_name("property") if left is not None else None
    if above.type in {"field_definition", "public_field_definition"}:
        return above.child_by_field_name("property") or above.child_by_field_name("name")
    declared = above.child_by_field_name("name") if above.type == "variable_declarator" else None
    return declared if declared is not None and declared.type == "identifier" else None


def _scope_of(reading: Reading, function: Node, name: Node) -> int:
    scope = reading.scopes.innermost(name.start_byte)
    return reading.scopes.around[scope] if scope >= 0 and function.type.endswith("declaration") else scope


def _calls_of_member(reading: Reading, function: Node, key: str) -> list[Node]:
    """Return the calls of a function that is a member of an object that is written out."""
    if key not in reading.methods:
        reading.methods[key] = {}
        for call, owner in _called_by_key(reading, key):
            reading.methods[key].setdefault(owner.id, []).append(call)
    return reading.methods[key].get(function.id, [])


def _called_by_key(reading: Reading, key: str) -> Iterator[tuple[Node, Node]]:
    """Yield the calls of members of a name, each with the function of the file that it calls."""
    for word in (f".{key}(", f"['{key}'](", f'["{key}"](') if _subscripted(reading) else (f".{key}(",):
        ahead = 1 if word[0] == "." else 2
        for at in itertools.islice(reading.scopes.written(word.encode()), MEMBERS):
            path = reading.path(at + ahead)
            call = next((node for node in reversed(path[-5:]) if node.type == "call_expression"), None)
            callee = None if call is None else call.child_by_field_name("function")
            if call is None or callee is None or callee.end_byte < at + ahead + len(key):
                continue
            owner = function_of(reading, callee)
            if owner is not None:
                yield call, owner


def _calls_of_element(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[Node]:
    """Return the calls of a function in a list: `steps[0](…)`, `[run].forEach(one => one(…))`."""
    holder = path[-3] if path[2:] else path[0]
    if holder.type == "member_expression":
        outer = path[-4] if path[3:] else holder
        callback = next((one for one in arguments_of(outer) if one.type in FUNCTIONS), None)
        parameters = None if callback is None else callback.child_by_field_name("parameters")
        single = callback.child_by_field_name("parameter") if callback is not None else None
        name = single or (None if parameters is None else first_of(parameters))
        if callback is None or name is None:
            return []
        scope = reading.scopes.number(callback)
        places = called_places(reading, reading.bytes(name), scope)
        return [call for at in places if (call := _called_at(reading, reading.bytes(name), at)) is not None]
    own = holder.child_by_field_name("name") if holder.type == "variable_declarator" else None
    if own is None or own.type != "identifier":
        return []
    held = f"[{own.start_byte}]"
    if held not in reading.methods:
        reading.methods[held] = {}
        for call, owner in _called_by_index(reading, own):
            reading.methods[held].setdefault(owner.id if owner is not None else 0, []).append(call)
    found = reading.methods[held]
    return [*found.get(function.id, ()), *found.get(0, ())][:MOST]


def _called_by_index(reading: Reading, name: Node) -> Iterator[tuple[Node, Node | None]]:
    """Yield the calls of what is in a list that has a name, each with the function if it is known which."""
    for at in reading.scopes.places(reading.bytes(name), reading.scopes.innermost(name.start_byte)):
        around = reading.path(at)
        reading.scopes.work.spend(_A_PLACE)
        if around[2:] and around[-2].type == "subscript_expression" and around[-3].type == "call_expression":
            yield around[-3], function_of(reading, around[-2])


def _subscripted(reading: Reading) -> bool:
    """Tell whether functions are called by quoted names anywhere in the text."""
    if not reading.quoted:
        data = reading.source.data
        reading.quoted.append(b"'](" in data or b'"](' in data)
    return reading.quoted[0]


def further_calls(reading: Reading, function: Node, path: tuple[Node, ...]) -> list[int]:
    """Return where a function is called by its name beyond the calls that are looked at."""
    name = name_of(function, path)
    if name is None or name.type != "identifier":
        return []
    word, data = reading.bytes(name), reading.source.data
    every = reading.scopes.every_place(word, _scope_of(reading, function, name))
    return [at for at in every if data[at + len(word) : at + len(word) + 1] == b"("][MOST:]


def called_places(reading: Reading, word: bytes, scope: int) -> list[int]:
    """Return where a name is called in a scope."""
    data = reading.source.data
    ends = len(word)
    return [
        at
        for at in reading.scopes.places(word, scope)
        if data[at + ends : at + ends + 3].lstrip()[:1] in {b"(", b"`"}
    ][:MOST]
