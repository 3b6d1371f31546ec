"""The few files of a tree that are read in full: what describes its packages, what starts with them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from fimci.model import Unread
from fimci.snapshot import Entry, reason
from fimci.sources import directory

#: Bytes of one such file. The longest known list (60,000 files) has nine million.
LIMIT = 64 << 20


def contents(
    root: str, paths: Iterable[str], limit: int = LIMIT
) -> tuple[dict[str, bytes], tuple[Unread, ...]]:
    """Return the content of regular files by path, and what could not be read. No link is followed."""
    found: dict[str, bytes] = {}
    unread: list[Unread] = []
    for entry in directory.entries(root, paths):
        if isinstance(entry, Unread):
            unread.append(entry)
        elif entry.read is not None:
            try:
                found[entry.path] = _whole(entry, limit)
            except OSError as error:
                unread.append(Unread(path=entry.path, why=reason(error)))
    return found, tuple(unread)


def _whole(entry: Entry, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    assert entry.read is not None  # noqa: S101  (for the type checker: the caller has looked)
    with contextlib.closing(iter(entry.read())) as chunks:  # type: ignore[type-var]  # they are generators
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise OSError(0, f"is larger than {limit:,} bytes")
            pieces.append(chunk)
    return b"".join(pieces)
