"""The history as a file: parallel writers, other versions, other files, hostile names."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.history import figures, schema, store
from fimci.history.store import HistoryError
from fimci.printable import printable
from tests.history import runs
from tests.hostile import LAW, TEXTS
from tests.reports import sample


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "fimci.history")


def rows(file: str, table: str) -> list[tuple[object, ...]]:
    with store.opened(file) as database:
        return database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  (a name of this test)


def test_a_run_is_kept_with_its_findings_and_acceptances(file: str) -> None:
    store.record(file, runs.run(0, runs.finding(1), runs.accepted(runs.finding(2)), changes=7, unread=1))
    ((number, *kept),) = rows(file, "runs")
    assert number == 1
    assert kept[1:4] == [runs.START.timestamp(), "check", "build-1"]
    assert kept[7:] == [10, 2, 7, 1, 1, 1, 1, "high"]
    assert [(row[1], row[8]) for row in rows(file, "findings")] == [(f"{1:020}", 0), (f"{2:020}", 1)]
    assert rows(file, "acceptances") == [(f"{2:020}", "read", "Ada", "2027-01-31", 1)]


def test_an_acceptance_is_kept_once(file: str) -> None:
    for at in range(3):
        store.record(file, runs.run(at, runs.accepted(runs.finding(1))))
    assert len(rows(file, "acceptances")) == 1
    store.record(file, runs.run(9, runs.accepted(runs.finding(1), reason="read again")))
    assert len(rows(file, "acceptances")) == 2


def _write(file: str, writer: int) -> None:
    for step in range(8):
        store.record(file, runs.run(writer * 100 + step, *(runs.finding(n) for n in range(5))))


def test_parallel_writers_lose_nothing(file: str) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(file, number)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert len(rows(file, "runs")) == 32
    assert len(rows(file, "findings")) == 160


def test_a_run_is_kept_whole_or_not_at_all(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store.record(file, runs.run(0))
    monkeypatch.setattr(store, "_finding", lambda _: ("too", "few"))
    with pytest.raises(HistoryError):
        store.record(file, runs.run(1, runs.finding(1)))
    assert len(rows(file, "runs")) == 1


def test_a_file_of_the_first_version_is_brought_to_this_one(file: str) -> None:
    database = sqlite3.connect(file)
    database.executescript(schema.STEPS[0])
    database.executescript(f"PRAGMA application_id = {schema.APPLICATION}; PRAGMA user_version = 1")
    database.execute(
        "INSERT INTO runs VALUES (1, 'a', 0, 'check', '', '', '', '', 1, 1, 1, 1, 0, 0, 0, 'high')"
    )
    database.commit()
    database.close()
    store.record(file, runs.run(0, runs.accepted(runs.finding(1))))
    assert len(rows(file, "runs")) == 2
    assert len(rows(file, "acceptances")) == 1
    with store.opened(file) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)


def test_every_version_gives_the_same_tables(tmp_path: Path) -> None:
    made = []
    for version in range(len(schema.STEPS) + 1):
        file = tmp_path / str(version)
        database = sqlite3.connect(file)
        for step in schema.STEPS[:version]:
            database.executescript(step)
        if version:
            database.executescript(
                f"PRAGMA application_id = {schema.APPLICATION}; PRAGMA user_version = {version}"
            )
        database.close()
        store.record(str(file), runs.run(0))
        with store.opened(str(file)) as opened:
            made.append(opened.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall())
    assert all(one == made[0] for one in made)


def test_a_later_version_is_left_alone(file: str) -> None:
    store.record(file, runs.run(0))
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = Path(file).read_bytes()
    with pytest.raises(HistoryError, match="later fimci"):
        store.record(file, runs.run(1))
    assert Path(file).read_bytes() == before


def test_the_database_of_another_program_is_left_alone(file: str) -> None:
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE mine (a)")
    database.commit()
    database.close()
    before = Path(file).read_bytes()
    with pytest.raises(HistoryError, match="another program"):
        store.record(file, runs.run(0))
    assert Path(file).read_bytes() == before


@pytest.mark.parametrize(
    "data", [b"no database at all, but long enough to be one" * 100, b"SQLite format 3\0" * 64]
)
def test_what_is_no_database_is_said_to_be_none(file: str, data: bytes) -> None:
    Path(file).write_bytes(data)
    with pytest.raises(HistoryError, match="cannot be used"):
        store.record(file, runs.run(0))
    assert Path(file).read_bytes() == data


def test_damage_is_an_error_and_no_traceback(file: str) -> None:
    for at in range(20):
        store.record(file, runs.run(at, *(runs.finding(n) for n in range(40))))
    whole = Path(file).read_bytes()
    for at in range(100, len(whole), len(whole) // 60):
        Path(file).write_bytes(whole[:at] + b"\xff" * 64 + whole[at + 64 :])
        try:
            with store.opened(file) as database:
                figures.past(database, figures.Period())
        except HistoryError:
            continue


def test_where_there_is_none(file: str) -> None:
    with pytest.raises(HistoryError, match="there is no history"), store.opened(file):
        pass
    assert not Path(file).exists()


def test_many_findings_of_one_run_are_counted_and_not_all_kept(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST", 10)
    store.record(file, runs.run(0, *(runs.finding(n) for n in range(50))))
    assert rows(file, "runs")[0][11] == 50
    assert len(rows(file, "findings")) == 10


@LAW
@given(TEXTS, st.sampled_from(["host", "rest"]))
def test_a_name_is_only_a_name(tmp_path_factory: pytest.TempPathFactory, name: str, where: str) -> None:
    file = str(tmp_path_factory.mktemp("names") / "history")
    run = runs.run(0).run
    assert run is not None
    told = msgspec.structs.replace(
        sample.named(name), run=run._replace(host=name) if where == "host" else run
    )
    store.record(file, told)
    kept = rows(file, "findings")
    assert len(kept) == len(told.findings)
    assert kept[0][4] == printable(name, store._WORD)
