"""An environment against the archives that its lockfile vouches for, file by file.

What differs from the list of its own distribution is told where that is held against the disk. Told here is
what the list hides: it was edited along with the files, or the whole package was put in the place of the
one that is locked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import workers
from fimci.contents import Ground, named
from fimci.environment import Environment, read
from fimci.installed.python import record, scheme
from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import inside
from fimci.model import Digest, File, Package, Place, Record, Setting
from fimci.packages.owners import STORY
from fimci.printable import cut, listed, plural
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.trees import wheel_names
from fimci.trees.published import Artifact, Published
from fimci.trees.python_artifacts import Wanted, artifacts, mended, tags
from fimci.trees.python_caches import Candidate, Index
from fimci.trees.tree import Subtraction
from fimci.trees.wheel_names import Release

#: Distributions that one process works on at a time, and how many are told by name.
_MANY, _SHOWN = 8, 3
#: Bytes of a script, and of a `WHEEL`, that are read.
_SMALL = 1 << 20
_PLAIN = Recipe(readers=(), directories=False)
_LIBRARIES = (".so", ".pyd", ".dll", ".dylib")
_BUILT_HERE = frozenset({"directory", "link", "workspace", "git"})
_EDITED = "its row in RECORD was edited to match"
_ADDED = "its row in RECORD was added"
_TAKEN_OUT = "its row in RECORD was taken out"
_UNLISTED = "RECORD states no hash of it"


class Held(NamedTuple):
    """Both sides of what differs from the archives, and what is to be said of all.

    `number` counts the distributions of which an archive is at hand. `borne` are the files that are as
    the locked archive has them though their list says otherwise. `found` are the archives that were looked
    for, by the folder of the distribution's metadata.
    """

    number: int

    left: list[Record]
    right: list[Record]
    borne: frozenset[str]
    notes: tuple[str, ...]
    found: Mapping[str, Artifact]


class _Expected(NamedTuple):
    """A distribution, its archive, and the files that this has by the paths that they are installed at."""

    one: Distribution
    artifact: Artifact
    files: Mapping[str, Published]


def held(here: Environment, locked: Iterable[Package], at_hand: Index) -> Held:
    """Hold each distribution against its archive, where that is at hand."""
    found = _found(here, _vouching(locked), at_hand)
    known = [
        _Expected(one, artifact, _installed(here, one, artifact.files))
        for one in here.distributions
        if (artifact := found.get(one.info)) is not None and artifact.files is not None
    ]
    claims: dict[str, set[str]] = {}
    for expected in known:
        for path, file in expected.files.items():
            claims.setdefault(path, set()).add(file.hex)
    packages = here.stated.packages
    left: list[Record] = [*packages]
    right: list[Record] = [*packages]
    borne: set[str] = set()
    for expected in known:
        for path, published, story in _differences(here, expected, claims):
            left += [_published(path, published)] if published is not None else []
            right += [_bare(here.there[path])] if path in here.there else []
            right.append(_told(here, expected.one, path, story))
        if expected.artifact.vouched:
            borne.update(_borne(here, expected))
    notes = (*_notes(here, known, found), *_wrong(borne))
    return Held(len(known), left, right, frozenset(borne), notes, found)


def subtraction(here: Environment, both: Held) -> Subtraction:
    """Return what was published, and what is there."""
    name = named(here.root, here.where.start)
    return Subtraction(
        Snapshot(locator="artifacts", recipe=_PLAIN, records=collected(both.left)),
        Snapshot(locator=f"python:{name}", recipe=_PLAIN, records=collected(both.right)),
        "artifact",
        both.notes,
    )


def linked(root: Ground, path: str) -> str:
    """Say that a file has other names, through which it may have been changed; empty where it has none."""
    if not isinstance(root, str):
        return ""
    try:
        names = os.lstat(os.path.join(root, path)).st_nlink
    except OSError:
        return ""
    return f"it is a hard link, {names - 1:,} more of it in other projects or a cache" if names > 1 else ""


def _vouching(locked: Iterable[Package]) -> dict[Release, set[Digest]]:
    found: dict[Release, set[Digest]] = {}
    for package in locked:
        if isinstance(package.version, str) and isinstance(package.integrity, tuple):
            key = wheel_names.release(package.name, package.version)
            found.setdefault(key, set()).update(package.integrity)
    return found


def _found(here: Environment, vouching: Mapping[Release, set[Digest]], at_hand: Index) -> dict[str, Artifact]:
    """Read the archives, on all cores; by the folder of the distribution's metadata."""
    infos = [one for one in _wheels(here) if one.info.endswith(".dist-info")]
    wheels, _ = read(here, (path for one in infos if (path := _wheel(one)) in here.there), _SMALL)
    wanted = [
        _wanted(here, one, vouching, candidates, wheels.get(_wheel(one), b""))
        for one in infos
        if one.origin.kind not in _BUILT_HERE
        and (candidates := at_hand.get(wheel_names.release(one.name, one.version)))
    ]
    batches = (wanted[at : at + _MANY] for at in range(0, len(wanted), _MANY))
    return {one.key: one for batch in workers.spread(artifacts, batches, 1) for one in batch}


def _wheels(here: Environment) -> list[Distribution]:
    """Return the distributions that came in wheels, as far as anybody knows: conda's come otherwise."""
    return [
        one
        for one in here.distributions
        if one.ecosystem == "pypi" and not one.parent and not one.origin.editable
    ]


def _wheel(one: Distribution) -> str:
    return inside(one.info, "WHEEL")


