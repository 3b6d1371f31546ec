"""What every syntax gives: plain values, and the line on which each key or item stands."""

from __future__ import annotations

import codecs
import io
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

#: No document that a client writes nests deeper than this.
DEPTH_LIMIT = 100
#: Keys of a table up to which one is looked for rather than looked up.
_SEARCHED = 16
_HOLDERS: tuple[Any, ...] = (dict, list)

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

    def get(self, key: str | int, default: Any = None) -> Any:
        """Return the line of what is there, else the default."""
        return self._line if _holds(self._of, key) else default

    def __iter__(self) -> Iterator[str | int]:
        """Yield keys or indices."""
        return iter(self._of) if isinstance(self._of, dict) else iter(range(len(self._of)))

    def __len__(self) -> int:
        """Count keys or items."""
        return len(self._of)


class Lines(Mapping[str | int, int]):
    """The lines of a table or list, in the order of its keys: a fifth of what a dict would take.

    A number stands for as many rows as there are keys, each below the other, as in most entries.
    """

    __slots__ = ("_numbers", "_of")

    def __init__(
        self, of: dict[str, Any] | list[Any], numbers: Sequence[int] = (), *, rising: bool = False
    ) -> None:
        """Refer to the container itself for its keys; `numbers` are the lines of those that it has.

        `rising`: each is known to be above the one before.
        """
        self._of = of
        self._numbers: int | array[int] | dict[str | int, int] = 0
        if not numbers:
            return
        first = numbers[0]
        below = numbers[-1] - first == len(numbers) - 1
        if below and not rising:
            below = list(numbers) == list(range(first, first + len(numbers)))
        self._numbers = first if below else array("I", numbers)

    def add(self, line: int) -> None:
        """Take in the line of a key or item that is about to come to the others."""
        numbers, count = self._numbers, len(self._of)
        if not count:
            self._numbers = line
        elif isinstance(numbers, array):
            numbers.append(line)
        elif isinstance(numbers, int) and line != numbers + count:
            self._numbers = array("I", (*range(numbers, numbers + count), line))

    def put(self, key: str, line: int) -> None:
        """Take in the line of a key that is about to come into the table, for the first time or again."""
        if key in self._of or isinstance(self._numbers, dict):
            self._numbers = self.table()
            self._numbers[key] = line
        else:
            self.add(line)

    def get(self, key: str | int, default: Any = None) -> Any:
        """Return the line of what is there, else the default."""
        numbers = self._numbers
        if isinstance(self._of, list):
            if not isinstance(key, int) or not 0 <= key < len(self._of):
                return default
            return numbers + key if isinstance(numbers, int) else numbers[key]
        if key not in self._of:
            return default
        if isinstance(numbers, dict):
            return numbers[key]
        if len(self._of) > _SEARCHED:
            self._numbers = self.table()
            return self._numbers[key]
        position = list(self._of).index(key)
        return numbers + position if isinstance(numbers, int) else numbers[position]

    def table(self) -> dict[str | int, int]:
        """Return all lines by key, for somebody who asks for several of them."""
        numbers = self._numbers
        if isinstance(numbers, dict):
            return numbers
        if isinstance(numbers, int):
            return dict(zip(self, range(numbers, numbers + len(self._of)), strict=True))
        return dict(zip(self, numbers, strict=True))

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


class Marked(msgspec.Struct, frozen=True, eq=False):
    """A parsed document.

    `value` is made of dict, list, str, int, float, bool and None (YAML: dict, list and str
    alone). `marks` maps the `id` of each dict or list in it to the lines of its keys or items.
    `duplicates` lists keys that occur twice in one table, with the line of the second; the
    value has the last of them, as most clients do. `shared`: what is in one place may be in another,
    too (aliases of YAML). `by_row`: what has no lines of its own holds nothing that has.
    """

    value: Any
    marks: dict[int, Any]
    duplicates: tuple[tuple[Pointer, int], ...] = ()
    shared: bool = False
    by_row: bool = False

    def line(self, pointer: Pointer) -> int:
        """Return the line of the key or item at `pointer`, or of its nearest known ancestor."""
        line, here, marks = 1, self.value, self.marks
        for part in pointer:
            if not _holds(here, part):
                break
            found = marks.get(id(here))
            if found is not None:
                line = found.get(part, line)
            here = here[part]
        return line

    def lines(self, holder: Any, line: int = 0) -> Mapping[str | int, int]:
        """Return the lines of the keys or items of a dict or list of the document, as far as they are known.

        One that has none stands on a line as a whole, which the caller knows.
        """
        found = self.marks.get(id(holder))
        if found is None:
            return OneLine(holder, line) if line and isinstance(holder, dict | list) else {}
        return found.table() if isinstance(found, Lines) else found

    def forget(self, value: Any) -> None:
        """Let go of the lines in a dict or list that was read: what is not held elsewhere takes no room."""
        waiting = [] if self.shared else [value]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict | list):
                self.marks.pop(id(value), None)
                members = value.values() if isinstance(value, dict) else value
                if self.by_row:
                    waiting.extend([member for member in members if id(member) in self.marks])
                else:
                    waiting.extend([member for member in members if member.__class__ in _HOLDERS])

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
    stream = io.BytesIO(data.removeprefix(codecs.BOM_UTF8))
    for row in stream:
        yield row.rstrip(b"\n").decode()
    if not data or data.endswith(b"\n"):
        yield ""


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
