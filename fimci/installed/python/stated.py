"""All that the lists of an environment state together: files, and the packages that own them.

The left side of a subtraction. The right side is what is on the disk, which is asked only where a
list leaves a choice: which of two packages that claim one path has it, and which of the files that
nobody lists (commands of the environment itself, bytecode) are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import Layout, inside
from fimci.model import UNSTATED, File, Package
from fimci.model import Place as At

_BYTECODE = re.compile(
    r"(?P<folder>(?:.*/)?)__pycache__/(?P<name>[^/]+?)\.[a-z]+-?[0-9]+[a-z0-9-]*(?:\.opt-[12])?\.pyc",
    re.DOTALL,
)
#: What `venv`, virtualenv and uv put into an environment, from its own folder. Links lead to an interpreter
#: or the other folder of libraries; `fimci.installed.python.startup` looks into those that decide what runs.
_SCAFFOLD = re.compile(
    r"conda-meta/(?:history|state|pinned|frozen|initial-state\.txt)|pyvenv\.cfg|\.gitignore|\.lock|CACHEDIR\.TAG|lib64|Lib64|\.project|\.Python"
    r"|(?:bin|Scripts)/(?:(?:python|pypy)w?[0-9.]*t?(?:\.exe)?|𝜋thon|venvlauncher\.exe|venvwlauncher\.exe"
    r"|(?:python|pypy|libpypy|vcruntime)[\w.-]*\.dll"
    r"|(?:activate|deactivate|Activate)(?:\.(?:csh|fish|nu|ps1|xsh|bat))?|activate_this\.py|pydoc\.bat)"
    r"|(?:bin|Scripts)/(?:[a-z0-9]+-)?python-config"
    r"|include(?:/site)?(?:/python[0-9.]+t?)?",
    re.DOTALL,
)
#: What virtualenv and uv put among the packages, so that a configuration of distutils cannot break out.
SITE_SCAFFOLD = ("_virtualenv.pth", "_virtualenv.py")


class Stated(NamedTuple):
    """The files of the left side by path, and the packages; `shared` are paths that several claim."""

    files: dict[str, File]
    packages: tuple[Package, ...]
    shared: Mapping[str, tuple[Distribution, ...]]


def stated(where: Layout, found: Sequence[Distribution], there: Mapping[str, File]) -> Stated:
    """Put together what all lists state."""
    files: dict[str, File] = {}
    claimed: dict[str, list[Distribution]] = {}
    for one in found:
        for path, file in one.files.items():
            if files.setdefault(path, file) is not file:
                claimed.setdefault(path, []).append(one)
    shared = {
        path: (next(one for one in found if path in one.files), *others) for path, others in claimed.items()
    }
    for path, owners in shared.items():
        files[path] = _chosen(path, owners, there.get(path))
    files.update({path: _like(there[path]) for path in _others(where, files, there)})
    return Stated(files, tuple(_packages(found)), shared)


def _chosen(path: str, owners: Iterable[Distribution], found: File | None) -> File:
    """Return which of several statements is that of the file on the disk; the first, where none is."""
    claims = [one.files[path] for one in owners]
    return next((c for c in claims if found is not None and c.digest == found.digest), claims[0])


def _others(where: Layout, files: Mapping[str, File], there: Mapping[str, File]) -> Iterator[str]:
    """Yield the paths of files that nobody lists and that belong there all the same."""
    skip = len(inside(where.start, ""))
    scaffold = {inside(site, name) for site in where.sites for name in SITE_SCAFFOLD}
    for path in there.keys() - files.keys():
        if path in scaffold or (where.form == "environment" and _SCAFFOLD.fullmatch(path, skip)):
            yield path
        elif path.endswith(".pyc"):
            source = source_of(path)
            if source and (source in files or source in scaffold):
                yield path


def source_of(path: str) -> str:
    """Return the source that bytecode in a `__pycache__` is of; empty for what is elsewhere."""
    found = _BYTECODE.fullmatch(path)
    return f"{found['folder']}{found['name']}.py" if found is not None else ""


def _like(file: File) -> File:
    """State a file without its content, of the kind that it is."""
    if file.kind != "file":
        return file
    return File(path=file.path, size=UNSTATED, mode=None, digest=UNSTATED)


def _packages(found: Sequence[Distribution]) -> Iterator[Package]:
    """Yield a package for each distribution, with the topmost files and folders that are its alone."""
    owners = _owners(found)
    places: set[str] = set()
    for number, one in enumerate(found):
        place = inside(one.site, "").rstrip("/") + f"#{one.name}"
        if place in places:  # two of one name: the rest of an update that was broken off, or worse
            place += f"@{one.version}"
        places.add(place)
        yield Package(
            ecosystem=one.ecosystem,
            name=one.name,
            place=place,
            stated_by="disk",
            version=one.version or UNSTATED,
            origin_kind=one.origin.kind,
            origin=one.origin.url,
            integrity=one.origin.integrity,
            flags=("editable",) if one.origin.editable else (),
            bins=tuple(sorted(one.commands)),
            owns=_topmost(number, one, owners),
            tree=one.tree,
            at=At(_described(one), 1, f"{one.name} {one.version}"),
        )


def _described(one: Distribution) -> str:
    return one.info if one.ecosystem == "conda" else inside(one.info, "METADATA")


_SEVERAL = -1


def _owners(found: Sequence[Distribution]) -> dict[str, int]:
    """Return for each folder with owned files the number of the distribution that it is all of."""
    owners: dict[str, int] = {}
    for number, one in enumerate(found):
        seen: set[str] = set()
        for path in one.files:
            folder = path.rpartition("/")[0]
            while folder and folder not in seen:
                seen.add(folder)
                if owners.setdefault(folder, number) != number:
                    owners[folder] = _SEVERAL
                folder = folder.rpartition("/")[0]
    # The folder of packages is everybody's, even where only one is installed.
    for one in found:
        folder = one.site
        while folder:
            owners[folder] = _SEVERAL
            folder = folder.rpartition("/")[0]
    return owners


def _topmost(number: int, one: Distribution, owners: Mapping[str, int]) -> tuple[str, ...]:
    """Return the files and folders that belong to a distribution alone, the topmost of each."""
    found: set[str] = set()
    inner: dict[str, str] = {}
    for path in one.files:
        folder = path.rpartition("/")[0]
        if folder not in inner:
            top = ""
            above = folder
            while above and owners.get(above) == number:
                top, above = above, above.rpartition("/")[0]
            inner[folder] = top if _is_own(top, one) else ""
        found.add(inner[folder] or path)
    return tuple(sorted(found))


def _is_own(folder: str, one: Distribution) -> bool:
    """Tell whether a folder is a package's: those beside the packages (`bin`, `share`) are everybody's."""
    return folder.startswith(inside(one.site, ""))
