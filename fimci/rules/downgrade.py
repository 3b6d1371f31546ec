"""A locked package was downgraded to an older version that nothing asked for.

An older release has the vulnerabilities that the newer one fixed. A lockfile that was edited to select one
still satisfies its manifest and has a hash that the registry confirms, so no client complains. All versions
of a name in a lockfile are compared, since packages move within `node_modules`.

Info where the downgrade was requested: the requirement in the manifest or an override changed, or an added or
updated package requires the older version. Info as well in a `requirements.txt` without hashes, which is
written by hand and is its own manifest, and in a `go.mod` whose direct requirements changed.

Not reported: versions without a known order, an additional older version next to an unchanged one, and new
lockfiles. In 182 real updates of npm and Python lockfiles there were 6 findings, all of them info: an updated
package required the older release. In 856 commits of five projects that changed a `flake.lock` there were 20
at medium, mostly for branches that were replaced by older ones; in 1,055 of five projects that changed a lock
of Mix, pub or Swift there were 12, most of them due to an older Flutter.

Fix: find out who needs the older version and whether it is affected by a known vulnerability; otherwise lock
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record, Setting
from fimci.packages.bumps import Bump, bumps
from fimci.packages.graph import edge
from fimci.packages.pairs import manager_of
from fimci.packages.releases import (
    ONE_BY_ONE,
    Known,
    altered,
    copied,
    hashes,
    known,
    named,
    present,
    title,
)
from fimci.packages.versions import ascending, older
from fimci.printable import listed

SEVERITY = Severity.MEDIUM


class _Step(NamedTuple):
    """A step back from one version to an older one, and who asked for it."""

    bump: Bump
    had: str
    has: str
    asked: str


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each step back; to many of one kind in one lockfile, once."""
    changes = list(altered(changes))
    left = known(before)
    found = [(bump, had, has) for bump in bumps(changes, left) for had, has in _steps_back(bump)]
    if not found:
        return
    wanted = _asked(changes)
    by_hand = _by_hand(changes)
    brought = _brought(changes, before, left)
    steps = [_Step(bump, had, has, _who(bump, has, wanted, by_hand, brought)) for bump, had, has in found]
    groups: dict[tuple[str, bool], list[_Step]] = {}
    for step in steps:
        groups.setdefault((step.bump.path, bool(step.asked)), []).append(step)
    for (_, asked), alike in groups.items():
        severity = Severity.INFO if asked else SEVERITY
        if len(alike) > ONE_BY_ONE or (asked and len(alike) > 1):
            names = listed([f"{s.bump.name[1]} {s.had} → {s.has}" for s in alike])
            yield _about(alike, severity, f"{len(alike):,} packages downgraded: {names}")
        else:
            yield from (_about([step], severity, _told(step)) for step in alike)


def _told(step: _Step) -> str:
    why = f", {step.asked}" if step.asked else ""
    return f"{step.bump.name[1]} downgraded: {step.had} → {step.has}{why}"


def _about(steps: Sequence[_Step], severity: Severity, message: str) -> Finding:
    changes = [step.bump.change_to(step.has) for step in steps]
    return grouped(changes, rule="downgrade", severity=severity, message=message, part="version")


def _steps_back(bump: Bump) -> Iterator[tuple[str, str]]:
    """Pair the versions that went with those that came, lowest first; yield the pairs that go back.

    Where their numbers differ, something was merged or split: back went only what is below all that
    stood there.
    """
    ecosystem = bump.name[0]
    gone, came = ascending(ecosystem, bump.gone), ascending(ecosystem, bump.came)
    if not gone or not came:
        return
    pairs = zip(gone, came, strict=True) if len(gone) == len(came) else [(gone[0], came[-1])]
    yield from ((had, has) for had, has in pairs if older(ecosystem, has, had))


def _who(
    bump: Bump,
    version: str,
    wanted: frozenset[str],
    by_hand: frozenset[str],
    brought: dict[str, dict[str, set[str]]],
) -> str:
    """Say who asked for the older version; nothing where nobody did."""
    new = bump.change_to(version).after
    if bump.name[1] in wanted:
        return "as its manifest requires"
    if bump.path in by_hand and isinstance(new, Package) and not hashes(new):
        return "as this file requires"
    askers = brought.get(bump.path, {}).get(bump.name[1], set())
    return f"as required by {listed(sorted(askers), 2)}" if askers else ""


def _asked(changes: Sequence[Change]) -> frozenset[str]:
    """Return the names of which a manifest asks something else than before, and those overridden.

    What a lockfile says of itself asks for nothing.
    """
    names = set()
    for change in changes:
        record = change.record
        if isinstance(record, Package) and record.stated_by == "manifest" and not copied(record):
            names.add(record.name)
        elif isinstance(record, Setting) and change.after is not None and manager_of(record.path) is None:
            names.update(part.partition("@")[0] for part in record.name.split(".")[1:])
    return frozenset(names)


def _by_hand(changes: Sequence[Change]) -> frozenset[str]:
    """Return the lists that are their own manifest, of which somebody wrote what changed.

    Of `go.mod` that is so where a direct requirement changed: all others, go works out.
    """
    pins = (change.record for change in changes if isinstance(change.record, Package))
    return frozenset(
        pin.at.path
        for pin in pins
        if manager_of(pin.at.path) is None and (pin.ecosystem != "golang" or pin.stated_by == "manifest")
    )


def _brought(
    changes: Sequence[Change], before: Sequence[Record], left: Known
) -> dict[str, dict[str, set[str]]]:
    """Return by lockfile and name which packages that came or were updated ask for it anew."""
    asked: dict[str, dict[str, set[str]]] = {}
    for package in present(changes, before):
        olds = [old for old in left.locked.get(named(package), ()) if old.at.path == package.at.path]
        if any(old.version == package.version for old in olds):
            continue
        had = {text for old in olds for text in old.dependencies}
        for text in package.dependencies:
            name, wanted = edge(text)
            if not wanted or text not in had:
                asked.setdefault(package.at.path, {}).setdefault(name, set()).add(title(package))
    return asked
