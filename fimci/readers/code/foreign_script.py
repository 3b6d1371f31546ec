"""Scripts without an ending whose first line names a language that no reader understands."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities import foreign_code
from fimci.model import Record
from fimci.readers.code import foreign


def wants(path: str, head: bytes) -> bool:
    """Tell whether a file without an ending is in such a language."""
    return "." not in path.rpartition("/")[2].lstrip(".") and foreign_code.language(path, head) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the language and the chains."""
    yield from foreign.read(path, data)
