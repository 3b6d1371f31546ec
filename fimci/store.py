r"""Save a snapshot as a canonical baseline file, and load it back.

`fimci-baseline/1` is text, one JSON value a line (docs/formats.md):

    {"format":"fimci-baseline/1","recipe":{…}}            header
    ["src/main.py",1234,"<sha256, base64>"]                regular file, mode 644
    ["bin/run",57,"<sha256, base64>","755"]                regular file, any other mode
    ["src/","755"]                                         folder
    ["etc/passwd",9,"<sha256, base64>","644",{"owner":0}]  with attributes, by name
    {"type":"package",…}                                   every other record
    {"records":4175,"root":"sha256:…"}                     trailer

Where the profile asks for no size or digest, `null` stands for it, and "" for no mode. `profile`
and `paths` are in the recipe only where they are not the default.

Sorted by key, no clock, no version of the tool: two runs over one tree give the same bytes. The
trailer's digest covers everything before it, so a truncated or edited file is refused. A file that
is packed with zstd holds the same text. Text that is not Unicode (`\udc80`…) or holds NUL is escaped
with NUL, which no other string then has.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fimci import damage, rows
from fimci.errors import BaselineError
from fimci.look import ALGORITHMS
from fimci.model import Record
from fimci.packing import MAGIC, PackingError, unpack
from fimci.snapshot import Recipe, Snapshot

FORMAT = "fimci-baseline/1"

_REMEDY = "restore the file from version control, or take a new one with `fimci baseline`"

#: Records encoded at once, bytes decoded at once, and more than any line is long.
_BATCH, _BLOCK, _LINE_LIMIT = 256, 128 * 1024, 256 << 20


class _Header(msgspec.Struct, frozen=True):
    format: str
    recipe: dict[str, Any]


class _Trailer(msgspec.Struct, frozen=True):
    records: int
    root: str


def dump(recipe: Recipe, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a baseline file, some whole lines at once. Raises `ValueError` for records out of order."""
    return dump_lines(recipe, encoded(_ordered(records), recipe.algorithm))


