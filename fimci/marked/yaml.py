"""YAML with lines: events from libyaml, composed here so that every scalar stays a string.

`on` is no boolean, `1.10` no number, a commit of forty digits no integer. Aliases share what they
name; what they would expand to is counted, so that a bomb is refused before anyone walks it.
"""

from __future__ import annotations

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
    try:
        loader = _LOADER(text)
    except yaml.YAMLError as error:
        raise _malformed(error) from None
    try:
        return _Composer(loader).stream()
    except yaml.YAMLError as error:
        raise _malformed(error) from None
    finally:
        loader.dispose()


def _malformed(error: yaml.YAMLError) -> Malformed:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return Malformed(str(problem), mark.line + 1 if mark is not None else 1)


class _Composer:
    """The state of one reading: the events, and what the current document has so far."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.marks: dict[int, dict[str | int, int]] = {}
        self.duplicates: list[tuple[Pointer, int]] = []
        self.path: list[str | int] = []
        #: Anchored values, and how many nodes each stands for once its aliases are expanded.
        self.anchors: dict[str, tuple[Any, int]] = {}

    def stream(self) -> list[Marked]:
        documents = []
        while not self.loader.check_event(yaml.StreamEndEvent):
            event = self.loader.get_event()
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            self.marks, self.duplicates, self.anchors = {}, [], {}
            value, _ = self.node()
            documents.append(Marked(value, self.marks, tuple(self.duplicates)))
        return documents

    def node(self) -> tuple[Any, int]:
        """Compose the next node; return it and the number of nodes in it."""
        event = self.loader.get_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise Malformed("an alias names what is not there, or itself", line)
            return self.anchors[event.anchor]
        if len(self.path) >= DEPTH_LIMIT:
            raise Malformed(f"nested deeper than {DEPTH_LIMIT} levels", line)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value, size = event.value, 1
        elif isinstance(event, yaml.SequenceStartEvent):
            value, size = self.sequence()
        else:
            value, size = self.mapping()
        if size > NODE_LIMIT:
            raise Malformed(f"its aliases expand to more than {NODE_LIMIT:,} nodes", line)
        if event.anchor:
            self.anchors[event.anchor] = value, size
        return value, size

    def sequence(self) -> tuple[list[Any], int]:
        items: list[Any] = []
        lines: dict[str | int, int] = {}
        self.marks[id(items)] = lines
        total = 1
        while not self.loader.check_event(yaml.SequenceEndEvent):
            lines[len(items)] = self.loader.peek_event().start_mark.line + 1
            self.path.append(len(items))
            value, size = self.node()
            self.path.pop()
            items.append(value)
            total += size
        self.loader.get_event()
        return items, total

    def mapping(self) -> tuple[dict[str, Any], int]:
        table: dict[str, Any] = {}
        lines: dict[str | int, int] = {}
        self.marks[id(table)] = lines
        total = 1
        while not self.loader.check_event(yaml.MappingEndEvent):
            line = self.loader.peek_event().start_mark.line + 1
            key, _ = self.node()
            if not isinstance(key, str):
                raise Malformed("a key that is not a string", line)
            if key in table:
                self.duplicates.append(((*self.path, key), line))
            self.path.append(key)
            table[key], size = self.node()
            self.path.pop()
            lines[key] = line
            total += size + 1
        self.loader.get_event()
        return table, total
