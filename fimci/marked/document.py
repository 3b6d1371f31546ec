"""What every syntax gives: plain values, and the line on which each key or item stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

#: No document that a client writes nests deeper than this.
DEPTH_LIMIT = 100

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


class Marked(msgspec.Struct, frozen=True, eq=False):
    """A parsed document.

    `value` is made of dict, list, str, int, float, bool and None (YAML: dict, list and str
    alone). `marks` maps the `id` of each dict or list in it to the lines of its keys or items.
    `duplicates` lists keys that occur twice in one table, with the line of the second; the
    value has the last of them, as most clients do.
    """

    value: Any
    marks: Mapping[int, Mapping[str | int, int]]
    duplicates: tuple[tuple[Pointer, int], ...] = ()

    def line(self, pointer: Pointer) -> int:
        """Return the line of the key or item at `pointer`, or of its nearest known ancestor."""
        line, here = 1, self.value
        for part in pointer:
            if not _holds(here, part):
                break
            line = self.marks.get(id(here), {}).get(part, line)
            here = here[part]
        return line

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


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
