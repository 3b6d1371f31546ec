"""The distributions of an environment, each with the files that it owns and what is known of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.installed.python import record
from fimci.installed.python.layout import Layout, inside
from fimci.installed.python.metadata import INDEX, Origin, commands, named, origin
from fimci.model import UNSTATED, Digest, File, Setting
from fimci.model import Place as At
from fimci.names import canonical
from fimci.printable import and_more, cut

_FOLDER = re.compile(r"(?P<name>.+?)(?:-(?P<version>[^-]+?))?(?:-py[0-9.]+)?\.(?:dist|egg)-info", re.DOTALL)
_DEBIAN = "dist-packages"
#: Bytes of a name.
_TEXT = 100


class Distribution(NamedTuple):
    """`info` is its `.dist-info` or the like, `site` the folder that this is in.

    `files` are what it owns, with digest and size where its list states them. `told` is where that
    list is; empty where there is none. `tree` is the digest of the list. `parent` is the package of conda
    that has the files, where there is one. `installer` is who says to have put it there.
    """

    name: str
    version: str
    site: str
    info: str
    files: Mapping[str, File]
    told: str
    tree: Digest | None = None
    origin: Origin = INDEX
    commands: Mapping[str, str] = {}
    faults: tuple[Setting, ...] = ()
    ecosystem: str = "pypi"
    parent: str = ""
    installer: str = ""


def distributions(
    where: Layout, contents: Mapping[str, bytes], there: Mapping[str, File]
) -> Iterator[Distribution]:
    """Yield the distributions whose metadata is in `contents`, by path; `there` is what is on the disk."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, data in contents.items():
        folder, _, name = path.rpartition("/")
        if folder.endswith((".dist-info", ".egg-info")):
            folders.setdefault(folder, {})[name] = data
        elif name.endswith(".egg-info"):  # distutils wrote a file, and no list
            folders.setdefault(path, {})["PKG-INFO"] = data
    for info, members in sorted(folders.items()):
        yield _distribution(where, info, members, there)


def _distribution(
    where: Layout, info: str, members: Mapping[str, bytes], there: Mapping[str, File]
) -> Distribution:
    site, _, folder = info.rpartition("/")
    spelt = _FOLDER.fullmatch(folder)
    name, version = named(members.get("METADATA", members.get("PKG-INFO", b"")))
    if spelt is not None:
        name, version = name or spelt["name"], version or spelt["version"] or ""
    files: dict[str, File] = {}
    tree: Digest | None = None
    faults: list[record.Fault] = []
    told = ""
    if "RECORD" in members:
        told = inside(info, "RECORD")
        listed = record.parse(members["RECORD"])
        tree = listed.tree
        faults += listed.faults
        # Debian's own packages come with a list that is not kept: md5sums of dpkg are theirs.
        trusted = "INSTALLER" in members or not site.endswith(_DEBIAN)
        faults += _owned(where, site, listed.rows, there, files, trusted=trusted)
    elif "installed-files.txt" in members:
        told = inside(info, "installed-files.txt")
        faults += _legacy(where, info, members["installed-files.txt"], files)
    stated = members.get("direct_url.json")
    found = origin(stated) if stated is not None else INDEX
    if found is None:
        faults.append(record.Fault("is no direct_url.json", inside(info, "direct_url.json"), 1))
    return Distribution(
        name=canonical(name),
        version=version,
        site=site,
        info=info,
        files=files,
        told=told,
        tree=tree,
        origin=found or Origin(UNSTATED, UNSTATED),
        installer=_installer(members.get("INSTALLER", b"")),
        commands=commands(members.get("entry_points.txt", b"")),
        faults=tuple(listed_faults(told or info, faults)),
    )


def _installer(data: bytes) -> str:
    """Return the name of a program without its version: poetry writes `Poetry 2.5.1`."""
    words = data[:_TEXT].decode("utf-8", "surrogateescape").split()
    return words[0].lower() if words else ""


def _owned(  # noqa: PLR0913  (a loop over 30,000 rows that fills one mapping)
    where: Layout,
    site: str,
    rows: Mapping[str, record.Row],
    there: Mapping[str, File],
    files: dict[str, File],
    *,
    trusted: bool,
) -> Iterator[record.Fault]:
    """Put the files of a list into `files` by path; yield the rows that lead out of the environment."""
    prefix = inside(site, "")
    for path, digest, size, line in rows.values():
        place: str | None = prefix + path
        if path[:3] == "../" or path == "..":
            place = _outside(where, site, path, there)
        if place is None:
            yield record.Fault("names a file outside the environment", path, line)
            continue
        known = trusted and digest is not None
        files[place] = File(
            path=place,
            size=size if known and size is not None else UNSTATED,
            mode=None,
            digest=digest if known and digest is not None else UNSTATED,
        )


def _outside(where: Layout, site: str, path: str, there: Mapping[str, File]) -> str | None:
    """Return where a row beside the packages leads (`../../../bin/x`); `None`: out of the environment."""
    joined = posixpath.normpath(inside(site, path))
    below = inside(where.start, "")
    if joined.startswith(below) and joined.split("/")[0] != "..":
        return joined
    # `pip --target` moves the commands into the folder, and leaves the list as it was.
    moved = inside(site, re.sub(r"^(?:\.\./)+", "", path))
    return moved if where.form == "target" and moved in there else None


def _legacy(where: Layout, info: str, data: bytes, files: dict[str, File]) -> Iterator[record.Fault]:
    """Read `installed-files.txt` of `setup.py install`: paths from its own folder, and no hashes."""
    below = inside(where.start, "")
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        path = line.strip().replace("\\", "/")
        if not path:
            continue
        joined = posixpath.normpath(inside(info, path))
        if path[0] == "/" or not joined.startswith(below) or joined.split("/")[0] == "..":
            yield record.Fault("names a file outside the environment", path, number)
        else:
            files[joined] = File(path=joined, size=UNSTATED, mode=None, digest=UNSTATED)
    files.setdefault(
        inside(info, "installed-files.txt"),
        File(path=inside(info, "installed-files.txt"), size=UNSTATED, mode=None, digest=UNSTATED),
    )


def listed_faults(path: str, faults: Iterable[record.Fault]) -> Iterator[Setting]:
    """Yield one setting for each kind of fault, however many rows have it."""
    kinds: dict[str, list[record.Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.why, []).append(fault)
    for why, alike in kinds.items():
        first = alike[0]
        yield Setting(
            path=path,
            name=f"list.{why}",
            value=f"{first.path}{and_more(len(alike) - 1)}",
            at=At(path, first.line, cut(first.path, 200)),
        )
