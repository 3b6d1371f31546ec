"""A `node_modules` against the archives that its lockfile vouches for, file by file."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci import workers
from fimci.contents import named
from fimci.installed.node.digest import digest
from fimci.installed.node.locations import name_of, place_of
from fimci.model import Digest, File, Package, Place, Record, order
from fimci.printable import listed, plural
from fimci.snapshot import Snapshot, collected
from fimci.trees import node_disk
from fimci.trees.node_artifacts import Wanted, artifacts
from fimci.trees.node_caches import Caches
from fimci.trees.node_tree import NodeTree
from fimci.trees.published import Artifact, Published
from fimci.trees.tree import Subtraction

#: Packages that one process works on at a time, and how many are told by name.
_MANY, _SHOWN = 8, 3
_MODULES = "node_modules/"
#: Where install scripts put what they build or fetch.
_BUILT = ("build/", "prebuilds/", "vendor/")


class Held(NamedTuple):
    """Both sides of all packages of which the archive is at hand, and what is to be said of them.

    `verified` are the packages of which every file is as the lockfile vouches for. `found` are the archives
    that were looked for, by the places of the lockfile's entries.
    """

    left: list[Record]
    right: list[Record]
    verified: frozenset[str]
    notes: tuple[str, ...]
    found: Mapping[str, Artifact]


class _Sides(NamedTuple):
    """The files of one package: published, there, and those that are explained by something else."""

    left: list[File]
    right: list[File]
    twins: list[str]
    built: list[str]
    patched: list[str]


def held(tree: NodeTree, places: Caches) -> Held:
    """Hold each package against its archive, where that is at hand."""
    found = _found(tree, places)
    bundled = _bundled(tree)
    published = {
        folder: found[entry.place].files or ()
        for folder, entry in tree.match.owned.items()
        if folder not in tree.disk.exact and entry.place in found and found[entry.place].files is not None
    }
    known = _known(found.values(), {entry.place: entry.name for entry in tree.match.owned.values()})
    left: list[Record] = []
    right: list[Record] = []
    verified = set(tree.disk.exact)
    for folder in tree.disk.exact:
        package = _package(tree, folder)
        left.append(package)
        right.append(package)
    twins: list[str] = []
    built: list[str] = []
    patched: list[str] = []
    for folder, files in published.items():
        both = _sides(tree, folder, files, bundled.get(folder, ()), known)
        twins += both.twins
        built += both.built
        patched += both.patched
        package = _package(tree, folder, both.left)
        left += [package, *both.left]
        if len(both.left) == len(both.right) and all(map(operator.is_, both.left, both.right)):
            if found[tree.match.owned[folder].place].vouched:
                verified.add(folder)
        else:
            package = _package(tree, folder, both.right)
        right += [package, *both.right]
    notes = (*_verified(tree, published, found), *_explained(tree, twins, built, patched))
    return Held(left, right, frozenset(verified), notes, found)


def subtraction(tree: NodeTree, both: Held) -> Subtraction:
    """Return what was published, and what is there."""
    how = node_disk.recipe(tree.algorithm)
    loose = [bare(file) for file in tree.disk.loose]
    return Subtraction(
        Snapshot(locator="artifacts", recipe=how, records=collected(both.left)),
        Snapshot(locator=f"node:{named(tree.root)}", recipe=how, records=collected([*both.right, *loose])),
        "artifact",
        both.notes,
        sum(one.files for one in tree.disk.exact.values()),
    )


def _found(tree: NodeTree, places: Caches) -> dict[str, Artifact]:
    """Read the archives of what is not known to be all of one, each once, on all cores."""
    rest = {folder: entry for folder, entry in tree.match.owned.items() if folder not in tree.disk.exact}
    # What an install script put there may be a copy of what is in a package that this one asks for.
    asked = {name for folder in rest if _runs(tree, folder) for name in tree.manifests[folder].asked}
    entries = {e.place: e for f, e in tree.match.owned.items() if f in rest or e.name in asked}
    wanted = (Wanted(place, entry, tree.algorithm) for place, entry in entries.items())
    batches = iter(lambda: list(itertools.islice(wanted, _MANY)), [])
    work = functools.partial(artifacts, places)
    return {one.key: one for batch in workers.spread(work, batches, 1) for one in batch}


def _runs(tree: NodeTree, folder: str) -> bool:
    """Tell whether anything runs when a package is installed."""
    manifest = tree.manifests.get(folder)
    if manifest is None:
        return False
    built = f"{folder}/binding.gyp"
    return bool(manifest.scripts) or (manifest.gyp and any(f.path == built for f in tree.disk.files[folder]))


def _known(found: Iterable[Artifact], names: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the packages that have a content, by its hash."""
    known: dict[str, set[str]] = {}
    for artifact in found:
        for one in artifact.files or ():
            if one.size:
                known.setdefault(one.hex, set()).add(names[artifact.key])
    return known


def _bundled(tree: NodeTree) -> dict[str, list[str]]:
    """Return the packages that came in the archive of another one, by that."""
    found: dict[str, list[str]] = {}
    for folder, outer in tree.match.bundled.items():
        found.setdefault(outer, []).append(folder)
    return found


