"""bun's lockfile in text, `bun.lock`, of versions 0 (bun 1.1), 1 (1.2, 1.3) and 2 (1.4).

JSON with trailing commas. `packages` maps a place to a list, whose first item says what else is in it:

    ["left@1.0.1", "URL, or nothing for the configured registry", {…}, "sha512-…"]
    ["left@https://…/left.tgz", {…}, "sha512-…"]      ["left@vendor/left.tgz", {…}, "sha512-…"]
    ["left@git+ssh://…#commit", {…}, "commit"]        ["left@github:o/left#1a2b3c4", {…}, "o-left-1a2b3c4"]
    ["left@file:folder", {…}]     ["left@link:folder", {…}]     ["left@workspace:folder"]

Versions 0 and 1 flag no install scripts and, until bun 1.3, give archives no hash. Settings are
`lockfileVersion` and, under `locked.`, the lock's copies of what the manifest says of overrides,
catalogs, patches and trust; bun holds them against it and goes by the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, Marked
from fimci.model import Package, Record, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import bun_entries, bun_usual, node
from fimci.readers.manifests import settings

_KNOWN = (0, 1, 2)
_COPIED = ("catalog", "catalogs", "overrides", "patchedDependencies", "trustedDependencies")
_TABLES = ("catalog", "catalogs", "overrides", "packages", "patchedDependencies", "workspaces")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want every `bun.lock` but those that a package brought along."""
    return path.rpartition("/")[2] == "bun.lock" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per entry, the lock's copies of the manifests, and what is doubtful."""
    try:
        usual = bun_usual.part(data)
        document = commented.load(data) if usual is None else usual.rest
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    version = document.table().get("lockfileVersion")
    if isinstance(version, bool) or version not in _KNOWN:
        why = "not of a lockfileVersion that is known (0 to 2)"
        yield Unread(path=path, why=why, line=document.line(("lockfileVersion",)))
        return
    yield settings.setting(
        path, "lockfileVersion", settings.plain(version), document.line(("lockfileVersion",))
    )
    yield from _odd(path, document)
    if usual is not None:
        yield from bun_usual.read(path, usual)
    yield from bun_entries.read(path, document, int(version))
    for folder, manifest in document.table("workspaces").items():
        if isinstance(manifest, dict):
            yield from _requirements(path, document, folder, manifest)
    for key in _COPIED:
        if document.table().get(key):
            yield from settings.flatten(path, document, (key,), f"locked.{key}")


def _odd(path: str, document: Marked) -> Iterator[Unread]:
    """Tell what bun would not read, so that it would resolve everything anew."""
    for part in _TABLES:
        table = document.table().get(part, None if part == "workspaces" else {})
        if not isinstance(table, dict):
            yield Unread(path=path, why="not a table", part=part, line=document.line((part,)))
    for folder, manifest in document.table("workspaces").items():
        if not isinstance(manifest, dict):
            where = ("workspaces", folder)
            yield Unread(
                path=path, why="not a table", part=f"workspaces.{folder}"[:EXCERPT], line=document.line(where)
            )


def _requirements(path: str, document: Marked, folder: str, manifest: dict[str, Any]) -> Iterator[Package]:
    """Yield the lock's copy of one manifest: of the root, or of the workspace in a folder."""
    prefix = f"{path}#{folder}#requires" if folder else f"{path}#requires"
    yield from node.copied(path, prefix, document, manifest, ("workspaces", folder))
