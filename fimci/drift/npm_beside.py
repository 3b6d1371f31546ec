"""npm's lockfiles against one another, and against the code that they were made with.

* `npm-shrinkwrap.json` counts before `package-lock.json` up to npm 11, and not at all from npm 12 on.
* The hidden `node_modules/.package-lock.json` says what was installed; npm believes it without a look.
  It lacks what does not fit the system, so that only what it has is compared with the project's lock.
* A lock of version 4 pins `.npm-extension.mjs` or `.cjs`, which runs before anything is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift import npm
from fimci.drift.side import Side, beside
from fimci.model import Drift, Package, Place

_SHRINKWRAP, _LOCK = npm.LOCKS
_HIDDEN = "node_modules/.package-lock.json"
_EXTENSIONS = (".npm-extension.mjs", ".npm-extension.cjs")
#: Characters of a hash.
_SHOWN = 20


def derive(side: Side) -> Iterator[Drift]:
    """Yield where the files beside a lockfile contradict it."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] not in npm.LOCKS:
            continue
        if path.endswith(_SHRINKWRAP) or beside(path, _SHRINKWRAP) not in side.files:
            yield from _contradictions(side, path, beside(path, _HIDDEN))
        if path.endswith(_SHRINKWRAP):
            yield from _contradictions(side, path, beside(path, _LOCK))
        yield from _extension(side, path)


def _contradictions(side: Side, path: str, other: str) -> Iterator[Drift]:
    """Yield where two locks have different things at one place; what is at one of them alone is passed by."""
    if other not in side.files:
        return
    wanted, found = (npm.lock_of(one, side.packages.get(one, [])).entries for one in (path, other))
    for location, entry in wanted.items():
        has = found.get(location)
        if has is None or _same(entry, has):
            continue
        name = entry.alias or entry.name
        if entry.version != has.version or entry.name != has.name:
            # That an install is behind its lock is usual: not the same as two contents of one release.
            yield Drift(path=other, name=name, wanted=f"{entry.version}", locked=None, at=entry.at)
        else:
            yield Drift(path=other, name=name, wanted=_content(entry), locked=_content(has), at=entry.at)


def _same(one: Package, other: Package) -> bool:
    hashes = {package.integrity for package in (one, other)} - {()}
    return (one.name, one.version) == (other.name, other.version) and len(hashes) <= 1


def _content(package: Package) -> str:
    hashes = package.integrity if isinstance(package.integrity, tuple) else ()
    shown = " ".join(f"{digest.algorithm} {digest.hex[:12]}…" for digest in hashes[:1])
    return f"{package.version} {shown}".rstrip()


def _extension(side: Side, path: str) -> Iterator[Drift]:
    """Hold the code that runs at install against what the lock was made with."""
    pinned = side.settings.get(path, {}).get("npmExtensionHash")
    for extension in (beside(path, name) for name in _EXTENSIONS):
        digest = side.settings.get(extension, {}).get("npm-extension.digest")
        if pinned and digest and pinned.value != digest.value:
            name = extension.rpartition("/")[2]
            wanted, locked = (f"{text[:_SHOWN]}…" for text in (digest.value, pinned.value))
            yield Drift(path=path, name=name, wanted=wanted, locked=locked, at=Place(extension))
