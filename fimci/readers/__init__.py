"""What is in a file: one module per format, listed here and nowhere else.

A reader is a pure function from a path and bytes to records. It opens nothing, runs nothing,
and reports what it cannot parse as `Unread`.
"""

from __future__ import annotations

from fimci.readers.binary import magic
from fimci.readers.code import hidden_text
from fimci.snapshot import Reader

ALL: tuple[Reader, ...] = (
    hidden_text,
    magic,
)
