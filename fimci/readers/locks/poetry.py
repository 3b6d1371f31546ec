"""`poetry.lock`, versions 1.0 to 2.1.

Versions 1.0 and 1.1 keep the files of all packages in `[metadata.files]`, by name alone, so that
two versions of one name share their hashes; from 2.0 on each package has its own. A package from
the default index has no source at all: that a `[package.source]` appears is what an attack shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, OriginKind, Package, Record, Unread, Unstated
from fimci.names import canonical
from fimci.readers.documents import generated_toml_table
from fimci.readers.locks.misnamed import misnamed
from fimci.readers.locks.pypi import (
    ECOSYSTEM,
    Parts,
    builds,
    content_hash,
    each,
    entries,
    git_origin,
    placed,
    repeated_entries,
    seen,
    unknown_version,
    with_hashes,
)

_VERSIONS = ("1.0", "1.1", "2.0", "2.1")
_KINDS: Mapping[str, OriginKind] = {
    "legacy": "registry",
    "git": "git",
    "url": "tarball",
    "directory": "directory",
    "file": "file",
}
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (("source", "url"),),
    "integrity": (("files",),),
    "dependencies": (("dependencies",),),
}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `poetry.lock`."""
    return path.rpartition("/")[2] == "poetry.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked package."""
    document = generated_toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from unknown_version(path, document, ("metadata", "lock-version"), _VERSIONS)
    yield from content_hash(path, document, ("metadata", "content-hash"))
    found, unread = entries(path, document, "package")
    yield from unread
    yield from repeated_entries(path, document, "package", found)
    yield from _odd_sources(path, document, found)
    yield from misnamed(path, document, ((entry, _names(index, entry)) for index, entry in found))
    last = each(document, "package", found)
    yield from placed(_package(path, document, index, entry) for index, entry in last)


def _odd_sources(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Unread]:
    for index, entry in found:
        if "source" in entry and _kind(entry) is UNSTATED:
            line = document.line(("package", index, "source"))
            part = f"package[{index}].source"
            yield Unread(
                path=path, part=part, why=f"{entry['name']} has a source of no known kind", line=line
            )


def _package(path: str, document: Marked, index: int, entry: dict[str, Any]) -> Package:
    name = canonical(entry["name"])
    version = entry.get("version")
    kind, origin = _kind(entry), _origin(entry)
    files = _files(document, entry)
    names = [str(file.get("file")) for file in files] or ([origin] if origin else [])
    at = seen(path, document, ("package", index), (name, version, origin), _PARTS)
    where: Pointer = ("package", index, "files")
    if "files" not in entry:
        where = ("metadata", "files", entry["name"])
        line = document.line(where)
        at = msgspec.structs.replace(at, parts=tuple(sorted((*at.parts, ("integrity", line)))))
    lines = ((file.get("hash"), document.line((*where, number))) for number, file in enumerate(files))
    digests, at = with_hashes(at, lines)
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}",
        stated_by="lock",
        version=version if isinstance(version, str) else UNSTATED,
        origin_kind=kind,
        origin=origin,
        integrity=digests,
        install_scripts=builds(kind, names),
        flags=_flags(entry),
        dependencies=_dependencies(entry),
        at=at,
    )


def _kind(entry: dict[str, Any]) -> OriginKind | Unstated:
    if "source" not in entry:
        return "registry"
    source = entry["source"]
    return _KINDS.get(str(source.get("type")), UNSTATED) if isinstance(source, dict) else UNSTATED


def _origin(entry: dict[str, Any]) -> str | None:
    """Return the URL or path of the source; `None` is the default index."""
    source = entry.get("source")
    if not isinstance(source, dict) or not isinstance(source.get("url"), str):
        return None
    url: str = source["url"]
    if source.get("type") == "git":
        commit = source.get("resolved_reference")
        return git_origin(url, source.get("reference"), commit, source.get("subdirectory"))
    return without_credentials(url)


def _files(document: Marked, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of `file` and `hash` that belong to a package, wherever they stand."""
    files = entry.get("files")
    if files is None:
        files = document.table("metadata", "files").get(entry["name"])
    if files is None:
        hashes = document.table("metadata", "hashes").get(entry["name"])
        files = [{"hash": f"sha256:{value}"} for value in hashes] if isinstance(hashes, list) else []
    return [file if isinstance(file, dict) else {} for file in files] if isinstance(files, list) else []


def _names(index: int, entry: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    """Yield the names of a package's own files; in older versions those of one name share a list."""
    files = entry.get("files")
    for number, file in enumerate(files if isinstance(files, list) else ()):
        if isinstance(file, dict) and isinstance(file.get("file"), str):
            yield file["file"], ("package", index, "files", number)


def _flags(entry: dict[str, Any]) -> tuple[str, ...]:
    groups = entry.get("groups")
    dev = isinstance(groups, list) and bool(groups) and "main" not in groups
    flags = {
        "dev": dev or entry.get("category") == "dev",
        "editable": entry.get("develop") is True,
        "optional": entry.get("optional") is True,
    }
    return tuple(flag for flag, stands in flags.items() if stands)


def _dependencies(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return `name@range` of each, with `;` where a marker says when that counts."""
    dependencies = entry.get("dependencies")
    wanted = set()
    for name, value in dependencies.items() if isinstance(dependencies, dict) else ():
        for item in value if isinstance(value, list) else [value]:
            asked = item.get("version") if isinstance(item, dict) else item
            if isinstance(asked, str) and isinstance(item, dict) and {"markers", "python"} & item.keys():
                asked = f"{asked} ;"
            wanted.add(f"{canonical(name)}@{asked}" if isinstance(asked, str) else canonical(name))
    return tuple(sorted(wanted))
