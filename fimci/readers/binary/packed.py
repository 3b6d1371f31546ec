"""Archives in a tree: what the code in their members can do, unpacked in memory under caps.

    `inner.zip!/left.py`        Capability   what the readers of code say of the member
    what stays shut             Capability   `unanalyzed`, `archive: is encrypted`

Read are zip, tar and what is compressed, whatever they are called, and archives in them. Nobody runs what
lies in an archive before it is unpacked, so that all of it counts as called; what opens the whole at once (an
archive of torch or of numpy) runs the pickles in it, and an archive that a script of the installation runs is
run as a whole (`reach`). Classes of Java are told of the archive itself (`magic`).
"""

from __future__ import annotations

import hashlib
import io
import posixpath
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fimci import readers
from fimci.archives import magic, names, streams
from fimci.archives.bounds import ArchiveError, Limits, Meter, MiB
from fimci.archives.member import Member
from fimci.archives.tar import members as tar_members
from fimci.archives.zip import members as zip_members
from fimci.model import Capability, Place, Unread
from fimci.snapshot import HEAD

#: What one archive may cost, with all that lies in it; a member that is looked at is no larger than this.
LIMITS = Limits(
    members=20_000, names=8 * MiB, bytes=128 * MiB, floor=32 * MiB, held=32 * MiB, depth=2, seconds=60
)
_MEMBER = 8 * MiB
#: Programs behind other bytes: the first line of a `.pyz`.
_ZIPPED = (".pyz", ".pyzw", ".jar", ".whl", ".zip", ".egg")
#: Opened as a whole by what they are made for.
_OPENED = (".pt", ".pth", ".bin", ".ckpt", ".npz", ".joblib", ".keras")
_PICKLES = frozenset(("pickle", "pickle-named", "keras-model"))
_TOLD = 2000
#: What is wrong with one member, after which the next one can be read.
_OF_MEMBER = frozenset(("checksum", "encryption", "large", "method", "size", "sparse", "trailing"))


class _Opened(NamedTuple):
    """An archive that is looked into: where it stands, and how deep."""

    path: str
    meter: Meter
    depth: int = 0


def wants(path: str, head: bytes) -> bool:
    """Want archives, by their first bytes, and zips behind a first line by their names."""
    return bool(magic.kind(head)) or (path.endswith(_ZIPPED) and head.startswith(b"#!"))


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what its members can do."""
    told: dict[tuple[str, ...], Capability] = {}
    for found in _records(_Opened(path, Meter(LIMITS, len(data))), data):
        if len(told) == _TOLD:
            yield _shut(path, data, f"more than {_TOLD:,} capabilities in it")
            break
        told.setdefault(found.key, found)
    yield from told.values()


def _records(opened: _Opened, data: bytes) -> Iterator[Capability]:
    doubt = ""
    try:
        for member in _members(opened, data):
            if isinstance(member, Unread):
                doubt = doubt or ("" if member.part == "prefix" else member.why)  # a first line is one
            elif member.kind == "file" and member.read is not None:
                yield from _member(opened, member)
    except ArchiveError as error:
        doubt = str(error)
    except OSError as error:
        doubt = error.strerror or str(error)
    if doubt:
        yield _shut(opened.path, data, doubt)


def _members(opened: _Opened, data: bytes) -> Iterator[Member | Unread]:
    """Yield the members of an archive; of what is compressed by itself, itself."""
    file = io.BytesIO(data)
    if magic.kind(data[: magic.BLOCK]) in {"zip", ""}:
        yield from zip_members(file, opened.meter)
        return
    feed, layers = streams.unwrap(file, opened.meter)
    kind = magic.kind(feed.peek(2 * magic.BLOCK))
    if kind == "tar":
        yield from tar_members(feed)
    elif layers:
        stem = posixpath.splitext(posixpath.basename(opened.path))[0]
        yield Member(stem, read=feed.rest, head=lambda: feed.peek(magic.BLOCK))


def _member(opened: _Opened, member: Member) -> Iterator[Capability]:
    """Yield what one member can do."""
    opened.meter.meet(member.name)
    inside, fault = names.judge(member.name)
    path = f"{opened.path}!/{inside}"
    if fault or not inside:
        return  # whoever unpacks it is told by the name; it lies nowhere
    asked = [reader for reader in readers.with_code(path) if reader.code]
    try:
        data = _content(member)
    except OSError as error:
        if isinstance(error, ArchiveError) and error.part not in _OF_MEMBER:
            raise
        yield _shut(path, b"", str(error))
        return
    if magic.kind(data[: 2 * magic.BLOCK]):
        if opened.depth + 1 >= LIMITS.depth:
            yield _shut(path, data, "is too deep in others: not looked into")
        else:
            yield from _records(opened._replace(path=path, depth=opened.depth + 1), data)
        return
    for reader in asked:
        if reader.wants(path, data[:HEAD]):
            whole = reader.name in _PICKLES and opened.path.endswith(_OPENED)
            for found in reader.read(path, data):
                yield from _placed(found, path, data, whole=whole)


def _content(member: Member) -> bytes:
    """Return the content of a member. Raises `OSError`; of a large one, an `ArchiveError` that says so."""
    assert member.read is not None  # noqa: S101  (for the type checker: whoever asks has looked)
    content = bytearray()
    for chunk in member.read():
        content += chunk
        if len(content) > _MEMBER:
            raise ArchiveError("large", f"is larger than {_MEMBER >> 20} MiB")
    return bytes(content)


def _placed(found: object, path: str, data: bytes, *, whole: bool) -> Iterator[Capability]:
    """Yield a capability as one of what lies in an archive, and what was not read as one of nobody's."""
    if isinstance(found, Capability):
        yield found if whole else msgspec.structs.replace(found, phase="call")
    elif isinstance(found, Unread):
        yield _shut(path, data, found.why)


def _shut(path: str, data: bytes, why: str) -> Capability:
    subject = f"archive: {why}"
    detail = hashlib.sha256(data).hexdigest()[:16]
    return Capability(
        path=path, name="unanalyzed", subject=subject, detail=detail, at=Place(path, 1, subject)
    )
