"""`package.json` against `yarn.lock` beside it, workspaces included.

The lock of yarn 2 and later has a copy of what every project asks for, and what each of that resolved to.
Yarn's first lock has neither: there, what a manifest asks for must stand among all that is asked for.
Silent about names that `resolutions` replace, and about those that may be workspaces of the project.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fimci.drift import node_ranges
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST = "package.json"
LOCK = "yarn.lock"

#: What may be missing from a lock: nobody is bound to bring it, or it does not fit the system.
_ABSENT = frozenset({"optionalDependencies", "peerDependencies"})
_SECTIONS = frozenset({"dependencies", "devDependencies", *_ABSENT})
#: Requirements of one manifest whose ranges are judged: a millisecond each, where somebody tries.
_MOST = 1000
_PATTERNS = "locked.patterns"
_RESOLUTIONS = "resolutions."
_WORKSPACES = "workspaces."
#: What a first lock never has an entry for.
_UNLOCKED = ("link:", "portal:", "workspace:")
#: A folder in a pattern of workspaces: one of them, or any number.
_WILD = {"*": "[^/]+", "**": "(?:[^/]+/)*[^/]+"}
_MOST_FOLDERS = 200
#: Stars in one pattern: each may stand for anything, and all of them together for a very long time.
_MOST_STARS = 3


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of yarn that has its manifest beside it."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] != LOCK or beside(path, MANIFEST) not in side.files:
            continue
        stated = side.settings.get(path, {}).get(_PATTERNS)
        patterns = stated.value if stated is not None else None
        replaced = _replaced(side.settings.get(beside(path, MANIFEST), {}))
        if patterns is None:
            yield from _copies(side, path, replaced)
        else:
            yield from _first(
                side, path, dict(row.rpartition(" ")[::2] for row in patterns.split("\n")), replaced
            )


def _copies(side: Side, path: str, replaced: frozenset[str]) -> Iterator[Drift]:
    """Hold each manifest against the lock's copy of it, then each version against its range."""
    copies: dict[str, dict[str, list[Package]]] = defaultdict(lambda: defaultdict(list))
    projects: dict[str, Package] = {}
    for package in side.packages.get(path, []):
        location = package.place[len(path) + 1 :]
        if package.stated_by == "manifest":
            folder = f"#{location}".rpartition("#requires/")[0].removeprefix("#")
            copies[folder][package.name].append(package)
        elif package.origin_kind in {"virtual", "workspace"}:
            projects["" if location == "." else location] = package
    for folder, project in sorted(projects.items()):
        manifest = posixpath.normpath(beside(path, f"{folder}/{MANIFEST}" if folder else MANIFEST))
        if manifest in side.files:
            yield from _texts(path, folder, side.packages.get(manifest, []), copies[folder])
        yield from _versions(path, folder, project, copies[folder], replaced)


def _texts(
    path: str, folder: str, manifest: Sequence[Package], copies: Mapping[str, Sequence[Package]]
) -> Iterator[Drift]:
    wanted = _wanted(manifest)
    for name, asked in wanted.items():
        said, copied = {_text(one) for one in asked}, {_text(one) for one in copies.get(name, ())}
        optional = all(_section(one) == "peerDependencies" for one in asked)
        if not copied <= said or (not copied and not optional):
            yield Drift(
                path=path,
                name=_named(folder, name),
                wanted=_text(asked[0]),
                locked=", ".join(sorted(copied - said)) or None,
                at=asked[0].at,
            )
    for name, copied_as in copies.items():
        # yarn itself adds what builds a package at install.
        if name not in wanted and _text(copied_as[0]) != "latest":
            one = copied_as[0]
            yield Drift(path=path, name=_named(folder, name), wanted=None, locked=_text(one), at=one.at)


