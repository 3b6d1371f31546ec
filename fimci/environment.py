"""A Python environment as it stands on a disk: its files, its distributions, and what these state.

`python:PREFIX`: a virtual environment, a folder that `pip install --target` filled, or the prefix of a
system or a user, of any platform. No interpreter of it is asked, and nothing in it is run or imported.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import folder
from fimci.contents import contents
from fimci.installed.python import conda, editable, scripts, shadows, startup
from fimci.installed.python.distribution import Distribution, distributions
from fimci.installed.python.layout import Form, Layout, descriptions, inside, is_site, layout
from fimci.installed.python.stated import Stated, stated
from fimci.look import Progress, Sizes, look
from fimci.model import Digest, File, Package, Record, Unread
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.sources import directory

_MARK = "pyvenv.cfg"
_PLAIN = Recipe(readers=(), directories=False)
_NO_SIZES: Sizes = {}
#: Folders below an environment of which the process that spreads the work reads the names.
_NEAR = 6


class Environment(NamedTuple):
    """An environment as it was found, its paths told from `root`.

    `there` is what is on its disk, `doubts` what is odd about what starts in it and about its modules.
    """

    root: str
    where: Layout
    there: dict[str, File]
    holes: tuple[Record, ...]
    distributions: tuple[Distribution, ...]
    stated: Stated
    doubts: tuple[Record, ...]


def is_environment(path: str) -> bool:
    """Tell whether a folder, and no link to one, is an environment."""
    return not os.path.islink(path) and os.path.isfile(os.path.join(path, _MARK))


def is_conda(path: str) -> bool:
    """Tell whether a folder, and no link to one, is an environment of conda."""
    return not os.path.islink(path) and os.path.isdir(os.path.join(path, "conda-meta"))


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


def taken(root: str, start: str, progress: Progress | None) -> Environment:
    """Look at every file of the environment at `start` in `root`, and read what describes it."""
    return of(root, start, _records(root, start, _PLAIN, progress, _NO_SIZES))


def of(root: str, start: str, records: Iterable[Record]) -> Environment:
    """Return the environment that these files are; what describes it is read once more."""
    there: dict[str, File] = {}
    holes: list[Record] = []
    for record in records:
        if isinstance(record, File):
            there[record.path] = record
        elif isinstance(record, Unread):
            holes.append(record)
    where = layout(start, there, _form(os.path.join(root, start) if start else root))
    if is_conda(os.path.join(root, start) if start else root):
        there = {path: file for path, file in there.items() if not conda.is_other(where, path)}
    described, unread = contents(root, descriptions(where, there))
    found = _installed(where, described, there)
    lists = stated(where, found, there)
    if where.form == "prefix":  # beside the packages, only what they own is theirs to judge
        there.update(_beside(root, lists, there))
    starting, more = contents(root, startup.wanted(where, there), startup.LIMIT)
    commands, most = contents(root, scripts.wanted(where, found, there), scripts.LIMIT)
    editables, last = contents(root, editable.wanted(found), editable.LIMIT)
    doubts = (
        *startup.hooks(where, there, starting),
        *scripts.mismatches(where, found, commands),
        *shadows.shadows(where, found, there, lists.shared),
        *editable.escapes(found, editables, os.path.realpath),
    )
    return Environment(root, where, there, (*holes, *unread, *more, *most, *last), found, lists, doubts)


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
    place = os.path.join(root, start) if start else root
    parts = [inside(start, site) for site in _sites(place)] if _form(place) == "prefix" else [start]
    for part in parts:
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


def _sites(prefix: str) -> list[str]:
    """Return the folders of packages in the prefix of a system or user, as paths from it."""
    found = []
    for above in ("lib", "lib64", "lib32", "local/lib", "Lib"):
        for name in _listed(os.path.join(prefix, above)):
            if name == "site-packages":
                found.append(f"{above}/{name}")
            found += [f"{above}/{name}/{site}" for site in _listed(os.path.join(prefix, above, name))]
    return [path for path in found if is_site(path)]


def _listed(path: str) -> list[str]:
    """List a folder, and no link to one."""
    try:
        return [] if os.path.islink(path) else sorted(os.listdir(path))
    except OSError:
        return []


def _form(place: str) -> Form:
    if is_environment(place) or is_conda(place):
        return "environment"
    try:
        described = any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(place))
    except OSError:
        described = False
    return "target" if described else "prefix"


def _beside(root: str, lists: Stated, there: Mapping[str, File]) -> dict[str, File]:
    """Look at the files that packages own outside of their folder."""
    paths = sorted(path for path in lists.files if path not in there)
    found = (record for entry in directory.entries(root, paths) for record in look(entry, _PLAIN))
    return {record.path: record for record in found if isinstance(record, File)}


def rehashed(here: Environment) -> dict[str, File]:
    """Return the files whose list has another hash than ours, with that hash of what is on the disk."""
    other = [
        path
        for path, file in here.stated.files.items()
        if isinstance(file.digest, Digest) and file.digest.algorithm != "sha256" and path in here.there
    ]
    found: dict[str, File] = {}
    for entry in directory.entries(here.root, sorted(other)):
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
