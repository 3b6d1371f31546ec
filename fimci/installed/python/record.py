"""`RECORD`: the list of installed files of a distribution (csv of path, hash, size).

Read raw, because each deviation is a lie or an accident that installers let pass (pypa/pip#11762 counts
4,399 wheels): padded or wrongly alphabetised base64, paths with a leading slash, repeated lines. Those
are read for what they mean; a row that cannot be held against a file is a fault.
https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import binascii
import csv
import hashlib
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.model import Digest

#: Hashes that a row may state, with the bytes of each. What is not here is weak, or none.
SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
#: Rows of one list that are read: the largest known distribution has 60,000.
LIMIT = 500_000
#: Files that an installer writes or adapts: they differ between two installations of one wheel.
_INSTALLERS = re.compile(
    r"[^/]+\.dist-info/(?:INSTALLER|REQUESTED|RECORD(?:\.jws|\.p7s)?|direct_url\.json|uv_cache\.json"
    r"|uv_build\.json)|(?:.*/)?__pycache__/[^/]+\.pyc|(?:\.\./)+(?:bin|Scripts)/[^/]+",
    re.DOTALL,
)
#: Files of which a list cannot state a hash: itself, its signatures, and bytecode.
_UNHASHED = re.compile(r"[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?|.*\.py[co]|[^/]+\.virtualenv", re.DOTALL)
#: virtualenv lists these folders, and hashes nothing that it adds itself; it leaves a mark of its own.
_CACHE, _SEEDED = "__pycache__", ".virtualenv"
_DRIVE = re.compile(r"[A-Za-z]:/")
#: Base64 of the 32 bytes of a sha256, without the padding.
_SHA256 = 43
#: A row as nearly all are, whose path needs no judgement but for `./` and `//` in it.
_PLAIN = re.compile(r"([^/\\,.:][^\\,:]*),sha256=([A-Za-z0-9_-]{43}),([0-9]{1,18})")
#: Without these, a line of CSV is its fields with commas between them.
_QUOTING = ('"', "\r", "\0")

NO_HASH = "states no hash"
_TOO_MANY = "comes after more rows than any distribution has"
OUTSIDE = "names a file outside the installation"


class Row(NamedTuple):
    """A row: the path as it is from the folder of the packages, hash and size where stated."""

    path: str
    digest: Digest | None
    size: int | None
    line: int


class Fault(NamedTuple):
    """A row that cannot be held against a file: what is wrong with it, the row's path, its line."""

    why: str
    path: str
    line: int


class Rows(NamedTuple):
    """All rows by path, the faults, and the digest of what a wheel states, whoever installed it."""

    rows: dict[str, Row]
    faults: tuple[Fault, ...]
    tree: Digest


def parse(data: bytes) -> Rows:
    """Read a list. Never raises: what is no row is a fault."""
    rows: dict[str, Row] = {}
    faults: list[Fault] = []
    seeded = False
    for found in _rows(data.decode("utf-8", "surrogateescape")):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        if found.digest is None:
            if found.path.endswith(_CACHE):
                continue
            seeded = seeded or found.path.endswith(_SEEDED)
        first = rows.setdefault(found.path, found)
        if first is not found and first[:3] != found[:3]:
            faults.append(Fault("states one file twice, differently", found.path, found.line))
    if seeded:
        faults = [f for f in faults if f.why != NO_HASH or not _INSTALLERS.fullmatch(f.path)]
    return Rows(rows, tuple(faults), _tree(rows))


def by_installer(path: str) -> bool:
    """Tell whether an installer writes the file of a row, whatever the wheel has."""
    return _INSTALLERS.fullmatch(path) is not None


def _tree(rows: dict[str, Row]) -> Digest:
    """Return a digest that is the same on every machine: nothing of what the installer added counts."""
    lines = []
    for path in sorted(rows):
        digest, size = rows[path].digest, rows[path].size
        if digest is not None and not (_may_be_installers(path) and _INSTALLERS.fullmatch(path)):
            lines.append(f"{path}\0{digest.algorithm}:{digest.hex}\0{'' if size is None else size}\n")
    return Digest("sha256", hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest())


def _may_be_installers(path: str) -> bool:
    """Tell whether it is worth asking the pattern, which takes as long as all else of a row."""
    return ".dist-info/" in path or path[-4:] == ".pyc" or path[:3] == "../"


def _rows(text: str) -> Iterator[Row | Fault]:
    lines = text.replace("\r\n", "\n").split("\n")
    if any(character in text for character in _QUOTING):
        yield from _quoted(lines)
        return
    plain, decode = _PLAIN.fullmatch, binascii.a2b_base64
    for number, line in enumerate(lines[:LIMIT], 1):
        found = plain(line)
        if found is not None and "./" not in line and "//" not in line:
            value = found[2].replace("-", "+").replace("_", "/")
            yield Row(found[1], Digest("sha256", decode(value + "=").hex()), int(found[3]), number)
        elif line:
            yield from _row(line.split(","), number)
    if len(lines) > LIMIT + 1:
        yield Fault(_TOO_MANY, "", LIMIT + 1)


def _quoted(lines: list[str]) -> Iterator[Row | Fault]:
    reader = csv.reader(lines)
    try:
        for fields in reader:
            if reader.line_num > LIMIT:
                yield Fault(_TOO_MANY, "", reader.line_num)
                return
            if fields:
                yield from _row(fields, reader.line_num)
    except csv.Error as error:
        yield Fault(f"is not CSV ({error})", "", reader.line_num)


def _row(fields: list[str], line: int) -> Iterator[Row | Fault]:
    path = fields[0]
    if "\\" in path:
        path = path.replace("\\", "/")
    if path[:1] == "/":  # some wheels list their files so; a path outside stays one after this
        path = path[1:]
    if len(fields) != 3:  # noqa: PLR2004  (path, hash, size)
        yield Fault("has not three fields", path, line)
        return
    if "./" in path or "//" in path:
        path = posixpath.normpath(path)
    if not path or path[0] == "/" or "\0" in path or _DRIVE.match(path):
        yield Fault(OUTSIDE, path, line)
        return
    size = fields[2]
    if size and not (size.isascii() and size.isdigit() and len(size) < 19):  # noqa: PLR2004  (64 bits)
        yield Fault("states a size that is no number", path, line)
        size = ""
    digest = _digest(fields[1]) if fields[1] else None
    if digest is None and not path.endswith(_CACHE) and not _UNHASHED.fullmatch(path):
        yield Fault("states a hash that is weak, or none" if fields[1] else NO_HASH, path, line)
    yield Row(path, digest, int(size) if size else None, line)


def _digest(text: str) -> Digest | None:
    """Decode base64, padded or not, in either alphabet; `None` for a weak hash, or what is none."""
    algorithm, _, value = text.partition("=")
    algorithm = algorithm.lower()
    bare = value.rstrip("=").replace("-", "+").replace("_", "/")
    if algorithm not in SIZES or (algorithm == "sha256" and len(bare) != _SHA256):
        return None
    try:
        decoded = binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return None
    return Digest(algorithm, decoded.hex()) if len(decoded) == SIZES[algorithm] else None
