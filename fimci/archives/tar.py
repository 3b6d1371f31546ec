"""Read a tar: POSIX ustar, pax (POSIX.1-2001), GNU and the older ones, as one stream.

Where readers disagree about what a header means, the reading of GNU tar and Python's tarfile is
taken and the disagreement is reported: a `size` in a pax header that swallows the next member's
header (CVE-2025-62518), a hard link with data, a second name. Sparse files are not read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.archives.bounds import ArchiveError
from fimci.archives.magic import BLOCK, is_tar_header
from fimci.archives.member import Member, text
from fimci.archives.pax import NOTHING, Said, extended, faults
from fimci.archives.streams import CHUNK, Feed
from fimci.model import UNSTATED, Unread, Unstated
from fimci.printable import printable
from fimci.xattrs import stated

_EXTENSIONS = b"LKxgX"
_LABEL = b"V"  # the name of a volume: no member
_REGULAR = b"\x000"
_WITHOUT_DATA = b"123456"
_OCTAL = re.compile(rb"[ \0]*([0-7]*)(?:[ \0].*)?", re.DOTALL)
_KNOWN = _REGULAR + _WITHOUT_DATA + b"7DS"


class Header(NamedTuple):
    """One block as it stands there. `size` is what the data takes up in the archive."""

    type: bytes
    name: bytes
    target: bytes
    size: int
    mode: int | Unstated
    #: GNU headers have other fields where POSIX has the folder; some readers take them for one.
    doubtful_prefix: bool
    map_goes_on: bool  # of an old GNU sparse file
    #: Numbers of owner and group, `None` where there is no number.
    uid: int | None = None
    gid: int | None = None
    time: int | None = None

    def is_directory(self, name: bytes) -> bool:
        """Tell whether it is one by its type or, as in old tars, by its name.

        A name that an extended header states is cut in the header itself, often after a `/`.
        """
        return self.type in b"5D" or (self.type in _REGULAR and name.endswith(b"/"))


def members(feed: Feed) -> Iterator[Member | Unread]:
    """Yield members and what is wrong with them, in order.

    Raises `ArchiveError` where the archive cannot be read on: a cut, a broken header, data after
    the end mark (one block of zeros, as most readers have it).
    """
    said = NOTHING
    while any(block := _block(feed)):
        header = _header(block, feed.position - BLOCK)
        if header.type in _EXTENSIONS:
            said = extended(said, header.type, _extension(feed, header.size))
        else:
            if header.type == _LABEL:
                why = "is the label of a volume, which some readers unpack as a file"
                yield Unread(path=text(header.name), part="type", why=why)
            else:
                yield from _member(feed, header, said)
            said = NOTHING
    if said.records or said.faults:
        yield Unread(path="", part="header", why="has an extended header without a member")
    if any(chunk.strip(b"\0") for chunk in feed.rest()):
        raise ArchiveError("trailing", "has other data after its end mark")


def _member(feed: Feed, header: Header, said: Said) -> Iterator[Member | Unread]:
    """Yield one member, let the caller read it, and go past its data."""
    records = said.records
    name = records.get("GNU.sparse.name", records.get("path", records.get("L", header.name)))
    target = records.get("linkpath", records.get("K", header.target))
    size = header.size
    if re.fullmatch(rb"\d{1,18}", records.get("size", b"")):
        size = int(records["size"])
    sparse = header.type == b"S" or any(key.startswith("GNU.sparse.") for key in records)
    folder = header.is_directory(name)
    found = [*faults(said, header.name, header.target, header.size), *_faults(header, size, folder=folder)]
    yield from (Unread(path=text(name), part=part, why=why) for part, why in found)
    goes_on = header.map_goes_on
    while goes_on:
        goes_on = bool(_block(feed)[504])
    start = feed.position
    if folder:
        made = Member(text(name), "directory", header.mode)
    else:
        made = _made(_Content(feed, start, size), header, text(name), text(target), sparse=sparse)
    owner, group = (_id(said.facts.get(key), own) for key, own in (("uid", header.uid), ("gid", header.gid)))
    time = _id(said.facts.get("mtime", b"").partition(b".")[0] or None, header.time)
    yield made._replace(facts=_facts(owner, group, tuple(sorted(said.xattrs))), time=time)
    if header.type not in _WITHOUT_DATA and not (folder and header.type == b"\0"):
        _skip(feed, start + -(-size // BLOCK) * BLOCK)


def _made(content: _Content, header: Header, name: str, target: str, *, sparse: bool) -> Member:
    if header.type == b"1":
        return Member(name, "hard link", header.mode, target=target)
    if header.type == b"2":
        return Member(name, "link", target=target)
    if header.type in b"346":
        return Member(name, "other", header.mode)
    if sparse:
        return Member(name, mode=header.mode, read=_sparse)
    return Member(name, "file", header.mode, content.size, read=content.read, head=content.head)


def _id(stated: bytes | None, own: int | None) -> int | None:
    """Return the number of an owner or group, or a time: what the extended header says, if anything."""
    if stated is None:
        return own
    return int(stated) if re.fullmatch(rb"\d{1,18}", stated) else None


@functools.lru_cache(maxsize=1024)
def _facts(
    owner: int | None, group: int | None, xattrs: tuple[tuple[str, bytes], ...]
) -> tuple[tuple[str, str | int], ...]:
    """Return what a member says of itself; one object for the many members that say the same."""
    numbers = (("owner", owner), ("group", group))
    return tuple(sorted((*((k, v) for k, v in numbers if v is not None), *stated(dict(xattrs)))))


class _Content(NamedTuple):
    """The data of one file, to be had while the feed stands before it."""

    feed: Feed
    start: int
    size: int

    def head(self) -> bytes:
        return self.feed.peek(min(self.size, BLOCK)) if self.feed.position == self.start else b""

    def read(self) -> Iterator[bytes]:
        if self.feed.position != self.start:
            raise ArchiveError("end", "was passed already: a stream is read once")
        left = self.size
        while left:
            chunk = self.feed.take(min(left, CHUNK))
            if not chunk:
                raise ArchiveError("end", "ends early: the archive was cut")
            left -= len(chunk)
            yield chunk


def _sparse() -> Iterator[bytes]:
    raise ArchiveError("sparse", "is a sparse file: its holes were not filled in")


def _faults(header: Header, size: int, *, folder: bool) -> Iterator[tuple[str, str]]:
    """Yield what readers disagree about in a member's own header."""
    if size and (header.type in _WITHOUT_DATA or folder) and header.type != b"D":
        yield "size", "has data although its type has none: some readers skip it, others read on in it"
    if header.type == b"D":
        yield "type", "is a folder of an incremental archive, which some readers unpack as a file"
    if header.type == b"\0" and header.name.endswith(b"/") and not folder:
        yield "type", "is a folder for some readers only: an old header under a new name"
    if header.type not in _KNOWN:
        yield "type", f"is of the unknown type {printable(text(header.type))}: readers treat it differently"
    if header.doubtful_prefix:
        yield "prefix", "is in a folder for some readers only: a POSIX prefix in a GNU header"


