"""How a report is written: one module per format, listed here and nowhere else.

A report is a function from `Report` to text. It formats untrusted text only through
`fimci.printable`, plus the escaping of its own sink. What the formats share is in the modules of
`SUPPORT`; apart from those they never import each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fimci.findings import Report
from fimci.reports import github, json, markdown, sarif, text


class Format(Protocol):
    """What a module in `fimci.reports` provides."""

    def render(self, report: Report) -> str:
        """Return the whole text, final newline included; may hold no lone surrogate."""
        ...


#: Modules of this room that are no format: grades for every sink, paths as bytes, the verdict.
SUPPORT: tuple[str, ...] = ("grades", "paths", "verdict")

#: Formats by the name that `--format` takes.
ALL: Mapping[str, Format] = {
    "github": github,
    "json": json,
    "markdown": markdown,
    "sarif": sarif,
    "text": text,
}
