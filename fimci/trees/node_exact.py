"""Packages that are, byte for byte, what was packed: told by whoever walks them, without a hash of a file.

The short way through a tree as it was installed, which is most of every tree. A package is held against
the archive that a lockfile vouches for: the same names, each with the same content, and nothing else.
Of such a package nothing goes any further but its name. Whatever is not so, for whatever reason, is looked
at and hashed as any file is, and judged by what is known of it (`fimci.trees.node_files`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from fimci import contents, folder
from fimci.folder import Packed
from fimci.installed.node import manifest
from fimci.installed.node.locations import where
from fimci.installed.node.manifest import Manifest
from fimci.installed.node.matching import Claims, best
from fimci.model import Digest, Record, Unread
from fimci.snapshot import Entry, Recipe
from fimci.sources import clock, directory
from fimci.sources.directory import Run
from fimci.sources.handles import ODD, Folders
from fimci.trees import node_tarball
from fimci.trees.node_caches import Caches, candidates
from fimci.trees.published import has, whole

_MANIFEST = "package.json"
#: Bytes of a manifest or command that are read: the largest of 1,500 has 0.1 MB.
LIMIT = 8 << 20
_MODULES = "node_modules/"
_IGNORED, _RENAMED = ".gitignore", ".npmignore"


class Known(NamedTuple):
    """What the lockfile vouches for, and where archives are: all that a package is held against."""

    claims: Claims
    places: Caches


class Exact(NamedTuple):
    """A package that is all of the archive with this hash and nothing else; how many files it has."""

    folder: str
    digest: Digest
    files: int
    manifest: Manifest


class _Archive(NamedTuple):
    """An unpacked archive, start and size of each of its files, and the hash it was vouched for by."""

    data: bytes | bytearray
    files: dict[str, tuple[int, int]]
    digest: Digest


def look(
    root: str, start: str, how: Recipe, known: Known, batch: Iterable[Run | Unread]
) -> list[Record | Packed | Exact]:
    """Look at what was walked, in whatever process, each package as a whole."""
    rest: list[Run | Unread] = []
    packages: dict[str, list[Run]] = {}
    for run in batch:
        place = where(f"{run.folder}x", start) if isinstance(run, Run) else None
        if isinstance(run, Run) and place is not None and place.kind == "package" and place.inner:
            packages.setdefault(place.folder, []).append(run)
        else:
            rest.append(run)
    found: list[Record | Packed | Exact] = []
    for package, runs in packages.items():
        exact = _exact(root, package, runs, known)
        if exact is not None:
            found.append(exact)
        else:
            rest.extend(runs)
    found.extend(folder.look_at(root, how, {}, rest))
    return found


def _exact(root: str, package: str, runs: Sequence[Run], known: Known) -> Exact | None:
    """Return what a package is if it is all of its archive."""
    begun = clock.start()
    with contextlib.closing(Folders(root)) as folders:
        read = _manifest(folders, package, runs, known, begun.quiet)
        archive = _archive(package, read, known) if read is not None else None
        if read is None or archive is None:
            return None
        met: set[str] = set()
        for run in runs:
            if not _alike(folders, run, len(package) + 1, archive, begun.quiet, met):
                return None
    if len(met) != len(archive.files) or clock.stepped(begun):
        return None
    return Exact(package, archive.digest, len(met), read)


def _packed_as(path: str, files: Container[str]) -> str:
    """Return the name that a file has in the archive: npm writes `.gitignore` as `.npmignore`."""
    if path.endswith(_RENAMED) and path not in files:
        return path[: -len(_RENAMED)] + _IGNORED
    return path


def _manifest(
    folders: Folders, package: str, runs: Sequence[Run], known: Known, quiet: int
) -> Manifest | None:
    """Read the manifest of a package of which the lockfile may have an entry."""
    top = next((run for run in runs if run.folder == f"{package}/" and _MANIFEST in run.names), None)
    if top is None or not known.claims.of(package):
        return None
    try:
        folders.to(package)
        mode, data = directory.plain(folders, _MANIFEST, quiet)
        return manifest.parse(data if mode else _whole_file(folders, f"{package}/{_MANIFEST}"))
    except OSError:
        return None


def _whole_file(folders: Folders, path: str) -> bytes:
    """Read a small file, whatever its times. Raises `OSError` where it is none, or too large."""
    entry = directory.entry(folders, path)
    if isinstance(entry, Unread):
        raise OSError(0, entry.why)
    return contents.whole(entry, LIMIT)


def _archive(package: str, read: Manifest, known: Known) -> _Archive | None:
    """Return the archive that a package should be of, if it is at hand and an ordinary one."""
    entries = known.claims.of(package)
    entry = best(entries, read)
    if entry is None or "bundled" in entries[0].flags:
        return None
    for candidate in candidates(entry, known.places):
        data = whole(candidate.path)
        if data is None or not has(data, (candidate.digest,)):
            continue
        unpacked = node_tarball.opened(data)
        files = _inner(unpacked.files) if unpacked is not None else None
        return _Archive(unpacked.data, files, candidate.digest) if unpacked and files is not None else None
    return None


def _inner(files: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]] | None:
    """Return where each file is, without the first folder; `None` where clients do more than unpack."""
    found: dict[str, tuple[int, int]] = {}
    for path, start, size in files:
        inner = path.partition("/")[2]
        if inner.startswith(_MODULES):
            return None
        if inner:
            found[inner] = (start, size)
    return found


def _alike(  # noqa: PLR0913, PLR0917  (a part of the hot loop)
    folders: Folders, run: Run, above: int, archive: _Archive, quiet: int, met: set[str]
) -> bool:
    """Tell whether the files of a folder are those of the archive, and put their names there into `met`."""
    data, inside = archive.data, run.folder[above:]
    names = run.names[:-1] if run.below else run.names
    if not names:
        return True
    if any(name[-1] == ODD for name in names):
        return False
    try:
        folders.to(run.folder[:-1])
        for name, mode, found in directory.plains(folders, names, quiet):
            inner = _packed_as(inside + name, archive.files)
            span = archive.files.get(inner)
            if span is None or inner in met:
                return False
            start, size = span
            if mode:
                same = len(found) == size and data.startswith(found, start)
            else:
                same = _anew(folders, run.folder + name, data, start, size)
            if not same:
                return False
            met.add(inner)
    except OSError:
        return False
    return True


def _anew(folders: Folders, path: str, data: bytes | bytearray, start: int, size: int) -> bool:
    """Compare a file that is out of the ordinary: large, or touched lately."""
    entry = directory.entry(folders, path)
    return isinstance(entry, Entry) and entry.read is not None and _streamed(entry, data, start, size)


def _streamed(entry: Entry, data: bytes | bytearray, start: int, size: int) -> bool:
    """Compare a large file, or one that was touched lately, piece by piece."""
    assert entry.read is not None  # noqa: S101  (for the type checker: the caller has looked)
    at = 0
    for chunk in entry.read():
        if at + len(chunk) > size or not data.startswith(chunk, start + at):
            return False
        at += len(chunk)
    return at == size
