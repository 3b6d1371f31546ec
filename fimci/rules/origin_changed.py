"""A known package now comes from another source.

The URL in a lockfile decides what is downloaded, whatever registry is configured. Lockfile injection (Snyk
2019) replaces it by the attacker's and, where a hash is in the way, the hash too: measured, npm 10 and 11,
yarn 1 and uv install that without a message. Reported are packages that moved to another host, from a
registry to git, an archive or a folder outside, or to another repository; aliases that let another package
take their place; and files of a Python lockfile from a new host although the index is the same (look-alike
file hosts, astral-sh/uv#21484). The same host without encryption is reported by `insecure-origin`, a URL that
names another package by `name-mismatch`.

Critical where the same version has no hash in common with what was there before, or no hash at all. Medium
for another path on the same host (high on a code host, where it is another repository, and for another conda
channel), for another repository with the very same locked commit (owners move and rename), for a host that
other lockfile entries already used (some registries have two names), and where a lockfile starts to state
URLs that it left out before, of entries or of files. Low for a folder of the repository in place of a
release: its code is under review, but its hash is gone; not where a program of the repository creates it at
install time (`exec:` of yarn). A move of many entries from one host to the same other one is a single
finding. A fork that a manifest openly requests is high, whichever client reads it (`package.json`, `Gemfile`,
`flake.nix`): its code had no hash before. So is another owner or host of what Flux, Argo CD, kustomize and
Terraform download, for which there is no lockfile; another source of the same cluster is medium, one with the
same name low.

Not reported: new versions from the same host, a lockfile that stops stating URLs, a plain scheme that became
a secure one, a move to the registry, new packages (`source-not-registry`), and those of a `Pipfile.lock`
whose source list has another URL for theirs (`registry-configuration-changed` points at it). In 103 real
updates of npm and Python lockfiles, a year apart, there were no findings. In 856 commits of five projects
that changed a `flake.lock` there were 49, nearly all of two kinds: forks that temporarily replaced an input,
and moves to another host. In 1,055 commits of five projects that changed a lock of Mix, pub or Swift there
were 28, all of them such moves. In 4,097 commits of eight projects that changed what clusters and builds
download this way there were 47, 21 of them high: each of those downloads something from another owner
(`benchmarks/histories.py sources`).

Fix: lock again from your own registry; if the move is intended, check who owns the host and accept it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import UNSTATED, Change, Package, Record, Setting
from fimci.packages.origins import SECURE, address, home, index_path, on_code_host, repository
from fimci.packages.private import leaked, private
from fimci.packages.releases import (
    Hosts,
    Known,
    Name,
    altered,
    copied,
    fetched_anew,
    hosts,
    known,
    leads_away,
    locked,
    named,
    present,
    renamed,
    source,
    stated,
    title,
    vouched,
)
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH
_RULE = "origin-changed"
_CATALOG = ".versions.toml"
_MODULES = "terraform"
#: How a source is named that is an object of the same cluster.
_OBJECT = "@"

#: How lockfiles whose entries name an index state the hosts that the files themselves come from.
_FILE_HOST = "file-host."
#: What became of an origin, and how bad that is if nothing makes it worse.
_Verdict: TypeAlias = tuple[str, Severity]
_COMMIT = re.compile(r"(?:commit[=:])?[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FOLDERS = frozenset({"link", "directory", "virtual"})
_INSIDE = frozenset({"workspace", "link", "directory", "virtual", "patch"})


class _Move(NamedTuple):
    change: Change
    package: Package
    how: str
    severity: Severity


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to every move once, however many entries made it."""
    changes = list(altered(changes))
    moves: dict[str, dict[Name, _Move]] = {}
    for move in _moves(changes, before):
        moves.setdefault(move.how, {}).setdefault(named(move.package), move)
    yield from _file_hosts(changes, before)
    for how, alike in moves.items():
        names = listed([title(move.package) for move in alike.values()])
        yield grouped(
            [move.change for move in alike.values()],
            rule=_RULE,
            severity=max(move.severity for move in alike.values()),
            message=f"{names}: {how}" if len(alike) == 1 else f"{len(alike):,} packages: {how}: {names}",
            part="origin",
        )


