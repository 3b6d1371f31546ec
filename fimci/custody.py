"""The chain of custody of an artifact: what was verified of it, what failed, and what nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from fimci.findings import Cell, Report, Severity

Column: TypeAlias = Literal["contents", "list", "source", "signer", "manifest", "previous"]
COLUMNS: tuple[Column, ...] = ("contents", "list", "source", "signer", "manifest", "previous")
#: Why a cell is not verified where nothing was judged.
_ABSENT: Mapping[Column, str] = {
    "contents": "was not read",
    "list": "only a wheel has one",
    "source": "no --source was named",
    "signer": "no signer was asked for",
    "manifest": "no --expect was named",
    "previous": "no release before it was named with --previous",
}


def cell(report: Report | None, column: Column, path: str) -> Cell:
    """Return the state of an artifact by the report on one of its claims; `None`: nothing was judged.

    Findings that are accepted, or below medium, leave it verified.
    """
    if report is None:
        return Cell("not verified", _ABSENT[column])
    mine = [one for one in report.findings if one.path.partition("!/")[0] == path]
    bad = [one for one in mine if one.accepted is None and one.severity >= Severity.MEDIUM]
    if bad and all(one.rule == "signature-missing" for one in bad):
        return Cell("not verified", bad[0].message)
    if bad:
        return Cell("failed", bad[0].rule)
    if report.unread:
        return Cell("not verified", report.unread[0].why)
    return Cell("verified")


def row(path: str, cells: Mapping[Column, Cell]) -> str:
    """Return the cells of an artifact in a sentence."""
    return f"{path}: " + ", ".join(f"{column} {cells[column]}" for column in COLUMNS)
