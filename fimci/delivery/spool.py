"""What waits for delivery: one SQLite file, in the order in which it was kept, for each destination.

Every change is on the disk before it is told (`synchronous = FULL`), so that neither a killed run nor a power
cut loses what was kept or forgets what was acknowledged. The file is readable for its owner alone: findings
say where a system is weak.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fimci import homes
from fimci.destinations import Destination

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

_FILE = "spool.sqlite"
#: Seconds to wait for another run that writes.
_WAIT = 10.0
_DAY = 24 * 3600
_TABLES = """
CREATE TABLE IF NOT EXISTS destinations (key TEXT PRIMARY KEY, stated BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, kept REAL NOT NULL, message BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_key ON waiting (key, number);
"""


class Waiting(NamedTuple):
    """One message that waits."""

    number: int
    message: bytes


def folder(environment: Mapping[str, str]) -> str:
    """Return where it is: `FIMCI_SPOOL`, or below what fimci keeps on this machine."""
    return environment.get("FIMCI_SPOOL") or os.path.join(homes.state(environment), "spool")


@contextlib.contextmanager
def opened(folder: str) -> Iterator[sqlite3.Connection]:
    """Open the file, made where there is none. Raises `OSError` or `sqlite3.Error`."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    file = os.path.join(folder, _FILE)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
    with contextlib.closing(sqlite3.connect(file, timeout=_WAIT, isolation_level=None)) as kept:
        kept.execute("PRAGMA auto_vacuum = FULL")
        kept.execute("PRAGMA synchronous = FULL")
        kept.executescript(_TABLES)
        yield kept


def add(kept: sqlite3.Connection, destination: Destination, messages: Sequence[bytes], now: float) -> int:
    """Keep messages in order, as many as may wait; return how many did not fit."""
    key = _key(destination)
    with _written(kept):
        kept.execute(
            "INSERT OR REPLACE INTO destinations VALUES (?, ?)", (key, msgspec.json.encode(destination))
        )
        (size,) = kept.execute(
            "SELECT coalesce(sum(length(message)), 0) FROM waiting WHERE key = ?", (key,)
        ).fetchone()
        room, fitting = destination.most_bytes - size, 0
        for message in messages:
            room -= len(message)
            if room < 0:
                break
            fitting += 1
        kept.executemany(
            "INSERT INTO waiting (key, kept, message) VALUES (?, ?, ?)",
            ((key, now, message) for message in messages[:fitting]),
        )
    return len(messages) - fitting


def destinations(kept: sqlite3.Connection) -> list[Destination]:
    """Return the destinations for which something waits, as they were stated last."""
    rows = kept.execute("SELECT stated FROM destinations WHERE key IN (SELECT key FROM waiting) ORDER BY key")
    return [msgspec.json.decode(stated, type=Destination) for (stated,) in rows]


def first(kept: sqlite3.Connection, destination: Destination, most: int, most_bytes: int) -> list[Waiting]:
    """Return the messages that are next, at least one where any waits."""
    found: list[Waiting] = []
    size = 0
    rows = kept.execute(
        "SELECT number, message FROM waiting WHERE key = ? ORDER BY number LIMIT ?", (_key(destination), most)
    )
    for number, message in rows:
        size += len(message)
        if found and size > most_bytes:
            break
        found.append(Waiting(number, message))
    return found


def acknowledged(kept: sqlite3.Connection, sent: Sequence[Waiting]) -> None:
    """Forget what was acknowledged."""
    with _written(kept):
        kept.executemany("DELETE FROM waiting WHERE number = ?", ((one.number,) for one in sent))


def waits(kept: sqlite3.Connection, destination: Destination) -> int:
    """Return how many messages wait."""
    (number,) = kept.execute("SELECT count(*) FROM waiting WHERE key = ?", (_key(destination),)).fetchone()
    return int(number)


def expire(kept: sqlite3.Connection, destination: Destination, now: float) -> int:
    """Give up what waits for longer than it may; return how many messages."""
    with _written(kept):
        oldest = now - destination.days * _DAY
        gone = kept.execute("DELETE FROM waiting WHERE key = ? AND kept < ?", (_key(destination), oldest))
        return gone.rowcount


@contextlib.contextmanager
def alone(folder: str, destination: Destination, until: float) -> Iterator[bool]:
    """Hold the only right to send to a destination, so that order is kept; `False`: another run has it.

    The system takes the lock back from a process that dies.
    """
    file = os.path.join(folder, f"{_key(destination)}.lock")
    with open(os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600), "r+b") as handle:
        while not (held := _locked(handle.fileno())) and time.monotonic() < until:
            time.sleep(0.05)
        yield held


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _written(kept: sqlite3.Connection) -> Iterator[None]:
    kept.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if kept.in_transaction:  # where the disk is full, SQLite has done so itself
            kept.execute("ROLLBACK")
        raise
    kept.execute("COMMIT")


def _key(destination: Destination) -> str:
    return hashlib.sha256(f"{destination.to}\0{destination.format}".encode()).hexdigest()[:20]
