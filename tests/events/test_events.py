"""What the kernel says, read from its bytes; what is below what; who a process is."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.events import processes
from fimci.events.event import Event, Lost, Told, is_below
from fimci.events.fanotify import Fanotify, _parsed
from fimci.events.inotify import Inotify
from fimci.events.opened import opened

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the events of Linux")
SOURCES = ["inotify", *(["fanotify"] if sys.platform == "linux" and os.geteuid() == 0 else [])]


def source(name: str, root: Path) -> Inotify | Fanotify:
    if name == "inotify":
        return Inotify([str(root)])
    try:
        return Fanotify([str(root)])
    except OSError as error:
        pytest.skip(f"no fanotify here: {error}")


def shell(root: Path, text: str) -> None:
    subprocess.run(["sh", "-c", text], cwd=root, check=True)


def events(found: Inotify | Fanotify, wanted: set[str], root: Path) -> list[Event]:
    """Read until all of the wanted paths were told."""
    told: list[Told] = []
    paths: set[str] = set()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told += found.read(0.1)
        paths = {one.path[len(str(root)) + 1 :] for one in told if isinstance(one, Event)}
        if paths >= wanted:
            break
    found.close()
    assert paths >= wanted
    assert not any(isinstance(one, Lost) for one in told)
    return [one for one in told if isinstance(one, Event)]


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_done_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").write_text("x")
    found = source(name, tmp_path)
    shell(
        tmp_path,
        "echo y > a/old; echo z > new; chmod 755 a/old; mv a b; rm new; mkdir -p c/d/e; echo q > c/d/e/f",
    )
    told = events(found, {"a", "b", "new", "c", "c/d", "c/d/e", "c/d/e/f"}, tmp_path)
    deeds: dict[str, set[str]] = {}
    for event in told:
        deeds.setdefault(event.path[len(str(tmp_path)) + 1 :], set()).update(event.deeds)
    assert "removed" in deeds["new"]
    assert "left" in deeds["a"]
    assert "came" in deeds["b"]
    assert all((event.pid is not None) == (name == "fanotify") for event in told)


@pytest.mark.parametrize("name", SOURCES)
def test_a_folder_that_moved_is_watched_under_its_new_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    found = source(name, tmp_path)
    shell(tmp_path, "mv a b")
    shell(tmp_path, "echo x > b/deep/f; mv b/deep c; echo x > c/g")
    events(found, {"a", "b", "c", "c/f", "c/g"}, tmp_path)


@pytest.mark.parametrize("name", SOURCES)
def test_names_are_bytes(name: str, tmp_path: Path) -> None:
    found = source(name, tmp_path)
    names = [b"\xff\xfe", b"a\nb", b"\x1b[2J", b" ", "é".encode(), b"x" * 255]
    script = "import sys; [open(n, 'w').write('x') for n in sys.argv[1:]]"
    subprocess.run([sys.executable, "-c", script, *map(os.fsdecode, names)], cwd=tmp_path, check=True)
    events(found, set(map(os.fsdecode, names)), tmp_path)


def test_a_file_is_watched_by_whatever_name_it_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "f"
    file.write_text("x")
    os.link(file, tmp_path / "link")
    found = Inotify([], files=[str(file)])
    (tmp_path / "link").write_text("y")
    told = found.read(5)
    found.close()
    assert {one.path for one in told} == {str(file)}


def test_a_limit_of_watches_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    real = Inotify([str(tmp_path)])

    def full(*_: object) -> int:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(real._notify, "add_watch", full)
    (tmp_path / "sub" / "new").mkdir()
    told = real.read(5)
    real.close()
    assert [one.blind for one in told if isinstance(one, Lost)] == [True]


def test_the_root_itself_goes(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    found = Inotify([str(tmp_path / "root")])
    (tmp_path / "root").rename(tmp_path / "elsewhere")
    assert any(isinstance(one, Lost) and one.blind for one in found.read(5))
    found.close()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_make_no_sense_give_no_traceback(data: bytes) -> None:
    list(_parsed(data))
    head = struct.pack("=IBBHQii", 24 + len(data), 3, 0, 24, 2, -1, 7)
    list(_parsed(head + data))


def test_what_is_below_what() -> None:
    assert is_below("/a/b", ["/a"])
    assert is_below("/a", ["/a"])
    assert is_below("/a", ["/"])
    assert not is_below("/ab", ["/a"])


def test_the_best_source_that_can_be_had_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("fimci.events.fanotify.Fanotify", refused)
    found, note = opened([str(tmp_path)])
    assert found.name == "inotify"
    assert "operation not permitted" in note
    found.close()
    with pytest.raises(PermissionError):
        opened([str(tmp_path)], wanted="fanotify")


def test_the_portable_source(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    found, note = opened([str(tmp_path)], wanted="watchfiles")
    assert "not told" in note
    (tmp_path / "new").write_text("x")
    told: list[Told] = []
    end = time.monotonic() + 60
    while not told and time.monotonic() < end:
        told = found.read(1)
    found.close()
    assert {one.path for one in told} == {str(tmp_path / "new")}


def test_who_a_process_is() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        family = processes.Family(os.getpid())
        process = family.asked(child.pid)
        end = time.monotonic() + 30
        while (process is None or "sleep" not in process.command) and time.monotonic() < end:
            process = family.asked(child.pid)
        assert process is not None
        assert processes.told(process).startswith(
            f"{process.program.rpartition('/')[2]} (pid {child.pid}, user "
        )
        assert family.has(child.pid)
        child.kill()
    assert family.asked(child.pid) == process, "it is remembered when it is gone"
    assert family.has(1) is False
    assert processes.Family(os.getpid()).has(2**22 + 1) is None
