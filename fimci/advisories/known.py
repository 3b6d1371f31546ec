"""What a database says of the packages of a side, as records that can be subtracted like any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.advisories import grades, osv, versions
from fimci.advisories.databases import Database, Name
from fimci.advisories.osv import Osv
from fimci.findings import Severity
from fimci.model import Advisory, Package, Place, Record, Unread
from fimci.printable import cut, plural

#: Days after which a database is called old: malice is found within days, and taken up within hours.
_OLD = 7
_SUMMARY = 120
#: Releases of these kinds come from no registry: a name alone says nothing of them.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})
_UNTOLD = "its version cannot be put in order with those of"


class _Met(NamedTuple):
    """A record that names a package which is there: the versions that it means, or cannot be held against."""

    one: Osv
    means: tuple[str, ...]
    unclear: tuple[str, ...]
    severity: Severity
    fixed: tuple[str, ...]


class Known(NamedTuple):
    """A database that answers."""

    database: Database

    def of(self, records: Iterable[Record]) -> list[Advisory]:
        """Return what is known of the packages among these records, sorted."""
        there: dict[Name, dict[str, Place]] = {}
        for record in records:
            if isinstance(record, Package) and _is_release(record):
                name = (record.ecosystem, osv.normalised(record.ecosystem, record.name))
                there.setdefault(name, {}).setdefault(_version(record), record.at)
        told: dict[Name, list[_Met]] = {}
        for name, one in self.database.about(sorted(there)):
            met = _met(one, name, sorted(there[name]))
            if met is not None:
                told.setdefault(name, []).append(met)
        found = (_advisory(name, each, there[name]) for name, met in told.items() for each in _once(met))
        return sorted(found, key=lambda advisory: advisory.key)

    def unread(self) -> list[Unread]:
        """Say which records could not be read."""
        index = self.database.listing
        if not index.damaged:
            return []
        why = f"{plural(index.damaged, 'record')} cannot be read, the first is {index.first}"
        return [Unread(path=self.database.title, why=why, part="records")]

    def note(self, today: dt.date) -> str:
        """Say what was asked, and how old it is."""
        index = self.database.listing
        said = f"known releases are those of {self.database.title}: {plural(index.records, 'record')}"
        try:
            days = (today - dt.date.fromisoformat(index.newest[:10])).days
        except ValueError:
            return f"{said}, of an unknown day"
        old = ", which is old: fetch it anew" if days > _OLD else ""
        return f"{said}, the newest of {index.newest[:10]} ({plural(max(0, days), 'day')} ago){old}"


def _is_release(package: Package) -> bool:
    if package.origin_kind in _OWN or not isinstance(package.version, str) or not package.version:
        return False
    return package.stated_by != "manifest" or package.ecosystem == "githubactions"


def _version(package: Package) -> str:
    """Return the version; some lockfiles write one with the name of what an alias stands for."""
    return str(package.version).removeprefix(f"npm:{package.name}@")


def _met(one: Osv, name: Name, there: Sequence[str]) -> _Met | None:
    ecosystem = name[0]
    means: set[str] = set()
    unclear: set[str] = set()
    fixed: set[str] = set()
    severity = Severity.INFO
    for affected in one.affected or ():
        if affected.package is None or osv.spelt(affected.package) != name:
            continue
        for version in there:
            answer = versions.affects(affected, ecosystem, version)
            if answer is None:
                unclear.add(version)
            elif answer:
                means.add(version)
                severity = max(severity, grades.grade(one, affected))
                fixed.add(versions.fixed(affected, ecosystem, version))
    if not means and not unclear:
        return None
    if osv.is_malicious(one):
        severity = Severity.CRITICAL
    return _Met(
        one, tuple(sorted(means)), tuple(sorted(unclear - means)), severity, tuple(sorted(fixed - {""}))
    )


def _once(met: list[_Met]) -> Iterator[_Met]:
    """Leave out records of what another one tells already: databases tell one thing under several ids.

    Of those that cannot be decided, one stands for all.
    """
    told: set[str] = set()
    unclear = [each for each in met if not each.means]
    for each in sorted((*(each for each in met if each.means), *unclear[:1]), key=_rank):
        names = {each.one.id, *(each.one.aliases or ())}
        if not names & told:
            yield each
        told |= names


def _rank(met: _Met) -> tuple[bool, bool, int, bool, str]:
    one = met.one
    return (not met.means, not osv.is_malicious(one), -met.severity, not one.id.startswith("GHSA-"), one.id)


def _advisory(name: Name, met: _Met, places: dict[str, Place]) -> Advisory:
    listed = met.means or met.unclear
    return Advisory(
        ecosystem=name[0],
        name=name[1],
        id=met.one.id[:_SUMMARY],
        versions=listed,
        severity=str(met.severity),
        malicious=osv.is_malicious(met.one),
        summary=cut(" ".join((met.one.summary or "").split()), _SUMMARY),
        fixed=met.fixed,
        why="" if met.means else f"{_UNTOLD} {met.one.id[:_SUMMARY]}",
        at=places[listed[0]],
    )
