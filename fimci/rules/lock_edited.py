"""A lockfile changed in a way that neither its manifest nor a release explains.

Editing a lockfile by hand produces what no client writes. A published release never changes, so neither do
its requirements and commands in a lockfile: measured, npm 10 to 12 install a dependency that was added to the
entry of a package deep in the tree (npm 11 a peer as well), and link a command (`node`, `tsc`) that was added
to an entry, which scripts then run. A client also locks only what something requires: an entry that nothing
in the lockfile or any manifest requires was put there, and npm 10 and yarn install it.

High where a release has other requirements or commands than before, at the same version and hash; where a
package has the name of another one although nothing requests that (`npm:other@1.0.0`); and where a repository
that was locked at a release tag is now locked at a branch or a bare commit, while no manifest changed. Medium
for a new entry that nothing requires. Info, in one finding, where only the lockfile changed: that is routine
when lockfiles are refreshed (bots do it every week), and context for the reviewer.

In formats that record what each release was given instead of all that it requires (pnpm, uv, poetry, pdm,
Cargo), a new package is high if it is only required by releases that were locked before at a version that did
not require it: measured, `pnpm install --frozen-lockfile` of pnpm 10 and 12 installs it. In 1,075 commits of
fourteen public projects that changed such a lockfile there were no such findings, nor in 1,896 that changed a
`Cargo.lock`; in 301 that changed a `pdm.lock` there was one.

Not reported: changed requirements in those formats and in deno's; commands where the lockfile stated none
before; entries of peers and workspaces; and changes of most entries at once, which indicate another version
of the format or of the client. In 182 real updates of npm and Python lockfiles there was nothing above info;
all 108 in which no manifest changed had the one finding at info.

Fix: discard the change, lock again with the client, and compare.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Change, File, Package, Record, Setting
from fimci.packages.aliased import Aliased, undeclared
from fimci.packages.bumps import Bump, bumps
from fimci.packages.graph import reached, requested, wanted
from fimci.packages.origins import repository
from fimci.packages.pairs import is_project, manager_of, manifests_of
from fimci.packages.releases import (
    ONE_BY_ONE,
    Known,
    Name,
    altered,
    copied,
    hashes,
    known,
    locked,
    named,
    said,
    stated,
    title,
)
from fimci.packages.slipped import Slipped, slipped
from fimci.printable import listed, plural

SEVERITY = Severity.HIGH
_RULE = "lock-edited"

#: Write down the requirements of a release as its manifest states them.
_VERBATIM = frozenset(
    {"npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "bun.lock", "mix.lock", "Podfile.lock"}
)
#: Of their lockfiles only what is asked for is read, or of what is asked for not all.
_REACHED = frozenset({"hex", "nix"})
#: Nobody needs to ask for them: parts of the project, what its parent packs along, and peers.
_OWN = frozenset({"bundled", "directory", "link", "virtual", "workspace"})
_UNASKED = frozenset({"bundled", "extraneous", "link", "peer"})
_SHOWN = 4
#: What stands beside a commit that was found for the tag of a release.
_TAG = re.compile(r"[?&]tag=[^&#]")
#: Ask for packages as well, beside the manifests of a package manager.
_PROJECTS = frozenset({"project.pbxproj"})
#: What Terraform locks, its modules ask for.
_OF_MODULES = ".terraform.lock.hcl"
#: In a requirement of what somebody else may bring; where nobody does, npm installs it all the same.
_PEER = "@peer:"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to entries that no client wrote; tell once what was locked anew without being asked."""
    changes = list(altered(changes))
    left = known(before)
    edited = [
        *_rewritten(changes, left),
        *_aliased(changes, before),
        *_slipped(changes, before),
        *_unasked(changes, before, left),
        *_untagged(changes),
    ]
    yield from edited
    told = {finding.path for finding in edited}
    yield from (finding for finding in _alone(changes, left) if finding.path not in told)


