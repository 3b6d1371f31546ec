"""Packages that stand under the name of another one: who asked for that, and who did not.

A client writes such an entry where a manifest or the requirements of a release say so
(`"braces": "npm:other@^1.0.0"`), or where an override does. Whoever edits a lockfile needs nobody to say so:
measured, bun 1.4 and yarn 1 install what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.model import Change, Package, Record, Setting
from fimci.packages.graph import edge
from fimci.packages.releases import hashes, locked, said, stated

_NPM = "npm"
_PREFIX = "npm:"
#: Lists for each release what its requirements resolved to, not what it asks for.
_RESOLVED = "pnpm-lock.yaml"
#: What words the names of switches have that put one package in the place of another.
_OVERRIDES = ("override", "resolution", "catalog", "extension")


class Aliased(NamedTuple):
    """An entry under another name than its own, or one that asks for another package than it did."""

    change: Change
    #: What comes, and the name under which it does.
    name: str
    alias: str


def undeclared(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Aliased]:
    """Yield what came under a name for which nobody asks that way."""
    found = [*_entries(changes), *_repointed(changes)]
    if not found:
        return
    right = list(said(changes, before))
    pairs = _pairs(right) | _pairs(record for record in before if stated(record))
    names = {edge(text)[0] for one in right for text in one.dependencies}
    values = [*_overrides(before), *_overrides(change.after for change in changes)]
    for one in found:
        # What nobody asks for at all is another matter.
        asked = (one.alias, one.name) in pairs or any(one.name in value for value in values)
        if one.alias in names and not asked:
            yield one


def _entries(changes: Iterable[Change]) -> Iterator[Aliased]:
    """Yield the entries that are new under another name than their own."""
    for change in changes:
        new = change.after
        if not locked(new) or locked(change.before) or new.ecosystem != _NPM:
            continue
        if new.alias and new.alias != new.name and not new.at.path.endswith(_RESOLVED):
            yield Aliased(change, new.name, new.alias)


def _repointed(changes: Iterable[Change]) -> Iterator[Aliased]:
    """Yield the releases that resolve a requirement to another package than before, in pnpm's lockfiles."""
    for change in changes:
        old, new = change.before, change.after
        if not locked(old) or not locked(new) or not new.at.path.endswith(_RESOLVED):
            continue
        if (old.name, old.version) != (new.name, new.version) or not {*hashes(old)} & {*hashes(new)}:
            continue
        for text in sorted({*new.dependencies} - {*old.dependencies}):
            name, asked = edge(text)
            if asked.startswith(_PREFIX) and name in old.dependencies:
                yield Aliased(change, edge(asked.removeprefix(_PREFIX))[0], name)


def _pairs(records: Iterable[Package]) -> set[tuple[str, str]]:
    """Return under which names packages are asked for, or stood before."""
    pairs: set[tuple[str, str]] = set()
    for one in records:
        if one.ecosystem != _NPM:
            continue
        if one.stated_by == "manifest":
            wanted = one.version if isinstance(one.version, str) else ""
            real = edge(wanted.removeprefix(_PREFIX))[0] if wanted.startswith(_PREFIX) else one.name
            pairs.add((one.alias or one.name, real))
        elif not one.at.path.endswith(_RESOLVED):
            for name, asked in map(edge, one.dependencies):
                if asked.startswith(_PREFIX):
                    pairs.add((name, edge(asked.removeprefix(_PREFIX))[0]))
    return pairs


def _overrides(records: Iterable[Record | None]) -> Iterator[str]:
    """Yield what switches put in the place of packages."""
    for record in records:
        if isinstance(record, Setting) and any(word in record.name.lower() for word in _OVERRIDES):
            yield f"{record.name} {record.value}"
