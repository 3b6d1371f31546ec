"""The nouns of this room: a package of which there is to be spoken, and what is known of its archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fimci.findings import Cell, Finding, Severity
from fimci.model import Package
from fimci.packages.releases import hashes

_STRONG = ("sha512", "sha384", "sha256", "blake2b")
_ELSEWHERE = {
    "git": "comes from git, by its commit",
    "directory": "is a folder of the project",
    "link": "is a folder of the project",
    "workspace": "is a part of the project",
    "virtual": "is the project itself",
    "bundled": "came inside of another package",
}


class Subject(NamedTuple):
    """A package, the entry of the lockfile that it is of, and what the tree and the lockfile show of it.

    `artifact` is `None` where the tree knows nothing of the archive. `tags` are the platforms that an
    installed package of Python says it is for. `repositories` are those that its metadata name.
    """

    ecosystem: str
    name: str
    version: str
    place: str
    entry: Package | None
    locked: Cell
    artifact: Cell | None
    installed: Cell
    tags: frozenset[str] = frozenset()


class Proof(NamedTuple):
    """An archive whose hash is right: its name, its hashes, what it says of its repository; else why not.

    `source` says where it was: empty where there is none.
    """

    file: str = ""
    source: str = ""
    digests: Mapping[str, str] = {}
    repositories: frozenset[str] = frozenset()
    why: str = ""
    tampered: bool = False


def locked(entry: Package | None, why: str) -> Cell:
    """Return whether a lockfile has a strong hash of a release; `why` is said where none names it."""
    if entry is None:
        return Cell("not verified", why)
    algorithms = [digest.algorithm for digest in hashes(entry)]
    strong = next((one for one in _STRONG if any(name.startswith(one) for name in algorithms)), "")
    if strong:
        return Cell("verified", strong)
    if algorithms:
        return Cell("not verified", f"by {algorithms[0]} alone, which can be forged")
    elsewhere = _ELSEWHERE.get(str(entry.origin_kind))
    return Cell("not verified", elsewhere or "its lockfile has no hash of it")


def objections(findings: Iterable[Finding], owner: Callable[[str], str | None]) -> dict[str, list[Finding]]:
    """Sort what is objected to, and not accepted, by the package whose file it is about."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.accepted is not None or finding.severity < Severity.MEDIUM:
            continue
        paths = {finding.path, *(place.path for place in finding.evidence)}
        for one in {name for path in paths if (name := owner(path)) is not None}:
            found.setdefault(one, []).append(finding)
    return found
