"""The one comment of a job on a pull request: found again by its author and its marker, and kept current.

A marker alone proves nothing, anybody can write one. It is only heeded in a comment of the login that
this job's token writes as. The comment is created when there is something to say, changed only when what
it says changes (commits and runs named in it aside), and folds itself away once all is well.
"""

from __future__ import annotations

import re
from typing import Any

from fimci.findings import Report
from fimci.forge.api import Host
from fimci.forge.job import Job
from fimci.reports import markdown
from fimci.reports.verdict import verdict

#: Kept of the limit for the marker and the last line.
_FRAME = 1_000
#: What is the same comment all the same: which commits were compared, and in which run.
_PASSING = re.compile(r"^(?:Compared |<sub>).*\n?", re.MULTILINE)


def comment(host: Host, report: Report, *, always: bool = False) -> str:
    """Write or update the comment; return what was done, in a word or two."""
    job = host.job
    if not job.number:
        return "no pull request"
    mine = [found for found in host.each(f"issues/{job.number}/comments") if _is_mine(found, job)]
    text = body(report, job)
    if not mine:
        if not always and not _telling(report):
            return "nothing to say"
        host.tell("POST", f"issues/{job.number}/comments", {"body": text})
        return "written"
    newest = mine[-1]
    if same(str(newest.get("body", "")), text):
        return "unchanged"
    host.tell("PATCH", f"issues/comments/{int(newest['id'])}", {"body": text})
    return "updated"


def body(report: Report, job: Job) -> str:
    """Return the whole comment: marker, report, and where it comes from."""
    text = markdown.render(report, markdown.LIMIT - _FRAME)
    if not _telling(report):
        text = f"<details><summary>fimci: {verdict(report)}</summary>\n\n{text}\n</details>\n"
    where = f"At {job.head[:10]}" if job.head else "fimci"
    run = f' · <a href="{job.page}">run</a>' if job.page else ""
    return f"{marker(job)}\n{text}\n<sub>{where}{run}</sub>\n"


def marker(job: Job) -> str:
    """Return the line by which a comment of this job is known."""
    return f"<!-- fimci {job.key} -->"


def same(old: str, new: str) -> bool:
    """Tell whether two comments say the same of the change."""
    return _essence(old) == _essence(new)


def _essence(text: str) -> str:
    return _PASSING.sub("", text.replace("\r\n", "\n")).strip()


def _telling(report: Report) -> bool:
    return bool(report.unread) or any(finding.accepted is None for finding in report.findings)


def _is_mine(found: dict[str, Any], job: Job) -> bool:
    user = found.get("user")
    login = user.get("login") if isinstance(user, dict) else None
    text = found.get("body")
    return login == job.author and isinstance(text, str) and text.startswith(marker(job)) and "id" in found
