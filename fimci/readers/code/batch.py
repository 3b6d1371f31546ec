"""Batch files: what their commands can do (`fimci.capabilities.commands`)."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import told


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether the command interpreter of Windows would read this file."""
    return path.lower().endswith((".bat", ".cmd"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do."""
    yield from told.records(
        path, iter([told.Text(told.decoded(data), dialect="batch", released=told.releases(path))])
    )
