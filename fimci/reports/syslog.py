r"""The report as lines of syslog (RFC 5424), with the facts of each event as structured data.

In a value `"`, `\` and `]` are escaped. A message beyond ASCII begins with the byte order mark, as the
standard demands. A line is below 8 KiB, which is what receivers take unless they are told otherwise; texts
are cut for that, and the fingerprint says which finding it was.
"""

from __future__ import annotations

import re

from fimci.findings import Report
from fimci.printable import cut
from fimci.reports.events import Event, events, stamp
from fimci.reports.grades import GRADES

#: "Log audit". The number of an enterprise in the element's name is the one that RFC 5612 sets aside for
#: examples, which no receiver can take for that of somebody else (docs/decisions/siem.md).
FACILITY, _ELEMENT = 13, "fimci@32473"
#: Characters of a message, of a long value and of others.
_MESSAGE, _LONG, _SHORT = 512, 512, 128
#: What a name of the header may not have, and how long the name of a kind of message may be.
_OUTSIDE, _KIND, _HOST = re.compile(r"[^!-~]"), 32, 255


def render(report: Report) -> str:
    """Write a line for each event, the run's last."""
    return "".join(f"{line(event)}\n" for event in events(report))


def line(event: Event) -> str:
    """Return one event as a message, without what frames it on the wire."""
    values = " ".join(f'{name}="{_value(text)}"' for name, text in _facts(event).items())
    told = cut(f"{event.rule}: {event.message}" if event.kind == "finding" else event.message, _MESSAGE)
    return headed(event, f"[{_ELEMENT} {values}] {told if told.isascii() else chr(0xFEFF) + told}")


def headed(event: Event, rest: str) -> str:
    """Return structured data and message behind the header of an event."""
    priority = FACILITY * 8 + GRADES[event.severity].syslog
    host, kind = _name(event.host, _HOST), _name(event.rule, _KIND)
    return f"<{priority}>1 {stamp(event.time)} {host} fimci - {kind} {rest}"


def _facts(event: Event) -> dict[str, str]:
    accepted = event.accepted
    facts = {
        "id": event.uid,
        "kind": event.kind,
        "rule": cut(event.rule, _SHORT),
        "severity": str(event.severity),
        "fingerprint": cut(event.fingerprint, _SHORT),
        "path": cut(event.path, _LONG),
        "line": str(event.line) if event.line else "",
        "package": cut(event.package, _LONG),
        "left": cut(event.left, _SHORT),
        "right": cut(event.right, _SHORT),
        "accepted": cut(accepted.reason, _SHORT) if accepted is not None else "",
    }
    return {name: text for name, text in facts.items() if text}


def _value(text: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", text)


def _name(text: str, limit: int) -> str:
    return _OUTSIDE.sub("_", text)[:limit] or "-"
