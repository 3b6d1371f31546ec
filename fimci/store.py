r"""Save a snapshot as a canonical baseline file, and load it back.

`fimci-baseline/1` is text, one JSON value a line (docs/formats.md):

    {"format":"fimci-baseline/1","recipe":{…}}            header
    ["src/main.py",1234,"<sha256, base64>"]                regular file, mode 644
    ["bin/run",57,"<sha256, base64>","755"]                regular file, any other mode
    ["src/","755"]                                         folder
    {"type":"package",…}                                   every other record
    {"records":4175,"root":"sha256:…"}                     trailer

Sorted by key, no clock, no version of the tool: two runs over one tree give the same bytes. The
trailer's digest covers everything before it, so a truncated or edited file is refused. A file that
is packed with zstd holds the same text. Text that is not Unicode (`\udc80`…) or holds NUL is escaped
with NUL, which no other string then has.
"""

from __future__ import annotations

import binascii
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fimci import damage
from fimci.errors import BaselineError
from fimci.look import ALGORITHMS
from fimci.model import Digest, File, Record
from fimci.packing import MAGIC, PackingError, unpack
from fimci.snapshot import Recipe, Snapshot

FORMAT = "fimci-baseline/1"

_REMEDY = "restore the file from version control, or take a new one with `fimci baseline`"
_encoder = msgspec.json.Encoder(order="deterministic")
_record_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
_lines_decoder: msgspec.json.Decoder[Record | list[Any]] = msgspec.json.Decoder(Record | list[Any])
_DIGITS = {name: 2 * make(b"").digest_size for name, make in ALGORITHMS.items()}
#: Modes as they are written, for the files that are not 644.
_MODES = {f"{mode:o}": mode for mode in (0o755, 0o600, 0o700, 0o664, 0o775, 0o444, 0o555)}

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
    root = hashlib.sha256()
    count = 0
    lines = _encoder.encode(_Header(FORMAT, _escaped(msgspec.to_builtins(recipe)))) + b"\n"
    root.update(lines)
    yield lines
    in_order = _ordered(records)
    while batch := list(itertools.islice(in_order, _BATCH)):
        count += len(batch)
        lines = _encode_all(batch, recipe.algorithm)
        root.update(lines)
        yield lines
    yield _encoder.encode(_Trailer(count, f"sha256:{root.hexdigest()}")) + b"\n"


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
            f"{name} is no baseline", "name a file that `fimci baseline` wrote"
        )
    header = _header(first, name)
    try:
        trailer = msgspec.json.decode(last, type=_Trailer)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _refusal(data, name) or BaselineError(
            f"{name} is truncated: it does not end with a trailer", _REMEDY
        ) from error
    try:
        recipe = msgspec.convert(_unescaped(header.recipe), Recipe)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BaselineError(f"{name} has a recipe that is none: {error}", _REMEDY) from error
    if recipe.algorithm not in ALGORITHMS:
        raise BaselineError(f"{name} uses {recipe.algorithm!r}, which is no algorithm here", _REMEDY)
    records = _Body(data, recipe.algorithm, trailer.records, name)
    if trailer.root != root or not last.endswith(b"\n"):
        raise _refusal(data, name) or _misfit(records)
    return Snapshot(locator=f"baseline:{name}", recipe=recipe, records=records)


class _Body:
    """The records of a baseline, decoded anew by each iteration, one by one.

    A million of them are more than memory should hold. The root digest vouches for the bytes;
    what is checked here is that they are what they claim to be.
    """

    def __init__(self, data: bytes, algorithm: str, count: int, name: str) -> None:
        self.data = data
        self.algorithm = algorithm
        self.count = count
        self.name = name

    def __iter__(self) -> Iterator[Record]:
        last: tuple[str, ...] = ()
        seen = 0
        for lines in _body(self.data):
            try:
                records = _decode_all(lines, self.algorithm)
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
            raise BaselineError(f"{self.name} was edited: it counts its records wrongly", _REMEDY)

    def _singly(self, lines: bytes, seen: int) -> Iterator[Record]:
        """Yield records up to the line that is none, and say which it is."""
        for number, line in enumerate(lines.split(b"\n")[:-1], seen + 2):
            try:
                yield _decode(line, self.algorithm)
            except (msgspec.MsgspecError, ValueError) as error:
                raise BaselineError(
                    f"{self.name} holds what is no record in line {number:,}: {error}", _REMEDY
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


def _misfit(records: _Body) -> BaselineError:
    """Return why a root digest does not fit: the first record that is wrong, or no such thing."""
    try:
        for _ in records:
            pass
    except BaselineError as error:
        return error
    return BaselineError(f"{records.name} was edited or damaged: its root digest does not fit", _REMEDY)


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
        raise BaselineError(f"{name} is no baseline: its first line cannot be read", _REMEDY) from error
    if header.format != FORMAT:
        known = re.fullmatch(r"fimci-baseline/(\d{1,6})", header.format)
        remedy = "install the version of fimci that wrote it, or a newer one" if known else _REMEDY
        raise BaselineError(
            f"{name} has the format {header.format[:40]!r}; this fimci reads {FORMAT}", remedy
        )
    return header


def _encode_all(records: list[Record], algorithm: str) -> bytes:
    """Return the lines of some records: in one step, but where a string needs an escape."""
    values = [_short(r, algorithm) if isinstance(r, File) else r for r in records]
    try:
        lines = _encoder.encode_lines(values)
    except UnicodeEncodeError:
        lines = b"\\u0000"
    return lines if b"\\u0000" not in lines else b"".join(_encode(r, algorithm) + b"\n" for r in records)


def _encode(record: Record, algorithm: str) -> bytes:
    value: object = record
    if isinstance(record, File):
        value = _short(record, algorithm)
    try:
        line = _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_escaped(msgspec.to_builtins(value)))
    return _encoder.encode(_escaped(msgspec.to_builtins(value))) if b"\\u0000" in line else line


