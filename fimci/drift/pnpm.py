"""`package.json` against `pnpm-lock.yaml` beside it, workspaces included.

The lock holds a copy of what every project asks for, and what each of that resolved to. Texts that
differ are drift, whatever they mean; a version is held against its range where that is a plain range of
a registry. Silent about names that the lock itself says are overridden, and about all texts where a
pnpmfile may have rewritten the manifests.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping

from fimci.drift import node_ranges
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST = "package.json"
LOCK = "pnpm-lock.yaml"

#: What may be missing from a lock: nobody is bound to bring it, or it does not fit the system.
_ABSENT = frozenset({"optionalDependencies", "peerDependencies"})
_SECTIONS = frozenset({"dependencies", "devDependencies", "specifiers", *_ABSENT})
#: Requirements of one project whose ranges are judged: a millisecond each, where somebody tries.
_MOST = 1000
_CATALOG = "catalog:"
_HOOKED = "locked.pnpmfileChecksum"

#: Requirements by name.
_Asked = Mapping[str, list[Package]]


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of pnpm that has its manifest beside it."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] != LOCK or beside(path, MANIFEST) not in side.files:
            continue
        stated = {name: setting.value for name, setting in side.settings.get(path, {}).items()}
        copies, projects = _lock(path, side.packages.get(path, []))
        for folder, project in sorted(projects.items()):
            manifest = posixpath.normpath(beside(path, f"{folder}/{MANIFEST}" if folder else MANIFEST))
            if manifest in side.files and _HOOKED not in stated:
                yield from _texts(path, folder, side.packages.get(manifest, []), copies[folder], stated)
            yield from _versions(path, folder, project, copies[folder], stated)


def _lock(path: str, packages: list[Package]) -> tuple[dict[str, _Asked], dict[str, Package]]:
    """Return the lock's copies of the manifests and its projects, by folder; the root is empty."""
    copies: dict[str, dict[str, list[Package]]] = defaultdict(lambda: defaultdict(list))
    projects = {}
    for package in packages:
        location = package.place[len(path) + 1 :]
        if package.stated_by == "manifest":
            folder, _, requirement = f"#{location}".rpartition("#requires/")
            if requirement.partition("/")[0] in _SECTIONS:
                copies[folder.removeprefix("#")][package.name].append(package)
        elif package.origin_kind in {"virtual", "workspace"} and not location.startswith("config:"):
            projects["" if location == "." else location] = package
    return {folder: copies[folder] for folder in [*projects, *copies]}, projects


def _texts(
    path: str, folder: str, manifest: list[Package], copies: _Asked, stated: Mapping[str, str]
) -> Iterator[Drift]:
    """Hold a manifest against the lock's copy of it."""
    wanted: dict[str, list[Package]] = defaultdict(list)
    for package in manifest:
        if package.stated_by == "manifest" and _section(package) in _SECTIONS:
            wanted[_requested(package)].append(package)
    for name, asked in wanted.items():
        said, copied = {_text(one) for one in asked}, {_text(one) for one in copies.get(name, ())}
        if _overridden(name, stated):
            continue
        if copied and not copied <= said:
            locked = ", ".join(sorted(copied - said))
            yield Drift(
                path=path, name=_named(folder, name), wanted=_text(asked[0]), locked=locked, at=asked[0].at
            )
        elif not copied and not _ABSENT & {_section(one) for one in asked}:
            yield Drift(
                path=path, name=_named(folder, name), wanted=_text(asked[0]), locked=None, at=asked[0].at
            )
    for name, copied_as in copies.items():
        if name not in wanted and _section(copied_as[0]) != "specifiers":
            yield Drift(
                path=path,
                name=_named(folder, name),
                wanted=None,
                locked=_text(copied_as[0]),
                at=copied_as[0].at,
            )


def _versions(
    path: str, folder: str, project: Package, copies: _Asked, stated: Mapping[str, str]
) -> Iterator[Drift]:
    """Hold what a project got against what the lock itself says that it asked for."""
    for edge in project.dependencies[:_MOST]:
        at = edge.find("@", 1)
        name, got = edge[:at], edge[at + 1 :]
        for copy in copies.get(name, ()):
            wanted = _text(copy)
            if wanted.startswith(_CATALOG):
                catalog = wanted.removeprefix(_CATALOG).strip() or "default"
                wanted = stated.get(f"locked.catalogs.{catalog}.{name}", "")
            if _section(copy) not in _ABSENT and node_ranges.beyond(got, wanted):
                yield Drift(
                    path=path,
                    name=_named(folder, name),
                    wanted=wanted,
                    locked=got.removeprefix("npm:"),
                    at=copy.at,
                )


def _named(folder: str, name: str) -> str:
    return f"{name} ({folder})" if folder else name


def _section(package: Package) -> str:
    return package.place[len(package.at.path) + 1 :].rpartition("requires/")[2].partition("/")[0]


def _requested(package: Package) -> str:
    """Return the name that a manifest gives to a requirement: that of an alias is another one."""
    return package.alias or package.name


def _text(package: Package) -> str:
    return package.version.strip() if isinstance(package.version, str) else ""


def _overridden(name: str, stated: Mapping[str, str]) -> bool:
    """Tell whether an override may stand in for a requirement: `name`, `name@range`, `parent>name`."""
    prefix = "locked.overrides."
    selectors = (
        setting[len(prefix) :].rpartition(">")[2] for setting in stated if setting.startswith(prefix)
    )
    return any(selector == name or selector.startswith(f"{name}@") for selector in selectors)
