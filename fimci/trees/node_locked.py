"""A `node_modules` against its lockfile: packages, commands, links, and what npm wrote down itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from fimci.contents import kind, named
from fimci.installed.node import commands, links, requirements
from fimci.installed.node.commands import Command
from fimci.installed.node.locations import name_of, place_of
from fimci.installed.node.manifest import Manifest
from fimci.installed.node.matching import by_place, within
from fimci.model import UNSTATED, Capability, File, Package, Place, Record, Unread
from fimci.printable import plural
from fimci.snapshot import Snapshot, collected
from fimci.trees import node_disk, node_locks
from fimci.trees.node_tree import NodeTree, present
from fimci.trees.tree import Subtraction

_NONE = Manifest("", "", 1, {}, {}, "", {}, {}, bundled=False, gyp=False)
_GYP = "binding.gyp"
_NAME = re.compile(r"(?:@[^/\s]+/)?[^/\s]+")


def subtraction(tree: NodeTree, verified: Collection[str]) -> Subtraction:
    """Return what is locked, and what is there; `verified` are the packages known to be as published."""
    left: list[Record] = [*tree.unread]
    right: list[Record] = [*tree.unread]
    notes = []
    if tree.lock is not None:
        for one, other in _packages(tree, verified):
            left.extend(one)
            right.extend(other)
        notes = list(_notes(tree))
    else:
        there = [_installed(folder, found) for folder, found in tree.manifests.items()]
        left.extend(there)
        right.extend(there)
    for expected, found in commands.mismatches(*_commands(tree, right)):
        left.extend([expected] if expected is not None else [])
        right.append(found)
    right.extend(_links(tree))
    how = node_disk.recipe(tree.algorithm)
    name = tree.lock.path if tree.lock is not None else "nothing"
    return Subtraction(
        Snapshot(locator=f"lock:{name}", recipe=how, records=collected(left)),
        Snapshot(locator=f"node:{named(tree.root)}", recipe=how, records=collected(right)),
        "lock",
        tuple(notes),
    )


def hidden(tree: NodeTree) -> Subtraction | None:
    """Return what npm wrote down when it installed, held against the lockfile; `None` without either."""
    path = within(tree.project, node_locks.HIDDEN)
    if tree.lock is None or not tree.lock.placed or tree.lock.path == path:
        return None
    if kind(tree.root, path) != "file":
        return None
    lock, unread = node_locks.read(tree.root, tree.project, node_locks.HIDDEN)
    wanted = by_place(tree.lock)
    left, right = list[Record](unread), list[Record](unread)
    for folder, entry in by_place(lock).items():
        if folder in wanted:
            left.append(_plain(wanted[folder], entry.place))
            right.append(_plain(entry, entry.place))
    how = node_disk.recipe()
    return Subtraction(
        Snapshot(locator=f"lock:{tree.lock.path}", recipe=how, records=collected(left)),
        Snapshot(locator=f"lock:{path}", recipe=how, records=collected(right)),
        "lock",
    )


def _packages(tree: NodeTree, verified: Collection[str]) -> Iterator[tuple[list[Record], list[Record]]]:
    """Yield both sides of each package."""
    assert tree.lock is not None  # noqa: S101  (for the type checker: without, nobody asks)
    states = any(entry.install_scripts is True for entry in tree.lock.packages)
    for folder in tree.disk.files:
        if folder in tree.match.bundled:
            continue
        entry = tree.match.owned.get(folder) or tree.match.other.get(folder)
        found = tree.manifests.get(folder, _NONE)
        is_ = _installed(folder, found)
        if entry is None:
            yield [], [is_]
            continue
        exact = folder in tree.match.owned
        yield [is_ if exact else _wanted(entry, is_)], [is_]
        if states and exact and entry.install_scripts is not True and folder not in verified:
            yield [], list(_scripts(tree, folder, found))
    gaps = requirements.gaps(
        tree.lock, present(tree), {**tree.locals, **tree.manifests}, frozenset(tree.match.bundled)
    )
    for gap in gaps:
        yield [_missing(gap)], []


def _installed(folder: str, found: Manifest) -> Package:
    # A manifest without a name is not the one that was published.
    name = found.name if _NAME.fullmatch(found.name) else f"{name_of(folder)} (unnamed)"
    return Package(
        ecosystem="npm",
        name=name,
        place=place_of(folder),
        stated_by="disk",
        version=found.version or None,
        owns=(folder,),
        at=Place(f"{folder}/package.json", found.line, f"{name} {found.version}".rstrip()),
    )


def _wanted(entry: Package, found: Package) -> Package:
    """Return a package as the lockfile has it, at the place where it is."""
    return Package(
        ecosystem="npm",
        name=entry.name,
        place=found.place,
        stated_by="disk",
        version=entry.version or UNSTATED,
        owns=found.owns,
        at=entry.at,
    )


def _missing(gap: requirements.Gap) -> Package:
    return Package(
        ecosystem="npm",
        name=gap.entry.name,
        place=gap.place,
        stated_by="disk",
        version=gap.entry.version,
        at=gap.entry.at,
    )


def _plain(entry: Package, place: str) -> Package:
    """Return what two lockfiles of npm must say alike."""
    return Package(
        ecosystem="npm",
        name=entry.name,
        place=place,
        stated_by="lock",
        version=entry.version,
        integrity=entry.integrity or UNSTATED,
        at=entry.at,
    )


def _scripts(tree: NodeTree, folder: str, found: Manifest) -> Iterator[Capability]:
    """Yield what runs when a package is installed."""
    path = f"{folder}/package.json"
    for name, command in found.scripts.items():
        at = Place(path, found.line, f"{name}: {command}"[:200])
        yield Capability(
            path=path, name="install-script", subject=name, phase="install", detail=command, at=at
        )
    built = f"{folder}/{_GYP}"
    if not found.scripts and found.gyp and any(file.path == built for file in tree.disk.files[folder]):
        at = Place(built, 1, "node-gyp rebuild")
        yield Capability(
            path=built, name="install-script", subject=_GYP, phase="install", detail="node-gyp rebuild", at=at
        )


def _commands(tree: NodeTree, unread: list[Record]) -> tuple[list[Command], links.Known]:
    """Tell what each command leads to; a program is read for it."""
    found = []
    programs = dict(node_disk.hashed(tree.root, (f for f in tree.disk.commands if f.kind == "file")))
    for file in tree.disk.commands:
        data = programs.get(file.path)
        if isinstance(data, str):
            unread.append(Unread(path=file.path, why=data))
        target = commands.target_of(data) if isinstance(data, bytes) else file.target
        found.append(Command(file, target))
    return found, tree.known


def _links(tree: NodeTree) -> Iterator[File]:
    """Yield links that nobody meant, in the place of packages and inside of them."""
    if tree.lock is not None:
        yield from links.unexpected(tree.lock, tree.known, tuple(tree.disk.links.values()))
    for files in tree.disk.files.values():
        yield from links.leaving(files, tree.known.links)


def _notes(tree: NodeTree) -> Iterator[str]:
    assert tree.lock is not None  # noqa: S101  (for the type checker)
    what = plural(len(tree.disk.files), "package")
    beside = f", not against {_listed(tree.beside)}" if tree.beside else ""
    yield f"{within(tree.project, 'node_modules')}: {what} compared with {tree.lock.path}{beside}"


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)