def _sides(
    tree: NodeTree,
    folder: str,
    files: Iterable[Published],
    inside: Collection[str],
    known: Mapping[str, set[str]],
) -> _Sides:
    """Bring the files of a package together with those of its archive."""
    there = {file.path: file for one in (folder, *inside) for file in tree.disk.files[one]}
    manifest = tree.manifests.get(folder)
    builds = manifest is not None and manifest.gyp and any(one.path == "binding.gyp" for one in files)
    scripted = manifest.asked if manifest is not None and (manifest.scripts or builds) else None
    both = _Sides([], [], [], [], [])
    changed = _patched(tree, folder)
    wanted = {f"{folder}/{one.path}": one for one in _placed(folder, files, inside, there)}
    for path in sorted({*wanted, *there}, key=order):
        one, file = wanted.get(path), there.get(path)
        hexes = (one.hex, one.mended) if one is not None else ()
        if path[len(folder) + 1 :] in changed and not (file is not None and _is(file, hexes)):
            both.patched.append(path)
            continue
        if file is not None and scripted is not None and not _is(file, hexes):
            # What esbuild puts in the place of its program is that of the package for the platform.
            if not known.get(_content(file) or "", set()).isdisjoint(scripted):
                both.twins.append(path)
                continue
            if one is None and path[len(folder) + 1 :].startswith(_BUILT):
                both.built.append(path)
                continue
        plain = bare(file) if file is not None else None
        if plain is not None:
            both.right.append(plain)
        if one is not None:
            # What is as it was published is one record on both sides: nothing is left to compare.
            same = plain is not None and _is(plain, hexes)
            both.left.append(plain if same and plain is not None else _expected(path, one, tree.algorithm))
    return both


def _patched(tree: NodeTree, folder: str) -> frozenset[str]:
    """Return what the patches of the project change in a package."""
    entry = tree.match.owned[folder]
    files = (p.files for p in tree.patches if (p.package, p.version) == (entry.name, entry.version))
    return frozenset[str]().union(*files)


def _placed(
    folder: str, files: Iterable[Published], inside: Collection[str], there: Mapping[str, File]
) -> Iterator[Published]:
    """Yield the files of an archive under the names that they have on the disk.

    npm writes `.gitignore` as `.npmignore`. What an archive has in a `node_modules` of its own counts
    where that came from it.
    """
    for one in files:
        if one.path.startswith(_MODULES) and not any(
            f"{folder}/{one.path}".startswith(f"{other}/") for other in inside
        ):
            continue
        if one.path.rpartition("/")[2] == ".gitignore" and f"{folder}/{one.path}" not in there:
            renamed = f"{one.path[: -len('.gitignore')]}.npmignore"
            if f"{folder}/{renamed}" in there:
                yield one._replace(path=renamed)
                continue
        yield one


def _is(file: File, hexes: Collection[str]) -> bool:
    return isinstance(file.digest, Digest) and file.digest.hex in hexes and file.kind == "file"


def _expected(path: str, one: Published, algorithm: str) -> File:
    return File(path=path, size=one.size, mode=None, digest=Digest(algorithm, one.hex))


def bare(file: File) -> File:
    """Return a file without its permissions, which depend on who installed it."""
    return File(
        path=file.path, kind=file.kind, size=file.size, mode=None, digest=file.digest, target=file.target
    )


def _package(tree: NodeTree, folder: str, files: Iterable[File] | None = None) -> Package:
    """Return the package with the digest of its tree where that is asked: the same one on every machine."""
    entry, manifest = tree.match.owned[folder], tree.manifests.get(folder)
    return Package(
        ecosystem="npm",
        name=manifest.name if manifest is not None else entry.name,
        place=place_of(folder),
        stated_by="disk",
        version=manifest.version if manifest is not None else None,
        owns=(folder,),
        tree=digest(folder, files) if files is not None else None,
        at=Place(f"{folder}/package.json", manifest.line if manifest is not None else 1),
    )


def _content(file: File) -> str | None:
    return file.digest.hex if isinstance(file.digest, Digest) else file.target


def _verified(
    tree: NodeTree, published: Mapping[str, object], found: Mapping[str, Artifact]
) -> Iterator[str]:
    """Say of how many packages the archive was at hand, and of how many it was not."""
    where = tree.known.starts[0]
    weak = sum(not found[tree.match.owned[folder].place].vouched for folder in published)
    strong = len(published) - weak + len(tree.disk.exact)
    if strong:
        number = plural(strong, "package")
        yield f"{where}: {number} compared with the locked archives"
    if weak:
        yield f"{where}: {plural(weak, 'package')} compared with pnpm's store, for which no lockfile vouches"
    told = {*published, *tree.disk.exact}
    own = {folder: entry for folder, entry in tree.match.owned.items() if folder not in told}
    loose = [folder for folder, outer in tree.match.bundled.items() if outer not in told]
    broken = sorted({found[entry.place].why for entry in own.values() if entry.place in found} - {""})
    if broken:
        yield f"{where}: not used: {listed(broken, _SHOWN)}"
    if own or loose:
        names = listed(sorted({*(entry.name for entry in own.values()), *map(name_of, loose)}), _SHOWN)
        number = plural(len(own) + len(loose), "package")
        yield f"{where}: files of {number} not verified, no archive at hand: {names}"


def _explained(tree: NodeTree, twins: list[str], built: list[str], patched: list[str]) -> Iterator[str]:
    if twins:
        yield f"put there by install scripts, and equal to what is verified: {listed(twins, _SHOWN)}"
    if built:
        yield f"built or fetched by install scripts, and not verified: {listed(built, _SHOWN)}"
    if patched:
        by = listed([patch.path for patch in tree.patches], _SHOWN)
        yield f"changed as {by} may change it, and not verified: {listed(patched, _SHOWN)}"
