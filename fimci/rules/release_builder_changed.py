"""A release was built by another repository, workflow, branch or machine than the previous one.

Provenance states where a release was built, and it is valid for anybody who can run a job of that repository:
from a branch that nobody reviews, by a workflow of their own, or in a fork that is allowed to publish. The
statement is verified first (the certificate, the log, the digest of these exact bytes), and then compared
with the verified one of the previous release.

High for a repository of another owner, for another issuer of the job's identity, and for evidence that does
not verify where that of the previous release does. Medium for another repository of the same owner, another
workflow, another branch, and for a self-hosted machine in place of a hosted one. Low where a branch replaces
a tag or the other way round. How often honest projects change these was not measured: the registries that
could be queried serve no provenance.

Not reported: releases of which one has no provenance (`release-provenance-lost`), registries and mirrors that
do not serve it, evidence that verifies on neither side, and a different tag.

Fix: find out whether the project changed how it publishes; compare the workflow at the commit that was built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import cut

SEVERITY = Severity.HIGH
_RULE = "release-builder-changed"
_TAG, _BRANCH = "refs/tags/", "refs/heads/"
_HOSTED = "github-hosted"


class _Job(NamedTuple):
    """The fields of `Release.built`."""

    issuer: str
    repository: str
    workflow: str
    ref: str
    runner: str


def check(change: Change) -> Iterator[Finding]:
    """Object once for all that is otherwise, by what weighs most."""
    old, new = change.before, change.after
    if not isinstance(old, Release) or not isinstance(new, Release) or not isinstance(old.built, tuple):
        return
    if isinstance(new.refused, str) and new.refused:
        told = f"the evidence of where it was built is not valid: {cut(new.refused, 160)}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
    elif isinstance(new.built, tuple) and len(old.built) == len(new.built) == len(_Job._fields):
        found = list(_otherwise(_Job(*old.built), _Job(*new.built)))
        if found:
            told = "was built by " + ", ".join(text for _, text in found)
            yield finding(change, rule=_RULE, severity=max(grade for grade, _ in found), message=told)


def _otherwise(old: _Job, new: _Job) -> Iterator[tuple[Severity, str]]:
    if old.issuer != new.issuer:
        yield SEVERITY, f"a job for which {_shown(new.issuer)} vouches, not {_shown(old.issuer)}"
    if old.repository != new.repository:
        same = old.repository.rpartition("/")[0] == new.repository.rpartition("/")[0]
        grade = Severity.MEDIUM if same else SEVERITY
        yield grade, f"another repository ({_shown(old.repository)} → {_shown(new.repository)})"
    if old.workflow != new.workflow:
        yield Severity.MEDIUM, f"another workflow ({_shown(old.workflow)} → {_shown(new.workflow)})"
    moved = _ref(old.ref, new.ref)
    if moved is not None:
        yield moved, f"another ref ({_shown(old.ref)} → {_shown(new.ref)})"
    if old.runner == _HOSTED != new.runner:
        yield Severity.MEDIUM, f"a machine of another kind ({old.runner} → {_shown(new.runner)})"


def _ref(old: str, new: str) -> Severity | None:
    """Grade another ref; two tags are those of two releases."""
    if old == new or (old.startswith(_TAG) and new.startswith(_TAG)):
        return None
    known = {old.startswith(_TAG), new.startswith(_TAG)} == {True, False}
    return Severity.LOW if known and (old + new).count(_BRANCH) == 1 else Severity.MEDIUM


def _shown(text: str) -> str:
    return cut(text, 80) or "none"
