"""Shared by the readers of native formats: what they tell of a file, and how they look into it.

A format yields facts in an order in which damage costs as few of them as possible, and raises
`Damaged` where its own tables lead nowhere.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from fimci.model import CapabilityName

#: Names longer than this are no names of functions, libraries or paths.
NAME_LIMIT = 4096


class Damaged(Exception):  # noqa: N818  (it names the state of the file, not of the program)
    """A table of the format lies outside of the file, or is beyond a cap: which, and why."""

    def __init__(self, part: str, why: str) -> None:
        """Keep the part apart from the reason."""
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


class Import(NamedTuple):
    """A function that is taken from another library, as the format spells it."""

    name: str


class Trait(NamedTuple):
    """Something about the file as a whole that is worth a record."""

    name: CapabilityName
    subject: str
    detail: str = ""


class Code(NamedTuple):
    """Bytes that run, from `begin` to `end`, by the name of their section or segment."""

    name: str
    begin: int
    end: int


class Texts(NamedTuple):
    """Bytes in which constants stand, from `begin` to `end`."""

    begin: int
    end: int


class End(NamedTuple):
    """Where the file ends by its own tables; what follows was appended."""

    at: int


class Library(NamedTuple):
    """It is loaded into a process that somebody else started, and may run at once."""


Fact: TypeAlias = Import | Trait | Code | Texts | End | Library


def numbers(data: bytes, form: str, at: int, part: str) -> tuple[int, ...]:
    """Unpack integers. Raises `Damaged` where they are not all in the file."""
    if at < 0 or at + struct.calcsize(form) > len(data):
        raise Damaged(part, "outside of the file")
    return struct.unpack_from(form, data, at)


def rows(data: bytes, form: str, at: int, size: int, part: str) -> Iterator[tuple[int, ...]]:
    """Iterate over a table of `size` bytes, cut to whole rows. Raises `Damaged` where it leaves the file."""
    if at < 0 or size < 0 or at + size > len(data):
        raise Damaged(part, "outside of the file")
    return struct.iter_unpack(form, memoryview(data)[at : at + size - size % struct.calcsize(form)])


def text(data: bytes, at: int) -> str:
    """Return the text that begins at an offset and ends with a zero byte; empty where there is none."""
    if not 0 <= at < len(data):
        return ""
    end = data.find(b"\0", at, at + NAME_LIMIT)
    return data[at:end].decode("utf-8", "replace") if end >= 0 else ""
