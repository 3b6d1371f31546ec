"""What was measured of inspections, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.inspect.guarddog import Said
from fimci.findings import Severity

#: What makes risks of matches is called so.
RISKS = "GuardDog 3"


class Row(NamedTuple):
    """An archive: seconds of processor time, cold, warm, and of each other scanner that was asked."""

    ecosystem: str
    name: str
    cold: float
    warm: float
    others: dict[str, float]


class Verdict(NamedTuple):
    """A package: the worst grade that `fimci inspect --rules` gives it, and what each scanner said."""

    ecosystem: str
    worst: Severity | None
    others: dict[str, Said]


def speeds(rows: Sequence[Row], cold: float, warm: float, *, each: bool = False) -> Iterator[str]:
    """Yield the lines of a table; `cold` and `warm` are those of one command of fimci for all archives.

    A scanner that was asked of some archives alone is held against what those took here.
    """
    names = sorted({name for row in rows for name in row.others})
    yield (
        "| | archives | " + " | ".join(f"{name}, seconds | times cold | times warm" for name in names) + " |"
    )
    yield "| --- | --: |" + " --: |" * (3 * len(names))
    for row in rows if each else ():
        yield _line(f"{row.ecosystem} {row.name}", [row], names)
    for ecosystem in ("npm", "pypi"):
        yield _line(
            f"{ecosystem}, a command each", [row for row in rows if row.ecosystem == ecosystem], names
        )
    yield _line("all, a command each", rows, names)
    # Start-up is shared there: each archive has its part of what the one command took.
    less = cold / sum(row.cold for row in rows), warm / sum(row.warm for row in rows)
    shared = [row._replace(cold=row.cold * less[0], warm=row.warm * less[1]) for row in rows]
    yield _line("all, one command of fimci", shared, names)


def _line(title: str, rows: Sequence[Row], names: Sequence[str]) -> str:
    cells = []
    for name in names:
        asked = [row for row in rows if name in row.others]
        other = sum(row.others[name] for row in asked)
        owns = sum(row.cold for row in asked), sum(row.warm for row in asked)
        cells += [f"{other:.1f}", *(f"{other / own:.1f}" for own in owns)] if asked else ["", "", ""]
    return f"| {title} | {len(rows)} | {' | '.join(cells)} |"


def flags(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a table: how many packages each scanner objects to, and fimci of the same ones."""
    yield "| | npm | PyPI |"
    yield "| --- | --: | --: |"
    for name in sorted({name for verdict in verdicts for name in verdict.others}):
        asked = [(one.ecosystem, one.worst, one.others[name]) for one in verdicts if name in one.others]
        yield _count(f"{name}: any rule", [(where, bool(said.rules)) for where, _, said in asked])
        if name.startswith(RISKS):
            yield _count(f"{name}: any threat", [(where, bool(said.threats)) for where, _, said in asked])
            yield _count(f"{name}: any risk", [(where, said.risks > 0) for where, _, said in asked])
        for grade in (Severity.MEDIUM, Severity.HIGH):
            found = [(where, worst is not None and worst >= grade) for where, worst, _ in asked]
            yield _count(f"`fimci inspect --rules` of the same: {grade} or above", found)


def _count(title: str, found: Sequence[tuple[str, bool]]) -> str:
    cells = []
    for ecosystem in ("npm", "pypi"):
        of_it = [flagged for where, flagged in found if where == ecosystem]
        cells.append(f"{sum(of_it)} of {len(of_it)}")
    return f"| {title} | {' | '.join(cells)} |"
