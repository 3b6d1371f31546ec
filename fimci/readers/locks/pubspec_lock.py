"""`pubspec.lock` of Dart and Flutter: packages of a server with their hashes, commits, and folders.

    left:
      dependency: "direct main"
      description: {name: left, sha256: HEX, url: "https://packages.example"}
      source: hosted
      version: "1.0.0"

`git` states what was asked for (`ref`) and the commit (`resolved-ref`). Who asks for what is not stated;
which packages the project asks for itself, and which it overrides, is.

https://dart.dev/tools/pub/dependencies
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Unread, Unstated
from fimci.readers.documents import repeated, yaml_table
from fimci.readers.locks import node
from fimci.readers.manifests import settings

ECOSYSTEM = "pub"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SOURCES: dict[str, OriginKind | Unstated] = {
    "hosted": "registry",
    "git": "git",
    "path": "directory",
    "sdk": UNSTATED,
}

_FLAGS = {"direct overridden": ("overridden",), "transitive": ("transitive",)}
#: Where facts stand: in the entry itself, or in its description.
_PARTS = (
    ("version", "version", 0),
    ("integrity", "sha256", 1),
    ("origin", "url", 1),
    ("revision", "resolved-ref", 1),
)


class _Origin(NamedTuple):
    kind: OriginKind | Unstated
    url: str | None


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `pubspec.lock`."""
    return path.rpartition("/")[2] == "pubspec.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per entry; what is doubtful is unread."""
    document = yaml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    for key, entry in document.table("packages").items():
        line = document.line(("packages", key))
        if not isinstance(entry, dict) or node.text(entry, "source") not in _SOURCES:
            yield Unread(path=path, part=key[:200], why="an entry of no known source", line=line)
            continue
        yield _package(path, document, key, entry)


def _package(path: str, document: Marked, key: str, entry: dict[str, Any]) -> Package:
    described = entry.get("description")
    facts = described if isinstance(described, dict) else {}
    name, version = node.text(facts, "name") or key, node.text(entry, "version")
    digest = node.text(facts, "sha256")
    origin = _origin(node.text(entry, "source"), facts)
    where = document.lines(entry), document.lines(facts)
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{key}",
        stated_by="lock",
        # What comes with Flutter has the version of nothing.
        version=UNSTATED if origin.kind is UNSTATED else version or None,
        origin_kind=origin.kind,
        origin=origin.url,
        integrity=(Digest("sha256", digest),) if _SHA256.fullmatch(digest) else (),
        alias=key if key != name else None,
        flags=_FLAGS.get(node.text(entry, "dependency"), ()),
        at=Place(
            path,
            document.line(("packages", key)),
            excerpt(f"{name} {version} {origin.url or ''}".rstrip()),
            tuple(sorted((part, where[at][k]) for part, k, at in _PARTS if k in where[at])),
        ),
    )


def _origin(source: str, facts: dict[str, Any]) -> _Origin:
    """Return where an entry comes from; of a repository with what was asked for, and the commit."""
    kind = _SOURCES[source]
    if source == "sdk":
        return _Origin(kind, None)
    if source == "path":
        return _Origin(kind, node.text(facts, "path") or None)
    url = node.text(facts, "url")
    if source == "git":
        asked, commit = node.text(facts, "ref"), node.text(facts, "resolved-ref")
        url += (("&" if "?" in url else "?") + f"ref={asked}") if asked else ""
        url += f"#{commit}" if commit else ""
    return _Origin(kind, without_credentials(url) or None)
