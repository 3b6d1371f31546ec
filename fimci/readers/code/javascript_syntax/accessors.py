"""Calls that an obfuscator put in the place of texts, and the texts that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax import arithmetic, bindings, folding
from fimci.readers.code.javascript_syntax.library import Thing, text, whole
from fimci.readers.code.javascript_syntax.reading import Reading, arguments_of
from fimci.readers.code.pure import Stop

if TYPE_CHECKING:
    from tree_sitter import Node


def word(reading: Reading, node: Node, _name: str, values: Sequence[Value]) -> Value | None:
    """Return the text that an obfuscator put a call in the place of."""
    callee = node.child_by_field_name("function")
    if reading.words is None or callee is None or not values or not _is_accessor(reading, callee):
        return None
    number = folding.number(values[0])
    if number is None:
        made = arithmetic.value(reading.text(arguments_of(node)[0]))
        number = None if made is None else int(made)
    key = values[1].text if len(values) > 1 else ""
    found = None if number is None else reading.words.word(number, key if isinstance(key, str) else "")
    return None if found is None else Value(text=found)


def word_of(reading: Reading, callee: Node) -> Callable[[list[Thing]], Thing] | None:
    """Return what gives the texts of the array, where it is called."""
    words = reading.words
    if words is None or not _is_accessor(reading, callee):
        return None

    def made(given: list[Thing]) -> Thing:
        found = words.word(whole(given[0]), text(given[1]) if len(given) > 1 else "")
        if found is None:
            raise Stop
        return found

    return made


def _is_accessor(reading: Reading, callee: Node) -> bool:
    """Tell whether what is called is the function that returns texts of the array."""
    function = bindings.function_of(reading, callee) if callee.type == "identifier" else None
    if function is None or reading.words is None:
        return False
    name, own = reading.words.function, function.child_by_field_name("name")
    if own is not None:
        return reading.bytes(own) == name
    at = function.start_byte
    return reading.source.data[max(0, at - len(name) - 5) : at].replace(b" ", b"").endswith(name + b"=")
