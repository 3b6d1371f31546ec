"""Installed trees of Python, held against their lists and against the lockfiles of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from fimci import drift
from fimci import environment as environments
from fimci.contents import Ground, named
from fimci.environment import Environment, is_conda, is_environment
from fimci.installed.python import locked
from fimci.installed.python.layout import inside
from fimci.look import Progress
from fimci.model import File, Place, Record, Setting
from fimci.names import canonical
from fimci.packages.owners import STORY
from fimci.printable import listed, plural
from fimci.snapshot import Recipe, Snapshot
from fimci.trees import bytecode, python_caches, python_files, python_locks, python_places
from fimci.trees.python_files import Held
from fimci.trees.python_locks import Locked
from fimci.trees.tree import Subtraction, Tree

#: Where a project's own environment is looked for.
NAMES = (".venv", "venv", "env", ".pixi/envs/default")
_PLAIN = Recipe(readers=(), directories=False)


def found(root: str, start: str, environment: Mapping[str, str]) -> list[Tree]:
    """Return the environments of the project at `start` in `root`: its own and the active one."""
    project = os.path.join(root, start) if start else root
    trees = [
        Tree("python", root, inside(start, name), start or ".")
        for name in NAMES
        if is_environment(os.path.join(project, name)) or is_conda(os.path.join(project, name))
    ]
    if trees:  # whatever else is active, these are the project's
        return trees
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        place = os.path.realpath(environment[variable]) if environment.get(variable) else ""
        if place and (is_environment(place) or is_conda(place)):
            within = os.path.relpath(place, root).replace(os.sep, "/")
            outside = within.split("/")[0] == ".."
            tree = (
                Tree("python", place, "", project) if outside else Tree("python", root, within, start or ".")
            )
            return [tree]
    return trees


def subtractions(tree: Tree, progress: Progress | None) -> Iterator[Subtraction]:
    """Yield what an environment is held against."""
    here, said = looked(tree, progress)
    yield from subtracted(tree, here, said, against(tree, here, said))


def looked(tree: Tree, progress: Progress | None) -> tuple[Environment, Locked]:
    """Look at an environment and its lockfiles."""
    # What a project names as a cache itself is nothing that links may lead to.
    caches = [f"{folder}/packages" for folder in python_places.places("", os.environ).pdm]
    return environments.taken(tree.root, tree.start, progress, caches), _locked(tree)


def against(tree: Tree, here: Environment, said: Locked) -> Held:
    """Hold an environment against the archives that are at hand."""
    at_hand = python_caches.index(python_places.places(_folder(tree), os.environ))
    python_caches.add_kept(at_hand, said.packages, os.environ)
    return python_files.held(here, said.packages, at_hand)


def subtracted(tree: Tree, here: Environment, said: Locked, both: Held) -> Iterator[Subtraction]:
    """Yield what an environment that was examined is held against."""
    first = _against_lists(tree, here, both.borne)
    if both.number:
        yield first
        yield python_files.subtraction(here, both)
    else:
        yield first._replace(notes=(*first.notes, *both.notes))
    yield from _against_locks(tree, here, said)


def _folder(tree: Tree) -> str:
    """Return the folder of the project on this machine's disk; empty where there is none."""
    if not isinstance(tree.root, str):
        return ""  # what is in an image names no folders of ours
    return os.path.normpath(os.path.join(tree.root, tree.project)) if tree.project else ""


def _locked(tree: Tree) -> Locked:
    """Read the lockfiles of the project."""
    if not tree.project:
        return python_locks.NOTHING
    if isinstance(tree.root, str) and os.path.isabs(tree.project):
        return python_locks.locked(tree.project, "")
    return python_locks.locked(tree.root, "" if tree.project == "." else tree.project)


