"""Which registries are asked, and who is told which credentials."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fimci.registries import npm_clients, npm_settings, python_settings
from fimci.registries.registry import Registry, authorization, registry


def npm(tmp_path: Path, project: str = "", user: str = "", **environment: str) -> npm_settings.Npm:
    tmp_path.joinpath(".npmrc").write_text(user)
    return npm_settings.configured(
        {"HOME": str(tmp_path), "PREFIX": str(tmp_path), **environment}, [project.encode()]
    )


def test_npm_project_before_user_and_environment_before_both(tmp_path: Path) -> None:
    project, user = "registry=https://registry.example/a\n", "registry = https://registry.example/b/\n"
    assert npm(tmp_path, "", user).default.url == "https://registry.example/b/"
    assert npm(tmp_path, project, user).default.url == "https://registry.example/a/"
    said = npm(tmp_path, project, user, npm_config_registry="https://registry.example/c")
    assert said.default.url == "https://registry.example/c/"


def test_npm_has_a_registry_built_in(tmp_path: Path) -> None:
    assert npm(tmp_path).default.url.startswith("https://")
    assert npm(tmp_path, "registry=file:///tmp\n").default.url.startswith("https://")


def test_scopes_have_their_own(tmp_path: Path) -> None:
    said = npm(tmp_path, "@mine:registry=https://registry.example/mine/\n")
    assert said.of("@mine/left").url == "https://registry.example/mine/"
    assert said.of("left") == said.of("@other/left") == said.default


def test_npm_credentials(tmp_path: Path) -> None:
    password = base64.b64encode(b"word").decode()
    user = (
        '//registry.example/:_authToken=${NPM_WORD}\n//registry.example/mine/:_authToken="deep"\n'
        f"//basic.example/:username=me\n//basic.example/:_password={password}\n_authToken=everywhere\n"
        "//unset.example/:_authToken=${MISSING}\n"
    )
    said = npm(tmp_path, "registry=https://registry.example/", user, NPM_WORD="told").default
    assert authorization(said, "https://registry.example/left") == "Bearer told"
    assert authorization(said, "https://registry.example/mine/left") == "Bearer deep"
    assert authorization(said, "https://registry.example/mine/../left") is None
    assert authorization(said, "https://registry.example:8443/left") is None
    assert authorization(said, "https://registry.example.evil.invalid/left") is None
    assert authorization(said, "http://registry.example/left") is None
    assert authorization(said, "https://unset.example/left") is None
    assert (
        authorization(said, "https://basic.example/left") == "Basic " + base64.b64encode(b"me:word").decode()
    )
    assert "told" not in repr(said)


def python(tmp_path: Path, project: dict[str, str] | None = None, **environment: str) -> list[str]:
    files = {name: text.encode() for name, text in (project or {}).items()}
    found = python_settings.configured(
        {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), **environment}, files
    )
    return [one.url for one in found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[[tool.uv.index]]\nurl = "https://index.example/a/"\ndefault = true\n'),
        ("pyproject.toml", '[tool.uv]\nindex-url = "https://index.example/a"\n'),
        ("pyproject.toml", '[[tool.poetry.source]]\nname = "a"\nurl = "https://index.example/a"\n'),
        ("uv.toml", '[[index]]\nurl = "https://index.example/a"\ndefault = true\n'),
        ("Pipfile", '[[source]]\nurl = "https://index.example/a"\n'),
        ("requirements.txt", "--index-url https://index.example/a\nleft==1.0\n"),
        ("pip.conf", "[global]\nindex-url = https://index.example/a\n"),
    ],
)
def test_python_projects_name_their_index(tmp_path: Path, name: str, text: str) -> None:
    assert python(tmp_path, {name: text}, PIP_INDEX_URL="https://index.example/user") == [
        "https://index.example/a/"
    ]


def test_more_indexes_are_asked_before_the_one_for_all(tmp_path: Path) -> None:
    text = (
        '[[tool.uv.index]]\nurl = "https://index.example/mine"\n'
        '[[tool.uv.index]]\nurl = "https://x.example"\nexplicit = true\n'
    )
    said = python(tmp_path, {"pyproject.toml": text}, PIP_INDEX_URL="https://index.example/user")
    assert said == ["https://index.example/mine/", "https://index.example/user/"]


def test_python_has_an_index_built_in(tmp_path: Path) -> None:
    (one,) = python(tmp_path)
    assert one.endswith("/simple/")
    assert python(tmp_path, {"pyproject.toml": "damaged ["}) == [one]


def test_credentials_of_an_index(tmp_path: Path) -> None:
    tmp_path.joinpath(".netrc").write_text("machine netrc.example login me password word\n")
    environment = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment["UV_INDEX_MY_INDEX_PASSWORD"] = "named"
    text = b'[[tool.uv.index]]\nname = "my-index"\nurl = "https://uv.example/simple"\n'
    environment["PIP_INDEX_URL"] = "https://me:w%40rd@pip.example/simple"
    environment["PIP_EXTRA_INDEX_URL"] = "https://netrc.example/simple"
    found = {one.url: one for one in python_settings.configured(environment, {"pyproject.toml": text})}
    told = {url: authorization(one, f"{url}left/") for url, one in found.items()}
    basic = {
        name: "Basic " + base64.b64encode(text).decode()
        for name, text in {"pip": b"me:w@rd", "netrc": b"me:word", "uv": b":named"}.items()
    }
    assert told == {f"https://{name}.example/simple/": header for name, header in basic.items()}
    for one in found.values():
        assert authorization(one, "https://files.index.example/left.whl") is None


def test_addresses_that_are_none() -> None:
    for url in ("", "file:///x", "https://", "https://[", "https://a:b:c", "https://a\\b", "https://a b/"):
        assert registry(url) is None, url
    assert registry("https://u:p@a.example/x?y#z") == Registry(
        "https://a.example/x/",
        registry("https://u:p@a.example/x").secrets,  # type: ignore[union-attr]
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            ".yarnrc.yml",
            """npmRegistryServer: "https://registry.example/a"
