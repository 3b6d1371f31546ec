"""SUNSPOT swapped a source for the moment of its compilation: twenty ways to do that, "
"each caught and named."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from fimci import guard
from fimci.events.event import Told
from fimci.events.fanotify import Fanotify
from fimci.findings import Finding, Severity
from fimci.request import Request
from tests import repository

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(sys.platform != "linux", reason="the events of Linux"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git"),
]

ROOT = sys.platform == "linux" and os.geteuid() == 0
#: What every variant begins with: how to put a file back so that no look afterwards tells.
PRELUDE = """
import mmap, os, shutil, subprocess, sys, time
S = "src/main.c"
OLD, STATE = open(S, "rb").read(), os.stat(S)
EVIL = OLD.replace(b"check()", b"1")
def put(data, name=S):
    with open(name, "wb") as file: file.write(data)
def back():
    put(OLD); os.chmod(S, STATE.st_mode & 0o7777); os.utime(S, ns=(STATE.st_atime_ns, STATE.st_mtime_ns))
def wait(): time.sleep(0.05)
"""


class Variant(NamedTuple):
    """What is done, and what must be said of it: a path, and a rule that is no milder than the severity."""

    name: str
    program: str
    path: str = "src/main.c"
    rule: str = "source-tampered"
    severity: Severity = Severity.HIGH
    #: Without fanotify it may be graded lower, or (`None`) is a limit that docs/watch.md tells.
    without: Severity | None = Severity.HIGH
    root: bool = False


CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
VARIANTS = (
    Variant(
        "content, mode and times restored", "put(EVIL); wait(); back()", severity=CRITICAL, without=CRITICAL
    ),
    Variant("at once, without a pause", "put(EVIL); open(S).read(); back()"),
    Variant(
        "renamed over, and back",
        "put(EVIL, 'build/e'); os.rename(S, 'build/o'); os.rename('build/e', S); wait(); "
        "os.rename('build/o', S)",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "through a hard link in a folder of outputs",
        "os.link(S, 'build/l'); put(EVIL, 'build/l'); wait(); put(OLD, 'build/l'); "
        "os.remove('build/l'); back()",
        severity=CRITICAL,
    ),
    Variant(
        "through a hard link elsewhere",
        "t = os.environ['ELSEWHERE'] + '/l'; os.link(S, t); put(EVIL, t); wait(); put(OLD, t); os.remove(t)",
        severity=CRITICAL,
    ),
    Variant(
        "through a symbolic link",
        "os.symlink('../src/main.c', 'build/s'); put(EVIL, 'build/s'); wait(); back()",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "through mapped memory",
        "f = open(S, 'r+b'); m = mmap.mmap(f.fileno(), 0); i = OLD.index(b'check'); "
        "m[i:i+5] = b'EVIL_'; m.flush();"
        "wait(); m[i:i+5] = b'check'; m.flush(); m.close(); f.close(); back()",
    ),
    Variant(
        "a folder renamed away and another in its place",
        "shutil.copytree('src', 'build/src'); put(EVIL, 'build/' + S); os.rename('src', 'build/o');"
        "os.rename('build/src', 'src'); wait(); os.rename('src', 'build/e'); os.rename('build/o', 'src')",
        severity=CRITICAL,
    ),
    Variant(
        "another folder mounted over",
        "shutil.copytree('src', 'build/src'); put(EVIL, 'build/' + S);"
        "subprocess.run(['mount', '--bind', 'build/src', 'src'], check=True); wait();"
        "subprocess.run(['umount', 'src'], check=True)",
        path="src",
        root=True,
    ),
    Variant(
        "a new header that is removed again",
        "put(b'#define check() 1', 'include/check.h'); wait(); os.remove('include/check.h')",
        path="include/check.h",
        rule="file-slipped-in",
    ),
    Variant(
        "a new header in a new folder",
        "os.makedirs('include/sys'); put(b'', 'include/sys/check.h'); wait(); shutil.rmtree('include/sys')",
        path="include/sys/check.h",
        rule="file-slipped-in",
    ),
    Variant(
        "a program that is dropped and removed",
        "put(b'#!/bin/sh', 'helper'); os.chmod('helper', 0o755); wait(); os.remove('helper')",
        path="helper",
        rule="executable-dropped",
    ),
    Variant("opened for writing", "f = open(S, 'r+b'); f.close()", severity=MEDIUM, without=MEDIUM),
    Variant(
        "one byte, and back",
        "f = os.open(S, os.O_RDWR); os.pwrite(f, b'X', 4); wait(); os.pwrite(f, OLD[4:5], 4); "
        "os.close(f); back()",
        severity=HIGH,
    ),
    Variant("made executable, and back", "os.chmod(S, 0o755); wait(); back()", severity=LOW, without=LOW),
    Variant(
        "a symbolic link in its place",
        "put(EVIL, 'build/e'); os.rename(S, 'build/o'); os.symlink('../build/e', S); wait(); "
        "os.rename('build/o', S)",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant("removed, and made anew", "os.remove(S); wait(); back()"),
    Variant(
        "by a process that left its parents",
        "subprocess.Popen([sys.executable, '-c', 'import os,time\\nif os.fork(): "
        "os._exit(0)\\nos.setsid()\\n'"
        '\'if os.fork(): os._exit(0)\\nopen("src/main.c","wb").write(\' + repr(EVIL) + '
        "')\\ntime.sleep(0.05)\\n'"
        "'open(\"src/main.c\",\"wb\").write(' + repr(OLD) + ')']); time.sleep(0.6)",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "copied by the kernel",
        "put(EVIL, 'build/e'); a = os.open('build/e', os.O_RDONLY); b = os.open(S, os.O_WRONLY | os.O_TRUNC);"
        "os.copy_file_range(a, b, len(EVIL)); os.close(b); wait(); back()",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "two names exchanged",
        "import ctypes; put(EVIL, 'build/e'); "
        "x = lambda: ctypes.CDLL(None).renameat2(-100, b'src/main.c', -100,"
        "b'build/e', 2); x(); wait(); x()",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "a hook that is removed again",
        "put(b'#!/bin/sh', '.git/hooks/post-checkout'); wait(); os.remove('.git/hooks/post-checkout')",
        path=".git/hooks/post-checkout",
        rule="repository-written",
    ),
    Variant(
        "a workflow, and back",
        "w = '.github/workflows/ci.yml'; o = open(w, 'rb').read(); put(b'on: push', w); wait(); put(o, w)",
        path=".github/workflows/ci.yml",
        rule="workflow-written",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "a program before the others on the path",
        "t = os.environ['TOOLS'] + '/cc'; put(b'#!/bin/sh', t); wait(); os.remove(t)",
        path="TOOLS/cc",
        rule="tool-written",
    ),
    Variant(
        "a start-up file, and back",
        "r = os.environ['HOME'] + '/.bashrc'; put(b'evil', r); wait(); put(b'', r)",
        path="HOME/.bashrc",
        rule="start-up-written",
    ),
    Variant(
        "a name that means to mislead",
        "h = 'src/a\\nclean\\x1b[2J\\udcff.c'; o = open(h, 'rb').read(); put(b'evil', h); wait(); put(o, h)",
        path="src/a\nclean\x1b[2J\udcff.c",
        severity=CRITICAL,
        without=CRITICAL,
    ),
    Variant(
        "elsewhere on the machine",
        "put(b'x', os.environ['ELSEWHERE'] + '/left-behind')",
        path="ELSEWHERE/left-behind",
        rule="outside-written",
        severity=MEDIUM,
        without=None,
    ),
    Variant(
        "a script of one package in another",
        "os.chdir('node_modules/worm'); subprocess.run(['sh', '-c', 'echo evil > ../left/index.js; "
        "sleep 0.1'])",
        path="node_modules/left/index.js",
        rule="package-written",
        without=None,
    ),
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repository.seal(monkeypatch)
    for name in ("HOME", "TOOLS", "ELSEWHERE", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PATH", f"{tmp_path / 'TOOLS'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "HOME" / ".bashrc").touch()
    # What is below a temporary folder is nobody's business; here all of it is.
    monkeypatch.setattr("fimci.guarding.places._USUAL", ("/dev/", "/proc/", "/sys/"))
    where = repository.create(
        tmp_path / "w",
        {
            "src/main.c": "int main(void) {\n    return check();\n}\n",
            "src/a\nclean\x1b[2J\udcff.c": "int a;\n",
            "include/real.h": "",
            ".github/workflows/ci.yml": "on: pull_request\n",
            ".gitignore": "build/\nnode_modules/\n",
        },
    )
    for folder in ("build", "node_modules/left", "node_modules/worm"):
        (where / folder).mkdir(parents=True)
    (where / "node_modules/left/index.js").write_text("exports.left = 1\n")
    return where


def guarded(where: Path, program: str, source: str) -> list[Finding]:
    request = Request(path=str(where), environment=os.environ, today=dt.date(2026, 1, 1))
    found = guard.guard(request, [sys.executable, "-c", PRELUDE + program], source=source)
    assert found.status == 0
    assert not found.report.unread
    return [*found.report.findings]


TRIES = 4


@pytest.mark.parametrize("source", ["fanotify", "inotify"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_what_is_undone_is_told(variant: Variant, source: str, workspace: Path) -> None:
    if not ROOT and (source == "fanotify" or variant.root):
        pytest.skip("takes the rights of root")
    if source == "fanotify":
        can_ask(workspace)
    before = subprocess.run(
        ["git", "status", "--porcelain"], cwd=workspace, capture_output=True, check=True
    ).stdout
    path = variant.path
    for name in ("HOME", "TOOLS", "ELSEWHERE"):
        path = path.replace(name, os.environ[name], 1) if path.startswith(name) else path
    least = variant.severity if source == "fanotify" else variant.without
    # A machine that is busy may look too late for the content, the process or the mount (docs/watch.md).
    findings: list[Finding] = []
    for _ in range(TRIES):
        shutil.rmtree(workspace / "build")  # what a try left there would make the next one fail
        (workspace / "build").mkdir()
        findings = guarded(workspace, variant.program, source)
        after = subprocess.run(
            ["git", "status", "--porcelain"], cwd=workspace, capture_output=True, check=True
        ).stdout
        assert after == before, "a look before and one after must see nothing"
        told = [f for f in findings if f.rule == variant.rule and f.path == path]
        if least is None:
            assert not told, "a limit that is none any more: say so in docs/watch.md"
            return
        if told and max(f.severity for f in told) >= least and (source != "fanotify" or _names_who(told)):
            return
    pytest.fail(f"{least} at {path} is not told in full: {[(f.severity, f.rule, f.path) for f in findings]}")


@pytest.mark.parametrize("name", ["a folder renamed away and another in its place", "two names exchanged"])
def test_what_was_moved_on_is_read_where_it_is_however_late_anybody_looks(
    name: str, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    can_ask(workspace)
    variant = next(one for one in VARIANTS if one.name == name)
    read = Fanotify.read

    def late(self: Fanotify, seconds: float) -> list[Told]:
        time.sleep(0.5)
        return read(self, seconds)

    monkeypatch.setattr(Fanotify, "read", late)
    (told,) = (f for f in guarded(workspace, variant.program, "fanotify") if f.path == variant.path)
    assert (told.rule, told.severity) == ("source-tampered", CRITICAL)


def _names_who(told: list[Finding]) -> bool:
    return "mounted" in told[0].message or any(
        f"by {name}" in place.text for place in told[0].evidence for name in ("python", "sh", "dash")
    )


def test_a_build_that_writes_only_what_it_may_is_silent(workspace: Path) -> None:
    program = (
        "put(EVIL, 'build/x.c'); os.chmod('build/x.c', 0o755); subprocess.run(['git', 'status'], check=True)"
    )
    for source in ("fanotify", "inotify") if ROOT else ("inotify",):
        assert [(f.rule, f.path) for f in guarded(workspace, program, source)] == []


def can_ask(where: Path) -> None:
    try:
        Fanotify([str(where)], everywhere=True).close()
    except OSError as error:
        pytest.skip(f"no fanotify here: {error}")
