"""YAML with lines: events from libyaml, composed here so that every scalar stays a string.

`on` is no boolean, `1.10` no number, a commit of forty digits no integer. Aliases share what they
name; what they would expand to is counted, in nodes and in levels, so that a bomb is refused
before anyone walks it. Lines end at line feeds alone: libyaml would also count U+0085 and U+2028,
which no editor and no code host does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

import yaml

from fimci.marked.document import DEPTH_LIMIT, Malformed, Marked, Pointer, text_of

#: What the aliases of a document may expand to, in nodes.
NODE_LIMIT = 1_000_000
#: libyaml where the wheel has it (8 times as fast), else the same events in pure Python.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def load(data: bytes) -> Marked:
    """Parse one document; an empty one has the value `""`. Raises `Malformed`, with the line."""
    documents = load_all(data)
    if len(documents) > 1:
        raise Malformed(f"holds {len(documents)} documents where one is expected")
    return documents[0] if documents else Marked("", {})


def load_all(data: bytes) -> list[Marked]:
    """Parse every document of a stream. Raises `Malformed`, with the line."""
    text = text_of(data)
    newlines = [match.start() for match in re.finditer("\n", text)]
    try:
        loader = _LOADER(text)
    except yaml.YAMLError as error:
        raise _malformed(error, newlines) from None
    try:
        return _Composer(loader, newlines).stream()
    except yaml.YAMLError as error:
        raise _malformed(error, newlines) from None
    finally:
        loader.dispose()


def _malformed(error: yaml.YAMLError, newlines: list[int]) -> Malformed:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return Malformed(str(problem), bisect_left(newlines, mark.index) + 1 if mark is not None else 1)


class _Composer:
    """The state of one reading: the events, and what the current document has so far."""

    def __init__(self, loader: Any, newlines: list[int]) -> None:
        self.loader = loader
        self.newlines = newlines
        self.marks: dict[int, dict[str | int, int]] = {}
        self.duplicates: list[tuple[Pointer, int]] = []
        self.path: list[str | int] = []
        #: Anchored values, with the nodes and levels of each once its aliases are expanded.
        self.anchors: dict[str, tuple[Any, int, int]] = {}

    def stream(self) -> list[Marked]:
        documents = []
        while not self.loader.check_event(yaml.StreamEndEvent):
            event = self.loader.get_event()
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            self.marks, self.duplicates, self.anchors = {}, [], {}
            value = self.node()[0]
            documents.append(Marked(value, self.marks, tuple(self.duplicates), bool(self.anchors)))
        return documents

    def line(self, event: Any) -> int:
        return bisect_left(self.newlines, event.start_mark.index) + 1

    def node(self) -> tuple[Any, int, int]:
        """Compose the next node; return it, the number of nodes in it and of levels."""
        event = self.loader.get_event()
        line = self.line(event)
        value: Any
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise Malformed("an alias names what is not there, or itself", line)
            value, size, levels = self.anchors[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            value, size, levels = event.value, 1, 0
        else:
            self.check_depth(1, line)
            mapping = isinstance(event, yaml.MappingStartEvent)
            value, size, levels = self.mapping() if mapping else self.sequence()
        self.check_depth(levels, line)
        if size > NODE_LIMIT:
            raise Malformed(f"its aliases expand to more than {NODE_LIMIT:,} nodes", line)
        if event.anchor:
            self.anchors[event.anchor] = value, size, levels
        return value, size, levels

    def check_depth(self, levels: int, line: int) -> None:
        if len(self.path) + levels > DEPTH_LIMIT:
            raise Malformed(f"nested deeper than {DEPTH_LIMIT} levels", line)

    def sequence(self) -> tuple[list[Any], int, int]:
        items: list[Any] = []
        lines: dict[str | int, int] = {}
        self.marks[id(items)] = lines
        total, deepest = 1, 0
        while not self.loader.check_event(yaml.SequenceEndEvent):
            lines[len(items)] = self.line(self.loader.peek_event())
            self.path.append(len(items))
            value, size, levels = self.node()
            self.path.pop()
            items.append(value)
            total += size
            deepest = max(deepest, levels)
        self.loader.get_event()
        return items, total, deepest + 1

    def mapping(self) -> tuple[dict[str, Any], int, int]:
        table: dict[str, Any] = {}
        lines: dict[str | int, int] = {}
        self.marks[id(table)] = lines
        total, deepest = 1, 0
        while not self.loader.check_event(yaml.MappingEndEvent):
            line = self.line(self.loader.peek_event())
            key = self.node()[0]
            if not isinstance(key, str):
                raise Malformed("a key that is not a string", line)
            if key in table:
                self.duplicates.append(((*self.path, key), line))
            self.path.append(key)
            table[key], size, levels = self.node()
            self.path.pop()
            lines[key] = line
            total += size + 1
            deepest = max(deepest, levels)
        self.loader.get_event()
        return table, total, deepest + 1
