"""`pyproject.toml` and `Pipfile` against the lockfiles beside them.

Judged are plain version specifiers (PEP 440). A requirement with a marker may be meant for another
system, a caret is poetry's own: about both this module says nothing. Three clients also write
down what they made the lock of: poetry, pdm and pipenv as a hash of the manifest, uv as a copy of
its requirements. What differs there is stale, whatever it means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package
from fimci.names import canonical

MANIFEST = "pyproject.toml"
PIPFILE = "Pipfile"
LOCKS = ("Pipfile.lock", "pdm.lock", "poetry.lock", "pylock.toml", "uv.lock")


class _Pair(NamedTuple):
    """Whose lock it is: its manifest, the tables whose requirements it holds, and who hashes them."""

    manifest: str
    sections: tuple[str, ...]
    client: str = ""


#: `pylock.toml` may be made without groups and extras.
_PAIRS = {
    "Pipfile.lock": _Pair(PIPFILE, ("packages", "dev-packages"), "pipenv"),
    "pdm.lock": _Pair(MANIFEST, ("project", "optional", "group", "pdm-dev"), "pdm"),
    "poetry.lock": _Pair(MANIFEST, ("project", "optional", "group", "poetry", "poetry-group"), "poetry"),
    "pylock.toml": _Pair(MANIFEST, ("project",)),
    "uv.lock": _Pair(MANIFEST, ("project", "optional", "group", "uv-dev")),
}
#: What a client may lock without.
_CHOSEN = frozenset({"optional", "group", "pdm-dev"})
_LONGEST = 200
#: Requirements of one manifest whose specifiers are judged, and versions locked of one package.
_MOST = 1000
_FORKS = 20


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of Python that has its manifest beside it."""
    for path in sorted(side.files):
        pair = _PAIRS.get(path.rpartition("/")[2])
        if pair is not None and beside(path, pair.manifest) in side.files:
            found = [*_unmet(side, path, pair), *_copied(side, path, pair)]
            yield from found
            # The hash says no more than what was told one by one.
            if not found:
                yield from _hashed(side, path, pair)


def _unmet(side: Side, path: str, pair: _Pair) -> Iterator[Drift]:
    """Hold each requirement of the manifest against what is locked."""
    manifest = beside(path, pair.manifest)
    locked = by_name(side.packages.get(path, []))
    wanted = list(_wanted(side.packages.get(manifest, []), pair.sections))
    # A pylock.toml may lock something else than the project: then it has nothing of it.
    missing = not path.endswith("pylock.toml") or any(package.name in locked for package in wanted)
    ranges = not any("override" in setting for setting in side.settings.get(manifest, ()))
    for number, package in enumerate(wanted):
        found = locked.get(package.name, [])
        if not found and missing and certain(package) and not _left_out(side, path, package):
            yield told(path, package, None)
        elif ranges and number < _MOST and all_outside(found, package):
            yield told(path, package, ", ".join(sorted({str(one.version) for one in found})))


def _left_out(side: Side, path: str, wanted: Package) -> bool:
    """Tell whether a lock says which extras and groups it is of (pdm does), and not of this one."""
    said = side.settings.get(path, {}).get("locked.groups")
    section, _, rest = wanted.place[len(wanted.at.path) + 1 :].partition("/")
    if said is None or section not in _CHOSEN:
        return False
    return canonical(rest.partition("/")[0]) not in said.value.split()


def _copied(side: Side, path: str, pair: _Pair) -> Iterator[Drift]:
    """Hold the specifiers of the manifest against the copy of them in the lock, where it has one."""
    manifest = beside(path, pair.manifest)
    if any(
        name.startswith("project.dynamic.") and "depend" in name for name in side.settings.get(manifest, ())
    ):
        return
    copies: dict[str, set[str]] = defaultdict(set)
    at = {}
    for package in side.packages.get(path, []):
        section = package.place[len(path) :].removeprefix("#requires/").partition("/")[0]
        if package.stated_by == "manifest" and section in pair.sections:
            copies[package.name].add(str(package.version or ""))
            at[package.name] = package.at
    asked: dict[str, list[Package]] = defaultdict(list)
    for package in _wanted(side.packages.get(manifest, []), pair.sections):
        asked[package.name].append(package)
    for name in sorted(copies)[:_MOST]:
        if name not in asked:
            copy = ", ".join(sorted(copies[name])) or "any version"
            yield Drift(path=path, name=name, wanted=None, locked=copy, at=at[name])
        elif all(_plain(package) for package in asked[name]) and not _alike(asked[name], copies[name]):
            yield told(path, asked[name][0], ", ".join(sorted(copies[name])))


