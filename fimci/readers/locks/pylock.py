"""`pylock.toml` and `pylock.NAME.toml`, version 1.0 (PEP 751).

`packaging.pylock` says whether a file is valid; positions and records are read here, so that a
file with one fault still shows the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
    each,
    edges,
    entries,
    file_hosts,
    git_origin,
    placed,
    repeated_entries,
    seen,
    unknown_version,
    with_hashes,
)

_FILE = re.compile(r"(?:^|/)pylock\.(?:[^./]+\.)?toml$")
_VERSIONS = ("1.0",)
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (("vcs",), ("directory",), ("archive",), ("index",)),
    "integrity": (("archive",), ("wheels",), ("sdist",)),
    "dependencies": (("dependencies",),),
}
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]{1,9})\]")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the file names that PEP 751 allows."""
    return _FILE.search(path) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked package, and the hosts of files."""
    document = generated_toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    unknown = list(unknown_version(path, document, ("lock-version",), _VERSIONS))
    yield from unknown or _invalid(path, document)
    found, unread = entries(path, document, "packages")
    yield from unread
    yield from repeated_entries(path, document, "packages", found)
    yield from file_hosts(path, document, _urls(found))
    yield from misnamed(path, document, ((entry, _addresses(index, entry)) for index, entry in found))
    last = each(document, "packages", found)
    yield from placed(_package(path, document, index, entry) for index, entry in last)


def _invalid(path: str, document: Marked) -> Iterator[Unread]:
    """Report the first fault for which an installer refuses the file."""
    from packaging.pylock import Pylock, PylockValidationError  # noqa: PLC0415  (only where such a file is met)

    try:
        Pylock.from_dict(document.value)
    except PylockValidationError as error:
        pointer: Pointer = tuple(key or int(index) for key, index in _STEP.findall(error.context or ""))
        yield Unread(path=path, part="validity", why=str(error), line=document.line(pointer))


def _package(path: str, document: Marked, index: int, entry: dict[str, Any]) -> Package:
    name = canonical(entry["name"])
    version = entry.get("version")
    kind, origin = _origin(entry)
    listed = list(_files(entry))
    files = [file for file, _ in listed]
    dependencies = entry.get("dependencies")
    at = seen(path, document, ("packages", index), (name, version, origin), _PARTS)
    lines = [(document.line(("packages", index, *pointer, "hashes")), file) for file, pointer in listed]
    digests, at = with_hashes(at, ((text, line) for line, file in lines for text in _hashes([file])))
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}",
        stated_by="lock",
        version=version if isinstance(version, str) else UNSTATED,
        origin_kind=kind,
        origin=origin,
        integrity=digests,
        install_scripts=builds(kind, [_address(file) for file in files]),
        flags=("editable",) if _table(entry, "directory").get("editable") is True else (),
        dependencies=edges(dependencies if isinstance(dependencies, list) else ()),
        at=at,
    )


def _table(entry: dict[str, Any], key: str) -> dict[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _address(table: dict[str, Any]) -> str:
    return next((str(table[key]) for key in ("url", "path", "name") if key in table), "")


def _origin(entry: dict[str, Any]) -> tuple[OriginKind | Unstated, str | Unstated]:
    """Return the kind and address of the source; unstated where pip leaves out the index."""
    if "vcs" in entry:
        vcs = _table(entry, "vcs")
        asked, subdirectory = vcs.get("requested-revision"), vcs.get("subdirectory")
        return "git", git_origin(_address(vcs), asked, vcs.get("commit-id"), subdirectory)
    if "directory" in entry:
        return "directory", _address(_table(entry, "directory"))
    if "archive" in entry:
        archive = _table(entry, "archive")
        return ("tarball" if "url" in archive else "file"), without_credentials(_address(archive))
    index = entry.get("index")
    kind: OriginKind | Unstated = "registry" if "wheels" in entry or "sdist" in entry else UNSTATED
    return kind, without_credentials(index) if isinstance(index, str) else UNSTATED


def _files(entry: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Pointer]]:
    """Yield the tables of archive, sdist and wheels, with where they stand in the entry."""
    for key in ("archive", "sdist"):
        if key in entry:
            yield _table(entry, key), (key,)
    wheels = entry.get("wheels")
    for index, wheel in enumerate(wheels) if isinstance(wheels, list) else ():
        yield (wheel if isinstance(wheel, dict) else {}), ("wheels", index)


def _addresses(index: int, entry: dict[str, Any]) -> Iterator[tuple[str, Pointer]]:
    """Yield what names a file: its URL or path, and its name where that is stated as well."""
    for file, pointer in _files(entry):
        stated = [key for key in ("url", "path", "name") if isinstance(file.get(key), str)]
        yield from ((file[key], ("packages", index, *pointer, key)) for key in stated)


def _hashes(files: list[dict[str, Any]]) -> Iterator[object]:
    """Yield every hash of every file as `algorithm:hex`; `None` for a file that has none."""
    for file in files:
        hashes = _table(file, "hashes")
        for algorithm, value in hashes.items():
            yield f"{algorithm}:{value}" if isinstance(value, str) else None
        if not hashes:
            yield None


def _urls(found: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, Pointer]]:
    """Yield the URLs of files from an index; an archive's URL is its origin."""
    for index, entry in found:
        for file, pointer in _files(entry):
            if pointer != ("archive",) and isinstance(file.get("url"), str):
                yield file["url"], ("packages", index, *pointer, "url")
