"""`pubspec.yaml` against the `pubspec.lock` beside it.

Pub locks whatever a project asks for. Judged are packages of a server, in the words of pub; those that
something overrides are not, nor those of a workspace, whose lock is that of another folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST, OVERRIDES, LOCK = "pubspec.yaml", "pubspec_overrides.yaml", "pubspec.lock"
_OVERRIDE = "overrides."
_LONGEST = 100
#: What nodesemver reads as it is meant; what it does not know, it would skip.
_WORD = re.compile(r"[\^~<>=]{0,2}v?[\dxX*][\w.*+-]*|\|\||-", re.ASCII)
_GAP = re.compile(r"([<>=^])\s+")
_CARET = re.compile(r"\^0\.(\d{1,9})\.\d{1,9}\S*", re.ASCII)


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of pub that has its manifest beside it."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        said = {**side.settings.get(manifest, {}), **side.settings.get(beside(path, OVERRIDES), {})}
        locked = {one.name: one for one in side.packages.get(path, ()) if one.stated_by == "lock"}
        for wanted in side.packages.get(manifest, ()):
            found = locked.get(wanted.name)
            if wanted.origin_kind != "registry" or f"{_OVERRIDE}{wanted.name}" in said:
                continue
            if found is None or ("overridden" not in found.flags and _outside(found, wanted)):
                yield Drift(
                    path=path,
                    name=wanted.name,
                    wanted=str(wanted.version or ""),
                    locked=str(found.version) if found is not None else None,
                    at=wanted.at,
                )


def _outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    version, asked = locked.version, wanted.version
    if not isinstance(version, str) or not isinstance(asked, str) or max(len(version), len(asked)) > _LONGEST:
        return False
    import nodesemver  # type: ignore[import-untyped]  # noqa: PLC0415  (only where a lock is judged)

    words = "*" if asked == "any" else " ".join(map(_comparators, _GAP.sub(r"\1", asked).split()))
    try:
        if not all(map(_WORD.fullmatch, words.split())) or nodesemver.valid_range(words, loose=False) is None:
            return False
        return not nodesemver.satisfies(version, words, loose=False, include_prerelease=True)
    except ValueError:
        return False


def _comparators(part: str) -> str:
    """Return one part in npm's words, which mean the same but for a caret below 0.1."""
    found = _CARET.fullmatch(part)
    return f">={part[1:]} <0.{int(found[1]) + 1}.0-0" if found is not None else part
