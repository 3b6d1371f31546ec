r"""The table for people at a terminal: a block for each package, the worst first, a line for each capability.

pkg:npm/left@1.0.1 (12 files)
install  exfiltration      environment -> collect.example
setup.js:4
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.inspection import Inspected, Inspection, Row
from fimci.printable import cut, listed, plural, printable, uncommanding

_SUBJECTS, _NAME, _PLACE = 60, 26, 200


def render(inspection: Inspection) -> str:
    """Write all packages that can do something, and count the others."""
    blocks = [[*_package(one)] for one in inspection.packages if one.rows]
    blocks.append([*end(inspection)])
    return "\n".join("".join(f"{uncommanding(line)}\n" for line in block) for block in blocks)


def _package(one: Inspected) -> Iterator[str]:
    name = f"{one.url}@{one.version}" if one.version and one.url else one.url or "code of no package"
    yield f"{printable(name, _PLACE)} ({plural(one.files, 'file')})"
    for row in one.rows:
        yield from _row(row)


def _row(row: Row) -> Iterator[str]:
    subjects = [printable(cut(subject, _SUBJECTS)) for subject in row.subjects if subject != "*"]
    towards = listed(subjects, 6) if subjects else ""
    yield f"  {row.phase:<8} {row.name:<{_NAME}}{towards}".rstrip()
    places = list(dict.fromkeys(f"{one.path}:{one.at.line}" for one in row.seen))
    more = f" and {plural(len(places) - 1, 'more place')}" if len(places) > 1 else ""
    yield f"  {'':<8} {'':<{_NAME}}{printable(places[0], _PLACE)}{more}"


def end(inspection: Inspection) -> Iterator[str]:
    """Yield what could not be looked at, and what was."""
    for missed in inspection.unread[:50]:
        why = printable(missed.why, _PLACE)
        yield f"not looked at: {printable(missed.path or '.', _PLACE)}:{missed.line}: {why}"
    if len(inspection.unread) > 50:  # noqa: PLR2004  (as many are shown)
        yield f"not looked at: {len(inspection.unread) - 50:,} more; the JSON lists them all"
    idle = sum(not one.rows for one in inspection.packages)
    if idle and len(inspection.packages) > 1:
        yield f"nothing to tell of {plural(idle, 'package')}"
    yield f"inspected: {printable(inspection.subject, _PLACE)}"
    yield f"looked at: {plural(inspection.files, 'file')}, {plural(inspection.named, 'package')}"
