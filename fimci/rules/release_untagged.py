"""A release has no tag in its repository, although the previous one has.

A release that nobody tagged was often made by somebody who can publish but cannot push: a stolen token gives
no access to the repository.

Medium: maintainers forget tags, and a clone may be older than the release. Only reported for packages whose
clone is available: one that is named (`fimci check --releases --source NAME=git:PATH@REF`), or the repository
under check, where it selects a release of its own packages (both releases name the repository that `origin`
is). No service is queried.

Not reported: releases whose predecessor has no tag either, as in a clone without tags, and packages of other
repositories.

Fix: fetch the tags (`git fetch --tags`) and check again; if there is none, wait, and ask its authors.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import cut

SEVERITY = Severity.MEDIUM
_RULE = "release-untagged"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release without a tag."""
    old, new = change.before, change.after
    if not isinstance(old, Release) or not isinstance(new, Release) or old.version == new.version:
        return
    if isinstance(old.tag, str) and old.tag and new.tag == "":
        told = f"has no tag in its repository, where {old.version} has {cut(old.tag, 80)}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
