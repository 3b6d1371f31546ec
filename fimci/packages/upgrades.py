"""Which releases the lockfiles of a change take up, each with the one that it replaces and who brought it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.model import Package, Record
from fimci.packages.graph import requested, wanted
from fimci.packages.releases import Name, copied, hashes, locked, named

#: A name in a lockfile.
_Entry: TypeAlias = "tuple[str, Name]"
ECOSYSTEMS = frozenset({"npm", "pypi"})
#: Come out of the repository itself, or with another package.
_HERE = frozenset({"directory", "link", "workspace", "virtual", "bundled", "patch"})
#: Digits of a number in a version.
_DIGITS = 20


class Upgrade(NamedTuple):
    """An entry that a change brings, the one that it replaces (`None`: the name is new there).

    `through` is the name of the package that asks for it, where no manifest does and the name is new.
    """

    after: Package
    before: Package | None
    through: str = ""


def upgrades(before: Iterable[Record], after: Iterable[Record]) -> Iterator[Upgrade]:
    """Yield the releases that are new on the right, one for each version of a name in a lockfile."""
    olds, _ = _side(before)
    news, asked = _side(after)
    changed = {key for key in news if news[key].keys() - olds.get(key, {}).keys()}
    askers = _askers(news)
    for key in sorted(changed):
        was = olds.get(key, {})
        for version, entry in news[key].items():
            if version not in was:
                through = "" if was or key[1] in asked else _through(key, askers, changed, asked)
                yield Upgrade(entry, _replaced(was, news[key], version), through)
            elif _other_bytes(was[version], entry):
                yield Upgrade(entry, was[version])
    for key in sorted(news.keys() - changed):
        for version, entry in news[key].items():
            old = olds.get(key, {}).get(version)
            if old is not None and _other_bytes(old, entry):
                yield Upgrade(entry, old)


def _side(records: Iterable[Record]) -> tuple[dict[_Entry, dict[str, Package]], set[Name]]:
    """Return the entries of lockfiles by name and version, and the names that manifests ask for."""
    found: dict[_Entry, dict[str, Package]] = {}
    asked: set[Name] = set()
    for record in records:
        if not isinstance(record, Package) or record.ecosystem not in ECOSYSTEMS:
            continue
        if record.stated_by == "manifest":
            asked.add(named(record))
        elif (
            locked(record)
            and not copied(record)
            and record.origin_kind not in _HERE
            and isinstance(record.version, str)
            and record.version
        ):
            found.setdefault((record.at.path, named(record)), {}).setdefault(record.version, record)
    return found, asked


def _replaced(was: Mapping[str, Package], now: Mapping[str, Package], version: str) -> Package | None:
    """Return the entry that a version takes the place of: the nearest below, of those that went if any."""
    gone = {one: entry for one, entry in was.items() if one not in now} or was
    if not gone:
        return None
    below = [one for one in gone if _order(one) <= _order(version)]
    return gone[max(below, key=_order)] if below else gone[min(gone, key=_order)]


def _order(version: str) -> tuple[tuple[int, int | str], ...]:
    """Return what versions are ordered by: numbers as such, and a word below any number."""
    bare = version.partition("+")[0]
    parts = (bare.replace("-", ".-.", 1) if "-" in bare else f"{bare}.0").split(".")
    numbers = (part.isdecimal() and len(part) < _DIGITS for part in parts)
    pairs = zip(parts, numbers, strict=True)
    return tuple((1, int(part)) if is_number else (0, part) for part, is_number in pairs)


def _other_bytes(old: Package, new: Package) -> bool:
    had, has = set(hashes(old)), set(hashes(new))
    return bool(had and has) and not had & has


def _askers(entries: Mapping[_Entry, Mapping[str, Package]]) -> dict[_Entry, list[_Entry]]:
    """Return who asks for each name, in the same lockfile."""
    found: dict[_Entry, list[_Entry]] = {}
    for key, versions in entries.items():
        for package in versions.values():
            for name in wanted(package):
                found.setdefault((key[0], name), []).append(key)
            if package.alias:
                found.setdefault((key[0], requested(package)), []).append(key)
    return found


def _through(
    key: _Entry, askers: Mapping[_Entry, list[_Entry]], changed: set[_Entry], asked: set[Name]
) -> str:
    """Return the nearest package above that changed too, and best one that a manifest asks for."""
    seen, waiting, first = {key}, [key], ""
    while waiting:
        here = waiting.pop(0)
        for above in askers.get(here, ()):
            if above in seen:
                continue
            seen.add(above)
            if above in changed and not first:
                first = above[1][1]
            if above in changed and above[1] in asked:
                return above[1][1]
            waiting.append(above)
    return first
