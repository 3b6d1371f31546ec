"""The tag of a release points to a different commit than before.

A tag is a name that its owner can move, and an attacker who took over the owner's account does: in March 2025
all tags of tj-actions/changed-files were moved to one commit (CVE-2025-30066), and a lockfile that was
refreshed afterwards recorded it as if nothing had happened. Releases are not tagged twice; where the lockfile
names the same tag of the same repository and another commit, one of the two is not the release.

Compared are the entries of `actions.lock`, git dependencies whose lockfile states the requested tag next to
the commit (`?tag=v1.0.0#COMMIT`: cargo, Bundler, uv, poetry), and those of Node lockfiles, where the
manifests, or the lockfile's copies of them, request the same tag before and after (`o/left#v1.0.0`).

Not reported: branches, commits, tags such as `v4` that move by design, other tags, and other repositories
(`origin-changed`).

Fix: ask the owner why the tag moved; until then name the commit that was there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Change, Package, Record
from fimci.packages.origins import repository
from fimci.packages.releases import said
from fimci.printable import and_more

SEVERITY = Severity.HIGH

#: Tags without two numbers in them (`v4`, `stable`) are meant to move.
_RELEASE = re.compile(r"[0-9]\.[0-9]")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_SHORT = 10


class _Tag(NamedTuple):
    """What a lock says of a tag: whose it is, its name, and the commit."""

    repository: str
    name: str
    commit: str


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each tag once, however many entries it has."""
    moved: dict[tuple[_Tag, _Tag], list[Change]] = {}
    left, right = _asked(before), _asked(said(changes, before))
    for change in changes:
        old, new = _tag(change.before, left), _tag(change.after, right)
        if old is None or new is None or old.commit == new.commit or old[:2] != new[:2]:
            continue
        moved.setdefault((old, new), []).append(change)
    for (old, new), alike in moved.items():
        yield grouped(
            alike,
            rule="tag-moved",
            severity=SEVERITY,
            message=f"{new.name} of {new.repository} pointed to {old.commit[:_SHORT]}…, "
            f"now points to {new.commit[:_SHORT]}…{and_more(len(alike) - 1)}",
            part="revision" if "revision" in dict(seen_at(alike[0].record).parts) else "origin",
        )


def _asked(records: Iterable[Record]) -> dict[str, str]:
    """Return what the manifests of Node ask of git by the name of a package, if all ask for the same."""
    found: dict[str, set[str]] = {}
    for record in records:
        if isinstance(record, Package) and record.stated_by == "manifest" and record.ecosystem == "npm":
            _, _, asked = str(record.version).partition("#")
            if asked:
                found.setdefault(record.name, set()).add(asked)
    return {name: next(iter(asked)) for name, asked in found.items() if len(asked) == 1}


def _tag(record: Record | None, wanted: Mapping[str, str]) -> _Tag | None:
    if not isinstance(record, Package) or record.stated_by != "lock" or not isinstance(record.origin, str):
        return None
    address, _, commit = record.origin.partition("#")
    address, _, query = address.partition("?")
    if record.ecosystem == "githubactions":
        asked = record.version if isinstance(record.version, str) else ""
        # A tag of two numbers may be a line of releases there (`v4.1`), as one of a single number is.
        asked = asked if asked.count(".") > 1 else ""
    else:
        pairs = (pair.partition("=") for pair in query.split("&"))
        asked = next((value for key, _, value in pairs if key in {"tag", "rev", "ref"}), "")
        if record.ecosystem == "npm":
            # `#commit=…` is how yarn names it, and `&` begins what is taken of the repository.
            commit = commit.removeprefix("commit=").partition("&")[0]
            asked = wanted.get(record.alias or record.name, "").removeprefix("tag=").partition("&")[0]
    plain = not asked.startswith("semver:") and not _COMMIT.fullmatch(asked)
    if (
        record.origin_kind != "git"
        or not plain
        or not _RELEASE.search(asked)
        or not _COMMIT.fullmatch(commit)
    ):
        return None
    return _Tag(repository(address) or record.name, asked, commit.lower())
