"""What a wheel has in it, as far as the hash of a lockfile or an installer's own note vouches for it.

A wheel whose hash is the locked one is read by its own list: a row with the hash of what is on the disk is
borne out by the lock. Only members of which that is not so are unpacked, in memory, and hashed: lists of
some releases are wrong.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.archives import names
from fimci.archives.member import Member
from fimci.installed.python import record, scripts
from fimci.installed.python.metadata import origin
from fimci.model import Digest
from fimci.snapshot import reason
from fimci.trees.published import Artifact, Published, has, members, whole
from fimci.trees.python_caches import Candidate

#: Bytes of a list, or of a script, that are read of what uv unpacked.
_SMALL = 64 << 20
_TAG = re.compile(rb"^Tag:[ \t]*(\S+)", re.MULTILINE)
_INFO = re.compile(r"[^/]+\.dist-info/(RECORD|WHEEL)")
_OWN = re.compile(r"[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?")
_SCRIPT = re.compile(r"[^/]+\.data/scripts/")
#: A first line that installers write anew, with the interpreter of the environment.
_PYTHON = b"#!python"


class Wanted(NamedTuple):
    """A distribution to look for, by the key of whoever asks.

    `vouching` are the hashes of which the archive must have one; empty where nobody states any.
    `there` are the sha256 of its files on the disk, `tags` what it says of its platform, `native`
    whether it has a library.
    """

    key: str
    candidates: tuple[Candidate, ...]
    vouching: tuple[Digest, ...]
    there: frozenset[str]
    tags: frozenset[bytes]
    native: bool


def tags(data: bytes) -> frozenset[bytes]:
    """Return the platforms that a `WHEEL` names."""
    return frozenset(_TAG.findall(data))


def artifacts(wanted: Iterable[Wanted]) -> list[Artifact]:
    """Return what is at hand for each distribution, in whatever process."""
    return [_artifact(one) for one in wanted]


def _artifact(wanted: Wanted) -> Artifact:
    """Return the archive that is vouched for, else what an installer kept: the likeliest of several."""
    found: list[tuple[bool, int, Artifact]] = []
    why = ""
    for candidate in dict.fromkeys(wanted.candidates):
        try:
            one = _read(candidate, wanted)
        except OSError as error:
            why = f"{os.path.basename(candidate.path)[:60]} {reason(error)}"
            continue
        if one is not None and one.files is not None:
            other = sum(file.hex not in wanted.there for file in one.files)
            found.append((not one.vouched, other, one))
    if not found:
        return Artifact(wanted.key, None, why)
    return min(found, key=lambda one: one[:2])[2]


def _read(candidate: Candidate, wanted: Wanted) -> Artifact | None:
    if candidate.kind == "unpacked":
        stated = {digest.hex for digest in wanted.vouching if digest.algorithm == "sha256"}
        if stated and candidate.noted not in {"", *stated}:
            return None
        files = _unpacked(candidate.path, wanted)
        return Artifact(wanted.key, files, vouched=False) if files is not None else None
    data = whole(candidate.path)
    if data is None:
        return None
    vouched = has(data, wanted.vouching)
    if wanted.vouching and not vouched and not (candidate.kind == "built" and _built_of(candidate, wanted)):
        return None
    files = _files(data, wanted)
    return Artifact(wanted.key, files, vouched=vouched) if files is not None else None


def _built_of(candidate: Candidate, wanted: Wanted) -> bool:
    """Tell whether pip wrote down that it built a wheel from the locked archive of sources."""
    said = whole(os.path.join(os.path.dirname(candidate.path), "origin.json"), _SMALL)
    source = origin(said) if said is not None else None
    return (
        source is not None
        and isinstance(source.integrity, tuple)
        and not {*source.integrity}.isdisjoint(wanted.vouching)
    )


def _fits(stated: bytes, wanted: Wanted) -> bool:
    """Tell whether a wheel is of the platform that was installed; a pure one is, if nothing is native.

    What is on the disk may say another one to be held against nothing.
    """
    named = tags(stated)
    return named == wanted.tags or (not wanted.native and all(tag.endswith(b"-none-any") for tag in named))


def _files(data: bytes, wanted: Wanted) -> tuple[Published, ...] | None:
    """Return the files of a wheel; `None` for one of another platform. Raises `OSError`."""
    found: dict[str, Member] = {}
    for member in members(data):
        path, fault = names.judge(member.name)
        if member.kind == "file" and member.read is not None and not fault:
            found[path] = member
    about = {match[1]: _content(found[path]) for path in found if (match := _INFO.fullmatch(path))}
    if not _fits(about.get("WHEEL", b""), wanted):
        return None
    rows = record.parse(about.get("RECORD", b"")).rows
    return tuple(
        _published(path, member, rows.get(path), wanted)
        for path, member in found.items()
        if not _OWN.fullmatch(path)
    )


def _published(path: str, member: Member, row: record.Row | None, wanted: Wanted) -> Published:
    stated = _sha256(row)
    if stated in wanted.there and not _SCRIPT.match(path):
        return Published(path, member.size, stated)
    data = _content(member)
    return Published(path, len(data), hashlib.sha256(data).hexdigest(), _mended(data))


def _unpacked(folder: str, wanted: Wanted) -> tuple[Published, ...] | None:
    """Return what the list says of files that uv unpacked.

    The list is nobody's hard link, unlike the files: uv writes another one into each environment.
    """
    try:
        info = next(name for name in sorted(os.listdir(folder)) if name.endswith(".dist-info"))
    except (OSError, StopIteration):
        return None
    listed, wheel = (whole(f"{folder}/{info}/{name}", _SMALL) for name in ("RECORD", "WHEEL"))
    if listed is None or wheel is None or not _fits(wheel, wanted):
        return None
    return tuple(_listed(folder, record.parse(listed).rows))


def _listed(folder: str, rows: dict[str, record.Row]) -> Iterator[Published]:
    for path, row in rows.items():
        stated = _sha256(row)
        if not stated or _OWN.fullmatch(path) or path[:3] == "../":
            continue
        data = whole(f"{folder}/{path}", _SMALL) if _SCRIPT.match(path) else None
        mended = _mended(data) if data is not None and hashlib.sha256(data).hexdigest() == stated else ""
        yield Published(path, row.size or 0, stated, mended)


def _sha256(row: record.Row | None) -> str:
    digest = row.digest if row is not None else None
    return digest.hex if digest is not None and digest.algorithm == "sha256" else ""


def _mended(data: bytes) -> str:
    """Return the hash of a script without its first line, where installers write that anew."""
    rest = data.partition(b"\n")[2] if data.startswith(_PYTHON) else None
    return hashlib.sha256(rest).hexdigest() if rest is not None else ""


def mended(data: bytes) -> str:
    """Return the hash of an installed script without what an installer wrote; empty: nothing."""
    rest = scripts.body(data)
    return hashlib.sha256(rest).hexdigest() if rest is not None else ""


def _content(member: Member) -> bytes:
    return b"".join(member.read()) if member.read is not None else b""
