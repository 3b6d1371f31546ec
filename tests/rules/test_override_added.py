from __future__ import annotations

import pytest

from fimci.rules import override_added as rule
from tests.rules.stated import found, settings

SPEAKS = [
    ("overrides.left", "1.0.0", "npm:right@1", "high"),
    ("overrides.left", None, "git+https://github.com/us/left.git#v1", "high"),
    ("resolutions.left", None, "https://files.example/left.tgz", "high"),
    ("pnpm.overrides.left", None, "owner/left", "high"),
    ("catalog.left", "^1.0.0", "npm:right@1", "high"),
    ("tool.uv.override-dependencies.left @ https://files.example/left.whl", None, "true", "high"),
    ("resolutions.left", None, "portal:../left", "medium"),
    ("patchedDependencies.left@1.0.0", None, "patches/left.patch", "medium"),
    ("pnpm.packageExtensions.left.dependencies.right", None, "^1.0.0", "low"),
]
SILENT = [
    ("overrides.left", "1.0.0", "2.0.0"),
    ("overrides.left", None, "workspace:*"),
    ("overrides.left", None, "$left"),
    ("tool.uv.override-dependencies.left==1.0", None, "true"),
    ("packageExtensions.left.peerDependencies.right", None, "*"),
    ("registry", None, "https://registry.invalid"),
    ("packageManager", "pnpm@9.0.0", "yarn@9.0.0"),
]


def side(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}


@pytest.mark.parametrize(("name", "old", "new", "severity"), SPEAKS)
def test_it_speaks_of_what_takes_a_place(name: str, old: str | None, new: str, severity: str) -> None:
    before, after = settings(side(name, old)), settings(side(name, new))
    (one,) = found(rule, before, after)
    assert name in one.message
    assert str(one.severity) == severity
    assert found(rule, after, before) == []


@pytest.mark.parametrize(("name", "old", "new"), SILENT)
def test_it_is_silent_on_versions_and_on_other_switches(name: str, old: str | None, new: str) -> None:
    assert found(rule, settings(side(name, old)), settings(side(name, new))) == []


def test_an_override_that_moves_to_another_file() -> None:
    stated = {"overrides.left": "npm:right@1"}
    before, after = settings(stated, "package.json"), settings(stated, "pnpm-workspace.yaml")
    assert found(rule, before, after) == []
