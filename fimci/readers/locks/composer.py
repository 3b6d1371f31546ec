"""`composer.lock`, as Composer 1 and 2 write it.

A package has an archive (`dist`) and a repository (`source`); Composer takes the archive, and the
repository where it is told to or where the archive cannot be had. Most archives are made by a code
host on demand and have no stable hash (`shasum` is empty): what pins them is the commit in
`reference`, so that of a release it counts among the hashes, under `commit`. A branch (`dev-main`,
`1.x-dev`) moves by design, and its commit is part of the origin alone.

    packages, packages-dev        Package; a plug-in of Composer runs code at install
    source-of.NAME                Setting   the repository, where it is not that of the archive
    mirror.HOST                   Setting   where archives or repositories are fetched from in their place
    transport-options.NAME.KEY    Setting   how a package is fetched: a proxy, certificates
    replaced.NAME                 Setting   the package that says to stand in its stead
    file-host.HOST                Setting   each host that archives and repositories come from, once

https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread
from fimci.packages.origins import address
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks.pypi import content_hash, entries, file_hosts
from fimci.readers.manifests import settings

ECOSYSTEM = "composer"

_LISTS = ("packages", "packages-dev")
_PLUGINS = frozenset({"composer-plugin", "composer-installer"})
_HEX = re.compile(r"[0-9a-fA-F]{40}")
#: `vendor/package`; what has one part alone is of the platform, or from a repository of long ago.
_NAME = re.compile(r"(?!\.{1,2}(?:/|$))[^/\\:\x00-\x1f]+(?:/(?!\.{1,2}$)[^/\\:\x00-\x1f]+)?")
_BRANCH = re.compile(r"dev-.*|.*[.-]dev", re.IGNORECASE | re.DOTALL)
#: `owner/repo` in the address of a repository or archive of a code host.
_REPOSITORY = re.compile(
    r"(?:(?:https?|git)://|git@|ssh://git@)(?:www\.|api\.|codeload\.)?github\.com[:/](?:repos/)?([^/]+/[^/]+?)(?:\.git)?(?:/.*)?",
    re.IGNORECASE,
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `composer.lock`."""
    return path.rpartition("/")[2] == "composer.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked package, and what else decides what is installed."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    if not isinstance(document.value, dict) or not {*_LISTS} & document.value.keys():
        yield Unread(path=path, why="not a lock of Composer")
        return
    yield from repeated(path, document)
    yield from content_hash(path, document, ("content-hash",))
    found: list[tuple[Pointer, dict[str, Any]]] = []
    for key in _LISTS:
        if document.value.get(key) is None:  # `null` where nothing was resolved
            continue
        listed, unread = entries(path, document, key)
        found += [((key, index), entry) for index, entry in listed]
        yield from unread
        yield from _no_names(path, document, key, listed)
    for pointer, entry in found:
        yield _package(path, document, pointer, entry)
        yield from _sources(path, document, pointer, entry)
    yield from _replaced(path, document, found)
    yield from _mirrors(path, document, found)
    yield from _transports(path, document, found)
    yield from file_hosts(path, document, _urls(found))


def _no_names(
    path: str, document: Marked, key: str, listed: list[tuple[int, dict[str, Any]]]
) -> Iterator[Unread]:
    """Tell a name that leads elsewhere than to a folder of a vendor: it says where files are put."""
    for index, entry in listed:
        if not _NAME.fullmatch(entry["name"]):
            line = document.line((key, index, "name"))
            why = f"{excerpt(entry['name'])} is no name of a package"
            yield Unread(path=path, part=f"{key}[{index}]", why=why, line=line)


def _package(path: str, document: Marked, pointer: Pointer, entry: dict[str, Any]) -> Package:
    version = _text(entry, "version")
    dist, source = _table(entry, "dist"), _table(entry, "source")
    kind, origin = _origin(dist, source)
    dev = pointer[0] == "packages-dev"
    key = "dist" if dist else "source"
    hashed = "shasum" if _text(dist, "shasum") else "reference"
    line = document.line(pointer)
    lines = document.lines(entry, line)
    within = document.lines(entry.get(key), lines.get(key, line))
    return Package(
        ecosystem=ECOSYSTEM,
        name=entry["name"].lower(),
        place=f"{path}#{entry['name'].lower()}",
        stated_by="lock",
        version=version or UNSTATED,
        origin_kind=kind,
        origin=origin,
        integrity=_integrity(version, dist, source),
        install_scripts=True if _text(entry, "type") in _PLUGINS else UNSTATED,
        flags=("dev",) if dev else (),
        bins=tuple(sorted(name for name in _list(entry, "bin") if isinstance(name, str))),
        dependencies=tuple(
            sorted(f"{name.lower()}@{asked}" for name, asked in _table(entry, "require").items())
        ),
        at=Place(
            path,
            lines.get("name", line),
            excerpt(f"{entry['name']} {version} {origin or ''}".rstrip()),
            (
                ("install_scripts", lines.get("type", line)),
                ("integrity", within.get(hashed, lines.get(key, line))),
                ("origin", within.get("url", lines.get(key, line))),
                ("version", lines.get("version", line)),
            ),
        ),
    )


