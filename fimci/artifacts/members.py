"""The members of an artifact, taken in one pass: records of each, and the content of what describes it.

Nothing is taken off the paths. What the source reports as unread is said twice: as the record that it
is where content stayed unread, and as a `Setting` for the rules.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from fimci import readers
from fimci.archives import directory, magic
from fimci.archives.bounds import LIMITS, ArchiveError, Meter
from fimci.errors import SourceError
from fimci.look import Progress, look
from fimci.model import Capability, Digest, File, Place, Record, Setting, Unread
from fimci.snapshot import Entry, Reader, Recipe
from fimci.sources import archive

#: Bytes of one file that describes the artifact; the longest known `RECORD` has nine million.
_LIMIT = 32 << 20
_DESCRIBES = re.compile(
    r"[^/]+\.dist-info/(?:METADATA|WHEEL|RECORD|entry_points\.txt|top_level\.txt)"
    r"|[^/]+/(?:PKG-INFO|package\.json)|(?:[^/]+\.data/(?:purelib|platlib)/)?[^/]+\.pth",
    re.DOTALL,
)
_RECIPE = Recipe(directories=True)
_READERS: tuple[Reader, ...] = tuple(reader for reader in readers.ALL if reader.name == "magic")
#: What says that content was not looked at, or not to its end. All else was read, in one of several ways.
_OPEN = frozenset(("", "bytes", "content", "end", "header", "members", "nesting", "ratio", "sparse", "time"))
#: What a name promises by its end, and flags of gzip (RFC 1952): of a field of its own, and of a comment.
_NAMED = {
    ".whl": "zip", ".zip": "zip", ".tar.gz": "gzip", ".tgz": "gzip", ".tar.bz2": "bzip2", ".tar.xz": "xz",
    ".tar.zst": "zstd", ".tar": "tar",
}  # fmt: skip
_FIELD, _COMMENT = 0x04, 0x10
#: Flag of a zip's member whose sizes stand behind it (APPNOTE.TXT 4.4.4).
_DESCRIPTOR = 0x8


class Members(NamedTuple):
    """What is in an artifact: where it lies, its name, size and hash.

    `files` by path, `facts` of the archive and of programs in it, `contents` of what describes it (in
    order: two members may have one name), `unread` what could not be looked at.
    """

    path: str
    file: str
    size: int
    sha256: str
    files: dict[str, File]
    facts: list[Setting | Capability]
    contents: dict[str, list[bytes]]
    unread: list[Unread]


def taken(path: str, progress: Progress | None = None) -> Members:
    """Read an artifact. Raises `SourceError` where it is no archive."""
    found = Members(path, os.path.basename(path), *_hashed(path), {}, [], {}, [])
    for entry in archive.walk(path, LIMITS._replace(depth=0), whole=True):
        if progress is not None:
            progress(entry.path)
        if isinstance(entry, Unread):
            _doubt(found, entry)
        else:
            _meet(found, entry)
    for part, name, why in _written(path):
        _say(found, name, part, why)
    return found


def stated(path: str) -> File:
    """Return an artifact as a file, by its name alone."""
    size, sha256 = _hashed(path)
    return File(path=os.path.basename(path), size=size, mode=None, digest=Digest("sha256", sha256))


def rehashed(path: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the hash of members by another algorithm: of each (path, algorithm), in a pass of its own."""
    asked = set(wanted)
    found: dict[tuple[str, str], str] = {}
    if not asked:
        return found
    for entry in archive.walk(path, LIMITS._replace(depth=0), whole=True):
        if isinstance(entry, Unread) or entry.read is None:
            continue
        states = {pair: hashlib.new(pair[1]) for pair in asked if pair[0] == entry.path}
        try:
            for chunk in entry.read() if states else ():
                for state in states.values():
                    state.update(chunk)
        except OSError:  # said already, in the first pass
            continue
        found.update((pair, state.hexdigest()) for pair, state in states.items() if pair not in found)
    return found


def contents(path: str, wanted: Iterable[str], limit: int = 4 << 20) -> dict[str, bytes]:
    """Return the content of members by path, in a pass of its own: the small ones among them."""
    asked = set(wanted)
    found: dict[str, bytes] = {}
    if asked:
        for entry in archive.walk(path, LIMITS._replace(depth=0), whole=True):
            if isinstance(entry, Entry) and entry.path in asked and entry.read is not None:
                data = small(entry.read, limit)
                if data is not None:
                    found.setdefault(entry.path, data)
    return found


