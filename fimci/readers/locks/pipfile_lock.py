"""`Pipfile.lock`, specification 6.

Sections are categories (`default`, `develop`, and any that the Pipfile invents). An entry may name
its index; without one pipenv takes the first source. Hashes stand bare, without names of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, OriginKind, Package, Place, Record, Setting, Unread, Unstated
from fimci.names import canonical
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks.pypi import (
    ECOSYSTEM,
    Parts,
    builds,
    content_hash,
    git_origin,
    is_archive,
    placed,
    seen,
    unknown_version,
    with_hashes,
)

_VERSIONS = ("6",)
_DEFAULT = "default"
#: Version control systems, as pipenv names them.
_REPOSITORIES = ("git", "hg", "svn", "bzr")
#: What of a marker excludes the system that locked.
_SYSTEM = re.compile(
    r"\b(?:sys_platform|platform_system|os_name|platform_machine|platform_python_implementation"
    r"|implementation_name)\s*==\s*['\"](?!linux|Linux|posix|x86_64|CPython|cpython)"
)
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (*((key,) for key in _REPOSITORIES), ("file",), ("path",), ("index",)),
    "integrity": (("hashes",),),
}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `Pipfile.lock`."""
    return path.rpartition("/")[2] == "Pipfile.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per entry of each category, the sources, and the hash of the Pipfile."""
    from fimci.marked import json  # noqa: PLC0415  (many repositories hold no such file)

    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    if not isinstance(document.value, dict):
        yield Unread(path=path, why="no table of categories")
        return
    yield from repeated(path, document)
    yield from unknown_version(path, document, ("_meta", "pipfile-spec"), _VERSIONS)
    yield from content_hash(path, document, ("_meta", "hash", "sha256"))
    sources, settings = _sources(path, document)
    yield from settings
    yield from placed(_packages(path, document, sources))
    yield from _odd(path, document, sources)


def _sources(path: str, document: Marked) -> tuple[dict[str, str], list[Setting]]:
    """Return the URLs of the sources by name, in their order, and the settings that they are."""
    sources: dict[str, str] = {}
    settings = []
    for index, source in enumerate(document.items("_meta", "sources")):
        if not isinstance(source, dict) or not isinstance(source.get("url"), str):
            continue
        name = str(source.get("name", index))
        sources.setdefault(name, without_credentials(source["url"]))
        for key in ("url", "verify_ssl"):
            value = source.get(key)
            if isinstance(value, str | bool):
                text = without_credentials(value) if isinstance(value, str) else str(value).lower()
                at = Place(path, document.line(("_meta", "sources", index, key)), excerpt(f"{key} {text}"))
                settings.append(Setting(path=path, name=f"source.{name}.{key}", value=text, at=at))
    return sources, settings


def _entries(document: Marked) -> Iterator[tuple[str, str, Any]]:
    for category, entries in document.value.items():
        if category != "_meta" and isinstance(entries, dict):
            for name, entry in entries.items():
                yield category, name, entry


def _odd(path: str, document: Marked, sources: Mapping[str, str]) -> Iterator[Unread]:
    """Report what is no category, no entry, or comes from a source that is not there."""
    for category, entries in document.value.items():
        if not isinstance(entries, dict):
            line = document.line((category,))
            yield Unread(path=path, part=category[:80], why="no table of packages", line=line)
    for category, name, entry in _entries(document):
        part = f"{category}.{name}"[:200]
        if not isinstance(entry, dict) or not name:
            line = document.line((category, name))
            yield Unread(path=path, part=part, why="an entry that is no table", line=line)
        elif "index" in entry and str(entry["index"]) not in sources:
            line = document.line((category, name, "index"))
            yield Unread(path=path, part=part, why="its index is none of the sources", line=line)


def _packages(path: str, document: Marked, sources: Mapping[str, str]) -> Iterator[Package]:
    for category, name, entry in _entries(document):
        if isinstance(entry, dict) and name:
            yield _package(path, document, (category, name), entry, sources)


def _package(
    path: str, document: Marked, where: tuple[str, str], entry: dict[str, Any], sources: Mapping[str, str]
) -> Package:
    category, name = where[0], canonical(where[1])
    kind, origin = _origin(entry, sources)
    hashes = entry.get("hashes")
    hashes = hashes if isinstance(hashes, list) else []
    version = entry.get("version")
    at = seen(path, document, where, (name, version, origin), _PARTS)
    lines = document.lines(hashes, at.part("integrity"))
    digests, at = with_hashes(at, zip(hashes, lines.values(), strict=True))
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}" if category == _DEFAULT else f"{path}#{category}/{name}",
        stated_by="lock",
        version=_version(version),
        origin_kind=kind,
        origin=origin,
        integrity=UNSTATED if _elsewhere(entry) else digests,
        install_scripts=builds(kind, [origin] if isinstance(origin, str) and kind != "registry" else []),
        flags=_flags(category, entry),
        at=at,
    )


def _version(stated: object) -> str | Unstated | None:
    """Return a pinned version; `*` stands where the marker excludes the system that locked."""
    if not isinstance(stated, str):
        return UNSTATED
    return stated.removeprefix("==").strip() if stated.startswith("==") else None


def _elsewhere(entry: dict[str, Any]) -> bool:
    """Tell an entry for other systems than the one that locked: pipenv did not look it up.

    Its marker must name a system: one that holds everywhere has whatever the index serves installed.
    """
    markers = entry.get("markers")
    bare = entry.get("version") == "*" and "hashes" not in entry
    return bare and isinstance(markers, str) and _SYSTEM.search(markers) is not None


def _origin(entry: dict[str, Any], sources: Mapping[str, str]) -> tuple[OriginKind, str | Unstated | None]:
    """Return kind and address of the source: of the index that is named, else of the first."""
    for key in _REPOSITORIES:
        if isinstance(url := entry.get(key), str):
            return "git", git_origin(url, None, entry.get("ref"), entry.get("subdirectory"))
    if isinstance(url := entry.get("file"), str):
        return "tarball" if "://" in url else "file", without_credentials(url)
    if isinstance(path := entry.get("path"), str):
        return ("file" if is_archive(path) else "directory"), path
    if "index" in entry:
        return "registry", sources.get(str(entry["index"]), UNSTATED)
    return "registry", next(iter(sources.values()), None)


def _flags(category: str, entry: dict[str, Any]) -> tuple[str, ...]:
    flags = {"dev": category != _DEFAULT, "editable": entry.get("editable") is True}
    return tuple(flag for flag, stands in flags.items() if stands)
