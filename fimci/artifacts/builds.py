"""Two builds of one thing, and everything in which their archives differ: what a build must mend to repeat.

What is in the members is judged by the comparison itself. Here it is told in which of them content differs,
and where; and then what no comparison of files sees: their order, times, modes, owners, how they are
compressed, and the archive around them. Nothing is left: where none of that differs and the bytes do, that is
told as well.
"""

from __future__ import annotations

import datetime as dt
import struct
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

from fimci.archives import directory, magic, streams
from fimci.archives.bounds import LIMITS, ArchiveError, Meter
from fimci.artifacts import members
from fimci.artifacts.members import Members
from fimci.model import File
from fimci.printable import cut, listed, plural

_SHOWN, _TEXT = 5, 80
_CHUNK = 1 << 16
#: Of a member whose first line that differs is shown, in bytes; and of one block of a tar's headers.
_SMALL, _BLOCK = 4 << 20, 16 << 20
_MEMBERS = 100_000
_METHODS = {0: "stored", 8: "deflate", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd"}
_GZIP = struct.Struct("<4BLBB")
_NAMED = 0x08  # a gzip header with the name of a file
_MAGIC, _TARS = slice(257, 265), {b"ustar\x0000": "POSIX", b"ustar  \0": "GNU"}
#: Records of which the values are told as facts of their own.
_TOLD = frozenset({"mtime", "uid", "gid", "uname", "gname", "size"})
#: Bytes that a tar ends with at least, and those to a multiple of which many fill it up.
_LEAST, _RECORD = 1_024, 10_240
_TIMES = 0x5455  # the extra field with times of Unix
#: What a build can do about a difference.
_ADVICE: Mapping[str, str] = {
    "order": "sort the members",
    "repeated": "pack each member once",
    "time": "set SOURCE_DATE_EPOCH",
    "mode": "set the umask, or the modes",
    "owner": "pack as number 0, without names",
    "compression": "use one version of the packer and of its library",
    "header": "use one version of the packer",
}


class Stamp(NamedTuple):
    """What an archive says of a member beside its content, by a word of `_ADVICE`."""

    name: str
    facts: dict[str, str]


class Form(NamedTuple):
    """How an archive is made: facts of the whole by name, and its members in their order."""

    facts: dict[str, str]
    stamps: tuple[Stamp, ...]


def explained(left: str, right: str) -> list[str]:
    """Return sentences about all differences of two archives. Raises `SourceError` and `OSError`."""
    at = _first_byte(left, right)
    if at is None:
        return ["the archives are the same, byte by byte"]
    changed: list[str] = []
    told = [*_contents(left, right, changed), *_forms(left, right, frozenset(changed))]
    return told or [f"the archives differ from byte {at:,} on, and in nothing else that is known"]


def _first_byte(left: str, right: str) -> int | None:
    at = 0
    with open(left, "rb") as one, open(right, "rb") as other:
        while True:
            ours, theirs = one.read(_CHUNK), other.read(_CHUNK)
            if ours != theirs:
                return at + _apart(ours, theirs)
            if not ours:
                return None
            at += len(ours)


def _apart(one: Sequence[object], other: Sequence[object]) -> int:
    """Return from where on two rows differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _contents(left: str, right: str, changed: list[str]) -> Iterator[str]:
    """Say which members are on one side alone, and which have another content, with the first line.

    The latter are put into `changed`.
    """
    before, after = (_files(members.taken(path)) for path in (left, right))
    for name, only in (("first", before.keys() - after.keys()), ("second", after.keys() - before.keys())):
        if only:
            yield f"only in the {name}: {listed(sorted(only), _SHOWN)}"
    other = sorted(path for path in before.keys() & after.keys() if before[path] != after[path])
    changed += other
    if not other:
        return
    shown = other[:_SHOWN]
    ours, theirs = members.contents(left, shown, _SMALL), members.contents(right, shown, _SMALL)
    lines = [_line(path, ours.get(path), theirs.get(path)) for path in shown]
    yield f"content: {plural(len(other), 'member')}: {listed([*lines, *other[_SHOWN:]], _SHOWN, ';')}"


def _files(found: Members) -> dict[str, tuple[object, ...]]:
    return {path: (file.kind, file.digest, file.target) for path, file in found.files.items() if _is(file)}


def _is(file: File) -> bool:
    return file.kind != "directory"


def _line(path: str, ours: bytes | None, theirs: bytes | None) -> str:
    """Return the first line that differs of two texts, as both have it; of others, the path alone."""
    if ours is None or theirs is None or b"\0" in ours[:_CHUNK] or b"\0" in theirs[:_CHUNK]:
        return path
    rows, others = ours.split(b"\n"), theirs.split(b"\n")
    at = _apart(rows, others)
    one, other = (_text(lines[at]) if at < len(lines) else "nothing" for lines in (rows, others))
    return f"{path}:{at + 1} {one} -> {other}"


def _text(line: bytes) -> str:
    return f"`{cut(line.decode('utf-8', 'replace').strip(), _TEXT)}`"


def _forms(left: str, right: str, changed: frozenset[str]) -> Iterator[str]:
    """Say in what two archives differ beside the content of their members."""
    before, after = _form(left), _form(right)
    if before is None or after is None:
        yield "how the archives are made was not looked at: one of them is damaged, or of a form of its own"
        return
    names = sorted({*before.facts, *after.facts})
    pairs = ((name, before.facts.get(name, "none"), after.facts.get(name, "none")) for name in names)
    whole = [f"{name} {one} -> {other}" for name, one, other in pairs if one != other]
    if whole:
        times = all(text.startswith("gzip time") for text in whole)
        yield f"archive: {listed(whole, _SHOWN, ';')} ({_ADVICE['time' if times else 'header']})"
    yield from _order(before, after)
    yield from _repeated(before, after)
    old, new = ({stamp.name: stamp.facts for stamp in form.stamps} for form in (before, after))
    both = [name for name in old if name in new]
    for fact in ("time", "mode", "owner", "compression", "header"):
        other = [name for name in both if old[name].get(fact) != new[name].get(fact)]
        if fact == "compression":  # other content has another length
            other = [name for name in other if name not in changed]
        if other:
            first = other[0]
            change = f"{first} {old[first].get(fact, 'none')} -> {new[first].get(fact, 'none')}"
            yield f"{fact}: {len(other):,} of {plural(len(both), 'member')}: {change} ({_ADVICE[fact]})"


def _order(before: Form, after: Form) -> Iterator[str]:
    """Say where the members that both have first are in another order."""
    there = {stamp.name for stamp in before.stamps} & {stamp.name for stamp in after.stamps}
    ours, theirs = (
        list(dict.fromkeys(stamp.name for stamp in form.stamps if stamp.name in there))
        for form in (before, after)
    )
    if ours != theirs:
        at = _apart(ours, theirs)
        yield f"order: number {at + 1:,} is {ours[at]} -> {theirs[at]} ({_ADVICE['order']})"


def _repeated(before: Form, after: Form) -> Iterator[str]:
    """Say which member is there more often on one side: of two with one name, only one is unpacked."""
    ours, theirs = (Counter(stamp.name for stamp in form.stamps) for form in (before, after))
    other = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    if other:
        change = f"{other[0]} {ours[other[0]]:,} -> {theirs[other[0]]:,}"
        yield f"times that it is there: {plural(len(other), 'member')}: {change} ({_ADVICE['repeated']})"


def _form(path: str) -> Form | None:
    """Return how an archive is made; `None` where that cannot be read."""
    with open(path, "rb") as file:
        try:
            return _zip(file) if directory.is_there(file) else _tar(file)
        except (zipfile.BadZipFile, tarfile.TarError, ArchiveError, ValueError, OSError, struct.error):
            return None


def _zip(file: IO[bytes]) -> Form:
    with zipfile.ZipFile(file) as opened:
        found = [_zipped(one) for one in opened.infolist()[:_MEMBERS]]
        return Form({"kind": "zip", "comment": repr(opened.comment[:_TEXT])}, tuple(found))


def _zipped(one: zipfile.ZipInfo) -> Stamp:
    year, month, day, *clock = one.date_time
    method = _METHODS.get(one.compress_type, str(one.compress_type))
    extra = directory.extras(one.extra)
    times = extra.pop(_TIMES, b"")
    facts = {
        "time": f"{year:04}-{month:02}-{day:02} {clock[0]:02}:{clock[1]:02}:{clock[2]:02}"
        + (f" (extra {times.hex()[:_TEXT]})" if times else ""),
        "mode": f"{one.external_attr >> 16:o} ({one.external_attr & 0xFFFF:x})",
        "compression": f"{method}, {one.compress_size:,} of {one.file_size:,} bytes",
        "header": f"made by {one.create_system}/{one.create_version}, for {one.extract_version}, flags"
        f" {one.flag_bits:x}, attributes {one.internal_attr:x}, extra {_extra(extra)}, comment"
        f" {one.comment.hex()[:_TEXT] or 'none'}",
    }
    return Stamp(one.orig_filename, facts)


def _extra(fields: Mapping[int, bytes]) -> str:
    return " ".join(f"{number:x}={data.hex()[:_TEXT]}" for number, data in sorted(fields.items())) or "none"


def _tar(file: IO[bytes]) -> Form:
    file.seek(0)
    head = file.read(_CHUNK)
    facts = {"kind": "tar", **_packed(head)}
    feed, _ = streams.unwrap(file, Meter(LIMITS, file.seek(0, 2)))
    facts["form"] = _TARS.get(feed.peek(_MAGIC.stop)[_MAGIC], "old")
    found: list[Stamp] = []
    forwards = _Stream(feed.take)
    asked: Any = forwards  # all that is asked of it
    with tarfile.open(fileobj=asked, mode="r|") as opened:
        for one in opened:
            found.append(_rolled(one))
            if len(found) >= _MEMBERS:
                return Form(facts, tuple(found))
    facts["end"] = _end(forwards, opened.offset)
    return Form(facts, tuple(found))


def _end(forwards: _Stream, last: int) -> str:
    """Say how much follows the last member of a tar."""
    try:
        while forwards.read(_CHUNK):
            pass
    except ArchiveError as error:
        return str(error)
    rest = forwards.taken - last
    filled = rest <= _RECORD + _LEAST and forwards.taken % _RECORD == 0
    return f"filled to {_RECORD:,} bytes" if filled else f"{rest:,} bytes"


class _Stream:
    """A feed as the standard library reads files: forwards, and no piece larger than a limit."""

    def __init__(self, take: Callable[[int], bytes]) -> None:
        self._take, self.taken = take, 0

    def read(self, number: int) -> bytes:
        """Return the next bytes. Raises `ArchiveError`."""
        if not 0 <= number <= _BLOCK:
            raise ArchiveError("header", "has a header that is too large")
        data = self._take(number)
        self.taken += len(data)
        return data


def _packed(head: bytes) -> dict[str, str]:
    """Return how a file is compressed, and what its header says of that."""
    if not head.startswith(b"\x1f\x8b") or len(head) < _GZIP.size:
        kind = magic.kind(head)
        return {"compression": kind if kind in magic.COMPRESSIONS else "none"}
    _, _, method, flags, when, level, system = _GZIP.unpack_from(head)
    name = head[_GZIP.size :].partition(b"\0")[0].decode("latin-1") if flags & _NAMED else "none"
    return {
        "compression": f"gzip {method}, level {level}, system {system}, flags {flags:x}",
        "gzip time": str(when),
        "gzip name": cut(name, _TEXT),
    }


def _rolled(one: tarfile.TarInfo) -> Stamp:
    more = [
        key if key in _TOLD else f"{key}={cut(value, _TEXT)}"
        for key, value in one.pax_headers.items()
        if key not in {"path", "linkpath"}
    ]
    facts = {
        "time": _moment(one.mtime),
        "mode": f"{one.mode:o}",
        "owner": f"{one.uid}:{one.gid} ({one.uname or 'no name'}:{one.gname or 'no name'})",
        "header": f"type {one.type!r}, records {', '.join(sorted(more)) or 'none'}",
    }
    return Stamp(one.name, facts)


def _moment(seconds: float) -> str:
    try:
        whole = dt.datetime.fromtimestamp(seconds // 1, dt.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        return f"{whole}{f'{seconds % 1:.9f}'[1:].rstrip('0').rstrip('.')}"
    except (ValueError, OverflowError, OSError):
        return str(seconds)
