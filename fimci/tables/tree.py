"""The packages of an environment as they need each other, each with what it can do in a line."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities.gains import PHASES
from fimci.inspection import Inspected, Inspection
from fimci.printable import plural, printable, uncommanding
from fimci.tables.text import end

_LIMIT = 20_000
_NAME = 200


def render(inspection: Inspection) -> str:
    """Write a tree for each package that no other one needs. A package told once is not told again."""
    known = {one.url: one for one in inspection.packages if one.url}
    needed = {name for one in known.values() for name in one.needs if name != one.url}
    roots = [one for one in known.values() if one.url not in needed] or list(known.values())
    lines = [uncommanding(line) for line in _lines(sorted(roots, key=lambda one: one.url), known)]
    return "".join(f"{line}\n" for line in [*lines[:_LIMIT], *end(inspection)])


def _lines(roots: list[Inspected], known: dict[str, Inspected]) -> Iterator[str]:
    told: set[str] = set()
    waiting: list[tuple[Inspected, str, str]] = [(one, "", "") for one in reversed(roots)]
    while waiting:
        one, mark, below = waiting.pop()
        if one.url in told:
            yield f"{mark}{_named(one)} (above)" if one.needs else f"{mark}{_named(one)}"
            continue
        told.add(one.url)
        yield f"{mark}{_named(one)}{_told(one)}"
        needs = [known[name] for name in one.needs if name in known and name != one.url]
        for number, need in enumerate(reversed(needs)):
            last = number == 0
            waiting.append((need, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")))


def _named(one: Inspected) -> str:
    return printable(f"{one.url}@{one.version}" if one.version else one.url, _NAME)


def _told(one: Inspected) -> str:
    parts = []
    for phase in PHASES:
        names = sorted({row.name for row in one.rows if row.phase == phase})
        if names:
            parts.append(f"{phase}: {', '.join(names)}")
    return f" [{'; '.join(parts)}]" if parts else f" ({plural(one.files, 'file')}, nothing to tell)"
