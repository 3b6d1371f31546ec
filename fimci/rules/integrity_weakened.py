"""A locked package lost its hash, or has a weaker one.

Without a hash, a client installs whatever the URL serves. Measured: npm 10 to 12, yarn 1, bun and uv install
an entry whose hash was deleted without complaint, and npm also one whose sha512 was replaced by the sha1 of
the same file. Deleting hashes is therefore how a tampered lockfile avoids the alarm that a wrong one would
raise. Reported are a removed hash, sha256 or better replaced by sha1 or md5 (for Python also next to a strong
one, since pip accepts any that matches), and a new entry without a hash although the others of its lockfile
have one.

Hex hashes an archive and its contents: losing the first hash is medium, since the second still covers the
contents.

Not reported: entries that normally have no hash (git, except for Nix inputs; folders, links, workspaces,
bundled packages), formats without hashes, sha1 that became sha512, packages for another platform where yarn 1
is replaced by a later one, modules of `go.sum` that no `go.mod` requires directly, lockfiles that never had
hashes, and requirements files in which no line has one any more (`hash-checking-off`). It is low where yarn
wrote a newer version of its lockfile without downloading anything (`--mode=update-lockfile`): each checksum
is still that of the old cache, and none is verified until yarn has written its own. Every upgrade of yarn
passes through that state; this one stopped there. In 103 real updates of npm and Python lockfiles, a year
apart, and 13 migrations between versions of their formats there were no findings. In 1,502 commits of eight
projects that changed a `mix.lock` or `flake.lock` there were two, where Nix inputs temporarily had a hash of
another kind.

Fix: lock again with hashes (`npm install`, `pip-compile --generate-hashes`, `uv lock`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple

import msgspec

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Digest, Package, Record, Setting
from fimci.names import UNCHECKED
from fimci.packages import relocking
from fimci.packages.releases import (
    ONE_BY_ONE,
    Known,
    altered,
    hashes,
    known,
    locked,
    named,
    present,
    said,
    title,
)
from fimci.printable import listed, plural

SEVERITY = Severity.HIGH
_RULE = "integrity-weakened"

#: Origins whose artifacts have a hash in every format that has hashes.
_HASHED = frozenset({"registry", "tarball", "file", "remote"})
_BROKEN = frozenset({"md5", "sha1"})
#: The hash of a module's requirements, which says nothing of its code.
_GO_MOD = "h1-go.mod"
#: The hash of what is in an archive of Hex, which has one of its own, too.
_INNER = "sha256-inner"
_INNER_LEFT = "lost the hash of its archive, and has that of its contents"
#: Hashes of what yarn packs from its version 2 on, by the key of its cache.
_PACKED = "sha512-zip-"


class _Loss(NamedTuple):
    change: Change
    package: Package
    what: str


class _Lockfiles(NamedTuple):
    """Those that state hashes, those with one for every other entry at least, those of what yarn packs."""

    stating: frozenset[str]
    hashing: frozenset[str]
    packing: frozenset[str]


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to every package whose hash is gone or weaker; to many of them, once."""
    losses = _losses(list(altered(changes)), before)
    upgraded = _upgraded(changes)
    stands = [loss.package.at.path in upgraded and _kept(loss) for loss in losses]
    kept = list(compress(losses, stands))
    losses = [loss for loss, stood in zip(losses, stands, strict=True) if not stood]
    inner = [loss for loss in losses if loss.what == _INNER_LEFT]
    losses = [loss for loss in losses if loss.what != _INNER_LEFT]
    if kept:
        message = f"yarn checks the checksums of {plural(len(kept), 'package')} when it has written new ones"
        yield _about(kept, message, Severity.LOW)
    yield from _told(losses, "have no hash or a weaker one now", SEVERITY)
    yield from _told(inner, "have only the hash of their contents now", Severity.MEDIUM)


def _told(losses: Sequence[_Loss], what: str, severity: Severity) -> Iterator[Finding]:
    if len(losses) <= ONE_BY_ONE:
        for loss in losses:
            yield _about([loss], f"{title(loss.package)} {loss.what}", severity)
        return
    names = listed(sorted(title(loss.package) for loss in losses))
    yield _about(losses, f"{len(losses):,} packages {what}: {names}", severity)


def _about(losses: Sequence[_Loss], message: str, severity: Severity) -> Finding:
    changes = [loss.change for loss in losses]
    said = grouped(changes, rule=_RULE, severity=severity, message=message, part="integrity")
    again = relocking.command(said.path)
    return msgspec.structs.replace(said, fix=f"lock again with hashes (`{again}`)." if again else "")


def _upgraded(changes: Sequence[Change]) -> frozenset[str]:
    """Return the lockfiles of yarn that are of a newer version and of another cache now."""
    newer: set[str] = set()
    moved: set[str] = set()
    for change in changes:
        old, new = change.before, change.after
        if not isinstance(old, Setting) or not isinstance(new, Setting) or old.value == new.value:
            continue
        if new.name == "lockfileVersion" and _number(old.value) < _number(new.value):
            newer.add(new.path)
        if new.name == "locked.cacheKey":
            moved.add(new.path)
    return frozenset(newer & moved)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0  # noqa: PLR2004  (digits)


