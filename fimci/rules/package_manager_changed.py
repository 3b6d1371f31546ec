"""Another package manager will run, or the code of a committed one has changed.

The package manager is a program that runs before anything else, at every install, with full rights.
`packageManager` names it for corepack, optionally with a hash; yarn keeps it in the repository
(`.yarn/releases/yarn-4.1.0.cjs`, three megabytes in one line that no review shows), and so do the wrappers of
Gradle and Maven (`gradle-wrapper.jar`, `gradlew`), and projects that commit `composer.phar`. The client of Go
and of Rust comes with the toolchain that a project names, and Bundler runs in the version recorded in its
lockfile. Whoever changes such a file under the same name, or the hash for the same version, controls the next
install.

High: other content of a committed client under the same name, another hash for the same version, a removed
hash, another client, a client from a URL, a toolchain that is not a release or is in a folder; new code that
runs at every install of pnpm or npm (`.pnpmfile.cjs`, `.npm-extension.mjs`). Medium: such code changed; a
yarn plug-in was added or changed (`.yarn/plugins`); a client is committed or replaced by another release; an
older Bundler runs; a wrapper changed together with the release that it downloads; a lockfile of another kind
replaced one. Low: a second kind of lockfile next to the first.

Not reported: `packageManager` with another version of the same client, another toolchain release, a newer
Bundler, and removed clients.

A wrapper is reported once, together with its scripts: in 100 of 182 commits of three projects that changed
what a wrapper downloads, its program or scripts changed as well.

Fix: compare the committed file with the published release of that version (`yarn set version`, `gradle
wrapper --gradle-version`), or have the client downloaded by version and hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, File, Record
from fimci.packages.pairs import manager_of, rivals_of
from fimci.packages.releases import known
from fimci.packages.switched import objections, switched
from fimci.packages.switches import MANAGING, Switch
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "package-manager-changed"


#: Whose lockfile others write as well, for whoever installs with it.
_EXPORTED = frozenset({"pip"})


class _Committed(NamedTuple):
    """A file that is, or runs in, the package manager."""

    pattern: re.Pattern[str]
    what: str
    changed: Severity
    #: Another file of the same wrapper that changes with it in an update.
    release: str = ""
    new: Severity = Severity.MEDIUM


class _Spoken(NamedTuple):
    """What is to be said of a committed file."""

    change: Change
    path: str
    severity: Severity
    what: str
    #: The properties of its wrapper, where these changed as well.
    wrapper: str


_AT = r"(?:.*/)?"
_COMMITTED = tuple(
    _Committed(re.compile(_AT + pattern, re.DOTALL), what, *more)
    for pattern, what, *more in (
        (r"\.yarn/releases/[^/]+", "the committed yarn", Severity.HIGH),
        (r"\.yarn/plugins/.+", "a plug-in that runs in every yarn", Severity.MEDIUM),
        (
            r"gradle/wrapper/gradle-wrapper\.jar",
            "the committed program that fetches and starts Gradle",
            Severity.HIGH,
            "gradle/wrapper/gradle-wrapper.properties",
        ),
        (
            r"gradlew(?:\.bat)?",
            "the script that starts Gradle",
            Severity.MEDIUM,
            "gradle/wrapper/gradle-wrapper.properties",
        ),
        (
            r"\.mvn/wrapper/(?:maven-wrapper\.jar|MavenWrapperDownloader\.java)",
            "the committed program that fetches and starts Maven",
            Severity.HIGH,
            ".mvn/wrapper/maven-wrapper.properties",
        ),
        (
            r"mvnw(?:\.cmd)?",
            "the script that starts Maven",
            Severity.MEDIUM,
            ".mvn/wrapper/maven-wrapper.properties",
        ),
        (r"(?:bin/)?composer\.phar", "the committed Composer", Severity.HIGH, ""),
        (
            r"(?:\.pnpmfile\.[cm]?|pnpmfile\.)js",
            "code that runs at every install of pnpm",
            Severity.MEDIUM,
            "",
            Severity.HIGH,
        ),
        (
            r"\.npm-extension\.[cm]js",
            "code that runs at every install of npm",
            Severity.MEDIUM,
            "",
            Severity.HIGH,
        ),
    )
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to settings, committed files and lockfiles that say that something else runs."""
    files = [change for change in changes if isinstance(change.record, File) and change.real]
    touched = {change.record.path for change in files if isinstance(change.record, File)}
    gone = {change.record.path for change in files if change.removed and isinstance(change.record, File)}
    spoken = [one for change in files if (one := _file(change, touched, gone)) is not None]
    committed = list(_committed(spoken))
    yield from committed
    yield from objections(
        (item for item in switched(changes, before, _mine) if not _told(item.change, committed)), _RULE
    )
    yield from _kinds(changes, before)


