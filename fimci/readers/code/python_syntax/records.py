"""Classes whose objects are what they are given: data classes, named tuples and enumerations."""

from __future__ import annotations

import re

from tree_sitter import Node

from fimci.readers.code.pure import Work

_ENUM = re.compile(rb"\b(?:\w*Enum|\w*Flag|EnumMeta)\b")
_TUPLE = re.compile(rb"\bNamedTuple\b")
#: Statements of a class, and letters of what it is made from.
_MOST, _LETTERS = 2_000, 500


def declared(definition: Node, work: Work) -> tuple[str, ...]:
    """Return the fields that a class declares with their types, in order."""
    body = definition.child_by_field_name("body")
    found: list[str] = []
    for statement in work.first(body.named_children, _MOST) if body is not None else ():
        node = statement.named_children[0] if statement.named_child_count == 1 else statement
        left = node.child_by_field_name("left") if node.type == "assignment" else None
        kind = node.child_by_field_name("type") if left is not None else None
        if (
            left is not None
            and kind is not None
            and not (kind.text or b"").startswith((b"ClassVar", b"typing.Cl"))
        ):
            found.append((left.text or b"").decode("utf-8", "replace"))
    return tuple(found)


def is_enumeration(definition: Node) -> bool:
    """Tell whether the members of a class are its objects, too."""
    return _ENUM.search(_bases(definition)) is not None


def is_tuple(definition: Node) -> bool:
    """Tell whether objects of a class can be taken apart."""
    return _TUPLE.search(_bases(definition)) is not None


def _bases(definition: Node) -> bytes:
    bases = definition.child_by_field_name("superclasses")
    return (bases.text or b"")[:_LETTERS] if bases is not None else b""
