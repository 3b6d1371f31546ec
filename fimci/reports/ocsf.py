"""The report as JSON lines of the Open Cybersecurity Schema Framework (OCSF 1.3).

Each finding, and each thing that could not be looked at, is a Detection Finding (2004); the run is a Scan
Activity (6007) with what it looked at. Attributes: https://schema.ocsf.io/1.3.0. What it has no attribute
for is in `unmapped`.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

import fimci
from fimci.findings import Report, Severity
from fimci.reports.events import Event, events, milliseconds
from fimci.reports.grades import GRADES

VERSION = "1.3.0"
_PRODUCT = {"name": "fimci", "vendor_name": "fimci", "version": fimci.__version__}
_CAPTIONS = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFO: "Informational",
}
#: A name of a host, as the schema has it (`hostname_t`).
_HOSTNAME = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
#: `type_id` of a regular file, as far as anybody said; of an analytic that is a rule; of an unknown device.
_REGULAR, _RULE, _UNKNOWN = 1, 1, 0


def render(report: Report) -> str:
    """Write a line for each event, the run's last."""
    lines = (_scan(one, report) if one.kind == "run" else _finding(one) for one in events(report))
    return "".join(f"{msgspec.json.encode(line).decode()}\n" for line in lines)


def _finding(event: Event) -> dict[str, Any]:
    accepted = event.accepted is not None
    written = {
        **_base(event, category=(2, "Findings"), class_=(2004, "Detection Finding"), activity=(1, "Create")),
        "message": f"{event.rule}: {event.message}",
        "status_id": 3 if accepted else 1,
        "status": "Suppressed" if accepted else "New",
        "finding_info": _info(event),
        "evidences": _evidences(event),
        "unmapped": _own(event),
    }
    if event.fix:
        written["remediation"] = {"desc": event.fix}
    if event.package:
        written["resources"] = [{"uid": event.package, "type": "package"}]
    if event.accepted is not None:
        written["comment"] = event.accepted.reason
    return written


def _scan(event: Event, report: Report) -> dict[str, Any]:
    counts = report.counts
    return {
        **_base(
            event,
            category=(6, "Application Activity"),
            class_=(6007, "Scan Activity"),
            activity=(2, "Completed"),
        ),
        "message": event.message,
        "status_id": 1 if report.complete else 2,
        "status": "Success" if report.complete else "Failure",
        "scan": {"uid": event.uid, "name": "fimci", "type_id": _UNKNOWN},
        "num_files": counts.files,
        "num_detections": sum(finding.accepted is None for finding in report.findings),
        "num_skipped_items": len(report.unread),
        "total": counts.files + counts.packages,
        "unmapped": {**_own(event), "packages": counts.packages, "changes": counts.changes},
    }


def _base(
    event: Event, *, category: tuple[int, str], class_: tuple[int, str], activity: tuple[int, str]
) -> dict[str, Any]:
    return {
        "category_uid": category[0],
        "category_name": category[1],
        "class_uid": class_[0],
        "class_name": class_[1],
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": class_[0] * 100 + activity[0],
        "type_name": f"{class_[1]}: {activity[1]}",
        "severity_id": GRADES[event.severity].ocsf,
        "severity": _CAPTIONS[event.severity],
        "time": milliseconds(event.time),
        "metadata": {"version": VERSION, "uid": event.uid, "product": _PRODUCT, "profiles": ["host"]},
        "device": _device(event.host),
    }


def _device(name: str) -> dict[str, Any]:
    """Return the machine by its name, which is not that of a host in the network for all of them."""
    device: dict[str, Any] = {"name": name, "type_id": _UNKNOWN, "type": "Unknown"}
    return {**device, "hostname": name} if _HOSTNAME.fullmatch(name) else device


def _info(event: Event) -> dict[str, Any]:
    analytic = {"type_id": _RULE, "type": "Rule", "name": event.rule, "uid": event.rule}
    if event.summary:
        analytic["desc"] = event.summary
    return {
        "uid": event.fingerprint,
        "title": event.summary or event.rule,
        "desc": event.message,
        "created_time": milliseconds(event.time),
        "types": [event.rule],
        "analytic": analytic,
    }


def _evidences(event: Event) -> list[dict[str, Any]]:
    """Return what was seen; where nobody quoted anything, the place."""
    seen = [{"file": _file(one.path), "data": {"line": one.line, "text": one.text}} for one in event.evidence]
    return seen or [{"file": _file(event.path), "data": {"line": event.line}}]


def _file(path: str) -> dict[str, Any]:
    return {"name": path.rpartition("/")[2] or path or ".", "path": path or ".", "type_id": _REGULAR}


def _own(event: Event) -> dict[str, Any]:
    own: dict[str, Any] = {"left": event.left, "right": event.right}
    if event.path:
        own.update(path=event.path, line=event.line)
    if event.verb:
        own.update(verb=event.verb, digest=event.digest)
    if event.path_bytes:
        own["path_bytes"] = event.path_bytes
    if event.accepted is not None:
        own["accepted"] = {"by": event.accepted.by, "expires": event.accepted.expires}
    return own