def small(read: Callable[[], Iterator[bytes]], limit: int) -> bytes | None:
    """Return a content; `None` where it is larger, or cannot be had whole."""
    pieces: list[bytes] = []
    size = 0
    try:
        for chunk in read():
            size += len(chunk)
            if size > limit:
                return None
            pieces.append(chunk)
    except OSError:
        return None
    return b"".join(pieces)


def _written(path: str) -> Iterator[tuple[str, str, str]]:
    """Yield what no current writer of artifacts leaves: part, member, and why it is odd."""
    with open(path, "rb") as file:
        head = file.read(magic.BLOCK)
        yield from _formed(os.path.basename(path).lower(), head)
        if magic.kind(head) != "zip":
            return
        with contextlib.suppress(ArchiveError):  # said already
            listed = directory.find(file)
            if listed.comment:
                yield "comment", "", "has a comment after its list of members"
            for row in directory.rows(file, listed, Meter(LIMITS, os.fstat(file.fileno()).st_size)):
                if isinstance(row, directory.Row) and row.flags & _DESCRIPTOR:
                    yield (
                        "descriptor",
                        "",
                        "has members whose sizes follow their data: some readers skip them",
                    )
                    return


def _formed(name: str, head: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield that an archive is of another form than its name says, or has a header with more in it."""
    kind = magic.kind(head)
    meant = next((form for end, form in _NAMED.items() if name.endswith(end)), kind)
    if kind and meant != kind:
        yield (
            "form",
            "",
            f"is {kind} by its bytes, and {meant} by its name: readers go by the one or the other",
        )
    if kind == "gzip" and head[3:4] and head[3] & (_FIELD | _COMMENT):
        yield "comment", "", "has a comment, or a field of its own, in the header of gzip"


def _hashed(path: str) -> tuple[int, str]:
    state = hashlib.sha256()
    size = 0
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe or device may have no end
        remedy = "name a wheel, sdist or other archive; an installed tree is node:DIR or python:PREFIX"
        raise SourceError(f"{path} is not a file", remedy)
    try:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                state.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}", "name a wheel, sdist or other archive"
        ) from None
    return size, state.hexdigest()


def _meet(found: Members, entry: Entry) -> None:
    """Look at one member, and keep its bytes while they pass if it describes the artifact."""
    kept: list[bytes] | None = [] if _DESCRIBES.fullmatch(entry.path) else None
    failed: list[OSError] = []
    if entry.read is not None:
        entry = msgspec.structs.replace(entry, read=_watched(entry.read, kept, failed))
    for record in look(entry, _RECIPE, _READERS):
        _note(found, record, failed)
    if kept:
        found.contents.setdefault(entry.path, []).append(b"".join(kept))


def _note(found: Members, record: Record, failed: list[OSError]) -> None:
    if isinstance(record, File):
        if record.kind == "directory":  # what is below a file or link has a folder of its own made up
            found.files.setdefault(record.path, record)
            return
        if record.path in found.files:
            _say(found, record.path, "second", "has the name of another member: the last one counts for most")
        found.files[record.path] = record
    elif isinstance(record, Unread):
        error = failed[0] if failed else None
        part = error.part if isinstance(error, ArchiveError) else record.part
        found.unread.append(record)
        _say(found, record.path, part or "content", record.why)
    elif isinstance(record, Capability):
        found.facts.append(record)


def _doubt(found: Members, unread: Unread) -> None:
    if unread.part in _OPEN:
        found.unread.append(msgspec.structs.replace(unread, path=unread.path or found.file))
    part = "encoding" if unread.part == "name" and "not marked as UTF-8" in unread.why else unread.part
    _say(found, unread.path, part or "content", unread.why)


def _say(found: Members, path: str, part: str, why: str) -> None:
    path = path or found.file
    fact = Setting(path=path, name=f"archive.{part}", value=why, at=Place(path))
    if fact not in found.facts:
        found.facts.append(fact)


def _watched(
    read: Callable[[], Iterator[bytes]], kept: list[bytes] | None, failed: list[OSError]
) -> Callable[[], Iterator[bytes]]:
    """Return a read that keeps what passes, up to a limit, and the error that ends it."""

    def again() -> Iterator[bytes]:
        size = 0
        try:
            for chunk in read():
                size += len(chunk)
                if kept is not None and size <= _LIMIT:
                    kept.append(chunk)
                yield chunk
        except OSError as error:
            failed.append(error)
            raise

    return again
