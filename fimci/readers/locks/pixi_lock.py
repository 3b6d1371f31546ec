"""`pixi.lock`, versions 4 to 7: archives of conda and of Python, for all platforms and environments.

    - conda: https://conda.example/channel/linux-64/left-1.0.0-h1_0.conda       (since 6)
      sha256: …
      md5: …
      depends: [right >=1.0]
    - pypi: https://files.index.example/right-1.0-py3-none-any.whl             a URL, a repository or a folder
      name: right
      version: "1.0"
    - conda_source: left[0badc0de] @ git+https://git.example/left?tag=v1#COMMIT (since 7)
    - kind: conda, name: left, version: 1.0.0, url: https://…                   (before)

https://pixi.sh/latest/workspace/lockfile/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Setting, Unread
from fimci.names import canonical
from fimci.packages.origins import address as host_of
from fimci.readers.documents import repeated, yaml_table
from fimci.readers.locks import conda_urls, node
from fimci.readers.locks.misnamed import Files, misnamed
from fimci.readers.locks.pypi import builds, is_archive, placed, requirement_edges, unknown_version
from fimci.readers.manifests import settings

_VERSIONS = ("4", "5", "6", "7")
_HASHES = {"sha256": 64, "md5": 32}
_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+", "git@", "ssh://")
_SOURCE = "conda_source"


class _Entry(NamedTuple):
    """An entry of the list: what manages it, its address, and where it stands."""

    manager: str
    address: str
    facts: dict[str, Any]
    where: Pointer


class _Found(NamedTuple):
    """What an entry says of a package."""

    name: str
    version: str
    place: str
    kind: OriginKind
    asks: tuple[str, ...]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `pixi.lock`."""
    return path.rpartition("/")[2] == "pixi.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per entry, the channels and indexes, and what is doubtful."""
    document = yaml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from unknown_version(path, document, ("version",), _VERSIONS)
    unread: list[Unread] = []
    yield from settings.bounded(path, placed(_packages(path, document, unread)))
    yield from unread
    yield from misnamed(path, document, _files(document))
    yield from _places(path, document)


def _packages(path: str, document: Marked, unread: list[Unread]) -> Iterator[Package]:
    """Yield the entries; the files of one release of Python, of which each has one, together."""
    releases: dict[tuple[str, ...], list[Package]] = {}
    for index, facts in enumerate(document.items("packages")):
        where = ("packages", index)
        entry = _entry(facts, where) if isinstance(facts, dict) else None
        package = _package(path, document, entry) if entry is not None else None
        if package is None:
            if len(unread) < settings.COUNT_LIMIT:
                why, line = "an entry of no known kind", document.line(where)
                unread.append(Unread(path=path, part=f"packages[{index}]", why=why, line=line))
        elif package.ecosystem == "pypi" and package.origin_kind == "registry":
            key = package.name, str(package.version), host_of(package.origin).host
            releases.setdefault(key, []).append(package)
        else:
            yield package
    yield from map(_joined, releases.values())


def _files(document: Marked) -> Iterator[Files]:
    """Yield the entries of Python that say what they are called, with the address of each."""
    for index, facts in enumerate(document.items("packages")):
        where = ("packages", index)
        entry = _entry(facts, where) if isinstance(facts, dict) else None
        if entry is not None and entry.manager == "pypi" and node.text(facts, "name"):
            yield facts, ((entry.address, where),)


def _joined(files: list[Package]) -> Package:
    """Return a release with all its files, at the place of the first."""
    first = files[0]
    hashes = {digest: one for one in files for digest in _hashes(one)}
    parts = {*first.at.parts, *((digest.label, one.at.part("integrity")) for digest, one in hashes.items())}
    wheels = any(one.install_scripts is not True for one in files)
    return msgspec.structs.replace(
        first,
        integrity=tuple(sorted(hashes)),
        install_scripts=UNSTATED if wheels else True,
        at=msgspec.structs.replace(first.at, parts=tuple(sorted(parts))),
    )


def _hashes(package: Package) -> tuple[Digest, ...]:
    return package.integrity if isinstance(package.integrity, tuple) else ()


def _entry(facts: dict[str, Any], where: Pointer) -> _Entry | None:
    for manager in ("conda", "pypi", _SOURCE):
        if node.text(facts, manager):
            return _Entry(manager, node.text(facts, manager), facts, where)
    address = node.text(facts, "url") or node.text(facts, "path")
    kind = node.text(facts, "kind")
    return _Entry(kind, address, facts, where) if kind in {"conda", "pypi"} and address else None


