"""A package gained a script that runs when it is installed.

Install scripts run with the rights of whoever installs, before any of the code is used. Most attacks on npm
start with one (ua-parser-js 2021, the worms since 2025); of 1,962 adjacent releases of 33 popular packages,
only one added one (0.05 %).

High where a `package.json` gains the script, a `binding.gyp` is added next to an existing one (npm builds it
automatically, which the Phantom Gyp worm of 2026 exploited), or the lockfile flag appears on a package that
was known without it. Medium where a new package has one, where the flag appears on a release whose hash is
unchanged, where a new manifest has a script that only runs for developers (`prepare` and similar), and where
a Python release has no wheel, so that its build runs. Low for a command that only starts a git hook manager.

Also high: the flag *disappears* while the version is unchanged, which hides what runs. Where the first flags
of a lockfile appear on releases with unchanged hashes, or all of them disappear at once, it is low: that is
another version of the format (npm's first, pnpm's from 9.0 on and bun's first have none), or a registry
mirror that strips them.

Not reported: existing scripts, packages that only moved, new lockfiles, and flags that appear or disappear
because another version of the lockfile format introduces or drops them. In 103 real updates of npm and Python
lockfiles, a year apart, there were two findings, both medium and correct.

Fix: read the script; if it is needed, accept it with `fimci accept`, else install without scripts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Capability, Change, Package, Record, Setting
from fimci.packages.graph import requested
from fimci.packages.install_scripts import starts_hook_manager
from fimci.packages.patches import asked_by_patches
from fimci.packages.releases import (
    ONE_BY_ONE,
    Known,
    Name,
    altered,
    known,
    locked,
    named,
    title,
)
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH
_RULE = "install-script-added"
_SHOWN = 160
#: How readers call the version of a lockfile's format where only some versions have flags.
_FORMAT = "lockfileVersion"

#: Run when a registry package is installed; the others run in the repository that has them.
_FOR_EVERYBODY = frozenset({"preinstall", "install", "postinstall"})


class _Flag(NamedTuple):
    """A lockfile's flag that appeared or vanished."""

    change: Change
    package: Package
    severity: Severity
    what: str


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to scripts in manifests one by one, to flags in lockfiles by what happened to them."""
    left = known(before)
    changes = list(altered(changes))
    for change in changes:
        yield from _in_manifest(change, left)
    flags = [*_appeared(changes, left), *_vanished(changes, left)]
    for severity, what in sorted({(flag.severity, flag.what) for flag in flags}, reverse=True):
        alike = [flag for flag in flags if (flag.severity, flag.what) == (severity, what)]
        if len(alike) > ONE_BY_ONE:
            yield _finding(
                alike, f"{len(alike):,} packages: {what}: {listed([title(f.package) for f in alike])}"
            )
        else:
            yield from (_finding([flag], f"{title(flag.package)}: {what}") for flag in alike)


def _finding(flags: Sequence[_Flag], message: str) -> Finding:
    changes = [flag.change for flag in flags]
    return grouped(changes, rule=_RULE, severity=flags[0].severity, message=message, part="install_scripts")


def _in_manifest(change: Change, left: Known) -> Iterator[Finding]:
    script = change.after
    if not change.added or not isinstance(script, Capability) or script.name != "install-script":
        return
    folder, slash, name = script.path.rpartition("/")
    implicit = name == "binding.gyp"
    existed = (f"{folder}{slash}package.json" if implicit else script.path) in left.paths
    installed = "node_modules/" in script.path
    severity = SEVERITY
    if starts_hook_manager(script):
        severity = Severity.LOW
    elif not existed and (installed or script.subject not in _FOR_EVERYBODY):
        severity = Severity.MEDIUM
    message = f"new {script.subject} script: {cut(script.detail, _SHOWN)}"
    yield finding(change, rule=_RULE, severity=severity, message=message)


def _appeared(changes: Sequence[Change], left: Known) -> Iterator[_Flag]:
    spoken: set[Name] = set()
    flagged = {old.at.path for olds in left.locked.values() for old in olds if old.install_scripts is True}
    migrated = _migrated(changes)
    asked = asked_by_patches(changes, left)
    for change in changes:
        package = change.after
        if not locked(package) or package.install_scripts is not True or named(package) in spoken:
            continue
        if package.at.path not in left.paths or _built_anyway(package):
            continue
        olds = left.locked.get(named(package), ())
        if any(old.install_scripts is True for old in olds):
            continue
        spoken.add(named(package))
        if package.ecosystem == "pypi":
            what = (
                "no longer has a wheel, so its build runs" if olds else "new, without a wheel: its build runs"
            )
            yield _Flag(change, package, Severity.MEDIUM, what)
        elif package.at.path in migrated and any(old.version == package.version for old in olds):
            continue
        elif any(old.integrity and old.integrity == package.integrity for old in olds):
            severity = Severity.MEDIUM if package.at.path in flagged else Severity.LOW
            yield _Flag(change, package, severity, "gained the install-script flag at the same version")
        elif olds:
            yield _Flag(change, package, SEVERITY, "runs a script at install now")
        elif (asker := asked.get(requested(package))) is not None:
            what = f"runs code at install, new since a patch: required by {title(asker)}"
            yield _Flag(change, package, SEVERITY, what)
        else:
            yield _Flag(change, package, Severity.MEDIUM, "new dependency runs code at install")


def _migrated(changes: Sequence[Change]) -> frozenset[str]:
    """Return lockfiles whose format has another version now: only some versions have flags at all."""
    return frozenset(
        change.record.path
        for change in changes
        if isinstance(change.record, Setting) and change.record.name == _FORMAT and change.differs
    )


def _built_anyway(package: Package) -> bool:
    """Tell whether it is Python source from elsewhere than an index, which is never a wheel."""
    return package.ecosystem == "pypi" and package.origin_kind in {"git", "directory"}


def _vanished(changes: Sequence[Change], left: Known) -> Iterator[_Flag]:
    """Yield the flags that went although the same release stands at the same place."""
    migrated = _migrated(changes)
    flagged = [old for olds in left.locked.values() for old in olds if old.install_scripts is True]
    standing = Counter(old.at.path for old in flagged)
    gone: dict[Name, tuple[Change, Package]] = {}
    for change in changes:
        old, new = change.before, change.after
        if not locked(old) or old.install_scripts is not True or old.ecosystem == "pypi":
            continue
        if old.at.path in migrated:
            continue
        if not locked(new) or new.install_scripts is not True:
            standing[old.at.path] -= 1
        if locked(new) and new.install_scripts is not True and _same_release(old, new):
            gone.setdefault(named(new), (change, new))
    for change, new in gone.values():
        severity = SEVERITY if standing[new.at.path] else Severity.LOW
        yield _Flag(change, new, severity, "its install-script flag was removed at the same version")


def _same_release(old: Package, new: Package) -> bool:
    return named(old) == named(new) and old.version == new.version
