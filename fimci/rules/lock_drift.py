"""A manifest and its lockfile disagree about what is wanted.

A lockfile that was not updated with its manifest is installed as it is by some clients (yarn berry), updated
on the spot by others (`npm install`: then nobody has reviewed the result), and rejected by careful ones (`npm
ci`, `uv sync --locked`). The severity is higher for a version outside of the wanted range where only the
locked entry changed, and neither the manifest nor the lockfile's copy of it did: no client writes that, so
somebody edited the lockfile by hand.

Lockfiles of npm, yarn, bun, poetry, pdm, Bundler, Composer, NuGet, Mix and CocoaPods also record what each
release requires (those of pnpm, uv, Cargo and deno only what it was given). An entry outside of the range
that its dependent requires, which no override explains and which was not there before, is high: a second
copy, or an older one, that only that package finds. In 1,868 commits of fourteen public projects that changed
such a lockfile there were no such findings. Where a lockfile has more requirements, or more complex ranges,
than the time limit allows for, that is reported.

pnpm, bun and uv also record settings besides the requirements: overrides, patches, catalogs, which packages
may run scripts, the checksum of the pnpmfile, code that is loaded before anything is installed, and the pnpm
release itself. A recorded setting that no manifest or configuration states is reported as well: anybody who
only reads the lockfile takes it for the reason why a package differs.

Manifest and lockfile are compared for workflows and `actions.lock`; `package.json` and the lockfiles of npm;
`pyproject.toml` with `uv.lock`, `poetry.lock` and `pylock.toml`; and `Cargo.toml`, `mix.exs`, `pubspec.yaml`
and `Chart.yaml` with theirs. The manifest hash in the lockfiles of poetry, pdm, pipenv, Composer and
CocoaPods is verified. In 900 commits that changed a lock of Mix or pub there were 17 findings, for locks that
had not been updated. For every other lockfile, it is reported if the requirements of its manifest changed and
the lockfile did not. The opposite is reported by `lock-edited`.

Not reported: disagreements that existed before in the same form, lockfiles that were only read in part,
requirements that may be for another system (markers, optional and peer dependencies), releases that do not
come from a registry, and recorded settings where code of the project may change the configuration
(`updateConfig` of a pnpmfile, plug-ins). In 190 commits of four projects that changed a pnpm lockfile there
were no findings about recorded settings.

Fix: run the package manager's lock command (`npm install`, `uv lock`, `poetry lock`) and commit manifest and
lockfile together; if the manifest did not change, find out who edited the lockfile.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from fimci import drift
from fimci.drift import copies
from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Drift, File, Package, Record, Setting
from fimci.packages import relocking
from fimci.packages.graph import edge
from fimci.packages.pairs import locks_of
from fimci.packages.releases import copied, known, stated, title
from fimci.packages.unmet import Skipped, Unmet, unmet
from fimci.printable import and_more, listed

SEVERITY = Severity.MEDIUM
_UNCHANGED = "if the manifest did not change, find out who edited the lockfile."

#: What a drift is called that tells of the hash of a manifest, and where that is all that is told.
_HASH, _HASHED = "content-hash", "composer.lock"
#: Findings about one lockfile before the rest is told in one.
_MOST = 10
_SHOWN = 4


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield an objection to each new contradiction, and to lockfiles that were left behind."""
    edited = {
        (change.record.at.path, change.record.alias or change.record.name)
        for change in changes
        if change.real and isinstance(change.record, Package) and change.record.stated_by == "manifest"
    }
    said = {
        copies.spoken_of(change.record.name)
        for change in changes
        if change.real and isinstance(change.record, Setting)
    }
    behind = dict(_left_behind(changes, before))
    groups: dict[tuple[str, Severity], list[Change]] = defaultdict(list)
    for change in changes:
        found = change.after
        if change.real and isinstance(found, Drift) and not (found.name == _HASH and found.path in behind):
            name = found.name.partition(" ")[0]
            touched = found.name in said or bool({(found.at.path, name), (found.path, name)} & edited)
            contradicts = found.wanted is not None and found.locked is not None
            groups[found.path, Severity.HIGH if contradicts and not touched else SEVERITY].append(change)
    for (lock, severity), group in groups.items():
        yield from (_mended(one, lock) for one in _told(group, severity))
    yield from (_mended(one, one.path) for one in _unmet(changes, before))
    yield from (_mended(one, lock) for lock, one in behind.items())


def _mended(one: Finding, lock: str) -> Finding:
    """Say what writes this lockfile, where that is known."""
    again = relocking.command(lock)
    fix = f"run `{again}` and commit manifest and lockfile together; {_UNCHANGED}" if again else ""
    return msgspec.structs.replace(one, fix=fix)


