"""`Podfile.lock` of CocoaPods: pods with the hashes of their descriptions, and where they come from.

    PODS                  `Name (1.0.0)`, `Name/Part (1.0.0)` and what each asks for
    DEPENDENCIES          the lock's copy of the `Podfile`
    SPEC REPOS            the repository of descriptions of each pod: `trunk`, or a URL
    EXTERNAL SOURCES      pods of git, of a folder, of an archive, or with a description of their own
    CHECKOUT OPTIONS      the commit that was taken; where a tag was asked for, the tag again
    SPEC CHECKSUMS        the SHA-1 of each description, which says what is fetched and what runs
    PODFILE CHECKSUM      that of the `Podfile`

Parts of a pod are one package. `trunk`, which everybody may publish to, is `pods://trunk` here.

https://guides.cocoapods.org/using/using-cocoapods.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Unread
from fimci.readers.documents import repeated, yaml_table
from fimci.readers.locks import node
from fimci.readers.manifests import settings

ECOSYSTEM = "cocoapods"
_POD = re.compile(r"(?P<name>[^\s()/]+)(?P<part>/\S+)?(?: \((?P<version>[^()]*)\))?")
_ASKED = re.compile(r"(?P<name>[^\s()/]+)(?:/\S+)?(?: \((?P<how>.*)\))?")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_REVISIONS = (":commit", ":tag", ":branch")


class _Source(NamedTuple):
    kind: OriginKind
    origin: str | None
    line: int


class _Pod(NamedTuple):
    """A pod with all its parts."""

    name: str
    version: str
    line: int
    asks: set[str]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `Podfile.lock`."""
    return path.rpartition("/")[2] == "Podfile.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per pod, the copy of what is asked for, and what is doubtful."""
    document = yaml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    pods: dict[str, _Pod] = {}
    for index, entry in enumerate(document.items("PODS")):
        line = document.line(("PODS", index))
        text, asks = _entry(entry)
        found = _POD.fullmatch(text)
        if found is None or not found["version"]:
            yield Unread(path=path, part=f"PODS[{index}]", why="no pod with a version", line=line)
            continue
        pod = pods.setdefault(found["name"], _Pod(found["name"], found["version"], line, set()))
        if pod.version != found["version"]:
            why = f"parts of {pod.name[:80]} are of several versions"
            yield Unread(path=path, part=f"PODS[{index}]", why=why, line=line)
        pod.asks.update(one for ask in asks if (one := _requirement(ask)) and _name(one) != pod.name)
    sources = _sources(document)
    for pod in pods.values():
        yield _package(path, document, pod, sources.get(pod.name, _Source("registry", None, 0)))
    yield from _copies(path, document)
    checksum = node.text(document.table(), "PODFILE CHECKSUM")
    if checksum:
        line = document.line(("PODFILE CHECKSUM",))
        yield settings.setting(path, "podfile-checksum", checksum, line)


def _entry(entry: Any) -> tuple[str, list[str]]:
    """Return a pod and what it asks for: a text, or a table of one text and a list."""
    if isinstance(entry, str):
        return entry, []
    if isinstance(entry, dict) and len(entry) == 1:
        ((text, asks),) = entry.items()
        return str(text), [one for one in asks if isinstance(one, str)] if isinstance(asks, list) else []
    return "", []


def _requirement(text: str) -> str:
    """Return `name@range` of `Name/Part (~> 1.0)`."""
    found = _ASKED.fullmatch(text)
    if found is None:
        return ""
    how = found["how"] or ""
    return f"{found['name']}@{how}" if how and not how.startswith("from ") else found["name"]


def _name(requirement: str) -> str:
    return requirement.partition("@")[0]


def _sources(document: Marked) -> dict[str, _Source]:
    """Return where pods come from, by name."""
    found: dict[str, _Source] = {}
    for repository, names in document.table("SPEC REPOS").items():
        origin = repository if "://" in repository or ":" in repository else f"pods://{repository}"
        for index, name in enumerate(names if isinstance(names, list) else ()):
            line = document.line(("SPEC REPOS", repository, index))
            found[str(name)] = _Source("registry", without_credentials(origin), line)
    taken = document.table("CHECKOUT OPTIONS")
    for name, given in document.table("EXTERNAL SOURCES").items():
        if isinstance(given, dict):
            checked = taken.get(name)
            line = document.line(("EXTERNAL SOURCES", name))
            found[name] = _external(given, checked if isinstance(checked, dict) else {}, line)
    return found


def _external(given: dict[str, Any], taken: dict[str, Any], line: int) -> _Source:
    url = node.text(taken, ":git") or node.text(given, ":git")
    if url:
        asked = next((f"{key[1:]}={given[key]}" for key in _REVISIONS[1:] if node.text(given, key)), "")
        revision = next((taken[key] for key in _REVISIONS if node.text(taken, key)), "")
        url += (("&" if "?" in url else "?") + asked) if asked else ""
        return _Source("git", without_credentials(f"{url}#{revision}" if revision else url), line)
    folder = node.text(given, ":path")
    if folder:
        return _Source("directory", folder, line)
    described = node.text(given, ":http") or node.text(given, ":podspec")
    kind: OriginKind = "tarball" if "://" in described else "directory"
    return _Source(kind, without_credentials(described) or None, line)


def _package(path: str, document: Marked, pod: _Pod, source: _Source) -> Package:
    digest = node.text(document.table("SPEC CHECKSUMS"), pod.name)
    parts = [("version", pod.line)]
    if digest:
        parts.append(("integrity", document.line(("SPEC CHECKSUMS", pod.name))))
    if source.line:
        parts.append(("origin", source.line))
    stating = bool(document.table("SPEC CHECKSUMS"))
    return Package(
        ecosystem=ECOSYSTEM,
        name=pod.name,
        place=f"{path}#{pod.name}",
        stated_by="lock",
        version=pod.version,
        origin_kind=source.kind,
        origin=source.origin,
        integrity=((Digest("sha1", digest),) if _SHA1.fullmatch(digest) else ()) if stating else UNSTATED,
        dependencies=tuple(sorted(pod.asks)),
        at=Place(
            path,
            pod.line,
            excerpt(f"{pod.name} ({pod.version}) {source.origin or ''}".rstrip()),
            tuple(sorted(parts)),
        ),
    )


def _copies(path: str, document: Marked) -> Iterator[Package | Unread]:
    """Yield what the `Podfile` asks for, as the lock says."""
    taken: set[str] = set()
    for index, text in enumerate(document.items("DEPENDENCIES")):
        line = document.line(("DEPENDENCIES", index))
        found = _ASKED.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            yield Unread(path=path, part=f"DEPENDENCIES[{index}]", why="no requirement", line=line)
        elif found["name"] not in taken:
            taken.add(found["name"])
            how = found["how"] or ""
            yield Package(
                ecosystem=ECOSYSTEM,
                name=found["name"],
                place=f"{path}#requires/pods/{found['name']}",
                stated_by="manifest",
                version="" if how.startswith("from ") else how,
                at=Place(path, line, str(text)[:EXCERPT]),
            )
