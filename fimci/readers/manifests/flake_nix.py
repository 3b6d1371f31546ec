"""`flake.nix` of Nix: the inputs that a flake asks for, and what it tells Nix about caches.

Nix takes both as they are written: nothing in them may be computed, so that they are read without evaluating
anything. What is computed all the same is unread.

    inputs.NAME.url, or type, owner, repo      Package   `manifest`
    nixConfig.KEY                              Setting   `nixConfig.extra-substituters.URL` for what is listed

https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias
from urllib.parse import parse_qs

from fimci.excerpts import without_credentials
from fimci.model import UNSTATED, OriginKind, Package, Record, Unread, Unstated
from fimci.readers.manifests import nix_attributes, settings

#: Code hosts by the scheme of an input.
_FORGES = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
#: Schemes by what is fetched; `git+https` is `git`.
_KINDS: Mapping[str, OriginKind] = {
    "file": "tarball",
    "git": "git",
    "hg": "git",
    "http": "tarball",
    "https": "tarball",
    "path": "directory",
    "tarball": "tarball",
}
_SCHEME = re.compile(r"([a-z][a-z0-9]*)(\+[a-z]+)?:")
#: Where the name of an input stands in the path of its attributes, and that of an input of an input.
_OWN, _NESTED = 1, 3
#: Settings of which each value stands for itself.
_LISTS = ("substituters", "trusted-public-keys")

#: An input by its name, or `NAME/NAME`: its attributes, each with its line.
_Inputs: TypeAlias = dict[str, dict[str, tuple[str, int]]]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `flake.nix`."""
    return path.rpartition("/")[2] == "flake.nix"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the inputs of a flake and its settings."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    inputs: _Inputs = {}
    for names, value, line in nix_attributes.attributes(text, ("inputs", "nixConfig")):
        if value is None:
            part = ".".join(names)[:200] or f"line {line}"
            yield Unread(path=path, part=part, why="no plain value: nothing is evaluated here", line=line)
        elif names[0] == "nixConfig":
            yield from _settings(path, ".".join(names), value, line)
        elif len(names) == _OWN + 2:
            inputs.setdefault(names[_OWN], {})[names[-1]] = value, line
        elif len(names) == _NESTED + 2 and names[2] == "inputs":
            inputs.setdefault(f"{names[_OWN]}/{names[_NESTED]}", {})[names[-1]] = value, line
    for place, facts in inputs.items():
        yield from _input(path, place, facts)


def _settings(path: str, name: str, value: str, line: int) -> Iterator[Record]:
    """Yield a setting; each place or key by itself, be they listed or in one text."""
    if name.endswith(_LISTS):
        yield from (settings.setting(path, f"{name}.{one}", "true", line) for one in value.split())
    else:
        yield settings.setting(path, name, value, line)


def _input(path: str, place: str, facts: dict[str, tuple[str, int]]) -> Iterator[Package]:
    """Yield what an input asks for; nothing where it follows another one."""
    plain = {key: value for key, (value, _) in facts.items()}
    if "url" in plain:
        line = facts["url"][1]
        kind, origin = _by_url(plain["url"], {key: plain[key] for key in ("ref", "rev") if key in plain})
    elif "type" in plain:
        line = facts["type"][1]
        kind, origin = _by_parts(plain)
    else:
        return
    yield Package(
        ecosystem="nix",
        name=place,
        place=f"{path}#inputs/{place}",
        stated_by="manifest",
        version=(origin or "").partition("#")[2] or None,
        origin_kind=kind,
        origin=origin,
        at=settings.place(path, line, f"{place} {origin or plain.get('url', '')}"),
    )


def _by_url(url: str, said: dict[str, str]) -> tuple[OriginKind | Unstated, str | None]:
    """Take the address of an input apart: what is fetched, and from where, as its lock states it."""
    found = _SCHEME.match(url)
    where, _, query = url.partition("?")
    asked = {key: values[0] for key, values in parse_qs(query, max_num_fields=20).items()} | said
    revision = asked.get("rev") or asked.get("ref") or ""
    if found is None:
        away = url.startswith((".", "/"))
        return ("directory", url) if away else (UNSTATED, None)
    scheme, rest = found[1], where[found.end() :]
    if scheme in _FORGES:
        owner, _, repo = rest.partition("/")
        repo, _, named = repo.partition("/")
        host = asked.get("host") or _FORGES[scheme]
        return "git", _at(f"https://{host}/{owner}/{repo}", revision or named)
    if scheme not in _KINDS:
        return UNSTATED, None  # a name that Nix looks up
    address = f"{found[2][1:]}:{rest}" if found[2] else where if scheme != "path" else rest
    kind = _KINDS[scheme]
    return kind, _at(without_credentials(address), revision if kind == "git" else "")


def _by_parts(plain: dict[str, str]) -> tuple[OriginKind | Unstated, str | None]:
    kind, revision = plain["type"], plain.get("rev") or plain.get("ref") or ""
    if kind in _FORGES:
        host = plain.get("host") or _FORGES[kind]
        return "git", _at(f"https://{host}/{plain.get('owner', '')}/{plain.get('repo', '')}", revision)
    if kind not in _KINDS:
        return UNSTATED, None
    where = plain.get("path" if kind == "path" else "url", "")
    return _KINDS[kind], _at(without_credentials(where), revision if kind == "git" else "")


def _at(address: str, revision: str) -> str:
    return f"{address}#{revision}" if revision else address
