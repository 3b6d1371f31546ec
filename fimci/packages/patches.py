"""What patch releases newly ask for: dependencies that a known package has only since its last digit moved.

A patch mends; it brings no new dependency (3.4% of 1,962 adjacent releases of popular packages named one that
was never used before, nearly all of them minor or major). The axios incident of 2026 was such a patch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fimci.model import Change, Package
from fimci.packages.graph import wanted
from fimci.packages.releases import Known, Name, locked, named

_RELEASE = re.compile(r"(\d{1,9}\.\d{1,9})\.(\d{1,9})")


def asked_by_patches(changes: Iterable[Change], left: Known) -> Mapping[Name, Package]:
    """Return, for each name that a patch release newly asks for, the package that does."""
    found: dict[Name, Package] = {}
    for change in changes:
        new = change.after
        if not locked(new) or not new.dependencies:
            continue
        olds = [old for old in left.locked.get(named(new), ()) if old.at.path == new.at.path]
        if not any(_patch(old.version, new.version) for old in olds):
            continue
        known = {name for old in olds for name in wanted(old)}
        for name in wanted(new) - known:
            found.setdefault(name, new)
    return found


def _patch(one: object, other: object) -> bool:
    """Tell whether only the last of three numbers grew."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    old, new = _RELEASE.fullmatch(one), _RELEASE.fullmatch(other)
    return old is not None and new is not None and old[1] == new[1] and int(old[2]) < int(new[2])
