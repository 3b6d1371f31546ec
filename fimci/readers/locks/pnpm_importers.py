"""The projects of pnpm's lockfiles: what each asks for, and what it got.

    path#requires/dependencies/name              the lock's copy of a requirement of the root
    path#packages/a#requires/dependencies/name   the same of a workspace
    path#. and path#packages/a                   the project, with what its requirements resolve to
    path#packages/a/node_modules/name            a link to a folder

Part of the reader `pnpm`, and no reader itself.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, without_credentials
from fimci.model import Package, Place, Unread
from fimci.printable import plural
from fimci.readers.locks import node, pnpm_keys
from fimci.readers.locks.pnpm_entries import Lock
from fimci.readers.locks.pnpm_keys import Key

#: The last two stand in the first document of two: what runs before anything is installed.
_SECTIONS = (
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "configDependencies",
    "packageManagerDependencies",
)
_PARTS = (("version", "specifier"), ("origin", "version"))
#: The version since which a requirement may be one word: what it asks for is what it got.
_SHORT = 13
ROOT = "."


class _Requirement(NamedTuple):
    """What one project asks for under a name, and what that resolves to."""

    folder: str
    section: str
    name: str
    wanted: str
    got: str
    line: int
    parts: tuple[tuple[str, int], ...]


def read(lock: Lock, there: Container[str] | None = None) -> Iterator[Package | Unread]:
    """Yield the copies of the manifests, the projects and their links.

    `there` are the entries of the document, where what a project got must be one: a client that may change
    the lockfile takes whatever fits where it is none.
    """
    faulty = []
    missing = []
    for folder, project in _projects(lock).items():
        if not isinstance(project, dict):
            faulty.append(_line(lock, folder))
            continue
        edges = []
        for asked in _requirements(lock, folder, project):
            if pnpm_keys.harmful(asked.name):
                faulty.append(asked.line)
            got = _release(lock, asked) if there is not None else None
            if there is not None and got is not None and got not in there and asked.line not in faulty[-1:]:
                missing.append(asked.line)
            edges.append(f"{asked.name}@{_told(asked, lock.major)}")
            yield _copy(lock, asked)
            if asked.got.startswith("link:"):
                yield _link(lock, asked)
        yield Package(
            ecosystem="npm",
            name=folder,
            place=f"{lock.path}#{lock.prefix}{folder}",
            stated_by="lock",
            version=None,
            origin_kind="virtual" if folder == ROOT else "workspace",
            origin=None,
            integrity=(),
            dependencies=tuple(sorted(edges)),
            at=Place(lock.path, _line(lock, folder), folder[:EXCERPT]),
        )
    if faulty:
        why = f"{plural(len(faulty), 'requirement')} by what is no name of a package, or not a table"
        yield Unread(path=lock.path, why=why, part=f"{lock.prefix}importers", line=faulty[0])
    if missing:
        why = f"{plural(len(missing), 'requirement')} got what is not among the packages"
        yield Unread(path=lock.path, why=why, part=f"{lock.prefix}packages of importers", line=missing[0])


def _release(lock: Lock, asked: _Requirement) -> str | None:
    """Return the entry that a requirement got, where it is a release of the registry that is configured."""
    key = pnpm_keys.target(asked.name, asked.got, lock.major)
    return f"{key.name}@{key.version}" if key.version and not key.source and not key.registry else None


def aliases(lock: Lock) -> dict[Key, str]:
    """Return the names other than their own by which projects ask for packages."""
    found: dict[Key, str] = {}
    for folder, project in _projects(lock).items():
        for asked in _requirements(lock, folder, project) if isinstance(project, dict) else ():
            key = pnpm_keys.target(asked.name, asked.got, lock.major)
            if key.name not in ("", asked.name):
                found.setdefault(key, asked.name)
    return found


def _projects(lock: Lock) -> Mapping[str, Any]:
    """Return the projects by folder; up to 6.x, one that is alone is written at the top."""
    table: Mapping[str, Any] = lock.document.table("importers") or lock.document.table("projects")
    return table if table or lock.major >= 9 else {ROOT: lock.document.value}  # noqa: PLR2004  (a version)


def _requirements(lock: Lock, folder: str, project: Mapping[str, Any]) -> Iterator[_Requirement]:
    specifiers = node.ranges(project, "specifiers")
    asked = lock.document.lines(project.get("specifiers"))
    sections = {section: node.table(project, section) for section in _SECTIONS}
    for section, table in sections.items():
        lines = lock.document.lines(table)
        for name, value in table.items():
            line = lines.get(name) or _line(lock, folder, section, name)
            if isinstance(value, dict):
                inner = lock.document.lines(value)
                parts = tuple((part, inner[key]) for part, key in _PARTS if key in inner)
                wanted, got = node.text(value, "specifier"), node.text(value, "version")
            else:
                wanted = got = value if isinstance(value, str) else ""
                parts = (("version", asked[name]),) if name in asked else ()
                if lock.major >= _SHORT:
                    got = _catalogued(lock, name, wanted)
                else:
                    wanted = specifiers.get(name, "")
            yield _Requirement(folder, section, name, wanted, got, line, parts)
    for name, wanted in specifiers.items():
        if not any(name in table for table in sections.values()):
            yield _Requirement(folder, "specifiers", name, wanted, "", asked.get(name, 1), ())


def _catalogued(lock: Lock, name: str, wanted: str) -> str:
    """Return what 13.0 leaves out where it is written elsewhere: the version of a catalog."""
    if not wanted.startswith("catalog:"):
        return wanted
    catalog = wanted.removeprefix("catalog:").strip() or "default"
    return node.text(lock.document.table("settings", "catalogs", catalog, name), "version")


def _copy(lock: Lock, asked: _Requirement) -> Package:
    prefix = "" if asked.folder == ROOT else f"{asked.folder}#"
    stated = without_credentials(asked.wanted)
    return Package(
        ecosystem="npm",
        name=asked.name,
        place=f"{lock.path}#{prefix}requires/{asked.section}/{asked.name}",
        stated_by="manifest",
        version=stated,
        at=Place(lock.path, asked.line, f"{asked.name}: {stated}"[:EXCERPT], asked.parts),
    )


def _link(lock: Lock, asked: _Requirement) -> Package:
    """Return the link to a folder; it is written from the project that has it."""
    base = "" if asked.folder == ROOT else f"{asked.folder}/"
    folder = posixpath.normpath(base + asked.got.removeprefix("link:"))
    return Package(
        ecosystem="npm",
        name=asked.name,
        place=f"{lock.path}#{base}node_modules/{asked.name}",
        stated_by="lock",
        version=None,
        origin_kind="link",
        origin=folder,
        integrity=(),
        flags=("link",),
        at=Place(
            lock.path, asked.line, asked.got[:EXCERPT], tuple(p for p in asked.parts if p[0] == "origin")
        ),
    )


def _told(asked: _Requirement, major: int) -> str:
    """Return what a requirement resolved to: a version, another package, or where it comes from."""
    key = pnpm_keys.target(asked.name, asked.got, major)
    what = key.version or key.source
    return what if key.name in ("", asked.name) else f"npm:{key.name}@{what}"


def _line(lock: Lock, *pointer: str) -> int:
    return lock.document.line(("projects" if lock.major >= _SHORT else "importers", *pointer))
