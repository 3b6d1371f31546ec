"""Which changed files a package update brought: five hundred of them are one thing that happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.model import Change, Package


class Update(NamedTuple):
    """An installed package that came, went or changed its version, and what it owns."""

    #: `requests 2.31.0 → 2.32.0`, `requests 2.32.0 installed`, `requests 2.31.0 removed`.
    told: str
    owns: tuple[str, ...]


def updates(changes: Iterable[Change]) -> Iterator[Update]:
    """Yield the updates of installed packages among changes."""
    old: dict[tuple[str, str], list[Package]] = {}
    new: dict[tuple[str, str], list[Package]] = {}
    for change in changes:
        for side, record in ((old, change.before), (new, change.after)):
            if isinstance(record, Package) and record.stated_by in {"artifact", "disk"}:
                side.setdefault((record.ecosystem, record.name), []).append(record)
    for key in sorted(old.keys() | new.keys()):
        before, after = _versions(old.get(key, ())), _versions(new.get(key, ()))
        if before == after:
            continue
        owns = {path for package in (*old.get(key, ()), *new.get(key, ())) for path in package.owns}
        if owns:
            yield Update(_told(key[1], before, after), tuple(sorted(owns)))


def owner(path: str, owners: Mapping[str, Update]) -> Update | None:
    """Return the update that owns a path: the one whose folder is the nearest above it."""
    while path:
        if path in owners:
            return owners[path]
        path = path.rpartition("/")[0]
    return None


def _versions(packages: Iterable[Package]) -> str:
    return ", ".join(sorted({p.version for p in packages if isinstance(p.version, str)}))


def _told(name: str, before: str, after: str) -> str:
    if before and after:
        return f"{name} {before} → {after}"
    return f"{name} {after} installed" if after else f"{name} {before} removed"
