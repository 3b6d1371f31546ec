"""A package is overridden by another package, a repository, a path or a patch.

An override applies to the whole tree, where no requirement mentions it, and the lockfile shows it as one
entry among a thousand that comes from elsewhere. Checked are `overrides`, `resolutions`, `packageExtensions`,
catalogs and `patchedDependencies` of npm, yarn, pnpm and bun, in `package.json` and in `pnpm-workspace.yaml`,
`override-dependencies` of uv and `dependency_overrides` of Dart; `replace` of Go, and `patch` and `replace`
of Cargo, where their manifests are read; folders for gems (`BUNDLE_LOCAL__NAME`); and `replace` of locked
Composer packages, where it names a package that was locked before. High where the replacement is another
package, a URL or a repository; medium for a path or a patch in the tree; low where an extension gives a
package one more dependency.

Not reported: overrides that select a version (their effect is covered by `downgrade` and by the rules about
hashes and origins), `workspace:` and `$references`, replacements that only moved to another file, and removed
ones.

Fix: check what is substituted, and remove it once the package itself has the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Change, Record
from fimci.packages.releases import known
from fimci.packages.switched import Switched, objections, switched
from fimci.packages.switches import REPLACING, Switch

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of replacement."""
    found = list(switched(changes, before, _mine))
    names = {name for ecosystem, name in known(before).locked if ecosystem == "composer"} if found else set()
    yield from objections((item for item in found if _in_use(item, names)), "override-added")


def _in_use(item: Switched, names: set[str]) -> bool:
    """Tell whether anybody had what is replaced: Composer's packages name all that they could replace."""
    prefix = "replaced."
    name = item.setting.name
    return not name.startswith(prefix) or name.removeprefix(prefix) in names


def _mine(switch: Switch) -> bool:
    return switch.what in REPLACING
