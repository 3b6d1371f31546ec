"""Shell scripts by their names: what their commands can do (`fimci.capabilities.commands`)."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.called import SHELLED
from fimci.readers.code import told

_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh", ".command", ".ebuild")


def wants(path: str, head: bytes) -> bool:
    """Tell whether a shell would read this file; a binary in its place has readers of its own."""
    named = path.endswith(_SUFFIXES) or path.rpartition("/")[2] in SHELLED
    return named and not head.startswith(b"\x7fELF")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. What follows a NUL is a payload and no command."""
    yield from told.records(
        path, iter([told.Text(told.decoded(data.partition(b"\0")[0]), released=told.releases(path))])
    )
