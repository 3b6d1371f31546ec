"""Commands that stand in JSON, for code that loads it: `require('./config.json').scripts.start`.

A command that fetches and runs something does nothing where it stands. Who loads the file and runs the member
is tied to it as to a function of another file that gives it back (`fimci.capabilities.passing`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fimci.capabilities import command_lines, passing
from fimci.capabilities.uses import Value
from fimci.model import Function, Record

_LIMIT, _NODES, _LETTERS = 8 << 20, 100_000, 200


def wants(path: str, head: bytes) -> bool:
    """Want JSON."""
    return path.endswith(".json") and b"\0" not in head


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the members that are such a command. What cannot be parsed is loaded by nobody."""
    text = data.decode("utf-8-sig", "replace") if len(data) <= _LIMIT else ""
    if not command_lines.FETCHES.search(text):
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    told = set()
    for name, value in _texts(document):
        if name not in told and command_lines.fetches(Value(text=value)):
            told.add(name)
            yield Function(path=path, name=name[:_LETTERS], passes=(("network", passing.BACK),))


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of a document by the keys that they, or their lists, stand under."""
    waiting: list[tuple[str, Any]] = [("default", document)]
    for _ in range(_NODES):
        if not waiting:
            return
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += ((name, item) for item in value)
        elif isinstance(value, str):
            yield name, value
