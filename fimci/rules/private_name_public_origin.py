"""A package with a private origin is now taken from the public one.

Companies keep packages in a registry of their own, next to the public one. If a client can be made to ask the
public one for such a name, whoever registers it there with a higher version gets it installed instead
(dependency confusion: Birsan 2021, 35 companies; torchtriton on PyPI, December 2022). In a lockfile it
appears as an entry that moves from its host to the common one.

Private names are derived from the trusted side: scopes that `.npmrc`, `.yarnrc.yml`, `pnpm-workspace.yaml` or
`bunfig.toml` assign to another registry, and lockfile entries that come from a different host than the rest.
A new name in such a scope counts as well. Critical; medium where the same version has the same hash as
before, since then only the next update is at risk.

Not reported: new versions from the same place, one private host in place of another (`origin-changed`),
lockfiles that no longer state locations, and projects that use one place for everything. In 2,065 commits of
nine public repositories, which have no private names, there were no findings.

Fix: assign the scope, or the name, to its registry in the configuration of the client, and lock again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.private import leaked, private
from fimci.packages.releases import Known, altered, hashes, known, locked, named, title
from fimci.printable import listed

SEVERITY = Severity.CRITICAL


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once for each file and pair of hosts."""
    entries = [change for change in altered(changes) if locked(change.after)]
    if not entries:
        return
    apart = private(before)
    if not apart.names and not apart.scopes:
        return
    left = known(before)
    found: dict[tuple[str, str, str, Severity], dict[str, Change]] = {}
    for change in entries:
        package = change.after
        moved = leaked(package, apart, left) if locked(package) else None
        if moved is not None and locked(package):
            key = (package.at.path, *moved, _severity(package, left))
            found.setdefault(key, {}).setdefault(title(package), change)
    for (_, was, now, severity), alike in found.items():
        yield grouped(
            list(alike.values()),
            rule="private-name-public-origin",
            severity=severity,
            message=f"{listed(sorted(alike))}: private, from {was}; now from {now}",
            part="origin",
        )


def _severity(package: Package, left: Known) -> Severity:
    has = set(hashes(package))
    for old in left.locked.get(named(package), ()):
        if old.version == package.version and has & set(hashes(old)):
            return Severity.MEDIUM
    return SEVERITY
