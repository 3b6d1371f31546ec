"""`Podfile` against the `Podfile.lock` beside it: the hash that CocoaPods itself compares."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.drift.side import Side, beside
from fimci.model import Drift

MANIFEST, LOCK = "Podfile", "Podfile.lock"


def derive(side: Side) -> Iterator[Drift]:
    """Yield the drift of every lock of CocoaPods that was made of another `Podfile`."""
    for path in sorted(side.files):
        if path.rpartition("/")[2] != LOCK:
            continue
        made = side.settings.get(beside(path, MANIFEST), {}).get("lock-input.cocoapods")
        said = side.settings.get(path, {}).get("podfile-checksum")
        if made is not None and said is not None and made.value != said.value:
            yield Drift(path=path, name="content-hash", wanted=f"of {MANIFEST}", locked=None, at=said.at)