def _wanted(
    here: Environment,
    one: Distribution,
    vouching: Mapping[Release, set[Digest]],
    candidates: Iterable[Candidate],
    wheel: bytes,
) -> Wanted:
    locked = vouching.get(wheel_names.release(one.name, one.version))
    own = one.origin.integrity if isinstance(one.origin.integrity, tuple) else ()
    files = (here.there[path] for path in one.files if path in here.there)
    return Wanted(
        key=one.info,
        candidates=tuple(candidates),
        vouching=tuple(sorted(locked)) if locked else own,
        there=frozenset(file.digest.hex for file in files if isinstance(file.digest, Digest)),
        tags=tags(wheel),
        native=any(path.endswith(_LIBRARIES) for path in one.files),
    )


def _installed(here: Environment, one: Distribution, files: Iterable[Published]) -> dict[str, Published]:
    """Return the files of an archive by the paths that they are installed at."""
    placed = (
        (scheme.place(here.where, one, file.path, here.there), file)
        for file in files
        if not record.by_installer(file.path)
    )
    return {path: file for path, file in placed if path}


def _differences(
    here: Environment, expected: _Expected, claims: Mapping[str, set[str]]
) -> Iterator[tuple[str, Published | None, str]]:
    """Yield what is otherwise than in the archive and not told by the list: path, what it was, and why."""
    one = expected.one
    for path, published in expected.files.items():
        file, row = here.there.get(path), one.files.get(path)
        if file is None:
            if row is None:
                yield path, published, _TAKEN_OUT
        elif (
            row is not None and not _is(here, file, published) and not _told_by_list(here, one, file, claims)
        ):
            stated = isinstance(row.digest, Digest)
            yield path, published, _EDITED if stated else _UNLISTED
    for path in one.files.keys() - expected.files.keys():
        if path in here.there and path not in claims and not _is_installers(here, one, path):
            yield path, None, _ADDED


def _is(here: Environment, file: File, published: Published) -> bool:
    if file.kind != "file" or not isinstance(file.digest, Digest):
        return False
    if file.digest.hex == published.hex or not published.mended:
        return file.digest.hex == published.hex
    data, _ = read(here, [file.path], _SMALL)
    return mended(data.get(file.path, b"")) == published.mended


def _told_by_list(here: Environment, one: Distribution, file: File, claims: Mapping[str, set[str]]) -> bool:
    """Tell whether the list says itself that a file is not as it was, or another distribution has it so."""
    stated = one.files[file.path].digest
    if not isinstance(file.digest, Digest):
        return isinstance(stated, Digest)
    if isinstance(stated, Digest) and stated.algorithm == file.digest.algorithm and stated != file.digest:
        return True
    others = (other for other in here.stated.shared.get(file.path, ()) if other is not one)
    return file.digest.hex in claims[file.path] or any(
        o.files[file.path].digest == file.digest for o in others
    )


def _is_installers(here: Environment, one: Distribution, path: str) -> bool:
    """Tell whether a file is one that installers add to what the archive has."""
    below = inside(one.site, "")
    if path.startswith(below) and record.by_installer(path[len(below) :]):
        return True
    return path.endswith((".virtualenv", "/REFER_TO")) or scheme.is_command(here.where, one, path)


def _borne(here: Environment, expected: _Expected) -> Iterator[str]:
    """Yield the files that are as published, and of which the list says otherwise."""
    for path, published in expected.files.items():
        file, row = here.there.get(path), expected.one.files.get(path)
        digest = file.digest if file is not None else None
        if (
            row is not None
            and isinstance(row.digest, Digest)
            and isinstance(digest, Digest)
            and row.digest != digest
            and digest.hex == published.hex
        ):
            yield path


def _told(here: Environment, one: Distribution, path: str, story: str) -> Setting:
    """Return how a file came to differ, with the row of the list that hides it."""
    link = linked(here.root, path)
    below = inside(one.site, "")
    data, _ = read(here, [one.told]) if one.told else ({}, ())
    row = record.parse(data.get(one.told, b"")).rows.get(path.removeprefix(below))
    text = cut(f"{row.path},{row.digest.label if row.digest else ''}", 200) if row is not None else ""
    at = Place(one.told or path, row.line if row is not None else 1, text)
    return Setting(path=path, name=STORY, value="; ".join(filter(None, (story, link))), at=at)


def _published(path: str, one: Published) -> File:
    return File(path=path, size=one.size, mode=None, digest=Digest("sha256", one.hex))


def _bare(file: File) -> File:
    return File(
        path=file.path, kind=file.kind, size=file.size, mode=None, digest=file.digest, target=file.target
    )


def _notes(here: Environment, known: Iterable[_Expected], found: Mapping[str, Artifact]) -> Iterator[str]:
    """Say of how many distributions the archive was at hand, and of how many it was not."""
    where, total = here.where.start or named(here.root), len(_wheels(here))
    vouched = sum(one.artifact.vouched for one in known)
    weak = sum(not one.artifact.vouched for one in known)
    if vouched:
        yield f"{where}: {vouched:,} of {plural(total, 'package')} compared with the locked archives"
    if weak:
        what = f"{weak:,} of {plural(total, 'package')}"
        yield f"{where}: {what} compared with what installers keep, for which no lockfile vouches"
    broken = sorted({one.why for one in found.values() if one.files is None} - {""})
    if broken:
        yield f"{where}: not used: {listed(broken, _SHOWN)}"
    names = {expected.one.info for expected in known}
    absent = sorted(one.name for one in _wheels(here) if one.info not in names)
    if absent:
        number = plural(len(absent), "package")
        yield f"{where}: {number} without an archive at hand: {listed(absent, _SHOWN)}"


def _wrong(borne: Iterable[str]) -> Iterator[str]:
    paths = sorted(borne)
    if paths:
        yield f"as the locked archives have them, though their lists say otherwise: {listed(paths, _SHOWN)}"
