"""The few files of a tree that are read in full: what describes its packages, what starts with them.

A tree stands on the ground of this machine, a folder that is named, or of an image, whose layers are read
anew for what is asked. Whoever reads one asks here, and need not know which it is.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.model import File, Kind, Record, Unread
from fimci.snapshot import Entry, reason
from fimci.sources import directory

#: Bytes of one such file. The longest known list (60,000 files) has nine million.
LIMIT = 64 << 20
#: Links that are followed on the way to one path.
_LINKS = 40


class Layered(NamedTuple):
    """What is in an image in the end: every path with its kind, and what gives the content of some.

    `folders` are the names in each folder; `files` have been hashed already; `times` are of the files' last
    change, in seconds.
    """

    name: str
    kinds: Mapping[str, Kind]
    targets: Mapping[str, str]
    folders: Mapping[str, list[str]]
    files: Mapping[str, File]
    unread: tuple[Unread, ...]
    times: Mapping[str, int]
    entries: Callable[[Iterable[str]], Iterator[Entry | Unread]]


#: What paths are told from: a folder of this machine, or an image.
Ground: TypeAlias = "str | Layered"


def named(ground: Ground, path: str = "") -> str:
    """Return what to call a path of a ground."""
    if isinstance(ground, str):
        return os.path.join(ground, path) if path else ground
    return f"{ground.name}/{path}" if path else ground.name


def kind(ground: Ground, path: str) -> Kind | None:
    """Return what is at a path, of a link that it is one; `None` where nothing is."""
    if not isinstance(ground, str):
        return ground.kinds.get(path) if path else "directory"
    try:
        mode = os.lstat(os.path.join(ground, path) if path else ground).st_mode
    except (OSError, ValueError):
        return None
    known: tuple[tuple[Callable[[int], bool], Kind], ...] = (
        (stat.S_ISREG, "file"),
        (stat.S_ISDIR, "directory"),
        (stat.S_ISLNK, "link"),
    )
    return next((name for is_one, name in known if is_one(mode)), "other")


def has_file(ground: Ground, path: str) -> bool:
    """Tell whether a file stands at a path, or a link in its place: which is not read."""
    return kind(ground, path) in {"file", "link"}


def listed(ground: Ground, folder: str) -> list[str]:
    """Return the names in a folder, sorted; none where it cannot be listed, or is a link."""
    if not isinstance(ground, str):
        return ground.folders.get(folder, [])
    try:
        return sorted(os.listdir(os.path.join(ground, folder) if folder else ground))
    except OSError:
        return []


def target(ground: Ground, path: str) -> str:
    """Return where a link leads to; empty where there is none."""
    if not isinstance(ground, str):
        return ground.targets.get(path, "")
    try:
        return os.readlink(os.path.join(ground, path))
    except OSError:
        return ""


def real(ground: Ground) -> Callable[[str], str]:
    """Return what follows the links of an absolute path to where it is in the end."""
    if isinstance(ground, str):
        return os.path.realpath
    return lambda path: _followed(ground, path)


def _followed(image: Layered, path: str) -> str:
    left, at, hops = list(reversed(path.split("/"))), "", 0
    while left:
        name = left.pop()
        if name in {"", "."}:
            continue
        if name == "..":
            at = posixpath.dirname(at)
            continue
        at = f"{at}/{name}" if at else name
        if image.kinds.get(at) == "link" and hops < _LINKS:
            hops += 1
            leads = image.targets.get(at, "")
            at = "" if leads.startswith("/") else posixpath.dirname(at)
            left += reversed(leads.split("/"))
    return f"/{at}"


def entries(ground: Ground, paths: Iterable[str]) -> Iterator[Entry | Unread]:
    """Look at what each path names, of an image in an order of its own. Read one, then ask for the next."""
    return directory.entries(ground, paths) if isinstance(ground, str) else ground.entries(paths)


def hashed(image: Layered, *below: str) -> Iterator[Record]:
    """Yield what of some folders of an image (`a/b/`) was hashed already, and what could not be."""
    yield from (file for path, file in image.files.items() if path.startswith(below))
    yield from (one for one in image.unread if one.path.startswith(below))


def contents(
    root: Ground, paths: Iterable[str], limit: int = LIMIT
) -> tuple[dict[str, bytes], tuple[Unread, ...]]:
    """Return the content of regular files by path, and what could not be read. No link is followed."""
    found: dict[str, bytes] = {}
    unread: list[Unread] = []
    for entry in entries(root, paths):
        if isinstance(entry, Unread):
            unread.append(entry)
        elif entry.read is not None:
            try:
                found[entry.path] = whole(entry, limit)
            except OSError as error:
                unread.append(Unread(path=entry.path, why=reason(error)))
    return found, tuple(unread)


def small(root: Ground, path: str, limit: int = LIMIT) -> bytes | None:
    """Return the content of one file; `None` where there is none that can be read whole."""
    return contents(root, [path], limit)[0].get(path) if kind(root, path) == "file" else None


def whole(entry: Entry, limit: int) -> bytes:
    """Return the content of an entry. Raises `OSError` where it has none, or more than `limit` bytes."""
    if entry.read is None:
        raise OSError(0, "is not a file")
    pieces: list[bytes] = []
    size = 0
    with contextlib.closing(iter(entry.read())) as chunks:  # type: ignore[type-var]  # they are generators
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise OSError(0, f"is larger than {limit:,} bytes")
            pieces.append(chunk)
    return b"".join(pieces)
