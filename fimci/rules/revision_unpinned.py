"""A dependency from a repository is no longer pinned to a commit.

A commit identifies its content; a branch or tag is whatever its owner moves it to, without a change here.
Lockfiles name the commit of every git dependency (bun in short form, where it takes an archive from GitHub),
so an entry without one was edited by hand, and a client that accepts it installs whatever the branch contains
at that moment (pnpm has refused such entries since 11.4.0). The same goes for the archives that Composer has
a code host make, and for `actions.lock`. In a manifest or in `.pre-commit-config.yaml`, a commit was pinned
intentionally, and so is giving it up. In March 2025 all tags of tj-actions/changed-files were moved to a
commit that dumped secrets.

High where a commit was pinned before, and for entries of a lockfile. Low where a submodule starts to follow a
branch, which only matters for `git submodule update --remote`. What Flux, Argo CD, kustomize and Terraform
download has no lockfile: it is downloaded again and again, and a tag that its owner does not move is all that
pins it. There it is medium where a release (`v1.2`) became a branch or nothing, low where it became a range
of releases, and high where a commit or digest was pinned.

Not reported: other commits, branches and tags that were not pinned before, and new entries of a manifest
(`source-not-registry`). For actions and images see `action-unpinned`. In 182 real updates of npm and Python
lockfiles there were no findings; in 4,097 commits of eight projects that changed what clusters and builds
download, there were 4, each of them low (`benchmarks/histories.py sources`).

Fix: name the commit, and keep the tag as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from fimci.findings import Finding, Severity, grouped
from fimci.model import UNSTATED, Change, Package, Record
from fimci.packages.origins import on_code_host
from fimci.packages.pairs import manager_of
from fimci.packages.releases import Known, Name, altered, copied, fetched_anew, known, locked, named, stated
from fimci.printable import cut

SEVERITY = Severity.HIGH
_RULE = "revision-unpinned"

_SHOWN = 80
#: How firmly a commit or a digest holds.
_BY_CONTENT = 2
#: A whole id, or enough of one that nobody finds another commit with it.
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_WHOLE = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
#: Write the commits of GitHub's archives in short.
_SHORT = frozenset({"bun.lock"})
#: Keep the tag alone of what is asked for by a tag.
_BY_TAG = frozenset({"Podfile.lock"})
#: Archives that code hosts make of a revision, and name after it.
_ARCHIVE = re.compile(
    r"/(?:legacy\.)?tar\.gz/(?:refs/(?:heads|tags)/)?([^?#]+)|/get/([^?#]+)\.tar\.gz|/-/archive/([^/?#]+)/"
)
#: A version or tag of a release, rather than a range of versions or a branch.
_RELEASE = re.compile(r"(?!.*\.[xX](?:\.|$))[^\s<>~^*|,=]*\d\.\d[^\s<>~^*|,=]*")
#: Where the manifests of an ecosystem state a revision as the version.
_BY_VERSION = frozenset({"pre-commit", "git"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each dependency that lost its commit, once; the lockfile speaks before the manifest."""
    left = known(before)
    spoken: set[Name] = set()
    for change in sorted(altered(changes), key=_by_manifest):
        package = change.after
        if stated(package) and fetched_anew(package):
            if named(package) not in spoken and (found := _anew(change, package, left)) is not None:
                spoken.add(named(package))
                yield found
            continue
        if not _of_repository(package) or copied(package) or named(package) in spoken:
            continue
        # A list of requirements is written by hand, and its own manifest.
        resolved = locked(package) and manager_of(package.at.path) is not None
        found = (_in_lock if resolved else _in_manifest)(change, package, left)
        if found is not None:
            spoken.add(named(package))
            yield found


def _anew(change: Change, package: Package, left: Known) -> Finding | None:
    """Object to what is fetched each time anew, and was held by more than it is now."""
    olds = [change.before] if stated(change.before) else left.asked.get(named(package), [])
    if not olds or any(old.origin_kind != package.origin_kind for old in olds):
        return None  # `origin-changed`
    if UNSTATED in {package.version, *(old.version for old in olds)}:
        return None
    least, now = min(olds, key=_hold), _hold(package)
    if now >= _hold(least):
        return None
    was = _shown_hold(least)
    message = f"{package.name}: {was} → {_shown_hold(package) or 'whatever is there'}"
    ranged = package.origin_kind == "registry" and bool(re.search(r"\d", str(package.version)))
    loose = Severity.LOW if ranged else Severity.MEDIUM
    severity = SEVERITY if _hold(least) == _BY_CONTENT else loose
    part = "version" if "version" in dict(package.at.parts) else "origin"
    return grouped([change], rule=_RULE, severity=severity, message=message, part=part)


