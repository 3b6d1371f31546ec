"""The inspection as Markdown, for a comment or a job summary: a table for each package, the worst first."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.inspection import Inspected, Inspection, Row
from fimci.printable import plural
from fimci.reports.markdown import code

#: Bytes; a comment takes 65,536 characters.
_ROOM = 60_000
_CELL = 120
_SUBJECTS = 6


def render(inspection: Inspection) -> str:
    """Write as many packages as fit, and count the rest."""
    told = [one for one in inspection.packages if one.rows]
    head = (
        f"## What it can do\n\nInspected {code(inspection.subject)}: {plural(inspection.files, 'file')}, "
        f"{plural(inspection.named, 'package')}.\n"
    )
    text, room = head, _ROOM - len(head.encode())
    shown = 0
    for one in told:
        block = "".join(_package(one))
        room -= len(block.encode())
        if room < 0:
            break
        text += block
        shown += 1
    if shown < len(told):
        text += f"\n{plural(len(told) - shown, 'more package')}; the JSON has them all.\n"
    if inspection.unread:
        text += f"\n{plural(len(inspection.unread), 'file')} could not be looked at; the JSON lists them.\n"
    return text


def _package(one: Inspected) -> Iterator[str]:
    name = f"{one.url}@{one.version}" if one.version and one.url else one.url
    yield f"\n### {code(name, _CELL) if name else 'Code of no package'} ({plural(one.files, 'file')})\n\n"
    yield "| phase | capability | towards | where |\n| --- | --- | --- | --- |\n"
    for row in one.rows:
        yield _row(row)


def _row(row: Row) -> str:
    subjects = [subject for subject in row.subjects if subject != "*"]
    shown = ", ".join(code(subject, _CELL) for subject in subjects[:_SUBJECTS])
    more = f" and {len(subjects) - _SUBJECTS:,} more" if len(subjects) > _SUBJECTS else ""
    where = code(f"{row.seen[0].path}:{row.seen[0].at.line}", _CELL)
    return f"| {row.phase} | {row.name} | {shown}{more} | {where} |\n"
