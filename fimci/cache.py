"""Readings that are remembered: what readers said of a content, so that none is inspected twice.

One SQLite file, safe under parallel use, that may travel through the cache of a CI system. Nobody but the
holder of a key can put anything into it: every entry is sealed with its path, the digest of its content and
the readers with their versions, and one whose seal does not hold is not there. The key lies apart from the
cache, readable for its owner alone; a CI system that is to share a cache between machines gives it as a
secret (`FIMCI_CACHE_KEY`). A cache that cannot be read or written is none (docs/decisions/cache.md).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from fimci import homes, opening
from fimci.model import Record

if TYPE_CHECKING:
    import sqlite3

#: Entries that are written at once, and the most that are kept, in entries and in bytes.
_AT_ONCE, _MOST, _MOST_BYTES = 256, 400_000, 1 << 30
_SEAL = 16
_FORM = "fimci-readings/1"
_WAIT = 5.0


class Cache:
    """An open cache. It can be given to other processes, each of which opens the file for itself."""

    def __init__(self, file: str, key: bytes, readers: Iterable[str]) -> None:
        """Name the file; it is opened when it is asked for the first time."""
        self._file, self._key = file, key
        self._form = "\0".join((_FORM, *readers)).encode()
        self._decoder = msgspec.msgpack.Decoder(list[Record])
        self._database: sqlite3.Connection | None = None
        self._new: list[tuple[bytes, bytes]] = []
        self._process = 0

    def __reduce__(self) -> tuple[type[Cache], tuple[str, bytes, tuple[str, ...]]]:
        """Hand over what opens it."""
        readers = tuple(self._form.decode().split("\0")[1:])
        return Cache, (self._file, self._key, readers)

    def get(self, path: str, digest: str) -> list[Record] | None:
        """Return what was said of a content at a path, `None` if nobody knows."""
        database = self._opened()
        if database is None:
            return None
        name = self._name(path, digest)
        import sqlite3  # noqa: PLC0415  (5 ms, where there is code to read)

        try:
            row = database.execute("SELECT sealed FROM readings WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error:
            return None
        if row is None or not isinstance(row[0], bytes) or len(row[0]) < _SEAL:
            return None
        seal, written = row[0][:_SEAL], row[0][_SEAL:]
        if not hmac.compare_digest(seal, self._sealed(name, written)):
            return None
        try:
            return self._decoder.decode(written)
        except msgspec.DecodeError:
            return None

    def put(self, path: str, digest: str, records: list[Record]) -> None:
        """Remember what was said."""
        if self._opened() is None:
            return
        name = self._name(path, digest)
        try:
            written = msgspec.msgpack.encode(records)
        except (UnicodeEncodeError, msgspec.MsgspecError):
            return  # a path that is not UTF-8
        self._new.append((name, self._sealed(name, written) + written))
        if len(self._new) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what is new. What cannot be written is read again the next time."""
        new, self._new = self._new, []
        database = self._database
        if not new or database is None:
            return
        import sqlite3  # noqa: PLC0415  (loaded already)

        with contextlib.suppress(sqlite3.Error), database:
            database.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?)", new)
            spread = _number(database, "SELECT max(rowid) - min(rowid) FROM readings")
            pages = _number(database, "PRAGMA page_count") - _number(database, "PRAGMA freelist_count")
            if spread > _MOST or pages * _number(database, "PRAGMA page_size") > _MOST_BYTES:
                # By their numbers, oldest first; those of entries that were replaced are gaps.
                until = "SELECT min(rowid) + ? FROM readings"
                database.execute(f"DELETE FROM readings WHERE rowid < ({until})", (spread // 4 + 1,))  # noqa: S608  (no text of others)

    def _name(self, path: str, digest: str) -> bytes:
        named = hashlib.blake2b(self._form, digest_size=_SEAL, key=self._key)
        named.update(digest.encode() + b"\0" + path.encode("utf-8", "surrogateescape"))
        return named.digest()

    def _sealed(self, name: bytes, written: bytes) -> bytes:
        return hashlib.blake2b(name + written, digest_size=_SEAL, key=self._key, person=b"reading").digest()

    def _opened(self) -> sqlite3.Connection | None:
        if self._process != os.getpid():  # a fork must not use what its parent opened
            self._process = os.getpid()
            self._new = []
            self._database = _open(self._file)
        return self._database


def _number(database: sqlite3.Connection, question: str) -> int:
    (found,) = database.execute(question).fetchone()
    return int(found or 0)


def _open(file: str) -> sqlite3.Connection | None:
    """Open the file, or make it anew where it is none of ours."""
    import sqlite3  # noqa: PLC0415  (5 ms, where there is code to read)

    for _ in range(2):
        try:
            os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
            database = sqlite3.connect(file, timeout=_WAIT)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")  # a lost entry costs a reading
            database.execute(
                "CREATE TABLE IF NOT EXISTS readings (name BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
            )
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return None
            with contextlib.suppress(OSError):
                os.unlink(file)
        except OSError:
            return None
        else:
            return database
    return None


def place(environment: Mapping[str, str]) -> str | None:
    """Return where readings are kept, `None` where there is to be no cache: `FIMCI_CACHE_DIR=off`."""
    named = environment.get("FIMCI_CACHE_DIR")
    if named == "off":
        return None
    return os.path.join(named or homes.cache(environment), "readings.sqlite")


def key(environment: Mapping[str, str]) -> bytes | None:
    """Return the key: the one that is given, or this user's own, made at the first need."""
    given = environment.get("FIMCI_CACHE_KEY")
    if given:
        return hashlib.blake2b(given.encode("utf-8", "surrogateescape"), digest_size=32).digest()
    import secrets  # noqa: PLC0415  (where there is code to read)

    file = os.path.join(homes.state(environment), "cache.key")
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # Written under another name first: nobody finds half a key.
            fresh = f"{file}.{secrets.token_hex(8)}"
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(secrets.token_bytes(32))
            try:
                os.link(fresh, file)
            finally:
                os.unlink(fresh)
    return _kept(file)


def _kept(file: str) -> bytes | None:
    """Read a key that nobody else could have written or read."""
    try:
        descriptor = os.open(file, opening.READ)
        with os.fdopen(descriptor, "rb") as opened:
            about = os.fstat(opened.fileno())
            if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o077):
                return None
            found = opened.read(64)
    except OSError:
        return None
    return found if len(found) == 32 else None  # noqa: PLR2004  (bytes, as it was made)


def opened(readers: Iterable[str], environment: Mapping[str, str]) -> Cache | None:
    """Return the cache for readers of these versions, `None` where there is none."""
    file = place(environment)
    if file is None:
        return None
    sealed = key(environment)
    return _shared(file, sealed, tuple(readers), threading.get_ident()) if sealed is not None else None


@functools.lru_cache(maxsize=4)
def _shared(file: str, key: bytes, readers: tuple[str, ...], thread: int) -> Cache:
    """Open a cache once, however many archives are looked into; SQLite asks for one in each thread."""
    del thread
    return Cache(file, key, readers)
