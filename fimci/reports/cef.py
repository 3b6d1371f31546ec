r"""The report in the Common Event Format (CEF:0), a line for each event, which most SIEMs take.

In the header `\` and `|` are escaped, in the extension `\` and `=`; a text is on one line already
(`printable`). Keys and their lengths are those of the ArcSight Common Event Format, version 26.
"""

from __future__ import annotations

import fimci
from fimci.findings import Report
from fimci.printable import cut
from fimci.reports.events import Event, events, milliseconds
from fimci.reports.grades import GRADES

#: Characters that the dictionary of the format allows.
_NAME, _WORD, _CUSTOM, _ID = 512, 1_023, 4_000, 40


def render(report: Report) -> str:
    """Write a line for each event, the run's last."""
    return "".join(f"{line(event)}\n" for event in events(report))


def line(event: Event) -> str:
    """Return one event, without a header of syslog before it."""
    header = (
        "CEF:0",
        "fimci",
        "fimci",
        _header(fimci.__version__),
        _header(cut(event.rule, _WORD)),
        _header(cut(event.summary or event.rule, _NAME)),
        str(GRADES[event.severity].cef),
    )
    return (
        f"{'|'.join(header)}|{' '.join(f'{key}={_value(text)}' for key, text in _extension(event).items())}"
    )


def _extension(event: Event) -> dict[str, str]:
    """Return the extension; a text that is empty is left out."""
    accepted = event.accepted
    written = {
        "rt": str(milliseconds(event.time)),
        "dvchost": cut(event.host, 100),
        "externalId": cut(event.uid, _ID),
        "cat": f"fimci/{event.kind}",
        "act": "accepted" if accepted is not None else "",
        "outcome": "failure" if event.kind == "unread" else "",
        "msg": cut(event.message, _WORD),
        "filePath": cut(event.path, _WORD),
        "fname": cut(event.path.rpartition("/")[2], _WORD),
        "reason": cut(accepted.reason, _WORD) if accepted is not None else "",
    }
    customs = (event.fingerprint, event.package, event.fix, event.left, event.right, event.path_bytes)
    labels = ("fingerprint", "package", "fix", "left", "right", "pathBytes")
    for number, (label, text) in enumerate(zip(labels, customs, strict=True), 1):
        if text:
            written[f"cs{number}Label"] = label
            written[f"cs{number}"] = cut(text, _CUSTOM)
    if event.line:
        written |= {"cn1Label": "line", "cn1": str(event.line)}
    return {key: text for key, text in written.items() if text}


def _header(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=")
