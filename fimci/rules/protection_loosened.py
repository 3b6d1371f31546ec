"""A package manager is configured to run more, to trust newer releases, or to verify less.

Package managers have learned to refuse what recent attacks relied on: install scripts that run automatically
(npm, yarn, pnpm, bun), releases that are an hour old (`min-release-age`, `minimumReleaseAge`,
`npmMinimalAgeGate`, `exclude-newer`, `--uploaded-prior-to`), dependencies from git or from a URL
(`allow-git`, `allow-remote`, `blockExoticSubdeps`), releases that lost their provenance (`trustPolicy`),
hosts without a valid certificate (`strict-ssl`). One line in a file that few people read removes each of
these, and the attack that it would have stopped comes with a later change.

A `yarn.lock` whose version number decreases is such a line as well: yarn 4 treats the project as an old one
and writes `enableScripts: true` and similar settings for whoever runs it next.

The same goes for settings that no lockfile shows: advisories that are ignored, releases that are published
without provenance, workspace packages that a registry may supply, another lockfile, pre-releases.

High where a protection is removed for all packages, or where one more package may run scripts. Medium where a
package is exempt from an age limit or a policy, where packages are built locally instead of being installed
as published, where `uv.lock` alone was made without an age limit that it had, and where a bot that proposes
updates (Renovate, Dependabot) waits less, or runs more. Low for pre-releases, for merges without review, and
for what yarn itself writes when it migrates a lockfile that is older than a protection
(`approvedGitRepositories: ["**"]` and two more), in that same change: nothing was protected before.

Checked are the configuration files and manifests of package managers and of those bots, the options of
requirements files, and the commands of workflows, Dockerfiles, Makefiles and shell scripts. Not reported:
protections that become stricter or are added, settings that only move to another file, a later day for
`exclude-newer`, and a permission that the same package had before (for another version, or in the notation of
another client). Hashes that are no longer verified are reported by `hash-checking-off`, other sources by
`registry-configuration-changed`.

In 2,065 commits of nine public repositories that touch manifests, lockfiles, configuration or CI there were
four findings, each of which was correct; in 621 of twenty that changed what Renovate or Dependabot does,
five.

Fix: find out who needs it; allow one package instead of all, and accept the finding if it is intended.
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
