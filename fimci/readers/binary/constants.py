"""Shared by this room: hosts and paths that matter among the constants of a program.

Only what is whole counts: a path or a URL from one zero byte to the next. A URL in the middle of a text
is documentation, unless its host is one of those that payloads talk to. Compilers of Go and Rust put texts
one behind the other without an end, so that of theirs nothing but such hosts is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import addresses, sensitive
from fimci.model import CapabilityName
from fimci.readers.binary.anatomy import Texts

_SHORTEST, _LONGEST = 5, 300
#: Where a program finds its own symbols: every one that is written in Rust has it, and nobody else's.
_OWN = b"/proc/self/maps"
#: No program has more URLs.
_URLS = 100_000
#: Letters of the longest scheme.
_SCHEMES = 11
#: Zeros between constants, and in tables: shortened before the rest is cut into pieces.
_RUNS = (b"\0" * 32, b"\0" * 8, b"\0\0\0")
#: What may be a constant.
_PIECE = re.compile(rb"[^\0]{5,300}")
_ENDINGS = frozenset(ending.encode() for ending in sensitive.ENDINGS)
#: In the middle of a constant: a folder of secrets, the port of a mining pool; and how many of each.
_INSIDE = (*(folder.encode() for folder in sensitive.FOLDERS), b".com:", b".org:", b".pro:", b".stream:")
_MARKS = 10_000
_TEXT = re.compile(rb"[\x20-\x7e]{5,300}")
_SCHEME = re.compile(rb"(?:https?|wss?|ftp|tcp|udp|stratum\+(?:tcp|ssl))\Z", re.IGNORECASE)
#: A host, and behind it what can only follow a whole one.
_HOST = re.compile(
    rb"(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:[A-Za-z]{2,24}|\d{1,3})(?::\d{1,5})?(/[!-~]{0,200})?(?=[?#\0\"'\s<>)\],;])"
)
_BARE = re.compile(rb"(?:[A-Za-z0-9_-]{1,63}\.){1,5}[A-Za-z]{2,24}(?::\d{2,5})?")


class Told(NamedTuple):
    """What a constant names: the capability of touching it, and the constant."""

    name: CapabilityName
    subject: str
    text: str


def told(data: bytes, regions: list[Texts], *, wide: bool) -> Iterator[Told]:
    """Yield hosts of URLs anywhere in the file, and in these regions paths and bare hosts that are known."""
    yield from _urls(data)
    for begin, end in regions:
        yield from _constants(data[begin:end])
        for odd in (0, 1) if wide else ():  # every second byte is zero, the first of them or the second
            yield from _constants(data[begin + odd : end : 2])


def _constants(region: bytes) -> Iterator[Told]:
    """Yield what constants name that matter by their end, or by a folder or port in them.

    Most of a region is tables: what cannot be such a constant must cost next to nothing.
    """
    small = region.lower()
    for run in _RUNS:
        small = small.replace(run, b"\0")
    for text in dict.fromkeys(text for text in _PIECE.findall(small) if text[-4:] in _ENDINGS):
        yield from _whole(text)
    for mark in _INSIDE:
        found = small.find(mark)
        for _ in range(_MARKS):
            if found < 0:
                break
            begin, end = small.rfind(b"\0", 0, found) + 1, small.find(b"\0", found)
            end = end if end >= 0 else len(small)
            yield from _whole(small[begin : min(end, begin + _LONGEST + 1)])
            found = small.find(mark, end)


def _urls(data: bytes) -> Iterator[Told]:
    """Yield the hosts of URLs that are a constant each, and those of payloads in any text."""
    at = data.find(b"://")
    for _ in range(_URLS):
        if at < 0:
            return
        begin = max(at - _SCHEMES, 0)
        scheme = _SCHEME.search(data[begin:at])
        found = _HOST.match(data, at + 3, at + _LONGEST) if scheme is not None else None
        if scheme is not None and found is not None:
            url = f"{scheme[0].decode('ascii')}://{found[0].decode('ascii')}"
            host = addresses.host(url)
            first = begin + scheme.start()
            alone = (not first or not 0x20 <= data[first - 1] < 0x7F) and data[found.end()] in b"\0?#"  # noqa: PLR2004  (what can be printed)
            if host is not None and (alone or host.kind not in {"", "address"}):
                yield Told("network", host.name, url)
        at = data.find(b"://", at + 3)
    yield Told("unanalyzed", f"more than {_URLS:,} URLs", "")


def _whole(constant: bytes) -> Iterator[Told]:
    if not _SHORTEST <= len(constant) <= _LONGEST or _TEXT.fullmatch(constant) is None:
        return
    if _BARE.fullmatch(constant):
        host = addresses.host(constant.decode("ascii"))
        if host is not None and host.kind:
            yield Told("network", host.name, constant.decode("ascii"))
    spot = sensitive.spot(constant.decode("ascii"))
    if spot is not None and constant != _OWN:
        yield Told(spot.name, spot.label, constant.decode("ascii"))
