"""Comments on the changed lines of a pull request, with a suggestion where taking a line back mends it.

Only lines that the host shows as changed can have one, and only in files whose head is byte for byte
what was judged: of others the lines may have moved. What is commented is not commented again at the
next push. A suggestion is a line of the base, so it never brings text of the change back in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fimci.findings import Finding, Report, Severity
from fimci.forge.api import Host
from fimci.printable import plural, printable
from fimci.reports import markdown

#: Comments of one review: more at once is what hosts take for abuse, and nobody reads.
MOST = 30
#: Rules whose finding goes away when the line is again what it was.
TAKEN_BACK = frozenset({
    "action-unpinned", "hash-checking-off", "insecure-origin", "integrity-changed", "integrity-weakened",
    "origin-changed", "registry-configuration-changed", "revision-unpinned", "workflow-privileges-widened",
})  # fmt: skip
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_SUGGESTION_LIMIT = 2_000


class Line(NamedTuple):
    """A line of the head in the host's diff; `was` is the one in its place before, where there is one."""

    added: bool
    was: str | None = None


def review(host: Host, report: Report, blob: Callable[[str], str | None]) -> str:
    """Comment on what can be commented on; return what was done.

    `blob` gives git's id of a file as it was judged.
    """
    job = host.job
    if not job.number or not job.head:
        return "no pull request"
    ranked = sorted((f for f in report.findings if f.accepted is None), key=lambda f: -f.severity)
    if not ranked:
        return "nothing to say"
    diffs = {
        str(file.get("filename")): lines(str(file.get("patch", "")))
        for file in host.each(f"pulls/{job.number}/files")
        if blob(str(file.get("filename"))) == file.get("sha")
    }
    known = _known(host)
    placed = [f for f in ranked if f.line in diffs.get(f.path, {}) and f.fingerprint not in known]
    shown = placed[:MOST]
    if not shown:
        return "no changed line to comment on" if not known else "nothing new to say"
    left = len(placed) - len(shown)
    text = f"fimci: {plural(len(placed), 'finding')} on changed lines" + (
        f", {left:,} not shown" if left else ""
    )
    host.tell(
        "POST",
        f"pulls/{job.number}/reviews",
        {
            "commit_id": job.head,
            "event": "COMMENT",
            "body": text,
            "comments": [_comment(f, diffs[f.path][f.line], report) for f in shown],
        },
    )
    return f"{plural(len(shown), 'comment')} written"


def lines(patch: str) -> Mapping[int, Line]:
    """Return the lines of the new side that a unified diff shows, by number.

    A run of removed lines followed by as many added ones is read as each in the place of the other.
    """
    found: dict[int, Line] = {}
    number, gone, came = 0, [], []  # type: int, list[str], list[int]

    def settle() -> None:
        paired = len(gone) == len(came)
        for at, line in enumerate(came):
            found[line] = Line(added=True, was=gone[at] if paired else None)
        gone.clear()
        came.clear()

    for text in patch.split("\n"):
        hunk = _HUNK.match(text)
        if hunk is None and text.startswith("-"):
            if came:
                settle()
            gone.append(text[1:])
        elif hunk is None and text.startswith("+"):
            came.append(number)
            number += 1
        elif hunk is not None or text.startswith(" "):
            settle()
            if hunk is not None:
                number = int(hunk[2])
            else:
                found[number] = Line(added=False)
                number += 1
    settle()
    return found


def _known(host: Host) -> frozenset[str]:
    """Return the fingerprints that this job's login has commented on before."""
    found: set[str] = set()
    for one in host.each(f"pulls/{host.job.number}/comments"):
        user = one.get("user")
        if isinstance(user, dict) and user.get("login") == host.job.author:
            found.update(re.findall(r"\A<!-- fimci ([0-9a-f]{20}) -->", str(one.get("body", ""))))
    return frozenset(found)


def _comment(finding: Finding, line: Line, report: Report) -> dict[str, Any]:
    said = [
        f"<!-- fimci {finding.fingerprint} -->",
        markdown.block(finding, report),
        *_suggestion(finding, line),
    ]
    return {
        "path": finding.path,
        "line": finding.line,
        "side": "RIGHT",
        "body": "\n".join(said),
    }


def _suggestion(finding: Finding, line: Line) -> Iterator[str]:
    """Yield a suggestion block that puts back what stood there."""
    was = line.was
    if finding.rule not in TAKEN_BACK or finding.severity < Severity.MEDIUM or was is None:
        return
    if printable(was.replace("\t", " ")) != was.replace("\t", " ") or len(was) > _SUGGESTION_LIMIT:
        return
    fence = "`" * max(3, 1 + max(_runs(was), default=0))
    yield f"\n{fence}suggestion\n{was}\n{fence}"


def _runs(text: str) -> Iterable[int]:
    return (len(run) for run in re.findall(r"`+", text))
