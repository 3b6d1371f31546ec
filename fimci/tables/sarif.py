"""The inspection as SARIF 2.1.0: every capability is a note, and nothing fails."""

from __future__ import annotations

import msgspec

from fimci import reports
from fimci.findings import Counts, Finding, Report, Severity, fingerprint
from fimci.inspection import Inspection
from fimci.model import Capability


def render(inspection: Inspection) -> str:
    """Write the notes through the report of that name, with its limits and escapes."""
    seen = (one for package in inspection.packages for row in package.rows for one in row.seen)
    report = Report(
        left="(nothing)",
        right=inspection.subject,
        counts=Counts(inspection.files, inspection.named, 0),
        findings=tuple(_note(one) for one in seen),
        unread=inspection.unread,
        fail_on=Severity.HIGH,
        pages={},
    )
    return reports.render("sarif", report)


def _note(capability: Capability) -> Finding:
    content = f"{capability.name} {capability.subject} {capability.phase}"
    note = Finding(
        rule=f"can-{capability.name}",
        severity=Severity.INFO,
        message=f"{capability.name}: {capability.subject} ({capability.phase})",
        path=capability.path,
        line=capability.at.line,
        package=capability.package,
        evidence=(capability.at,),
        content=content,
    )
    return msgspec.structs.replace(note, fingerprint=fingerprint(note))
