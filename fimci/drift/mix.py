"""`mix.exs` against the `mix.lock` beside it: what is written out in the one, and locked in the other.

A package that somebody else brought already is locked without a change, and a range that the lock meets is no
reason for one. What only some environments or systems ask for (`only: :dev`) is locked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST, LOCK = "mix.exs", "mix.lock"
_LONGEST = 100
#: What nodesemver reads as it is meant; what it does not know, it would skip.
_WORD = re.compile(r"[\^~<>=]{0,2}v?[\dxX*][\w.*+-]*|\|\||-", re.ASCII)
_GAP = re.compile(r"([<>=])\s+")
_SOMEWHAT = re.compile(r"~>\s*(\d{1,9})\.(\d{1,9})(\.\d{1,9}\S*)?", re.ASCII)


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of Mix that has its project beside it."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        locked = {one.name: one for one in side.packages.get(path, ())}
        overridden = side.settings.get(manifest, {})
        for wanted in side.packages.get(manifest, ()):
            found = locked.get(wanted.name)
            if wanted.origin_kind != "registry" or f"overrides.{wanted.name}" in overridden:
                continue
            if found is None or _outside(found, wanted):
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

    words = " ".join(asked.replace(" and ", " ").replace(" or ", " || ").split()).replace("==", "=")
    words = _GAP.sub(r"\1", _SOMEWHAT.sub(_range, words))
    try:
        if not all(map(_WORD.fullmatch, words.split())) or nodesemver.valid_range(words, loose=True) is None:
            return False
        return not nodesemver.satisfies(version, words, loose=True, include_prerelease=True)
    except ValueError:
        return False


def _range(found: re.Match[str]) -> str:
    """Return what `~> 1.2` and `~> 1.2.3` let in, in npm's words: the last number but one stands."""
    major, minor, rest = int(found[1]), int(found[2]), found[3]
    most = f"{major}.{minor + 1}.0-0" if rest else f"{major + 1}.0.0-0"
    return f">={major}.{minor}{rest or '.0'} <{most}"
