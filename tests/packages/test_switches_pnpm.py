"""What pnpm's settings do: each speaks in one direction, and in both spellings."""

from __future__ import annotations

import pytest

from fimci.findings import Severity
from fimci.packages.switches import objecting

SHA, OTHER = "sha512-AAAA", "sha512-BBBB"
HIGH = [
    ("registries.default", "https://a.example/", "https://b.example/"),
    ("registries.@corp", None, "https://b.example/"),
    ("namedRegistries.work", "https://a.example/", "https://b.example/"),
    ("strictSsl", None, "false"),
    ("pnpm.dangerouslyAllowAllBuilds", None, "true"),
    ("allowBuilds.left", "false", "true"),
    ("onlyBuiltDependencies.left", None, "true"),
    ("block-exotic-subdeps", "true", "false"),
    ("minimumReleaseAge", None, "0"),
    ("trust-policy", "no-downgrade", "off"),
    ("trustLockfile", None, "true"),
    ("frozenLockfile", None, "false"),
    ("prefer-frozen-lockfile", "true", "false"),
    ("configDependencies.hooks", None, "1.0.0"),
    ("configDependencies.hooks", f"1.0.0+{SHA}", f"1.0.0+{OTHER}"),
    ("configDependencies.hooks.tarball", "1.0.0", "https://files.example/hooks.tgz"),
    ("pnpmfile", "hooks.cjs", "others.cjs"),
    ("scriptShell", None, "./sh"),
]
LESS = [
    ("neverBuiltDependencies.left", "true", None, Severity.MEDIUM),
    ("strictDepBuilds", None, "false", Severity.MEDIUM),
    ("minimumReleaseAgeStrict", "true", "false", Severity.MEDIUM),
    ("minimumReleaseAgeExclude.left", None, "true", Severity.MEDIUM),
    ("trustPolicyIgnoreAfter", None, "10", Severity.MEDIUM),
    ("trustPolicyIgnoreAfter", "1440", "10", Severity.MEDIUM),
    ("gitBranchLockfile", None, "true", Severity.MEDIUM),
    ("patchedDependencies.left@1.0.0", None, "patches/left.patch", Severity.MEDIUM),
    ("verifyDepsBeforeRun", "install", "false", Severity.LOW),
    ("configDependencies.hooks", f"1.0.0+{SHA}", f"1.0.1+{OTHER}", Severity.LOW),
    ("configDependencies.hooks", f"1.0.0+{SHA}", "1.0.0", Severity.LOW),
]
SILENT = [
    ("allowBuilds.left", "true", "false"),
    ("neverBuiltDependencies.left", None, "true"),
    ("strictDepBuilds", "false", "true"),
    ("minimumReleaseAge", "1440", "10080"),
    ("trustPolicyIgnoreAfter", "10", "1440"),
    ("trustPolicyIgnoreAfter", "10", None),
    ("frozenLockfile", "false", "true"),
    ("configDependencies.hooks", "1.0.0", None),
    ("pnpmfile.digest", None, "sha256 aa"),
    ("pnpmfile.digest", "sha256 aa", "sha256 bb"),
    ("catalog.left", "^1.0.0", "^2.0.0"),
    ("locked.overrides.left", None, "npm:right@1"),
    ("locked.patchedDependencies.left@1.0.0", None, "aa"),
]


@pytest.mark.parametrize(("name", "old", "new"), HIGH)
def test_what_blocks(name: str, old: str | None, new: str | None) -> None:
    found = objecting(name, old, new)
    assert found is not None
    assert found.severity == Severity.HIGH


@pytest.mark.parametrize(("name", "old", "new", "severity"), LESS)
def test_what_is_worth_reading(name: str, old: str | None, new: str | None, severity: Severity) -> None:
    found = objecting(name, old, new)
    assert found is not None
    assert found.severity == severity


@pytest.mark.parametrize(("name", "old", "new"), SILENT)
def test_what_is_stricter_or_an_update_is_silent(name: str, old: str | None, new: str | None) -> None:
    assert objecting(name, old, new) is None