def _file_hosts(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to a host of files that no lockfile of the left used: the index stays as it was."""
    serving = {
        record.name: record for record in before if isinstance(record, Setting) and _serves_files(record)
    }
    told = {address(change.after.origin).host for change in changes if locked(change.after)}
    there = {record.at.path for record in before if isinstance(record, Package) and locked(record)}
    for change in changes:
        new = change.after
        if not isinstance(new, Setting) or not _serves_files(new):
            continue
        host = new.name.removeprefix(_FILE_HOST)
        if new.name in serving or host in told:
            continue
        if serving:
            message = f"files come from a host not used before: {host}"
            yield finding(change, rule=_RULE, severity=SEVERITY, message=message)
        elif new.path in there:
            message = f"files come from URLs now, where none was stated: {host}"
            yield finding(change, rule=_RULE, severity=Severity.MEDIUM, message=message)


def _serves_files(setting: Setting) -> bool:
    return setting.name.startswith(_FILE_HOST)


def _moves(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[_Move]:
    left, in_use, apart = known(before), hosts(before), private(before)
    usual, redirected = _usual(changes, before), _redirected(changes)
    spoken: set[Name] = set()
    for change in changes:
        package = change.after
        if locked(package) and leaked(package, apart, left) is not None:
            continue  # `private-name-public-origin`
        if _follows(change, redirected):
            continue  # `registry-configuration-changed`
        found = _in_lock(change, package, left, in_use, usual) if locked(package) else None
        if found is not None and locked(package):
            spoken.add(named(package))
            yield _Move(change, package, *found)
    for change in changes:
        package = change.after
        if not stated(package) or package.stated_by == "lock" or copied(package) or named(package) in spoken:
            continue
        olds = [change.before] if stated(change.before) else left.asked.get(named(package), [])
        verdicts = [_asked_elsewhere(old, package, in_use) for old in olds]
        if verdicts and verdicts[0] is not None and None not in verdicts:
            yield _Move(change, package, *verdicts[0])


def _redirected(changes: Sequence[Change]) -> frozenset[tuple[str, str, str]]:
    """Return the sources of lockfiles whose URL changed, by which all their packages moved."""
    return frozenset(
        (change.after.path, change.before.value, change.after.value)
        for change in changes
        if isinstance(change.before, Setting)
        and isinstance(change.after, Setting)
        and re.fullmatch(r"source\..+\.url", change.after.name)
    )


def _follows(change: Change, redirected: frozenset[tuple[str, str, str]]) -> bool:
    old, new = change.before, change.after
    return locked(old) and locked(new) and (new.at.path, old.origin, new.origin) in redirected


def _in_lock(
    change: Change, new: Package, left: Known, in_use: Hosts, usual: frozenset[tuple[str, str]]
) -> _Verdict | None:
    """Hold an entry against its own place or, where it is new there, against its name elsewhere."""
    olds = left.locked.get(named(new), [])
    if locked(change.before):
        if change.before.name != new.name:
            return f"takes the place of {change.before.name}", SEVERITY
        olds = [change.before]
    if renamed(new, in_use):
        return None
    verdicts = [_elsewhere(old, new) or _other_host(old, new, in_use, usual) for old in olds]
    if not verdicts or None in verdicts:
        return None
    how, severity = verdicts[0] or ("", SEVERITY)
    return how, max(severity, vouched(olds, new)) if severity >= SEVERITY else severity


def _asked_elsewhere(old: Package, new: Package, in_use: Hosts) -> _Verdict | None:
    """Hold what a manifest asks for against what it asked for before."""
    if not fetched_anew(new):
        return _alias(old, new) or _elsewhere(old, new) or _served_elsewhere(old, new, in_use)
    paths = [str(one.origin) for one in (old, new) if str(one.origin).startswith(("http:", "https:"))]
    moved = len(paths) > 1 and new.origin_kind == "registry"
    return _of_another(old, new) or (_served_elsewhere(old, new, in_use) if moved else None)


def _alias(old: Package, new: Package) -> _Verdict | None:
    """Tell of another package in the place of one: only an alias changes the name of a requirement.

    In a catalog of Gradle it is a word of the build's own: what it stands for is a new dependency.
    """
    if new.at.path.endswith(_CATALOG):
        return None
    return (f"takes the place of {old.name}", SEVERITY) if old.name != new.name else None


def _of_another(old: Package, new: Package) -> _Verdict | None:
    """Tell of somebody else from whom a cluster or a build fetches, each time anew."""
    was, now = _whose(old), _whose(new)
    if isinstance(old.origin, str) and new.origin is UNSTATED and was:
        return f"{was} → what is put in later", Severity.MEDIUM
    if not was or not now or was == now:
        return None
    if not was.startswith(_OBJECT) or not now.startswith(_OBJECT):
        return f"{was} → {now}", SEVERITY
    # What such an object fetches it says itself. Moves to another kind of it keep the name.
    kind, _, name = now.removeprefix(_OBJECT).partition("/")
    alike = was.rpartition("/")[2] == name.rpartition("/")[2]
    return f"from another {kind} of the cluster", Severity.LOW if alike else Severity.MEDIUM


def _whose(package: Package) -> str:
    """Return who answers for what is fetched: a repository, another object, an owner, a registry."""
    origin = package.origin if isinstance(package.origin, str) else ""
    found = address(origin)
    owner = found.path.strip("/").partition("/")[0] if found.scheme == "oci" else ""
    if origin.startswith(_OBJECT):
        whose = origin
    elif package.origin_kind == "git":
        whose = repository(origin)
        whose = whose.rpartition("/")[0] if package.ecosystem == _MODULES else whose
    elif package.origin_kind != "registry":
        whose = home(origin)
    elif package.ecosystem == _MODULES:
        # The usual registry has modules of repositories there, each by the owner's name.
        whose = f"{found.host or 'github.com'}/{package.name.partition('/')[0]}".lower()
    else:
        whose = f"{found.host}/{owner}" if owner else found.host
    return whose


def _elsewhere(old: Package, new: Package) -> _Verdict | None:
    """Tell of a move away from a registry, or from one repository to another."""
    if not leads_away(new):
        # Cargo does not write down which folder.
        inside = new.origin_kind in _FOLDERS and old.origin_kind == "registry"
        inside = inside and (isinstance(new.origin, str) or new.ecosystem == "cargo")
        if inside and new.ecosystem == "npm" and new.install_scripts is True:
            return f"registry → the output of a program of the repository ({new.origin})", SEVERITY
        which = f" ({new.origin})" if isinstance(new.origin, str) else ""
        return (f"registry → a folder of the repository{which}", Severity.LOW) if inside else None
    if not leads_away(old):
        known = old.origin_kind is not UNSTATED and old.origin_kind not in _INSIDE
        return (f"registry → {source(new)}", SEVERITY) if known else None
    if "git" in {old.origin_kind, new.origin_kind}:
        was, now = repository(old.origin), repository(new.origin)
    else:
        was, now = home(old.origin), home(new.origin)
    if not was or not now or was == now:
        return None
    return f"{was} → {now}", Severity.MEDIUM if _same_commit(old, new) else SEVERITY


def _same_commit(old: Package, new: Package) -> bool:
    """Tell whether both are locked at one commit, which is its content wherever it comes from."""
    commits = [str(one.origin).rpartition("#")[2] for one in (old, new)]
    return (
        old.stated_by == new.stated_by == "lock"
        and len({*commits}) == 1
        and bool(_COMMIT.fullmatch(commits[0]))
    )


def _served_elsewhere(old: Package, new: Package, in_use: Hosts) -> _Verdict | None:
    """Tell of a manifest that says which server a package comes from, and names another one now."""
    if leads_away(old) or not isinstance(old.origin, str) or not isinstance(new.origin, str):
        return None
    return _other_host(old, new, in_use, frozenset())


def _other_host(
    old: Package, new: Package, in_use: Hosts, usual: frozenset[tuple[str, str]]
) -> _Verdict | None:
    """Tell of a move from one registry to another."""
    if leads_away(new) or new.origin_kind in _INSIDE or not isinstance(new.origin, str):
        return None
    was, now = address(old.origin).host, address(new.origin).host or new.origin
    if was == now:
        return None if leads_away(old) else _other_index(old, new)
    trusted, used = in_use.trusted(now, new.ecosystem), in_use.used.get(new.ecosystem)
    if (trusted and not was) or (leads_away(old) and (trusted or not used)):
        return None
    if not was:
        starts = not used and (new.at.path, now) in usual
        return f"from the configured registry → {now}", Severity.MEDIUM if starts else SEVERITY
    how = f"{was} → {now}" if address(new.origin).scheme in SECURE else f"{was} → {cut(new.origin, 60)}"
    return how, Severity.MEDIUM if trusted else SEVERITY


def _other_index(old: Package, new: Package) -> _Verdict | None:
    was, now = index_path(old.origin), index_path(new.origin)
    if was == now or not was or not now:
        return None
    if on_code_host(old.origin) and on_code_host(new.origin):
        return f"{repository(old.origin)} → {repository(new.origin)}", SEVERITY
    # Whose channel it is, its name says.
    severity = SEVERITY if new.ecosystem == "conda" else Severity.MEDIUM
    return f"{was} → {now} on {address(new.origin).host}", severity


def _usual(changes: Sequence[Change], before: Sequence[Record]) -> frozenset[tuple[str, str]]:
    """Return the hosts from which most entries of a lockfile come on the right side."""
    found: Counter[tuple[str, str]] = Counter()
    entries: Counter[str] = Counter()
    for package in present(changes, before):
        entries[package.at.path] += 1
        found[package.at.path, address(package.origin).host] += 1
    return frozenset(key for key, count in found.items() if 2 * count > entries[key[0]])
