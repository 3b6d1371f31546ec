import json

import pytest
from hypothesis import given

from fimci.model import Capability, Package, Reference
from fimci.readers.manifests import composer_json
from tests import hostile
from tests.readers import mutants, seen

WHOLE = json.dumps(
    {
        "require": {"php": ">=8.1", "ext-json": "*", "Acme/Left": "^1.0"},
        "require-dev": {"acme/right": "dev-main"},
        "repositories": [{"type": "vcs", "url": "https://u:p@git.example/left"}, {"registry.example": False}],
        "config": {
            "allow-plugins": {"acme/installer": True, "*": False},
            "secure-http": False,
            "http-basic": {"registry.example": {"username": "me", "password": "hunter2"}},
            "github-oauth": {"github.com": "hunter2"},
        },
        "minimum-stability": "dev",
        "scripts": {"post-install-cmd": ["@php x.php", "Acme\\Setup::run"], "test": "phpunit"},
    },
    indent=1,
)


def test_requirements_without_the_platform() -> None:
    found = seen.packages(seen.records(composer_json, "composer.json", WHOLE))
    assert {place: (one.version, one.flags, one.at.line) for place, one in found.items()} == {
        "require/acme/left": ("^1.0", (), 5),
        "require-dev/acme/right": ("dev-main", ("dev",), 8),
    }


def test_settings_without_secrets() -> None:
    found = seen.records(composer_json, "composer.json", WHOLE)
    switches = {name: value for name, (value, _) in seen.switches(found).items()}
    assert len(switches.pop("lock-input.composer")) == 32
    assert switches == {
        "repositories[0].type": "vcs",
        "repositories[0].url": "https://***@git.example/left",
        "repositories[1].registry.example": "false",
        "config.allow-plugins.acme/installer": "true",
        "config.allow-plugins.*": "false",
        "config.secure-http": "false",
        "config.http-basic.registry.example.username": "(secret)",
        "config.http-basic.registry.example.password": "(secret)",
        "config.github-oauth.github.com": "(secret)",
        "minimum-stability": "dev",
    }
    assert "hunter2" not in repr(found)


def test_the_hash_is_the_one_that_composer_wrote() -> None:
    """Composer 2.5.5 locked this manifest; PHP has ways of its own with empty tables, letters and slashes."""
    manifest = {
        "name": "acme/shop",
        "description": "x",
        "require": {"php": ">=7.0"},
        "extra": {
            "a": {},
            "b": [],
            "ü": "é/x",
            "n": 1.5,
            "t": True,
            "z": None,
            "deep": {"0": "x"},
        },
        "config": {"platform": {"php": "8.1.0"}, "sort-packages": True},
        "minimum-stability": "dev",
        "prefer-stable": True,
        "require-dev": {},
        "repositories": [{"type": "package", "package": []}],
    }
    found = seen.switches(seen.records(composer_json, "composer.json", json.dumps(manifest)))
    assert found["lock-input.composer"][0] == "9d19aea53713f95721b0d5b7b7dac2df"


def test_scripts_of_an_install() -> None:
    (script,) = [
        one for one in seen.records(composer_json, "composer.json", WHOLE) if isinstance(one, Capability)
    ]
    assert (script.subject, script.detail) == ("post-install-cmd", "@php x.php\nAcme\\Setup::run")


@pytest.mark.parametrize(
    ("path", "wanted"), [("a/composer.json", True), ("vendor/acme/left/composer.json", False)]
)
def test_installed_packages_are_not_manifests(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert composer_json.wants(path, b"") is wanted


@pytest.mark.parametrize("text", ["[]", "{", '{"require": {"a/b": 1}}', '{"require": {}, "require": {}}'])
def test_what_is_not_understood_is_unread(text: str) -> None:
    assert len(seen.unread(seen.records(composer_json, "composer.json", text))) == 1


def test_values_of_any_type_are_borne() -> None:
    for value in ("1", "[]", '"x"', "null", "[[1]]"):
        for key in ("require", "repositories", "config", "scripts", "bin"):
            found = composer_json.read("composer.json", f'{{"{key}": {value}}}'.encode())
            assert not [one for one in found if isinstance(one, Package)]


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(composer_json, "composer.json", data)


@pytest.mark.parametrize(
    ("kind", "roots", "targets"),
    [
        ("composer-plugin", {"Left\\": "src/"}, ["./src/In/Plugin.php"]),
        ("composer-plugin", {"Left\\In\\": ["a", "b"]}, ["./a/Plugin.php", "./b/Plugin.php"]),
        ("composer-plugin", {"Right\\": "src"}, []),
        ("library", {"Left\\": "src/"}, []),
    ],
)
def test_a_plugin_runs_where_it_is_installed(kind: str, roots: dict[str, object], targets: list[str]) -> None:
    manifest = {"type": kind, "extra": {"class": "Left\\In\\Plugin"}, "autoload": {"psr-4": roots}}
    found = seen.records(composer_json, "composer.json", json.dumps(manifest))
    assert [(one.target, one.phase) for one in found if isinstance(one, Reference)] == [
        (target, "install") for target in targets
    ]
