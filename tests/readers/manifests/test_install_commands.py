"""Commands that install packages: what they say of places and protections, wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Setting, Unread
from fimci.readers.manifests import command_words, install_commands
from tests import growth
from tests.hostile import LAW
from tests.readers import seen


def read(text: str, path: str = "ci.sh") -> dict[str, tuple[str, int]]:
    return seen.switches(install_commands.read(path, text.encode()))


def told(text: str) -> dict[str, str]:
    """Return the facts alone, without the counts of protected installs."""
    return {name: value for name, (value, _) in read(text).items() if name.startswith("commands.")}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("pip install -i https://a.example x", "index-url.https://a.example", "true"),
        ("pip3 install --index-url=https://a.example x", "index-url.https://a.example", "true"),
        ("python -m pip install --index-url 'https://a.example' x", "index-url.https://a.example", "true"),
        (
            "/usr/bin/pip wheel --extra-index-url https://a.example .",
            "extra-index-url.https://a.example",
            "true",
        ),
        ("uv pip install --default-index https://a.example x", "index-url.https://a.example", "true"),
        ("uv sync --index https://a.example", "extra-index-url.https://a.example", "true"),
        ("pip download -f wheels x", "find-links.wheels", "true"),
        ("pip install --trusted-host a.example x", "trusted-host.a.example", "true"),
        ("npm ci --registry https://a.example", "registry.https://a.example", "true"),
        ("yarn --registry=https://a.example", "registry.https://a.example", "true"),
        ("pip install --index-url https://me:pw@a.example x", "index-url.https://***@a.example", "true"),
        ("npm install --ignore-scripts=false", "ignore-scripts", "false"),
        ("npm install --no-ignore-scripts", "ignore-scripts", "false"),
        ("npm ci --strict-ssl=false", "strict-ssl", "false"),
        ("npm ci --dangerously-allow-all-scripts", "dangerously-allow-all-scripts", "true"),
        ("npm i --allow-git=all x", "allow-git", "all"),
        ("uv pip sync --no-verify-hashes r.txt", "verify-hashes", "false"),
        ("uv sync --no-require-build-hashes", "require-build-hashes", "false"),
        ("bun install --no-verify", "verify", "false"),
        ("BUN_CONFIG_NO_VERIFY=1 bun install", "verify", "false"),
        ("uv add --index-strategy unsafe-best-match x", "index-strategy", "unsafe-best-match"),
        ("npm config set registry https://a.example", "registry.https://a.example", "true"),
        ("npm config set strict-ssl=false", "strict-ssl", "false"),
        ("pip config set global.index-url https://a.example", "index-url.https://a.example", "true"),
        ("yarn config set enableScripts true", "enableScripts", "true"),
        ("yarn config set npmRegistryServer https://a.example", "registry.https://a.example", "true"),
        ("go env -w GOFLAGS=-insecure", "env.GOFLAGS", "-insecure"),
        ("export GOSUMDB=off", "env.GOSUMDB", "off"),
        ("PIP_INDEX_URL=https://a.example pip install x", "index-url.https://a.example", "true"),
        ("  PIP_EXTRA_INDEX_URL: https://a.example", "extra-index-url.https://a.example", "true"),
        ("ENV PIP_TRUSTED_HOST a.example", "trusted-host.a.example", "true"),
        ("ENV PIP_TRUSTED_HOST=a.example X=y", "trusted-host.a.example", "true"),
        ("  YARN_CHECKSUM_BEHAVIOR: ignore", "checksumBehavior", "ignore"),
        ("  npm_config_strict_ssl=false npm ci", "strict-ssl", "false"),
        ("env: NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "strict-ssl", "false"),
        ("- run: sudo pip install -i https://a.example x", "index-url.https://a.example", "true"),
        ('RUN ["pip", "install", "-i", "https://a.example", "x"]', "index-url.https://a.example", "true"),
    ],
)
def test_an_option_is_a_setting(text: str, name: str, value: str) -> None:
    assert told(text) == {f"commands.{name}": value}


@pytest.mark.parametrize(
    "text",
    [
        "# pip install -i https://a.example x",
        "true # pip install -i https://a.example x",
        "echo done; pip install --no-cache-dir x",
        "npm publish --registry https://a.example",
        "npm test --registry https://a.example",
        "pip --version -i https://a.example",
        "npm config get registry",
        "gopher GOX=1",
        "pip install -i",
        "pip install -i --pre x",
        "npm config set",
        "go env -w",
        "",
    ],
)
def test_what_says_nothing(text: str) -> None:
    assert told(text) == {}


def test_lines_that_go_on_are_one_command_at_its_first_line() -> None:
    text = "set -e\npip install \\\n  -i https://a.example \\\n  x\n\nrun: >\n  npm ci\n  --registry https://b.example\n"
    found = read(text)
    assert found["commands.index-url.https://a.example"] == ("true", 2)
    assert found["commands.registry.https://b.example"] == ("true", 7)


def test_installs_are_counted_by_what_protects_them() -> None:
    text = (
        "pip install --require-hashes -r a\npip install b && npm ci --ignore-scripts\nnpm install\nnpm test\n"
    )
    found = read(text)
    assert found["commands with --require-hashes"] == ("1 of 2", 2)
    assert found["commands with --ignore-scripts"] == ("1 of 2", 3)
    assert found["commands with a lockfile that decides"] == ("1 of 2", 3)
    assert read("pip install --only-binary :all: x\n")["commands with --only-binary :all:"] == ("1 of 1", 1)
    assert read("pip install --only-binary x x\n")["commands with --only-binary :all:"] == ("0 of 1", 1)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".github/workflows/ci.yml", True),
        ("a/action.yaml", True),
        ("Makefile", True),
        ("deploy/Dockerfile", True),
        ("deploy/app.Dockerfile", True),
        ("ci/build.sh", True),
        ("docs/mkdocs.yml", False),
        ("node_modules/left/build.sh", False),
        ("README.md", False),
    ],
)
def test_files_that_run_commands(path: str, wanted: bool) -> None:  # noqa: FBT001  (a table)
    assert install_commands.wants(path, b"") is wanted


def test_what_is_too_large_is_said_to_be_unread() -> None:
    (unread,) = install_commands.read("a.sh", b"pip install x\n" * 100_000)
    assert isinstance(unread, Unread)


def test_a_script_may_hold_any_bytes_and_a_payload() -> None:
    data = b"echo caf\xe9\npip install -i https://a.example x\nexit\n\0pip install -i https://b.example x\n"
    found = seen.switches(install_commands.read("a.sh", data + b"\xff" * 2_000_000))
    assert {name for name in found if "://" in name} == {"commands.index-url.https://a.example"}


PIECES = (
    "pip",
    "npm",
    "install",
    "ci",
    "-i",
    "--index-url=",
    "https://a.example",
    "\\\n",
    "\n",
    ";",
    "&&",
    '"',
)
WORDS = st.sampled_from(PIECES) | st.text(max_size=4)


@LAW
@given(st.lists(WORDS, max_size=20).map(" ".join))
def test_nothing_is_refused_and_every_line_exists(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for record in install_commands.read("a.sh", data):
        if isinstance(record, Setting):
            assert 1 <= record.at.line <= text.count("\n") + text.count("\r") + 1


LONG = (("pip install ", "\\\n"), ("", "--x\n"), ("pip '", "\"'"), ("", "A="))


@pytest.mark.parametrize(("start", "piece"), LONG)
def test_long_lines_take_linear_time(start: str, piece: str) -> None:
    def read(text: str) -> None:
        list(install_commands.read("a.sh", f"pip x\n{text}".encode()))
        list(command_words.found(text.split("\n")))

    growth.is_linear(read, lambda size: start + piece * size, 10_000)