def _package(path: str, document: Marked, entry: _Entry) -> Package | None:
    if entry.manager == _SOURCE:
        return _built(path, document, entry)
    facts, origin = entry.facts, without_credentials(entry.address)
    found = _of_conda(entry) if entry.manager == "conda" else _of_python(entry)
    if not found.name:
        return None
    hashes = [(key, node.text(facts, key)) for key in _HASHES]
    return Package(
        ecosystem=entry.manager,
        name=found.name,
        place=f"{path}#{found.place}/{found.name}",
        stated_by="lock",
        version=found.version or UNSTATED,
        origin_kind=found.kind,
        origin=origin,
        integrity=tuple(sorted(Digest(k, text.lower()) for k, text in hashes if len(text) == _HASHES[k])),
        install_scripts=builds(found.kind, [entry.address]) if entry.manager == "pypi" else UNSTATED,
        dependencies=found.asks,
        at=_at(path, document, entry, f"{found.name} {found.version} {origin}"),
    )


def _of_conda(entry: _Entry) -> _Found:
    """Take all from the URL, which spells it; what is built here has a name of its own, and no URL."""
    listed = entry.facts.get("depends")
    depends = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    edges = tuple(sorted({_edge(one) for one in depends}))
    archive = conda_urls.archive(entry.address)
    if archive is not None:
        kind: OriginKind = "registry" if "://" in entry.address else "file"
        return _Found(archive.name, archive.release, f"conda/{archive.subdir}", kind, edges)
    place = f"conda/{node.text(entry.facts, 'subdir')}"
    name, version = node.text(entry.facts, "name"), node.text(entry.facts, "version")
    return _Found(name, version, place, _of_sources(entry.address), edges)


def _of_sources(address: str) -> OriginKind:
    if address.startswith(_REPOSITORIES):
        return "git"
    return "tarball" if "://" in address else "directory"


def _of_python(entry: _Entry) -> _Found:
    address, listed = entry.address, entry.facts.get("requires_dist")
    kind: OriginKind = "registry"
    if address.startswith(_REPOSITORIES):
        kind = "git"
    elif "://" not in address:
        kind = "file" if is_archive(address) else "directory"
    return _Found(
        canonical(node.text(entry.facts, "name")),
        node.text(entry.facts, "version"),
        "pypi",
        kind,
        requirement_edges(listed) if isinstance(listed, list) else (),
    )


def _built(path: str, document: Marked, entry: _Entry) -> Package | None:
    """Return what is built from sources: `name[hash] @ address`."""
    named, _, address = entry.address.partition(" @ ")
    name = named.partition("[")[0].strip()
    if not name or not address:
        return None
    origin = without_credentials(address)
    return Package(
        ecosystem="conda",
        name=name,
        place=f"{path}#source/{name}",
        stated_by="lock",
        version=node.text(entry.facts, "version") or UNSTATED,
        origin_kind=_of_sources(address),
        origin=origin,
        at=_at(path, document, entry, f"{name} {origin}"),
    )


def _at(path: str, document: Marked, entry: _Entry, text: str) -> Place:
    lines = document.lines(entry.facts)
    key = entry.manager if entry.manager in entry.facts else "url"
    parts = (("integrity", "sha256"), ("origin", key), ("version", "version"), ("dependencies", "depends"))
    found = tuple(sorted((part, lines[name]) for part, name in parts if name in lines))
    return Place(path, document.line(entry.where), excerpt(text.strip()), found)


def _edge(text: str) -> str:
    """Return `name@range` of `name >=1.0 build`."""
    name, _, asked = text.strip().partition(" ")
    return f"{name}@{asked.strip()}" if asked.strip() else name


def _places(path: str, document: Marked) -> Iterator[Setting]:
    """Yield the channels and indexes of all environments, each once, in their order."""
    channels: dict[str, int] = {}
    indexes: dict[str, int] = {}
    for name in document.table("environments"):
        for key, found in (("channels", channels), ("indexes", indexes)):
            pointer = ("environments", name, key)
            for index, one in enumerate(document.items(*pointer)):
                url = one.get("url") if isinstance(one, dict) else one
                if isinstance(url, str):
                    found.setdefault(without_credentials(url), document.line((*pointer, index)))
    for number, (url, line) in enumerate(channels.items()):
        yield settings.setting(path, f"channels[{number}]", url, line)
    for url, line in indexes.items():
        yield settings.setting(path, f"sources.{url}", "true", line)
