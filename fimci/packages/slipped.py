"""Packages that only releases ask for which were locked before: at a version that did not ask for them.

A published release never changes what it asks for. Where a lockfile lists what each release got (pnpm, uv,
poetry, pdm, Cargo), a newcomer comes with somebody who is new or updated, or with a manifest. Left out is
what may make a release that stays ask for more: extras and peers of those that came or were asked for anew,
and another configuration of the lockfile. Features of Cargo are handed on from crate to crate: there,
everything counts that is below somebody who came or was updated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.model import Change, File, Package, Record, Setting
from fimci.packages.graph import reached, requested, wanted
from fimci.packages.pairs import manifests_of
from fimci.packages.releases import Known, Name, known, locked, named, said, stated, title

_PYTHON = ("pdm.lock", "poetry.lock", "uv.lock")
_PDM, _CARGO = "pdm.lock", "Cargo.lock"
_FILES = frozenset((*_PYTHON, _CARGO, "pnpm-lock.yaml"))
#: Parts of the project: what these ask for, a manifest says.
_OWN = frozenset({"directory", "link", "virtual", "workspace"})
#: Older releases of poetry lock none of these.
_INSTALLERS = frozenset({"distribute", "pip", "setuptools", "wheel"})
#: What words the names of settings have that may change what releases ask for.
_CONFIGURING = ("catalog", "extension", "ignored", "lockfileversion", "overrid", "pnpmfile", "resolution")


class Slipped(NamedTuple):
    """A newcomer, and the releases that are as they were and ask for it now."""

    change: Change
    package: Package
    askers: tuple[str, ...]


def slipped(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Slipped]:
    """Yield the newcomers that nobody new asks for."""
    left = known(before)
    news: dict[str, dict[Name, Change]] = {}
    for change in changes:
        new = change.after
        if locked(new) and not locked(change.before) and _may_slip(new, left):
            news.setdefault(new.at.path, {})[requested(new)] = change
    if not news or any(_configures(change) for change in changes):
        return
    touched = {change.record.path for change in changes if isinstance(change.record, File) and change.real}
    hashed = {*_hashed_otherwise(changes)}
    asked, anew = set[Name](), _asked_anew(changes)
    right: dict[str, list[Package]] = {}
    for package in said(changes, before):
        if package.stated_by == "manifest":
            asked.add(requested(package))
        else:
            right.setdefault(package.at.path, []).append(package)
    for path, newcomers in sorted(news.items()):
        if path not in hashed and not _explained(path, touched):
            below = _below(anew, right.get(path, ())) if path.endswith(_CARGO) else anew
            unasked = {name: one for name, one in newcomers.items() if name not in asked | below}
            yield from _by_old_ones(right.get(path, ()), unasked, left, below)


def _may_slip(new: Package, left: Known) -> bool:
    """Tell whether an entry has a name that its lockfile did not have, where that lists what each got."""
    path = new.at.path
    if path.rpartition("/")[2] not in _FILES or path not in left.paths or new.origin_kind in _OWN:
        return False
    installers = new.ecosystem == "pypi" and new.name in _INSTALLERS
    return not installers and not any(old.at.path == path for old in left.locked.get(named(new), ()))


def _hashed_otherwise(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the lockfiles of pdm that are made of something else, by what it hashes."""
    for change in changes:
        record = change.record
        if isinstance(record, Setting) and record.name == "content-hash" and record.path.endswith(_PDM):
            yield record.path


def _explained(path: str, touched: set[str]) -> bool:
    """Tell whether a manifest asks for more of releases: for other versions of Python, extras, features.

    The manifests of all parts of a workspace of Cargo decide its lockfile.
    """
    if path.endswith(_CARGO):
        folder = path[: -len(_CARGO)]
        return any(one.startswith(folder) and one.endswith("Cargo.toml") for one in touched)
    return path.endswith(_PYTHON) and bool(touched & {*manifests_of(path)})


def _below(anew: set[Name], right: Iterable[Package]) -> set[Name]:
    asks: dict[Name, set[Name]] = {}
    for package in right:
        asks.setdefault(requested(package), set()).update(wanted(package))
    return reached(anew, asks)


def _configures(change: Change) -> bool:
    name = change.record.name if isinstance(change.record, Setting) and change.real else ""
    return any(word in name.lower() for word in _CONFIGURING)


def _asked_anew(changes: Iterable[Change]) -> set[Name]:
    """Return what those ask for that came or were updated, and what manifests say otherwise now."""
    found: set[Name] = set()
    for change in changes:
        old, new = change.before, change.after
        if not stated(new) or not change.real:
            continue
        if new.stated_by == "manifest":
            found.add(requested(new))
        elif not locked(old) or (old.name, old.version) != (new.name, new.version):
            found |= wanted(new)
    return found


def _by_old_ones(
    right: Iterable[Package], newcomers: Mapping[Name, Change], left: Known, anew: set[Name]
) -> Iterator[Slipped]:
    askers: dict[Name, list[Package]] = {}
    for package in right if newcomers else ():
        for name in wanted(package) & newcomers.keys():
            askers.setdefault(name, []).append(package)
    for name, found in askers.items():
        if all(_stays(one, left) and requested(one) not in anew for one in found):
            change = newcomers[name]
            if isinstance(change.after, Package):
                yield Slipped(change, change.after, tuple(sorted({title(one) for one in found})))


def _stays(package: Package, left: Known) -> bool:
    """Tell whether a release was locked before, in the same lockfile and at the same version."""
    olds = left.locked.get(named(package), ())
    return package.origin_kind not in _OWN and any(
        (old.at.path, old.version) == (package.at.path, package.version) for old in olds
    )