def encoded(records: Iterable[Record], algorithm: str) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of records, some at once, and their number."""
    left = iter(records)
    while batch := list(itertools.islice(left, _BATCH)):
        yield rows.encode_all(batch, algorithm), len(batch)


def dump_lines(recipe: Recipe, found: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
    """Yield a baseline file from its lines (`fimci.rows`), some whole ones at once, and their number."""
    root = hashlib.sha256()
    count = 0
    lines = rows.encoder.encode(_Header(FORMAT, rows.escaped(_stated(recipe)))) + b"\n"
    root.update(lines)
    yield lines
    for lines, number in found:
        count += number
        root.update(lines)
        yield lines
    yield rows.encoder.encode(_Trailer(count, f"sha256:{root.hexdigest()}")) + b"\n"


def load(data: bytes, name: str) -> Snapshot:
    """Read a baseline file, text or packed. `name` is what errors call it.

    Raises `BaselineError` unless the file is whole, unedited and of a format that is known. What
    is packed is unpacked as a stream, by each iteration anew.
    """
    try:
        first, last, root = ends(data)
    except PackingError as error:
        raise BaselineError(f"{name} {error}", _REMEDY) from error
    if not first.startswith(b'{"format":'):
        raise _refusal(data, name) or BaselineError(
            f"{name} is not a baseline", "name a file that `fimci baseline` wrote"
        )
    header = _header(first, name)
    try:
        trailer = msgspec.json.decode(last, type=_Trailer)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _refusal(data, name) or BaselineError(
            f"{name} is truncated: it does not end with a trailer", _REMEDY
        ) from error
    try:
        recipe = msgspec.convert(rows.unescaped(header.recipe), Recipe)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BaselineError(f"{name} has an invalid recipe: {error}", _REMEDY) from error
    if recipe.algorithm not in ALGORITHMS:
        raise BaselineError(f"{name} uses {recipe.algorithm!r}, which is not a known algorithm", _REMEDY)
    records = Body(data, recipe.algorithm, trailer, name)
    if trailer.root != root or not last.endswith(b"\n"):
        raise _refusal(data, name) or records.fault()
    return Snapshot(locator=f"baseline:{name}", recipe=recipe, records=records)


class Body:
    """The records of a baseline, decoded anew by each iteration, one by one.

    A million of them are more than memory should hold. The root digest vouches for the bytes;
    what is checked here is that they are what they claim to be.
    """

    def __init__(self, data: bytes, algorithm: str, trailer: _Trailer, name: str) -> None:
        self.data = data
        self.algorithm = algorithm
        self.count = trailer.records
        self.root = trailer.root
        self.name = name

    def blocks(self) -> Iterator[bytes]:
        """Yield the lines that `__iter__` decodes, some whole ones at once."""
        return _body(self.data)

    def fault(self) -> BaselineError:
        """Return what is wrong with the first record that is."""
        try:
            for _ in self:
                pass
        except BaselineError as error:
            return error
        return BaselineError(f"{self.name} was edited or damaged: its root digest does not match", _REMEDY)

    def __iter__(self) -> Iterator[Record]:
        last: tuple[str, ...] = ()
        seen = 0
        for lines in _body(self.data):
            try:
                records = rows.decode_all(lines, self.algorithm)
            except (msgspec.MsgspecError, ValueError):
                records = self._singly(lines, seen)
            for record in records:
                key = record.key
                if key <= last:
                    what = "is there twice" if key == last else "is out of order"
                    raise BaselineError(f"{self.name} was edited: line {seen + 2:,} {what}", _REMEDY)
                last = key
                seen += 1
                yield record
        if seen != self.count:
            raise BaselineError(f"{self.name} was edited: its record count is wrong", _REMEDY)

    def _singly(self, lines: bytes, seen: int) -> Iterator[Record]:
        """Yield records up to the line that is none, and say which it is."""
        for number, line in enumerate(lines.split(b"\n")[:-1], seen + 2):
            try:
                yield rows.decode(line, self.algorithm)
            except (msgspec.MsgspecError, ValueError) as error:
                raise BaselineError(
                    f"{self.name} has an invalid record in line {number:,}: {error}", _REMEDY
                ) from error


def _blocks(data: bytes) -> Iterator[bytes]:
    """Yield the text of a baseline, some whole lines at once; only the end may lack its line feed."""
    chunks = unpack(data) if data.startswith(MAGIC) else _slices(data)
    begun: list[bytes] = []
    length = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield b"".join((*begun, chunk[:end]))
            begun, length = [], 0
        begun.append(chunk[end:])
        length += len(chunk) - end
        if length > _LINE_LIMIT:
            raise PackingError("has a line that is longer than any baseline's")
    rest = b"".join(begun)
    if rest:
        yield rest


def _slices(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))


def ends(data: bytes) -> tuple[bytes, bytes, str]:
    """Return the first line of a baseline, the last one, and the root digest of all before it.

    Nothing else of it is looked at. Raises `PackingError` where it cannot be unpacked.
    """
    root = hashlib.sha256()
    first = held = b""
    for block in _blocks(data):
        first = first or block[: block.find(b"\n") + 1]
        root.update(held)
        held = block
    at = held.rfind(b"\n", 0, len(held) - 1) + 1
    root.update(memoryview(held)[:at])
    return first, held[at:], f"sha256:{root.hexdigest()}"


def _body(data: bytes) -> Iterator[bytes]:
    """Yield the lines between header and trailer, some at once."""
    blocks = _blocks(data)
    held = next(blocks)
    held = held[held.index(b"\n") + 1 :]
    for block in blocks:
        if held:
            yield held
        held = block
    held = held[: held.rfind(b"\n", 0, len(held) - 1) + 1]
    if held:
        yield held


def _refusal(data: bytes, name: str) -> BaselineError | None:
    """Return what has happened to a file, where its bytes tell."""
    found = damage.cause(_blocks(data))
    return BaselineError(f"{name} {found.what}", found.remedy or _REMEDY) if found else None


def _ordered(records: Iterable[Record]) -> Iterator[Record]:
    last: tuple[str, ...] = ()
    for record in records:
        key = record.key
        if key <= last:
            message = f"records are not sorted: {key!r} after {last!r}"
            raise ValueError(message)
        last = key
        yield record


def _header(line: bytes, name: str) -> _Header:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BaselineError(f"{name} is not a baseline: its first line cannot be read", _REMEDY) from error
    if header.format != FORMAT:
        known = re.fullmatch(r"fimci-baseline/(\d{1,6})", header.format)
        remedy = "install the version of fimci that wrote it, or a newer one" if known else _REMEDY
        raise BaselineError(
            f"{name} has the format {header.format[:40]!r}; this fimci reads {FORMAT}", remedy
        )
    return header


def _stated(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as it stands in a header: what it says of paths only where it says something.

    A baseline by the default profile thus stays as every version of this format wrote it.
    """
    stated: dict[str, Any] = msgspec.to_builtins(recipe)
    if recipe.profile == Recipe().profile:
        del stated["profile"]
    if not recipe.paths:
        del stated["paths"]
    return stated