def _unmet(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object, once for each lockfile, to releases that got what they do not accept."""
    found: dict[str, list[Unmet]] = defaultdict(list)
    skipped: dict[str, list[Skipped]] = defaultdict(list)
    drifts = (c.after for c in changes if c.real and isinstance(c.after, Drift))
    told = {(drift.path, drift.name.partition(" ")[0]) for drift in drifts}
    for one in unmet(changes, before):
        if isinstance(one, Skipped):
            skipped[one.path].append(one)
        elif (one.path, edge(one.got)[0]) not in told:
            found[one.path].append(one)
    for path, alike in found.items():
        names = listed([f"{one.got}, where {one.wanted}" for one in alike], _SHOWN, ";")
        message = f"{path.rpartition('/')[2]} has versions outside of the required range: {names}"
        parts = [one.change for one in alike]
        yield grouped(parts, rule="lock-drift", severity=Severity.HIGH, message=message, part="version")
    for some in skipped.values():
        message = f"only checked in part: {listed([one.what for one in some])}"
        yield finding(some[0].change, rule="lock-drift", severity=SEVERITY, message=message)


def _left_behind(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[tuple[str, Finding]]:
    """Object once to each lockfile that did not change although its manifest wants something else, by path.

    Those of which `fimci.drift` knows more than a hash are left to it, and so is what Cargo need not write
    down: another range that the locked version satisfies.
    """
    paths = known(before).paths
    touched = {change.record.path for change in changes if isinstance(change.record, File) and change.real}
    members: dict[str, frozenset[str]] = {}
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        wanted = change.record
        if not stated(wanted) or not _written_down(change, wanted):
            continue
        folder = wanted.at.path.rpartition("/")[0]
        for lock in locks_of(wanted.at.path, paths):
            name = lock.rpartition("/")[2]
            idle = (name in drift.NAMES and name != _HASHED) or (name == "Cargo.lock" and not change.added)
            if lock in touched or idle:
                continue
            if lock not in members:
                members[lock] = _folders(lock, before)
            if folder in members[lock]:
                found[lock].append(change)
    for lock, alike in found.items():
        names = listed([title(c.record) for c in alike if isinstance(c.record, Package)], _SHOWN)
        message = f"requirements changed ({names}), but {lock.rpartition('/')[2]} did not"
        yield lock, grouped(alike, rule="lock-drift", severity=SEVERITY, message=message)


def _written_down(change: Change, wanted: Package) -> bool:
    """Tell whether every lockfile has a word for what changed in a requirement.

    Nobody locks for the peers of others, and `go.sum` keeps what is no longer used.
    """
    if wanted.stated_by != "manifest" or copied(wanted) or "peer" in wanted.flags:
        return False
    kept = wanted.ecosystem == "golang" and change.removed
    return not kept and (change.added or change.removed or bool({"version", "origin"} & set(change.differs)))


def _folders(lock: str, before: Sequence[Record]) -> frozenset[str]:
    """Return the folders whose manifests a lockfile decides: its own, and its workspaces."""
    root = lock.rpartition("/")[0]
    found = {root}
    for record in before:
        if isinstance(record, Package) and record.at.path == lock:
            location = record.place[len(lock) + 1 :].partition("#")[0]
            folders = (record.origin, location) if isinstance(record.origin, str) else (location,)
            found.update(posixpath.normpath(posixpath.join(root, folder)) for folder in folders)
    return frozenset(found)


def _told(group: list[Change], severity: Severity) -> Iterator[Finding]:
    alone = group if len(group) <= _MOST else group[: _MOST - 1]
    for change in alone:
        yield finding(change, rule="lock-drift", severity=severity, message=_message(change))
    rest = group[len(alone) :]
    if rest:
        message = _message(rest[0]) + and_more(len(rest) - 1, "in this lockfile")
        yield grouped(rest, rule="lock-drift", severity=severity, message=message)


def _message(change: Change) -> str:
    found = change.after
    if not isinstance(found, Drift):
        return ""
    lock = found.path.rpartition("/")[2]
    if found.wanted is None and copies.is_copy(found.name):
        there = f"{lock} ({found.locked})" if found.locked else lock
        return f"{found.name} is in {there}, but in no manifest or configuration"
    if found.wanted is None:
        return f"{found.name} is in {lock} as {found.locked}, but no longer in the manifest"
    wanted = f"{found.name} {found.wanted}".rstrip()
    if found.locked is None:
        return f"{wanted} is not in {lock}"
    return f"{wanted} is wanted, but {lock} has {found.locked}"
