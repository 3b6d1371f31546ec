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
from fimci.model import UNSTATED, Digest, Package, Place, Unstated

_BEGIN, _END = '\n  "packages": {\n', "\n  }"
#: All but control characters, of which JSON has the ends of rows alone; a text with escapes is not read here.
_CONTROLS = bytes({*range(0x20), 0x5C} - {0x0A})
_NAME = r"@?[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)?"
_VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?"
#: A row, or what is one at least; each ends with a comma, so that one more or less makes no difference. Of keys
#: and hashes only the ends are looked for, which takes half as long: that they are such is seen in `_read`.
_ROW = re.compile(
    rf'(    "(?:([^"]{{1,1000}})": \["({_NAME})@({_VERSION})", "", (\{{[^\n]*\}}), '
    r'"sha512-([^"]{86}==)"\],|[^\n]*\],)(\n+))'
)
#: Digits of a sha512.
_DIGITS = 128
#: How facts begin and end of which none but dependencies are stated.
_ALONE, _ENDS = '{ "dependencies": {', '" } }'
#: Bytes that are looked at together: more would take fresh memory each time.
_AT_ONCE = 1 << 16
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
_decode_texts = msgspec.json.Decoder(dict[str, str]).decode

#: A release: key, name, version, facts (or dependencies alone), hash, line.
_Release: TypeAlias = "tuple[str, str, str, _Facts | dict[str, str], str, int]"


class Usual(NamedTuple):
    """The releases that were read, and the document without them."""

    releases: list[_Release]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    if not data.startswith(b"{") or _any(data, _CONTROLS):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find(_BEGIN) + len(_BEGIN)
    if begin < len(_BEGIN) or text.find(_BEGIN, begin) > 0:
        return None
    line = text.count("\n", 0, begin) + 1
    try:
        read = _read(text, begin, line)
    except ValueError:  # from what is no hash
        return None
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


def _any(data: bytes, some: bytes) -> bool:
    """Tell whether there is any of some bytes."""
    for begin in range(0, len(data), _AT_ONCE):
        piece = data[begin : begin + _AT_ONCE]
        if len(piece.translate(None, some)) != len(piece):
            return True
    return False


def _read(text: str, begin: int, line: int) -> tuple[list[_Release], str] | None:
    """Return the releases below `packages`, and the text without them, on the same lines.

    Raises `ValueError` where a hash is none.
    """
    releases: list[_Release] = []
    pieces = [text[:begin]]
    end = text.find(_END, begin - 1) + 1
    gap, size = 0, 0
    for row, key, name, version, stated, hashed, blank in map(_groups, _ROW.finditer(text, begin, end)):
        size += len(row)
        facts = _NONE if stated == "{}" else stated and _facts(stated)
        if facts and version[-2:].lower() != "gz":
            digits = a2b_base64(hashed).hex()
            if len(digits) != _DIGITS or "\n" in key:
                return None
            releases.append((key, name, version, facts, digits, line))
            gap += len(blank)
        else:
            pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", row)
            gap = 0
        line += len(blank)
    pieces += (f"{plain_json.GAP}{gap}\n" if gap else "", text[end:])
    # All of the text, or something that is no row stands between two of them.
    return (releases, "".join(pieces)) if size == end - begin else None


def _facts(text: str) -> _Facts | dict[str, str] | None:
    """Return the facts of an entry, if they are usual ones: nothing in them is there twice.

    Without escapes, there are two quotation marks for each text, and keys are texts.
    """
    marks = text.count('"')
    try:
        if text.startswith(_ALONE) and text.endswith(_ENDS) and text.count("{") == _ALONE.count("{"):
            alone = _decode_texts(text[len(_ALONE) - 1 : -2])
            return alone if marks == 2 + 4 * len(alone) else None
        facts = _decode(text)
    except msgspec.DecodeError:
        return None
    texts = 0
    for stated in msgspec.structs.astuple(facts):
        if stated is not None:
            texts += 1
            if stated.__class__ is dict:
                texts += 2 * len(stated)
            elif stated.__class__ is not bool:
                texts += 1 if stated.__class__ is str else len(stated)
    return facts if marks == 2 * texts else None


def read(path: str, usual: Usual) -> Iterator[Package]:
    """Yield a package for each release."""
    for key, name, version, facts, digits, line in usual.releases:
        asked = key
        if "/" in key:
            scope, _, asked = key.rpartition("/")
            scope = scope.rpartition("/")[2]
            if scope.startswith("@"):
                asked = f"{scope}/{asked}"
        edges: tuple[str, ...] = ()
        bins: tuple[str, ...] = ()
        scripts: bool | Unstated = UNSTATED
        if isinstance(facts, dict):
            edges = tuple(sorted(map(_edge, facts.items())))
        elif facts is not _NONE:
            edges = _edges(facts)
            if facts.bin is not None:
                bins = (name.rpartition("/")[2],) if isinstance(facts.bin, str) else tuple(sorted(facts.bin))
            if facts.hasInstallScript:
                scripts = True
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{path}#{key}",
            stated_by="lock",
            version=version,
            origin_kind="registry",
            origin=None,
            integrity=(Digest("sha512", digits),),
            install_scripts=scripts,
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
