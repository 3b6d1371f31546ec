from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Record, Setting, Unread
from fimci.readers.manifests import package_json
from tests.readers.seen import packages

MANIFEST = b"""{
  "name": "@scope/app",
  "bin": "cli.js",
  "scripts": {
    "test": "vitest",
    "postinstall": "node setup.js",
    "prepare": "husky"
  },
  "dependencies": {
    "left": "^1.0.0",
    "lodash3": "npm:lodash@^3.10.0",
    "fork": "owner/repo#main",
    "secret": "git+https://user:token@git.example/owner/repo.git"
  },
  "devDependencies": {"tool": "workspace:*"},
  "peerDependencies": {"host": ">=1"},
  "peerDependenciesMeta": {"host": {"optional": true}},
  "bundleDependencies": ["left"],
  "overrides": {"a": {"b": "1.0.0"}},
  "trustedDependencies": ["esbuild"],
  "packageManager": "pnpm@9.1.0"
}
"""


def read(data: bytes, path: str = "package.json") -> list[Record]:
    return list(package_json.read(path, data))


def values(records: list[Record]) -> dict[str, str]:
    return {r.name: r.value for r in records if isinstance(r, Setting)}


def test_requirements_say_what_is_wanted_and_from_where() -> None:
    found = packages(read(MANIFEST))
    left = found["dependencies/left"]
    assert (left.version, left.origin_kind, left.origin, left.at.line) == ("^1.0.0", "registry", None, 10)
    assert left.flags == ("bundled",)
    alias = found["dependencies/lodash3"]
    assert (alias.name, alias.alias, alias.version) == ("lodash", "lodash3", "npm:lodash@^3.10.0")
    assert (found["dependencies/fork"].origin_kind, found["dependencies/fork"].origin) == (
        "git",
        "owner/repo#main",
    )
    assert (found["devDependencies/tool"].origin_kind, found["devDependencies/tool"].flags) == (
        "workspace",
        ("dev",),
    )
    assert found["peerDependencies/host"].flags == ("optional", "peer")


def test_credentials_are_kept_nowhere() -> None:
    records = read(MANIFEST)
    assert packages(records)["dependencies/secret"].origin == "git+https://***@git.example/owner/repo.git"
    assert "token" not in repr(records)


def test_scripts_that_run_at_install_have_their_line_and_command() -> None:
    scripts = [r for r in read(MANIFEST) if isinstance(r, Capability)]
    assert [(s.subject, s.detail, s.phase, s.at.line) for s in scripts] == [
        ("postinstall", "node setup.js", "install", 6),
        ("prepare", "husky", "install", 7),
    ]


def test_settings_are_dotted_and_lists_name_their_members() -> None:
    assert values(read(MANIFEST)) == {
        "bin.app": "cli.js",
        "bundleDependencies.left": "true",
        "overrides.a.b": "1.0.0",
        "packageManager": "pnpm@9.1.0",
        "trustedDependencies.esbuild": "true",
    }


def test_of_an_installed_package_only_what_clients_heed_counts() -> None:
    records = read(MANIFEST, "node_modules/@scope/app/package.json")
    assert {r.subject for r in records if isinstance(r, Capability)} == {"postinstall"}
    assert "devDependencies/tool" not in packages(records)
    assert set(values(records)) == {"bin.app", "bundleDependencies.left"}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("package.json", True),
        ("packages/a/package.json", True),
        ("node_modules/left/package.json", True),
        ("node_modules/@s/left/package.json", True),
        ("node_modules/.pnpm/left@1.0.0/node_modules/left/package.json", True),
        ("node_modules/left/test/broken/package.json", False),
        ("node_modules/@s/left/esm/package.json", False),
        ("package.json.orig", False),
    ],
)
def test_test_fixtures_of_installed_packages_are_not_wanted(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert package_json.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("~1.2.3", "registry"),
        ("latest", "registry"),
        ("npm:^1.0.0", "registry"),
        ("catalog:", "registry"),
        ("file:vendor/a.tgz", "file"),
        ("./vendor/a", "directory"),
        ("~/a", "directory"),
        ("link:../a", "link"),
        ("portal:../a", "link"),
        ("patch:left@npm%3A1.0.0#x.patch", "patch"),
        ("https://files.example/a-1.0.0.tgz", "tarball"),
        ("https://github.com/owner/repo", "git"),
        ("https://github.com/owner/repo/archive/v1.tar.gz", "tarball"),
        ("https://git.example/owner/repo.git#v1", "git"),
        ("github:owner/repo", "git"),
        ("git@git.example:owner/repo.git", "git"),
        ("git+ssh://git@git.example/owner/repo.git", "git"),
        ("owner/repo", "git"),
    ],
)
def test_every_form_of_a_requirement_has_its_kind(spec: str, kind: str) -> None:
    found = packages(read(json.dumps({"dependencies": {"x": spec}}).encode()))
    assert found["dependencies/x"].origin_kind == kind


@pytest.mark.parametrize(
    ("data", "part", "line"),
    [
        (b"", "", 1),
        (b"[]", "", 1),
        (b'{"a": 1,\n "b": }', "", 2),
        (b'{\n"dependencies": "left"}', "dependencies", 2),
        (b'{"dependencies": {\n"left": 1}}', "dependencies.left", 2),
        (b'{"scripts": {\n"install": ["x"]}}', "scripts.install", 2),
        (b'{"scripts": 1}', "scripts", 1),
        (b'{"scripts": {"install": "a",\n"install": "b"}}', "scripts.install", 2),
    ],
)
def test_what_cannot_be_decided_is_unread_with_its_line(data: bytes, part: str, line: int) -> None:
    assert [(r.part, r.line) for r in read(data) if isinstance(r, Unread)] == [(part, line)]


def test_what_npm_itself_once_wrote_is_no_fault() -> None:
    assert read(b'{"dependencies": [], "scripts": {"install": ""}, "bin": {}}') == []


def test_settings_without_end_are_cut() -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = {"a": deep}
    wide = {f"p{n}": "1" for n in range(20_000)}
    for manifest in ({"pnpm": deep}, {"overrides": wide}, {"overrides": {"n" * 5000: "1"}}):
        records = read(json.dumps(manifest).encode())
        assert any(isinstance(r, Unread) for r in records)
        assert len(records) < 10_010


KEYS = st.sampled_from(
    ["scripts", "install", "dependencies", "bin", "pnpm", "overrides", "workspaces", "a", "name"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, JSON) | JSON)
def test_no_manifest_makes_the_reader_raise(manifest: Any) -> None:
    for path in ("package.json", "node_modules/a/package.json"):
        for record in read(json.dumps(manifest).encode(), path):
            assert record.key
