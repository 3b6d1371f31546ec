"""A workflow now runs, with the repository's permissions and secrets, on content that a stranger controls.

A `pull_request` from a fork gets a read-only token and no secrets. `pull_request_target`, `workflow_run` and
`issue_comment` run on the default branch with both, and anybody can trigger them: the token stolen that way
in March 2026 moved 75 tags of aquasecurity/trivy-action; the one of nx in August 2025 published poisoned
releases.

High for these three, critical where the file also fetches the stranger's code (a checkout of the head of the
pull request, `gh pr checkout`, `allow-unsafe-pr-checkout`), even if that is added later. Medium for `issues`,
`discussion` and `discussion_comment`: a stranger's text, but no code.

Not reported: `push`, `pull_request`, `schedule`, `workflow_dispatch` and other triggers, changed filters of
an existing trigger, and a renamed workflow.

In 1,474 workflow changes of 11 public repositories there were 21 findings, 14 of them high or critical; all 4
critical ones did fetch strangers' code under `pull_request_target`.

Fix: use `pull_request`; where permissions are needed, do the untrusted work there and pass its result as an
artifact to a second workflow that treats every byte of it as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Record, Setting
from fimci.workflows.sides import PRIVILEGED, Sides, privileged, settings, touched

SEVERITY = Severity.HIGH

_TALK = ("issues", "discussion", "discussion_comment")
_HEAD = re.compile(
    r"github\.head_ref|pull_request\.head\.|workflow_run\.(?:head_|pull_requests)|refs/pull/|\bpull/\$\{\{"
    r"|(?:issue|pull_request)\.number"
)
_FETCH = re.compile(
    r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|pull|checkout|clone)\b[^\n]{0,200}(?:refs/pull/|\bpull/|pull_request\.head\.|head_ref)"
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per file to triggers that strangers can pull, and to fetching their code there."""
    for sides in touched(changes, before):
        yield from _judge(sides)


def _judge(sides: Sides) -> Iterator[Finding]:
    old, new = settings(sides.before), settings(sides.after)
    gained = [event for event in (*PRIVILEGED, *_TALK) if f"on.{event}" in new and f"on.{event}" not in old]
    fetches = _fetches(sides.after) if privileged(sides.after) else []
    fetched = bool(_fetches(sides.before)) and bool(privileged(sides.before))
    parts = [Change(before=None, after=new[f"on.{event}"]) for event in gained]
    if fetches and not fetched:
        events = ", ".join(privileged(sides.after))
        message = f"runs on {events}, with secrets, and fetches the code of whoever triggers it"
        parts = [*parts, Change(before=None, after=fetches[0])]
        severity = Severity.CRITICAL
    elif gained:
        severity = SEVERITY if set(gained) & set(PRIVILEGED) else Severity.MEDIUM
        events = ", ".join(gained)
        message = f"now runs on {events}: with permissions and secrets, on content that strangers control"
    else:
        return
    yield grouped(parts, rule="workflow-trigger-privileged", severity=severity, message=message)


def _fetches(records: Iterable[Record]) -> list[Record]:
    """Return what brings the head of a pull request into the job."""
    return [record for record in records if _fetches_head(record)]


def _fetches_head(record: Record) -> bool:
    if isinstance(record, Setting):
        if record.name.endswith(".with.allow-unsafe-pr-checkout"):
            return record.value.lower() == "true"
        return record.name.endswith((".with.ref", ".with.repository")) and bool(_HEAD.search(record.value))
    return isinstance(record, Capability) and record.name == "shell" and bool(_FETCH.search(record.detail))