def _rewritten(changes: Sequence[Change], left: Known) -> Iterator[Finding]:
    """Object to releases that want or offer something else than before."""
    olds = [old for packages in left.locked.values() for old in packages]
    entries = Counter(old.at.path for old in olds)
    # npm's first version knows no commands, and no copies of manifests either.
    copies = (old.at.path for packages in left.asked.values() for old in packages if copied(old))
    offering = {*(old.at.path for old in olds if old.bins), *copies}
    extended = any("xtension" in getattr(change.record, "name", "") for change in changes)
    found: dict[tuple[str, str], dict[str, Change]] = {}
    for change in changes:
        old, new = change.before, change.after
        if locked(old) and locked(new) and _same(old, new) and not extended:
            for what in _differences(old, new, offering=new.at.path in offering):
                found.setdefault((new.at.path, what.partition(" ")[0]), {}).setdefault(
                    f"{title(new)} {what}", change
                )
    for (path, _), told in found.items():
        if 2 * len(told) > entries[path] > ONE_BY_ONE:
            continue
        part = "bins" if "commands" in next(iter(told)) else "dependencies"
        if len(told) > ONE_BY_ONE:
            message = f"{len(told):,} releases changed at the same version: {listed(list(told), _SHOWN, ';')}"
            yield grouped(list(told.values()), rule=_RULE, severity=SEVERITY, message=message, part=part)
        else:
            for message, change in told.items():
                yield grouped([change], rule=_RULE, severity=SEVERITY, message=message, part=part)


def _same(old: Package, new: Package) -> bool:
    """Tell whether both are one release from one registry, whose manifest the lockfile copies."""
    return (
        (old.name, old.version, old.at.path) == (new.name, new.version, new.at.path)
        and old.origin_kind == new.origin_kind == "registry"
        and bool(set(hashes(old)) & set(hashes(new)))
        and new.at.path.rpartition("/")[2] in _VERBATIM
    )


def _differences(old: Package, new: Package, *, offering: bool) -> Iterator[str]:
    # The first lockfile of npm knows no peers, as it knows no commands.
    more = sorted(one for one in {*new.dependencies} - {*old.dependencies} if offering or _PEER not in one)
    less = sorted(one for one in {*old.dependencies} - {*new.dependencies} if _PEER not in one)
    if more:
        yield f"now requires {listed(more, _SHOWN)} at the same version"
    elif less:
        yield f"no longer requires {listed(less, _SHOWN)} at the same version"
    commands = sorted(set(new.bins) - set(old.bins))
    if commands and offering:
        yield f"provides commands at the same version: {listed(commands, _SHOWN)}"


