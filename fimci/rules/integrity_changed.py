"""The hash of a release changed while its name and version did not.

A published version never changes on a registry. If its hash does, one of two different artifacts is wrong,
and whoever installs from this lockfile gets the new one. This is what a tampered lockfile looks like
(lockfile injection, Snyk 2019; measured: npm, yarn 1, bun and uv install from a changed URL with the
attacker's hash without a message). Hashes are compared with the same entry before, with every other entry of
this release, and with every other lockfile of the repository: 1,674 releases that occurred in several genuine
lockfiles had no two conflicting hashes.

A finding is critical where the release also comes from another host now. It is medium where two Python
lockfiles share no hash, since each may name the wheels of one platform only. A hash *added* to existing ones
is medium too: wheels may be added to a release on an index. It is high for npm, where a release is one
tarball, and where the same change configures an index, a page of links or a trusted host, since the new hash
may then be that of a file from there.

Where a format states no version (archives in bun.lock, modules in deno.lock), the address is used instead.

Not reported: other versions, hashes of another algorithm (see `integrity-weakened`), hashes removed while
others remain, hashes of additional platforms of a Terraform provider, git and patched packages (but inputs of
Nix, whose files have a hash at their commit), entries that only moved, and files that are now named after
another release, which `name-mismatch` reports. In 103 real updates of npm and Python lockfiles, a year apart,
and 13 migrations between versions of their formats there were no findings. In 1,055 commits that changed a
lock of Mix, pub or Swift there were three, for Hex releases that had been published twice.

Fix: lock again from a clean state, or download the artifact from the registry and hash it yourself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

import msgspec

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Digest, Package, Record, Setting
from fimci.packages.misnaming import misnamed, misnamed_files
from fimci.packages.origins import address
from fimci.packages.releases import ONE_BY_ONE, Known, altered, hashes, known, locked, named, title
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "integrity-changed"

#: Their content is not one artifact that a registry vouches for.
_UNPINNED = frozenset({"git", "patch", "directory", "link", "workspace", "virtual"})
#: Names the files of a release of Python that are needed, and no others.
_BY_FILE = "pixi.lock"
#: Settings that let a new hash be that of a file from elsewhere.
_INDEXES = ("index-url", "find-links", "trusted-host", "no-index")


class _Conflict(NamedTuple):
    """Two statements about one release that give it different hashes."""

    change: Change
    new: Package
    severity: Severity
    lost: Digest | None
    gained: Digest
    #: All hashes that came.
    more: frozenset[Digest]


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to every release whose hash changed; to many of them, once."""
    left, changes = known(before), list(altered(changes))
    elsewhere = {id(change) for change, _ in misnamed(changes, before, left)}
    files = {(file.path, file.at.line) for _, file in misnamed_files(changes, before)}
    found = [
        conflict
        for conflict in _conflicts(changes, left)
        if id(conflict.change) not in elsewhere and not _lines(conflict) <= files
    ]
    for replaced in (True, False):
        alike = [conflict for conflict in found if (conflict.lost is not None) is replaced]
        if len(alike) > ONE_BY_ONE:
            yield _about_all(alike, "changed" if replaced else "were added")
        else:
            yield from map(_about_one, alike)


def _conflicts(changes: Sequence[Change], left: Known) -> Iterator[_Conflict]:
    redirected = any(
        isinstance(change.after, Setting) and any(word in change.after.name for word in _INDEXES)
        for change in changes
    )
    spoken: set[tuple[str, ...]] = set()
    firsts: dict[tuple[str, ...], Package] = {}
    for change in changes:
        package = change.after
        if not _pinned(package) or _release(package) in spoken:
            continue
        first = firsts.setdefault(_release(package), package)
        conflict = _moved(change, package, redirected=redirected) or _disagrees(change, package, first, left)
        if conflict is not None:
            spoken.add(_release(package))
            yield conflict


def _moved(change: Change, new: Package, *, redirected: bool) -> _Conflict | None:
    """Hold an entry against what stood at the same place."""
    old = change.before
    if not _pinned(old) or _release(old) != _release(new) or _other_file(old, new):
        return None
    had, has = _comparable(old, new)
    if not had or has <= had:
        return None
    if had < has and new.ecosystem == "terraform" and all(one.algorithm == "h1" for one in has - had):
        return None  # of another platform
    if had < has:
        severity = Severity.MEDIUM if new.ecosystem == "pypi" and not redirected else Severity.HIGH
        return _Conflict(change, new, severity, None, min(has - had), frozenset(has - had))
    severity = Severity.CRITICAL if _other_host(old, new) else Severity.HIGH
    return _Conflict(change, new, severity, min(had - has), min(has - had), frozenset(has - had))


