"""What every syntax gives: plain values, and the line on which each key or item stands."""

from __future__ import annotations

import codecs
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

#: No document that a client writes nests deeper than this.
DEPTH_LIMIT = 100
#: Keys of a table up to which one is looked for rather than looked up.
_SEARCHED = 16

Pointer: TypeAlias = tuple[str | int, ...]


class Malformed(Exception):  # noqa: N818  (it names the state of the document, not of the program)
    """The text is not in the syntax it claims, or beyond a cap: what, and on which line."""

    def __init__(self, message: str, line: int = 1) -> None:
        """Keep the line apart from the message."""
        super().__init__(message)
        self.message = message
        self.line = line


class OneLine(Mapping[str | int, int]):
    """The lines of a table or list that stands on one line as a whole.

    Lockfiles have tens of thousands of such; a dict for each would take more room than their text.
    """

    __slots__ = ("_line", "_of")

    def __init__(self, of: dict[str, Any] | list[Any], line: int) -> None:
        """Refer to the container itself for its keys."""
        self._of = of
        self._line = line

    def __getitem__(self, key: str | int) -> int:
        """Return the line of what is there."""
        if not _holds(self._of, key):
            raise KeyError(key)
        return self._line

    def __iter__(self) -> Iterator[str | int]:
        """Yield keys or indices."""
        return iter(self._of) if isinstance(self._of, dict) else iter(range(len(self._of)))

    def __len__(self) -> int:
        """Count keys or items."""
        return len(self._of)


class Lines(Mapping[str | int, int]):
    """The lines of a table or list, in the order of its keys: a third of what a dict would take."""

    __slots__ = ("_index", "_numbers", "_of")

    def __init__(self, of: dict[str, Any] | list[Any], numbers: Sequence[int] = ()) -> None:
        """Refer to the container itself for its keys."""
        self._of = of
        self._numbers: Sequence[int] = numbers
        self._index: dict[str | int, int] | None = None

    def add(self, line: int) -> None:
        """Take in the line of one more key or item. Most stand on rows that follow each other."""
        numbers = self._numbers
        if not numbers:
            self._numbers = range(line, line + 1)
        elif isinstance(numbers, range) and line == numbers.stop:
            self._numbers = range(numbers.start, line + 1)
        elif isinstance(numbers, array):
            numbers.append(line)
        else:
            self._numbers = array("L", (*numbers, line))

    def put(self, key: str, line: int) -> None:
        """Take in the line of a key that is about to come into the table, for the first time or again."""
        if self._index is None and key not in self._of:
            self.add(line)
            return
        if self._index is None:
            self._index = self.table()
        self._index[key] = line

    def get(self, key: str | int, default: Any = None) -> Any:
        """Return the line of what is there, else the default."""
        if isinstance(self._of, list):
            return self._numbers[key] if isinstance(key, int) and 0 <= key < len(self._of) else default
        if self._index is None and len(self._numbers) > _SEARCHED:
            self._index = self.table()
        if self._index is not None:
            return self._index.get(key, default)
        for name, line in zip(self._of, self._numbers, strict=False):
            if name == key:
                return line
        return default

    def table(self) -> dict[str | int, int]:
        """Return all lines by key, for somebody who asks for several of them."""
        return dict(zip(self, self._numbers, strict=True)) if self._index is None else self._index

    def __getitem__(self, key: str | int) -> int:
        """Return the line of what is there."""
        line: int | None = self.get(key)
        if line is None:
            raise KeyError(key)
        return line

    def __iter__(self) -> Iterator[str | int]:
        """Yield keys or indices."""
        return iter(self._of) if isinstance(self._of, dict) else iter(range(len(self._of)))

    def __len__(self) -> int:
        """Count keys or items."""
        return len(self._of)


def consecutive(numbers: list[int]) -> Sequence[int]:
    """Return lines in less room: a range where each is one below the other."""
    below = range(numbers[0], numbers[0] + len(numbers)) if numbers else range(0)
    return below if numbers == list(below) else array("L", numbers)


class Marked(msgspec.Struct, frozen=True, eq=False):
    """A parsed document.

    `value` is made of dict, list, str, int, float, bool and None (YAML: dict, list and str
    alone). `marks` maps the `id` of each dict or list in it to the lines of its keys or items.
    `duplicates` lists keys that occur twice in one table, with the line of the second; the
    value has the last of them, as most clients do. `shared`: what is in one place may be in another,
    too (aliases of YAML).
    """

    value: Any
    marks: dict[int, Any]
    duplicates: tuple[tuple[Pointer, int], ...] = ()
    shared: bool = False

    def line(self, pointer: Pointer) -> int:
        """Return the line of the key or item at `pointer`, or of its nearest known ancestor."""
        line, here = 1, self.value
        for part in pointer:
            if not _holds(here, part):
                break
            line = self.marks.get(id(here), {}).get(part, line)
            here = here[part]
        return line

    def lines(self, holder: Any) -> Mapping[str | int, int]:
        """Return the lines of the keys or items of a dict or list of the document, as far as it has any."""
        found = self.marks.get(id(holder), {})
        return found.table() if isinstance(found, Lines) else found

    def forget(self, value: Any) -> None:
        """Let go of the lines in a dict or list that was read: what is not held elsewhere takes no room."""
        waiting = [] if self.shared else [value]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict | list):
                self.marks.pop(id(value), None)
                waiting.extend(value.values() if isinstance(value, dict) else value)

    def table(self, *pointer: str | int) -> dict[str, Any]:
        """Return the dict at `pointer`, or an empty one where there is none."""
        here = self.value
        for part in pointer:
            here = here[part] if _holds(here, part) else None
        return here if isinstance(here, dict) else {}

    def items(self, *pointer: str | int) -> list[Any]:
        """Return the list at `pointer`, or an empty one where there is none."""
        here = self.value
        for part in pointer:
            here = here[part] if _holds(here, part) else None
        return here if isinstance(here, list) else []


def text_of(data: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark. Raises `Malformed` with the line."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def rows(data: bytes) -> Iterator[str]:
    """Yield the rows of UTF-8 text, which end at line feeds, one by one. Raises `Malformed`, with the line.

    A list of all takes several times the room of the text, and not even that is needed as a whole.
    """
    text_of(data)
    begin = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    while (end := data.find(b"\n", begin)) >= 0:
        yield data[begin:end].decode()
        begin = end + 1
    yield data[begin:].decode()


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
