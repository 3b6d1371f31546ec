"""A third-party action, image or hook is referenced by a tag or branch that its owner can move.

Whoever can push to `owner/action` decides what a job that uses `owner/action@v4` runs, at any time and
without a commit in this repository. In March 2025 all tags of tj-actions/changed-files were moved to a commit
that dumped secrets (CVE-2025-30066, 23,000 repositories); in March 2026 the same happened to 75 of the 76
tags of aquasecurity/trivy-action (CVE-2026-33634). Jobs that pinned a commit were not affected.

Checked are workflows and actions, `Dockerfile` and its variants, compose files, the image and the features of
a `devcontainer.json`, and pre-commit hooks. High for a step back: a use that was pinned to a commit, or an
image that was pinned to a digest, no longer is. Medium for a new unpinned use; low for `actions/*`,
`github/*` and Docker's own official images. A new hook is only reported by `dependency-added`, since hooks
are normally referenced by tag.

Not reported: an action that this repository already uses at a tag, even if the tag changes; one commit in
place of another; local actions (`./path`); images named by an expression, which cannot be resolved here.

In 1,474 workflow changes of 11 public repositories there were 50 findings, 5 of them high.

Fix: pin the commit and keep the tag as a comment: `uses: owner/action@<40 hex digits> # v4.2.0`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Change, Package, Record
from fimci.printable import listed, plural
from fimci.workflows.sides import Sides, touched, workflow

SEVERITY = Severity.HIGH

_ECOSYSTEMS = frozenset({"docker", "githubactions", "pre-commit"})
#: Actions are pinned as the page says, others otherwise.
_FIXES = {
    "docker": "name the digest behind the tag: `image:1.2@sha256:<64 hex digits>`.",
    "pre-commit": "name the commit and keep the tag as a comment (`pre-commit autoupdate --freeze`).",
}
#: New uses named in one message.
_SHOWN = 4
_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")


class _Use(NamedTuple):
    """A use that can be moved, and the one that stood in its place where that is known."""

    package: Package
    instead_of: Package | None


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per name to uses that were pinned, once per file and grade to new ones."""
    touching = list(touched(changes, before, _file(changes, before)))
    if not touching:
        return
    loose = {_name(use) for use in _uses(before) if _pinned(use) is False}
    moved: dict[str, list[_Use]] = defaultdict(list)
    fresh: dict[tuple[str, Severity], list[_Use]] = defaultdict(list)
    for sides in touching:
        for use in _movable(sides):
            if use.instead_of is not None:
                moved[_name(use.package)].append(use)
            elif _name(use.package) not in loose and use.package.ecosystem != "pre-commit":
                severity = Severity.LOW if _usual(use.package) else Severity.MEDIUM
                fresh[sides.path, severity].append(use)
    for _, uses in sorted(moved.items()):
        yield _finding(uses, Severity.HIGH, _moved(uses))
    for (_, severity), uses in sorted(fresh.items()):
        yield _finding(uses, severity, _new(uses))


def _file(changes: Sequence[Change], before: Sequence[Record]) -> Callable[[Record], str]:
    """Return what tells the file of a record, if that file uses actions, images or hooks of others."""
    records = [*before, *(record for change in changes for record in (change.before, change.after) if record)]
    paths = {record.at.path for record in records if isinstance(record, Package) and _used(record)}

    def file_of(record: Record) -> str:
        path = seen_at(record).path
        return path if path in paths or workflow(record) else ""

    return file_of


def _finding(uses: Sequence[_Use], severity: Severity, message: str) -> Finding:
    parts = [Change(before=use.instead_of, after=use.package) for use in uses]
    said = grouped(parts, rule="action-unpinned", severity=severity, message=message)
    return msgspec.structs.replace(said, fix=_FIXES.get(uses[0].package.ecosystem, ""))


def _moved(uses: Sequence[_Use]) -> str:
    new = uses[0].package
    old = uses[0].instead_of or new
    more = f", and in {plural(len(uses) - 1, 'more place')}" if len(uses) > 1 else ""
    return f"{new.name} moved from {_reference(old)} to {_reference(new)}, which its owner can move{more}"


def _new(uses: Sequence[_Use]) -> str:
    titles = list(dict.fromkeys(_title(use.package) for use in uses))
    who = "its owner" if len(titles) == 1 else "their owners"
    return f"new use of {listed(titles, _SHOWN)}, which {who} can move"


def _title(use: Package) -> str:
    return f"{use.name}{':' if use.ecosystem == 'docker' else '@'}{_reference(use)}"


def _movable(sides: Sides) -> Iterator[_Use]:
    """Yield the uses of one file that can be moved and were not there before.

    A reference is the same wherever in the file it stands. What was added and what is gone are
    paired like with like first: a pin that was updated explains no tag.
    """
    olds, news = _by_name(sides.before), _by_name(sides.after)
    for name, uses in news.items():
        old = Counter(map(_reference, olds.get(name, [])))
        fresh = [use for use in uses if not _take(old, _reference(use))]
        gone = [use for use in reversed(olds.get(name, [])) if _take(old, _reference(use))]
        pins = [use for use in gone if _pinned(use)]
        tags = len(gone) - len(pins)
        pins = pins[: max(0, len(pins) - sum(_pinned(use) is True for use in fresh))]
        for use in (use for use in fresh if _pinned(use) is False):
            if tags > 0:
                tags -= 1
            else:
                yield _Use(use, pins.pop() if pins else None)


def _take(counter: Counter[str], reference: str) -> bool:
    """Take one of these out of the counter, if there is one left."""
    if counter[reference] <= 0:
        return False
    counter[reference] -= 1
    return True


def _uses(records: Iterable[Record]) -> Iterator[Package]:
    for record in records:
        if isinstance(record, Package) and _used(record):
            yield record


def _used(package: Package) -> bool:
    return package.stated_by == "manifest" and package.ecosystem in _ECOSYSTEMS


def _by_name(records: Iterable[Record]) -> dict[str, list[Package]]:
    names: dict[str, list[Package]] = defaultdict(list)
    for use in sorted(_uses(records), key=lambda use: (use.at.line, use.place)):
        names[_name(use)].append(use)
    return names


def _name(use: Package) -> str:
    """Return what two uses of the same thing have in common: code hosts ignore case."""
    return f"{use.ecosystem}:{use.name.lower()}"


def _reference(use: Package) -> str:
    if use.ecosystem == "docker" and isinstance(use.integrity, tuple) and use.integrity:
        return f"{use.integrity[0].algorithm}:{use.integrity[0].hex}"
    return use.version if isinstance(use.version, str) else "latest"


def _pinned(use: Package) -> bool | None:
    """Tell whether nobody can move what is used; `None` where that question has no answer."""
    if use.ecosystem == "docker":
        return bool(use.integrity) if isinstance(use.integrity, tuple) else None
    return _COMMIT.fullmatch(use.version) is not None if isinstance(use.version, str) else None


def _usual(use: Package) -> bool:
    """Tell whether the owner is the code host itself, or Docker's own library of images."""
    owner, slash, _ = use.name.lower().partition("/")
    if use.ecosystem == "docker":
        return not slash or owner == "docker"
    return owner in {"actions", "github"}
