"""Compare bytecode with the source that it should be of. A program of its own, run by `fimci.trees.bytecode`.

    python -I -S -W ignore compare_bytecode.py < pairs

Bytecode from elsewhere may crash the interpreter that loads it, and source may exhaust the one that
compiles it: this runs apart from everything, under limits, imports nothing but the standard library, and
executes neither. Each line of the input is a JSON list: bytecode, its sha256, source, its sha256, as
paths and hex. With `given` as an argument it is the name of the bytecode, both contents in base64, and the
time of the source: of files that are on no disk. For each, a line is written before the work begins (so that
a crash has a name) and one with the outcome: `.` equal, `-` nothing to compare (Python would compile anew),
`V` of another version, `!` not of its source, `U` never compared by Python, `?` cannot be told.

With `compile` as an argument no bytecode is loaded: a line has a source in base64 and its level of
optimisation, and gets what that compiles to, in base64, or `!`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import marshal
import os
import re
import sys
import types
from importlib.util import MAGIC_NUMBER, source_hash

_HEADER = 16
_UNCHECKED, _BY_HASH, _KNOWN = 1, 0b11, 0b11
#: Bytes of memory and seconds of processor time for all that one process is given.
_MEMORY, _SECONDS = 4 << 30, 900
_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


def outcome(bytecode: str, digest: str, source: str, source_digest: str) -> str:
    """Return the sign of what became of a pair."""
    try:
        code, _ = _read(bytecode, digest)
        text, state = _read(source, source_digest)
    except (OSError, ValueError):
        return "?"
    return compared(bytecode, code, text, int(state.st_mtime))


def given(bytecode: str, code: str, source: str, time: int | None) -> str:
    """Return the sign of a pair whose contents are at hand."""
    return compared(bytecode, base64.b64decode(code), base64.b64decode(source), time)


def made(source: str, level: int) -> bytes:
    """Return what a source compiles to, in base64."""
    try:
        code = compile(base64.b64decode(source), "source", "exec", dont_inherit=True, optimize=level)
    except (SyntaxError, ValueError, TypeError, OverflowError, MemoryError, RecursionError):
        return b"!"
    return base64.b64encode(marshal.dumps(code))


def compared(name: str, code: bytes, text: bytes, time: int | None) -> str:
    """Return the sign of what became of a pair; where nobody knows its time, a source is the one meant."""
    if code[:4] != MAGIC_NUMBER:
        return "V"
    flags = int.from_bytes(code[4:8], "little")
    if len(code) < _HEADER or flags & ~_KNOWN or flags == _BY_HASH - _UNCHECKED:
        return "-"
    stamp = _number(len(text)) if time is None else _number(time) + _number(len(text))
    if flags == 0 and not code[8:16].endswith(stamp):
        return "-"
    if flags == _BY_HASH and code[8:16] != source_hash(text):
        return "-"
    equal = _equal(code[_HEADER:], text, name)
    if flags == _UNCHECKED and equal == ".":
        return "U"
    return equal


def _read(path: str, digest: str) -> tuple[bytes, os.stat_result]:
    """Read a file that must still be the one that was hashed before."""
    handle = os.open(os.fsencode(path), _FLAGS)
    with open(handle, "rb") as file:
        data = file.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError("changed")
        return data, os.fstat(handle)


def _number(value: int) -> bytes:
    """Return the time or the size of a source as Python writes it into bytecode."""
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def _equal(marshalled: bytes, text: bytes, path: str) -> str:
    level = re.search(r"\.opt-([12])\.pyc$", path)
    try:
        loaded = marshal.loads(marshalled)  # noqa: S302  (what this process is apart for)
        if not isinstance(loaded, types.CodeType):
            return "!"
        made = compile(
            text, loaded.co_filename, "exec", dont_inherit=True, optimize=int(level[1]) if level else 0
        )
    except (SyntaxError, ValueError, EOFError, TypeError, OverflowError):
        return "!"
    except (MemoryError, RecursionError):
        return "?"
    return "." if loaded == made and _canonical(loaded) == _canonical(made) else "!"


def _canonical(code: types.CodeType) -> bytes:
    """Return code in the form that says nothing of which of its constants are shared.

    Flags and stack sizes are in it, which `==` leaves out. Empty for what that old form cannot hold.
    """
    try:
        return marshal.dumps(code, 2)
    except ValueError:
        return b""


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  (not on Windows)

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def main() -> int:
    """Work off the pairs."""
    _limit()
    if sys.argv[1:] == ["compile"]:
        for line in sys.stdin.buffer.read().splitlines():
            sys.stdout.buffer.write(made(*json.loads(line)) + b"\n")
            sys.stdout.buffer.flush()
        return 0
    work = given if sys.argv[1:] == ["given"] else outcome
    for line in sys.stdin.buffer.read().splitlines():
        os.write(1, b">")
        os.write(1, work(*json.loads(line)).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
