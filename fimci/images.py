"""The installed trees in an image, on the ground of its layers: found, and held against what they say.

Nothing is unpacked to disk. Layers are read once to know what is there in the end, once more for the files
of the trees, and again for what is asked of them afterwards and was too large to be kept.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import itertools
import posixpath
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from fimci import trees
from fimci.archives.bounds import Meter
from fimci.contents import Layered
from fimci.findings import Report
from fimci.look import Progress, look
from fimci.model import File, Unread
from fimci.policy import Policy
from fimci.snapshot import Entry, Recipe
from fimci.sources.locator import Locator
from fimci.sources.oci import image as images
from fimci.sources.oci import store as stores
from fimci.sources.oci import tree as layered
from fimci.sources.oci import walk
from fimci.sources.oci.tree import Node, Said
from fimci.trees import python_locks
from fimci.trees.tree import Tree

#: What makes a folder a tree: an environment, packages of a prefix, of `pip --target`, or of Node.
Kind: TypeAlias = Literal["own", "site", "target", "modules"]

_PLAIN = Recipe(readers=(), directories=False)
#: Bytes of files that are kept: of all, of one, of a command. What is beyond is read again if it is asked.
KEPT, _ONE, _COMMAND = 128 << 20, 16 << 20, 64 << 10
#: What is asked of a tree beyond its hash: lists and metadata, lockfiles, what starts, commands.
_ASKED = re.compile(
    r"METADATA|PKG-INFO|RECORD|INSTALLER|WHEEL|direct_url\.json|entry_points\.txt|installed-files\.txt"
    r"|top_level\.txt|pyvenv\.cfg|package\.json|pyproject\.toml|.*\.(?:pth|egg-link|patch)|.*lock.*"
    r"|npm-shrinkwrap\.json|requirements.*|__editable___.*",
    re.DOTALL,
)
_COMMANDS = frozenset({"bin", "Scripts", ".bin"})
_SITE = re.compile(
    r"(?:(?P<prefix>.+)/)?(?:lib(?:64|32)?/(?:python|pypy)[0-9.]*t?/(?:site|dist)-packages|Lib/site-packages)",
    re.ASCII | re.DOTALL,
)
#: What installers keep: each release unpacked on its own, and no tree. Conda's (`pkgs`) has a mark in it.
#: What npm keeps is packed (`_cacache`), but `_npx` beside it is what `npx` installed, and runs again.
_CACHED = re.compile(r"(?:.*/)?(?:\.cache|_cacache|archive-v\d+)", re.DOTALL)
_CONDA_CACHED, _CONDA_MARK = "pkgs", "urls.txt"
_MODULES, _CACHE = "node_modules", ".yarn/cache"
#: What Debian itself has here comes without lists: dpkg's are what says what belongs there.
_SYSTEM, _DEBIAN = "usr", "usr/lib/python3/dist-packages"


class Found(NamedTuple):
    """The folders of trees by what they are; of a prefix, the folders of packages in it."""

    folders: dict[str, Kind]
    prefixes: dict[str, list[str]]

    def below(self) -> tuple[str, ...]:
        """Return what the paths of all trees begin with."""
        sites = (path for paths in self.prefixes.values() for path in paths)
        return tuple(f"{path}/" for path in (*self.folders, *sites))


class _Applied(NamedTuple):
    """What is at each path of an image, what is in each folder, and what reads files of the layers."""

    said: Mapping[str, Said]
    folders: Mapping[str, list[str]]
    chosen: Callable[[Iterable[tuple[str, Said]]], Iterator[Entry]]


class _Kept:
    """The small files that are asked for again, as long as there is room."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._room = KEPT

    def through(self, entry: Entry) -> Entry:
        """Return an entry whose content is kept when it is read to its end."""
        folder, _, name = entry.path.rpartition("/")
        command = folder.rpartition("/")[2] in _COMMANDS
        if entry.read is None or not (command or _ASKED.fullmatch(name)):
            return entry
        limit = min(self._room, _COMMAND if command else _ONE)
        return msgspec.structs.replace(entry, read=lambda: self._read(entry, limit))

    def _read(self, entry: Entry, limit: int) -> Iterator[bytes]:
        assert entry.read is not None  # noqa: S101  (for the type checker: `through` has looked)
        pieces: list[bytes] = []
        size = 0
        for chunk in entry.read():
            size += len(chunk)
            if size <= limit:
                pieces.append(chunk)
            yield chunk
        if size <= limit:
            self.files[entry.path] = b"".join(pieces)
            self._room -= size


