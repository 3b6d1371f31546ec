"""What a place is to whoever guards a command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fimci.guarding import places
from fimci.guarding.places import Places


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.setattr("os.path.realpath", lambda path: path)
    return places.places(
        "/w",
        "/w/.git",
        frozenset({"src/a.c", ".github/workflows/ci.yml", "dist/kept.js", "build/tracked"}),
        ("dist/", "*.log", "~/ok/", "/opt/tool/", "/srv/one"),
        lambda path: path.startswith(("build/", "node_modules/")),
        {
            "PATH": os.pathsep.join(["/usr/bin", "relative", "/w/build/bin", "/opt/tool/bin"]),
            "GITHUB_ENV": "/tmp/gh/env",  # noqa: S108  (a name, and no file)
            "BASH_ENV": "/etc/mine",
            "TMPDIR": str(tmp_path),
        },
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/w/src/a.c", "source"),
        ("/w/build/tracked", "source"),
        ("/w/src/new.c", "new"),
        ("/w/build/o", None),
        ("/w/dist/kept.js", None),
        ("/w/deep/run.log", None),
        ("/w/.github/workflows/ci.yml", "workflow"),
        ("/w/fimci.toml", "workflow"),
        ("/w/.git/hooks/pre-commit", "repository"),
        ("/w/.git/config", "repository"),
        ("/w/.git/config.lock", None),
        ("/w/.git/index", None),
        ("/w/.git/objects/ab/cd", None),
        ("/w/.git/refs/heads/main", "repository"),
        ("/w/.git/modules/x/hooks/post-checkout", "repository"),
        ("/usr/bin/git", "tool"),
        ("/opt/tool/bin/x", None),
        ("/srv/one", None),
        ("/srv/other", "outside"),
        ("/home/u/.bashrc", "start-up"),
        ("/home/u/.bashrc.d", "outside"),
        ("/home/u/.ssh/authorized_keys", "start-up"),
        ("/home/u/ok/x", None),
        ("/home/u/.cache/pip/x", None),
        ("/home/u/.npm/_cacache/x", None),
        ("/home/u/notes", "outside"),
        ("/etc/profile.d/x.sh", "start-up"),
        ("/etc/mine", "start-up"),
        ("/tmp/x", None),  # noqa: S108  (a name, and no file)
        ("/tmp/gh/env", "workflow"),  # noqa: S108  (the same)
        ("/wide/x", "outside"),
    ],
)
def test_what_a_place_is(where: Places, path: str, expected: str | None) -> None:
    assert places.kind(where, path) == expected


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/w/node_modules/left/index.js", "/w/node_modules/left/"),
        ("/w/node_modules/@scope/left/lib/x", "/w/node_modules/@scope/left/"),
        ("/w/node_modules/a/node_modules/b/x", "/w/node_modules/a/node_modules/b/"),
        ("/w/node_modules/.bin/x", ""),
        ("/w/node_modules/.package-lock.json", ""),
        ("/w/node_modules/left", ""),
        ("/v/lib/python3.12/site-packages/requests/api.py", "/v/lib/python3.12/site-packages/requests/"),
        ("/w/src/a.c", ""),
    ],
)
def test_the_package_that_a_path_is_in(path: str, folder: str) -> None:
    assert places.package_of(path) == folder
