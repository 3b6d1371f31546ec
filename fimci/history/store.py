"""Open a history, and write a run into it.

Many runs may write at once: each takes the write lock for one transaction, and waits for it. What is
written is printable text, of which whoever reads it makes the text again (`printable.raw`). A file that is no
history is left alone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator

from fimci import __version__
from fimci.errors import FimciError
from fimci.findings import Finding, Report
from fimci.history.schema import APPLICATION, STEPS
from fimci.printable import printable

#: Seconds to wait for another writer. Findings of one run that are kept one by one; the runs count them all.
WAIT, MOST = 30.0, 10_000
_TEXT, _WORD = 1_000, 400


class HistoryError(FimciError):
    """A history cannot be read or written."""

    exit_code = 3


class NoHistoryError(HistoryError):
    """A history that is named is not there."""

    exit_code = 2


@contextlib.contextmanager
def opened(file: str, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a history; one that is written is made where there is none, and brought to this version.

    Raises `HistoryError` for a file that is something else, is damaged, or of a later version, and
    `NoHistoryError` where one is only read and is not there.
    """
    if not write and not os.path.isfile(file):
        raise NoHistoryError(f"there is no history {file}", "make one with `fimci check --history FILE`")
    with _told(file):
        database = sqlite3.connect(file, timeout=WAIT, isolation_level=None)
    try:
        with _told(file):
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA foreign_keys = ON")
            _prepare(database, file, write=write)
            yield database
    finally:
        database.close()


def record(file: str, report: Report, verb: str = "check") -> None:
    """Write a run of a verb with its findings and acceptances, all or nothing. Raises `HistoryError`."""
    if report.run is None:
        raise ValueError("a report that is kept knows its run")
    with opened(file, write=True) as database, _whole(database):
        number = _run(database, report, verb)
        kept = sorted(report.findings, key=lambda finding: -finding.severity)[:MOST]
        database.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, *_finding(finding)) for finding in kept),
        )
        database.executemany(
            "INSERT OR IGNORE INTO acceptances VALUES (?, ?, ?, ?, ?)",
            (
                (*map(_word, (said.fingerprint, said.reason, said.by, said.expires)), number)
                for said in (finding.accepted for finding in kept)
                if said is not None
            ),
        )


def prune(file: str, before: float) -> int:
    """Remove the runs before a moment, with what belongs to them; return how many. Raises `HistoryError`.

    An acceptance that still holds is written again by the next run.
    """
    with opened(file, write=True) as database, _told(file):
        with _whole(database):
            database.execute(
                "DELETE FROM findings WHERE run IN (SELECT number FROM runs WHERE moment < ?)", (before,)
            )
            database.execute(
                "DELETE FROM acceptances WHERE run IN (SELECT number FROM runs WHERE moment < ?)", (before,)
            )
            gone = database.execute("DELETE FROM runs WHERE moment < ?", (before,)).rowcount
        if gone:
            database.execute("VACUUM")
    return gone


def _run(database: sqlite3.Connection, report: Report, verb: str) -> int:
    run = report.run
    if run is None:
        raise ValueError("a report that is kept knows its run")
    accepted = sum(finding.accepted is not None for finding in report.findings)
    done = database.execute(
        "INSERT INTO runs (id, moment, verb, host, version, before, after, files, packages, changes,"
        " findings, accepted, unread, exit_code, fail_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id,
            run.moment.timestamp(),
            verb,
            _word(run.host),
            __version__,
            _word(report.left),
            _word(report.right),
            *report.counts,
            len(report.findings) - accepted,
            accepted,
            len(report.unread),
            report.exit_code,
            str(report.fail_on),
        ),
    )
    return int(done.lastrowid or 0)


def _finding(finding: Finding) -> tuple[str | int, ...]:
    return (
        _word(finding.fingerprint),
        _word(finding.rule),
        int(finding.severity),
        _word(finding.path),
        max(finding.line, 1),
        _word(finding.package or ""),
        printable(finding.message, _TEXT),
        int(finding.accepted is not None),
    )


def _prepare(database: sqlite3.Connection, file: str, *, write: bool) -> None:
    """See that the file is a history, and bring it to this version if it is to be written."""
    with _still(database):
        current = _is_current(database, file)
    if current:
        return
    if not write and _number(database, "user_version"):
        return
    with _whole(database):
        if _is_current(database, file):
            return  # another run was faster
        for version in range(_number(database, "user_version"), len(STEPS)):
            for statement in STEPS[version].split(";\n"):
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {len(STEPS)}")


def _is_current(database: sqlite3.Connection, file: str) -> bool:
    version, what = _number(database, "user_version"), _number(database, "application_id")
    empty = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if what != APPLICATION and not (empty and not version and not what):
        raise HistoryError(f"{file} is a database of another program", "name another file")
    if version > len(STEPS):
        raise HistoryError(
            f"{file} is a history of a later fimci (version {version})", "use that fimci, or another file"
        )
    return version == len(STEPS)


def _number(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def _still(database: sqlite3.Connection) -> Iterator[None]:
    """See one state of the file, whatever others write meanwhile."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        database.execute("ROLLBACK")


@contextlib.contextmanager
def _whole(database: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing, alone."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


@contextlib.contextmanager
def _told(file: str) -> Iterator[None]:
    """Say what went wrong with the file."""
    try:
        yield
    except (sqlite3.Error, OverflowError) as error:
        raise HistoryError(
            f"the history {file} cannot be used: {error}", "see who may write there, or name another file"
        ) from error


def _word(text: str) -> str:
    return printable(text, _WORD)
