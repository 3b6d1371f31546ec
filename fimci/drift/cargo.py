"""`Cargo.toml` against the `Cargo.lock` beside it.

Cargo locks what a manifest requires under any feature and for any system, so that what is missing is
drift. Judged are requirements of a registry, as cargo reads them: `1.2` means `^1.2`. Members of a workspace
have no lock beside them and are not judged, nor is what only the workspace names, since it may be unused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fimci.drift import node_ranges
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package

MANIFEST = "Cargo.toml"
LOCK = "Cargo.lock"

#: Requirements of one manifest that are judged, and versions locked of one crate.
_MOST = 1000
_VERSIONS = 20


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of cargo that has its manifest beside it."""
    for path in sorted(side.files):
        manifest = beside(path, MANIFEST)
        if path.rpartition("/")[2] != LOCK or manifest not in side.files:
            continue
        locked: dict[str, list[Package]] = defaultdict(list)
        for package in side.packages.get(path, []):
            if package.stated_by == "lock":
                locked[package.name].append(package)
        replaced = any(name.startswith("replace.") for name in side.settings.get(manifest, ()))
        wanted = [package for package in side.packages.get(manifest, []) if _judged(package)]
        for package in wanted[: 0 if replaced else _MOST]:
            found = locked.get(package.name, [])
            if not found or (len(found) <= _VERSIONS and all(_outside(one, package) for one in found)):
                versions = ", ".join(sorted(str(one.version) for one in found))
                yield Drift(
                    path=path,
                    name=package.name,
                    wanted=str(package.version or ""),
                    locked=versions or None,
                    at=package.at,
                )


def _judged(package: Package) -> bool:
    section = package.place[len(package.at.path) + 1 :].rpartition("/")[0]
    return package.origin_kind == "registry" and section != "workspace.dependencies"


def _outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    text = wanted.version if isinstance(wanted.version, str) else ""
    if not isinstance(locked.version, str):
        return False
    asked = " ".join(_caret(part.strip()) for part in text.split(","))
    return node_ranges.outside(locked.version, asked, loose=False)


def _caret(part: str) -> str:
    """Return one comparator in npm's words, which mean the same but for a bare version."""
    return f"^{part}" if part[:1].isdigit() and "*" not in part else part