def _against_lists(tree: Tree, here: Environment, borne: frozenset[str]) -> Subtraction:
    """Hold what is on the disk against what the lists of the distributions state.

    `borne` are files of which an archive shows that the list is wrong.
    """
    there = {**here.there, **environments.rehashed(here)}
    left = {**here.stated.files, **{path: _as_stated(there[path], None) for path in borne}}
    # What is as stated needs no comparison: it is counted. Rules ask of manifests what was there before.
    right = [_as_stated(file, left.get(path)) for path, file in there.items()]
    same = {
        file.path
        for file in right
        if left.get(file.path) is file and file.path.rpartition("/")[2] not in drift.NAMES
    }
    left = {path: file for path, file in left.items() if path not in same}
    right = [file for file in right if file.path not in same]
    faults = [fault for one in here.distributions for fault in one.faults]
    pairs = list(bytecode.pairs(here.there))
    told = bytecode.compared(tree.root, pairs) if tree.thorough else bytecode.NOTHING
    name = named(tree.root, tree.start)
    count = plural(len(here.distributions), "package")
    notes = [f"checked: {tree.start or name} against the lists of {count}"]
    notes += bytecode.notes(told)
    if pairs and not tree.thorough:
        notes.append(
            f"not compared with their sources: {plural(len(pairs), 'file')} of bytecode (--no-quick)"
        )
    if here.behind:
        notes.append(f"in the cache of an installer, behind links: {plural(len(here.behind), 'file')}")
    unlisted = sorted(one.name for one in here.distributions if not one.told)
    if unlisted:
        notes.append(f"no list of files, so that only their names are known: {listed(unlisted)}")
    notes += _installers(here)
    states = [*here.doubts, *told.records, *faults, *_linked(here.root, left, right)]
    packages = here.stated.packages
    return Subtraction(
        left=_snapshot(f"record:{name}", [*left.values(), *packages]),
        right=_snapshot(f"python:{name}", [*right, *packages, *here.holes, *states]),
        against="record",
        notes=tuple(notes),
        exact=len(same),
    )


def _against_locks(tree: Tree, here: Environment, said: Locked) -> Iterator[Subtraction]:
    """Hold the packages on the disk against those that the project's lockfiles state."""
    name = tree.start or named(tree.root)
    if not said.files and not said.unread:
        return
    installed = [one for one in here.stated.packages if one.ecosystem == "pypi"]
    # What a lockfile has in a part that could not be read is not known to be missing there.
    whole = not said.unread and locked.whole(locked.by_file(said.packages))
    sides = locked.sides(said.packages, installed, canonical(said.project), whole=whole)
    notes = [f"checked: {name} against {listed(list(said.files))}"] if said.files else []
    if sides.absent:
        notes.append(f"locked and not installed (extras, groups, other platforms): {len(sides.absent):,}")
    yield Subtraction(
        left=_snapshot(f"lock:{next(iter(said.files), name)}", [*sides.left, *said.unread]),
        right=_snapshot(f"python:{name}", [*sides.right, *said.unread]),
        against="lock",
        notes=tuple(notes),
    )


def _installers(here: Environment) -> Iterator[str]:
    """Say who installed what, where that was not one program alone: the tools of an environment aside."""
    by: dict[str, list[str]] = {}
    for one in here.distributions:
        if one.ecosystem == "pypi" and not one.parent and one.name not in locked.TOOLS:
            by.setdefault(one.installer or "nobody who says so", []).append(one.name)
    most = max(by, key=lambda name: len(by[name]), default="")
    for name in sorted(by.keys() - {most}):
        yield f"installed by {name}, the others by {most}: {listed(sorted(by[name]))}"


def _linked(root: Ground, stated: Mapping[str, File], there: list[File]) -> Iterator[Setting]:
    """Say which of the files that are not as stated are hard links."""
    for file in there:
        before = stated.get(file.path)
        if before is not None and before is not file and before.digest != file.digest:
            story = python_files.linked(root, file.path)
            if story:
                yield Setting(path=file.path, name=STORY, value=story, at=Place(file.path))


def _snapshot(name: str, records: list[Record]) -> Snapshot:
    return Snapshot(locator=name, recipe=_PLAIN, records=sorted(records, key=lambda record: record.key))


def _as_stated(file: File, stated: File | None) -> File:
    """Return the statement where the disk bears it out, else the file without its permissions."""
    if (
        stated is not None
        and stated.digest == file.digest
        and stated.size == file.size
        and stated.kind == file.kind
        and stated.target == file.target
    ):
        return stated
    return File(
        path=file.path, kind=file.kind, size=file.size, mode=None, digest=file.digest, target=file.target
    )
