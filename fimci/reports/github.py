"""The report as workflow commands, which GitHub shows as annotations of the changed lines.

A step may give ten annotations of each level; the rest becomes plain log lines, in silence. So
where a level has more, the worst nine are followed by one that counts the others. What could
not be looked at is a warning, one for all of it where warnings are short. Every line begins with
our own words, and untrusted text in it is printable and escaped as the runner unescapes it, so
no name can give a command (the toolkit's own escaping leaves `##[…]` alone; `printable` does not).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fimci.findings import Finding, Report
from fimci.model import Unread
from fimci.printable import plural, printable
from fimci.reports.grades import GRADES
from fimci.reports.verdict import looked_at, reason, verdict

#: Annotations of one level that a step may give.
PER_LEVEL = 10
#: Characters of a message; the runner cuts there.
MESSAGE_LIMIT = 4096
_TITLE_LIMIT = 255
_PATH_LIMIT = 4096
_DETAIL_LIMIT = 800


class _Annotation(NamedTuple):
    """One command to be: printable text, not yet escaped."""

    title: str
    message: str
    path: str = ""
    line: int = 1


def render(report: Report) -> str:
    """Write the commands, errors first, and the verdict as a plain line after them."""
    lines = [
        _command(level, annotation)
        for level in dict.fromkeys(grade.command for grade in GRADES.values())
        for annotation in _level(report, level)
    ]
    return "".join(f"{line}\n" for line in (*lines, f"fimci: {looked_at(report)}: {verdict(report)}"))


def _level(report: Report, level: str) -> list[_Annotation]:
    """Return the annotations of one level, at most `PER_LEVEL`, worst first."""
    graded = [f for f in report.findings if f.accepted is None and GRADES[f.severity].command == level]
    found = sorted(graded, key=lambda finding: -finding.severity)
    missed = report.unread if level == "warning" else ()
    crowded = len(missed) > 1 and len(missed) + len(found) > PER_LEVEL
    said = [_all_unread(missed)] if crowded else [_unread(one) for one in missed]
    room = PER_LEVEL - len(said)
    if len(found) <= room:
        return [*said, *map(_finding, found)]
    more = len(found) - (room - 1)
    last = _Annotation(
        "fimci", f"{plural(more, 'more finding')} of this level; the JSON report lists them all"
    )
    return [*said, *map(_finding, found[: room - 1]), last]


def _finding(finding: Finding) -> _Annotation:
    details = [
        f"{label}: {printable(text, _DETAIL_LIMIT)}"
        for label, text in (
            ("package", finding.package),
            ("fix", finding.fix),
            ("fingerprint", finding.fingerprint),
        )
        if text
    ]
    tail = "".join(f"\n{line}" for line in details)
    return _Annotation(
        title=printable(f"{finding.rule} ({finding.severity})", _TITLE_LIMIT),
        message=printable(finding.message, MESSAGE_LIMIT - len(tail)) + tail,
        path=printable(finding.path, _PATH_LIMIT),
        line=max(finding.line, 1),
    )


def _unread(unread: Unread) -> _Annotation:
    return _Annotation(
        title="could not be looked at",
        message=printable(reason(unread), MESSAGE_LIMIT),
        path=printable(unread.path, _PATH_LIMIT),
        line=max(unread.line, 1),
    )


def _all_unread(unread: Sequence[Unread]) -> _Annotation:
    """Return one annotation for several, which tells of the first."""
    first = _unread(unread[0])
    start = f"{plural(len(unread), 'thing')}, the first of them {printable(unread[0].path, _DETAIL_LIMIT)}: "
    return first._replace(message=start + printable(reason(unread[0]), MESSAGE_LIMIT - len(start)))


def _command(level: str, annotation: _Annotation) -> str:
    properties = [f"title={_property(annotation.title)}"]
    if annotation.path:
        properties = [f"file={_property(annotation.path)}", f"line={annotation.line}", *properties]
    return f"::{level} {','.join(properties)}::{_data(annotation.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