def _versions(
    path: str,
    folder: str,
    project: Package,
    copies: Mapping[str, Sequence[Package]],
    replaced: frozenset[str],
) -> Iterator[Drift]:
    for edge in project.dependencies[:_MOST]:
        at = edge.find("@", 1)
        name, got = (edge[:at], edge[at + 1 :]) if at > 0 else (edge, "")
        for copy in copies.get(name, ()) if name not in replaced else ():
            wanted = _text(copy)
            if got and _section(copy) not in _ABSENT and node_ranges.beyond(got, wanted):
                locked = got.removeprefix("npm:")
                yield Drift(path=path, name=_named(folder, name), wanted=wanted, locked=locked, at=copy.at)


def _first(side: Side, path: str, locked: Mapping[str, str], replaced: frozenset[str]) -> Iterator[Drift]:
    """Hold each manifest against what a first lock has an entry for, under the words of the manifest."""
    names = {pattern[: pattern.find("@", 1)] for pattern in locked}
    settings = side.settings.get(beside(path, MANIFEST), {})
    members = [name[len(_WORKSPACES) :] for name in settings if name.startswith(_WORKSPACES)]
    for folder in ["", *_folders(side, path, members)]:
        manifest = posixpath.normpath(beside(path, f"{folder}/{MANIFEST}" if folder else MANIFEST))
        for number, (name, asked) in enumerate(_wanted(side.packages.get(manifest, [])).items()):
            one = asked[0]
            text = _text(one)
            if name in replaced or not text or text.startswith(_UNLOCKED) or _section(one) in _ABSENT:
                continue
            version = locked.get(f"{name}@{text}")
            # A name that is nowhere may be that of a workspace.
            stale = version is None and (name in names or not members)
            if stale or (version is not None and number < _MOST and node_ranges.beyond(version, text)):
                yield Drift(path=path, name=_named(folder, name), wanted=text, locked=version, at=one.at)


def _folders(side: Side, path: str, members: list[str]) -> list[str]:
    """Return the folders of workspaces: those with a manifest that a pattern of the project names."""
    root = path.rpartition("/")[0]
    patterns = [
        re.compile("/".join(_WILD.get(part) or re.escape(part).replace(r"\*", "[^/]*") for part in parts))
        for parts in (posixpath.normpath(member.removeprefix("packages.")).split("/") for member in members)
        if sum(part.count("*") for part in parts) <= _MOST_STARS
    ]
    found = []
    for file in sorted(side.files):
        folder = posixpath.dirname(file)
        inside = posixpath.relpath(folder, root or ".") if file.endswith(f"/{MANIFEST}") else "."
        if "node_modules" not in inside.split("/") and any(one.fullmatch(inside) for one in patterns):
            found.append(inside)
    return found[:_MOST_FOLDERS]


def _wanted(manifest: Sequence[Package]) -> dict[str, list[Package]]:
    wanted: dict[str, list[Package]] = defaultdict(list)
    for package in manifest:
        if package.stated_by == "manifest" and _section(package) in _SECTIONS:
            wanted[package.alias or package.name].append(package)
    return wanted


def _replaced(settings: Iterable[str]) -> frozenset[str]:
    """Return the names that `resolutions` replace: `left`, `**/left`, `a/left@npm:^1.0.0`, `@b/left`."""
    found = set()
    for setting in settings:
        if setting.startswith(_RESOLUTIONS):
            selector = re.sub(r"(?<=.)@[^/]*$", "", setting[len(_RESOLUTIONS) :].partition("@npm:")[0])
            *_, scope, name = ["", *selector.split("/")]
            found.add(f"{scope}/{name}" if scope.startswith("@") else name)
    return frozenset(found)


def _named(folder: str, name: str) -> str:
    return f"{name} ({folder})" if folder else name


def _section(package: Package) -> str:
    return package.place[len(package.at.path) + 1 :].rpartition("requires/")[2].partition("/")[0]


def _text(package: Package) -> str:
    """Return a range as yarn compares it: with `npm:` or without is the same, but for an alias."""
    text = package.version.strip() if isinstance(package.version, str) else ""
    plain = text.removeprefix("npm:")
    return text if "@" in plain[1:] else plain
