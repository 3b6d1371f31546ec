"""The lines of a baseline file: one record each, ordinary files as short rows (`fimci.store`).

Text that is not Unicode, or holds NUL, is escaped with NUL, which no other string then has.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from fimci.look import ALGORITHMS
from fimci.model import UNSTATED, Capability, Digest, File, Place, Record

encoder = msgspec.json.Encoder(order="deterministic")
_record_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
_lines_decoder: msgspec.json.Decoder[Record | list[Any]] = msgspec.json.Decoder(Record | list[Any])
_DIGITS = {name: 2 * make(b"").digest_size for name, make in ALGORITHMS.items()}
#: Modes as they are written, for the files that are not 644.
_MODES = {f"{mode:o}": mode for mode in (0o755, 0o600, 0o700, 0o664, 0o775, 0o444, 0o555)}
_PHASE = Capability(path="", name="network", subject="", at=Place("")).phase
_KIND = File(path="").kind
_SURROGATE = re.compile("[\0\ud800-\udfff]")
_ESCAPE = re.compile("\0(?:\0|u([0-9a-f]{4}))")


def verbatim(text: str) -> bool:
    """Tell whether a path stands in a line as it is, with nothing to escape."""
    return text.isprintable() and '"' not in text and "\\" not in text


def row(path: str, size: int, digest: bytes, ending: str) -> str:
    """Return the line of an ordinary file whose path is `verbatim`, without a line feed; see `ending`."""
    text = binascii.b2a_base64(digest, newline=False).decode().rstrip("=")
    return f'["{path}",{size},"{text}{ending}'


def ending(mode: int) -> str:
    """Return how the lines of files with these permission bits end, from their digest on."""
    return '"]' if mode == 0o644 else f'","{mode:o}"]'  # noqa: PLR2004  (the mode that goes without saying)


def folder_row(path: str, mode: int) -> str:
    """Return the line of a folder, whose path ends with `/` and is `verbatim`."""
    return f'["{path}","{mode:o}"]'


def encode_all(records: list[Record], algorithm: str) -> bytes:
    """Return the lines of some records: in one step, but where a string needs an escape."""
    values = [_short(r, algorithm) if isinstance(r, File) else _canonical(r) for r in records]
    try:
        lines = encoder.encode_lines(values)
    except UnicodeEncodeError:
        lines = b"\\u0000"
    return lines if b"\\u0000" not in lines else b"".join(_encode(r, algorithm) + b"\n" for r in records)


def _encode(record: Record, algorithm: str) -> bytes:
    value = _short(record, algorithm) if isinstance(record, File) else _canonical(record)
    try:
        line = encoder.encode(value)
    except UnicodeEncodeError:
        return encoder.encode(escaped(msgspec.to_builtins(value)))
    return encoder.encode(escaped(msgspec.to_builtins(value))) if b"\\u0000" in line else line


def _canonical(record: Record) -> Record:
    """Return an equal record whose defaults are left out: msgspec knows them by identity.

    What came from another process has texts of its own.
    """
    if isinstance(record, Capability) and record.phase == _PHASE and record.phase is not _PHASE:
        return msgspec.structs.replace(record, phase=_PHASE)
    if isinstance(record, File) and record.kind == _KIND and record.kind is not _KIND:
        return msgspec.structs.replace(record, kind=_KIND)
    return record


def _short(file: File, algorithm: str) -> object:
    """Return the short form of an ordinary file or folder, else the record itself."""
    size, digest = file.size, file.digest
    if file.mode is UNSTATED or file.target is not None or size is UNSTATED or digest is UNSTATED:
        return _canonical(file)
    mode = f"{file.mode:o}" if isinstance(file.mode, int) else ""
    more = (dict(file.attributes),) if file.attributes else ()
    if file.kind == "directory" and size is None and digest is None:
        return (file.path + "/", mode, *more)
    if file.kind != "file" or (isinstance(digest, Digest) and digest.algorithm != algorithm):
        return _canonical(file)
    value = None
    if isinstance(digest, Digest):
        value = binascii.b2a_base64(bytes.fromhex(digest.hex), newline=False).rstrip(b"=").decode()
    short = (file.path, size, value)
    return short if mode == "644" and not more and size is not None and value else (*short, mode, *more)


def decode_all(lines: bytes, algorithm: str) -> Iterable[Record]:
    """Return the records of some lines: in one step, but where a string has an escape.

    The hot loop of every check against a baseline. Ordinary files take the short way.
    """
    if b"\\u0000" in lines:
        return [decode(line, algorithm) for line in lines.split(b"\n")[:-1]]
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


def decode(line: bytes, algorithm: str) -> Record:
    """Return the record of one line. Raises `ValueError` or `MsgspecError` where it is none."""
    escaped = b"\\u0000" in line
    if not escaped and line.startswith(b"{"):
        return _record_decoder.decode(line)
    value = msgspec.json.decode(line)
    if escaped:
        value = unescaped(value)
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
    found = binascii.a2b_base64(value + "=" * (-len(value) % 4)).hex()
    if len(found) != _DIGITS[algorithm]:
        raise ValueError("a digest of another length")
    return Digest(algorithm, found)


def escaped(value: Any) -> Any:
    """Escape what JSON cannot hold (lone surrogates), and NUL, in every string of a value."""
    if isinstance(value, str):
        return _SURROGATE.sub(lambda m: "\0\0" if m.group() == "\0" else f"\0u{ord(m.group()):04x}", value)
    if isinstance(value, dict):
        return {escaped(key): escaped(item) for key, item in value.items()}
    return [escaped(item) for item in value] if isinstance(value, (list, tuple)) else value


def unescaped(value: Any) -> Any:
    """Undo `escaped`."""
    if isinstance(value, str):
        return _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1) else "\0", value)
    if isinstance(value, dict):
        return {unescaped(key): unescaped(item) for key, item in value.items()}
    return [unescaped(item) for item in value] if isinstance(value, list) else value
