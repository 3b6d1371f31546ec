"""`pyproject.toml` against `uv.lock`, `poetry.lock` or `pylock.toml` beside it.

Judged are plain version specifiers (PEP 440). A requirement with a marker may be meant for another
system, a caret is poetry's own: about both this module says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST = "pyproject.toml"
LOCKS = ("poetry.lock", "pylock.toml", "uv.lock")
NAMES = (MANIFEST, *LOCKS)

#: Tables whose requirements each lock holds. `pylock.toml` may be made without groups and extras.
_SECTIONS = {
    "poetry.lock": ("project", "optional", "group", "poetry"),
    "pylock.toml": ("project",),
    "uv.lock": ("project", "optional", "group"),
}
_LONGEST = 200
#: Requirements of one manifest whose specifiers are judged, and versions locked of one package.
_MOST = 1000
_FORKS = 20


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lockfile of Python that has its manifest beside it."""
    for path in sorted(side.files):
        name = path.rpartition("/")[2]
        manifest = beside(path, MANIFEST)
        if name not in LOCKS or manifest not in side.files:
            continue
        locked: dict[str, list[Package]] = defaultdict(list)
        for package in side.packages.get(path, []):
            if package.stated_by == "lock":
                locked[package.name].append(package)
        wanted = list(_wanted(side.packages.get(manifest, []), _SECTIONS[name]))
        # A pylock.toml may lock something else than the project: then it has nothing of it.
        missing = name != "pylock.toml" or any(package.name in locked for package in wanted)
        ranges = not any("override" in setting for setting in side.settings.get(manifest, ()))
        for number, package in enumerate(wanted):
            found = locked.get(package.name, [])
            if not found and missing and _certain(package):
                yield _told(path, package, None)
            elif ranges and number < _MOST and _all_outside(found, package):
                yield _told(path, package, ", ".join(sorted({str(one.version) for one in found})))


def _wanted(packages: list[Package], sections: tuple[str, ...]) -> Iterator[Package]:
    for package in packages:
        section = package.place[len(package.at.path) + 1 :].partition("/")[0]
        if package.stated_by == "manifest" and section in sections and package.name != "python":
            yield package


def _told(path: str, wanted: Package, locked: str | None) -> Drift:
    return Drift(path=path, name=wanted.name, wanted=str(wanted.version or ""), locked=locked, at=wanted.at)


def _specifier(wanted: Package) -> str | None:
    """Return the bare specifier of `[extra] >=2,<3`; `None` where a marker or URL decides."""
    text = wanted.version.strip() if isinstance(wanted.version, str) else ""
    if ";" in text or "@" in text or len(text) > _LONGEST:
        return None
    if text.startswith("["):
        text = text.partition("]")[2].strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _certain(wanted: Package) -> bool:
    """Tell whether a lock cannot be without it. A project may require its own extras."""
    text = wanted.version if isinstance(wanted.version, str) else ""
    own = text.lstrip().startswith("[") and not _specifier(wanted)
    return ";" not in text and not own


def _all_outside(locked: list[Package], wanted: Package) -> bool:
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
