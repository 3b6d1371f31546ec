"""The usual entries of `bun.lock`, each read by one match: releases of the configured registry with a hash.

    "left": ["left@1.0.1", "", { "dependencies": { "right": "^1.0.0" } }, "sha512-…"],

Such are taken out of the text here, and what is left is read as any JSON (`bun_entries`), on the same lines.
Whether an entry is read here makes no difference to what is told of it; nothing is where it might.

Part of the reader `bun`, and no reader itself.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from operator import methodcaller
from typing import NamedTuple, TypeAlias

import msgspec

from fimci.excerpts import EXCERPT
from fimci.marked import plain_json
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, Package, Place

_BEGIN, _END = '\n  "packages": {\n', "\n  }"
#: All but control characters, of which JSON has the ends of rows alone; a text with escapes is not read here.
_CONTROLS = bytes({*range(0x20), 0x5C} - {0x0A})
_NAME = r"@?[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)?"
_VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?"
#: A row, or what is one at least; each ends with a comma, so that one more or less makes no difference.
_ROW = re.compile(
    rf'(    "(?:([^"\n]{{1,1000}})": \["({_NAME})@({_VERSION})", "", (\{{[^\n]*\}}), '
    r'"sha512-([A-Za-z0-9+/]{86}==)"\],|[^\n]*\],)(\n+))'
)
_groups = methodcaller("groups")
_edge = "@".join


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """All that usual entries say."""

    dependencies: dict[str, str] | None = None
    optionalDependencies: dict[str, str] | None = None  # noqa: N815  (bun's own spelling)
    peerDependencies: dict[str, str] | None = None  # noqa: N815  (the same)
    bin: dict[str, str] | str | None = None
    optionalPeers: list[str] | None = None  # noqa: N815  (the same)
    os: list[str] | str | None = None
    cpu: list[str] | str | None = None
    libc: list[str] | str | None = None
    hasInstallScript: bool | None = None  # noqa: N815  (the same)


_NONE = _Facts()
_decode = msgspec.json.Decoder(_Facts).decode

#: A release: key, name, version, facts, hash, line.
_Release: TypeAlias = tuple[str, str, str, _Facts, str, int]


class Usual(NamedTuple):
    """The releases that were read, and the document without them."""

    releases: list[_Release]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    if not data.startswith(b"{") or len(data.translate(None, _CONTROLS)) != len(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find(_BEGIN) + len(_BEGIN)
    if begin < len(_BEGIN) or text.find(_BEGIN, begin) > 0:
        return None
    line = text.count("\n", 0, begin) + 1
    read = _read(text, begin, line)
    if read is None:
        return None
    releases, left = read
    rest = plain_json.with_gaps(left, relaxed=True)
    if rest is None or rest.line(("packages",)) != line - 1:
        return None
    others = rest.table("packages")
    keys = {release[0] for release in releases}
    if len(keys) != len(releases) or not keys.isdisjoint(others):
        return None
    return Usual(releases, rest)


def _read(text: str, begin: int, line: int) -> tuple[list[_Release], str] | None:
    """Return the releases below `packages`, and the text without them, on the same lines."""
    releases: list[_Release] = []
    pieces = [text[:begin]]
    end = text.find(_END, begin - 1) + 1
    gap, size = 0, 0
    for row, key, name, version, stated, hashed, blank in map(_groups, _ROW.finditer(text, begin, end)):
        size += len(row)
        facts = _NONE if stated == "{}" else stated and _facts(stated)
        if facts and version[-2:].lower() != "gz":
            releases.append((key, name, version, facts, hashed, line))
            gap += len(blank)
        else:
            pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", row)
            gap = 0
        line += len(blank)
    pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", text[end:])
    # All of the text, or something that is no row stands between two of them.
    return (releases, "".join(pieces)) if size == end - begin else None


def _facts(text: str) -> _Facts | None:
    """Return the facts of an entry, if they are usual ones: nothing in them is there twice."""
    try:
        facts = _decode(text)
    except msgspec.DecodeError:
        return None
    # Without escapes, a quotation mark before a colon ends a key.
    keys = text.count('":')
    if facts.dependencies is not None and keys == 1 + len(facts.dependencies):
        return facts  # they say nothing else
    stated = msgspec.structs.astuple(facts)
    count = 9 - stated.count(None)
    for table in stated[:4]:
        if table.__class__ is dict:
            count += len(table)
    return facts if keys == count else None


def read(path: str, usual: Usual) -> Iterator[Package]:
    """Yield a package for each release."""
    for key, name, version, facts, hashed, line in usual.releases:
        asked = key
        if "/" in key:
            scope, _, asked = key.rpartition("/")
            scope = scope.rpartition("/")[2]
            if scope.startswith("@"):
                asked = f"{scope}/{asked}"
        edges: tuple[str, ...] = ()
        bins: tuple[str, ...] = ()
        if facts is not _NONE:
            edges = _edges(facts)
            if facts.bin is not None:
                bins = (name.rpartition("/")[2],) if isinstance(facts.bin, str) else tuple(sorted(facts.bin))
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{path}#{key}",
            stated_by="lock",
            version=version,
            origin_kind="registry",
            origin=None,
            integrity=(Digest("sha512", a2b_base64(hashed).hex()),),
            install_scripts=True if facts.hasInstallScript else UNSTATED,
            alias=asked if name != asked else None,
            bins=bins,
            dependencies=edges,
            at=Place(path, line, f'"{key[: EXCERPT - 2]}"'),
        )


def _edges(facts: _Facts) -> tuple[str, ...]:
    edges = [*map(_edge, facts.dependencies.items())] if facts.dependencies else []
    if facts.optionalDependencies:
        edges = [*{*edges, *map(_edge, facts.optionalDependencies.items())}]
    edges.sort()
    return tuple(edges)
