"""Other machines, end to end: a real sshd on loopback, with the tools of GNU and with those of BusyBox."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which

import msgspec
import pytest

from fimci import folder, remote, sides
from fimci.cli import main
from fimci.errors import RemoteError
from fimci.model import File, Record, Unread
from fimci.sources.ssh import address, answers, client
from fimci.sources.ssh.client import Session
from tests import images, sshd

pytestmark = [pytest.mark.client, sshd.needs_sshd]

NAMES = (
    *(b"-rf", b"new\nline", b"quote'\"$x`", b"\xff\xfe", b"back\\slash", b" sp ace ", b"\x1b[31mred"),
    *(b"*?[", b"cr\rx", b"%41%s", b"a" * 255, b"~", b"#!", "é".encode(), b"./".replace(b"/", b"") + b"x"),
)
MANIFEST = '{"name": "demo", "version": "1.0.0", "scripts": {"test": "node test"}}\n'


@pytest.fixture(scope="module", params=["gnu", pytest.param("busybox", marks=sshd.needs_busybox)])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Host]:
    place = tmp_path_factory.mktemp("sshd")
    path = sshd.applets(place / "applets") if request.param == "busybox" else None
    with sshd.running(place / "daemon", path) as running, pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", sshd.client(place / "client", running))
        yield running


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a folder with everything in it that a folder may hold."""
    root = tmp_path / "srv"
    (root / "app" / "deep").mkdir(parents=True)
    (root / "app" / "package.json").write_text(MANIFEST)
    (root / "app" / "run").write_text("#!/bin/sh\n")
    (root / "app" / "run").chmod(0o4755)
    (root / "app" / "empty").touch()
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n")
    for number in range(200):
        (root / "app" / "deep" / f"{number:03}.txt").write_text(f"{number}\n" * number)
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)
    (root / "link").symlink_to("two\nlines\n")
    Path(os.fsdecode(os.fsencode(root) + b"/l\n\\k")).symlink_to("nowhere")
    os.mkfifo(root / "fifo")
    return root


def taken(host: sshd.Host, root: Path, profile: str = "repository") -> list[Record]:
    how = sides.recipe((".git/",), named=True, profile=profile)
    return list(remote.snapshot(host.at(root).removeprefix("ssh://"), how).records)


def test_a_folder_there_is_what_it_is_here(host: sshd.Host, tree: Path) -> None:
    here = list(folder.taken(str(tree), sides.recipe((".git/",), named=True)).records)
    assert taken(host, tree) == here
    assert sum(isinstance(record, File) for record in here) > 200 + len(NAMES)


def test_what_the_host_profile_asks_for_is_told_as_far_as_it_can_be(host: sshd.Host, tree: Path) -> None:
    here = {r.path: r for r in folder.taken(str(tree), sides.recipe((".git/",), profile="host")).records
            if isinstance(r, File)}  # fmt: skip
    for record in taken(host, tree, "host"):
        if isinstance(record, File):
            there, wanted = dict(record.attributes), dict(here[record.path].attributes)
            assert {"owner", "group"} <= there.keys()
            assert all(wanted[name] == value for name, value in there.items()), record.path


