"""The members of an artifact, held against the source that it is said to be built from.

A member is looked for below the folders from which most of the others come (the root, `src/`, `python/`,
`packages/demo/`). What is there decides; only what is nowhere there is looked for by its
content, and explained by what the build tools write themselves (`fimci.artifacts.generated`). Links in
the source stand for what they lead to.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.model import Digest, File, Place, Record, Setting, Unread

_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib|data|headers|scripts)/(.+)", re.DOTALL)
#: Folders of a source that are tried where a member is not at its own path.
_FOLDERS = 5
_LINKS = 10
#: What lies in more places than this (a licence, an empty module) says nothing about any of them.
_COMMON = 100


class Source(NamedTuple):
    """A source: its files by path, the paths of each content, and what of it could not be looked at."""

    name: str
    files: Mapping[str, File]
    paths: Mapping[Digest, tuple[str, ...]]
    unread: tuple[Unread, ...]


class Held(NamedTuple):
    """What became of the members.

    `same` are those that are as the source has them, `other` those that are not, with the path in the
    source; `unknown` are nowhere in it; `moved` have the content of a file of another name or place.
    """

    same: frozenset[str]
    other: Mapping[str, str]
    unknown: tuple[str, ...]
    moved: Mapping[str, str]


def source(name: str, records: Iterable[Record]) -> Source:
    """Return the records of a snapshot as a source."""
    found = list(records)
    files = {one.path: one for one in found if isinstance(one, File) and one.kind != "directory"}
    paths: dict[Digest, list[str]] = {}
    for path, file in files.items():
        if isinstance(file.digest, Digest):
            paths.setdefault(file.digest, []).append(path)
    unread = tuple(one for one in found if isinstance(one, Unread))
    return Source(name, files, {digest: tuple(some) for digest, some in paths.items()}, unread)


def held(found: Members, named: Named, there: Source) -> Held:
    """Hold the files of an artifact against a source."""
    inner = {path: _inner(path, top) for top in [_top(found, named)] for path in found.files}
    members = {p: f for p, f in found.files.items() if f.kind not in {"directory", "link"}}
    folders = _folders([(inner[path], file) for path, file in members.items()], there)
    same: set[str] = set()
    other: dict[str, str] = {}
    unknown: list[str] = []
    moved: dict[str, str] = {}
    for path, file in members.items():
        place = next((folder + inner[path] for folder in folders if folder + inner[path] in there.files), "")
        at_place = _followed(place, there) if place else None
        elsewhere = there.paths.get(file.digest, ()) if isinstance(file.digest, Digest) else ()
        if at_place.digest == file.digest if at_place is not None else file.size == 0:
            same.add(path)
        elif place:
            other[path] = place
        elif elsewhere:
            moved[path] = _nearest(path, elsewhere)
        else:
            unknown.append(path)
    return Held(frozenset(same), other, tuple(unknown), moved)


def sides(
    found: Members, there: Source, kept: Held, explained: Mapping[str, str], lines: Mapping[str, Place]
) -> tuple[list[Record], list[Record]]:
    """Return what the source has at the place of each member, and what the artifact has.

    `explained` are members that the build wrote, by path; `lines` the first line that differs.
    """
    left: list[Record] = []
    right: list[Record] = []
    for path, place in kept.other.items():
        if path not in explained:
            file = _followed(place, there) or there.files[place]
            left.append(msgspec.structs.replace(file, path=path, mode=None, attributes=()))
            right.append(_bare(found.files[path]))
            at = lines.get(path, Place(path))
            right.append(Setting(path=path, name="source.path", value=place, at=at))
    right += [_bare(found.files[path]) for path in kept.unknown if path not in explained]
    right += [
        Setting(path=path, name="source.moved", value=place, at=Place(path))
        for path, place in kept.moved.items()
        if path not in explained
    ]
    return left, [*right, *there.unread]


def _bare(file: File) -> File:
    return msgspec.structs.replace(file, mode=None, attributes=())


def _top(found: Members, named: Named) -> str:
    """Return the folder that is taken off every path: the only one at the top, of all but wheels."""
    if named.kind == "wheel":
        return ""
    tops = {path.partition("/")[0] for path in found.files}
    lone = len(tops) == 1 and any("/" in path for path in found.files)
    return f"{next(iter(tops))}/" if lone else ""


def _inner(path: str, top: str) -> str:
    data = _DATA.fullmatch(path)
    return data[1] if data is not None else path.removeprefix(top)


def _folders(members: Sequence[tuple[str, File]], there: Source) -> list[str]:
    """Return the folders of the source below which members are found at their own path, most of them first.

    Their content says where, and of a small package of which each module was changed at least the names do.
    The root is one of them: in a repository of many packages it has a `package.json` of its own.
    """
    votes: Counter[str] = Counter({"": 0})
    for path, file in members:
        places = there.paths.get(file.digest, ()) if isinstance(file.digest, Digest) and file.size else ()
        if len(places) <= _COMMON:
            votes.update({place[: -len(path)] for place in places if f"/{place}".endswith(f"/{path}")})
    if not any(votes.values()) and not any(path in there.files for path, _ in members):
        votes.update(_namesakes({path for path, _ in members}, there.files))
    # Where the root has as many as another folder, it goes first; it is always tried.
    most = [folder for folder, _ in votes.most_common(_FOLDERS)]
    return most if "" in most else [*most, ""]


def _namesakes(paths: Collection[str], files: Iterable[str]) -> Iterator[str]:
    """Yield the folders below which files have these paths."""
    for place in files:
        parts = place.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[depth:]) in paths:
                yield "/".join(parts[:depth]) + "/"


def _followed(path: str, there: Source) -> File | None:
    """Return the file at a path, of a link what it leads to; `None` where that is nothing in the source."""
    for _ in range(_LINKS):
        file = there.files.get(path)
        if file is None or file.target is None:
            return file
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.target))
    return None


def _nearest(path: str, places: Iterable[str]) -> str:
    """Return the place whose end is most like that of a path."""
    return min(places, key=lambda place: (-_alike(path, place), len(place), place))


def _alike(one: str, other: str) -> int:
    pairs: Iterator[tuple[str, str]] = zip(reversed(one.split("/")), reversed(other.split("/")), strict=False)
    count = 0
    for left, right in pairs:
        if left != right:
            break
        count += 1
    return count
