"""`.github/workflows/actions.lock`, preview version v0.0.2: the commit of each action and what it uses.

    dependencies.OWNER/REPO@REF      Package   `githubactions`: the ref, and the commit as its hash
    repository.OWNER/REPO            Setting   the ids of owner and repository: who the name belongs to
    workflow.FILE                    Setting   what a workflow uses, as the lock has it

https://github.com/github/gh-actions-lock
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Digest, Package, Place, Record, Setting, Unread
from fimci.readers.documents import repeated, unparsed

_VERSIONS = frozenset({"v0.0.2"})
_PATH = re.compile(r"\.github/workflows/actions\.lock")
_COMMIT = re.compile(r"sha(?:1-([0-9a-fA-F]{40})|256-([0-9a-fA-F]{64}))")
_PARTS = {"version": "ref", "integrity": "commit", "revision": "commit", "dependencies": "uses"}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the path says it all)
    """Want the one lock of a repository's workflows."""
    return _PATH.fullmatch(path) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked action, and the ids of each repository."""
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    if not isinstance(document.value, dict):
        yield Unread(path=path, why="not a lock of actions")
        return
    yield from repeated(path, document)
    if str(document.value.get("version")) not in _VERSIONS:
        why = f"lock version {str(document.value.get('version'))[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(("version",)))
    for file, uses in document.table("workflows").items():
        told = " ".join(sorted(map(str, uses))) if isinstance(uses, list) else ""
        at = Place(path, document.line(("workflows", file)), f"{file}: {told}"[:EXCERPT])
        yield Setting(path=path, name=f"workflow.{file}", value=told, at=at)
    owners: dict[str, str] = {}
    for key, entry in document.table("dependencies").items():
        pointer = ("dependencies", key)
        if not isinstance(entry, dict) or "@" not in key:
            line = document.line(pointer)
            yield Unread(path=path, part=key[:EXCERPT], why="no action at a ref", line=line)
            continue
        yield _package(path, document, pointer, entry)
        yield from _owner(path, document, pointer, entry, owners)


def _package(path: str, document: Marked, pointer: Pointer, entry: dict[str, Any]) -> Package:
    name, _, asked = str(pointer[-1]).partition("@")
    stated = _COMMIT.fullmatch(str(entry.get("commit", "")))
    commit = (stated[1] or stated[2]).lower() if stated is not None else ""
    uses = entry.get("uses")
    parts = [(fact, document.line((*pointer, field))) for fact, field in _PARTS.items() if field in entry]
    return Package(
        ecosystem="githubactions",
        name=name,
        place=f"{path}#{name}@{asked}",
        stated_by="lock",
        version=asked,
        origin_kind="git",
        origin=f"https://github.com/{name}#{commit}" if commit else f"https://github.com/{name}",
        integrity=(Digest("commit", commit),) if commit else (),
        dependencies=tuple(sorted(str(use) for use in uses)) if isinstance(uses, list) else (),
        at=Place(
            path, document.line(pointer), f"{name}@{asked} {commit}".rstrip()[:EXCERPT], tuple(sorted(parts))
        ),
    )


def _owner(
    path: str, document: Marked, pointer: Pointer, entry: dict[str, Any], owners: dict[str, str]
) -> Iterator[Setting | Unread]:
    """Yield the ids of a repository once, however many of its refs are locked."""
    name = str(pointer[-1]).partition("@")[0]
    ids = f"{entry.get('owner_id', '?')}/{entry.get('repo_id', '?')}"
    line = document.line((*pointer, "repo_id"))
    if name not in owners:
        at = Place(path, line, f"{name} is repository {ids}"[:EXCERPT])
        yield Setting(path=path, name=f"repository.{name}", value=ids, at=at)
    elif owners[name] != ids:
        yield Unread(path=path, part=name[:EXCERPT], why="two repositories under one name", line=line)
    owners.setdefault(name, ids)
