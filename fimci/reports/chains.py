"""What was verified, as tables: a word for each cell, and why not, told once for all rows alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.findings import CLAIMS, LINKS, Cell, Report
from fimci.printable import cut, listed, plural

#: The columns of which it matters, too, by whom they are verified.
_TOLD = frozenset({"signer", "builder"})
_WORDS = {"verified": "ok", "failed": "FAILED", "not verified": "-"}
#: Names after a reason, and characters of a reason and of a name.
_NAMES, _WHY, _NAME = 3, 160, 80


class Row(NamedTuple):
    """A package or artifact, and a cell for each column."""

    name: str
    cells: tuple[Cell, ...]


class Table(NamedTuple):
    """A table: what its rows are, its columns, and its rows, those in which something failed first."""

    of: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Return what stands above it."""
        return f"Custody of {plural(len(self.rows), self.of)}"


def tables(report: Report) -> Iterator[Table]:
    """Yield the tables of a report that have a row."""
    packages = [Row(_name(one.package), one.cells) for one in report.chains]
    artifacts = [Row(one.artifact, one.cells) for one in report.artifacts]
    for of, columns, rows in (("artifact", CLAIMS, artifacts), ("package", LINKS, packages)):
        if rows:
            yield Table(of, columns, tuple(_ranked(rows)))


def _name(package: str) -> str:
    """Return what a package is called in a table: `npm/left@1.0.1`."""
    return package.removeprefix("pkg:").replace("/%40", "/@")


def _ranked(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: all(cell.state != "failed" for cell in row.cells))


def words(row: Row) -> tuple[str, ...]:
    """Return a word for each cell."""
    return tuple(_WORDS[cell.state] for cell in row.cells)


def reasons(table: Table) -> Iterator[str]:
    """Tell why cells are not verified, failures first; of signers and builders, also who they are. Raw."""
    found: dict[tuple[bool, int, str, str], list[str]] = {}
    for row in table.rows:
        for at, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            if cell.state != "verified" or (column in _TOLD and cell.why):
                key = cell.state != "failed", at, cell.state, cut(cell.why, _WHY)
                found.setdefault(key, []).append(cut(row.name, _NAME))
    for (_, at, state, why), names in sorted(found.items()):
        who = f"{plural(len(names), table.of)}: {listed(names, _NAMES)}"
        yield f"{table.columns[at]} {state}: {why} ({who if len(names) < len(table.rows) else 'all'})"