def test_baseline_tamper_check(
    host: sshd.Host,
    tree: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    there = host.at(tree)
    assert main(["baseline", there, "--output", "web.baseline"]) == 0
    assert main(["check", there, "--baseline", "web.baseline"]) == 0
    capsys.readouterr()
    scripts = MANIFEST.replace('"test": "node test"', '"test": "node test", "postinstall": "node x.js"')
    (tree / "app" / "package.json").write_text(scripts)
    (tree / "app" / "deep" / "007.txt").write_text("8\n" * 7)
    (tree / "app" / "empty").chmod(0o777)
    Path(os.fsdecode(os.fsencode(tree) + b"/new\nline")).write_bytes(b"other")
    Path(os.fsdecode(os.fsencode(tree) + b"/\xff\xfe")).unlink()
    (tree / "link").unlink()
    (tree / "link").symlink_to("/etc/passwd")
    assert main(["check", there, "--baseline", "web.baseline", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    said = {(one["rule"], one["path"]) for one in report["findings"]}
    assert {("install-script-added", "app/package.json"), ("unexpected-change", "app/deep/007.txt")} <= said
    assert {path for _, path in said} == {
        *("app/package.json", "app/deep/007.txt", "app/empty", "link"),
        *("new\\nline", "\\xff\\xfe"),
    }
    assert report["unread"] == []
    assert report["subject"]["right"] == there


def test_of_what_is_as_it_was_nothing_is_brought_over_and_the_same_is_said(
    host: sshd.Host, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "second").mkdir()
    (tree / "second" / "package.json").write_text(MANIFEST)
    how = sides.recipe((".git/",), named=True)
    place = host.at(tree).removeprefix("ssh://")
    before = remote.snapshot(place, how)
    before = msgspec.structs.replace(before, records=list(before.records))
    brought: list[bytes] = []
    contents = answers.contents

    def counted(session: Session, sizes: Mapping[bytes, int]) -> dict[bytes, bytes]:
        brought.extend(sizes)
        return contents(session, sizes)

    monkeypatch.setattr(answers, "contents", counted)
    assert list(remote.snapshot(place, how, known=before).records) == before.records
    assert brought == []
    (tree / "second" / "package.json").write_text(MANIFEST.replace("node test", "node other"))
    (tree / "third.toml").write_text("[project]\n")
    after = list(remote.snapshot(place, how, known=before).records)
    assert sorted(brought) == [b"./second/package.json", b"./third.toml"]
    brought.clear()
    assert list(remote.snapshot(place, how).records) == after
    assert b"./app/package.json" in brought


def test_what_cannot_be_read_there_is_unread(host: sshd.Host, tree: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root reads everything")
    (tree / "app" / "run").chmod(0)
    (tree / "app" / "deep").chmod(0)
    try:
        unread = {(r.path, r.part) for r in taken(host, tree) if isinstance(r, Unread)}
    finally:
        (tree / "app" / "deep").chmod(0o755)
    assert unread == {("app/run", ""), ("app/deep", "members")}


def test_many_hosts_one_report_and_one_that_is_not_there(
    host: sshd.Host,
    tree: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    tables = "".join(
        f'[[remote]]\nname = "{name}"\nat = "{host.at(tree / path)}"\nbaseline = "{name}.baseline"\n'
        for name, path in (("web1", "app"), ("web2", ""))
    )
    (tmp_path / "fimci.toml").write_text(tables)
    assert main(["baseline", "--remote"]) == 0
    assert main(["check", "--remote"]) == 0
    gone = tables + '[[remote]]\nname = "web3"\nat = "ssh://gone.invalid/srv"\nbaseline = "web1.baseline"\n'
    (tmp_path / "fimci.toml").write_text(gone)
    capsys.readouterr()
    assert main(["check", "--remote", "--format", "json"]) == 3
    (unread,) = json.loads(capsys.readouterr().out)["unread"]
    assert unread["path"] == "web3"
    assert "could not be reached" in unread["why"]
    (tree / "app" / "empty").write_text("no longer")
    assert main(["check", "--remote", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {one["path"] for one in report["findings"]} == {"web1/empty", "web2/app/empty"}
    assert main(["check", "--remote", "web1", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {one["path"] for one in report["findings"]} == {"web1/empty"}


def test_a_baseline_of_a_host_that_cannot_be_reached_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["baseline", "ssh://gone.invalid/srv", "--output", "web.baseline"]) == 3
    assert "ssh://gone.invalid/srv could not be reached: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_and_a_host_that_takes_too_long(host: sshd.Host, tree: Path) -> None:
    with pytest.raises(RemoteError, match="no such folder"):
        taken(host, tree / "nonesuch")
    where = address.parse(host.at(tree).removeprefix("ssh://"))
    with (
        client.connected(where, client.LIMITS._replace(seconds=3)) as session,
        pytest.raises(RemoteError, match="did not answer within 3 s"),
    ):
        client.run(session, "sleep 6")
    hurry = client.LIMITS._replace(greeting=2)
    with client.connected(where, hurry) as session, pytest.raises(RemoteError, match="within 2 s"):
        client.run(client.hurried(session), "sleep 6")
    with (
        client.connected(where, client.LIMITS._replace(bytes=1000)) as session,
        pytest.raises(RemoteError, match="more than 1,000 bytes"),
    ):
        client.run(session, "i=0; while [ $i -lt 5000 ]; do ls -d .; i=$((i+1)); done")


#: What a host may do with the command of a session instead of running it, and what is then told.
_COMMAND = '"$SSH_ORIGINAL_COMMAND"'
HOSTILE = {
    "answers something else": ("echo hello", "not whole"),
    "never stops": ("yes", "before a script begins"),
    "pours zeros": ("cat /dev/zero", "before a script begins"),
    "says nothing": ("sleep 5", "did not answer within 2 s"),
    "ends at once": ("true", "closes the connection"),
    "ends without a word": ("kill -9 $$", "could not be reached"),
    "knows no program": ("/nonesuch", "closes the connection"),
    "talks behind the end": (f"sh -c {_COMMAND}; echo more", "not whole"),
    "holds back": (f"sh -c {_COMMAND} | tail -c 100000", "did not answer within 2 s"),
    "cuts": (f"sh -c {_COMMAND} | dd bs=1 count=1500 2>/dev/null", "not whole"),
    "writes it otherwise": (f"sh -c {_COMMAND} | stdbuf -o0 tr a-f A-F", "not whole|before a script"),
    "says it twice": (f"sh -c {_COMMAND}; sh -c {_COMMAND}", "not whole|describes no file"),
}
KIND = {
    "greets": f"echo Welcome; echo; sh -c {_COMMAND}",
    "complains": f"head -c 3000000 /dev/zero >&2; sh -c {_COMMAND}",
    **{shell: f"{shell} -c {_COMMAND}" for shell in ("bash", "dash", "fish", "csh", "tcsh") if which(shell)},
}


def answering(tree: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> list[Record]:
    """Take a folder of a host that does something else with what it is told to run."""
    with sshd.running(folder / "daemon", None, f"ForceCommand {command}\n") as there:
        monkeypatch.setenv("PATH", sshd.client(folder / "client", there))
        return taken(there, tree)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_host_that_does_something_else_is_unread(
    what: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, told = HOSTILE[what]
    hurry = client.LIMITS._replace(greeting=2, seconds=20)
    monkeypatch.setattr(client, "connected", functools.partial(client.connected, limits=hurry))
    begun = time.monotonic()
    with pytest.raises(RemoteError, match=told):
        answering(tree, tmp_path, monkeypatch, command)
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize("what", KIND)
def test_whatever_shell_there_is_and_whatever_it_says_first(
    what: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = list(folder.taken(str(tree), sides.recipe((".git/",), named=True)).records)
    assert answering(tree, tmp_path, monkeypatch, KIND[what]) == here


def test_nothing_is_left_behind(
    host: sshd.Host, tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = sorted(tree.rglob("*"))
    taken(host, tree)
    assert list(temporary.iterdir()) == []
    assert sorted(tree.rglob("*")) == before


def test_a_source_that_cannot_be_read_is_unread_alone_and_among_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    images.layout(tmp_path / "image", [images.layer("etc/", "etc/motd")])
    tables = "".join(
        f'[[remote]]\nname = "{name}"\nat = "oci:{path}"\nbaseline = "image.baseline"\n'
        for name, path in (("one", "image"), ("two", "gone"))
    )
    (tmp_path / "fimci.toml").write_text(tables)
    assert main(["baseline", "oci:image", "--output", "image.baseline"]) == 0
    assert main(["check", "oci:gone", "--baseline", "image.baseline", "--format", "json"]) == 3
    assert [one["path"] for one in json.loads(capsys.readouterr().out.partition("\n")[2])["unread"]] == [
        "oci:gone"
    ]
    assert main(["check", "--remote", "--format", "json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in report["unread"]] == ["two"]
    assert report["findings"] == []
    assert main(["check", "--remote", "three"]) == 2
    assert main(["check", "oci:image"]) == 2
    assert main(["baseline", "oci:image"]) == 2
