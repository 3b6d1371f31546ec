"""`flake.lock` of Nix, versions 5 to 7: where inputs come from, their commits, and the hashes of their files.

An input is named by the way that leads to it (`home-manager/nixpkgs`): the names of nodes are numbered anew
whenever one comes or goes. Its version is the day of its commit, and the commit. What follows another input
is none of its own.

https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record, Unread, Unstated
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node

_VERSIONS = ("5", "6", "7")
#: Code hosts by the kind of an input, and what stands between host and repository.
_FORGES = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
_KINDS: dict[str, OriginKind] = {
    "git": "git",
    "hg": "git",
    "tarball": "tarball",
    "file": "tarball",
    "path": "directory",
}
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RELEASE = re.compile(r"[0-9]\.[0-9]|[0-9a-f]{40}")
#: Inputs of inputs that are followed, and how deep.
_MOST, _DEEPEST = 10_000, 20
_LATEST = 1 << 35
#: Bytes of a hash, and more letters than any has.
_LENGTHS, _LONGEST = {"sha256": 32, "sha512": 64}, 100


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `flake.lock`."""
    return path.rpartition("/")[2] == "flake.lock"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per input, and what is doubtful."""
    from fimci.marked import json  # noqa: PLC0415  (few repositories hold such a file)

    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    version = str(document.table().get("version"))
    if version not in _VERSIONS:
        why = f"lock version {version[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(("version",)))
        return
    yield from _inputs(path, document)


def _inputs(path: str, document: Marked) -> Iterator[Record]:
    """Follow the inputs of the root, and theirs."""
    nodes = document.table("nodes")
    waiting = [("", node.text(document.table(), "root") or "root")]
    for count, (prefix, key) in enumerate(waiting):
        inputs = document.table("nodes", key, "inputs")
        if inputs and (count >= _MOST or prefix.count("/") >= _DEEPEST):
            why = f"more than {_MOST:,} inputs, or more than {_DEEPEST} one below the other"
            yield Unread(path=path, part="inputs", why=why, line=document.line(("nodes", key)))
            return
        for name, target in inputs.items():
            if not isinstance(target, str):
                continue  # it follows another input
            if isinstance(nodes.get(target), dict):
                yield from _input(path, document, f"{prefix}{name}", target)
                waiting.append((f"{prefix}{name}/", target))
            else:
                line = document.line(("nodes", key, "inputs", name))
                yield Unread(
                    path=path, part=f"{prefix}{name}"[:200], why="an input without a node", line=line
                )


def _input(path: str, document: Marked, place: str, key: str) -> Iterator[Record]:
    facts, inputs = document.table("nodes", key, "locked"), document.table("nodes", key, "inputs")
    line = document.line(("nodes", key, "locked"))
    kind, origin, commit = _origin(facts)
    digest = _digest(facts.get("narHash"))
    # What lies in the flake itself is hashed with it.
    inside = kind == "directory" and "parent" in document.table("nodes", key)
    if kind is UNSTATED or (digest is None and not inside):
        why = "an input of no known kind" if kind is UNSTATED else "an input without the hash of its files"
        yield Unread(path=path, part=place[:200], why=why, line=line)
    lines = document.lines(facts)
    parts = (("integrity", "narHash"), ("origin", "owner"), ("origin", "url"), ("version", "rev"))
    at = Place(path, line, excerpt(f"{place} {origin}"), tuple((p, lines[k]) for p, k in parts if k in lines))
    yield Package(
        ecosystem="nix",
        name=place,
        place=f"{path}#{place}",
        stated_by="lock",
        version=_version(facts, commit) or _renewed(document.table("nodes", key, "original"), facts, digest),
        origin_kind=kind,
        origin=origin,
        integrity=(digest,) if digest is not None else (),
        dependencies=tuple(sorted(f"{place}/{name}" for name, one in inputs.items() if isinstance(one, str))),
        at=at,
    )


def _origin(facts: dict[str, Any]) -> tuple[OriginKind | Unstated, str | None, str]:
    """Return kind and address of what is locked, and its commit."""
    kind, commit = node.text(facts, "type"), node.text(facts, "rev")
    commit = commit if _COMMIT.fullmatch(commit) else ""
    end = f"#{commit}" if commit else ""
    if kind in _FORGES:
        host = node.text(facts, "host") or _FORGES[kind]
        return "git", f"https://{host}/{node.text(facts, 'owner')}/{node.text(facts, 'repo')}{end}", commit
    if kind in _KINDS:
        where = node.text(facts, "path" if kind == "path" else "url")
        return _KINDS[kind], without_credentials(where) + (end if kind in ("git", "hg") else ""), commit
    return UNSTATED, None, commit


def _version(facts: dict[str, Any], commit: str) -> str | None:
    """Return the day and the commit: of two inputs, the order of days tells which one is older."""
    seconds = facts.get("lastModified")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds < _LATEST:
        return commit or None
    day = dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y.%m.%d")
    return f"{day}+{commit[:12]}" if commit else day


def _renewed(original: dict[str, Any], facts: dict[str, Any], digest: Digest | None) -> str | None:
    """Return a version by the files of what is fetched anew from one address: one without a version in it."""
    url = node.text(facts, "url")
    if digest is None or url != node.text(original, "url") or _RELEASE.search(url):
        return None
    return f"0+{digest.hex[:12]}"


def _digest(text: object) -> Digest | None:
    algorithm, dash, value = text.partition("-") if isinstance(text, str) else ("", "", "")
    if algorithm not in _LENGTHS or not dash or not value.isascii():
        return None
    try:
        hashed = base64.b64decode(value[:_LONGEST], validate=True)
    except binascii.Error:
        return None
    return Digest(algorithm, hashed.hex()) if len(hashed) == _LENGTHS[algorithm] else None
