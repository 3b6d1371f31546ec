"""`uv.lock`, version 1, all revisions; also the lock of a script (`tool.py.lock`).

The source of a package names the index; each file has a URL of its own, from which the bytes
come. Both are told: the index as the origin of the package, the hosts of the files once each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, OriginKind, Package, Place, Record, Unread, Unstated
from fimci.names import canonical
from fimci.readers.documents import unparsed
from fimci.readers.locks import uv_options, uv_usual
from fimci.readers.locks.misnamed import misnamed
from fimci.readers.locks.pypi import (
    ECOSYSTEM,
    Parts,
    builds,
    each,
    edges,
    entries,
    file_hosts,
    placed,
    repeated_entries,
    seen,
    unknown_version,
    with_hashes,
)

_VERSIONS = ("1",)
_KINDS: Mapping[str, OriginKind] = {
    "registry": "registry",
    "git": "git",
    "url": "tarball",
    "path": "file",
    "directory": "directory",
    "editable": "directory",
    "virtual": "virtual",
}
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (("source",),),
    "integrity": (("wheels",), ("sdist",)),
    "dependencies": (("dependencies",),),
}
_EXTRA = re.compile(r"\bextra == '([^']*)'")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `uv.lock` and the lock of every script."""
    name = path.rpartition("/")[2]
    return name == "uv.lock" or name.endswith(".py.lock")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked package, the project's requirements and the hosts of files."""
    from fimci.marked import plain_toml  # noqa: PLC0415  (many repositories hold no such file)

    usual = uv_usual.part(data)
    try:
        document = plain_toml.load(data) if usual is None else usual.rest
    except Malformed as error:
        yield unparsed(path, error, "TOML")
        return
    found, unread = entries(path, document, "package")
    unread += [*repeated_entries(path, document, "package", found), *_odd_sources(path, document, found)]
    if usual is not None and unread:
        # What is wrong with a package is told by its number, which is that in the whole document.
        usual = None
        document = plain_toml.load(data)
        found, unread = entries(path, document, "package")
        unread += [*repeated_entries(path, document, "package", found), *_odd_sources(path, document, found)]
    yield from unknown_version(path, document, ("version",), _VERSIONS)
    yield from unread
    yield from uv_options.read(path, document)
    yield from placed(_requirements(path, document, found))
    yield from file_hosts(path, document, _all_urls(document, found, usual))
    if usual is not None:
        yield from uv_usual.read(path, usual)
    yield from misnamed(path, document, ((entry, _addresses(index, entry)) for index, entry in found))
    last = each(document, "package", found)
    yield from placed(_package(path, document, index, entry) for index, entry in last)


def _odd_sources(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Unread]:
    for index, entry in found:
        if _source(entry)[0] == "":
            line = document.line(("package", index, "source"))
            part = f"package[{index}].source"
            yield Unread(
                path=path, part=part, why=f"{entry['name']} has no source of a known kind", line=line
            )


def _source(entry: dict[str, Any]) -> tuple[str, str]:
    """Return the key and the value of the source of a package or requirement; empty: not one."""
    source = entry.get("source")
    if isinstance(source, dict) and len(source) == 1:  # as nearly all are
        ((key, value),) = source.items()
        return (key, value) if key in _KINDS and isinstance(value, str) else ("", "")
    stated = [key for key in _KINDS if key in source] if isinstance(source, dict) else []
    if len(stated) != 1 or not isinstance(source, dict) or not isinstance(source[stated[0]], str):
        return "", ""
    return stated[0], source[stated[0]]


def _package(path: str, document: Marked, index: int, entry: dict[str, Any]) -> Package:
    name = canonical(entry["name"])
    version = entry.get("version")
    key, address = _source(entry)
    kind: OriginKind | Unstated = _KINDS.get(key, UNSTATED)
    files = [file for file, _ in _files(entry)]
    names = [_address(file) for file in files] or ([address] if kind in {"tarball", "file"} else [])
    at = seen(path, document, ("package", index), (name, version, address), _PARTS)
    lines = _lines(document, index, entry, len(files))
    stated = ((text, line) for line, file in zip(lines, files, strict=True) for text in _hashes(file))
    digests, at = with_hashes(at, stated)
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}",
        stated_by="lock",
        version=version if isinstance(version, str) else UNSTATED,
        origin_kind=kind,
        origin=without_credentials(address) if key else UNSTATED,
        integrity=digests,
        install_scripts=builds(kind, names),
        flags=("editable",) if key == "editable" else (),
        dependencies=_dependencies(entry),
        at=at,
    )


