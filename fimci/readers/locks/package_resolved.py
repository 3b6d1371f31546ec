"""`Package.resolved` of Swift, versions 1 to 3: the repositories of packages, and their commits.

    {"pins": [{"identity": "left", "kind": "remoteSourceControl", "location": "https://git.example/acme/left",
               "state": {"revision": COMMIT, "version": "1.0.0"}}], "version": 3}

The version is the tag that was found for a range; a branch has none. Version 1 names packages as their own
manifests do, later ones by the last part of their address. Packages of a registry have neither address nor
commit: their hashes are kept elsewhere.

https://docs.swift.org/swiftpm/documentation/packagemanagerdocs
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, OriginKind, Package, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node
from fimci.readers.manifests import settings

ECOSYSTEM = "swift"
_OLD, _VERSIONS = 1, (1, 2, 3)
_KINDS: dict[str, OriginKind] = {
    "remoteSourceControl": "git",
    "localSourceControl": "directory",
    "registry": "registry",
}
#: How a rule calls what was asked for, and how the lock does.
_ASKED = (("tag", "version"), ("branch", "branch"))


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `Package.resolved`, that of a package and that of an Xcode project."""
    return path.rpartition("/")[2] == "Package.resolved"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per pin; what is doubtful is unread."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    version = document.table().get("version")
    if version not in _VERSIONS or isinstance(version, bool):
        why = f"lock version {str(version)[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(("version",)))
        return
    yield from settings.bounded(path, _facts(path, document, old=version == _OLD))


def _facts(path: str, document: Marked, *, old: bool) -> Iterator[Record]:
    pointer: Pointer = ("object", "pins") if old else ("pins",)
    taken: set[str] = set()
    for index, pin in enumerate(document.items(*pointer)):
        where = (*pointer, index)
        package = _package(path, document, where, pin) if isinstance(pin, dict) else None
        if package is None:
            part = f"pins[{index}]"
            yield Unread(path=path, part=part, why="a pin of no known kind", line=document.line(where))
        elif package.place in taken:
            why = "pinned twice"
            yield Unread(path=path, part=f"pins[{index}]", why=why, line=package.at.line)
        else:
            taken.add(package.place)
            yield package


def _package(path: str, document: Marked, where: Pointer, pin: dict[str, Any]) -> Package | None:
    """Return what a pin says; a name, a kind and a state are the least of it."""
    old = "repositoryURL" in pin
    name, url = (
        (_identity(node.text(pin, "repositoryURL")), "repositoryURL")
        if old
        else (node.text(pin, "identity").lower(), "location")
    )
    kind = "remoteSourceControl" if old else node.text(pin, "kind")
    if not name or kind not in _KINDS:
        return None
    state = node.table(pin, "state")
    version = node.text(state, "version")
    origin = _origin(kind, node.text(pin, url), state) if kind != "registry" else None
    lines = {"origin": (*where, url), "version": (*where, "state", "version")}
    lines["revision"] = (*where, "state", "revision")
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{name}",
        stated_by="lock",
        version=version or UNSTATED,
        origin_kind=_KINDS[kind],
        origin=origin,
        at=Place(
            path,
            document.line((*where, "identity" if not old else "package")),
            excerpt(f"{name} {version or node.text(state, 'branch')} {origin or ''}".rstrip()),
            tuple(sorted((part, document.line(pointer)) for part, pointer in lines.items())),
        ),
    )


def _origin(kind: str, url: str, state: Any) -> str:
    """Return the address with what was asked for, and the commit."""
    if kind != "remoteSourceControl":
        return url
    asked = next((f"{key}={state[word]}" for key, word in _ASKED if node.text(state, word)), "")
    commit = node.text(state, "revision")
    url += (("&" if "?" in url else "?") + asked) if asked else ""
    return without_credentials(f"{url}#{commit}" if commit else url)


def _identity(url: str) -> str:
    """Return what later versions call a package: the last part of its address, in lower case."""
    return url.rstrip("/").rpartition("/")[2].removesuffix(".git").lower()
