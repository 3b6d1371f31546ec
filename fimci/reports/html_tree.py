"""Paths as a tree to unfold: folders with what is below them, for the page (`html`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fimci.findings import Report, Severity

#: Paths that are shown, and folders inside folders: deeper ones stay one name.
SHOWN, DEPTH = 2_000, 40


class Mark(NamedTuple):
    """What is known of one path: the worst grade, how many findings, how many packages changed."""

    worst: int = -1
    findings: int = 0
    packages: int = 0

    def joined(self, other: Mark) -> Mark:
        """Return the marks of both together."""
        return Mark(
            max(self.worst, other.worst), self.findings + other.findings, self.packages + other.packages
        )


class Branch(NamedTuple):
    """A folder or a file by its name, with what is below it."""

    name: str
    mark: Mark
    below: tuple[Branch, ...]


def tree(report: Report) -> tuple[tuple[Branch, ...], int]:
    """Return the paths that a report speaks of as a tree, and how many more there are."""
    marks: dict[str, Mark] = {}
    for path, mark in _marks(report):
        marks[path] = marks.get(path, Mark()).joined(mark)
    ranked = sorted(marks, key=lambda path: (-marks[path].worst, path))
    return tuple(_branches({path: marks[path] for path in ranked[:SHOWN]})), len(ranked[SHOWN:])


def _marks(report: Report) -> Iterator[tuple[str, Mark]]:
    for finding in report.findings:
        if finding.accepted is None:
            yield finding.path, Mark(int(finding.severity), 1)
    for unread in report.unread:
        yield unread.path, Mark(int(Severity.HIGH), 1)
    for change in report.packages:
        yield change.file or "(installed)", Mark(packages=1)


def _branches(marks: Mapping[str, Mark]) -> Iterator[Branch]:
    root: dict[str, Any] = {}
    leaves: dict[int, Mark] = {}
    for path, mark in marks.items():
        here = root
        for name in path.split("/", DEPTH):
            here = here.setdefault(name, {})
        leaves[id(here)] = mark
    yield from _grown(root.items(), leaves)


def _grown(names: Iterable[tuple[str, dict[str, Any]]], leaves: Mapping[int, Mark]) -> Iterator[Branch]:
    for name, inner in sorted(names):
        below = tuple(_grown(inner.items(), leaves))
        mark = leaves.get(id(inner), Mark())
        for branch in below:
            mark = mark.joined(branch.mark)
        yield Branch(name, mark, below)
