"""Scripts without an ending whose first line names Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import python

_SHEBANG = re.compile(rb"#![^\n]*\b(?:python|pypy)[0-9.]*")


def wants(path: str, head: bytes) -> bool:
    """Tell whether a file without an ending is run by Python."""
    return "." not in path.rpartition("/")[2] and _SHEBANG.match(head) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the code can do."""
    yield from python.read(path, data)
