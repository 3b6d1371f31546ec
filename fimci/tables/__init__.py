"""How an inspection is written: one module per format, listed here and nowhere else.

A format is a function `render` from `Inspection` to text. It formats untrusted text through `fimci.printable`
and the escaping of its own sink alone.
"""

from __future__ import annotations

import importlib

from fimci.inspection import Inspection

#: Formats by the name that `--format` takes: those of their modules.
ALL: tuple[str, ...] = ("json", "markdown", "sarif", "text", "tree")


def render(name: str, inspection: Inspection) -> str:
    """Return the whole text of an inspection in one of the formats. Raises `KeyError` for no format."""
    if name not in ALL:
        raise KeyError(name)
    return str(importlib.import_module(f"fimci.tables.{name}").render(inspection))
