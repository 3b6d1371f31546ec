"""The rules that speak of settings, together: of each loosened switch one of them speaks, once."""

from __future__ import annotations

import pytest

from fimci import rules
from fimci.compare import compare
from fimci.findings import Finding
from fimci.model import Place, Setting
from fimci.packages import switches
from fimci.rules import (
    hash_checking_off,
    override_added,
    package_manager_changed,
    protection_loosened,
    registry_configuration_changed,
)

RULES = (
    hash_checking_off,
    override_added,
    package_manager_changed,
    protection_loosened,
    registry_configuration_changed,
)


def said(
    before: dict[str, str], after: dict[str, str], path: str = ".npmrc", other: str = ""
) -> list[Finding]:
    left = [Setting(path=path, name=name, value=value, at=Place(path)) for name, value in before.items()]
    right = [
        Setting(path=other or path, name=name, value=value, at=Place(path)) for name, value in after.items()
    ]
    left.sort(key=lambda setting: setting.key)
    right.sort(key=lambda setting: setting.key)
    changes = list(compare(left, right))
    return [found for rule in RULES for found in rule.check_all(changes, left)]


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
    ("packageManager", "pnpm@9.0.0+sha512.aa", "pnpm@9.0.1"),
    ("publishConfig.registry", None, "https://registry.example"),
    ("tool.hatch.build.hooks.custom", None, "{}"),
    ("tool.setuptools.cmdclass.build_py", None, "x.Build"),
    ("overrides.left", "1.0.0", "npm:right@1"),
    ("resolutions.left", None, "https://files.example/left.tgz"),
    ("pnpm.overrides.left", None, "owner/left"),
    ("tool.uv.override-dependencies.left @ https://files.example/left.whl", None, "true"),
    ("patchedDependencies.left@1.0.0", None, "patches/left.patch"),
]
#: The same, of each rule: which one it is.
WHOSE = [
    ("protection-loosened", "exclude-newer", "7 days", "1 day"),
    ("protection-loosened", "tool.uv.exclude-newer", "P1W", "P1D"),
    ("protection-loosened", "exclude-newer", "2026-01-01", None),
    ("protection-loosened", "exclude-newer", "2026-01-01", "0 days"),
    ("protection-loosened", "install.uploaded-prior-to", "P7D", "PT2H"),
    ("protection-loosened", "before", "2026-01-01", None),
    ("protection-loosened", "minimumDependencyAge", "P3D", None),
    ("protection-loosened", "install.minimumReleaseAge", "259200", "0"),
    ("protection-loosened", "minimumReleaseAgeStrict", "true", None),
    ("protection-loosened", "tool.uv.exclude-newer-package.left", None, "2030-01-01"),
    ("protection-loosened", "trustPolicyIgnoreAfter", None, "1440"),
    ("protection-loosened", "neverBuiltDependencies.left", "true", None),
    ("protection-loosened", "strictDepBuilds", "true", "false"),
    ("protection-loosened", "only-binary[0]", ":all:", "left"),
    ("protection-loosened", "tool.uv.no-build", "true", None),
    ("protection-loosened", "allow-remote", "none", "all"),
    ("protection-loosened", "strict-ssl", None, "false"),
    ("hash-checking-off", "no-require-hashes", None, "true"),
    ("hash-checking-off", "require-hashes", "true", None),
    ("hash-checking-off", "verifyStoreIntegrity", "true", "false"),
    ("hash-checking-off", "checksumBehavior", None, "reset"),
    ("hash-checking-off", "env.GOFLAGS", "-mod=vendor", "-mod=vendor -insecure"),
    ("hash-checking-off", "env.GONOSUMDB", None, "*.example"),
    ("hash-checking-off", "GOSUMDB", None, "off"),
    ("registry-configuration-changed", "extra-index-url[0]", None, "https://index.example/"),
    ("package-manager-changed", "yarnPath", None, "tools/yarn.cjs"),
    ("override-added", "overrides.left", None, "npm:right@1.0.0"),
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
    ("yarnPath", "a.cjs", "b.cjs"),
    ("packageManager", "pnpm@9.0.0", "yarn@9.0.0"),
]
SILENT = [
    ("packageManager", "pnpm@9.0.0", "pnpm@9.1.0"),
    ("overrides.left", "1.0.0", "2.0.0"),
    ("overrides.left", None, "workspace:*"),
    ("overrides.left", None, "$left"),
    ("allowBuilds.left", None, "false"),
    ("allow-git", None, "none"),
    ("bin.left", None, "x.js"),
    ("permissions.contents", "read", "write"),
    ("wheel.generator", "a 1", "a 2"),
    ("install.scopes.corp.token", "$a", "(secret)"),
    ("binary.host", None, "https://files.example"),
    ("minimumReleaseAge", "10", "1440"),
    ("exclude-newer", "2026-01-01", "2026-02-01"),
    ("exclude-newer", None, "7 days"),
    ("exclude-newer", "1 day", "2026-02-01"),
    ("only-binary[0]", "left", "right"),
    ("GOFLAGS", None, "-mod=vendor"),
]


