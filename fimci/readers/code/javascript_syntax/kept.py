"""What objects keep: members of `this`, of what was made by a class of the file, and of what is exported."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import bindings, gathering, merging
from fimci.readers.code.javascript_syntax.reading import NOTHING, Reading, first_token
from fimci.readers.code.javascript_syntax.scopes import LONGEST_MEMBER, plain

if TYPE_CHECKING:
    from tree_sitter import Node

#: What keeps something by itself, or by what makes it.
_OWNING = bindings.CLASSES | {"function_declaration", "function_expression", "object"}


def kept(reading: Reading, node: Node, inner: Node, key: str) -> tuple[list[int], Node | None]:
    """Return where something is assigned to a member, and the parameter of a constructor that it is."""
    text = plain(reading.bytes(node)) if node.end_byte - node.start_byte <= LONGEST_MEMBER else b""
    places = reading.scopes.members.get(text, [])
    this = inner.type == "this"
    if not this and places:
        return places, None
    owner = bindings.made_of(reading, bindings.expression(reading, inner))
    if owner.type not in _OWNING:
        return places, None
    if not this:
        places = reading.scopes.members.get(b"this." + key.encode(), [])
    within = _within(places, owner)
    if within or not this:
        return within, None if within else _parameter(reading, owner, key)
    given = _parameter(reading, owner, key)
    return ([], given) if given is not None else (places, None)


def _within(places: list[int], owner: Node) -> list[int]:
    low = bisect.bisect_left(places, owner.start_byte)
    return places[low : bisect.bisect_left(places, owner.end_byte)]


def _parameter(reading: Reading, owner: Node, key: str) -> Node | None:
    """Return the parameter that is a member by what stands before it: `constructor(private to: string)`."""
    if owner.type not in bindings.CLASSES or reading.kind == "javascript":
        return None
    made = bindings.property_of(reading, owner, "constructor")
    listed = None if made is None else made.child_by_field_name("parameters")
    for child in () if listed is None else listed.named_children:
        reading.scopes.work.spend(1)
        pattern = child.child_by_field_name("pattern")
        if pattern is not None and reading.text(pattern) == key and _becomes_member(child):
            return pattern
    return None


def _becomes_member(parameter: Node) -> bool:
    first = first_token(parameter)
    return first is not None and first.type in {"accessibility_modifier", "readonly", "override_modifier"}


def assigned(reading: Reading, places: Sequence[int], depth: int) -> Value:
    """Return what is assigned to a member in these places (`this.child = …`), found out once."""
    held = places[0], places[-1]
    if held in reading.kept:
        return reading.kept[held]
    reading.kept[held] = NOTHING
    values: list[Value] = []
    for offset in places[: bindings.MOST]:
        right = gathering.right_of(reading.path(offset), offset)
        if right is not None:
            values.append(reading.value(right, depth + 1))
    found = merging.merged(values + bindings.written(reading, places[bindings.MOST :]))
    if reading.frame:
        del reading.kept[held]
    else:
        reading.kept[held] = found
    return found
