"""Bytecode against its source: compiled anew and compared, in processes that are nobody's loss.

The only place where a program is started while a tree is judged, and it is this one's own interpreter,
isolated (`-I -S`), with a file of this package to run (`compare_bytecode`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci import workers
from fimci.contents import Ground, Layered, contents
from fimci.installed.python.stated import source_of
from fimci.model import Capability, Digest, File
from fimci.model import Place as At
from fimci.printable import plural

#: Files that may crash the process that compares them, before the rest is given up.
CRASHES = 8
#: Bytes of bytecode and sources of an image that are held at once.
HELD = 64 << 20
_SECONDS = 1200
#: Without these, some interpreters do not find their own libraries.
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare_bytecode.py")
_WORDS = {
    "!": "not of its source",
    "U": "never compared with its source by Python",
    "x": "crashes the interpreter that loads or compiles it",
}


class Pair(NamedTuple):
    """Bytecode and the source beside it, with the digests that were taken of them."""

    bytecode: File
    source: File


class Compared(NamedTuple):
    """What is wrong, and how much could not be told."""

    records: tuple[Capability, ...]
    equal: int
    other_version: int
    unknown: int


NOTHING = Compared((), 0, 0, 0)


def pairs(there: Mapping[str, File]) -> Iterator[Pair]:
    """Yield the bytecode of a tree that has a source to be compared with."""
    for path, file in there.items():
        source = there.get(source_of(path)) if path.endswith(".pyc") else None
        if source is not None and isinstance(file.digest, Digest) and isinstance(source.digest, Digest):
            yield Pair(file, source)


def compared(root: Ground, found: Sequence[Pair]) -> Compared:
    """Compare all pairs, on all cores."""
    if not isinstance(root, str):
        return _summed([one for part in _heaps(found) for one in _of_image(root, part)])
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (only where there is bytecode)

    number = min(workers.cores(), max(1, len(found) // 64))
    parts = [found[at::number] for at in range(number)]
    with ThreadPoolExecutor(number) as pool:
        signs = list(pool.map(lambda part: _signs([json.dumps(_line(root, p)) for p in part]), parts))
    return _summed(
        [one for part, said in zip(parts, signs, strict=True) for one in zip(part, said, strict=True)]
    )


def _summed(told: Sequence[tuple[Pair, str]]) -> Compared:
    records = tuple(_record(pair, _WORDS[sign]) for pair, sign in told if sign in _WORDS)
    every = [sign for _, sign in told]
    return Compared(records, every.count("."), every.count("V"), every.count("?"))


def notes(told: Compared) -> Iterator[str]:
    """Say how much bytecode was compared, and how much of it could not be."""
    if told.equal:
        yield f"checked: {plural(told.equal, 'file')} of bytecode against their sources"
    if told.other_version:
        yield f"not checked: {plural(told.other_version, 'file')} of bytecode of another version of Python"
    if told.unknown:
        yield f"not checked: {plural(told.unknown, 'file')} of bytecode that could not be compared"


def _heaps(found: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Part pairs so that the contents of one part may be held at once."""
    heap: list[Pair] = []
    room = HELD
    for pair in found:
        size = sum(file.size for file in pair if isinstance(file.size, int))
        if heap and size > room:
            yield heap
            heap, room = [], HELD
        heap.append(pair)
        room -= size
    if heap:
        yield heap


def _of_image(image: Layered, part: Sequence[Pair]) -> Iterator[tuple[Pair, str]]:
    """Compare pairs that are on no disk: what is too large to be held, or changed, cannot be told."""
    there, _ = contents(image, {file.path for pair in part for file in pair}, HELD // 2)
    whole = [pair for pair in part if all(_is(file, there.get(file.path)) for file in pair)]
    lines = [
        json.dumps(
            [
                pair.bytecode.path,
                *(base64.b64encode(there[file.path]).decode() for file in pair),
                image.times.get(pair.source.path),
            ]
        )
        for pair in whole
    ]
    told = {pair.bytecode.path: sign for pair, sign in zip(whole, _signs(lines, "given"), strict=True)}
    yield from ((pair, told.get(pair.bytecode.path, "?")) for pair in part)


def _is(file: File, data: bytes | None) -> bool:
    return data is not None and hashlib.sha256(data).hexdigest() == _hex(file)


def _signs(lines: Sequence[str], *how: str) -> str:
    """Return a sign for each pair; after a crash, go on with the next one."""
    signs = ""
    for _ in range(CRASHES):
        if len(signs) >= len(lines):
            break
        said, alive = _run(lines[len(signs) :], how)
        signs += said
        if not alive and len(signs) < len(lines):
            signs += "x"
    return signs + "?" * (len(lines) - len(signs))


def compiled(sources: Sequence[tuple[bytes, int]]) -> list[bytes]:
    """Return what sources compile to, each at its level of optimisation; empty where nothing came of one."""
    lines = [json.dumps([base64.b64encode(text).decode(), level]) for text, level in sources]
    output, _ = _output(lines, ["compile"])
    found = [b"" if line == b"!" else base64.b64decode(line) for line in output.split(b"\n")[:-1]]
    return found[: len(lines)] + [b""] * (len(lines) - len(found))


def _run(part: Sequence[str], how: Sequence[str]) -> tuple[str, bool]:
    """Compare in a process of its own; return the signs that it came to, and whether it lived to the end."""
    output, well = _output(part, how)
    signs = output.replace(b">", b"").decode("ascii", "replace")[: len(part)]
    return signs, well is None or (well and len(signs) == len(part))


def _output(part: Sequence[str], how: Sequence[str]) -> tuple[bytes, bool | None]:
    """Return what the program wrote, and whether it ended well; `None`: it could not be started."""
    lines = "\n".join(part).encode()
    done = None
    try:
        done = subprocess.run(  # noqa: S603  (this interpreter, and a file of this package)
            [sys.executable, "-I", "-S", "-B", "-W", "ignore", _PROGRAM, *how],
            input=lines,
            capture_output=True,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            cwd=os.path.dirname(_PROGRAM),
            timeout=_SECONDS,
            check=False,
        )
        output = done.stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    except OSError:
        return b"?" * len(part), None
    return output, done is not None and done.returncode == 0


def _line(root: str, pair: Pair) -> list[str]:
    return [text for file in pair for text in (os.path.join(root, file.path), _hex(file))]


def _hex(file: File) -> str:
    return file.digest.hex if isinstance(file.digest, Digest) else ""


def _record(pair: Pair, subject: str) -> Capability:
    return Capability(
        path=pair.bytecode.path,
        name="bytecode",
        subject=subject,
        phase="import",
        detail=_hex(pair.bytecode),
        at=At(pair.bytecode.path, 1, f"runs in the place of {pair.source.path}"),
    )
