"""Metadata of a built or installed distribution: `*.dist-info/` (wheels), `PKG-INFO` (sdists).

Each file speaks for itself, in records of its own: `METADATA` and `PKG-INFO` state name, version
and requirements, `entry_points.txt` the commands and plug-ins, `WHEEL` the compatibility, `RECORD` the
digest of all files. Their places are the folder, `#`, and the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fimci.capabilities import shadows
from fimci.excerpts import EXCERPT
from fimci.model import Capability, Digest, Package, Place, Record, Unread
from fimci.names import canonical
from fimci.readers.manifests import installed_files, requirement, settings

_FOLDER = re.compile(r"(?:^|.*/)([^/]+)-([^/-]+)\.dist-info", re.DOTALL)
_FILES = frozenset({"METADATA", "WHEEL", "RECORD", "entry_points.txt"})
_HEADER = re.compile(r"([A-Za-z0-9-]+)[ \t]*:[ \t]?(.*)", re.DOTALL)
#: What stands under an extra alone is installed for nobody who did not ask for it.
_EXTRA = re.compile(r"\bextra\s*==\s*(?:'[^']+'|\"[^\"]+\")")
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this describes a distribution."""
    folder, _, name = path.rpartition("/")
    return name == "PKG-INFO" or (name in _FILES and folder.endswith(".dist-info"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the file states of its distribution."""
    name = path.rpartition("/")[2]
    # Old metadata holds names of authors in any encoding; what counts here is ASCII.
    text = data.decode("utf-8-sig", "surrogateescape")
    if name in {"METADATA", "PKG-INFO"}:
        yield from _metadata(path, text)
    elif name == "RECORD":
        yield from _record(path, data)
    elif name == "WHEEL":
        for field in ("Generator", "Root-Is-Purelib", "Tag", "Build"):
            values = [(value, line) for key, value, line in _headers(text) if key == field.lower()]
            if values:
                joined = ", ".join(sorted(value for value, _ in values))
                yield settings.setting(path, f"wheel.{field.lower()}", joined, values[0][1])
    else:
        yield from settings.bounded(path, _entry_points(path, text))


def _metadata(path: str, text: str) -> Iterator[Package | Unread]:
    lines: dict[str, int] = {}
    facts: dict[str, str] = {}
    wanted: dict[str, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    for key, value, line in _headers(text):
        if key in {"name", "version"}:
            lines.setdefault(key, line)
            facts.setdefault(key, value)
        elif len(wanted) >= settings.COUNT_LIMIT:
            yield Unread(path=path, why="more requirements than any use", part="the rest", line=line)
            break
        elif key == "requires-dist" and not _for_extra(value):
            try:
                found = requirement.parse(value)
            except requirement.Malformed as error:
                yield Unread(
                    path=path, why=f"not a requirement: {error}", part=f"{key} {value[:80]}", line=line
                )
            else:
                wanted.setdefault(f"{found.name}@{found.origin or found.specifier}", (found.name, line))
                if found.origin:  # comes from no index: it is a package by itself
                    yield from requirement.stated(path, "requires-dist", value, counts, flags=(), line=line)
    if not facts.get("name") or not facts.get("version"):
        yield Unread(path=path, why="states no name or no version")
        return
    yield Package(
        ecosystem="pypi",
        name=canonical(facts["name"]),
        place=_place(path),
        stated_by="artifact",
        version=facts["version"],
        dependencies=tuple(sorted(wanted)),
        at=Place(path, lines["name"], f"{facts['name']} {facts['version']}"[:EXCERPT], _parts(wanted)),
    )


def _parts(wanted: dict[str, tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the line of the first requirement of each name."""
    found: dict[str, int] = {}
    for name, line in wanted.values():
        found.setdefault(f"requires {name}", line)
    return tuple(sorted(found.items()))


def _record(path: str, data: bytes) -> Iterator[Package | Unread | Capability]:
    rows = installed_files.parse(path, data)
    yield from rows.unread
    named = _named(path, tree=rows.tree, owns=rows.owns)
    yield named
    if isinstance(named, Package):
        yield from _shadows(path, named.name, rows.commands)


def _entry_points(path: str, text: str) -> Iterator[Record]:
    """Yield a setting per entry point, and the commands once more as those of the package."""
    bins = set()
    group = ""
    for number, raw in enumerate(settings.lines(text), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            group = line[1:].partition("]")[0].strip()
            continue
        name, equals, target = line.partition("=")
        if not equals or not group:
            yield Unread(path=path, why="not an entry point", part=line[:80], line=number)
            continue
        if group in _SCRIPTS:
            bins.add(name.strip())
        yield settings.setting(path, f"entry-point.{group}.{name.strip()}", target.strip(), number)
    if bins:
        named = _named(path, bins=tuple(sorted(bins)))
        yield named
        if isinstance(named, Package):
            yield from _shadows(path, named.name, named.bins)


def _shadows(path: str, package: str, commands: Iterable[str]) -> Iterator[Capability]:
    """Yield the commands that take the place of others."""
    for command in commands:
        odd = shadows.shadowed(package, command)
        if odd:
            yield Capability(
                path=path, name="persistence", subject=odd, phase="install", at=Place(path, 1, command)
            )


def _named(
    path: str, *, bins: tuple[str, ...] = (), tree: Digest | None = None, owns: tuple[str, ...] = ()
) -> Package | Unread:
    """Return a record named after the folder, for files that state no name themselves."""
    folder = _FOLDER.fullmatch(path.rpartition("/")[0])
    if folder is None:
        return Unread(path=path, why="the folder is not called after a name and a version", part="folder")
    return Package(
        ecosystem="pypi",
        name=canonical(folder[1]),
        place=_place(path),
        stated_by="artifact",
        version=folder[2],
        bins=bins,
        tree=tree,
        owns=owns,
        at=Place(path),
    )


def _headers(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield name (lower case), value and line of the headers, up to the first empty line."""
    key, values, start = "", list[str](), 0
    for number, line in enumerate([*settings.lines(text.partition("\n\n")[0]), ""], 1):
        if line[:1] in {" ", "\t"} and key:
            values.append(line.strip())
            continue
        if key:
            yield key, " ".join(values).strip(), start
            key = ""
        found = _HEADER.fullmatch(line)
        if found is not None:
            key, values, start = found[1].lower(), [found[2]], number
        elif not line:
            return


def _for_extra(text: str) -> bool:
    marker = text.partition(";")[2]
    return bool(_EXTRA.search(marker)) and not re.search(r"\bor\b", marker)


def _place(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}#{name}"
