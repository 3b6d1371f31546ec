"""A registry that does not behave: what a check of a change says, how it ends, and what the registry saw."""

from __future__ import annotations

import functools
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from fimci.registries import client, npm
from tests.loopback import Registry, Said, serving
from tests.releases.projects import LOUD, Project, updated

_ARCHIVE = "/left/-/left-1.0.1.tgz"


def missed(report: dict[str, Any]) -> str:
    """Return why the new release was not looked at; it is said once, at its line, and nothing is ok."""
    (one,) = report["unread"]
    assert (one["path"], one["part"], one["line"]) == ("package-lock.json", "left@1.0.1", 14)
    assert [row["verdict"] for row in report["releases"]] == ["not looked at"]
    assert (report["findings"], report["complete"]) == ([], False)
    return str(one["why"])


def test_who_asks_too_often_waits_as_long_as_told(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    updated(project, server, LOUD)
    waits: list[float] = []
    monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 2)
    monkeypatch.setattr(client, "Client", functools.partial(client.Client, sleep=waits.append))
    there = server.answers[_ARCHIVE]
    server.say(_ARCHIVE, Said(status=429, headers={"Retry-After": "7"}), *there)
    code, report = project.check()
    assert (code, report["unread"], waits) == (0, [], [7.0])
    assert [found["rule"] for found in report["findings"]] == ["capability-gained"]
    assert server.paths().count(_ARCHIVE) == 2


def test_nobody_waits_for_an_hour(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    server.say(_ARCHIVE, Said(status=429, headers={"Retry-After": "3600"}))
    code, report = project.check()
    assert (code, "asks to wait for 3,600 s" in missed(report)) == (3, True)
    assert server.paths().count(_ARCHIVE) == 1


def test_errors_are_not_repeated_for_ever(
    project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    updated(project, server, LOUD)
    monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 3)
    monkeypatch.setattr(client, "Client", functools.partial(client.Client, sleep=lambda _: None))
    server.say(_ARCHIVE, Said(status=502))
    code, report = project.check()
    assert (code, "answers 502 (3 attempts)" in missed(report)) == (3, True)
    assert server.paths().count(_ARCHIVE) == 3


@pytest.mark.parametrize("by", ["redirect", "document"])
def test_another_host_sees_nothing_and_no_token_is_told(
    by: str, project: Project, server: Registry, tmp_path: Path
) -> None:
    # The registry is compromised: it sends whoever asks, or names the archive, elsewhere.
    (tmp_path / "home/.npmrc").write_text(f"//127.0.0.1:{server.port}/:_authToken=hidden\n")
    updated(project, server, LOUD)
    with serving() as other:
        other.say("/left.tgz", server.answers[_ARCHIVE][0])
        if by == "redirect":
            server.say(_ARCHIVE, Said(status=302, headers={"Location": f"{other.url}left.tgz"}))
        else:
            manifest = json.loads(server.answers["/left/1.0.1"][0].body)
            manifest["dist"]["tarball"] = f"{other.url}left.tgz"
            server.say("/left/1.0.1", Said(json.dumps(manifest).encode()))
        code, report = project.check()
        assert (code, other.seen) == (3, [])
    assert missed(report)
    assert server.seen
    assert {one.authorization for one in server.seen} == {"Bearer hidden"}
    assert "hidden" not in json.dumps(report)


def test_a_registry_of_the_change_is_told_no_token(
    project: Project, server: Registry, tmp_path: Path
) -> None:
    updated(project, server, LOUD)
    with serving() as other:
        (tmp_path / "home/.npmrc").write_text(f"//127.0.0.1:{other.port}/:_authToken=hidden\n")
        project.check()
        assert other.seen == []
    assert {one.authorization for one in server.seen} == {None}


def test_a_gzip_bomb(project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    updated(project, server, LOUD)
    monkeypatch.setattr(npm, "LIMIT", 100_000)
    bomb = Said(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    server.say("/left/1.0.1", bomb)
    code, report = project.check()
    assert (code, "more than 100,000 bytes" in missed(report)) == (3, True)
    assert _ARCHIVE not in server.paths()


def test_a_slow_server(project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    updated(project, server, LOUD)
    monkeypatch.setattr(client, "Client", functools.partial(client.Client, deadline=0.5))
    server.say(_ARCHIVE, Said(bytes(1_000), pause=0.05))
    start = time.monotonic()
    code, report = project.check()
    assert (code, missed(report)) == (3, "127.0.0.1 is too slow")
    assert time.monotonic() - start < 20
    assert server.paths().count(_ARCHIVE) == 1


def test_a_server_that_is_down(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    with serving() as gone:
        address = gone.url
    project.write(".npmrc", f"registry={address}\n")
    project.commit()
    project.write(
        "package-lock.json", (project.folder / "package-lock.json").read_text().replace("1.0.1", "1.0.2")
    )
    code, report = project.check()
    assert code == 3
    assert any("cannot be reached" in one["why"] for one in report["unread"])
    assert [row["verdict"] for row in report["releases"]] == ["not looked at"]
    assert (report["findings"], server.seen) == ([], [])