def _mine(switch: Switch) -> bool:
    return switch.what in MANAGING


def _told(change: Change, committed: Sequence[Finding]) -> bool:
    """Tell whether a setting names a committed file of which a finding speaks."""
    value = getattr(change.after, "value", "").removeprefix("./")
    return bool(value) and any(f"/{one.path}".endswith(f"/{value}") for one in committed)


def _committed(spoken: Sequence[_Spoken]) -> Iterator[Finding]:
    """Object to each committed file; once to those of one wrapper of which the same is to be said."""
    groups: dict[tuple[str, bool], list[_Spoken]] = {}
    for one in spoken:
        groups.setdefault((one.wrapper or one.path, one.change.added), []).append(one)
    for alike in groups.values():
        first = max(alike, key=lambda one: one.severity)
        others = listed([one.path.rpartition("/")[2] for one in alike if one is not first])
        message = f"{first.what} (and {others})" if others else first.what
        changes = [first.change, *(one.change for one in alike if one is not first)]
        yield grouped(changes, rule=_RULE, severity=first.severity, message=message)


def _file(change: Change, touched: set[str], gone: set[str]) -> _Spoken | None:
    """Tell of a committed client that came, or that has other bytes."""
    old, new = change.before, change.after
    if not isinstance(new, File) or "node_modules/" in new.path or new.kind == "directory":
        return None
    found = next((row for row in _COMMITTED if row.pattern.fullmatch(new.path)), None)
    if found is None or (isinstance(old, File) and not {"digest", "target", "kind"} & set(change.differs)):
        return None
    beside = _beside_root(new.path, found) if found.release else ""
    wrapper = beside if beside in touched else ""
    if old is None:
        replaced = any(found.pattern.fullmatch(path) for path in gone)
        severity = Severity.MEDIUM if replaced else found.new
        what = f"{found.what} is {'another file' if replaced else 'new'}"
    elif wrapper:
        severity, what = Severity.MEDIUM, f"{found.what} changed, with the release that it downloads"
    else:
        verb = "has other content under the same name" if found.changed is SEVERITY else "changed"
        severity, what = found.changed, f"{found.what} {verb}"
    return _Spoken(change, new.path, severity, what, wrapper)


def _beside_root(path: str, found: _Committed) -> str:
    """Return the path of the properties of the same wrapper."""
    root = found.release.partition("/")[0]
    folder = path.partition(f"{root}/wrapper/")[0] if f"{root}/wrapper/" in path else path.rpartition("/")[0]
    folder = folder.rstrip("/")
    return f"{folder}/{found.release}" if folder else found.release


def _kinds(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to a lockfile of another client than the one that decided the manifest so far."""
    paths = known(before).paths
    gone = {c.record.path for c in changes if c.removed and isinstance(c.record, File)}
    for change in changes:
        new = change.after
        manager = manager_of(new.path) if change.added and isinstance(new, File) else None
        if manager is None or not isinstance(new, File):
            continue
        rivals = [
            (other, path) for other, path in rivals_of(new.path) if path in paths and other is not manager
        ]
        replaced = [(other, path) for other, path in rivals if path in gone]
        if replaced:
            message = f"{manager.name} takes the place of {replaced[0][0].name}: everything is locked again"
            yield finding(change, rule=_RULE, severity=Severity.MEDIUM, message=message)
        elif rivals and not _EXPORTED & {manager.name, *(other.name for other, _ in rivals)}:
            message = f"a second lockfile, of {manager.name}, beside that of {rivals[0][0].name}"
            yield finding(change, rule=_RULE, severity=Severity.LOW, message=message)
