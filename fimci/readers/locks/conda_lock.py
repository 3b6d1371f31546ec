"""`conda-lock.yml`, version 1: one file for all platforms, of conda packages and of pip's.

Each entry is one artifact for one platform, with its URL and hashes; conda checks sha256 where it
stands, else md5. The entries of the pip section are what pip is asked to install by URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread
from fimci.names import canonical
from fimci.readers.documents import repeated, yaml_table
from fimci.readers.locks import conda_urls
from fimci.readers.locks.pypi import (
    Parts,
    builds,
    each,
    entries,
    is_archive,
    placed,
    seen,
    unknown_version,
    with_hashes,
)

_NAMES = ("conda-lock.yml", "conda-lock.yaml")
_VERSIONS = ("1",)
#: Package URL types by the manager that installs an entry.
_ECOSYSTEMS = {"conda": "conda", "pip": "pypi"}
_PARTS: Parts = {
    "version": (("version",),),
    "origin": (("url",),),
    "integrity": (("hash",),),
    "dependencies": (("dependencies",),),
}
_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want `conda-lock.yml` and those of other environments (`dev.conda-lock.yml`)."""
    name = path.rpartition("/")[2]
    return name in _NAMES or name.endswith(tuple(f".{ending}" for ending in _NAMES))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per entry, and the channels."""
    document = yaml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from unknown_version(path, document, ("version",), _VERSIONS)
    found, unread = entries(path, document, "package")
    yield from unread
    yield from _odd(path, document, found)
    yield from _channels(path, document)
    last = each(document, "package", found)
    yield from placed(_package(path, document, index, entry) for index, entry in last)


def _odd(path: str, document: Marked, found: list[tuple[int, dict[str, Any]]]) -> Iterator[Unread]:
    for index, entry in found:
        if entry.get("manager") not in _ECOSYSTEMS:
            line = document.line(("package", index, "manager"))
            part = f"package[{index}].manager"
            yield Unread(path=path, part=part, why=f"{entry['name']} has no known manager", line=line)


def _package(path: str, document: Marked, index: int, entry: dict[str, Any]) -> Package:
    manager, platform = str(entry.get("manager")), str(entry.get("platform"))
    name = canonical(entry["name"]) if manager == "pip" else entry["name"]
    url = entry.get("url")
    origin = without_credentials(url) if isinstance(url, str) and url else None
    kind = _kind(manager, entry, origin)
    version = _version(manager, entry)
    hashes = entry.get("hash")
    hashes = hashes if isinstance(hashes, dict) else {}
    where = ("package", index)
    at = seen(path, document, where, (name, version, origin), _PARTS)
    stated = [(f"{key}:{value}", document.line((*where, "hash", key))) for key, value in hashes.items()]
    digests, at = with_hashes(at, stated)
    return Package(
        ecosystem=_ECOSYSTEMS.get(manager, "conda"),
        name=name,
        place=f"{path}#{manager}/{platform}/{name}",
        stated_by="lock",
        version=version if version is not None else UNSTATED,
        origin_kind=kind,
        origin=origin,
        integrity=_strong(manager, digests),
        install_scripts=builds(kind, [origin or ""]) if manager == "pip" else UNSTATED,
        flags=("optional",) if entry.get("optional") == "true" else (),
        dependencies=_dependencies(entry),
        at=at,
    )


def _version(manager: str, entry: dict[str, Any]) -> str | None:
    """Return the version; of an archive of conda with its build, of which each has a hash of its own."""
    version = entry.get("version")
    archive = conda_urls.archive(str(entry.get("url"))) if manager == "conda" else None
    if archive is not None and archive.version == version:
        return archive.release
    return version if isinstance(version, str) else None


def _strong(manager: str, digests: tuple[Digest, ...]) -> tuple[Digest, ...]:
    """Leave out the weak one of conda's two: it is no way in, for the strong one must fit as well."""
    if manager == "pip" and any(digest.algorithm == "sha256" for digest in digests):
        return tuple(digest for digest in digests if digest.algorithm != "md5")
    return digests


def _kind(manager: str, entry: dict[str, Any], origin: str | None) -> OriginKind:
    """Return the kind of origin; pip's direct URLs have a `source` that says so."""
    if manager != "pip":
        return "registry"
    if origin is not None and origin.startswith(_REPOSITORIES):
        return "git"
    if origin is not None and "://" not in origin:
        return "file" if is_archive(origin) else "directory"
    return "tarball" if isinstance(entry.get("source"), dict) else "registry"


def _dependencies(entry: dict[str, Any]) -> tuple[str, ...]:
    dependencies = entry.get("dependencies")
    items = dependencies.items() if isinstance(dependencies, dict) else ()
    return tuple(
        sorted(f"{name}@{asked}" if isinstance(asked, str) and asked else name for name, asked in items)
    )


def _channels(path: str, document: Marked) -> Iterator[Setting]:
    """Yield the channels in their order: the first that has a package decides."""
    for index, channel in enumerate(document.items("metadata", "channels")):
        url = channel.get("url") if isinstance(channel, dict) else channel
        if isinstance(url, str):
            at = Place(path, document.line(("metadata", "channels", index)), excerpt(url))
            yield Setting(path=path, name=f"channels[{index}]", value=without_credentials(url), at=at)