def _origin(dist: dict[str, Any], source: dict[str, Any]) -> tuple[OriginKind, str | None]:
    """Return where a package comes from: its archive or, where it has none, its repository."""
    if _text(dist, "type") == "path" or _text(source, "type") == "path":
        return "directory", _text(dist, "url") or _text(source, "url")
    if _text(dist, "url"):
        return "registry", without_credentials(_text(dist, "url"))
    if _text(source, "url"):
        return "git", without_credentials(f"{_text(source, 'url')}#{_text(source, 'reference')}")
    return "virtual", None  # a metapackage has nothing but requirements


def _integrity(version: str, dist: dict[str, Any], source: dict[str, Any]) -> tuple[Digest, ...]:
    """Return the hash of the archive, and the commit of a release."""
    digests = set()
    if _text(dist, "type") == "path":
        return ()  # its reference covers the settings of that folder, not its content
    shasum = _text(dist, "shasum")
    if _HEX.fullmatch(shasum):
        digests.add(Digest("sha1", shasum.lower()))
    if not _BRANCH.fullmatch(version):
        for reference in (_text(dist, "reference"), _text(source, "reference")):
            if _HEX.fullmatch(reference):
                digests.add(Digest("commit", reference.lower()))
    return tuple(sorted(digests))


def _sources(path: str, document: Marked, pointer: Pointer, entry: dict[str, Any]) -> Iterator[Setting]:
    """Yield a repository that is not the one that the archive is made of."""
    dist, source = _text(_table(entry, "dist"), "url"), _text(_table(entry, "source"), "url")
    made, kept = _REPOSITORY.fullmatch(dist), _REPOSITORY.fullmatch(source)
    if made is not None and source and (kept is None or kept[1].lower() != made[1].lower()):
        shown = without_credentials(source)
        at = Place(path, document.line((*pointer, "source", "url")), excerpt(source))
        yield Setting(path=path, name=f"source-of.{entry['name'].lower()}", value=shown, at=at)


def _replaced(path: str, document: Marked, found: list[tuple[Pointer, dict[str, Any]]]) -> Iterator[Setting]:
    """Yield each name in whose stead a package stands: Composer then installs nothing under that name."""
    told = set()
    for pointer, entry in found:
        for name in _table(entry, "replace"):
            if name.lower() not in told:
                line = document.line((*pointer, "replace", name))
                at = Place(path, line, excerpt(f"{entry['name']} replaces {name}"))
                yield Setting(path=path, name=f"replaced.{name.lower()}", value=entry["name"].lower(), at=at)
            told.add(name.lower())


def _mirrors(path: str, document: Marked, found: list[tuple[Pointer, dict[str, Any]]]) -> Iterator[Setting]:
    """Yield each host, once, that Composer asks before the stated one (`preferred`) or where that fails."""
    told: dict[str, Setting] = {}
    for pointer, entry in found:
        for key in ("dist", "source"):
            for index, mirror in enumerate(_list(_table(entry, key), "mirrors")):
                url = _text(mirror, "url") if isinstance(mirror, dict) else ""
                host = address(url).host or excerpt(url)
                if url and host not in told:
                    at = Place(path, document.line((*pointer, key, "mirrors", index, "url")), excerpt(url))
                    told[host] = Setting(
                        path=path, name=f"mirror.{host}", value=without_credentials(url), at=at
                    )
    yield from told.values()


def _transports(
    path: str, document: Marked, found: list[tuple[Pointer, dict[str, Any]]]
) -> Iterator[Setting | Unread]:
    """Yield what the lock says of how a package is fetched; of a folder it says how that is linked."""
    for pointer, entry in found:
        for group, options in _table(entry, "transport-options").items():
            if isinstance(options, dict):
                where = (*pointer, "transport-options", group)
                name = f"transport-options.{entry['name'].lower()}.{group}"[:EXCERPT]
                yield from settings.flatten(path, document, where, name)


def _urls(found: list[tuple[Pointer, dict[str, Any]]]) -> Iterator[tuple[str, Pointer]]:
    for pointer, entry in found:
        for key in ("dist", "source"):
            yield _text(_table(entry, key), "url"), (*pointer, key, "url")


def _table(entry: dict[str, Any], key: str) -> dict[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], key: str) -> list[Any]:
    value = entry.get(key)
    return value if isinstance(value, list) else []


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
