"""What yarn's settings do: each speaks in one direction, in the words of either of its clients."""

from __future__ import annotations

import pytest

from fimci.findings import Severity
from fimci.packages.switches import objecting

CASES = [
    ("defaultProtocol", "npm:", "https:", Severity.HIGH),
    ("npmScopes.shop.npmRegistryServer", None, "https://b.example", Severity.HIGH),
    ("npmScopes.shop.npmPublishRegistry", None, "https://b.example", Severity.HIGH),
    ("caFilePath", None, "ca.pem", Severity.HIGH),
    ("enableScripts", "false", "true", Severity.HIGH),
    ("enableScripts", "false", None, Severity.MEDIUM),
    ("enableImmutableCache", None, "false", Severity.HIGH),
    ("injectEnvironmentFiles..env", None, "true", Severity.MEDIUM),
    ("npmAuditExcludePackages.left", None, "true", Severity.MEDIUM),
    ("logFilters[0].level", None, "discard", Severity.LOW),
    ("locked.cacheKey", "8", "10c0", Severity.INFO),
    ("yarnPath", ".yarn/releases/yarn-4.1.0.cjs", "tools/yarn.cjs", Severity.HIGH),
    ("yarnPath", ".yarn/releases/yarn-4.1.0.cjs", ".yarn/releases/yarn-4.2.0.cjs", Severity.MEDIUM),
    ("yarn-path", ".yarn/releases/yarn-1.22.0.js", "./.yarn/releases/yarn-1.22.1.js", Severity.MEDIUM),
    ("yarn-offline-mirror", None, "./mirror", Severity.MEDIUM),
    ("--registry", None, "https://b.example", Severity.HIGH),
    ("--install.ignore-scripts", "true", None, Severity.HIGH),
    ("--*.ignore-scripts", "true", "false", Severity.HIGH),
    ("--update-checksums", None, "true", Severity.HIGH),
    ("--install.skip-integrity-check", None, "true", Severity.HIGH),
    ("--install.frozen-lockfile", "true", "false", Severity.HIGH),
    ("--no-lockfile", None, "true", Severity.HIGH),
]
SILENT = [
    ("defaultProtocol", "https:", "npm:"),
    ("enableScripts", "true", "false"),
    ("enableScripts", "true", None),
    ("enableImmutableCache", "false", "true"),
    ("logFilters[0].text", None, "left"),
    ("locked.cacheKey", None, "10c0"),
    ("locked.patterns", "left@1 1.0.0", "left@1 1.0.1"),
    ("--install.ignore-scripts", None, "true"),
    ("--update-checksums", "true", None),
    ("--add.exact", None, "true"),
    ("nodeLinker", "pnp", "node-modules"),
]


@pytest.mark.parametrize(("name", "old", "new", "severity"), CASES)
def test_what_is_worth_a_word(name: str, old: str | None, new: str | None, severity: Severity) -> None:
    found = objecting(name, old, new)
    assert found is not None
    assert found.severity == severity


@pytest.mark.parametrize(("name", "old", "new"), SILENT)
def test_what_is_stricter_or_says_nothing_is_silent(name: str, old: str | None, new: str | None) -> None:
    assert objecting(name, old, new) is None
