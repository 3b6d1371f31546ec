"""What a reader says of a file, in the forms that tests compare."""

from __future__ import annotations

from collections.abc import Iterable

from fimci.compare import compare
from fimci.model import Change, Package, Record, Setting, Unread
from fimci.snapshot import Implementation


def records(reader: Implementation, path: str, text: str | bytes) -> list[Record]:
    """Return all records of a file, in canonical order."""
    data = text.encode() if isinstance(text, str) else text
    return sorted(reader.read(path, data), key=lambda record: record.key)


def packages(found: Iterable[Record]) -> dict[str, Package]:
    """Return packages by where in their file they stand."""
    return {one.place.partition("#")[2]: one for one in found if isinstance(one, Package)}


def switches(found: Iterable[Record]) -> dict[str, tuple[str, int]]:
    """Return value and line of settings, by name."""
    return {one.name: (one.value, one.at.line) for one in found if isinstance(one, Setting)}


def unread(found: Iterable[Record]) -> list[tuple[str, int]]:
    """Return part and line of what could not be read."""
    return [(one.part, one.line) for one in found if isinstance(one, Unread)]


def changes(before: list[Record], after: list[Record]) -> list[Change]:
    """Return what is known to differ."""
    return [change for change in compare(before, after) if change.real]
