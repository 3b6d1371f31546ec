"""What an inspection found: for each package what its code can do, with phase, subjects and evidence."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fimci.findings import Severity
from fimci.model import Capability, CapabilityName, Phase, Unread


class Row(NamedTuple):
    """One capability of a package in one phase: towards what, and where, the heaviest first.

    `weight` is how much it would weigh if a release gained it: by that rows are ordered, no verdict.
    """

    name: CapabilityName
    phase: Phase
    weight: Severity
    subjects: tuple[str, ...]
    seen: tuple[Capability, ...]


class Inspected(NamedTuple):
    """A package: its package URL without a version (or empty: code that belongs to none), and what it can do.

    `needs` are the package URLs of what it depends on, as far as they are among those that were inspected.
    """

    url: str
    version: str
    files: int
    rows: tuple[Row, ...]
    needs: tuple[str, ...] = ()


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one inspection: packages, the worst first, and what could not be looked at."""

    subject: str
    files: int
    packages: tuple[Inspected, ...]
    unread: tuple[Unread, ...]

    @property
    def named(self) -> int:
        """Return how many packages there are, code that belongs to none left out."""
        return sum(bool(one.url) for one in self.packages)

    @property
    def exit_code(self) -> int:
        """Return 3 where something could not be looked at, else 0: an inspection objects to nothing."""
        return 3 if self.unread else 0
