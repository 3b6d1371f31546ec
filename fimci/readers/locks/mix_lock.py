"""`mix.lock` of Elixir: packages of Hex with their hashes, and commits of repositories.

    "left": {:hex, :left, "1.0.0", INNER, [:mix], [REQUIREMENTS], "hexpm", OUTER}
    "right": {:git, "https://git.example/acme/right.git", COMMIT, [tag: "v1.0.0"]}

Of a package two hashes are stated: of the archive (`sha256`), and of what is in it (`sha256-inner`), which
older releases of Hex wrote alone. Its repository is a name that the machine knows (`hexpm`, or `hexpm:acme`
for what an organisation keeps for itself), here `hex://hexpm` and `hex://acme.hexpm`.

The reference is the source of Mix (`Mix.Dep.Lock`) and of Hex (`Hex.Utils.lock`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.marked.document import Malformed
from fimci.model import UNSTATED, Digest, Package, Place, Record, Unread
from fimci.readers import elixir_terms
from fimci.readers.documents import unparsed
from fimci.readers.elixir_terms import Entry
from fimci.readers.manifests import settings

ECOSYSTEM = "hex"
_HEX, _GIT = "hex", "git"
#: Where name, version and hashes stand in the tuple of a package, and how long it has become.
_NAME, _VERSION, _INNER, _REQUIRES, _REPOSITORY, _OUTER = 1, 2, 3, 5, 6, 7
#: Of a repository: the address, the commit, and what was asked for.
_URL, _COMMIT, _OPTIONS = 1, 2, 3
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ASKED = ("branch", "ref", "tag")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `mix.lock`."""
    return path.rpartition("/")[2] == "mix.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per entry; what is no plain term is unread."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    taken: set[str] = set()
    try:
        for entry in elixir_terms.entries(text):
            part = entry.key[:EXCERPT]
            if entry.key in taken:
                yield Unread(path=path, part=f"{part} again", why="locked twice", line=entry.line)
                continue
            taken.add(entry.key)
            package = _package(path, entry)
            if package is None:
                yield Unread(path=path, part=part, why="an entry of no known kind", line=entry.line)
            else:
                yield package
    except Malformed as error:
        yield unparsed(path, error)


def _package(path: str, entry: Entry) -> Package | None:
    value = entry.value if isinstance(entry.value, tuple) else ()
    kind = _text(value, 0)
    if kind == _HEX and _text(value, _VERSION):
        return _of_hex(path, entry, value)
    if kind == _GIT and _text(value, _URL):
        return _of_git(path, entry, value)
    return None


def _of_hex(path: str, entry: Entry, value: tuple[Any, ...]) -> Package:
    name, version = _text(value, _NAME) or entry.key, _text(value, _VERSION)
    repository = _text(value, _REPOSITORY) or "hexpm"
    host = ".".join(reversed(repository.split(":")))
    hashes = {"sha256": _text(value, _OUTER), "sha256-inner": _text(value, _INNER)}
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{entry.key}",
        stated_by="lock",
        version=version,
        origin_kind="registry",
        origin=f"hex://{host}",
        integrity=tuple(
            sorted(Digest(kind, one.lower()) for kind, one in hashes.items() if _SHA256.fullmatch(one))
        ),
        alias=entry.key if entry.key != name else None,
        dependencies=tuple(sorted({*_requirements(value)})),
        at=Place(path, entry.line, excerpt(f"{name} {version} {repository}")),
    )


def _requirements(value: tuple[Any, ...]) -> Iterator[str]:
    """Yield what a package asks for: `{:plug, "~> 1.0", [hex: :plug, optional: false]}`."""
    listed = value[_REQUIRES] if len(value) > _REQUIRES and isinstance(value[_REQUIRES], list) else []
    for one in listed:
        if not isinstance(one, tuple) or not _text(one, 0):
            continue
        options = dict(_pairs(one[-1]))
        name = options.get("hex") or _text(one, 0)
        asked = _text(one, 1)
        optional = "peer:" if options.get("optional") == "true" else ""
        yield f"{name}@{optional}{asked}" if asked or optional else name


def _of_git(path: str, entry: Entry, value: tuple[Any, ...]) -> Package:
    url, commit = _text(value, _URL), _text(value, _COMMIT)
    options = dict(_pairs(value[_OPTIONS])) if len(value) > _OPTIONS else {}
    asked = "&".join(f"{key}={options[key]}" for key in _ASKED if options.get(key))
    url += (("&" if "?" in url else "?") + asked) if asked else ""
    origin = without_credentials(f"{url}#{commit}" if commit else url)
    return Package(
        ecosystem=ECOSYSTEM,
        name=entry.key,
        place=f"{path}#{entry.key}",
        stated_by="lock",
        version=UNSTATED,
        origin_kind="git",
        origin=origin,
        integrity=(),
        at=Place(path, entry.line, excerpt(f"{entry.key} {origin}")),
    )


def _pairs(options: object) -> Iterator[tuple[str, str]]:
    for one in options if isinstance(options, list) else ():
        if isinstance(one, tuple) and len(one) == 2 and all(isinstance(part, str) for part in one):  # noqa: PLR2004  (a pair)
            yield one


def _text(value: tuple[Any, ...], at: int) -> str:
    return value[at] if len(value) > at and isinstance(value[at], str) else ""