def _aliased(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to packages under the names of others; to many of them, once."""
    found: dict[str, list[Aliased]] = {}
    for one in undeclared(changes, before):
        found.setdefault(seen_at(one.change.record).path, []).append(one)
    for alike in found.values():
        names = listed(sorted({f"{one.name} in place of {one.alias}" for one in alike}), _SHOWN, ";")
        moved = [one.change for one in alike]
        message = f"no manifest or release requests this: {names}"
        yield grouped(moved, rule=_RULE, severity=SEVERITY, message=message, part="dependencies")


def _slipped(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object, once for each lockfile, to newcomers that only releases ask for which did not before."""
    found: dict[str, list[Slipped]] = {}
    aliased = {one.name for one in undeclared(changes, before)}
    for one in slipped(changes, before):
        if one.package.name in aliased:
            continue  # told already, with the name that it stands under
        found.setdefault(one.package.at.path, []).append(one)
    for alike in found.values():
        names = listed([f"{title(one.package)} ({listed(one.askers, 2)})" for one in alike], _SHOWN)
        message = f"required only by releases that did not require it before: {names}"
        yield grouped([one.change for one in alike], rule=_RULE, severity=SEVERITY, message=message)


def _unasked(changes: Sequence[Change], before: Sequence[Record], left: Known) -> Iterator[Finding]:
    """Object to entries that came although nothing that was there, nor a manifest, asks for them.

    What newcomers ask for counts once one of them is asked for itself.
    """
    news = {change.record.key: change for change in changes if _must_be_asked_for(change, left)}
    if not news:
        return
    asked: set[Name] = set()
    asks: dict[Name, set[Name]] = {}
    stating: set[str] = set()
    for package in said(changes, before):
        if package.stated_by == "manifest":
            asked |= {requested(package), named(package)}
            stating.add(package.ecosystem)
        elif package.key in news:
            asks.setdefault(requested(package), set()).update(wanted(package))
        else:
            asked |= wanted(package)
        if package.dependencies:
            stating.add(package.at.path)
    asked = reached(asked, asks)
    groups: dict[str, list[Change]] = {}
    for change in news.values():
        new = change.after
        if not locked(new) or not {new.ecosystem, new.at.path} <= stating:
            continue
        if not {requested(new), named(new)} & asked:
            groups.setdefault(new.at.path, []).append(change)
    for alike in groups.values():
        names = listed([title(change.after) for change in alike if isinstance(change.after, Package)])
        is_, it = ("is", "it") if len(alike) == 1 else ("are", "them")
        message = f"{names} {is_} locked, but nothing requires {it}"
        yield grouped(alike, rule=_RULE, severity=Severity.MEDIUM, message=message)


def _must_be_asked_for(change: Change, left: Known) -> bool:
    """Tell whether an entry is new and of a kind that a client locks only for somebody."""
    new = change.after
    if not locked(new) or (locked(change.before) and change.before.name == new.name):
        return False
    return (
        new.at.path in left.paths
        and manager_of(new.at.path) is not None
        and new.ecosystem not in _REACHED
        and new.origin_kind not in _OWN
        and not _UNASKED & set(new.flags)
    )


def _untagged(changes: Sequence[Change]) -> Iterator[Finding]:
    """Object to repositories that left the tag of a release, where no manifest changed."""
    touched = {c.record.path.rpartition("/")[2] for c in changes if isinstance(c.record, File) and c.real}
    found: dict[str, list[Change]] = {}
    for change in changes:
        old, new = change.before, change.after
        if not locked(old) or not locked(new) or repository(old.origin) != repository(new.origin):
            continue
        manager = manager_of(new.at.path)
        asking = {*manager.manifests, *_PROJECTS} if manager is not None else touched
        if _TAG.search(str(old.origin)) and not _TAG.search(str(new.origin)) and not touched & asking:
            found.setdefault(new.at.path, []).append(change)
    for alike in found.values():
        names = listed([title(change.before) for change in alike if locked(change.before)], _SHOWN)
        message = f"no longer locked at a release, although no manifest changed: {names}"
        yield grouped(alike, rule=_RULE, severity=SEVERITY, message=message, part="revision")


def _alone(changes: Sequence[Change], left: Known) -> Iterator[Finding]:
    """Tell what was locked anew in lockfiles whose manifests ask for nothing new."""
    manifests = {
        change.record.ecosystem
        for change in changes
        if stated(change.record) and change.record.stated_by == "manifest" and not copied(change.record)
    }
    # An override in a manifest, too, is a reason to lock anew.
    touched = {c.record.path for c in changes if isinstance(c.record, (File, Setting)) and c.real}
    removed = {c.record.path for c in changes if isinstance(c.record, File) and c.removed}
    found: dict[str, list[Bump]] = {}
    for bump in bumps(changes, left):
        if (bump.gone and bump.came) or not bump.before or not bump.after:
            found.setdefault(bump.path, []).append(bump)
    for path, moved in sorted(found.items()):
        beside = [manifest for manifest in manifests_of(path) if manifest in left.paths]
        # Modules in any folder say which providers they want.
        modules = path.endswith(_OF_MODULES) and not any(is_project(one, path) for one in touched)
        unasked = (beside or modules) and path not in removed and not touched & set(beside)
        if unasked and moved[0].name[0] not in manifests:
            yield _about(moved)


def _about(moved: Sequence[Bump]) -> Finding:
    kinds = {
        "updated": [bump for bump in moved if bump.before and bump.after],
        "added": [bump for bump in moved if not bump.before],
        "removed": [bump for bump in moved if not bump.after],
    }
    counts = ", ".join(f"{len(alike):,} {verb}" for verb, alike in kinds.items() if alike)
    names = listed([bump.name[1] for alike in kinds.values() for bump in alike], _SHOWN)
    message = (
        f"lockfile updated, although no manifest changed: {plural(len(moved), 'package')} ({counts}): {names}"
    )
    changes = [change for bump in moved for change in bump.changes]
    return grouped(changes, rule=_RULE, severity=Severity.INFO, message=message)
