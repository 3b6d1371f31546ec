"""`gradle.lockfile` and its kin: the versions that Gradle resolved, without hashes or origins.

    group:name:version=compileClasspath,runtimeClasspath
    empty=annotationProcessor

`buildscript-gradle.lockfile` holds the plug-ins of the build itself; before Gradle 7 there was one
file for each configuration, `gradle/dependency-locks/NAME.lockfile`, with a bare `group:name:version` a line.

https://docs.gradle.org/current/userguide/dependency_locking.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, text_of
from fimci.model import Package, Place, Record
from fimci.readers.documents import odd_lines, unparsed
from fimci.readers.locks.pypi import placed

_ENTRY = re.compile(r"([^:=\s]+):([^:=\s]+):([^:=\s]+)(?:=(.*))?")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the locks of Gradle, of today and of before."""
    name = path.rpartition("/")[2]
    return name in {"gradle.lockfile", "buildscript-gradle.lockfile"} or (
        name.endswith(".lockfile") and "/gradle/dependency-locks/" in f"/{path}"
    )


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per locked module."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    found, faults = [], []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith(("#", "empty=")):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            faults.append((number, "no group:name:version"))
        else:
            found.append(_package(path, number, *entry.group(1, 2, 3)))
    yield from odd_lines(path, faults)
    yield from placed(found)


def _package(path: str, line: int, group: str, name: str, version: str) -> Package:
    return Package(
        ecosystem="maven",
        name=f"{group}/{name}",
        place=f"{path}#{group}/{name}",
        stated_by="lock",
        version=version,
        origin_kind="registry",
        origin=None,
        at=Place(path, line, f"{group}:{name}:{version}"[:EXCERPT]),
    )
