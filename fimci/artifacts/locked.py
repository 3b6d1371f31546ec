"""What a build puts into the metadata from the lockfile of its source: extras with each release pinned.

Whoever asks for such an extra installs what the source has locked, and nothing else: a name and version that
are in the lockfile need no other declaration. pdm-build-locked makes such extras.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from fimci.artifacts import generated
from fimci.artifacts.names import Named, release
from fimci.names import canonical

#: Versions by the name of a project.
Locked: TypeAlias = Mapping[str, frozenset[str]]
_FILES = frozenset({"pdm.lock", "poetry.lock", "pylock.toml", "uv.lock"})
_EXTRA = re.compile(r"\bextra\s*==")


def wanted(paths: Iterable[str]) -> list[str]:
    """Return the lockfiles of a source."""
    return sorted(path for path in paths if path.rpartition("/")[2] in _FILES)


def locked(texts: Iterable[bytes]) -> Locked:
    """Read lockfiles; what is none locks nothing."""
    import tomli  # noqa: PLC0415  (few sources are held against artifacts)

    found: dict[str, set[str]] = {}
    for text in texts:
        try:
            value = tomli.loads(text.decode())
        except (ValueError, RecursionError):
            continue
        listed = value.get("package", value.get("packages"))
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                found.setdefault(canonical(one["name"]), set()).add(release(str(one.get("version", ""))))
    return {name: frozenset(versions) for name, versions in found.items()}


def is_pinned(text: str, there: Locked, *, extra: bool = True) -> bool:
    """Tell whether a requirement asks for just what is locked; `extra`: and only of who asks for an extra."""
    try:
        asked = Requirement(text)
    except InvalidRequirement:
        return False
    versions = there.get(canonical(asked.name), frozenset[str]())
    pinned = any(str(asked.specifier) == f"=={one}" for one in versions) and asked.url is None
    return pinned and (not extra or _EXTRA.search(str(asked.marker or "")) is not None)


def same_but_extras(named: Named, path: str, pair: tuple[bytes | None, bytes | None], there: Locked) -> bool:
    """Tell whether a `pyproject.toml` is that of the source, but for extras in which all is locked."""
    ours, theirs = pair
    if not path.endswith("/pyproject.toml") or ours is None or theirs is None:
        return False
    mine, original = generated.settled(named, ours), generated.settled(named, theirs)
    if mine is None or original is None:
        return False
    known = _extras(original)
    extras = _extras(mine)
    left = {
        name: listed
        for name, listed in extras.items()
        if name in known
        or not isinstance(listed, list)
        or not all(is_pinned(str(one), there, extra=False) for one in listed)
    }
    if extras:
        mine["project"] = {**mine["project"], "optional-dependencies": left}
    return mine == original


def _extras(value: Mapping[str, Any]) -> Mapping[str, Any]:
    project = value.get("project")
    found = project.get("optional-dependencies") if isinstance(project, dict) else None
    return found if isinstance(found, dict) else {}
