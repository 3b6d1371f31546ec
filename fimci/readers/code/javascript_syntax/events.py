"""Events by their names: what listeners are given by who emits, within one file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.javascript_syntax.reading import Reading, arguments_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: Who is told of an event, by the name of which they ask.
LISTENING = frozenset(("on", "once", "addListener", "prependListener", "prependOnceListener"))
_KEYS = frozenset(("keydown", "keypress", "keyup"))
_PAGES = frozenset(("document", "document.body", "globalThis", "window"))
_TYPED: frozenset[Flow] = frozenset({"typed"})
#: Places of each word that are looked at.
_MOST = 400


def given(reading: Reading, call: Node, position: int, depth: int) -> list[Value]:
    """Return what a listener is given by those that emit the event, by its position."""
    return [
        reading.value(arguments[position + 1], depth + 1)
        for one in _of_event(reading, call, ("emit",), depth)
        if position + 1 < len(arguments := arguments_of(one))
    ]


def typed(event: str, owner: Value) -> frozenset[Flow]:
    """Return that a listener of a whole page is given the keys that are pressed; nothing for one field."""
    return _TYPED if event in _KEYS and owner.name in _PAGES else frozenset()


def listeners(reading: Reading, call: Node) -> list[Node]:
    """Return the functions that are told when a call emits an event."""
    found = (arguments_of(one)[1:2] for one in _of_event(reading, call, tuple(sorted(LISTENING)), 0))
    return [node for one in found for node in one]


def _of_event(reading: Reading, call: Node, words: tuple[str, ...], depth: int) -> list[Node]:
    """Return the calls of such methods for the event that a call is about."""
    asked = arguments_of(call)
    event = reading.value(asked[0], depth + 1).text if asked else None
    if not isinstance(event, str):
        return []
    found: list[Node] = []
    for word in words:
        if word not in reading.events:
            reading.events[word] = {}
            for text, one in _calls(reading, word, depth):
                reading.events[word].setdefault(text, []).append(one)
        found += reading.events[word].get(event, ())
    return found


def _calls(reading: Reading, word: str, depth: int) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = []
    for at in itertools.islice(reading.scopes.written(f".{word}(".encode()), _MOST):
        path = reading.path(at + 1)
        call = path[-3] if path[2:] else None
        arguments = arguments_of(call) if call is not None and call.type == "call_expression" else []
        text = reading.value(arguments[0], depth + 1).text if arguments else None
        if call is not None and isinstance(text, str):
            found.append((text, call))
    return found