def given(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}


@pytest.mark.parametrize(("name", "old", "new"), LOOSER)
def test_it_speaks_where_a_switch_is_loosened_and_only_there(
    name: str, old: str | None, new: str | None
) -> None:
    (found,) = said(given(name, old), given(name, new))
    assert name in found.message
    assert said(given(name, new), given(name, old)) == []


@pytest.mark.parametrize(("rule", "name", "old", "new"), WHOSE)
def test_each_kind_of_switch_has_its_rule(rule: str, name: str, old: str | None, new: str | None) -> None:
    (found,) = said(given(name, old), given(name, new))
    assert found.rule == rule
    assert said(given(name, new), given(name, old)) == []


def test_no_kind_of_switch_is_told_by_two_rules() -> None:
    kinds = [*switches.HASHING, *switches.MANAGING, *switches.PROTECTING, *switches.REPLACING]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize(("name", "old", "new"), BOTH)
def test_it_speaks_where_a_source_moves_either_way(name: str, old: str | None, new: str | None) -> None:
    assert len(said(given(name, old), given(name, new))) == 1
    assert len(said(given(name, new), given(name, old))) == 1


@pytest.mark.parametrize(("name", "old", "new"), SILENT)
def test_it_is_silent_on_what_is_routine(name: str, old: str | None, new: str | None) -> None:
    assert said(given(name, old), given(name, new)) == []


def test_a_setting_that_moves_to_another_file_is_silent() -> None:
    settings = {"registry": "https://a.example", "allowScripts.left@1.0.0": "true"}
    assert said(settings, settings, "a/.npmrc", "b/.npmrc") == []


def test_a_scope_known_elsewhere_does_not_excuse_the_default() -> None:
    before = {"@corp:registry": "https://b.example", "registry": "https://a.example"}
    assert len(said(before, before | {"registry": "https://b.example"})) == 1


def test_a_thousand_permissions_are_one_finding_bound_to_all_of_them() -> None:
    (all_,) = said({}, {f"allowBuilds.p{n:04}": "true" for n in range(1000)})
    (most,) = said({}, {f"allowBuilds.p{n:04}": "true" for n in range(999)})
    assert all_.message.endswith("allowBuilds.p0000 and 999 more")
    assert all_.content != most.content


def test_what_many_files_say_is_told_once() -> None:
    def side(value: str, number: int) -> list[Setting]:
        return [
            Setting(path=f"{n:03}/.npmrc", name="strict-ssl", value=value, at=Place(f"{n:03}/.npmrc"))
            for n in range(number)
        ]

    def told(number: int) -> list[Finding]:
        left, right = side("true", number), side("false", number)
        return list(protection_loosened.check_all(list(compare(left, right)), left))

    assert [len(told(number)) for number in (5, 6, 900)] == [5, 1, 1]
    assert told(900)[0].message.endswith("strict-ssl = false, was true, in 900 files")


def test_hostile_names_and_values_are_judged_in_a_moment() -> None:
    names = [
        "tool.hatch.build" + ".hooks.custom" * 30,
        "networkSettings." + ".x" * 200,
        "catalogs" + ".a" * 200,
    ]
    (found,) = said({}, dict.fromkeys(names, "x") | {"registry": "y" * 100_000})[-1:]
    assert len(found.message) < 500


@pytest.mark.parametrize(
    ("name", "before", "after", "about"),
    [
        ("build-system.build-backend", "hatchling.build", "other.build", "the code that runs now"),
        (
            "registry",
            "https://registry.example/",
            "https://other.example/",
            "configure the registry per scope",
        ),
    ],
)
def test_what_to_do_is_about_what_changed(name: str, before: str, after: str, about: str) -> None:
    found = said({name: before}, {name: after}, "pyproject.toml")
    page = rules.pages()["registry-configuration-changed"]
    assert [about in (one.fix or page.fix) for one in found] == [True]
