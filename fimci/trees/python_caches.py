"""What the caches of installers have of a release. Nothing of an installer runs to find out.

A place may be named by anybody: what is found there vouches for nothing before its hash is that of the
lockfile (`python_artifacts`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from fimci.model import Package
from fimci.registries import kept
from fimci.trees import wheel_names
from fimci.trees.python_places import Places
from fimci.trees.wheel_names import Release

#: A wheel as it was published; one that pip built and keeps; what uv unpacked, by its own note.
Kind: TypeAlias = Literal["wheel", "built", "unpacked"]
#: Files and folders of one cache that are looked at: a cache of ten thousand wheels has fewer.
LIMIT = 200_000
#: A note of uv starts with the name of the folder that it unpacked to, and the hashes of the archive.
_FOLDER = re.compile(rb"[\x90-\x9f](?:[\xa0-\xbf]|\xd9.)([\w-]{8,64})", re.DOTALL)
_SHA256 = re.compile(rb"Sha256\xd9\x40([0-9a-f]{64})")
_NOTE = 4096


class Candidate(NamedTuple):
    """A file (a folder, where it was unpacked) that a distribution may have come from.

    `noted` is the sha256 of the archive, as uv wrote it down; empty where it did not.
    """

    path: str
    kind: Kind
    noted: str = ""


#: What there is of each release.
Index: TypeAlias = "dict[Release, list[Candidate]]"


def index(where: Places) -> Index:
    """Find all wheels in these places, by what their names or their lists of members say of them."""
    found: Index = {}
    for release, candidate in _all(where):
        if release is not None:
            found.setdefault(release, []).append(candidate)
    return found


def add_kept(found: Index, locked: Iterable[Package], environment: Mapping[str, str]) -> None:
    """Add what fimci itself keeps of locked releases (`fimci check --releases`), by their hashes."""
    own = kept.kept(environment)
    for package in locked if own.folder is not None else ():
        if isinstance(package.version, str) and isinstance(package.integrity, tuple):
            paths = (own.path(digest) for digest in package.integrity)
            there = [Candidate(path, "wheel") for path in paths if path is not None and os.path.isfile(path)]
            if there:
                found.setdefault(wheel_names.release(package.name, package.version), []).extend(there)


def _all(where: Places) -> Iterator[tuple[Release | None, Candidate]]:
    for path in (path for folder in where.wheels for path in _below(folder, 0)):
        yield _named(path), Candidate(path, "wheel")
    for path in (path for folder in where.poetry for path in _below(f"{folder}/artifacts")):
        yield _named(path), Candidate(path, "wheel")
    for path in (path for folder in where.pip for path in _below(f"{folder}/wheels")):
        yield _named(path), Candidate(path, "built")
    answers = (*(f"{one}/http-v2" for one in where.pip), *(f"{one}/http" for one in where.pdm))
    for path in (path for folder in answers for path in _below(folder)):
        if path.endswith(".body"):  # pip keeps an answer's headers beside it
            yield wheel_names.looked_into(path), Candidate(path, "wheel")
    for folder in where.uv:
        yield from _unpacked(folder)


def _named(path: str) -> Release | None:
    return wheel_names.parse(path.rpartition("/")[2])


def _unpacked(cache: str) -> Iterator[tuple[Release, Candidate]]:
    """Yield what uv unpacked: `wheels-v8/pypi/NAME/VERSION-TAGS.http` says what is in which folder."""
    try:
        buckets = sorted(name for name in os.listdir(cache) if name.startswith("wheels-v"))
    except OSError:
        return
    for path in (path for bucket in buckets for path in _below(f"{cache}/{bucket}")):
        if path.endswith((".http", ".rev")):
            note = _start(path)
            folder, noted = _FOLDER.match(note), _SHA256.search(note)
            if folder is not None:
                *_, name, file = path.split("/")
                where = f"{cache}/archive-v0/{folder[1].decode()}"
                sha256 = noted[1].decode() if noted is not None else ""
                version = file.rpartition(".")[0].partition("-")[0]
                yield wheel_names.release(name, version), Candidate(where, "unpacked", sha256)


def _below(folder: str, depth: int = 8) -> Iterator[str]:
    """Yield the files below a folder, and follow no link."""
    left, met = [(folder, depth)], 0
    while left and met < LIMIT:
        above, levels = left.pop()
        try:
            with os.scandir(above) as entries:
                for entry in entries:
                    met += 1
                    path = entry.path.replace(os.sep, "/")
                    if entry.is_file(follow_symlinks=False):
                        yield path
                    elif levels and entry.is_dir(follow_symlinks=False):
                        left.append((path, levels - 1))
        except OSError:
            continue


def _start(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_NOTE)
    except OSError:
        return b""