def _short(file: File, algorithm: str) -> object:
    """Return the short form of an ordinary file or folder, else the record itself."""
    if not isinstance(file.mode, int) or file.target is not None:
        return file
    if file.kind == "directory" and file.size is None and file.digest is None:
        return (file.path + "/", f"{file.mode:o}")
    digest = file.digest
    if file.kind != "file" or not isinstance(digest, Digest) or not isinstance(file.size, int):
        return file
    if digest.algorithm != algorithm:
        return file
    value = binascii.b2a_base64(bytes.fromhex(digest.hex), newline=False).rstrip(b"=").decode()
    short = (file.path, file.size, value)
    return short if file.mode == 0o644 else (*short, f"{file.mode:o}")  # noqa: PLR2004


def _decode_all(lines: bytes, algorithm: str) -> Iterable[Record]:
    """Return the records of some lines: in one step, but where a string has an escape.

    The hot loop of every check against a baseline. Ordinary files take the short way.
    """
    if b"\\u0000" in lines:
        return [_decode(line, algorithm) for line in lines.split(b"\n")[:-1]]
    values = _lines_decoder.decode_lines(lines)
    if len(values) != lines.count(b"\n"):
        raise ValueError("an empty line")
    return [
        value if not isinstance(value, list) else _ordinary(value, algorithm) or _long(value, algorithm)
        for value in values
    ]


def _ordinary(fields: list[Any], algorithm: str) -> File | None:
    """Return the file of the two commonest forms; `_long` knows them all, and takes four times as long."""
    number = len(fields)
    if number not in (3, 4):
        return None
    path, size, value = fields[:3]
    if type(path) is not str or type(size) is not int or size < 0 or type(value) is not str:
        return None
    mode: int | None = 0o644
    if number > 3:  # noqa: PLR2004  (the short form)
        mode = _MODES.get(fields[3]) if isinstance(fields[3], str) else None
    if mode is None:
        return None
    return File(path=path, size=size, mode=mode, digest=_digest(value, algorithm))


def _decode(line: bytes, algorithm: str) -> Record:
    escaped = b"\\u0000" in line
    if not escaped and line.startswith(b"{"):
        return _record_decoder.decode(line)
    value = msgspec.json.decode(line)
    if escaped:
        value = _unescaped(value)
    if isinstance(value, list):
        return _long(value, algorithm)
    record: Record = msgspec.convert(value, Record)
    return record


def _long(fields: list[Any], algorithm: str) -> File:
    match fields:
        case [str(path), int(size), str(value)] if size >= 0:
            return File(path=path, size=size, mode=0o644, digest=_digest(value, algorithm))
        case [str(path), int(size), str(value), str(mode)] if size >= 0:
            return File(path=path, size=size, mode=int(mode, 8), digest=_digest(value, algorithm))
        case [str(path), str(mode)] if path.endswith("/"):
            return File(path=path[:-1], kind="directory", size=None, mode=int(mode, 8), digest=None)
    message = "a list that is neither a file nor a folder"
    raise ValueError(message)


def _digest(value: str, algorithm: str) -> Digest:
    found = binascii.a2b_base64(value + "=" * (-len(value) % 4)).hex()
    if len(found) != _DIGITS[algorithm]:
        raise ValueError("a digest of another length")
    return Digest(algorithm, found)


_SURROGATE = re.compile("[\0\ud800-\udfff]")
_ESCAPE = re.compile("\0(?:\0|u([0-9a-f]{4}))")


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda m: "\0\0" if m.group() == "\0" else f"\0u{ord(m.group()):04x}", value)
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, (list, tuple)) else value


def _unescaped(value: Any) -> Any:
    if isinstance(value, str):
        return _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1) else "\0", value)
    if isinstance(value, dict):
        return {_unescaped(key): _unescaped(item) for key, item in value.items()}
    return [_unescaped(item) for item in value] if isinstance(value, list) else value
