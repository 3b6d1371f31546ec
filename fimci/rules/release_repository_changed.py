"""A release names another source repository than the previous one.

Whoever takes a package over, or publishes a copy under its name, seldom controls its repository: the address
in the manifest changes, or is that of a fork. Projects also move to another owner, so this alone blocks
nobody.

Low: a project that moved says so, and most changes are moves. Of 1,720 pairs of adjacent releases of 70 npm
packages, eight named a repository of another owner.

Not reported: releases without a repository on either side, another spelling or another folder of the same
repository, and another repository of the same owner, as when projects are merged into one.

Fix: check whether the old repository points to the new one, and whether the release is tagged there.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import cut, listed

SEVERITY = Severity.LOW
_RULE = "release-repository-changed"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release of another repository."""
    old, new = change.before, change.after
    if not isinstance(old, Release) or not isinstance(new, Release):
        return
    if not isinstance(old.repositories, tuple) or not isinstance(new.repositories, tuple):
        return
    if old.repositories and new.repositories and not _owners(old.repositories) & _owners(new.repositories):
        before, after = (cut(listed(one.repositories, 2), 120) for one in (old, new))  # type: ignore[arg-type]
        told = f"names another repository: {before} → {after}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)


def _owners(repositories: tuple[str, ...]) -> set[str]:
    return {one.rpartition("/")[0] for one in repositories}