@contextlib.contextmanager
def opened(locator: Locator, progress: Progress | None = None) -> Iterator[list[Tree]]:
    """Give the installed trees of an image, which can be read as long as this lasts."""
    with stores.opened(locator.path, walk.LIMITS) as store:
        image = images.found(store, locator.path, locator.ref)
        (whole, meter), unread = _returned(walk.applied(store, image))
        said = dict(layered.walk(whole))
        here = _Applied(said, _folders(said), lambda files: walk.chosen(store, image, meter, files))
        where = found(here.said, here.folders)
        working = _working(image.configuration)
        ground = _ground(str(locator), here, where, working, progress)
        ground = ground._replace(unread=(*unread, *ground.unread))
        yield list(_trees(ground, where, working))


def judged(
    locator: Locator,
    policy: Policy,
    *,
    today: dt.date,
    progress: Progress | None = None,
) -> list[Report]:
    """Judge the installed trees of an image; what one has told, another need not tell again."""
    told: set[str] = set()
    reports = []
    with opened(locator, progress) as there:
        for report in trees.judged(there, policy, today=today, progress=progress):
            new = tuple(one for one in report.findings if one.fingerprint not in told)
            told.update(one.fingerprint for one in new)
            reports.append(msgspec.structs.replace(report, findings=new))
    return reports


def brought(report: Report, after: Iterable[Report], before: Iterable[Report]) -> Report:
    """Join to a report what is told of the trees of an image, and was not so in the one before it."""
    known = {one.fingerprint for other in before for one in other.findings}
    new = (
        msgspec.structs.replace(one, findings=tuple(f for f in one.findings if f.fingerprint not in known))
        for one in after
    )
    return trees.joined(report, new)


def _returned(
    walked: Generator[Unread, None, tuple[Node, Meter]],
) -> tuple[tuple[Node, Meter], list[Unread]]:
    """Return what a walk returns, and what it yielded on the way."""
    unread: list[Unread] = []
    while True:
        try:
            unread.append(next(walked))
        except StopIteration as end:
            return end.value, unread


def _working(configuration: Mapping[str, object]) -> str:
    config = configuration.get("config")
    folder = config.get("WorkingDir") if isinstance(config, dict) else ""
    return posixpath.normpath(f"/{folder}").strip("/") if isinstance(folder, str) else ""


def _folders(said: Mapping[str, Said]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for path in sorted(said):
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, []).append(name)
    return names


def found(said: Mapping[str, Said], folders: Mapping[str, list[str]]) -> Found:
    """Find the trees among all paths; of those in another one, only the outer one."""
    there = Found({}, {})
    past = "\n"
    for folder in sorted(f"{path}/" for path, one in said.items() if one.kind == "directory"):
        path = folder[:-1]
        if folder.startswith(past):
            continue
        cached = _is_cache(path, said)
        kind = None if cached else _kind(path, said, folders)
        if kind is not None or cached:
            past = folder
        if kind == "site" and path != _DEBIAN:
            match = _SITE.fullmatch(path)
            there.prefixes.setdefault((match and match["prefix"]) or "", []).append(path)
        elif kind is not None and kind != "site":
            there.folders[path] = kind
    return there


def _is_cache(path: str, said: Mapping[str, Said]) -> bool:
    conda = path.rpartition("/")[2] == _CONDA_CACHED and f"{path}/{_CONDA_MARK}" in said
    return conda or _CACHED.fullmatch(path) is not None


