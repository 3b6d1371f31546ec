"""The chain of custody of an artifact: what was verified of it, what failed, and what nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from fimci.findings import CLAIMS, Cell, Claim, Report, Severity

Column: TypeAlias = Claim
COLUMNS: tuple[Column, ...] = CLAIMS
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

    Findings that are accepted, or below medium, leave it verified. Of a signer, who it is is told.
    """
    if report is None:
        return Cell("not verified", _ABSENT[column])
    mine = [one for one in report.findings if one.path.partition("!/")[0] == path]
    bad = [one for one in mine if one.accepted is None and one.severity >= Severity.MEDIUM]
    if bad and all(one.rule == "signature-missing" for one in bad):
        return Cell("not verified", bad[0].message)
    if bad:
        return Cell("failed", bad[0].rule)
    missed = [one for one in report.unread if one.path.partition("!/")[0] == path]
    if missed:
        return Cell("not verified", missed[0].why)
    signed = f"{path}: verified: "
    who = [note.removeprefix(signed) for note in report.notes if note.startswith(signed)]
    return Cell("verified", "; ".join(dict.fromkeys(who)) if column == "signer" else "")
