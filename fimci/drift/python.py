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
_LONGEST = 256


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
        wanted = [
            package
            for package in side.packages.get(manifest, [])
            if package.stated_by == "manifest"
            and package.place[len(manifest) + 1 :].partition("/")[0] in _SECTIONS[name]
            and package.name != "python"
        ]
        # A pylock.toml may lock something else than the project: then it has nothing of it.
        missing = name != "pylock.toml" or any(package.name in locked for package in wanted)
        overridden = any("override" in setting for setting in side.settings.get(manifest, ()))
        for package in wanted:
            found = locked.get(package.name, [])
            if not found and missing and _certain(package):
                yield _told(path, package, None)
            elif found and not overridden and all(_outside(one, package) for one in found):
                yield _told(path, package, ", ".join(sorted({str(one.version) for one in found})))


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


def _outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    specifier = _specifier(wanted)
    if not specifier or not isinstance(locked.version, str) or len(locked.version) > _LONGEST:
        return False
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415  (only where a lock is judged)
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (the same)

    try:
        return not SpecifierSet(specifier).contains(Version(locked.version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return False
