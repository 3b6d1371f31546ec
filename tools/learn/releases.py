"""The releases that lie in the folder, one JSON line each, and the pairs that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from tools.learn.choose import Step, step

#: What is written beside the archives, a line as each package is done.
LIST = "releases.jsonl"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One release in one form (`tarball`, `wheel`, `sdist`), and the one right before it.

    `use` is `learning`, `held-out`, `newest` or `drawn`. `file` lies below the folder; where it is empty,
    `why` says what kept it out.
    """

    use: str
    ecosystem: str
    package: str
    version: str
    before: str
    form: str
    file: str = ""
    why: str = ""


class Pair(NamedTuple):
    """Two releases of which one follows the other."""

    old: Release
    new: Release

    @property
    def step(self) -> Step:
        """Tell which kind of update it is."""
        return step(self.old.version, self.new.version)

    @property
    def name(self) -> str:
        """Return it as people write it."""
        form = " (sdist)" if self.new.form == "sdist" else ""
        return f"{self.new.ecosystem} {self.new.package} {self.old.version} -> {self.new.version}{form}"


def load(folder: Path) -> list[Release]:
    """Return what was fetched, in the order of packages."""
    try:
        lines = (folder / LIST).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = [msgspec.json.decode(line, type=Release) for line in lines]
    return sorted(found, key=lambda one: (one.use, one.ecosystem, one.package, one.form))


def append(folder: Path, releases: Iterable[Release]) -> None:
    """Add the releases of a package to the list."""
    with (folder / LIST).open("ab") as file:
        file.write(b"".join(msgspec.json.encode(one) + b"\n" for one in releases))


def pairs(releases: Iterable[Release], use: str) -> Iterator[Pair]:
    """Yield the pairs of one use."""
    known = {
        (one.ecosystem, one.package, one.form, one.version): one
        for one in releases
        if one.use == use and one.file
    }
    for (ecosystem, package, form, _), new in known.items():
        old = known.get((ecosystem, package, form, new.before))
        if old is not None:
            yield Pair(old, new)
