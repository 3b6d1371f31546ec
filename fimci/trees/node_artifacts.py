"""What was published: the members of the archives that a lockfile vouches for.

An archive is read once into memory, hashed, and read on only if the hash is that of the lockfile. It is
then taken apart as a stream under the limits of all archives. Its first folder is taken off, whatever it is
called, as clients do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.archives import names
from fimci.installed.node import store_index
from fimci.look import ALGORITHMS
from fimci.model import Package
from fimci.snapshot import reason
from fimci.trees import node_tarball
from fimci.trees.node_caches import Caches, candidates, indexes
from fimci.trees.published import Artifact, Published, has, members, whole

#: A first line that clients write anew in commands, as Unix would look for an interpreter with its `\r`.
_SHEBANG = re.compile(rb"#![^\n]+\r\n")


class Wanted(NamedTuple):
    """A package to look for, by the key of whoever asks, and the algorithm its files are hashed with."""

    key: str
    entry: Package
    algorithm: str


def artifacts(places: Caches, wanted: Iterable[Wanted]) -> list[Artifact]:
    """Return what is at hand for each package, in whatever process."""
    return [_artifact(places, one) for one in wanted]


def _artifact(places: Caches, wanted: Wanted) -> Artifact:
    why = ""
    for candidate in candidates(wanted.entry, places):
        data = whole(candidate.path)
        if data is None:
            continue
        if not has(data, [candidate.digest]):
            why = f"{os.path.basename(candidate.path)[:60]} is not the archive that is locked"
            continue
        try:
            return Artifact(wanted.key, tuple(_published(data, wanted)))
        except OSError as error:
            why = f"its archive {reason(error)}"
    return _indexed(places, wanted) or Artifact(wanted.key, None, why)


def _indexed(places: Caches, wanted: Wanted) -> Artifact | None:
    """Return what pnpm's store says of the files, which the lockfile does not vouch for."""
    for path in indexes(wanted.entry, places) if wanted.algorithm == store_index.ALGORITHM else ():
        data = whole(path)
        files = store_index.parse(data) if data is not None else None
        if files is not None:
            published = tuple(Published(one.path, one.size, one.hex) for one in files)
            return Artifact(wanted.key, published, vouched=False)
    return None


def _published(data: bytes, wanted: Wanted) -> Iterator[Published]:
    """Yield the files of an archive, the last of those of one name. Raises `OSError`."""
    found: dict[str, Published] = {}
    folder = f"node_modules/{wanted.entry.name}/" if data.startswith(b"PK") else ""
    for path, chunks in _files(data):
        inner = path[len(folder) :] if folder and path.startswith(folder) else path.partition("/")[2]
        # npm writes one for the other, unless both are there.
        if inner and not (inner.endswith(".gitignore") and f"{inner[:-10]}.npmignore" in found):
            found[inner] = _one(inner, chunks, wanted.algorithm)
    yield from found.values()


def _files(data: bytes) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
    """Yield path and content of each file, by the short way where the archive is an ordinary one."""
    plain = node_tarball.files(data)
    if plain is not None:
        yield from ((path, (content,) if content else ()) for path, content in plain)
        return
    for member in members(data):
        path, fault = names.judge(member.name)
        if member.kind == "file" and member.read is not None and not fault:
            yield path, member.read()


def _one(inner: str, chunks: Iterable[bytes | memoryview], algorithm: str) -> Published:
    state, size, mended = ALGORITHMS[algorithm](b""), 0, None
    for chunk in chunks:
        if not size and chunk[:2] == b"#!" and (odd := _SHEBANG.match(chunk)):
            mended = ALGORITHMS[algorithm](odd[0][:-2] + b"\n")
            mended.update(chunk[odd.end() :])
        elif mended is not None:
            mended.update(chunk)
        state.update(chunk)
        size += len(chunk)
    return Published(inner, size, state.hexdigest(), mended.hexdigest() if mended is not None else "")
