"""What commands can do, as it is told: a capability without its file and phase."""

from __future__ import annotations

from typing import NamedTuple

from fimci.model import CapabilityName


class Fact(NamedTuple):
    """One capability of a command text; `line` counts from 0 at its first line, `text` is the command."""

    name: CapabilityName
    subject: str
    detail: str
    line: int
    text: str
