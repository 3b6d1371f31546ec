"""The usual entries of `bun.lock`, decoded by the dozen: releases of the configured registry with a hash.

    "left": ["left@1.0.1", "", { "dependencies": { "right": "^1.0.0" } }, "sha512-…"],

Such are taken out of the text here, and what is left is read as any JSON (`bun_entries`), on the same lines.
Whether an entry is read here makes no difference to what is told of it; nothing is where it might.

Part of the reader `bun`, and no reader itself.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from fimci.excerpts import EXCERPT
from fimci.marked import plain_json
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, Package, Place

_BEGIN, _END = '\n  "packages": {\n', "  }"
#: Other ends of rows, and what stands for a gap in the rest.
_ODD = (b"\r", plain_json.GAP.encode())
_ESCAPE = "\\"
_NAME = r"@?[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)?"
#: What ends like an archive is one.
_VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?(?<![gG][zZ])"
#: An entry, and the empty row behind it, or the end of all.
_ENTRY = (
    rf'    "[^"]{{1,1000}}": \["{_NAME}@{_VERSION}", "", \{{[^\n]*\}}, '
    r'"sha512-[A-Za-z0-9+/]{86}=="\],\n(?:\n|(?=  \})|\Z)'
)
_ALONE = re.compile(_ENTRY)
#: Some entries, or another row; each ends with a comma, so that one more or less makes no difference.
_ROWS = re.compile(rf"((?:{_ENTRY}){{1,64}})|    [^\n]*\],\n+")
_SHA512 = len("sha512-")
#: Quotation marks of an entry, without its facts.
_MARKS = 8
_edge = "@".join


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
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


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, gc=False):
    """A usual entry."""

    item: str
    url: str
    facts: _Facts
    hashed: str


_decode = msgspec.json.Decoder(dict[str, _Entry]).decode
_encode = msgspec.json.Encoder().encode

#: Entries by key, each two rows below the one before, and the line of the first.
_Run: TypeAlias = tuple[dict[str, _Entry], int]


class Usual(NamedTuple):
    """The releases that were read, and the document without them."""

    runs: list[_Run]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    if not data.startswith(b"{") or any(mark in data for mark in _ODD):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find(_BEGIN) + len(_BEGIN)
    if begin < len(_BEGIN):
        return None
    line = text.count("\n", 0, begin) + 1
    read = _read(text, begin, line)
    if read is None:
        return None
    runs, left = read
    rest = plain_json.with_gaps(left, relaxed=True)
    if rest is None or rest.line(("packages",)) != line - 1:
        return None
    keys = set[str]().union(*[entries for entries, _ in runs])
    if len(keys) != sum(len(entries) for entries, _ in runs) or not keys.isdisjoint(rest.table("packages")):
        return None
    return Usual(runs, rest)


def _read(text: str, begin: int, line: int) -> tuple[list[_Run], str] | None:
    """Return the releases below `packages`, and the text without them, on the same lines."""
    runs: list[_Run] = []
    pieces = [text[:begin]]
    gap, last = 0, begin
    while (found := _ROWS.match(text, last)) is not None:
        last = found.end()
        for rows, count, entries in _told(found):
            if entries is None:
                pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", rows)
                gap = 0
            else:
                runs.append((entries, line))
                gap += count
            line += count
    # All of the table, or something that is no row stands in it.
    if not text.startswith(_END, last) or text.find(_BEGIN, last) > 0:
        return None
    pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", text[last:])
    return runs, "".join(pieces)


def _told(found: re.Match[str]) -> Iterator[tuple[str, int, dict[str, _Entry] | None]]:
    """Yield rows, how many, and their entries, if all are usual; one by one where not all of them are."""
    rows = found[0]
    count = rows.count("\n")
    entries = None if found[1] is None else _entries(rows, count)
    each = [] if entries is not None or found[1] is None else [one[0] for one in _ALONE.finditer(rows)]
    if len(each) < 2 or "".join(each) != rows:  # noqa: PLR2004  (one is what was tried)
        yield rows, count, entries
        return
    for row in each:
        yield row, row.count("\n"), _entries(row, row.count("\n"))


def _entries(rows: str, count: int) -> dict[str, _Entry] | None:
    """Return the entries of so many rows, every other of which is empty, if all are usual.

    Each row ends where an entry does: what stands there follows the facts of one. Nothing may be there twice:
    it would be lost, and with it its quotation marks.
    """
    if _ESCAPE in rows:
        return None
    try:
        entries = _decode(f"{{{rows.rstrip()[:-1]}}}")
    except msgspec.DecodeError:
        return None
    if len(entries) != (count + 1) // 2:
        return None
    marks = _encode([entry.facts for entry in entries.values()]).count(b'"')
    return entries if rows.count('"') == marks + _MARKS * len(entries) else None


def read(path: str, usual: Usual) -> Iterator[Package]:
    """Yield a package for each release."""
    for entries, first in usual.runs:
        line = first
        for key, entry in entries.items():
            facts = entry.facts
            name, _, version = entry.item.rpartition("@")
            needed = facts.dependencies
            edges = tuple(sorted(map(_edge, needed.items()))) if needed else ()
            if facts.optionalDependencies:
                edges = tuple(sorted({*edges, *map(_edge, facts.optionalDependencies.items())}))
            if facts.peerDependencies:
                edges = tuple(sorted({*edges, *_peers(facts.peerDependencies, facts.optionalPeers)}))
            yield Package(
                ecosystem="npm",
                name=name,
                place=f"{path}#{key}",
                stated_by="lock",
                version=version,
                origin_kind="registry",
                origin=None,
                integrity=(Digest("sha512", a2b_base64(entry.hashed[_SHA512:]).hex()),),
                install_scripts=True if facts.hasInstallScript else UNSTATED,
                alias=None if key == name and ("/" not in key or key[0] == "@") else _alias(key, name),
                bins=() if facts.bin is None else _bins(name, facts.bin),
                dependencies=edges,
                at=Place(path, line, f'"{key[: EXCERPT - 2]}"'),
            )
            line += 2


def _peers(wanted: dict[str, str], optional: list[str] | None) -> Iterator[str]:
    """Yield what others may bring; where nobody does, it is installed all the same, unless it is optional."""
    return (f"{name}@peer:{version}" for name, version in wanted.items() if name not in (optional or ()))


def _alias(key: str, name: str) -> str | None:
    """Return the name that an entry is asked for by, where that is another one."""
    scope, _, asked = key.rpartition("/")
    scope = scope.rpartition("/")[2]
    if scope.startswith("@"):
        asked = f"{scope}/{asked}"
    return asked if name != asked else None


def _bins(name: str, stated: dict[str, str] | str) -> tuple[str, ...]:
    return (name.rpartition("/")[2],) if isinstance(stated, str) else tuple(sorted(stated))
