"""What commands can do, as it is told: a capability without its file and phase."""

from __future__ import annotations

from typing import Literal, NamedTuple

from fimci.model import CapabilityName


class Inner(NamedTuple):
    """A text in another language that a command hands to its interpreter; `line` is that of the command.

    `whole`: it stands in the script as it is, so that its own lines can be counted from there.
    """

    language: Literal["javascript", "python"]
    text: str
    line: int
    whole: bool = False


class Fact(NamedTuple):
    """One capability of a command text; `line` counts from 0 at its first line, `text` is the command."""

    name: CapabilityName
    subject: str
    detail: str
    line: int
    text: str
