"""Who is told which credentials, by what servers saw: each goes to the place that it is configured for."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback import Registry, Said, serving, sri, wheel
from tests.releases.projects import LOUD, QUIET, Project, lock

_BASIC = "Basic " + base64.b64encode(b"me:w@rd").decode()
_WHEEL = "left-{}-py3-none-any.whl"


def told(server: Registry) -> dict[str, str | None]:
    """Return what was said at each path; at one path always the same."""
    found: dict[str, str | None] = {}
    for one in server.seen:
        assert found.setdefault(one.path, one.authorization) == one.authorization
    return found


def _npm(project: Project, server: Registry, below: str) -> None:
    """Publish two releases of `left` below a path of a server, and lock them."""
    for version, files in (("1.0.0", QUIET), ("1.0.1", LOUD)):
        data = server.npm("left", version, files)
        manifest = json.loads(server.answers[f"/left/{version}"][0].body)
        file = f"left/-/left-{version}.tgz"
        manifest["dist"]["tarball"] = f"{server.url}{below}{file}"
        server.say(f"/{below}left/{version}", Said(json.dumps(manifest).encode()))
        server.say(f"/{below}{file}", Said(data))
        project.write("package-lock.json", lock({"left": (version, sri(data), {})}))
        if version == "1.0.0":
            project.write(".npmrc", f"registry={server.url}{below}\n")
            project.commit()


def test_a_token_of_npm_is_for_its_path(project: Project, server: Registry, tmp_path: Path) -> None:
    _npm(project, server, "mine/")
    home = tmp_path / "home/.npmrc"
    home.write_text(
        f"//127.0.0.1:{server.port}/mine/:_authToken=hidden\n//127.0.0.1:{server.port}/other/:_authToken=secret\n"
        "//registry.example/:_authToken=elsewhere\n_authToken=everywhere\n"
    )
    there = server.answers["/mine/left/-/left-1.0.1.tgz"]
    server.say("/other/left.tgz", *there)
    server.say("/plain/left.tgz", Said(status=302, headers={"Location": "/other/left.tgz"}))
    server.say("/mine/left/-/left-1.0.1.tgz", Said(status=307, headers={"Location": "/plain/left.tgz"}))
    code, report = project.check()
    assert (code, report["unread"]) == (0, [])
    seen = told(server)
    assert {path: one for path, one in seen.items() if path.startswith("/mine/")} == {
        "/mine/left/1.0.0": "Bearer hidden",
        "/mine/left/1.0.1": "Bearer hidden",
        "/mine/left/-/left-1.0.0.tgz": "Bearer hidden",
        "/mine/left/-/left-1.0.1.tgz": "Bearer hidden",
        "/mine/left": "Bearer hidden",
    }
    assert (seen["/plain/left.tgz"], seen["/other/left.tgz"]) == (None, "Bearer secret")
    assert not any(word in json.dumps(report) for word in ("hidden", "secret", "elsewhere", "everywhere"))


def test_a_scope_has_its_own_registry_and_token(project: Project, server: Registry, tmp_path: Path) -> None:
    with serving() as scoped:
        home = f"//127.0.0.1:{scoped.port}/:_authToken=hidden\n//127.0.0.1:{server.port}/:_authToken=other\n"
        (tmp_path / "home/.npmrc").write_text(home)
        project.write(".npmrc", f"registry={server.url}\n@mine:registry={scoped.url}\n")
        for version in ("1.0.0", "1.0.1"):
            mine = scoped.npm("@mine/left", version, QUIET)
            data = server.npm("left", version, QUIET)
            entries: dict[str, tuple[str, str, dict[str, str]]] = {"left": (version, sri(data), {})}
            entries["@mine/left"] = (version, sri(mine), {})
            project.write("package-lock.json", lock(entries))
            if version == "1.0.0":
                project.commit()
        _, report = project.check()
        assert report["unread"] == []
        assert {one.authorization for one in scoped.seen} == {"Bearer hidden"}
        assert {one.authorization for one in server.seen} == {"Bearer other"}
        assert not any("mine" in path for path in server.paths())
        assert all("mine" in path for path in scoped.paths())


def _python(project: Project, server: Registry, files: Registry) -> None:
    """Publish two releases of `left` whose files lie at another server, and lock them."""
    listed = []
    for version in ("1.0", "1.1"):
        data = wheel("left", version, {"left.py": ""})
        file, digest = _WHEEL.format(version), hashlib.sha256(data).hexdigest()
        files.say(f"/{file}", Said(data))
        listed.append({"filename": file, "url": f"{files.url}{file}", "hashes": {"sha256": digest}})
        project.write("requirements.txt", f"left=={version} --hash=sha256:{digest}\n")
        if version == "1.0":
            project.commit()
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": "left", "files": listed}).encode()
    server.say("/simple/left/", Said(page, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"}))


def _pip(server: Registry, home: Path, patch: pytest.MonkeyPatch) -> None:
    del home
    patch.setenv("PIP_INDEX_URL", f"http://me:w%40rd@127.0.0.1:{server.port}/simple")


def _pip_file(server: Registry, home: Path, patch: pytest.MonkeyPatch) -> None:
    del patch
    file = home / "config/pip/pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f"[global]\nindex-url = http://me:w%40rd@127.0.0.1:{server.port}/simple\n")


def _netrc(server: Registry, home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    (home / ".netrc").write_text(
        "machine 127.0.0.1 login me password w@rd\nmachine index.example login me password elsewhere\n"
    )


def _uv(server: Registry, home: Path, patch: pytest.MonkeyPatch) -> None:
    del home
    patch.setenv("UV_DEFAULT_INDEX", f"http://me:w%40rd@127.0.0.1:{server.port}/simple")


def _uv_extra(server: Registry, home: Path, patch: pytest.MonkeyPatch) -> None:
    del home
    patch.setenv("UV_INDEX", f"mine=http://me:w%40rd@127.0.0.1:{server.port}/simple")


_WAYS = [_pip, _pip_file, _netrc, _uv, _uv_extra]


@pytest.mark.parametrize("configure", _WAYS)
def test_an_index_is_told_and_no_host_of_files(
    configure: Callable[[Registry, Path, pytest.MonkeyPatch], None],
    project: Project,
    server: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure(server, tmp_path / "home", monkeypatch)
    # By another name it is another host: `localhost` may be asked, and nobody configured anything for it.
    with serving() as files:
        _python(project, server, files)
        code, report = project.check()
        # A file at another host has to come by https, so that nothing is asked there here.
        assert (code, files.seen) == (3, [])
        assert "without https" in report["unread"][-1]["why"]
    assert told(server) == {"/simple/left/": _BASIC}
    assert "w@rd" not in json.dumps(report)
    assert _BASIC.rpartition(" ")[2] not in json.dumps(report)


@pytest.mark.parametrize("configure", _WAYS)
def test_files_at_the_index_itself(
    configure: Callable[[Registry, Path, pytest.MonkeyPatch], None],
    project: Project,
    server: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure(server, tmp_path / "home", monkeypatch)
    _python(project, server, server)
    code, report = project.check()
    assert (code, report["unread"], report["releases"][0]["verdict"]) == (0, [], "ok")
    assert set(told(server).values()) == {_BASIC}
    assert len(told(server)) == 3


def test_a_password_of_uv_is_for_the_index_of_its_name(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as other:
        indexes = f'[[tool.uv.index]]\nname = "other"\nurl = "{other.url}simple"\n'
        indexes += f'[[tool.uv.index]]\nname = "my-index"\nurl = "{server.url}simple"\ndefault = true\n'
        project.write("pyproject.toml", f'[project]\nname = "app"\nversion = "1"\n{indexes}')
        monkeypatch.setenv("UV_INDEX_MY_INDEX_USERNAME", "me")
        monkeypatch.setenv("UV_INDEX_MY_INDEX_PASSWORD", "w@rd")
        _python(project, server, server)
        _, report = project.check()
        assert {one.authorization for one in other.seen} == {None}
    assert report["unread"] == []
    assert set(told(server).values()) == {_BASIC}


def test_an_index_that_sends_on_to_another_host(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _pip(server, tmp_path, monkeypatch)
    with serving() as other:
        _python(project, server, server)
        other.say("/simple/left/", *server.answers["/simple/left/"])
        server.say("/simple/left/", Said(status=302, headers={"Location": f"{other.url}simple/left/"}))
        code, report = project.check()
        assert (code, other.seen) == (3, [])
    assert told(server) == {"/simple/left/": _BASIC}
    assert report["unread"]


def test_credentials_in_an_address_of_a_page_go_where_it_leads(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes the page may not choose what is said in the name of the user."""
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:w%40rd@127.0.0.1:{server.port}/simple")
    _python(project, server, server)
    page = server.answers["/simple/left/"][0]
    other = server.url.replace("//", "//you:other@").encode()
    server.say("/simple/left/", page._replace(body=page.body.replace(server.url.encode(), other)))
    _, report = project.check()
    assert set(told(server).values()) == {_BASIC}
    assert "other" not in json.dumps(report)
