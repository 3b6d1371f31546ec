"""PowerShell scripts and modules: what their commands can do (`fimci.capabilities.commands`)."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import told


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether PowerShell would read this file."""
    return path.lower().endswith((".ps1", ".psm1"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do; what is behind the signature is none."""
    text = told.decoded(data).partition("\n# SIG # Begin signature block")[0]
    yield from told.records(path, iter([told.Text(text, dialect="powershell", released=told.releases(path))]))
