"""Members that are made of one file of the source each, in a way that can be followed without a build.

A file that was compressed, a licence behind which those of packed libraries were put, and a script whose
first line now asks installers for the interpreter. What could hide in the form (a comment of gzip, bytes
behind its end) must not be there.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

from fimci.artifacts.generated import Read
from fimci.artifacts.sources import Held, Source
from fimci.model import Digest

_LICENCE = re.compile(
    r"[^/]+\.dist-info/(?:licenses/(?:[^/]+/)*)?((?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)", re.DOTALL
)
#: Scripts of a wheel: their first line is `#!python`, or that with a `w` (PEP 427).
_SCRIPT = re.compile(r"[^/]+\.data/scripts/([^/]+)", re.DOTALL)
_FIRST = (b"#!python", b"#!pythonw")
_SHEBANG = re.compile(rb"#!.*python[\w.]*\s*", re.DOTALL)
#: Bytes of what one member holds, and files of a source that are looked at for one licence or script.
_LONGEST, _MOST = 32 << 20, 5
#: A header of gzip (RFC 1952): its fixed part, and the one flag that may be there, of a name.
_HEADER, _NAMED = 10, 0x08


def candidates(kept: Held, there: Source) -> dict[str, tuple[str, ...]]:
    """Return the files of a source that a licence or script may be made of, by member: those of its name."""
    placed: dict[str, tuple[str, ...]] = {
        path: (place,) for path, place in kept.other.items() if _SCRIPT.fullmatch(path)
    }
    names = {
        path: found[1]
        for path in kept.unknown
        if (found := _LICENCE.fullmatch(path) or _SCRIPT.fullmatch(path)) is not None
    }
    if not names:
        return placed
    by_name: dict[str, list[str]] = {}
    for place in sorted(there.files, key=lambda path: (path.count("/"), path)):
        by_name.setdefault(place.rpartition("/")[2], []).append(place)
    return placed | {path: tuple(by_name.get(name, ())[:_MOST]) for path, name in names.items()}


def explained(
    members: Iterable[str],
    there: Source,
    originals: Mapping[str, tuple[str, ...]],
    member: Read,
    original: Read,
) -> Iterator[tuple[str, str]]:
    """Yield the members that are made of a file of the source, each with the reason."""
    for path in members:
        data = member(path)
        if data is None:
            continue
        if path.endswith(".gz") and _is_there(_unpacked(path, data), path, there):
            yield path, "the source, compressed"
            continue
        texts = [text for place in originals.get(path, ()) if (text := original(place))]
        if _SCRIPT.fullmatch(path):
            if any(_as_script(data, text) for text in texts):
                yield path, "the script of the source, for whatever interpreter it is installed"
        elif any(_begins(data, text) for text in texts):
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


def _as_script(ours: bytes, theirs: bytes) -> bool:
    """Tell whether a script is another one but for its first line, which names Python in both."""
    (first, _, rest), (original, _, body) = (text.partition(b"\n") for text in (ours, theirs))
    return first.rstrip() in _FIRST and rest == body and _SHEBANG.fullmatch(original) is not None


def _begins(ours: bytes, theirs: bytes) -> bool:
    """Tell whether a text begins with another one, and is text to its end."""
    if b"\0" in ours:
        return False
    try:
        ours.decode()
    except UnicodeDecodeError:
        return False
    return ours.replace(b"\r\n", b"\n").startswith(theirs.replace(b"\r\n", b"\n").rstrip())
