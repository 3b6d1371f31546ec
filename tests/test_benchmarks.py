"""The benchmarks: the same trees each time, fair ratios, and runs that end."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import commits, histories, page, releases
from benchmarks.inspect import guarddog
from benchmarks.inspect import tables as inspected
from benchmarks.integrity import chart, contenders, rounds, tables, trees
from benchmarks.measure import Command, run
from fimci.findings import Severity
from fimci.releases.obtain import Obtained, Wanted
from tests.loopback import tarball

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions and signals of POSIX")


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_tree_that_grew_is_the_tree_that_was_built_at_once(tmp_path: Path) -> None:
    trees.small(tmp_path / "grown", 150)
    grown = trees.small(tmp_path / "grown", 400, begin=150)
    built = trees.small(tmp_path / "built", 400)
    assert contents(grown.root) == contents(built.root)
    assert grown._replace(root=built.root) == built
    assert built.files == 400


def test_one_file_in_a_hundred_is_changed_and_none_of_git(tmp_path: Path) -> None:
    tree = trees.small(tmp_path, 400)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref")
    before = contents(tmp_path)
    assert trees.touch(tree, 0.01) == 4
    after = contents(tmp_path)
    assert sum(before[name] != after[name] for name in before) == 4
    assert before[".git/HEAD"] == after[".git/HEAD"]


def test_the_floor_hashes_every_file(tmp_path: Path) -> None:
    trees.small(tmp_path, 120)
    floor = Path(contenders.__file__).with_name("floor.py")
    done = subprocess.run([sys.executable, str(floor), str(tmp_path)], capture_output=True, check=True)
    assert done.stdout == b"120\n"


def test_ratios_are_those_of_the_same_round() -> None:
    loop = rounds.Result(contenders.LOOP, True, {"check": [1.0, 10.0, 2.0]}, 0, 0, "")  # noqa: FBT003  (a row)
    other = rounds.Result("other", False, {"check": [2.0, 20.0, 8.0]}, 5_000_000, 0, "")  # noqa: FBT003  (the same)
    assert other.ratio("check", loop) == 2.0
    text = tables.table([loop, other], trees.Tree(Path(), 3, 4, 1), 3, "1 core")
    assert "| other |  | 2.00 |  | 5 |  |" in text


def test_a_command_that_fails_or_never_ends_is_told() -> None:
    assert run(Command((sys.executable, "-c", "raise SystemExit(3)")), 30).fault == "exit 3"
    assert not run(Command((sys.executable, "-c", "raise SystemExit(3)"), codes=(3,)), 30).fault
    assert run(Command((sys.executable, "-c", "import time; time.sleep(60)")), 0.3).fault == "over time"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc there")
def test_the_memory_of_a_command_is_its_own() -> None:
    hold = "import time; data = b'x' * 50_000_000; time.sleep(0.5)"
    assert 50_000_000 < run(Command((sys.executable, "-c", hold)), 30, memory=True).peak < 90_000_000


def test_who_cannot_take_part_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = [one for one in contenders.all_of(tmp_path, tmp_path) if one.missing]
    assert {"AIDE", "rhash", "hashdeep", "model-signing"} <= {one.name for one in missing}
    results = rounds.compete(missing, rounds.Limits(1, 1), lambda: None)
    assert all(result.fault and not result.seconds for result in results)


def test_a_chart_is_well_formed_and_shows_every_line() -> None:
    drawn = chart.svg({"one": [(10, 1.0), (1000, 2.0)], "two": [(10, 3.0), (1000, 3.0)]}, "files", "µs")
    root = ET.fromstring(drawn)  # noqa: S314  (written by the line above)
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 2


def test_a_block_of_the_page_is_replaced_and_the_prose_stays(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- measured: x -->\nold\n<!-- end -->\nafter\n")
    page.put("x", "new", file)
    assert file.read_text() == "before\n<!-- measured: x -->\nnew\n<!-- end -->\nafter\n"
    with pytest.raises(SystemExit, match="no block named 'y'"):
        page.put("y", "new", file)


def test_scanners_are_held_against_the_archives_that_they_could_scan() -> None:
    rows = [
        inspected.Row("npm", "a", 2.0, 0.5, {"GuardDog 3": 6.0}),
        inspected.Row("pypi", "b", 8.0, 0.5, {}),
    ]
    text = "\n".join(inspected.speeds(rows, 5.0, 0.5))
    assert "| all, a command each | 2 | 6.0 | 3.0 | 12.0 |" in text
    assert "| all, one command of fimci | 2 | 6.0 | 6.0 | 24.0 |" in text


def test_a_mere_capability_is_no_threat_and_a_grade_counts_those_above(tmp_path: Path) -> None:
    output = tmp_path / "said.json"
    output.write_text('{"results": {"capability-x": [1], "threat-y": [], "errors": {}}, "risks": []}')
    said = guarddog.said(output)
    assert said.rules == ("capability-x",)
    assert not said.threats
    text = "\n".join(inspected.flags([inspected.Verdict("npm", Severity.HIGH, {"GuardDog 3": said})]))
    assert "| GuardDog 3: any rule | 1 of 1 | 0 of 0 |" in text
    assert "| GuardDog 3: any threat | 0 of 1 | 0 of 0 |" in text
    assert "medium or above | 1 of 1 | 0 of 0 |" in text


def test_the_bytes_of_both_releases_are_counted() -> None:
    manifest = '{"name": "left", "version": "1.0.0"}'
    data = tarball({"package.json": manifest, "index.js": "exports.left = 1\n"})
    one = Obtained(Wanted("npm", "left", "1.0.0"), "left-1.0.0.tgz", data, "registry.example")
    assert releases.cost(one, one).size == 2 * len(manifest + "exports.left = 1\n")


def test_commits_of_what_cannot_be_cloned_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    git = ("git", "-C", str(there), "-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run((*git, "init", "-q"), check=True)
    for name in ("first", "second"):
        subprocess.run((*git, "commit", "-q", "--allow-empty", "-m", name), check=True)
    assert commits.main([str(tmp_path / "gone"), str(there), "--last", "2"]) == 1
    said = capsys.readouterr()
    assert f"{tmp_path / 'gone'}: left out, for git failed: " in said.err
    assert "| there | 1 | 0 |" in said.out


def test_a_history_is_held_against_its_first_parents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, log = tmp_path / "there", tmp_path / "log"
    there.mkdir()
    git = ("git", "-C", str(there), "-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run((*git, "init", "-q"), check=True)
    for right in ("storage", "storage", "debugger"):
        (there / "manifest.json").write_text(f'{{"manifest_version": 3, "permissions": ["{right}"]}}')
        (there / "README.md").write_text(right)
        subprocess.run((*git, "add", "."), check=True)
        subprocess.run((*git, "commit", "-q", "--allow-empty", "-m", right), check=True)
    given = ["rights", str(tmp_path / "gone"), str(there), "--last", "9", "--log", str(log)]
    assert histories.main(given) == 1
    said = capsys.readouterr()
    assert f"{tmp_path / 'gone'}: left out: " in said.err
    assert "| there | 2 | 1 | 1 | 0 | 1 | 1 |\n| all | 2 | 1 | 1 | 0 | 1 | 1 |" in said.out
    assert "| `permissions-widened` | 1 | 0 | 0 | 0 |" in said.out
    assert "manifest.json:1  permissions-widened: requests more permissions: debugger" in log.read_text()
