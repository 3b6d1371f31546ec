"""A lockfile was removed, and nothing pins what its manifest installs any more.

Without it every install resolves again: whatever was published a minute ago runs, no hash is verified, and
two machines end up with two different trees. It is also a way to get rid of a lockfile whose entries would
reveal a change. The same is true of a `requirements.txt` that had hashes, of `go.sum` and of Gradle's
verification metadata.

Not reported where the manifest was removed as well, where another lockfile in the same folder or above takes
over (`package-manager-changed` reports a different kind), where the file only moved, and where the packages
of a list with hashes are locked with hashes elsewhere. Also not reported: a lockfile without content, and one
in a published archive, which no client uses.

In 390 commits of four projects that changed a Terraform lockfile there were three findings, each for one that
was given up.

Fix: restore it, or lock with the package manager that is used now, and commit the result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from fimci.findings import Finding, Severity, finding, seen_at
from fimci.model import Change, Digest, File, Package, Record, Setting
from fimci.packages.pairs import home, is_project, locks_of, manager_of, manifests_of
from fimci.packages.releases import Known, hashes, known, named, present
from fimci.printable import plural

SEVERITY = Severity.HIGH

#: No packages, but the project and its parts.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})
#: State hashes alone: the versions are pinned elsewhere, or nowhere.
_HASHES = ("go.sum", "verification-metadata.xml")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each file that pinned something and is gone."""
    gone = {path: change for change in changes if change.removed and (path := _file(change.before))}
    if not gone:
        return
    left = known(before)
    speaking = {seen_at(record).path for record in before if not isinstance(record, File)}
    came = {path for change in changes if change.added and (path := _file(change.after))}
    there = (left.paths - gone.keys()) | came
    contents = {_content(change.after) for change in changes if change.added} - {None}
    for path, change in sorted(gone.items()):
        if _content(change.before) in contents:
            continue
        if manager_of(path) is not None:
            if path in speaking and _decides(path, there, gone.keys(), before):
                yield _about(change, _told(path, left))
        elif hashed := _unhashed(path, left, changes, before):
            yield _about(change, f"the list with the hashes of {plural(hashed, 'package')} was removed")


def _about(change: Change, message: str) -> Finding:
    return finding(change, rule="lockfile-removed", severity=SEVERITY, message=message)


def _told(lock: str, left: Known) -> str:
    pinned = [one for one in _locked(left) if one.at.path == lock and one.origin_kind not in _OWN]
    if pinned and lock.endswith(_HASHES):
        return f"the list with the hashes of {plural(len(set(map(named, pinned))), 'package')} was removed"
    return "the lockfile was removed" + (
        f": nothing pins its {plural(len(pinned), 'package')} any more" if pinned else ""
    )


def _left_open(lock: str, there: frozenset[str], gone: Collection[str]) -> bool:
    """Tell whether something is left that this lockfile decided and no other one does."""
    manifests = manifests_of(lock)
    if not manifests:
        return home(lock) not in _projects(lock, gone) - _projects(lock, there)
    return any(manifest in there and not locks_of(manifest, there) for manifest in manifests)


def _decides(lock: str, there: frozenset[str], gone: Collection[str], before: Sequence[Record]) -> bool:
    return _left_open(lock, there, gone) and not _idle(lock, there, gone, before)


def _projects(lock: str, paths: Collection[str]) -> set[str]:
    return {path.rpartition("/")[0] for path in paths if is_project(path, lock)}


def _idle(lock: str, there: Collection[str], gone: Collection[str], before: Sequence[Record]) -> bool:
    """Tell whether every workflow went that a lock of actions was made for."""
    prefix = "workflow."
    files = {
        record.name.removeprefix(prefix)
        for record in before
        if isinstance(record, Setting) and record.path == lock and record.name.startswith(prefix)
    }
    return bool(files) and files <= {*gone} - {*there}


def _unhashed(path: str, left: Known, changes: Sequence[Change], before: Sequence[Record]) -> int:
    """Return how many packages this list hashed, unless most are locked with hashes elsewhere."""
    names = {named(one) for one in _locked(left) if one.at.path == path and hashes(one)}
    if not names:
        return 0
    held = {named(one) for one in present(changes, before) if one.at.path != path and hashes(one)}
    return 0 if 2 * len(names & held) >= len(names) else len(names)


def _locked(left: Known) -> Iterator[Package]:
    return (one for packages in left.locked.values() for one in packages)


def _file(record: Record | None) -> str:
    return record.path if isinstance(record, File) and record.kind == "file" else ""


def _content(record: Record | None) -> Digest | None:
    return record.digest if isinstance(record, File) and isinstance(record.digest, Digest) else None
