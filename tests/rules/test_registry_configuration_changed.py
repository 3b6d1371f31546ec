from __future__ import annotations

import pytest

from fimci.findings import Finding
from fimci.rules import registry_configuration_changed as rule
from tests.rules.stated import found, settings


def said(
    before: dict[str, str], after: dict[str, str], path: str = ".npmrc", other: str = ""
) -> list[Finding]:
    return found(rule, settings(before, path), settings(after, other or path))


#: A setting, its value before and after (`None`: not there). It speaks in this direction only.
LOOSER = [
    ("strict-ssl", None, "false"),
    ("enableStrictSsl", "true", "false"),
    ("ignore-scripts", "true", "false"),
    ("ignore-scripts", "true", None),
    ("--install.ignore-scripts", "true", "false"),
    ("enableScripts", None, "true"),
    ("dangerously-allow-all-scripts", None, "true"),
    ("dangerouslyAllowAllBuilds", "false", "true"),
    ("allow-git", "none", "all"),
    ("allowScripts.left", None, "true"),
    ("pnpm.onlyBuiltDependencies.left", None, "true"),
    ("trustedDependencies.left", None, "true"),
    ("dependenciesMeta.left.built", "false", "true"),
    ("blockExoticSubdeps", "true", None),
    ("minimumReleaseAge", "1440", "10"),
    ("min-release-age", "3", None),
    ("npmMinimalAgeGate", "3d", "12h"),
    ("minimumReleaseAgeExclude.left", None, "true"),
    ("trustPolicy", "no-downgrade", "off"),
    ("trustLockfile", None, "true"),
    ("enableHardenedMode", "true", "false"),
    ("checksumBehavior", "throw", "ignore"),
    ("package-lock", None, "false"),
    ("global.require-hashes", "true", None),
    ("index-strategy", "first-index", "unsafe-best-match"),
    ("trusted-host[0]", None, "files.example"),
    ("find-links[0]", None, "https://files.example/"),
    ("extra-index-url[0]", None, "https://index.example/"),
    ("tool.uv.extra-index-url.https://index.example/", None, "true"),
    ("tool.uv.index.inner.explicit", "true", None),
    ("tool.poetry.source.inner.priority", "explicit", "supplemental"),
    ("unsafeHttpWhitelist.files.example", None, "true"),
    ("cafile", None, "corp.pem"),
    ("httpsProxy", None, "http://proxy.example"),
    ("plugins[0].path", None, ".yarn/plugins/x.cjs"),
    ("configDependencies.left", None, "1.0.0"),
    ("pnpmfile", None, "hooks.cjs"),
    ("node-options", None, "--require ./x.js"),
    ("publishConfig.registry", None, "https://registry.example"),
    ("tool.hatch.build.hooks.custom", None, "{}"),
    ("tool.setuptools.cmdclass.build_py", None, "x.Build"),
]
BOTH = [
    ("registry", "https://a.example", "https://b.example"),
    ("registry", "https://a.example", None),
    ("@corp:registry", None, "https://b.example"),
    ("npmScopes.corp.npmRegistryServer", "https://a.example", "https://b.example"),
    ("install.registry", "https://a.example", "https://b.example"),
    ("global.index-url", "https://a.example", "https://b.example"),
    ("index.inner.url", "https://a.example", "https://b.example"),
    ("tool.poetry.source.inner.url", "https://a.example", "https://b.example"),
    ("build-system.build-backend", "a", "b"),
]
SILENT = [
    ("packageManager", "pnpm@9.0.0", "yarn@9.0.0"),
    ("yarnPath", "a.cjs", "b.cjs"),
    ("overrides.left", None, "npm:right@1"),
    ("patchedDependencies.left@1.0.0", None, "patches/left.patch"),
    ("allowBuilds.left", None, "false"),
    ("allow-git", None, "none"),
    ("bin.left", None, "x.js"),
    ("permissions.contents", "read", "write"),
    ("wheel.generator", "a 1", "a 2"),
    ("install.scopes.corp.token", "$a", "(secret)"),
    ("binary.host", None, "https://files.example"),
    ("minimumReleaseAge", "10", "1440"),
]


def given(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}


@pytest.mark.parametrize(("name", "old", "new"), LOOSER)
def test_it_speaks_where_a_switch_is_loosened_and_only_there(
    name: str, old: str | None, new: str | None
) -> None:
    (told,) = said(given(name, old), given(name, new))
    assert name in told.message
    assert said(given(name, new), given(name, old)) == []


@pytest.mark.parametrize(("name", "old", "new"), BOTH)
def test_it_speaks_where_a_source_moves_either_way(name: str, old: str | None, new: str | None) -> None:
    assert len(said(given(name, old), given(name, new))) == 1
    assert len(said(given(name, new), given(name, old))) == 1


@pytest.mark.parametrize(("name", "old", "new"), SILENT)
def test_it_is_silent_on_what_is_routine(name: str, old: str | None, new: str | None) -> None:
    assert said(given(name, old), given(name, new)) == []


def test_a_setting_that_moves_to_another_file_is_silent() -> None:
    stated = {"registry": "https://a.example", "allowScripts.left@1.0.0": "true"}
    assert said(stated, stated, "a/.npmrc", "b/.npmrc") == []


def test_a_scope_known_elsewhere_does_not_excuse_the_default() -> None:
    before = {"@corp:registry": "https://b.example", "registry": "https://a.example"}
    assert len(said(before, before | {"registry": "https://b.example"})) == 1


def test_a_thousand_permissions_are_one_finding_bound_to_all_of_them() -> None:
    (all_,) = said({}, {f"allowBuilds.p{n:04}": "true" for n in range(1000)})
    (most,) = said({}, {f"allowBuilds.p{n:04}": "true" for n in range(999)})
    assert all_.message.endswith("allowBuilds.p0000 and 999 more")
    assert all_.content != most.content


def test_hostile_names_and_values_are_judged_in_a_moment() -> None:
    names = [
        "tool.hatch.build" + ".hooks.custom" * 30,
        "networkSettings." + ".x" * 200,
        "catalogs" + ".a" * 200,
    ]
    (told,) = said({}, dict.fromkeys(names, "x") | {"registry": "y" * 100_000})[-1:]
    assert len(told.message) < 500
