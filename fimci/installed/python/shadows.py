"""Modules under a name that is another's: one of the standard library, or of another distribution."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import Layout, inside
from fimci.model import Capability, File
from fimci.model import Place as At
from fimci.names import canonical
from fimci.printable import plural

#: Names of the standard library that many packages have a folder of by mistake, and nobody imports.
_HARMLESS = frozenset({"test", "idlelib", "lib2to3"})
_SUFFIXES = (".py", ".pyd", ".so", ".pyc")
STANDARD = "name of the standard library"
TAKEN = "in the package of another distribution"
SHARED = "claimed by several distributions"


def shadows(
    where: Layout,
    found: Iterable[Distribution],
    there: Mapping[str, File],
    shared: Mapping[str, tuple[Distribution, ...]],
) -> Iterator[Capability]:
    """Yield modules that stand in the way of others.

    `shared` are the paths that several distributions claim.
    """
    for site in where.sites:
        for name, path in _modules(inside(site, ""), there):
            if name in sys.stdlib_module_names and name not in _HARMLESS:
                first = "first on the path" if where.form == "target" else "after it on the path"
                yield _shadow(path, STANDARD, f"{name}, {first}")
    yield from _taken(found, there)
    several: dict[tuple[str, ...], list[str]] = {}
    for path, owners in shared.items():
        if path.endswith(_SUFFIXES):
            several.setdefault(tuple(sorted(one.name for one in owners)), []).append(path)
    for names, paths in several.items():
        first = min(paths)
        yield _shadow(first, SHARED, f"{', '.join(names)}: {plural(len(paths), 'file')}")


def _modules(below: str, there: Mapping[str, File]) -> Iterator[tuple[str, str]]:
    """Yield the names of modules and packages right in a folder, each with its first file."""
    seen: set[str] = set()
    for path in there:
        if not path.startswith(below):
            continue
        first, slash, rest = path[len(below) :].partition("/")
        if slash:
            name = first if rest.startswith("__init__.") else ""
        else:
            name = first.partition(".")[0] if first.endswith(_SUFFIXES) else ""
        if name and name not in seen:
            seen.add(name)
            yield name, path


def _taken(found: Iterable[Distribution], there: Mapping[str, File]) -> Iterator[Capability]:
    """Yield files of a distribution in the package that is called after another one, and is all of it."""
    named = {(one.site, one.name): one for one in found}
    for one in named.values():
        below = inside(one.site, "")
        tops: dict[str, str] = {}
        for path in one.files:
            top, slash, _ = path[len(below) :].partition("/") if path.startswith(below) else ("", "", "")
            if slash:
                tops.setdefault(top, path)
        for top, path in tops.items():
            other = named.get((one.site, canonical(top)))
            start = f"{below}{top}/__init__.py"
            if other is not None and other is not one and start in other.files and start in there:
                yield _shadow(path, TAKEN, f"{one.name} has files in {top}, which is {other.name}'s")


def _shadow(path: str, subject: str, detail: str) -> Capability:
    return Capability(
        path=path,
        name="module-tampering",
        subject=subject,
        phase="import",
        detail=detail,
        at=At(path, 1, detail),
    )
