"""Installed trees of Python: environments, `--target` folders and prefixes, held against their lists.

No interpreter of the tree is asked, and nothing in it is run or imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci import folder
from fimci.installed.python import locked, scripts, shadows, startup
from fimci.installed.python.distribution import Distribution, distributions
from fimci.installed.python.layout import Form, Layout, descriptions, inside, layout
from fimci.installed.python.metadata import canonical
from fimci.installed.python.stated import Stated, stated
from fimci.look import Progress
from fimci.model import File, Record
from fimci.printable import listed, plural
from fimci.snapshot import Recipe, Snapshot
from fimci.trees import bytecode, locks
from fimci.trees.reading import contents
from fimci.trees.tree import Subtraction, Tree

#: Where a project's own environment is looked for.
NAMES = (".venv", "venv", "env")
_MARK = "pyvenv.cfg"
_PLAIN = Recipe(readers=(), directories=False)


class Environment(NamedTuple):
    """An environment as it was found: what is on its disk, and what its lists state."""

    tree: Tree
    where: Layout
    there: dict[str, File]
    holes: tuple[Record, ...]
    distributions: tuple[Distribution, ...]
    stated: Stated
    doubts: tuple[Record, ...]


def found(root: str, start: str, environment: Mapping[str, str]) -> list[Tree]:
    """Return the environments of the project at `start` in `root`: its own and the active one."""
    project = os.path.join(root, start) if start else root
    trees = [
        Tree("python", root, inside(start, name), start or ".")
        for name in NAMES
        if _is_environment(os.path.join(project, name))
    ]
    if trees:  # whatever else is active, these are the project's
        return trees
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        place = os.path.realpath(environment[variable]) if environment.get(variable) else ""
        if place and (_is_environment(place) or _is_conda(place)):
            within = os.path.relpath(place, root).replace(os.sep, "/")
            outside = within.split("/")[0] == ".."
            tree = (
                Tree("python", place, "", project) if outside else Tree("python", root, within, start or ".")
            )
            return [tree]
    return trees


def _is_environment(path: str) -> bool:
    """Tell whether a folder, and no link to one, is an environment."""
    return not os.path.islink(path) and os.path.isfile(os.path.join(path, _MARK))


def _is_conda(path: str) -> bool:
    return os.path.isdir(os.path.join(path, "conda-meta"))


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield what an environment is held against."""
    here = taken(tree, progress)
    yield _against_lists(here)
    yield from _against_locks(here)


def taken(tree: Tree, progress: Progress | None) -> Environment:
    """Look at every file of an environment, and read what its distributions say of themselves."""
    place = os.path.join(tree.root, tree.start) if tree.start else tree.root
    there: dict[str, File] = {}
    holes: list[Record] = []
    for record in folder.taken(tree.root, _PLAIN, progress, start=tree.start).records:
        if isinstance(record, File):
            there[record.path] = record
        else:
            holes.append(record)
    where = layout(tree.start, there, _form(place))
    described, unread = contents(tree.root, descriptions(where, there))
    distributed = tuple(distributions(where, described, there))
    lists = stated(where, distributed, there)
    starting, more = contents(tree.root, startup.wanted(where, there), startup.LIMIT)
    commands, most = contents(tree.root, scripts.wanted(where, distributed, there), scripts.LIMIT)
    return Environment(
        tree,
        where,
        there,
        (*holes, *unread, *more, *most),
        distributed,
        lists,
        (
            *startup.hooks(where, there, starting),
            *scripts.mismatches(where, distributed, commands),
            *shadows.shadows(where, distributed, there, lists.shared),
        ),
    )


def _form(place: str) -> Form:
    if _is_environment(place) or _is_conda(place):
        return "environment"
    return "target" if _has_distributions(place) else "prefix"


def _has_distributions(place: str) -> bool:
    try:
        return any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(place))
    except OSError:
        return False


def _against_lists(here: Environment) -> Subtraction:
    """Hold what is on the disk against what the lists of the distributions state."""
    left, right = here.stated.files, here.there
    faults = [fault for one in here.distributions for fault in one.faults]
    told = bytecode.compared(here.tree.root, list(bytecode.pairs(here.there)))
    name = os.path.join(here.tree.root, here.tree.start) if here.tree.start else here.tree.root
    count = plural(len(here.distributions), "package")
    notes = [f"checked: {here.tree.start or name} against the lists of {count}"]
    notes += bytecode.notes(told)
    unlisted = sorted(one.name for one in here.distributions if not one.told)
    if unlisted:
        notes.append(f"no list of files, so that only their names are known: {listed(unlisted)}")
    states = [*here.doubts, *told.records, *faults]
    packages = here.stated.packages
    return Subtraction(
        left=_snapshot(f"record:{name}", [*left.values(), *packages]),
        right=_snapshot(f"python:{name}", [*map(_modeless, right.values()), *packages, *here.holes, *states]),
        against="record",
        notes=tuple(notes),
    )


def _against_locks(here: Environment) -> Iterator[Subtraction]:
    """Hold the packages on the disk against those that the project's lockfiles state."""
    tree = here.tree
    if not tree.project:
        return
    outside = os.path.isabs(tree.project)
    said = locks.locked(*((tree.project, "") if outside else (tree.root, tree.project.removeprefix("."))))
    name = tree.start or tree.root
    if not said.files:
        return
    whole = locked.whole(locked.by_file(said.packages))
    sides = locked.sides(said.packages, here.stated.packages, canonical(said.project), whole=whole)
    notes = [f"checked: {name} against {listed(list(said.files))}"]
    if sides.absent:
        notes.append(f"locked and not installed (extras, groups, other platforms): {len(sides.absent):,}")
    yield Subtraction(
        left=_snapshot(f"lock:{said.files[0]}", [*sides.left]),
        right=_snapshot(f"python:{name}", [*sides.right]),
        against="lock",
        notes=tuple(notes),
    )


def _snapshot(name: str, records: list[Record]) -> Snapshot:
    return Snapshot(locator=name, recipe=_PLAIN, records=sorted(records, key=lambda record: record.key))


def _modeless(file: File) -> File:
    """Return a file of the disk as a list can state it: without permissions."""
    return File(
        path=file.path, kind=file.kind, size=file.size, mode=None, digest=file.digest, target=file.target
    )
