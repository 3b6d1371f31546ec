"""The name of a new dependency is confusingly similar to another package name.

A mistyped name, or one copied from an answer that invented it, installs what somebody has published to be
installed by mistake: `crossenv` stole environment variables in 2017, `colourama` wallet addresses,
`jeIlyfish` and `python3-dateutil` SSH keys in 2019. The name is all that can be seen before the package is
downloaded.

Each new name is compared with the names that this project already uses, and with the 3,000 most downloaded
packages of npm or PyPI (`fimci/packages/popular-*.txt`, which state their date): one letter added, removed,
changed or swapped, letters and digits that look alike, other separators, the same parts in another order or
with `python`, `node` or `js` added, and npm scopes that imitate another. High where the project itself
requires the name (or a release does, in its own metadata), medium where another package pulls it in.

Medium as well for an npm alias that gives a little-used package the name of a well-known one (`"lodash":
"npm:left-over@1"`): code that requests one gets the other. Forks that say so in their name
(`npm:lodash-left@1`) are not reported.

Not reported: names among the 10,000 most downloaded, names in a known scope, names of fewer than five
letters, digits in place of digits, names of an owner (a vendor, a group, an account) whose other packages are
used, folders and workspaces, and a name with the same parts as one that is used (`qunit`, `node-qunit`). If
each of 3,036 packages of real projects (2,747 from npm, 289 from Python) were added as new, one would be
reported; of packages that are in no list, one in 150. In 2,065 commits of nine public repositories there were
five findings, about seven names; two of them, `pytestt` and `py-test` in a requirements file, were typing
errors.

Fix: compare the name letter by letter with the page of the package that you meant; if this is the one, accept
the finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.origins import repository
from fimci.packages.popular import popular
from fimci.packages.releases import (
    ONE_BY_ONE,
    Name,
    altered,
    copied,
    from_repositories,
    known,
    named,
    present,
    stated,
)
from fimci.packages.required import required
from fimci.packages.resemblance import Names, famous, index, resembles
from fimci.printable import listed, plural

SEVERITY = Severity.HIGH

#: The project itself and its parts have the names that their owner gives them.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})
#: So have the objects of a cluster that say where something comes from.
_OBJECTS = frozenset({"argocd", "flux"})
#: Names told in one message.
_SHOWN = 8
_USED = "which is used here"


class _Impostor(NamedTuple):
    """A new name, what it is like, and where it came in: a manifest first."""

    name: Name
    text: str
    places: list[tuple[Package, Change]]

    @property
    def path(self) -> str:
        return self.places[0][0].at.path


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each name once, and once for each file and grade that has many of them."""
    news: dict[Name, list[tuple[Package, Change]]] = {}
    homes = frozenset(filter(None, map(_home, before)))
    asked: set[Name] = set()
    asked_by_releases = required(changes, before)
    for change in (*altered(changes), *asked_by_releases):
        package = change.after
        if not stated(package) or package.origin_kind in _OWN or package.ecosystem in _OBJECTS:
            continue
        if _home(package) in homes:
            continue
        if package.stated_by == "manifest":
            asked.add(named(package))
        # A lockfile's copy of the manifest calls what has an alias by its alias.
        if not copied(package):
            news.setdefault(_meant(package), []).append((package, change))
    found = list(_impostors(news, before))
    yield from _masked(news, before, {one.name for one in found})
    brought = _brought(changes, before) - asked if found else frozenset()
    files: dict[tuple[str, Severity], list[_Impostor]] = {}
    for impostor in found:
        # What nothing in a lockfile requires, the project asks for, wherever it does.
        severity = Severity.MEDIUM if impostor.name in brought else Severity.HIGH
        files.setdefault((impostor.path, severity), []).append(impostor)
    for (_, severity), alike in sorted(files.items()):
        if len(alike) <= ONE_BY_ONE:
            yield from (_finding([one], severity, one.text) for one in alike)
        else:
            told = listed([one.text for one in alike], _SHOWN, ";")
            yield _finding(alike, severity, f"{plural(len(alike), 'name')} like others: {told}")


def _impostors(
    news: Mapping[Name, list[tuple[Package, Change]]], before: Sequence[Record]
) -> Iterator[_Impostor]:
    """Yield the names that nobody used here and that are like one that somebody did, or many do."""
    left = known(before) if news else None
    used: dict[str, Names] = {}
    for name, places in sorted(news.items()):
        ecosystem, spelt = name
        if left is None or left.mentions(name) or spelt in popular(ecosystem).known:
            continue
        if ecosystem not in used:
            olds = (old for one in (left.locked, left.asked) for old in one.items() if old[0][0] == ecosystem)
            used[ecosystem] = index(_meant(packages[0])[1] for _, packages in olds)
        for names, what in (
            (used[ecosystem], "which is used here"),
            (famous(ecosystem), "a popular package"),
        ):
            likeness = resembles(spelt, names, parts=names is not used[ecosystem])
            if likeness is not None:
                text = f"{spelt} {likeness.how} {likeness.name}, {what}"
                yield _Impostor(name, text, sorted(places, key=_nearness))
                break


def _masked(
    news: Mapping[Name, list[tuple[Package, Change]]], before: Sequence[Record], told: set[Name]
) -> Iterator[Finding]:
    """Object to aliases by which what nobody knows has the name of what everybody does."""
    aliases = [
        (package, change)
        for name, places in sorted(news.items())
        for package, change in places
        if name not in told and package.alias and package.stated_by == "manifest"
    ]
    left = known(before) if aliases else None
    for package, change in aliases:
        names, alias = popular(package.ecosystem), package.alias or ""
        base = alias.rpartition("/")[2].lower()
        unknown = package.name not in names.known and left is not None and not left.mentions(named(package))
        if unknown and alias in names.known and base not in package.name.lower():
            message = f"{package.name} is installed as {alias}, the name of a popular package"
            yield grouped([change], rule="look-alike-name", severity=Severity.MEDIUM, message=message)


def _finding(found: Sequence[_Impostor], severity: Severity, message: str) -> Finding:
    changes = [change for one in found for _, change in one.places]
    return grouped(changes, rule="look-alike-name", severity=severity, message=message)


def _meant(package: Package) -> Name:
    """Return ecosystem and the name that others know: what a submodule is called, the project decides."""
    repo = repository(package.origin).rpartition("/")[2] if package.ecosystem in {"git", "nix"} else ""
    return package.ecosystem, repo or package.name


def _home(record: Record) -> str:
    """Return whose repository a submodule or hook is: who has one there owns the names of the others."""
    if not isinstance(record, Package) or not from_repositories(record):
        return ""
    return repository(record.origin).rpartition("/")[0] if record.stated_by == "manifest" else ""


def _nearness(place: tuple[Package, Change]) -> tuple[bool, str]:
    """Put what a person wrote before what a client made of it."""
    package, _ = place
    return package.stated_by != "manifest", package.place


def _brought(changes: Sequence[Change], before: Sequence[Record]) -> frozenset[Name]:
    """Return the names that packages of the lockfiles require, where they say so."""
    packages = [package for package in present(changes, before) if package.origin_kind not in _OWN]
    required = {
        (package.ecosystem, wanted.rpartition("@")[0] or wanted)
        for package in packages
        for wanted in package.dependencies
    }
    return frozenset(required | {named(package) for package in packages if "transitive" in package.flags})
