"""A Python environment as it stands on a disk: its files, its distributions, and what these state.

`python:PREFIX`: a virtual environment, a folder that `pip install --target` filled, or the prefix of a
system or a user, of any platform. No interpreter of it is asked, and nothing in it is run or imported.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci import contents as grounds
from fimci import folder, unpacked
from fimci.contents import Ground, contents, kind, listed
from fimci.installed.python import conda, editable, scripts, shadows, startup
from fimci.installed.python.distribution import Distribution, distributions
from fimci.installed.python.layout import Form, Layout, descriptions, inside, is_site, layout
from fimci.installed.python.stated import Stated, stated
from fimci.look import Progress, Sizes, look
from fimci.model import Digest, File, Package, Record, Unread
from fimci.snapshot import Recipe, Snapshot, collected

_MARK = "pyvenv.cfg"
_PLAIN = Recipe(readers=(), directories=False)
_NO_SIZES: Sizes = {}
#: Folders below an environment of which the process that spreads the work reads the names.
_NEAR = 6


class Environment(NamedTuple):
    """An environment as it was found, its paths told from `root`.

    `there` is what is on its disk, `doubts` what is odd about what starts in it and about its modules.
    `behind` are files of an installer's cache that stand behind links of it.
    """

    root: Ground
    where: Layout
    there: dict[str, File]
    holes: tuple[Record, ...]
    distributions: tuple[Distribution, ...]
    stated: Stated
    doubts: tuple[Record, ...]
    behind: Mapping[str, str] = {}


def is_environment(path: str) -> bool:
    """Tell whether a folder, and no link to one, is an environment."""
    return not os.path.islink(path) and os.path.isfile(os.path.join(path, _MARK))


def is_conda(path: str) -> bool:
    """Tell whether a folder, and no link to one, is an environment of conda."""
    return not os.path.islink(path) and os.path.isdir(os.path.join(path, "conda-meta"))


def is_own(root: Ground, start: str) -> bool:
    """Tell whether there is an environment that has a mark of its own, and no link to one."""
    marked = kind(root, inside(start, _MARK)) in {"file", "link"}
    return (marked or _has_conda(root, start)) and kind(root, start) == "directory"


def _has_conda(root: Ground, start: str) -> bool:
    return kind(root, inside(start, "conda-meta")) == "directory"


def snapshot(
    place: str,
    how: Recipe,
    progress: Progress | None,
    sizes: Sizes = _NO_SIZES,
    *,
    metadata: bool = False,
) -> Snapshot:
    """Take a snapshot of an environment: its files by the recipe, and the packages that are installed.

    With `metadata` also what their metadata say of them, as artifacts.
    """
    records = list(_records(place, "", how, progress, sizes))
    packages = [r for r in records if metadata or not isinstance(r, Package) or r.stated_by != "artifact"]
    here = of(place, "", records)
    return Snapshot(
        locator=f"python:{place}", recipe=how, records=collected([*packages, *here.stated.packages])
    )


def taken(root: Ground, start: str, progress: Progress | None, caches: Sequence[str] = ()) -> Environment:
    """Look at every file of the environment at `start` in `root`, and read what describes it.

    `caches` are the folders of unpacked wheels that links may lead to.
    """
    if isinstance(root, str):
        return of(root, start, _records(root, start, _PLAIN, progress, _NO_SIZES), caches)
    return of(root, start, grounds.hashed(root, *(inside(part, "") for part in _parts(root, start))))


def of(root: Ground, start: str, records: Iterable[Record], caches: Sequence[str] = ()) -> Environment:
    """Return the environment that these files are; what describes it is read once more."""
    there: dict[str, File] = {}
    holes: list[Record] = []
    for record in records:
        if isinstance(record, File):
            there[record.path] = record
        elif isinstance(record, Unread):
            holes.append(record)
    behind, folders = unpacked.behind(caches, there)
    for path in folders:
        del there[path]
    for record in unpacked.files(behind):
        if isinstance(record, File):
            there[record.path] = record
        else:
            holes.append(record)
    read = functools.partial(_read, root, behind)
    where = layout(start, there, _form(root, start))
    if _has_conda(root, start) and kind(root, start) == "directory":
        there = {path: file for path, file in there.items() if not conda.is_other(where, path)}
    described, unread = read(descriptions(where, there))
    described.update(unpacked.lists(caches, described))
    found = _installed(where, described, there)
    lists = stated(where, found, there)
    if where.form == "prefix":  # beside the packages, only what they own is theirs to judge
        there.update(_beside(root, lists, there))
    starting, more = read(startup.wanted(where, there), startup.LIMIT)
    commands, most = read(scripts.wanted(where, found, there), scripts.LIMIT)
    editables, last = read(editable.wanted(found), editable.LIMIT)
    doubts = (
        *startup.hooks(where, there, starting),
        *scripts.mismatches(where, found, commands),
        *shadows.shadows(where, found, there, lists.shared),
        *editable.escapes(found, editables, grounds.real(root)),
    )
    unread = (*unread, *more, *most, *last)
    return Environment(root, where, there, (*holes, *unread), found, lists, doubts, behind)


def read(
    here: Environment, paths: Iterable[str], limit: int = grounds.LIMIT
) -> tuple[dict[str, bytes], tuple[Unread, ...]]:
    """Return the content of files of an environment by path, and what could not be read."""
    return _read(here.root, here.behind, paths, limit)


def _read(
    root: Ground, behind: Mapping[str, str], paths: Iterable[str], limit: int = grounds.LIMIT
) -> tuple[dict[str, bytes], tuple[Unread, ...]]:
    every = list(paths)
    found, unread = contents(root, (path for path in every if path not in behind), limit)
    for path in (path for path in every if path in behind):
        folder, _, name = behind[path].rpartition("/")
        data, more = contents(folder, [name], limit)
        found.update((path, content) for content in data.values())
        unread += tuple(Unread(path=path, why=one.why) for one in more)
    return found, unread


def _installed(
    where: Layout, described: Mapping[str, bytes], there: Mapping[str, File]
) -> tuple[Distribution, ...]:
    """Return the packages of conda, and the distributions, each with the files that are its own."""
    of_conda = tuple(conda.packages(where, described, there))
    owned = {path: one.name for one in of_conda for path in one.files}
    found = distributions(where, described, there)
    return (*of_conda, *(conda.adopted(one, owned, there) for one in found)) if owned else tuple(found)


def _records(root: str, start: str, how: Recipe, progress: Progress | None, sizes: Sizes) -> Iterator[Record]:
    """Yield what is in an environment; of a prefix, only the folders of packages."""
    for part in _parts(root, start):
        if how == _PLAIN:  # an installation is many, and all of it is asked for alike
            look = functools.partial(folder.look_at, root, how, sizes)
            yield from (
                folder.unpacked(record, how.algorithm)
                for record in folder.branches(root, part, functools.partial(_is_near, part), progress, look)
            )
        else:
            yield from folder.taken(root, how, progress, sizes, start=part).records


def _is_near(start: str, path: str) -> bool:
    """Tell whether a folder is met before the packages branch out (`lib/python3.12/site-packages/x/`)."""
    return path.count("/", len(start)) <= _NEAR


def _parts(root: Ground, start: str) -> list[str]:
    """Return the folders of an environment that are looked at: of a prefix, those of packages."""
    return (
        [inside(start, site) for site in _sites(root, start)] if _form(root, start) == "prefix" else [start]
    )


def _sites(root: Ground, prefix: str) -> list[str]:
    """Return the folders of packages in the prefix of a system or user, as paths from it."""
    found = []
    for above in ("lib", "lib64", "lib32", "local/lib", "Lib"):
        for name in _names(root, inside(prefix, above)):
            if name == "site-packages":
                found.append(f"{above}/{name}")
            found += [f"{above}/{name}/{site}" for site in _names(root, inside(prefix, f"{above}/{name}"))]
    return [path for path in found if is_site(path)]


def _names(root: Ground, folder: str) -> list[str]:
    """List a folder, and no link to one."""
    return listed(root, folder) if kind(root, folder) == "directory" else []


def _form(root: Ground, start: str) -> Form:
    if is_own(root, start):
        return "environment"
    described = any(name.endswith((".dist-info", ".egg-info")) for name in listed(root, start))
    return "target" if described else "prefix"


def _beside(root: Ground, lists: Stated, there: Mapping[str, File]) -> dict[str, File]:
    """Look at the files that packages own outside of their folder."""
    paths = sorted(path for path in lists.files if path not in there)
    found = (record for entry in grounds.entries(root, paths) for record in look(entry, _PLAIN))
    return {record.path: record for record in found if isinstance(record, File)}


def rehashed(here: Environment) -> dict[str, File]:
    """Return the files whose list has another hash than ours, with that hash of what is on the disk."""
    other = [
        path
        for path, file in here.stated.files.items()
        if isinstance(file.digest, Digest) and file.digest.algorithm != "sha256" and path in here.there
    ]
    found: dict[str, File] = {}
    for entry in grounds.entries(here.root, sorted(other)):
        wanted = here.stated.files[entry.path].digest
        file = here.there[entry.path]
        if isinstance(entry, Unread) or entry.read is None or not isinstance(wanted, Digest):
            continue
        state = hashlib.new(wanted.algorithm)
        try:
            for chunk in entry.read():
                state.update(chunk)
        except OSError:
            continue
        digest = Digest(wanted.algorithm, state.hexdigest())
        found[file.path] = File(path=file.path, size=file.size, mode=None, digest=digest)
    return found
