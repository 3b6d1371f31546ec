r"""An archive as a tree: tar (plain, gzip, bzip2, xz, zstd), zip, and what is made of them.

Wheels, sdists, npm tarballs and `git archive` output are recognised by their bytes, never by
name. Nothing is unpacked to disk and nothing runs; all is read as streams under `Limits`.

**Paths.** When every member lies below one top folder (`name-1.0/` of an sdist, the prefix of
`git archive`), that folder is taken off; the lone `*.dist-info` of a wheel is not. Of an npm
package (a tar named `*.tgz` with a `package.json` right below a top folder) the first component of
every member is taken off, whatever it is, as npm does. This takes a first pass over the names.
Folders that have no member of their own are yielded once, with the mode that an unpacker gives
them (0o755).

**Archives inside archives** have their members at `inner.zip!/member`, as they stand there, beside
the file itself. A folder has no such paths: `Limits(depth=0)` gives what the unpacked tree gives.

**Hard links** are yielded as files with the content of the member that they name, so that a tree
with hard links equals the tar of it, as long as `Limits.held` bytes hold the targets.

**What is refused** is said by an `Unread`: of the member, or, with an empty path, of the archive as
a whole; `part` names what. A name that leads out of the root yields no entry at all. After a cap,
a cut or a broken header the walk ends; what was read before stands. A zip that was cut has lost
its directory and gives nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import IO, NamedTuple

import msgspec

from fimci.archives import directory, magic, names, streams
from fimci.archives.bounds import LIMITS, ArchiveError, Limits, Meter
from fimci.archives.held import Held, keep
from fimci.archives.member import Member
from fimci.archives.plan import Plan, plan
from fimci.archives.tar import members as tar_members
from fimci.archives.zip import members as zip_members
from fimci.errors import SourceError
from fimci.model import Unread
from fimci.snapshot import Entry

_REMEDY = "name a tar (plain, gzip, bzip2, xz, zstd) or a zip; wheels, sdists and npm tarballs are such"
#: Names whose users look for a zip. In a plain tar that ends with a zip, only they would see it; in
#: compressed data it is no accident.
_ZIPS = (".zip", ".whl")
#: The attribute by which a program gets rights of the system, as by a set-id bit (capabilities(7)).
_RIGHTS = "capabilities"
#: What an unpacker gives a folder that has no member of its own, whatever the umask takes away.
_UNPACKED = 0o755


def walk(path: str, limits: Limits = LIMITS, *, whole: bool = False) -> Iterator[Entry | Unread]:
    """Yield the members of an archive, folders included, and what could not be read.

    An entry must be read before the next one is asked for. `whole`: the top folder stays in the paths.
    Raises `SourceError` if the path is no archive.
    """
    if not os.path.isfile(path):
        what = "is not a file" if os.path.exists(path) else "does not exist"
        raise SourceError(f"{path} {what}", _REMEDY)
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        yield from _outermost(file, size, path, limits, whole=whole)


def within(data: bytes, name: str, limits: Limits = LIMITS) -> Iterator[Entry | Unread]:
    """Yield the members of an archive that is held in memory, as `walk` does; `name` is that of its file."""
    yield from _outermost(io.BytesIO(data), len(data), name, limits)


def _outermost(
    file: IO[bytes], size: int, path: str, limits: Limits, *, whole: bool = False
) -> Iterator[Entry | Unread]:
    archive = _Archive(file, Meter(limits, size), limits.depth, os.path.basename(path).lower())
    try:
        yield from _walk(archive, whole=whole)
    except _NotAnArchiveError:
        what = "is empty" if size == 0 else "is not an archive that fimci reads"
        raise SourceError(f"{path} {what}", _REMEDY) from None


def _opened(path: str) -> IO[bytes]:
    try:
        return open(path, "rb")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", _REMEDY) from None


class _NotAnArchiveError(Exception):
    """The bytes are no archive. Of a file inside an archive: nothing more to see."""


class _Archive(NamedTuple):
    """An open archive: the outermost, or one that lies at `place` in another."""

    file: IO[bytes]
    meter: Meter
    depth: int
    name: str = ""  # of the outermost
    place: str = ""  # of an inner one

    def at(self, path: str) -> str:
        """Return a path in this archive as a path of the whole source."""
        return f"{self.place}!/{path}" if self.place and path else path or self.place


def _walk(archive: _Archive, *, whole: bool = False) -> Iterator[Entry | Unread]:
    again = archive.meter.again()
    whole = whole or bool(archive.place)
    found = plan(_members(archive, again), again, whole=whole, npm=archive.name.endswith(".tgz"))
    try:
        yield from _entries(archive, found)
    except ArchiveError as error:
        yield Unread(path=archive.place, part=error.part, why=str(error))
    except OSError as error:
        yield Unread(path=archive.place, part="end", why=error.strerror or str(error))


def _members(archive: _Archive, meter: Meter) -> Iterator[Member | Unread]:
    """Recognise an archive and yield what its parser finds."""
    also_zip = not archive.place and directory.is_there(archive.file)
    feed, layers = streams.unwrap(archive.file, meter)
    head = feed.peek(2 * magic.BLOCK)
    kind = magic.kind(head)
    if kind == "tar" or (not archive.place and len(head) == 2 * magic.BLOCK and not any(head)):
        if also_zip and (layers or archive.name.endswith(_ZIPS)):
            yield Unread(path="", part="format", why="is a zip as well: some readers see another archive")
        yield from tar_members(feed)
    elif (kind == "zip" and not layers) or also_zip:
        yield from zip_members(archive.file, meter)
    elif kind == "zip":
        yield from zip_members(io.BytesIO(_unwrapped(feed, meter)), meter)
    else:
        if not archive.place:
            feed.take(magic.BLOCK)  # raises what kept the bytes away, if anything did
        raise _NotAnArchiveError


def _unwrapped(feed: streams.Feed, meter: Meter) -> bytes:
    data = bytearray()
    for chunk in feed.rest():
        data += chunk
        if len(data) > meter.limits.held:
            raise ArchiveError("nesting", "is compressed as a whole and too large to look into")
    return bytes(data)


def _entries(archive: _Archive, found: Plan) -> Iterator[Entry | Unread]:
    """Judge names, add the folders that have no member, and look into archives that are met."""
    made = {found.inside(path) for path in found.folders}
    held = Held(archive.meter.limits.held)
    for member in _members(archive, archive.meter):
        path, fault = names.judge(member.path if isinstance(member, Unread) else member.name)
        inside = path if fault else found.inside(path)
        shown = archive.at(inside or path)
        if isinstance(member, Unread):
            yield Unread(path=shown, part=member.part, why=member.why)
            continue
        archive.meter.meet(path)
        if not inside and member.kind != "directory":
            fault = fault or "lies outside of the folder that is unpacked, or has no name"
        if fault:
            yield Unread(path=shown, part="name", why=fault)
        elif inside:
            if why := names.on_windows(inside):
                yield Unread(path=shown, part="name", why=why)
            for folder in _parents(inside, made):
                archive.meter.meet(folder)
                yield Entry(path=archive.at(folder), kind="directory", mode=_UNPACKED)
            yield from _entry(archive, shown, held.settled(path, member, wanted=path in found.linked))


def _parents(path: str, made: set[str]) -> Iterator[str]:
    """Yield the folders around a path that are not made yet, and note that they are."""
    at = path.rfind("/")
    while at > 0 and path[:at] not in made:
        made.add(path[:at])
        yield path[:at]
        at = path.rfind("/", 0, at)


def _entry(archive: _Archive, path: str, member: Member) -> Iterator[Entry | Unread]:
    """Yield the entry of one member and, if it is an archive, what that holds."""
    kind = "file" if member.kind == "hard link" else member.kind
    entry = Entry(
        path=path,
        kind=kind,
        mode=None if kind == "link" else member.mode,
        target=member.target if kind == "link" else None,
        read=member.read,
        attributes=tuple((name, value) for name, value in member.facts if name == _RIGHTS and value),
    )
    limits = archive.meter.limits
    if not limits.depth or member.head is None or not magic.kind(member.head()):
        yield entry
    elif not archive.depth:
        yield entry
        yield Unread(path=path, part="nesting", why="is an archive too deep in others: not looked into")
    elif member.size > limits.held:
        yield entry
        yield Unread(path=path, part="nesting", why="is an archive too large to look into from outside")
    else:
        data, read = keep(member)
        yield msgspec.structs.replace(entry, read=read)
        if data is not None:
            yield from _inner(_Archive(io.BytesIO(data), archive.meter, archive.depth - 1, place=path))


def _inner(archive: _Archive) -> Iterator[Entry | Unread]:
    # A file that is compressed by itself holds no members, and its bytes were read.
    with contextlib.suppress(_NotAnArchiveError):
        yield from _walk(archive)
