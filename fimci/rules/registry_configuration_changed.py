"""A client is told to fetch from elsewhere, to check less, or to run more.

A registry, an extra index or a proxy decides whose code is installed under a name: with one line in
`.npmrc` or `pip.conf`, a lockfile that nobody touched resolves to somebody else's packages
(dependency confusion: pypa/pip#8606). Other switches drop a check (certificates, hashes, the age of a
release) or let code run (install scripts, plug-ins, build backends). What puts another package in
the place of one is told by `override-added`, another client by `package-manager-changed`.

Read are `.npmrc`, `.yarnrc`, `.yarnrc.yml`, `pnpm-workspace.yaml`, `bunfig.toml`, `package.json`,
`pip.conf`, `uv.toml`, `pyproject.toml` and the options of `requirements.txt`; of other ecosystems
`.cargo/config.toml`, `Cargo.toml`, `go.mod`, `go.work`, `Gemfile`, `.bundle/config`, `composer.json`,
`nuget.config`, Gradle's `verification-metadata.xml`, `.gitmodules`, `.pre-commit-config.yaml`,
`actions.lock`.

Silent on switches that are made stricter, on additional places and permissions that are taken away,
on a setting that only moved to another file, and on a permission that the same package already had
(for another version, or in another client's words).

Fix: ask who needs the switch; name the registry per scope or index rather than for everything, and
accept the finding if it is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Change, Record
from fimci.packages.switched import objections, switched
from fimci.packages.switches import MANAGING, REPLACING, Switch

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of switch."""
    yield from objections(switched(changes, before, _mine), "registry-configuration-changed")


def _mine(switch: Switch) -> bool:
    """Tell whether no other rule speaks of this kind of switch."""
    return switch.what not in REPLACING | MANAGING
