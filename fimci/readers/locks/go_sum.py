"""`go.sum` and `go.work.sum`: the hashes of modules that a build may read.

    example.org/left v1.0.1 h1:…=            the module: a hash over the hashes of its files
    example.org/left v1.0.1/go.mod h1:…=     its `go.mod` alone, to pick versions by

Several versions of one module are normal, and most have only the second line: what is built is said
by `go.mod`. Both hashes make one `Package`, under `h1` and `h1-go.mod`. The file states no origin:
where modules come from is decided by the environment (`GOPROXY`), and by `replace` in `go.mod`.

https://go.dev/ref/mod#go-sum-files
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, rows
from fimci.model import Digest, Package, Place, Record
from fimci.readers.documents import odd_lines, unparsed

ECOSYSTEM = "golang"
_GO_MOD = "/go.mod"
_HASH_BYTES = 32
_FIELDS = 3

#: A hash and its line.
_Line = tuple[Digest, int]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the sums of modules and of workspaces."""
    return path.rpartition("/")[2] in {"go.sum", "go.work.sum"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` for each version of a module."""
    faults: list[tuple[int, str]] = []
    try:
        found = _scan(data, faults)
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from odd_lines(path, faults)
    # Each is let go as soon as it is told.
    entries = list(found)
    entries.reverse()
    while entries:
        module, version = entries.pop()
        yield _package(path, module, version, found.pop((module, version)))


def _scan(data: bytes, faults: list[tuple[int, str]]) -> dict[tuple[str, str], tuple[_Line, ...]]:
    """Return the hashes of each version of a module, with their lines. Raises `Malformed`."""
    found: dict[tuple[str, str], tuple[_Line, ...]] = {}
    for number, line in enumerate(rows(data), 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != _FIELDS:
            faults.append((number, "not a module, a version and a hash"))
            continue
        module, version, stated = fields
        own = version.removesuffix(_GO_MOD)
        digest = _digest(stated, "-go.mod" if own != version else "")
        if digest is None:
            faults.append((number, "a hash of no known form"))
            continue
        entry = found.get((module, own), ())
        if any(other.algorithm == digest.algorithm and other != digest for other, _ in entry):
            faults.append((number, "a second hash of the same thing, of which go heeds one"))
        found[module, own] = (*entry, (digest, number))
    return found


def _digest(stated: str, what: str) -> Digest | None:
    """Decode `h1:<base64>`: a SHA-256 (`h1`) of a list of files and their hashes."""
    algorithm, _, encoded = stated.partition(":")
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Digest(algorithm + what, value.hex()) if algorithm == "h1" and len(value) == _HASH_BYTES else None


def _package(path: str, module: str, version: str, entry: tuple[_Line, ...]) -> Package:
    """Return a version of a module; the line of the module itself comes before that of its `go.mod`."""
    lines = sorted(entry)
    parts = {digest.label: line for digest, line in reversed(lines)}
    at = Place(
        path,
        lines[0][1],
        f"{module} {version}"[:EXCERPT],
        tuple(sorted({**parts, "integrity": lines[0][1]}.items())),
    )
    return Package(
        ecosystem=ECOSYSTEM,
        name=module,
        place=f"{path}#{module}@{version}",
        stated_by="lock",
        version=version,
        origin_kind="registry",
        origin=None,
        integrity=tuple(sorted({digest for digest, _ in entry})),
        at=at,
    )
