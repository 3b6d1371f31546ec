"""Installed trees: found beside a project, held against what they say of themselves and what is locked.

Each kind of tree has a module with `found` and `subtractions`. A subtraction is two snapshots and what
the left one is; all of them are judged like any other (`fimci.verdict`) and told in one report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from fimci import verdict
from fimci.findings import Counts, Finding, Report
from fimci.look import Progress
from fimci.model import Advisory, Record
from fimci.policy import Policy
from fimci.trees import node, python
from fimci.trees.tree import Subtraction, Tree

#: What a side is that a tree is held against, as a summary says it.
_SIDES = {"record": "its own lists", "artifact": "what was published", "lock": "its lockfile"}


def found(root: str, start: str, environment: Mapping[str, str]) -> list[Tree]:
    """Return the trees of the project at `start` in `root`: its environments and `node_modules`."""
    return [*python.found(root, start, environment), *node.found(root, start)]


def judged(
    trees: Iterable[Tree],
    policy: Policy,
    *,
    today: dt.date,
    progress: Progress | None = None,
    known: Callable[[Iterable[Record]], list[Advisory]] | None = None,
) -> Iterator[Report]:
    """Yield a report for each subtraction of each tree; `known` says what is known of releases."""
    told: set[str] = set()
    for tree in trees:
        found = python.subtractions if tree.kind == "python" else node.subtractions
        for one in found(tree, progress):
            report = reported(tree, one, policy, today=today, known=known)
            new = tuple(one for one in report.findings if not _is_told(one, told))
            told.update(one.fingerprint for one in new)
            yield msgspec.structs.replace(report, findings=new)


def reported(
    tree: Tree,
    one: Subtraction,
    policy: Policy,
    *,
    today: dt.date,
    known: Callable[[Iterable[Record]], list[Advisory]] | None = None,
) -> Report:
    """Judge one subtraction; the packages of a tree are counted once, with its files."""
    again = one.against != "record" if tree.kind == "python" else one.against == "lock"
    report = verdict.judge(
        one.left, one.right, policy, today=today, against=one.against, notes=one.notes, known=known
    )
    counts = report.counts._replace(files=report.counts.files + one.exact)
    label = f"{tree.start or '.'} against {_SIDES.get(one.against, one.against)}"
    return msgspec.structs.replace(
        report,
        counts=counts._replace(packages=0) if again else counts,
        summary=tuple(f"{label}: {sentence}" for sentence in report.summary),
    )


def _is_told(found: Finding, told: set[str]) -> bool:
    """Tell whether what is known of a release was said already: it is the same on every side."""
    return found.rule == "known-malicious" and found.fingerprint in told


def joined(report: Report, others: Iterable[Report]) -> Report:
    """Return one report that tells all, worst first; its sides are those of the first."""
    rest = list(others)
    findings = [*report.findings, *(finding for other in rest for finding in other.findings)]
    return msgspec.structs.replace(
        report,
        counts=Counts(
            *(sum(numbers) for numbers in zip(report.counts, *(o.counts for o in rest), strict=True))
        ),
        findings=tuple(sorted(findings, key=lambda f: (-f.severity, f.path, f.line, f.rule, f.message))),
        unread=(*report.unread, *(unread for other in rest for unread in other.unread)),
        summary=(*report.summary, *(line for other in rest for line in other.summary)),
        packages=(*report.packages, *(package for other in rest for package in other.packages)),
        files=(*report.files, *(file for other in rest for file in other.files)),
        notes=(*report.notes, *(note for other in rest for note in other.notes)),
    )
