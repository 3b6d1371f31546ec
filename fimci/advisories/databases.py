"""Files and folders of OSV records: as OSV publishes them (a zip of one file each), one JSON, JSON lines.

A file is gone through once and an index made of it: which package is named where. The index is kept, sealed
(`fimci.registries.kept`), for as long as the file is the same by name, size and times; of 200,000 records
nothing but those about the packages at hand is then read.
"""

from __future__ import annotations

import io
import mmap
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from fimci.advisories import osv
from fimci.advisories.osv import LIMIT, Osv
from fimci.registries.kept import Kept

#: A package, as `npm left` in the index.
Name: TypeAlias = tuple[str, str]
#: Where a record is: offset, and length as it is stored; a file's place in the list of a folder.
_Place: TypeAlias = tuple[int, int]
_Buffer: TypeAlias = mmap.mmap | bytes
_FORM = "fimci-advisories/1"
#: Records of one database, and bytes of all its records.
_MOST, _ALL = 4_000_000, 32 << 30
_LOCAL, _STORED, _DEFLATED = 30, 0, 8
_LINE = re.compile(rb"[^\r\n]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAMAGE = (msgspec.MsgspecError, ValueError, RecursionError, zlib.error, EOFError)


class DatabaseError(Exception):
    """Why a file is no database of OSV, in a sentence fragment."""


class Index(msgspec.Struct):
    """What is where: places by `ecosystem name`, how many records, the newest day, and what is damaged."""

    form: str
    places: dict[str, list[_Place]] = {}
    records: int = 0
    newest: str = ""
    damaged: int = 0
    first: str = ""


class Database(NamedTuple):
    """An open database. `files` are those of a folder; else records are in `data`."""

    title: str
    data: _Buffer
    kind: str
    files: tuple[str, ...]
    listing: Index

    def about(self, names: Iterable[Name]) -> Iterator[tuple[Name, Osv]]:
        """Yield the records that name one of these packages."""
        for name in names:
            for place in self.listing.places.get(" ".join(name), ()):
                try:
                    yield name, osv.record(_bytes(self, place))
                except (*_DAMAGE, OSError):
                    self.listing.damaged += 1
                    self.listing.first = self.listing.first or f"one about {name[1]}"


def opened(path: str, kept: Kept) -> Database:
    """Open a file or folder. Raises `OSError` and `DatabaseError`."""
    if os.path.isdir(path):
        return _indexed(Database(path, b"", "folder", tuple(_below(path)), Index(_FORM)))
    with open(path, "rb") as file:
        state = os.fstat(file.fileno())
        if not state.st_size:
            raise DatabaseError("is empty")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    stamps = (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    return _known(path, data, kept, f"{os.path.realpath(path)} {stamps}")


def held(title: str, data: bytes, kept: Kept, digest: str) -> Database:
    """Open the content of a file, such as one of a commit. Raises `DatabaseError`."""
    if not data:
        raise DatabaseError("is empty")
    return _known(title, data, kept, digest)


def _known(title: str, data: _Buffer, kept: Kept, identity: str) -> Database:
    found = Database(title, data, _kind(data), (), Index(_FORM))
    name = f"{_FORM} {identity}"
    remembered = kept.answer(name)
    if remembered is not None:
        try:
            index = msgspec.msgpack.decode(remembered, type=Index)
        except msgspec.MsgspecError:
            index = None
        if index is not None and index.form == _FORM:
            return found._replace(listing=index)
    found = _indexed(found)
    kept.keep_answer(name, msgspec.msgpack.encode(found.listing))
    return found


def _kind(data: _Buffer) -> str:
    if data[:2] == b"PK":
        return "zip"
    start = data[:LIMIT].lstrip()
    if start[:1] == b"[":
        return "list"
    if start[:1] != b"{":
        raise DatabaseError("is no JSON, and no zip")
    first = start.splitlines()[0]
    try:
        members = msgspec.json.decode(first, type=dict[str, msgspec.Raw])
    except _DAMAGE:
        return "list"
    return "list" if "vulns" in members else "lines"


def _indexed(found: Database) -> Database:
    index = found.listing
    places: dict[str, list[_Place]] = {}
    met = 0
    for place, data in _each(found):
        met += len(data)
        if index.records >= _MOST or met > _ALL:
            raise DatabaseError(f"has more than {_MOST:,} records, or {_ALL:,} bytes of them")
        try:
            one = osv.outline(data)
        except _DAMAGE:
            index.damaged += 1
            index.first = index.first or _name(found, place, index)
            continue
        index.records += 1
        if one.modified > index.newest and _DAY.match(one.modified):
            index.newest = one.modified[:25]
        for ecosystem, name in one.names():
            places.setdefault(f"{ecosystem} {name}", []).append(place)
    if not index.records:
        raise DatabaseError("has no record of OSV")
    index.places = places
    return found


def _name(found: Database, place: _Place, index: Index) -> str:
    return found.files[place[0]] if found.files else f"number {index.records + index.damaged}"


def _each(found: Database) -> Iterator[tuple[_Place, bytes]]:
    """Yield every record with its place; what cannot be read is empty, and so no record."""
    if found.kind == "list":
        yield from _of_list(found.data)
        return
    for place in _places(found):
        try:
            yield place, _bytes(found, place)
        except (*_DAMAGE, OSError):
            yield place, b""


def _places(found: Database) -> Iterator[_Place]:
    if found.kind == "folder":
        yield from ((at, 0) for at in range(len(found.files)))
    elif found.kind == "lines":
        yield from ((line.start(), line.end() - line.start()) for line in _LINE.finditer(found.data))
    else:
        yield from _rows(found)


def _rows(found: Database) -> list[_Place]:
    """Return where the members of a zip are, as its directory says."""
    try:
        with (
            open(found.title, "rb") if isinstance(found.data, mmap.mmap) else io.BytesIO(found.data) as file,
            zipfile.ZipFile(file) as archive,
        ):
            members = (row for row in archive.infolist() if row.filename.endswith(".json"))
            return [(row.header_offset, row.compress_size) for row in members]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise DatabaseError(f"is a damaged zip: {error}") from error


def _bytes(found: Database, place: _Place) -> bytes:
    """Return one record. Raises `OSError` and what is in `_DAMAGE`."""
    start, length = place
    if found.kind == "folder":
        with open(found.files[start], "rb") as file:
            data = file.read(LIMIT + 1)
    elif found.kind == "zip":
        data = _member(found.data, start, length)
    else:
        data = found.data[start : start + length]
    if len(data) > LIMIT:
        message = "is larger than any record"
        raise ValueError(message)
    return data


def _member(data: _Buffer, start: int, length: int) -> bytes:
    """Read a member of a zip: of each, the directory has said where its header is and how long it is."""
    header = data[start : start + _LOCAL]
    if len(header) < _LOCAL or header[:4] != b"PK\3\4":
        message = "has no header"
        raise ValueError(message)
    method = int.from_bytes(header[8:10], "little")
    start += _LOCAL + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = data[start : start + length]
    if method == _STORED:
        return packed
    if method != _DEFLATED:
        message = "is packed in a way that OSV does not use"
        raise ValueError(message)
    return zlib.decompressobj(-15).decompress(packed, LIMIT + 1)


def _of_list(data: _Buffer) -> Iterator[tuple[_Place, bytes]]:
    """Yield the records of one JSON: a record, a list of them, or what OSV's service answers (`vulns`)."""
    whole = bytes(data)
    try:
        found = msgspec.json.decode(whole, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
        if isinstance(found, dict):
            found = (
                msgspec.json.decode(found["vulns"], type=list[msgspec.Raw])
                if "vulns" in found
                else [msgspec.Raw(whole)]
            )
    except _DAMAGE as error:
        raise DatabaseError("is no JSON of OSV") from error
    at = 0
    for one in found:
        record = bytes(one)
        at = whole.index(record, at)
        yield (at, len(record)), record
        at += len(record)


def _below(folder: str) -> Iterator[str]:
    """Yield the JSON files below a folder, in order; links are not followed."""
    for here, folders, files in os.walk(folder):
        folders.sort()
        yield from (os.path.join(here, name) for name in sorted(files) if name.endswith(".json"))