def _block(feed: Feed) -> bytes:
    block = feed.take(BLOCK)
    if len(block) < BLOCK:
        raise ArchiveError("end", "ends without an end mark: it was cut")
    return block


def _skip(feed: Feed, position: int) -> None:
    while (left := position - feed.position) > 0:
        if not feed.take(min(left, CHUNK)):
            raise ArchiveError("end", "ends in the middle of a member: it was cut")


def _extension(feed: Feed, size: int) -> bytes:
    """Return the content of an extended header; node-tar and libarchive stop at this size too."""
    if size > 1024 * 1024:
        raise ArchiveError("header", "has an extended header of more than a MiB: the rest was not read")
    data = feed.take(-(-size // BLOCK) * BLOCK)
    if len(data) < size:
        raise ArchiveError("end", "ends in the middle of a header: it was cut")
    return data[:size]


def _header(block: bytes, position: int) -> Header:
    """Take a header block apart. Raises `ArchiveError` if it is none."""
    size, mode = _number(block[124:136]), _number(block[100:108])
    if not is_tar_header(block) or size is None:
        raise ArchiveError("header", f"has a broken header at byte {position:,}: the rest was not read")
    name, prefix = _string(block[:100]), _string(block[345:500])
    posix = block[257:263] == b"ustar\0"
    gnu = block[257:265] == b"ustar  \0"
    return Header(
        type=block[156:157],
        name=prefix + b"/" + name if posix and prefix else name,
        target=_string(block[157:257]),
        size=size,
        mode=UNSTATED if mode is None else mode & 0o7777,
        doubtful_prefix=bool(prefix) and not posix and not (gnu and _number(block[345:357]) is not None),
        map_goes_on=block[156:157] == b"S" and bool(block[482]),
        uid=_number(block[108:116]),
        gid=_number(block[116:124]),
        time=_number(block[136:148]),
    )


def _string(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes) -> int | None:
    """Read an octal number or, marked by the highest bit, a binary one (GNU). `None`: neither."""
    if field[0] == 0x80:  # noqa: PLR2004
        value = int.from_bytes(field[1:], "big")
        return value if value < 1 << 63 else None
    octal = _OCTAL.fullmatch(field)
    return None if octal is None else int(octal[1] or b"0", 8)
