"""One kind of setting: what it is called, what it does, and when a change of it is worth a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from fimci.findings import Severity

#: Whether an old and a new value (`None`: not there) are worth a word.
Judge: TypeAlias = Callable[[str | None, str | None], bool]

#: Where options of pip and uv stand.
PIP = r"(?:(?:global|install|download|wheel|lock|index|pip|tool\.uv\.pip|tool\.uv|tool\.pip)\.)?"
#: Arguments that `.yarnrc` adds to every command of yarn 1, or to one (`--install.ignore-scripts`).
FLAG = r"(?:--(?:[\w*-]+\.)?)"
#: One of a list of packages or hosts.
LISTED = r"(?:\[\d+\]|\.(?P<element>.+))?"
#: One of a list of tables.
ITEM = r"(?:\.[^.]+|\[\d+\])"


class Switch(NamedTuple):
    """One kind of setting, in a row of a table.

    `element` in the pattern names a package or host that is let in: one of a list.
    """

    pattern: str
    what: str
    judge: Judge
    severity: Severity = Severity.HIGH
