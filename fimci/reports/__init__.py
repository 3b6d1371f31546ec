"""How a report is written: one module per format, listed here and nowhere else.

A report is a function from `Report` to text. It formats untrusted text only through
`fimci.printable`, plus the escaping of its own sink.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fimci.findings import Report


class Format(Protocol):
    """What a module in `fimci.reports` provides."""

    def render(self, report: Report) -> str:
        """Return the whole text, final newline included; may hold no lone surrogate."""
        ...


#: Formats by the name that `--format` takes.
ALL: Mapping[str, Format] = {}
