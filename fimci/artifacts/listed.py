"""The list of a wheel's files (`RECORD`), held against its members."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from fimci.artifacts.members import Members, rehashed
from fimci.installed.python import record
from fimci.model import Digest, File, Place, Record, Setting

#: What `RECORD` cannot list with a hash, or need not list at all.
_OWN = re.compile(r"[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?", re.DOTALL)
_COMPUTED = "sha256"


def sides(found: Members, folder: str) -> tuple[list[Record], list[Record]]:
    """Return the files as the list in a metadata folder states them, and as they are.

    A list that is missing states nothing. Members without content that could be read are left out.
    """
    name = f"{folder}/RECORD"
    texts = found.contents.get(name, [])
    left: dict[str, File] = {}
    right: list[Record] = []
    for text in texts:
        rows = record.parse(text)
        right += _faults(name, rows.faults)
        for row in rows.rows.values():
            if not row.path.endswith("/") and not _OWN.fullmatch(row.path):
                left[row.path] = File(path=row.path, size=row.size, mode=None, digest=row.digest)
    others = [(p, d.algorithm) for p, f in left.items() if isinstance(d := f.digest, Digest) and _other(d)]
    hashes = rehashed(found.path, others)
    for member, file in found.files.items():
        if file.kind != "directory" and not _OWN.fullmatch(member):
            right.append(_alike(file, left.get(member), hashes))
    if not texts:
        right.append(_fact(name, "list.missing", "there is no RECORD", 1))
    return list(left.values()), right


def _other(digest: Digest) -> bool:
    return digest.algorithm != _COMPUTED


def _alike(file: File, stated: File | None, hashes: dict[tuple[str, str], str]) -> File:
    """Return a file with the facts that the list can state, by the list's algorithm."""
    digest, size = file.digest, file.size
    if stated is not None and isinstance(stated.digest, Digest) and _other(stated.digest):
        other = hashes.get((file.path, stated.digest.algorithm))
        digest = Digest(stated.digest.algorithm, other) if other is not None else digest
    if stated is not None:
        digest = None if stated.digest is None else digest
        size = None if stated.size is None else size
    return msgspec.structs.replace(file, mode=None, digest=digest, size=size)


def _faults(name: str, faults: tuple[record.Fault, ...]) -> Iterator[Setting]:
    for fault in faults:
        yield _fact(name, f"list.{fault.path or 'row'}", fault.why, fault.line)


def _fact(path: str, name: str, value: str, line: int) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path, line, name.partition(".")[2][:200]))
