"""The blobs of an image: files of a folder, or members of a tar that was saved."""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

from fimci import opening
from fimci.archives import magic, names, streams, tar
from fimci.archives.bounds import ArchiveError, Limits, Meter
from fimci.errors import SourceError
from fimci.model import Unread

#: More than all the documents of an image need, in bytes each.
DOCUMENT = 8 << 20
_REMEDY = "name an OCI image layout (a folder), or what `docker save`, `podman save` or `skopeo copy` wrote"


class Store(NamedTuple):
    """What gives a blob by its name, in chunks, and its size; `OSError` where it cannot be had."""

    chunks: Callable[[str], Iterator[bytes]]
    size: Callable[[str], int]


@contextlib.contextmanager
def opened(path: str, limits: Limits) -> Iterator[Store]:
    """Open a folder or tar. Raises `SourceError` where it is neither."""
    if os.path.isdir(path):
        yield Store(
            lambda name: _of_file(os.path.join(path, *name.split("/"))),
            lambda name: os.lstat(os.path.join(path, *name.split("/"))).st_size,
        )
        return
    try:
        file = open(path, "rb")  # noqa: SIM115  (closed below, by the next line but two)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", _REMEDY) from None
    with file:
        places = _places(file, path, limits)
        yield Store(lambda name: _of_tar(file, places, name), lambda name: _place(places, name)[1])


def document(store: Store, name: str) -> bytes | None:
    """Return a small blob whole; `None` where there is none. Raises `ArchiveError` for a large one."""
    data = bytearray()
    try:
        for chunk in store.chunks(name):
            data += chunk
            if len(data) > DOCUMENT:
                raise ArchiveError("document", f"{name} is larger than {DOCUMENT:,} bytes")
    except FileNotFoundError:
        return None
    return bytes(data)


def _of_file(path: str) -> Iterator[bytes]:
    with os.fdopen(os.open(path, opening.READ), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "is not a regular file")
        while chunk := file.read(streams.CHUNK):
            yield chunk


def _places(file: IO[bytes], path: str, limits: Limits) -> dict[str, tuple[int, int] | str]:
    """Return where the members of a tar begin and how long they are; of a link, what it names.

    Raises `SourceError` where it is no tar.
    """
    size = os.fstat(file.fileno()).st_size
    meter = Meter(limits._replace(ratio=1 << 30), size)
    feed = streams.Feed(streams.raw(file, meter))
    if magic.kind(feed.peek(2 * magic.BLOCK)) != "tar":
        compressed = magic.kind(feed.peek(magic.BLOCK)) in magic.COMPRESSIONS
        why = "is compressed as a whole: unpack that first" if compressed else "is no saved image"
        raise SourceError(f"{path} {why}", _REMEDY)
    found: dict[str, tuple[int, int] | str] = {}
    try:
        for member in tar.members(feed):
            if isinstance(member, Unread):
                continue
            name, fault = names.judge(member.name)
            meter.meet(name)
            if fault or name in found:
                continue
            if member.kind == "file":
                found[name] = (feed.position, member.size)
            elif member.target is not None:
                inside = (
                    member.target
                    if member.kind == "hard link"
                    else f"{posixpath.dirname(name)}/{member.target}"
                )
                found[name] = posixpath.normpath(inside).lstrip("/")
    except OSError as error:
        raise SourceError(f"{path} {error.strerror or error}", _REMEDY) from None
    return found


def _place(places: dict[str, tuple[int, int] | str], name: str) -> tuple[int, int]:
    place = places.get(name)
    if isinstance(place, str):  # Docker once saved a layer that two images share as a link
        place = places.get(place)
    if place is None or isinstance(place, str):
        raise FileNotFoundError(2, "is not in the archive")
    return place


def _of_tar(file: IO[bytes], places: dict[str, tuple[int, int] | str], name: str) -> Iterator[bytes]:
    at, left = _place(places, name)
    while left:
        file.seek(at)
        chunk = file.read(min(left, streams.CHUNK))
        if not chunk:
            raise OSError(0, "ends early: the archive was cut")
        at += len(chunk)
        left -= len(chunk)
        yield chunk
