"""What one side states about manifests and lockfiles, by the file that states it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from fimci.model import File, Package, Record, Setting, Unread
from fimci.packages.ranges import fits


class Side(NamedTuple):
    """The readable files of interest, their packages and their settings by name, by path."""

    files: frozenset[str]
    packages: Mapping[str, list[Package]]
    settings: Mapping[str, Mapping[str, Setting]]


def collect(records: Iterable[Record], names: Collection[str], suffixes: tuple[str, ...] = ()) -> Side:
    """Keep what files of these names state, but nothing of a file that could not be read.

    A file whose name merely ends like this is known by what it states.
    """
    files, unread = set(), set()
    packages: dict[str, list[Package]] = defaultdict(list)
    settings: dict[str, dict[str, Setting]] = defaultdict(dict)
    for record in records:
        path = record.at.path if isinstance(record, Package) else record.path
        if path.rpartition("/")[2] not in names and not path.endswith(suffixes):
            continue
        if isinstance(record, File) and record.kind == "file":
            files.add(path)
        elif isinstance(record, Package):
            packages[path].append(record)
        elif isinstance(record, Setting):
            settings[path][record.name] = record
        elif isinstance(record, Unread) and not record.part:
            unread.add(path)
    return Side(frozenset(files - unread), packages, settings)


def beside(path: str, name: str) -> str:
    """Return the path of another file in the same folder."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{name}"


def outside(locked: Package, wanted: Package) -> bool:
    """Tell whether a locked version is surely outside what is wanted."""
    version, asked = locked.version, wanted.version
    if not isinstance(version, str) or not isinstance(asked, str):
        return False
    return fits(locked.ecosystem, version, asked) is False