def _disagrees(change: Change, new: Package, first: Package, left: Known) -> _Conflict | None:
    """Hold an entry against the same release elsewhere: on the left, and in this change."""
    if _pinned(change.before) and _release(change.before) == _release(new):
        return None
    peers = [
        peer
        for peer in left.locked.get(named(new), ())
        if _pinned(peer) and _release(peer) == _release(new) and not _other_file(peer, new)
    ]
    others = [] if first is new or _other_file(first, new) else [first]
    pairs = [pair for pair in (_comparable(peer, new) for peer in [*peers, *others]) if pair[0]]
    if not pairs or any(had & has for had, has in pairs):
        return None
    severity = Severity.MEDIUM if new.ecosystem == "pypi" else Severity.HIGH
    had, has = pairs[0]
    return _Conflict(change, new, severity, min(had), min(has), frozenset(has))


def _lines(conflict: _Conflict) -> set[tuple[str, int]]:
    at = conflict.new.at
    return {(at.path, at.part(digest.label, "integrity")) for digest in conflict.more}


def _about_one(conflict: _Conflict) -> Finding:
    new = conflict.new
    gained = _short(conflict.gained)
    same = "at the same version" if isinstance(new.version, str) else "at the same address"
    if conflict.lost is None:
        message = f"{title(new)} accepts one more hash {same}: {gained}"
    else:
        message = f"{title(new)} has another hash {same}: {_short(conflict.lost)} → {gained}"
    found = grouped(
        [conflict.change], rule=_RULE, severity=conflict.severity, message=message, part="integrity"
    )
    return _at_the_hash(found, conflict)


def _about_all(conflicts: Sequence[_Conflict], verb: str) -> Finding:
    names = listed(sorted(title(conflict.new) for conflict in conflicts))
    found = grouped(
        [conflict.change for conflict in conflicts],
        rule=_RULE,
        severity=max(conflict.severity for conflict in conflicts),
        message=f"hashes of {len(conflicts):,} releases {verb} at the same version: {names}",
        part="integrity",
    )
    return _at_the_hash(found, conflicts[0])


def _at_the_hash(found: Finding, conflict: _Conflict) -> Finding:
    """Point at the line of the hash itself, where an entry has many."""
    return msgspec.structs.replace(found, line=conflict.new.at.part(conflict.gained.label, "integrity"))


def _pinned(record: Record | None) -> TypeGuard[Package]:
    return (
        locked(record)
        and (isinstance(record.version, str) or isinstance(record.origin, str))
        and (record.origin_kind not in _UNPINNED or record.ecosystem == "nix")
        and bool(hashes(record))
    )


def _release(package: Package) -> tuple[str, ...]:
    """Return what names one artifact: the version or, where the format states none, the address."""
    stated = package.version if isinstance(package.version, str) else package.origin
    return (*named(package), str(stated))


def _other_file(one: Package, other: Package) -> bool:
    """Tell of another wheel of a release, in lockfiles that name those alone which somebody needs."""
    if {one.at.path.rpartition("/")[2], other.at.path.rpartition("/")[2]} != {
        _BY_FILE
    } or one.ecosystem != "pypi":
        return False
    return address(one.origin).path.rpartition("/")[2] != address(other.origin).path.rpartition("/")[2]


def _comparable(old: Package, new: Package) -> tuple[set[Digest], set[Digest]]:
    """Return the hashes of both by the algorithms that both use; empty without one in common."""
    common = {d.algorithm for d in hashes(old)} & {d.algorithm for d in hashes(new)}
    return (
        {digest for digest in hashes(old) if digest.algorithm in common},
        {digest for digest in hashes(new) if digest.algorithm in common},
    )


def _other_host(old: Package, new: Package) -> bool:
    return len({address(old.origin).host, address(new.origin).host} - {""}) > 1


def _short(digest: Digest) -> str:
    return f"{digest.algorithm} {digest.hex[:12]}…"
