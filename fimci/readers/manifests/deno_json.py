"""`deno.json` and `deno.jsonc`: imports, and the switches that decide what deno installs and trusts.

An import is a requirement: `npm:left@^1`, `jsr:@std/fs@^1`, or the URL of a module. What leads to a file
of the project is none. An import map of its own (`import_map.json`) says the same in the same words.
Of tasks the whole text is kept: that of `deno install --no-lock` decides what is installed as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import OriginKind, Package, Record, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated
from fimci.readers.manifests import settings

_NAMES = frozenset({"deno.json", "deno.jsonc", "import_map.json", "import-map.json"})
_SETTINGS = (
    "importMap",
    "links",
    "lock",
    "minimumDependencyAge",
    "nodeModulesDir",
    "permissions",
    "tasks",
    "unstable",
    "vendor",
    "workspace",
)
#: What `links` was called before, which deno takes where there are none.
_PATCH = "patch"
_READ = frozenset((*_SETTINGS, _PATCH, "allowScripts", "imports", "scopes"))
_SPEC = re.compile(
    r"(?P<ecosystem>npm|jsr):/*(?P<name>(?:@[^/@\s]+/)?[^/@\s]+)(?:@(?P<wanted>[^/\s]*))?(?:/.*)?"
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether deno reads this file for its configuration."""
    return path.rpartition("/")[2] in _NAMES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield imports and settings."""
    document = commented.table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document, _READ)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    yield from _imports(path, document, ("imports",), "imports")
    for scope in document.table("scopes"):
        yield from _imports(path, document, ("scopes", scope), f"scopes/{scope}")
    for key in _SETTINGS:
        if document.table().get(key) not in (None, [], {}):
            yield from settings.flatten(path, document, (key,), key)
    if not document.table().get("links") and document.table().get(_PATCH):
        yield from settings.flatten(path, document, (_PATCH,), "links")
    yield from _scripts(path, document)


def _imports(path: str, document: Marked, pointer: Pointer, section: str) -> Iterator[Package | Unread]:
    for key, target in document.table(*pointer).items():
        line = document.line((*pointer, key))
        if not isinstance(target, str):
            part = f"{section}.{key}"
            yield Unread(path=path, why="an import that is no text", part=part[:200], line=line)
            continue
        found = _SPEC.fullmatch(target)
        remote = target.startswith(("https://", "http://"))
        if found is None and not remote:
            continue
        stated = without_credentials(target)
        kind: OriginKind = "remote" if remote else "registry"
        name = found["name"] if found is not None else stated
        yield Package(
            ecosystem=found["ecosystem"] if found is not None else "generic",
            name=name,
            alias=key.rstrip("/") if key.rstrip("/") != name else None,
            place=f"{path}#{section}/{key}",
            stated_by="manifest",
            version=found["wanted"] or "" if found is not None else None,
            origin_kind=kind,
            origin=stated if remote else None,
            at=settings.place(path, line, f'"{key}": "{stated}"'),
        )


def _scripts(path: str, document: Marked) -> Iterator[Record]:
    """Yield whose install scripts run: a list is of those that may, a table has others beside them."""
    stated = document.table().get("allowScripts")
    pointer: Pointer = ("allowScripts",)
    if isinstance(stated, dict):
        for name, key in (("allowScripts", "allow"), ("denyScripts", "deny")):
            if stated.get(key) not in (None, [], {}):
                yield from settings.flatten(path, document, (*pointer, key), name)
    elif stated not in (None, []):
        yield from settings.flatten(path, document, pointer, "allowScripts")
