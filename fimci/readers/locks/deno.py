"""deno's lockfile, `deno.lock`, of versions 1 to 5.

    1    a table of URLs, each with its hash       4    deno 2.0 to 2.2: every table at the top
    2    `remote`, and `npm` with two tables       5    deno 2.3 on: `scripts`, `tarball`, optional edges
    3    `remote`, and `packages` with the rest

A key of `npm` names the versions of peers behind an underscore (`left@1.0.1_right@2.0.0`): what these
contexts make different is one package here. An alias leaves no trace. `remote` are modules by URL:
their name is that without scheme and version, so that an update of one is an update. Settings are
`lockfileVersion`, `redirects`, those to another host once more under `led-away.`, and under `locked.` the
lock's copies of overrides and links.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Package, Place, Record, Setting, Unread
from fimci.packages.origins import address
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import deno_entries, node
from fimci.readers.manifests import settings

_KNOWN = frozenset({"1", "2", "3", "4", "5"})
_TABLES = ("npm", "jsr", "specifiers", "remote", "redirects", "workspace")
#: Where tables stand that are not at the top. In version 1 the whole document is one.
_ELSEWHERE: dict[str, dict[str, Pointer]] = {
    "1": {"remote": ()},
    "2": {"npm": ("npm", "packages"), "specifiers": ("npm", "specifiers")},
    "3": {name: ("packages", name) for name in ("npm", "jsr", "specifiers")},
}
#: The lock's copies: name of the setting, and where.
_COPIED: tuple[tuple[str, Pointer], ...] = (
    ("redirects", ("redirects",)),
    ("locked.overrides", ("workspace", "packageJson", "overrides")),
    ("locked.links", ("workspace", "links")),
    ("locked.links", ("workspace", "patches")),
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want every `deno.lock` but those that a package brought along."""
    return path.rpartition("/")[2] == "deno.lock" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per release and module, the lock's copies of the manifests, and what is doubtful."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    version = _version(document)
    if version not in _KNOWN:
        why = "not of a version that is known (1 to 5)"
        yield Unread(path=path, why=why, line=document.line(("version",)))
        return
    yield settings.setting(path, "lockfileVersion", version, document.line(("version",)))
    where = {name: _ELSEWHERE.get(version, {}).get(name, (name,)) for name in _TABLES}
    yield from _odd(path, document, where)
    yield from deno_entries.npm(path, document, where["npm"])
    yield from deno_entries.jsr(path, document, where["jsr"])
    yield from deno_entries.remote(path, document, where["remote"])
    yield from _specifiers(path, document, where["specifiers"])
    yield from _requirements(path, document, "", ("workspace",))
    for folder in document.table("workspace", "members"):
        yield from _requirements(path, document, f"{folder}#", ("workspace", "members", folder))
    yield from _led_away(path, document)
    for name, pointer in _COPIED:
        if document.table(*pointer):
            yield from settings.flatten(path, document, pointer, name)


def _led_away(path: str, document: Marked) -> Iterator[Setting]:
    """Yield each module that the lock says to get from another host: deno follows that without asking."""
    lines = document.lines(document.table("redirects"), document.line(("redirects",)))
    for url, target in document.table("redirects").items():
        there = address(target).host
        if there and address(url).host != there:
            name = f"led-away.{without_credentials(url)}"[:EXCERPT]
            yield settings.setting(path, name, without_credentials(target), lines.get(url, 1))


def _version(document: Marked) -> str:
    """Return the version; the oldest locks state none, and are nothing but URLs and hashes."""
    table = document.value
    if not isinstance(table, dict):
        return ""
    if "version" not in table:
        return "1" if table and all(deno_entries.is_module(*entry) for entry in table.items()) else ""
    return node.text(table, "version")


def _odd(path: str, document: Marked, where: dict[str, Pointer]) -> Iterator[Unread]:
    """Tell what deno would refuse."""
    for name, pointer in where.items():
        if not pointer:
            continue
        holder = document.table(*pointer[:-1])
        if pointer[-1] in holder and not isinstance(holder[str(pointer[-1])], dict):
            yield Unread(path=path, why="not a table", part=name, line=document.line(pointer))


def _specifiers(path: str, document: Marked, where: Pointer) -> Iterator[Package]:
    """Yield what each requirement was resolved to: as the one dependency of the requirement."""
    lines = document.lines(document.table(*where), document.line(where))
    for stated, resolved in document.table(*where).items():
        ecosystem, name, wanted = deno_entries.requirement(stated)
        _, _, release = resolved.rpartition(":") if isinstance(resolved, str) else ("", "", "")
        version = deno_entries.version(release)
        yield Package(
            ecosystem=ecosystem,
            name=name,
            place=f"{path}#requires/specifiers/{stated}",
            stated_by="manifest",
            version=wanted,
            dependencies=(f"{name}@{version}",) if version else (),
            at=Place(path, lines.get(stated, 1), f"{stated}: {version}"[:EXCERPT]),
        )


def _requirements(path: str, document: Marked, prefix: str, pointer: Pointer) -> Iterator[Package]:
    """Yield the lock's copy of the manifests in one folder: `deno.json`, and `package.json`."""
    for section, below in (("imports", ()), ("packageJson", ("packageJson",))):
        where = (*pointer, *below, "dependencies")
        stated = document.items(*where)
        lines = document.lines(stated, document.line(where))
        for index, text in enumerate(stated):
            if not isinstance(text, str):
                continue
            ecosystem, name, wanted = deno_entries.requirement(text)
            yield Package(
                ecosystem=ecosystem,
                name=name,
                place=f"{path}#{prefix}requires/{section}/{text}",
                stated_by="manifest",
                version=without_credentials(wanted),
                at=Place(path, lines.get(index, 1), text[:EXCERPT]),
            )