def _files(entry: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Pointer]]:
    """Yield the tables of the sdist and the wheels, with where they stand in the entry."""
    if "sdist" in entry:
        sdist = entry["sdist"]
        yield (sdist if isinstance(sdist, dict) else {}), ("sdist",)
    wheels = entry.get("wheels", [])
    for index, wheel in enumerate(wheels) if isinstance(wheels, list) else ():
        yield (wheel if isinstance(wheel, dict) else {}), ("wheels", index)


def _address(file: dict[str, Any]) -> str:
    url = file.get("url")
    if isinstance(url, str):
        return url
    return next((str(file[key]) for key in ("url", "path", "filename") if key in file), "")


def _addresses(index: int, entry: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    return ((_address(file), ("package", index, *pointer)) for file, pointer in _files(entry))


def _hashes(file: dict[str, Any]) -> tuple[object, ...]:
    """Return the hash of a file, and that of its recompressed copy where there is one."""
    again = file.get("zstd")
    return (file.get("hash"), again.get("hash")) if isinstance(again, dict) else (file.get("hash"),)


def _lines(document: Marked, index: int, entry: dict[str, Any], count: int) -> list[int]:
    """Return the line of each file, in the order of `_files`."""
    pointer = ("package", index)
    found = [document.line((*pointer, "sdist"))] if "sdist" in entry else []
    lines = document.lines(entry["wheels"]) if count > len(found) else {}
    more = list(lines.values()) if lines else [document.line((*pointer, "wheels"))] * (count - len(found))
    return found + more


def _all_urls(
    document: Marked, found: list[tuple[int, dict[str, Any]]], usual: uv_usual.Usual | None
) -> Iterable[tuple[str, Pointer | int]]:
    """Return the URLs of files in the order of their packages."""
    if usual is None:
        return _urls(found)
    every: list[tuple[int, str, Pointer | int]]
    every = [(document.line(pointer[:2]), url, pointer) for url, pointer in _urls(found)]
    every += [(line, url, line) for url, line in usual.urls]
    every.sort(key=lambda one: one[0])
    return ((url, where) for _, url, where in every)


def _urls(found: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, Pointer]]:
    """Yield the URLs of files from an index; another package's URL is its origin."""
    for index, entry in found:
        if _source(entry)[0] == "registry":
            for file, pointer in _files(entry):
                yield _address(file), ("package", index, *pointer)


def _dependencies(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the edges to other packages, those of extras and groups among them."""
    lists = [entry.get("dependencies")]
    for key in ("optional-dependencies", "dev-dependencies"):
        groups = entry.get(key)
        lists.extend(groups.values() if isinstance(groups, dict) else ())
    return edges(item for items in lists if isinstance(items, list) for item in items)


def _requirements(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Package]:
    """Yield what the lock says that the project itself requires, in the sections of pyproject.toml."""
    listed: list[tuple[str, Pointer]] = []
    for index, entry in found:
        if _source(entry) in {("virtual", "."), ("editable", "."), ("directory", ".")}:
            listed.append(("project", ("package", index, "metadata", "requires-dist")))
            groups: Pointer = ("package", index, "metadata", "requires-dev")
            listed.extend((f"group/{group}", (*groups, group)) for group in document.table(*groups))
    sections = {"requirements": "project", "constraints": "constraint", "overrides": "override"}
    sections["build-constraints"] = "build-constraint"
    listed.extend((section, ("manifest", key)) for key, section in sections.items())
    groups = ("manifest", "dependency-groups")
    listed.extend((f"group/{group}", (*groups, group)) for group in document.table(*groups))
    for section, pointer in listed:
        items, above = document.items(*pointer), document.line(pointer)
        lines = document.lines(items, above)
        for index, item in enumerate(items):
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                yield _requirement(path, section, item, lines.get(index, above))


def _requirement(path: str, section: str, item: dict[str, Any], line: int) -> Package:
    name = canonical(item["name"])
    specifier = item.get("specifier")
    version = specifier if isinstance(specifier, str) else ""
    if "marker" in item and section == "project":
        extra = _EXTRA.search(str(item["marker"]))
        section = section if extra is None else f"optional/{extra[1]}"
    key, address = "", ""
    if not _KINDS.keys().isdisjoint(item):
        key, address = _source({"source": {key: item[key] for key in _KINDS if key in item}})
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#requires/{section}/{name}",
        stated_by="manifest",
        version=version,
        origin_kind=_KINDS.get(key, "registry"),
        origin=without_credentials(address) if key else None,
        flags=("editable",) if key == "editable" else (),
        at=Place(path, line, excerpt(f"{name}{version} {address}".rstrip())),
    )
