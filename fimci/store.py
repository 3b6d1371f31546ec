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
trailer's digest covers everything before it, so a truncated or edited file is refused. Text
that is not Unicode (`\udc80`…) or holds NUL is escaped with NUL, which no other string then has.
"""

from __future__ import annotations

import binascii
import contextlib
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fimci.errors import BaselineError, FimciError
from fimci.look import ALGORITHMS
from fimci.model import UNSTATED, Digest, File, Record
from fimci.snapshot import Recipe, Snapshot

FORMAT = "fimci-baseline/1"

_REMEDY = "restore the file from version control, or take a new one with `fimci baseline`"
_encoder = msgspec.json.Encoder(order="deterministic")
_record_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class _Header(msgspec.Struct, frozen=True):
    format: str
    recipe: dict[str, Any]


class _Trailer(msgspec.Struct, frozen=True):
    records: int
    root: str


def dump(recipe: Recipe, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield the lines of a baseline file. Raises `ValueError` for records out of order."""
    root = hashlib.sha256()
    count = 0
    last: tuple[str, ...] = ()
    line = _encoder.encode(_Header(FORMAT, _escaped(_stated(recipe)))) + b"\n"
    root.update(line)
    yield line
    for record in records:
        key = record.key
        if key <= last:
            message = f"records are not sorted: {key!r} after {last!r}"
            raise ValueError(message)
        last = key
        count += 1
        line = _encode(record, recipe.algorithm) + b"\n"
        root.update(line)
        yield line
    yield _encoder.encode(_Trailer(count, f"sha256:{root.hexdigest()}")) + b"\n"


def load(data: bytes, name: str) -> Snapshot:
    """Read a baseline file. `name` is what errors call it.

    Raises `BaselineError` unless the file is whole, unedited and of a format that is known.
    """
    if not data.startswith(b'{"format":'):
        raise BaselineError(f"{name} is no baseline", "name a file that `fimci baseline` wrote")
    lines = data.split(b"\n", 1)
    header = _header(lines[0], name)
    start = data.rfind(b"\n", 0, len(data) - 1) + 1
    try:
        trailer = msgspec.json.decode(data[start:], type=_Trailer)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BaselineError(f"{name} is truncated: it does not end with a trailer", _REMEDY) from error
    root = f"sha256:{hashlib.sha256(memoryview(data)[:start]).hexdigest()}"
    if trailer.root != root or not data.endswith(b"\n"):
        raise BaselineError(f"{name} was edited or damaged: its root digest does not fit", _REMEDY)
    try:
        recipe = msgspec.convert(_unescaped(header.recipe), Recipe)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BaselineError(f"{name} has a recipe that is none: {error}", _REMEDY) from error
    if recipe.algorithm not in ALGORITHMS:
        raise BaselineError(f"{name} uses {recipe.algorithm!r}, which is no algorithm here", _REMEDY)
    records = _Body(data[len(lines[0]) + 1 : start], recipe.algorithm, trailer.records, name)
    return Snapshot(locator=f"baseline:{name}", recipe=recipe, records=records)


class _Body:
    """The records of a baseline, decoded anew by each iteration, one by one.

    A million of them are more than memory should hold. The root digest vouches for the bytes;
    what is checked here is that they are what they claim to be.
    """

    def __init__(self, body: bytes, algorithm: str, count: int, name: str) -> None:
        self.body = body
        self.algorithm = algorithm
        self.count = count
        self.name = name

    def __iter__(self) -> Iterator[Record]:
        last: tuple[str, ...] = ()
        seen = 0
        for line in io.BytesIO(self.body):
            try:
                record = _decode(line[:-1], self.algorithm)
            except (msgspec.MsgspecError, ValueError) as error:
                raise BaselineError(f"{self.name} holds what is no record: {error}", _REMEDY) from error
            key = record.key
            if key <= last:
                raise BaselineError(f"{self.name} was edited: its records are out of order", _REMEDY)
            last = key
            seen += 1
            yield record
        if seen != self.count:
            raise BaselineError(f"{self.name} was edited: it counts its records wrongly", _REMEDY)


def write(path: str, lines: Iterable[bytes]) -> None:
    """Replace a file in one step: whoever looks, or dies, finds the old one or the new one.

    The lines go to a new file beside it, which is flushed to the disk before it takes the name.
    """
    folder = os.path.dirname(os.path.abspath(path))
    beside = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.new")
    try:
        with open(beside, "xb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        _flush_folder(folder)
    except OSError as error:
        _discard(beside)
        reason = (error.strerror or str(error)).lower()
        raise FimciError(
            f"{path} could not be written: {reason}", "the previous file is untouched"
        ) from error
    except BaseException:
        _discard(beside)
        raise


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
    size, digest = file.size, file.digest
    if file.mode is UNSTATED or file.target is not None or size is UNSTATED or digest is UNSTATED:
        return file
    mode = f"{file.mode:o}" if isinstance(file.mode, int) else ""
    more = (dict(file.attributes),) if file.attributes else ()
    if file.kind == "directory" and size is None and digest is None:
        return (file.path + "/", mode, *more)
    if file.kind != "file" or (isinstance(digest, Digest) and digest.algorithm != algorithm):
        return file
    value = None
    if isinstance(digest, Digest):
        value = binascii.b2a_base64(bytes.fromhex(digest.hex), newline=False).rstrip(b"=").decode()
    short = (file.path, size, value)
    return short if mode == "644" and not more and size is not None and value else (*short, mode, *more)


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
        case [str(path), str(mode), *rest] if path.endswith("/"):
            return File(
                path=path[:-1],
                kind="directory",
                size=None,
                mode=_bits(mode),
                digest=None,
                attributes=_attributes(rest),
            )
        case [str(path), None | int(), None | str(), str(mode), *rest] if (fields[1] or 0) >= 0:
            return File(
                path=path,
                size=fields[1],
                mode=_bits(mode),
                digest=None if fields[2] is None else _digest(fields[2], algorithm),
                attributes=_attributes(rest),
            )
    message = "a list that is neither a file nor a folder"
    raise ValueError(message)


def _bits(mode: str) -> int | None:
    return int(mode, 8) if mode else None


def _attributes(rest: list[Any]) -> tuple[tuple[str, str | int], ...]:
    """Read what stands after the mode, at most one table of attributes."""
    match rest:
        case []:
            return ()
        case [dict(table)]:
            return msgspec.convert(tuple(sorted(table.items())), tuple[tuple[str, str | int], ...])
    raise ValueError("more than a table of attributes stands after the mode")


def _digest(value: str, algorithm: str) -> Digest:
    return Digest(algorithm, binascii.a2b_base64(value + "=" * (-len(value) % 4)).hex())


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


def _flush_folder(folder: str) -> None:
    """Make the rename itself durable, where the system can open folders."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _discard(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
