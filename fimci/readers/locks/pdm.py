"""`pdm.lock`, versions 3.0 to 4.5.1.

Up to 4.2 the files of all packages stand in `[metadata.files]`, by `name version`; later each
package has its own. One release has an entry for each set of extras that is asked of it
(`requests` and `requests[socks]`), with the same files: each set has a place of its own. Files
have URLs only with the strategy `static_urls`; else the index is that of the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, OriginKind, Package, Place, Record, Unread
from fimci.names import canonical
from fimci.readers.documents import generated_toml_table
from fimci.readers.locks.pypi import (
    ECOSYSTEM,
    Parts,
    builds,
    content_hash,
    each,
    entries,
    file_hosts,
    git_origin,
    is_archive,
    placed,
    repeated_entries,
    requirement_edges,
    seen,
    unknown_version,
    with_hashes,
)
from fimci.readers.manifests import settings

_VERSIONS = re.compile(r"3(?:\.[01])?|4\.[0-5](?:\.[0-9])?")
#: Version control systems, as pdm names them.
_REPOSITORIES = ("git", "hg", "svn", "bzr")
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (*((key,) for key in _REPOSITORIES), ("url",), ("path",)),
    "integrity": (("files",),),
    "dependencies": (("dependencies",),),
}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `pdm.lock`, and those of other environments (`pdm.py38.lock`)."""
    name = path.rpartition("/")[2]
    return name.startswith("pdm.") and name.endswith(".lock")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked package and set of extras, and the hosts of files."""
    document = generated_toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    pointer = ("metadata", "lock_version")
    yield from unknown_version(path, document, pointer, _VERSIONS)
    yield from content_hash(path, document, ("metadata", "content_hash"))
    groups = document.table("metadata").get("groups")
    if isinstance(groups, list) and groups:
        told = " ".join(canonical(one) for one in groups if isinstance(one, str))
        yield settings.setting(path, "locked.groups", told, document.line(("metadata", "groups")))
    found, unread = entries(path, document, "package")
    yield from unread
    yield from repeated_entries(path, document, "package", found)
    yield from file_hosts(path, document, _urls(document, found))
    last = each(document, "package", found)
    yield from placed(_package(path, document, index, entry) for index, entry in last)


def _package(path: str, document: Marked, index: int, entry: dict[str, Any]) -> Package:
    name = canonical(entry["name"])
    version = entry.get("version")
    kind, origin = _origin(entry)
    files = list(_files(document, index, entry))
    names = [str(file.get("url", file.get("file"))) for file, _ in files] or ([origin] if origin else [])
    dependencies = entry.get("dependencies")
    at = _place(path, document, index, (name, version, origin), files)
    digests, at = with_hashes(at, ((file.get("hash"), document.line(where)) for file, where in files))
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}{_extras(entry)}",
        stated_by="lock",
        version=version if isinstance(version, str) else UNSTATED,
        origin_kind=kind,
        origin=origin,
        integrity=digests,
        install_scripts=builds(kind, names),
        flags=_flags(entry),
        dependencies=requirement_edges(dependencies if isinstance(dependencies, list) else ()),
        at=at,
    )


def _place(
    path: str,
    document: Marked,
    index: int,
    words: tuple[object, ...],
    files: list[tuple[dict[str, Any], Pointer]],
) -> Place:
    at = seen(path, document, ("package", index), words, _PARTS)
    if files and "integrity" not in dict(at.parts):
        line = document.line(files[0][1][:-1])
        at = msgspec.structs.replace(at, parts=tuple(sorted((*at.parts, ("integrity", line)))))
    return at


def _origin(entry: dict[str, Any]) -> tuple[OriginKind, str | None]:
    """Return kind and address of the source; `None` is the configured index."""
    for key in _REPOSITORIES:
        if isinstance(url := entry.get(key), str):
            commit, subdirectory = entry.get("revision"), entry.get("subdirectory")
            return "git", git_origin(url, entry.get("ref"), commit, subdirectory)
    if isinstance(url := entry.get("url"), str):
        return "tarball", without_credentials(url)
    if isinstance(path := entry.get("path"), str):
        return ("file" if is_archive(path) else "directory"), path
    return "registry", None


def _extras(entry: dict[str, Any]) -> str:
    extras = entry.get("extras")
    return f"[{','.join(sorted(map(str, extras)))}]" if isinstance(extras, list) and extras else ""


def _files(document: Marked, index: int, entry: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Pointer]]:
    """Yield the tables of `file` or `url` and `hash`, with where they stand."""
    where: Pointer = ("package", index, "files")
    files = entry.get("files")
    if "files" not in entry:
        key = f"{entry['name']} {entry.get('version')}"
        where = ("metadata", "files", key)
        files = document.table("metadata", "files").get(key)
    for number, file in enumerate(files) if isinstance(files, list) else ():
        yield (file if isinstance(file, dict) else {}), (*where, number)


def _flags(entry: dict[str, Any]) -> tuple[str, ...]:
    groups = entry.get("groups")
    flags = {
        "editable": entry.get("editable") is True,
        "optional": isinstance(groups, list) and bool(groups) and "default" not in groups,
    }
    return tuple(flag for flag, stands in flags.items() if stands)


def _urls(document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, Pointer]]:
    """Yield the URLs of files from an index; another package's URL is its origin."""
    for index, entry in found:
        if _origin(entry)[0] == "registry":
            for file, where in _files(document, index, entry):
                if isinstance(file.get("url"), str):
                    yield file["url"], where