def _kind(path: str, said: Mapping[str, Said], folders: Mapping[str, list[str]]) -> Kind | None:
    if path.rpartition("/")[2] == _MODULES or f"/{path}".endswith(f"/{_CACHE}"):
        return "modules"
    if any(f"{path}/{mark}" in said for mark in ("pyvenv.cfg", "conda-meta")):
        return "own"
    if _SITE.fullmatch(path):
        return "site"
    described = (name for name in folders.get(path, ()) if name.endswith(".dist-info"))
    return "target" if any(f"{path}/{name}/RECORD" in said for name in described) else None


def _ground(name: str, here: _Applied, where: Found, working: str, progress: Progress | None) -> Layered:
    """Hash the files of the trees, and keep those that are asked for again."""
    kept = _Kept()
    unread: list[Unread] = []
    files: dict[str, File] = {}
    below, near = where.below(), _near(where, working)
    wanted = {
        path: one
        for path, one in here.said.items()
        if one.kind != "directory" and (path.startswith(below) or path.rpartition("/")[0] in near)
    }
    for entry in itertools.chain(_bare(wanted), here.chosen(wanted.items())):
        if progress is not None:
            progress(entry.path)
        for record in look(kept.through(entry), _PLAIN):
            if isinstance(record, File):
                files[entry.path] = record
            elif isinstance(record, Unread):
                unread.append(record)
    return Layered(
        name=name,
        kinds={path: one.kind for path, one in here.said.items()},
        targets={path: one.target or "" for path, one in here.said.items() if one.kind == "link"},
        folders=here.folders,
        files={path: files[path] for path in sorted(files)},
        unread=tuple(unread),
        times={path: one.time for path, one in wanted.items() if one.time is not None},
        entries=lambda paths: _entries(here, kept.files, paths),
    )


def _near(where: Found, working: str) -> set[str]:
    """Return the folders beside trees, and above them, and where the commands of prefixes are."""
    start = [working, *(path.rpartition("/")[0] for path in where.folders)]
    near = {""}
    for folder in start:
        while folder and folder not in near:
            near.add(folder)
            folder = folder.rpartition("/")[0]  # noqa: PLW2901  (upwards, until one is known)
    return near | {f"{prefix}/bin".lstrip("/") for prefix in where.prefixes}


def _bare(wanted: Mapping[str, Said]) -> Iterator[Entry]:
    """Yield what has no content."""
    for path, one in wanted.items():
        if one.kind != "file":
            yield Entry(path=path, kind=one.kind, mode=one.mode, target=one.target)


def _entries(here: _Applied, kept: Mapping[str, bytes], paths: Iterable[str]) -> Iterator[Entry | Unread]:
    """Yield what is at each path: first what is at hand, then what the layers are read for."""
    rest: list[tuple[str, Said]] = []
    for path in paths:
        one = here.said.get(path)
        if one is None:
            yield Unread(path=path, why="No such file or directory")
        elif path in kept:
            yield Entry(path=path, mode=one.mode, read=functools.partial(_pieces, kept[path]))
        elif one.kind == "file":
            rest.append((path, one))
        else:
            yield Entry(path=path, kind=one.kind, mode=one.mode, target=one.target)
    if rest:
        yield from here.chosen(rest)


def _pieces(data: bytes) -> Iterator[bytes]:
    yield from (data,) if data else ()


def _trees(ground: Layered, where: Found, working: str) -> Iterator[Tree]:
    """Yield the trees, each with the folder whose lockfiles speak of it.

    That is the nearest one above it that has any; of what is installed for a whole system, the one that the
    image works in. Of the packages of a distribution (`usr`) no project has a lockfile.
    """
    for path, kind in where.folders.items():
        above = path.rpartition("/")[0]
        if kind == "modules":
            yield Tree("node", ground, path, above.removesuffix(".yarn").rstrip("/") or ".")
        else:
            yield Tree("python", ground, path, _project(ground, above, working))
    for prefix in where.prefixes:
        yield Tree("python", ground, prefix, "" if prefix == _SYSTEM else _project(ground, working, working))


def _project(ground: Layered, above: str, working: str) -> str:
    for folder in (above, working):
        nearest = python_locks.nearest(ground, folder)
        if nearest is not None:
            return nearest or "."
    return ""
