"""Releases as sides of a comparison: obtained from a registry on loopback, proven, and kept."""

from __future__ import annotations

import hashlib
import json
import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimci import cli
from fimci.commands import options
from fimci.policy import Policy
from fimci.sources.locator import parse
from tests.loopback import Registry, Said, serving, sri, tarball, wheel

_OLD = {"index.js": "exports.trim = (text) => text.trim()\n"}
_NEW = {"index.js": _OLD["index.js"] + 'require("child_process").execSync("id")\n'}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with serving() as one:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("npm_config_registry", one.url)
        monkeypatch.setenv("PIP_INDEX_URL", f"{one.url}simple")
        monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 1)
        for name in (
            "FIMCI_OFFLINE",
            "FIMCI_CACHE_DIR",
            "FIMCI_HOSTS",
            "UV_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
        ):
            monkeypatch.delenv(name, raising=False)
        yield one


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(arguments)
    said = capsys.readouterr()
    return code, said.out + said.err


def test_two_releases_of_npm(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("left", "1.0.0", _OLD)
    server.npm("left", "1.0.1", _NEW)
    code, said = run(capsys, "compare", "pkg:npm/left@1.0.0", "pkg:npm/left@1.0.1")
    assert code == 0
    assert "medium[capability-gained]: gains shell (id) when imported" in said
    assert "compared: pkg:npm/left@1.0.0 -> pkg:npm/left@1.0.1" in said


def test_a_release_is_as_it_is_itself(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("left", "1.0.0", _OLD)
    code, said = run(capsys, "compare", "pkg:npm/left@1.0.0", "pkg:npm/left@1.0.0")
    assert (code, ", 0 changes" in said, "change:" in said) == (0, True, False), said


def test_what_was_kept_needs_nobody(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("@scope/left", "1.0.0", _OLD)
    online = run(capsys, "inspect", "pkg:npm/%40scope/left@1.0.0")
    assert online[0] == 0
    server.seen.clear()
    assert run(capsys, "inspect", "--offline", "pkg:npm/@scope/left@1.0.0") == online
    assert server.seen == []


def test_offline_says_what_it_could_not_judge(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "inspect", "--offline", "pkg:npm/left@1.0.0")
    assert (code, server.seen) == (3, [])
    assert "pkg:npm/left@1.0.0: is in no cache, and nobody is to be asked" in said


def test_a_policy_that_asks_nobody(
    server: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policy, artifact = tmp_path / "fimci.toml", tmp_path / "left-1.0.1.tgz"
    policy.write_text("offline = true")
    server.npm("left", "1.0.0", _OLD)
    artifact.write_bytes(server.npm("left", "1.0.1", _NEW))
    old, new = "pkg:npm/left@1.0.0", "pkg:npm/left@1.0.1"
    verify = ("verify", str(artifact), "--previous", old)
    for words in (("compare", old, new), ("inspect", "--rules", new), verify):
        code, said = run(capsys, *words, "--config", str(policy))
        assert (code, server.seen) == (3, []), words
        assert "is in no cache, and nobody is to be asked" in said


def test_a_policy_that_allows_hosts(server: Registry) -> None:
    del server
    where = options.where(Namespace(offline=False), Policy(hosts=("files.example",)))()
    assert where.client is not None
    assert where.client.allowed == {"files.example"}


def test_a_host_that_nobody_allowed_is_not_asked_again(
    server: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    server.say("/left/1.0.0", Said(status=302, headers={"Location": "https://other.invalid/"}))
    said = run(capsys, "inspect", "pkg:npm/left@1.0.0")[1]
    assert "if that host may be asked, name it in FIMCI_HOSTS, or `hosts` of a policy" in said
    server.say("/left/1.0.0", Said(status=500))
    assert "try again, or without --offline" in run(capsys, "inspect", "pkg:npm/left@1.0.0")[1]


@pytest.mark.parametrize("html", [False, True])
def test_two_releases_of_python(server: Registry, capsys: pytest.CaptureFixture[str], html: bool) -> None:  # noqa: FBT001  (a case)
    old = wheel("left", "1.0", {"left.py": "import json\n"})
    new = wheel("left", "1.1", {"left.py": "import os\nos.system('id')\n"})
    native = wheel("left", "1.1", {"other.py": ""})
    server.pypi(
        "left",
        {
            "left-1.0-py3-none-any.whl": old,
            "left-1.1-cp313-cp313-linux_x86_64.whl": native,
            "left-1.1-py3-none-any.whl": new,
            "left-1.1.tar.gz": b"",
            "other-1.1.tar.gz": b"",
        },
        html=html,
    )
    code, said = run(capsys, "compare", "pkg:pypi/left@1.0", "pkg:pypi/left@1.1")
    assert code == 0
    assert "gains shell (id) when imported" in said
    code, said = run(capsys, "inspect", "pkg:pypi/left@1.1#left-1.1-cp313-cp313-linux_x86_64.whl")
    assert (code, "3 files" in said) == (0, True)
    code, said = run(capsys, "inspect", "pkg:pypi/left@1.1?file=left-1.1-win32.whl")
    assert (code, "no such file" in said) == (2, True)


def test_both_sides_are_of_one_kind(
    server: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policy = tmp_path / "fimci.toml"
    policy.write_text("siblings = 0")
    sources = tarball(
        {"left.py": "", "PKG-INFO": "Metadata-Version: 2.1\nName: left\nVersion: 1.1\n"}, "left-1.1"
    )
    server.pypi(
        "left",
        {
            "left-1.0.tar.gz": sources,
            "left-1.1.tar.gz": sources,
            "left-1.1-py3-none-any.whl": wheel("left", "1.1", {}),
        },
    )
    compare = ("compare", "pkg:pypi/left@1.0", "pkg:pypi/left@1.1", "--config", str(policy))
    assert run(capsys, *compare)[0] == 0
    assert "/files/left-1.1-py3-none-any.whl" not in server.paths()


def test_other_bytes_than_stated_are_refused(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("left", "1.0.0", _NEW, integrity=sri(b"something else"))
    code, said = run(capsys, "inspect", "pkg:npm/left@1.0.0")
    assert code == 3
    assert "serves other bytes than the registry's own statement vouches for" in said
    assert "do not use it" in said
    assert run(capsys, "inspect", "--offline", "pkg:npm/left@1.0.0")[0] == 3


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        (Said(status=404), 2, "does not have it (404)"),
        (Said(status=500), 3, "answers 500"),
        (Said(status=429, headers={"Retry-After": "100000"}), 3, "asks to wait"),
        (Said(status=401), 3, "refuses 401"),
        (Said(b"half", length=99), 3, "was cut"),
        (Said(b"[]"), 3, "is no document"),
        (Said(b"[" * 100_000), 3, "is no document"),
        (
            Said(json.dumps({"name": "right", "version": "1.0.0"}).encode()),
            3,
            "with another package (right@1.0.0)",
        ),
        (Said(json.dumps({"name": "left", "version": "1.0.0"}).encode()), 3, "names no archive"),
        (Said(status=302, headers={"Location": "https://other.invalid/"}), 3, "redirects to other.invalid"),
    ],
)
def test_answers_that_are_none(
    server: Registry, capsys: pytest.CaptureFixture[str], answer: Said, code: int, why: str
) -> None:
    server.say("/left/1.0.0", answer)
    found, said = run(capsys, "inspect", "pkg:npm/left@1.0.0")
    assert (found, why in said) == (code, True), said


def test_registries_that_know_packages_alone(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("left", "1.0.0", _OLD)
    manifest = json.loads(server.answers.pop("/left/1.0.0")[0].body)
    server.say("/left", Said(json.dumps({"name": "left", "versions": {"1.0.0": manifest}}).encode()))
    assert run(capsys, "inspect", "pkg:npm/left@1.0.0")[0] == 0
    assert run(capsys, "inspect", "pkg:npm/left@1.0.1")[0] == 2


def test_what_npm_kept_is_taken_by_digest(
    server: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = server.npm("left", "1.0.0", _OLD)
    digest = hashlib.sha512(data).hexdigest()
    content = tmp_path / ".npm/_cacache/content-v2/sha512" / digest[:2] / digest[2:4] / digest[4:]
    content.parent.mkdir(parents=True)
    content.write_bytes(data)
    assert run(capsys, "inspect", "pkg:npm/left@1.0.0")[0] == 0
    assert server.paths() == ["/left/1.0.0"]
    content.write_bytes(b"something else")
    assert run(capsys, "inspect", "pkg:npm/left@1.0.0")[0] == 0
    assert server.paths()[-1] == "/left/-/left-1.0.0.tgz"


def test_tokens_are_told_to_the_registry_alone(
    server: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tmp_path.joinpath(".npmrc").write_text(f"//127.0.0.1:{server.port}/:_authToken=hidden\n")
    server.npm("left", "1.0.0", _OLD)
    with serving() as other:
        manifest = json.loads(server.answers["/left/1.0.0"][0].body)
        manifest["dist"]["tarball"] = f"{other.url}left.tgz"
        server.say("/left/1.0.0", Said(json.dumps(manifest).encode()))
        code, said = run(capsys, "inspect", "pkg:npm/left@1.0.0")
        assert (code, other.seen) == (3, [])
    assert [one.authorization for one in server.seen] == ["Bearer hidden"]
    assert "hidden" not in said


@pytest.mark.parametrize(
    "text", ["pkg:npm/left", "pkg:gem/left@1", "pkg:npm/", "pkg:npm/left@", "pkg:", "pkg:pypi/@1"]
)
def test_names_of_no_release(capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, _ = run(capsys, "inspect", text)
    assert code == 2


@pytest.mark.parametrize(
    "text", ["pkg:npm/%2e%2e/x@1.0", "pkg:npm/left@..%2Fx", "pkg:pypi/a%2F..@1", "pkg:npm/a%3Fb@1"]
)
def test_names_that_lead_elsewhere(server: Registry, capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, _ = run(capsys, "inspect", text)
    assert code in {2, 3}
    assert server.seen == []


def test_locators_of_releases() -> None:
    assert str(parse("pkg:npm/%40scope/left@1.0.0")) == "pkg:npm/@scope/left@1.0.0"
    assert str(parse("pkg:pypi/Left@1.0#left-1.0.tar.gz")) == "pkg:pypi/left@1.0#left-1.0.tar.gz"


def test_a_checksum_that_is_named_must_hold(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    data = server.npm("left", "1.0.0", _OLD)
    server.pypi("left", {"left-1.0-py3-none-any.whl": wheel("left", "1.0", {})})
    good = hashlib.sha256(data).hexdigest()
    for purl in (f"pkg:npm/left@1.0.0?checksum=sha256:{good}", "pkg:npm/left@1.0.0"):
        assert run(capsys, "inspect", purl)[0] == 0
    for purl, why in (
        (f"pkg:npm/left@1.0.0?checksum=sha256:{'0' * 64}", "other bytes than the checksum that was named"),
        (f"pkg:pypi/left@1.0?checksum=sha256:{'0' * 64}", "is vouched for by the checksum that was named"),
    ):
        code, said = run(capsys, "inspect", purl)
        assert (code, why in said) == (3, True), said


def test_a_requirement_is_no_release(server: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    server.npm("left", "1.0.0", _OLD)
    for arguments in (
        ("inspect", "pkg:npm/left@^1"),
        ("compare", "pkg:npm/left@1.0.0", "pkg:npm/left@latest"),
    ):
        code, said = run(capsys, *arguments)
        assert (code, server.seen) == (2, [])
        assert "name one version, as a lockfile does: pkg:npm/left@1.2.3" in said


def test_how_a_release_is_developed_is_of_no_consequence(
    server: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"PKG-INFO": "Metadata-Version: 2.1\nName: left\nVersion: 1.0\n", "left.py": ""}
    old = {**about, "pyproject.toml": '[tool.uv]\nexclude-newer = "7 days"\n'}
    new = {**about, "pyproject.toml": "[tool.uv]\n"}
    files = {"left-1.0.tar.gz": tarball(old, "left-1.0"), "left-1.1.tar.gz": tarball(new, "left-1.1")}
    server.pypi("left", files)
    code, said = run(capsys, "compare", "pkg:pypi/left@1.0", "pkg:pypi/left@1.1")
    assert (code, "protection-loosened" in said) == (0, False)
    for name, data in files.items():
        (Path(os.environ["HOME"]) / name).write_bytes(data)
    sides = [f"archive:{os.environ['HOME']}/{name}" for name in files]
    assert "protection-loosened" in run(capsys, "compare", *sides)[1]