def _kept(loss: _Loss) -> bool:
    """Tell of an entry that is what it was, with a checksum of the cache that was in use."""
    old, new = loss.change.before, loss.package
    if not locked(old) or not isinstance(new.integrity, tuple):
        return False
    stated = tuple(Digest(UNCHECKED + one.algorithm, one.hex) for one in hashes(old))
    same = (old.name, old.version, old.origin, old.origin_kind) == (
        new.name,
        new.version,
        new.origin,
        new.origin_kind,
    )
    return same and bool(stated) and new.integrity == stated


def _losses(changes: Sequence[Change], before: Sequence[Record]) -> list[_Loss]:
    """Return what was lost, once for each name and kind of loss."""
    left = known(before)
    right = list(present(changes, before))
    lockfiles = _lockfiles(right)
    asked = frozenset(
        (*named(one), one.version) for one in said(changes, before) if one.stated_by == "manifest"
    )
    found: dict[tuple[str, ...], _Loss] = {}
    for change in changes:
        package = change.after
        if not locked(package) or not _needs_hash(package) or _tidied(package, asked):
            continue
        what = _lost(change, package, left, lockfiles)
        if what:
            found.setdefault((*named(package), what), _Loss(change, package, what))
    return list(found.values())


def _lost(change: Change, package: Package, left: Known, lockfiles: _Lockfiles) -> str:
    """Say what an entry lost against its place, its release elsewhere, or its lockfile."""
    old = change.before
    if not locked(old) or named(old) != named(package):
        peers = left.locked.get(named(package), ())
        old = next((peer for peer in peers if peer.version == package.version), None)
    if not isinstance(package.integrity, tuple) and (old is None or package.at.path not in lockfiles.stating):
        return ""  # a file in which no entry states a hash: `hash-checking-off`
    if old is None:
        return (
            "is new and has no hash" if not hashes(package) and package.at.path in lockfiles.hashing else ""
        )
    had, has = _strength(old), _strength(package)
    if has >= had or _foreign(old, package, lockfiles.packing):
        kept = {digest.algorithm for digest in hashes(package)}
        gone = {digest.algorithm for digest in hashes(old)} - kept
        return _INNER_LEFT if package.ecosystem == "hex" and kept == {_INNER} and gone else ""
    return f"has only {_algorithms(package)} where it had {_algorithms(old)}" if has else "lost its hash"


def _foreign(old: Package, package: Package, packing: frozenset[str]) -> bool:
    """Tell of what is for another platform, in a lockfile of yarn 1 that became one of a later yarn.

    That one hashes archives that it packs, and has packed none.
    """
    packed = any(digest.algorithm.startswith(_PACKED) for digest in hashes(old))
    return (
        not isinstance(package.integrity, tuple)
        and "optional" in package.flags
        and package.at.path in packing
        and not packed
    )


def _tidied(package: Package, asked: frozenset[tuple[object, ...]]) -> bool:
    """Tell of modules of which go may need no more than the requirements: nobody asks for them directly."""
    return package.ecosystem == "golang" and (*named(package), package.version) not in asked


def _needs_hash(package: Package) -> bool:
    """Tell whether an entry without a hash is an odd one.

    What says that it came inside another package, yet has a URL of its own, is fetched from there.
    """
    bundled = package.origin_kind == "bundled" or "bundled" in package.flags
    return isinstance(package.origin, str) if bundled else _hashed(package)


def _hashed(package: Package) -> bool:
    """Tell whether what comes from there has a hash: Nix has one of the files of a commit, too."""
    return package.origin_kind in _HASHED or (package.ecosystem == "nix" and package.origin_kind == "git")


def _lockfiles(packages: Sequence[Package]) -> _Lockfiles:
    balance: dict[str, int] = {}
    for package in packages:
        if isinstance(package.integrity, tuple) and _hashed(package):
            balance[package.at.path] = balance.get(package.at.path, 0) + (1 if hashes(package) else -1)
    packed = {one.at.path for one in packages if any(d.algorithm.startswith(_PACKED) for d in hashes(one))}
    return _Lockfiles(
        frozenset(package.at.path for package in packages if isinstance(package.integrity, tuple)),
        frozenset(path for path, count in balance.items() if count >= 0),
        frozenset(packed),
    )


def _strength(package: Package) -> int:
    """Return 0 without a hash, 1 with one that can be forged, 2 with a strong one.

    npm checks the strongest hash of an entry, pip is content with any of them.
    """
    grades = [
        1 if digest.algorithm in _BROKEN else 2 for digest in hashes(package) if digest.algorithm != _GO_MOD
    ]
    if not grades:
        return 0
    return min(grades) if package.ecosystem == "pypi" else max(grades)


def _algorithms(package: Package) -> str:
    return " and ".join(sorted({digest.algorithm for digest in hashes(package)}))
