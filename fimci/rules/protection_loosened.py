"""A client is told to run more, to trust fresher releases, or to check less.

Clients have been taught to refuse what attacks of the last years relied on: install scripts that run
unasked (npm, yarn, pnpm, bun), releases that are an hour old (`min-release-age`, `minimumReleaseAge`,
`npmMinimalAgeGate`, `exclude-newer`, `--uploaded-prior-to`), dependencies from git or from a URL
(`allow-git`, `allow-remote`, `blockExoticSubdeps`), releases that lost their provenance (`trustPolicy`),
hosts without a valid certificate (`strict-ssl`). One line in a file that few people read takes each of
these away, and the attack that it would have stopped comes with a later change.

A `yarn.lock` whose version number goes down is such a line as well: yarn 4 takes the project for an old one,
and whoever runs it next gets `enableScripts: true` and its kin written down.

So do switches that are seen in no lockfile: advisories that are not looked at, releases that are published
without provenance, packages of the workspace that a registry may answer for, another lockfile, pre-releases.

High where a protection falls for all packages, or where one more package may run scripts. Medium where a
package is exempt from an age or a policy, where packages are built here instead of being installed as they
are, where `uv.lock` alone was made without an age that it had, and where a bot that proposes updates
(Renovate, Dependabot) waits less, or runs more. Low for pre-releases, for merges that nobody looks at, and
for what yarn itself writes when it migrates a lockfile that is older than a protection
(`approvedGitRepositories: ["**"]` and two more), in that same change: nothing was protected.

Read are the configuration files and manifests of the clients and of those bots, the options of requirements
files, and the commands of workflows, Dockerfiles, Makefiles and shell scripts. Silent: protections that
become stricter or come in, settings that only move to another file, a day for `exclude-newer` that moves on,
a permission that the same package had before (for another version, or in another client's words). A hash that
is no longer checked is `hash-checking-off`, other places to fetch from are `registry-configuration-changed`.

In 2,065 commits of nine public repositories that touch manifests, lockfiles, configuration or CI it spoke
at four, each of which gave up what it says; in 621 of twenty that changed what Renovate or Dependabot does,
at five.

Fix: ask who needs it; allow the one package and not all, and accept the finding if it is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record
from fimci.packages.migrations import kept, lowered
from fimci.packages.switched import Switched, objections, switched
from fimci.packages.switches import PROTECTING, Switch
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "protection-loosened"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of protection."""
    found = list(switched(changes, before, _mine))
    written = kept(changes, before) if found else frozenset()
    yield from objections((_graded(item, written) for item in found), _RULE)
    for change, given_up in lowered(changes):
        message = (
            f"yarn.lock is of an older version: whoever installs migrates it and gives up {listed(given_up)}"
        )
        yield grouped([change], rule=_RULE, severity=SEVERITY, message=message)


def _mine(switch: Switch) -> bool:
    return switch.what in PROTECTING


def _graded(item: Switched, written: frozenset[tuple[str, str, str]]) -> Switched:
    if (item.setting.path, item.setting.name, item.setting.value) in written:
        return item._replace(switch=item.switch._replace(severity=Severity.LOW))
    return item
