"""Something else is put in the place of a package: another package, a repository, a path, a patch.

An override goes through the whole tree, where no requirement mentions it, and the lockfile shows it
as one entry among a thousand that comes from elsewhere. Read are `overrides`, `resolutions`,
`packageExtensions`, catalogs and `patchedDependencies` of npm, yarn, pnpm and bun, in `package.json` and in
`pnpm-workspace.yaml`, and `override-dependencies` of uv; `replace` of Go, and `patch` and `replace` of Cargo,
where their manifests are read. High where the replacement is another package, a URL or a repository;
medium for a path or a patch in the tree; low where an extension gives a package one more dependency.

Silent: overrides that pick a version (what that does, `downgrade` and the rules about hashes and
origins tell), `workspace:` and `$references`, replacements that only moved to another file, and
those that are taken away.

Fix: look at what is put in, and take it out once the package itself has the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Change, Record
from fimci.packages.switched import objections, switched
from fimci.packages.switches import REPLACING, Switch

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of replacement."""
    yield from objections(switched(changes, before, _mine), "override-added")


def _mine(switch: Switch) -> bool:
    return switch.what in REPLACING