def _plain(package: Package) -> bool:
    """Tell a requirement that uv copies as it stands: one of an index."""
    return package.origin_kind == "registry" and "@" not in str(package.version or "")


def _alike(asked: list[Package], copied: set[str]) -> bool:
    """Tell whether both name the same specifiers, in whatever order each of them has its parts."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415  (only where a lock is judged)

    texts = {_bare(package).partition(";")[0] for package in asked}
    if texts == copied or max(map(len, texts | copied)) > _LONGEST:
        return True
    try:
        return {SpecifierSet(text) for text in texts} == {SpecifierSet(text) for text in copied}
    except InvalidSpecifier:
        return True


def _hashed(side: Side, path: str, pair: _Pair) -> Iterator[Drift]:
    """Hold the hash of the manifest, in each recipe of the client, against the one in the lock."""
    made = side.settings.get(beside(path, pair.manifest), {}).get(f"lock-input.{pair.client}")
    said = side.settings.get(path, {}).get("content-hash")
    if made is not None and said is not None and made.value and said.value not in made.value.split():
        yield Drift(path=path, name="content-hash", wanted=f"of {pair.manifest}", locked=None, at=said.at)


def by_name(packages: list[Package]) -> Mapping[str, list[Package]]:
    """Return what is locked, by name."""
    locked: dict[str, list[Package]] = defaultdict(list)
    for package in packages:
        if package.stated_by == "lock":
            locked[package.name].append(package)
    return locked


def _wanted(packages: list[Package], sections: tuple[str, ...]) -> Iterator[Package]:
    for package in packages:
        section = package.place[len(package.at.path) + 1 :].partition("/")[0]
        if package.stated_by == "manifest" and section in sections and package.name != "python":
            yield package


def told(path: str, wanted: Package, locked: str | None) -> Drift:
    """Return what one requirement wants and the lock has."""
    return Drift(path=path, name=wanted.name, wanted=str(wanted.version or ""), locked=locked, at=wanted.at)


def _bare(wanted: Package) -> str:
    """Return a wanted range without its extras: `>=2,<3` of `[socks]>=2,<3`."""
    text = wanted.version.strip() if isinstance(wanted.version, str) else ""
    if text.startswith("["):
        text = text.partition("]")[2].strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _specifier(wanted: Package) -> str | None:
    """Return the bare specifier of `[extra] >=2,<3`; `None` where a marker or URL decides."""
    text = wanted.version.strip() if isinstance(wanted.version, str) else ""
    if ";" in text or "@" in text or len(text) > _LONGEST:
        return None
    return _bare(wanted)


def certain(wanted: Package) -> bool:
    """Tell whether a lock cannot be without it. A project may require its own extras."""
    text = wanted.version if isinstance(wanted.version, str) else ""
    own = text.lstrip().startswith("[") and not _specifier(wanted)
    return ";" not in text and not own


def all_outside(locked: list[Package], wanted: Package) -> bool:
    """Tell whether what is locked of a package is surely not what is wanted."""
    return 0 < len(locked) <= _FORKS and all(_outside(one, wanted) for one in locked)


def _outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    specifier = _specifier(wanted)
    if not specifier or not isinstance(locked.version, str) or len(locked.version) > _LONGEST:
        return False
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415  (only where a lock is judged)
    from packaging.version import Version  # noqa: PLC0415  (the same)

    try:
        return not SpecifierSet(specifier).contains(Version(locked.version), prereleases=True)
    except ValueError:
        return False
