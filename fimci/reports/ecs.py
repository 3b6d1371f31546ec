"""The report as JSON lines of the Elastic Common Schema, which Elasticsearch and others index as they are.

What ECS has a field for is there; what is fimci's own is under `fimci`. A finding is an alert; what could
not be looked at and the run itself are events. Fields: https://www.elastic.co/docs/reference/ecs.
"""

from __future__ import annotations

from typing import Any

import msgspec

import fimci
from fimci.findings import Report
from fimci.reports.events import Event, events, stamp
from fimci.reports.grades import GRADES

#: The version of the schema whose fields are used.
VERSION = "8.17.0"
_OUTCOME = {"finding": "unknown", "unread": "failure", "change": "success", "run": "success"}
#: Hashes that the schema has a field for.
_HASHES = frozenset({"sha256", "sha512"})
_TYPES = {"added": "creation", "removed": "deletion", "changed": "change"}


def render(report: Report) -> str:
    """Write a line for each event, the run's last."""
    return "".join(f"{msgspec.json.encode(_written(event)).decode()}\n" for event in events(report))


def _written(event: Event) -> dict[str, Any]:
    written: dict[str, Any] = {
        "@timestamp": stamp(event.time),
        "ecs": {"version": VERSION},
        "message": f"{event.rule}: {event.message}" if event.kind == "finding" else event.message,
        "log": {"level": str(event.severity)},
        "event": {
            "id": event.uid,
            "kind": "alert" if event.kind == "finding" and event.accepted is None else "event",
            "type": ["change" if event.kind == "finding" else _TYPES.get(event.verb, "info")],
            "action": event.rule,
            "code": event.rule,
            "outcome": _OUTCOME[event.kind],
            "severity": GRADES[event.severity].risk,
            "module": "fimci",
            "dataset": f"fimci.{event.kind}",
            "provider": "fimci",
        },
        "host": {"hostname": event.host, "name": event.host},
        "observer": {
            "vendor": "fimci",
            "product": "fimci",
            "type": "integrity-checker",
            "version": fimci.__version__,
        },
        "fimci": _own(event),
    }
    if event.kind == "finding":
        written["rule"] = {"id": event.rule, "name": event.rule, "ruleset": "fimci"}
        if event.summary:
            written["rule"]["description"] = event.summary
    if event.path:
        written["event"]["category"] = ["package" if event.package else "file"]
        written["file"] = {"path": event.path, "name": event.path.rpartition("/")[2] or event.path}
    algorithm, _, digest = event.digest.partition(":")
    if event.path and algorithm in _HASHES:
        written["file"]["hash"] = {algorithm: digest}
    if event.package:
        written["package"] = {"reference": event.package, **_package(event.package)}
    return written


def _own(event: Event) -> dict[str, Any]:
    own: dict[str, Any] = {"severity": str(event.severity), "left": event.left, "right": event.right}
    if event.fingerprint:
        own["fingerprint"] = event.fingerprint
        own["line"] = event.line
    if event.path_bytes:
        own["path_bytes"] = event.path_bytes
    if event.fix:
        own["fix"] = event.fix
    if event.accepted is not None:
        accepted = event.accepted
        own["accepted"] = {"reason": accepted.reason, "by": accepted.by, "expires": accepted.expires}
    if event.evidence:
        own["evidence"] = [{"path": one.path, "line": one.line, "text": one.text} for one in event.evidence]
    return own


def _package(url: str) -> dict[str, str]:
    """Return type, name and version of a package URL, as it writes them."""
    kind, _, rest = url.removeprefix("pkg:").partition("/")
    name, at, version = rest.rpartition("@")
    parts = {"type": kind, "name": name if at else rest, "version": version if at else ""}
    return {key: value for key, value in parts.items() if value}
