"""Watching a folder: what changes is told, once, and nothing is lost; judged as a full check would."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimci import cli, watch
from fimci.events import event
from fimci.events.event import Event, Lost, Told
from fimci.findings import Report
from fimci.history import store
from fimci.request import Request
from fimci.watching import kept

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the events of Linux")
TODAY = dt.date(2026, 1, 1)


class Queue:
    """A source of events that a test fills."""

    name = "queue"
    descriptor = None

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.closed = False

    def read(self, seconds: float) -> list[Told]:
        if not self.told:
            time.sleep(min(seconds, 0.01))
        told, self.told = self.told, []
        return told

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue()
    monkeypatch.setattr("fimci.watch.opened", lambda *_, **__: (made, ""))
    return made


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    where = tmp_path / "root"
    for number in range(300):
        (where / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (where / f"d{number % 7}" / f"f{number}.txt").write_text(f"{number}\n")
    (where / "package.json").write_text('{"name": "demo", "version": "1.0.0"}\n')
    assert cli.main(["baseline", str(where)]) == 0
    capsys.readouterr()
    return where


def begun(root: Path, **orders: float) -> Iterator[Report]:
    request = Request(path=str(root), environment=os.environ, today=TODAY, listed=True)
    return watch.watch([request], watch.Orders(**{"every": 0.0, "seconds": 60.0, **orders}))  # type: ignore[arg-type]


def changed(path: Path, *deeds: event.Deed, folder: bool = False, pid: int | None = None) -> Event:
    return Event(str(path), frozenset(deeds), folder, time.time(), pid)


def told(reports: list[Report]) -> set[str]:
    lines = (line for report in reports for line in report.summary)
    return {line[2:].partition(" (")[0] for line in lines if line[:2] in {"+ ", "- ", "~ "}}


def until(reports: Iterator[Report], wanted: set[str]) -> set[str]:
    """Return what was told until all that is wanted was; a machine may be busy with other work."""
    found: set[str] = set()
    for report in reports:
        found |= told([report])
        if found >= wanted:
            break
    return found


def test_a_change_is_told_once_and_again_when_it_is_another(root: Path, queue: Queue) -> None:
    reports = begun(root)
    assert next(reports).exit_code == 0
    file = root / "d1" / "f1.txt"
    file.write_text("other\n")
    queue.told = [changed(file, "modified", "written"), changed(file, "attributes")]
    first = next(reports)
    assert [(f.rule, f.path) for f in first.findings] == [("unexpected-change", "d1/f1.txt")]
    queue.told = [changed(file, "modified", "written")]  # as it was judged
    other = root / "d2" / "f2.txt"
    other.write_text("other\n")
    queue.told.append(changed(other, "modified", "written"))
    assert [(f.rule, f.path) for f in next(reports).findings] == [("unexpected-change", "d2/f2.txt")]


def test_what_is_put_back_is_said_to_be_and_the_next_change_is_new(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    file = root / "d1" / "f1.txt"
    for text, expected in (("other\n", 1), ("1\n", 0), ("other\n", 1)):
        file.write_text(text)
        queue.told = [changed(file, "modified", "written")]
        report = next(reports)
        assert len(report.findings) == expected
        assert any("again: d1/f1.txt" in note for note in report.notes) == (not expected)


def test_what_was_written_and_is_as_before_is_told_as_that(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    queue.told = [changed(root / "d1" / "f1.txt", "modified", "written")]
    report = next(reports)
    assert [(f.rule, str(f.severity)) for f in report.findings] == [("source-tampered", "low")]


def test_rules_see_a_change_among_its_surroundings(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    (root / "package.json").write_text(
        '{"name": "demo", "version": "1.0.0", "scripts": {"postinstall": "node x"}}\n'
    )
    queue.told = [changed(root / "package.json", "written")]
    assert "install-script-added" in {f.rule for f in next(reports).findings}


def test_a_full_queue_is_survived(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    (root / "d1" / "f1.txt").write_text("other\n")
    (root / "d2" / "f2.txt").unlink()
    (root / "new").mkdir()
    (root / "new" / "file.txt").write_text("new\n")
    queue.told = [Lost(str(root), "the queue of events was full")]
    wanted = {"d1/f1.txt", "d2/f2.txt", "new", "new/file.txt"}
    assert until(reports, wanted) == wanted


def test_what_is_not_watched_is_not_said_to_be_clean(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    queue.told = [Lost(str(root / "d3"), "the limit of watches is reached", blind=True)]
    found = next(reports)
    assert [u.path for u in found.unread] == ["d3"]
    assert found.exit_code == 3


def test_a_folder_that_is_renamed_or_gone_is_looked_at_whole(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    (root / "d1").rename(root / "e1")
    queue.told = [
        changed(root / "d1", "left", folder=True),
        changed(root / "e1", "came", folder=True),
    ]
    gone = {f"d1/f{n}.txt" for n in range(300) if n % 7 == 1}
    wanted = {"d1", "e1", *gone, *(path.replace("d1/", "e1/") for path in gone)}
    assert until(reports, wanted) == wanted


@pytest.mark.usefixtures("queue")
def test_a_full_check_in_the_background_finds_what_no_event_told(root: Path) -> None:
    reports = begun(root, every=0.2, budget=1.0)
    next(reports)
    (root / "d5" / "f5.txt").write_text("silent\n")
    (root / "d6" / "f6.txt").unlink()
    assert until(reports, {"d5/f5.txt", "d6/f6.txt"}) == {"d5/f5.txt", "d6/f6.txt"}


def test_a_new_baseline_counts_and_a_broken_one_does_not(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    (root / "d1" / "f1.txt").write_text("other\n")
    assert cli.main(["baseline", str(root)]) == 0
    queue.told = [changed(root / "d1" / "f1.txt", "written")]
    report = next(reports)
    assert (report.findings, report.exit_code) == ((), 0)
    assert any("new baseline" in note for note in report.notes)
    (root / "fimci.baseline").write_text("no baseline\n")
    queue.told = [changed(root / "d2" / "f2.txt", "attributes")]
    report = next(reports)
    assert [u.path for u in report.unread] == ["fimci.baseline"]


def test_what_is_remembered_has_a_bound_and_what_is_beyond_is_told_all_the_same(
    root: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fimci.watching.tree.STANDING", 5)
    reports = begun(root, every=0.2, budget=1.0)
    next(reports)
    paths = {f"d{number % 7}/f{number}.txt" for number in range(20)}
    for path in paths:
        (root / path).write_text("other\n")
        queue.told.append(changed(root / path, "written"))
    found: set[str] = set()
    notes: set[str] = set()
    for report in reports:
        found |= told([report])
        notes |= {*report.notes}
        if found >= paths and notes:
            break
    assert any("more than 5 paths differ" in note for note in notes)
    request = Request(path=str(root), environment=os.environ, today=TODAY)
    reports.close()  # type: ignore[attr-defined]  # a generator
    assert len(kept.load(str(root), request.environment).standing) == 5


def test_a_full_check_on_schedule_says_what_it_could_not_look_at_each_time(root: Path, queue: Queue) -> None:
    reports = begun(root, every=0.1, budget=1.0)
    next(reports)
    assert next(report for report in reports if report.swept).complete
    (root / "package.json").write_text("{")
    queue.told = [changed(root / "package.json", "written")]
    assert next(one.path for report in reports for one in report.unread if not report.swept) == "package.json"
    for _ in range(2):
        report = next(report for report in reports if report.swept)
        assert {one.path for one in report.unread} == {"package.json"}


def test_a_restart_knows_what_was_told(root: Path, queue: Queue) -> None:
    (root / "d1" / "f1.txt").write_text("other\n")
    first = list(begun(root, seconds=0.1))
    assert len(first[0].findings) == 1
    (root / "d2" / "f2.txt").write_text("while nobody watched\n")
    again = next(begun(root))
    assert {f.path for f in again.findings} == {"d1/f1.txt", "d2/f2.txt"}
    assert any(note.startswith("1 of these findings were told by a run before") for note in again.notes)
    assert queue.closed


@pytest.mark.usefixtures("queue")
def test_a_file_that_is_written_all_day_is_remembered_once(root: Path, queue: Queue) -> None:
    reports = begun(root)
    next(reports)
    file = root / "d1" / "f1.txt"
    prints, last = set(), ""
    for number in range(6):
        file.write_text(f"other {number}\n")
        queue.told = [changed(file, "modified", "written")]
        (found,) = next(reports).findings
        prints.add(last := found.fingerprint)
    reports.close()  # type: ignore[attr-defined]  # a generator
    said = kept.load(str(root), os.environ).said
    assert len(prints) > 1, "each content is a finding of its own"
    assert said == {"d1/f1.txt": (last,)}


def test_states_that_others_may_write_are_not_used(root: Path, tmp_path: Path) -> None:
    (root / "d1" / "f1.txt").write_text("other\n")
    list(begun(root, seconds=0.1))
    (file,) = (tmp_path / "state" / "fimci" / "watch").iterdir()
    assert kept.load(str(root), os.environ).standing
    if os.name == "posix":
        file.chmod(0o666)
        assert not kept.load(str(root), os.environ).standing
    file.write_text("{")
    file.chmod(0o600)
    assert not kept.load(str(root), os.environ).standing


def test_hostile_names_survive_the_state(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    names = {"a\nb": "1", "\udcff\x1b": "2", "é\\": "3", "\ud800x": "4"}
    state = kept.Kept(baseline="x", standing=dict(names), said={"\udc80": ("f", "g")})
    assert kept.save(str(tmp_path), environment, state) == ""
    found = kept.load(str(tmp_path), environment)
    if sys.platform == "linux":
        assert found == state


def _storm(root: Path) -> None:
    for number in range(0, 300, 3):
        (root / f"d{number % 7}" / f"f{number}.txt").write_text(f"{number} again\n")
    deep = root / "a" / "b" / "c"
    deep.mkdir(parents=True)
    for number in range(50):
        (deep / f"{number}\n\x1b[2J").write_text("new\n")
    os.mkdir(os.fsencode(root) + b"/\xff")
    with open(os.fsencode(root) + b"/\xff/\xfe", "wb") as opened:
        opened.write(b"x")
    (root / "d0").rename(root / "moved")
    (root / "moved" / "late.txt").write_text("after it was moved\n")
    (root / "d1" / "f1.txt").chmod(0o755)
    (root / "d2" / "f2.txt").unlink()
    (root / "d2" / "f2.txt").symlink_to("nowhere")


@LINUX
@pytest.mark.parametrize("source", ["fanotify", "inotify"])
def test_real_events_find_what_a_full_check_finds(source: str, root: Path) -> None:
    if source == "fanotify" and os.geteuid() != 0:
        pytest.skip("takes the rights of root")
    request = Request(path=str(root), environment=os.environ, today=TODAY, listed=True)
    reports = watch.watch([request], watch.Orders(every=0.0, seconds=60.0, source=source))
    next(reports)
    child = os.fork()
    if not child:  # what the watcher does itself is not told
        _storm(root)
        os._exit(0)
    os.waitpid(child, 0)
    full = told([next(watch.watch([request], watch.Orders(seconds=0.01, source=source)))])
    assert len(full) > 200
    assert until(reports, full) >= full


@LINUX
def test_the_queue_of_the_kernel_overflows_and_nothing_is_lost(root: Path) -> None:
    """More events than the queue holds come while nobody reads."""
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 20_000:
        pytest.skip("the queue is larger than a test wants to fill")
    request = Request(path=str(root), environment=os.environ, today=TODAY, listed=True)
    reports = watch.watch([request], watch.Orders(every=0.0, seconds=60.0, source="inotify"))
    next(reports)
    one, other = root / "d1" / "f1.txt", root / "d2" / "f2.txt"
    for number in range(limit // 2 + 10):  # two files in turn, so that no event is merged with the one before
        one.chmod(0o644 + number % 2)
        other.chmod(0o644 + number % 2)
    one.chmod(0o644)
    other.chmod(0o644)
    (root / "d3" / "f3.txt").write_text("after the queue was full\n")
    (root / "late").mkdir()
    (root / "late" / "file.txt").write_text("x")
    wanted = {"d3/f3.txt", "late", "late/file.txt"}
    assert until(reports, wanted) >= wanted


@LINUX
def test_the_command_tells_as_it_comes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "d1" / "f1.txt").write_text("other\n")
    assert cli.main(["watch", str(root), "--for", "1s", "--format", "jsonl"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith('{"schema":"fimci-report/1"')
    assert cli.main(["watch", str(root), "--for", "1s", "--format", "text"]) == 1
    assert "unexpected-change" in capsys.readouterr().out


@LINUX
def test_full_checks_on_schedule_are_in_the_history_and_tell_nothing(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "history")
    words = ["--every", "1s", "--budget", "100", "--for", "4s", "--format", "jsonl", "--history", file]
    assert cli.main(["watch", str(root), *words]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    with store.opened(file) as database:
        verbs = [row[0] for row in database.execute("SELECT verb FROM runs ORDER BY number")]
    assert verbs[0] == "watch"
    assert verbs[1:]
    assert set(verbs[1:]) == {"watched"}


@pytest.mark.parametrize(
    "words", [["--every", "soon"], ["--for", "-1"], ["--format", "nothing"], ["a", "b", "--baseline", "c"]]
)
def test_what_cannot_be_done_is_refused(words: list[str], root: Path) -> None:
    assert cli.main(["watch", str(root), *words]) == 2


def test_a_folder_without_a_baseline_is_told_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["watch", str(tmp_path)]) == 2
    assert "fimci baseline" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "systemd" / "fimci-watch.service").read_text()
    assert "/usr/local/bin/fimci" in text
    unit = tmp_path / "fimci-watch.service"
    unit.write_text(text.replace("/usr/local/bin/fimci", sys.executable))  # one that is here
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