npmScopes: {mine: {npmRegistryServer: "https://registry.example/mine"}}
""",
        ),
        (
            ".yarnrc",
            'registry "https://registry.example/a"\n"@mine:registry" "https://registry.example/mine"\n',
        ),
        (
            "pnpm-workspace.yaml",
            "registries:\n  default: https://registry.example/a\n  '@mine': https://registry.example/mine\n",
        ),
        (
            "bunfig.toml",
            """[install]
registry = "https://registry.example/a"
scopes.mine = { url = "https://registry.example/mine", token = "$WORD" }
""",
        ),
    ],
)
def test_other_clients_of_npm(tmp_path: Path, name: str, text: str) -> None:
    tmp_path.joinpath(".npmrc").write_text("registry=https://registry.example/user\n")
    environment = {"HOME": str(tmp_path), "PREFIX": str(tmp_path)}
    said = npm_settings.configured(environment, [], npm_clients.stated({name: text.encode()}))
    assert said.of("left").url == "https://registry.example/a/"
    assert said.of("@mine/left").url == "https://registry.example/mine/"
    own = b"registry=https://registry.example/own"
    assert npm_settings.configured(
        environment, [own], npm_clients.stated({name: text.encode()})
    ).default.url == ("https://registry.example/own/")


@pytest.mark.parametrize(
    "text", ["", "[", "- a\n", "npmRegistryServer: [a]\nnpmScopes: {a: b}\n", "a: ${B}\n"]
)
def test_other_clients_that_say_nothing(text: str) -> None:
    for name in npm_clients.FILES:
        assert npm_clients.stated({name: text.encode()}) == {}
    hidden = b'npmRegistryServer: "https://${TOKEN}.other.example"'
    assert npm_clients.stated({".yarnrc.yml": hidden}) == {}