def _hold(package: Package) -> int:
    """Return how firmly a source is held: by its content, by a tag of a release, or not at all."""
    version = package.version if isinstance(package.version, str) else ""
    # The version of a chart or module is no commit, whatever its digits.
    commit = package.origin_kind != "registry" and _COMMIT.fullmatch(version)
    if commit or package.integrity:
        return _BY_CONTENT
    return 1 if _RELEASE.fullmatch(version.removeprefix("=").strip()) else 0


def _shown_hold(package: Package) -> str:
    if isinstance(package.integrity, tuple) and package.integrity:
        return f"digest {package.integrity[0].hex[:12]}"
    version = package.version if isinstance(package.version, str) else ""
    is_commit = package.origin_kind != "registry" and _COMMIT.fullmatch(version)
    return f"commit {version[:12]}" if is_commit else cut(version, _SHOWN)


def _in_lock(change: Change, package: Package, left: Known) -> Finding | None:
    """Object to an entry of a lockfile that names no whole commit."""
    if _held(package):
        return None
    olds = [old for old in left.locked.get(named(package), ()) if _of_repository(old)]
    by_tag = package.at.path.rpartition("/")[2] in _BY_TAG
    if not all(map(_held, olds)) or (by_tag and not olds):
        return None
    return _told(change, package, olds[0] if olds else None)


def _held(package: Package) -> bool:
    """Tell whether an entry of a lockfile names its commit as its client writes it."""
    short = package.at.path.rpartition("/")[2] in _SHORT
    return (_COMMIT if short else _WHOLE).fullmatch(_revision(package)) is not None


def _in_manifest(change: Change, package: Package, left: Known) -> Finding | None:
    """Object to a requirement that named a commit and does no longer."""
    revision = _revision(package)
    if package.ecosystem == "git":
        branched = revision and change.before is not None and not _revision(change.before)
        message = f"{package.name} follows the branch {cut(revision, _SHOWN)} when it is updated"
        if not branched:
            return None
        return grouped([change], rule=_RULE, severity=Severity.LOW, message=message, part="version")
    known_ones = (*left.asked.get(named(package), ()), *left.locked.get(named(package), ()))
    elsewhere = [old for old in known_ones if old.origin_kind == "git" and manager_of(old.at.path) is None]
    olds = [change.before] if stated(change.before) else elsewhere
    pinned = [old for old in olds if _COMMIT.fullmatch(_revision(old))]
    if not pinned or len(pinned) < len(olds) or _COMMIT.fullmatch(revision):
        return None
    return _told(change, package, pinned[0])


def _told(change: Change, package: Package, old: Package | None) -> Finding:
    revision = cut(_revision(package), _SHOWN) or "whatever its default branch has"
    was = _revision(old)[:12] if old is not None else ""
    message = (
        f"{package.name}: commit {was} → {revision}" if was else f"{package.name}: {revision}, no commit"
    )
    lines = dict(package.at.parts)
    part = "version" if package.ecosystem in _BY_VERSION else "revision" if "revision" in lines else "origin"
    return grouped([change], rule=_RULE, severity=SEVERITY, message=message, part=part)


def _revision(record: Record | None) -> str:
    """Return the commit, tag or branch that a git dependency names; empty without one.

    Lockfiles write `URL#COMMIT`, npm's manifests `owner/repo#REF`, Python's `URL@REF`, yarn's
    `URL#commit=COMMIT` and `URL#head=REF`; archives have it in their path.
    """
    if not isinstance(record, Package):
        return ""
    if record.ecosystem in _BY_VERSION:
        return record.version if isinstance(record.version, str) else ""
    origin = record.origin if isinstance(record.origin, str) else ""
    base, _, fragment = origin.partition("#")
    if record.ecosystem == "githubactions" and not fragment:
        return record.version if isinstance(record.version, str) else ""
    for words in ("commit", "head|tag"):
        said = re.search(rf"(?:^|&)(?:{words})[=:]([^&]*)", fragment)
        if said is not None:
            return said[1]
    if fragment and not re.match(r"(?:egg|subdirectory|workspace)=", fragment):
        return fragment.partition("&")[0]
    path, _, query = base.partition("?")
    asked = re.search(r"(?:^|&)(?:rev|tag|branch|ref|sha)=([^&]*)", query)
    if asked is not None:
        return asked[1]
    _, made, of_what = path.partition("/zipball/")
    if made:
        return of_what
    archive = _ARCHIVE.search(path)
    if archive is not None:
        return archive[1] or archive[2] or archive[3]
    tail = path.rpartition("/")[2]
    return tail if _WHOLE.fullmatch(tail) else tail.partition("@")[2]


def _of_repository(record: Record | None) -> TypeGuard[Package]:
    """Tell whether a package is made of a commit: by git, or as the archive of a code host (Composer)."""
    if not stated(record):
        return False
    archive = record.ecosystem == "composer" and on_code_host(record.origin)
    return record.origin_kind == "git" or (archive and "/zipball/" in str(record.origin))


def _by_manifest(change: Change) -> bool:
    return isinstance(change.record, Package) and change.record.stated_by == "manifest"
