"""Members that are made of one file of the source each, in a way that can be followed without a build.

A file that was compressed, and a licence behind which those of packed libraries were put. What could hide in
the form (a comment of gzip, bytes behind its end) must not be there.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

from fimci.artifacts.generated import Read
from fimci.artifacts.sources import Source
from fimci.model import Digest

_LICENCE = re.compile(
    r"[^/]+\.dist-info/(?:licenses/(?:[^/]+/)*)?((?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)", re.DOTALL
)
#: Bytes of what one member holds, and files of a source that are looked at for one licence.
_LONGEST, _MOST = 32 << 20, 5
#: A header of gzip (RFC 1952): its fixed part, and the one flag that may be there, of a name.
_HEADER, _NAMED = 10, 0x08


def candidates(unknown: Iterable[str], there: Source) -> dict[str, tuple[str, ...]]:
    """Return the files of a source that have the name of a licence which is nowhere in it, by member."""
    names = {path: found[1] for path in unknown if (found := _LICENCE.fullmatch(path)) is not None}
    if not names:
        return {}
    by_name: dict[str, list[str]] = {}
    for place in sorted(there.files, key=lambda path: (path.count("/"), path)):
        by_name.setdefault(place.rpartition("/")[2], []).append(place)
    return {path: tuple(by_name.get(name, ())[:_MOST]) for path, name in names.items()}


def explained(
    unknown: Iterable[str],
    there: Source,
    licences: Mapping[str, tuple[str, ...]],
    member: Read,
    original: Read,
) -> Iterator[tuple[str, str]]:
    """Yield the members that are made of a file of the source, each with the reason."""
    for path in unknown:
        data = member(path)
        if data is None:
            continue
        if path.endswith(".gz") and _is_there(_unpacked(path, data), path, there):
            yield path, "the source, compressed"
        elif any(_begins(data, original(place)) for place in licences.get(path, ())):
            yield path, "the licence of the source, with more at its end"


def _is_there(content: bytes | None, path: str, there: Source) -> bool:
    """Tell whether the source has a content, under the name that the compressed file has without its end."""
    if content is None:
        return False
    name = path.rpartition("/")[2].removesuffix(".gz")
    places = there.paths.get(Digest("sha256", hashlib.sha256(content).hexdigest()), ())
    return any(place.rpartition("/")[2] == name for place in places)


def _unpacked(path: str, data: bytes) -> bytes | None:
    """Return what a file of gzip holds; `None` for one with more in it than one content and its name."""
    if data[:3] != b"\x1f\x8b\x08" or len(data) < _HEADER or data[3] & ~_NAMED:
        return None
    at = _HEADER
    if data[3] & _NAMED:
        end = data.find(b"\0", at)
        stem = path.rpartition("/")[2].removesuffix(".gz")
        if data[at:end] not in {stem.encode(), f"{stem}.gz".encode()}:
            return None
        at = end + 1
    state = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = state.decompress(data[at:], _LONGEST)
    except zlib.error:
        return None
    sums = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return content if state.eof and state.unused_data == sums else None


def _begins(ours: bytes, theirs: bytes | None) -> bool:
    """Tell whether a text begins with another one, and is text to its end."""
    if not theirs or b"\0" in ours:
        return False
    try:
        ours.decode()
    except UnicodeDecodeError:
        return False
    return ours.replace(b"\r\n", b"\n").startswith(theirs.replace(b"\r\n", b"\n").rstrip())
