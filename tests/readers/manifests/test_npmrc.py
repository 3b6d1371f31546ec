from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Unread
from fimci.readers.manifests import npmrc
from tests.readers import seen


def read(path: str, text: str) -> dict[str, tuple[str, int]]:
    return seen.switches(npmrc.read(path, text.encode()))


def test_npmrc_has_quotes_comments_lists_and_the_last_word() -> None:
    text = (
        '; c\n# c\nregistry = "https://a.example/"\nca[]=one\nca[]="two"\n'
        "ignore-scripts\nregistry=https://b.example/ # y\n"
    )
    assert read(".npmrc", text) == {
        "registry": ("https://b.example/", 7),
        "ca[0]": ("one", 4),
        "ca[1]": ("two", 5),
        "ignore-scripts": ("true", 6),
    }


def test_secrets_are_not_kept_but_references_to_them_are() -> None:
    text = (
        "//registry.example/:_authToken=npm_abcdef\n"
        "//other.example/:_authToken=${NPM_TOKEN}\n"
        "_auth=dXNlcjpwYXNz\n"
        "https-proxy=http://me:hunter2@proxy.example:8080/\n"
        "@a:registry=https://${USER}:${PASS}@a.example/\n"
        "always-auth=true\n"
    )
    found = {name: value for name, (value, _) in read("pkg/.npmrc", text).items()}
    assert found == {
        "//registry.example/:_authToken": "(secret)",
        "//other.example/:_authToken": "${NPM_TOKEN}",
        "_auth": "(secret)",
        "https-proxy": "http://***@proxy.example:8080/",
        "@a:registry": "https://${USER}:${PASS}@a.example/",
        "always-auth": "true",
    }
    assert "hunter2" not in repr(list(npmrc.read(".npmrc", text.encode())))


def test_yarn_1_writes_words() -> None:
    text = (
        '# c\nregistry "https://a.example"\nyarn-path ".yarn/releases/yarn-1.22.22.cjs"\n'
        "--install.ignore-scripts false\n"
    )
    assert read(".yarnrc", text) == {
        "registry": ("https://a.example", 2),
        "yarn-path": (".yarn/releases/yarn-1.22.22.cjs", 3),
        "--install.ignore-scripts": ("false", 4),
    }


def test_yarn_writes_yaml() -> None:
    text = (
        "npmScopes:\n  corp:\n    npmRegistryServer: https://a.example\n    npmAuthToken: abc\n"
        "plugins:\n  - path: .yarn/plugins/x.cjs\napprovedGitRepositories: ['**']\n"
    )
    assert read(".yarnrc.yml", text) == {
        "npmScopes.corp.npmRegistryServer": ("https://a.example", 3),
        "npmScopes.corp.npmAuthToken": ("(secret)", 4),
        "plugins[0].path": (".yarn/plugins/x.cjs", 6),
        "approvedGitRepositories.**": ("true", 7),
    }


def test_a_package_called_token_is_no_secret_in_a_workspace() -> None:
    assert read("pnpm-workspace.yaml", "overrides:\n  token: npm:other@1\n") == {
        "overrides.token": ("npm:other@1", 2)
    }


def test_bun_writes_toml() -> None:
    text = '[install.scopes]\ncorp = { token = "$npm_token", url = "https://a.example/" }\n'
    assert read("bunfig.toml", text) == {
        "install.scopes.corp.token": ("$npm_token", 2),
        "install.scopes.corp.url": ("https://a.example/", 2),
    }


@pytest.mark.parametrize(
    ("path", "wanted"),
    [(".npmrc", True), ("a/.yarnrc.yml", True), ("node_modules/left/.npmrc", False), ("npmrc", False)],
)
def test_nobody_obeys_configuration_inside_node_modules(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert npmrc.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("path", "data", "line"),
    [
        (".npmrc", b"a=1\n\xff", 2),
        (".yarnrc.yml", b"a: 1\nb: [", 2),
        (".yarnrc.yml", b"- a", 1),
        ("bunfig.toml", b"a = 1\na = 2", 2),
        ("pnpm-workspace.yaml", b"overrides:\n  a: 1\n  a: 2\n", 3),
    ],
)
def test_what_cannot_be_parsed_is_unread_with_its_line(path: str, data: bytes, line: int) -> None:
    unread = [record for record in npmrc.read(path, data) if isinstance(record, Unread)]
    assert len(unread) == 1
    assert abs(unread[0].line - line) <= 1


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml"]),
    st.binary(max_size=60) | st.text().map(str.encode),
)
def test_nothing_makes_the_reader_raise(path: str, data: bytes) -> None:
    assert all(record.key for record in npmrc.read(path, data))


def test_lists_of_packages_are_one_record_each() -> None:
    exempt = b"min-release-age-exclude[]=right\nmin-release-age-exclude[]=@a/*\n"
    text = b"allow-scripts=esbuild, left@1.0.0,\n" + exempt
    assert seen.switches(npmrc.read(".npmrc", text)) == {
        "allow-scripts.esbuild": ("true", 1),
        "allow-scripts.left@1.0.0": ("true", 1),
        "min-release-age-exclude.right": ("true", 2),
        "min-release-age-exclude.@a/*": ("true", 3),
    }
