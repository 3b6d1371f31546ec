"""Make the list of popular names that the rule `look-alike-name` holds new names against.

    python tools/popular.py npm FILE --date 2026-11-25 --source "monthly downloads" --column 3
    python tools/popular.py pypi FILE --date 2026-11-25 --source "rank by downloads" --column 4 --ranks

FILE is a table of a registry's packages, one a line, its columns separated by tabs: the name in the
first, a number in the one that `--column` says (downloads or, with `--ranks`, the place in a ranking).
Lines without a number are left out, as is the heading. The result is
`fimci/packages/popular-ECOSYSTEM.txt`:

    # comments: what this is, from what and when
    name            the first 3,000 by rank, sorted by name
                    an empty line
    name            the 7,000 after them, sorted by name

Sorted by name within each part, so that the difference between two lists shows who came and went.
The same file and options give the same bytes.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "fimci" / "packages"
#: Names that an impostor would imitate, and all that are known.
IMITATED, KNOWN = 3_000, 10_000
_NAME = re.compile(r"(?:@[a-z0-9._~-]+/)?[A-Za-z0-9._~-]+")


def main() -> None:
    """Write the list of one ecosystem."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("ecosystem", choices=["npm", "pypi"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--date", required=True, help="the day on which the table was made")
    parser.add_argument("--source", required=True, help="what its numbers are, in a few words")
    parser.add_argument("--column", type=int, required=True, help="the column with the numbers, from 1")
    parser.add_argument("--ranks", action="store_true", help="the numbers are ranks: 1 is the first")
    given = parser.parse_args()
    with given.file.open(encoding="utf-8") as table:
        names = ranked(table, given.column, ranks=given.ranks, lower=given.ecosystem == "pypi")
    text = listed(names, f"{given.ecosystem} by {given.source}, as of {given.date}")
    (FOLDER / f"popular-{given.ecosystem}.txt").write_text(text, encoding="ascii")


def ranked(table: Iterable[str], column: int, *, ranks: bool, lower: bool) -> list[str]:
    """Return the names of a table, the most popular first; `lower`: as PEP 503 writes them."""
    found = sorted(_rows(table, column), key=lambda row: (row[0] if ranks else -row[0], row[1]))
    names = (re.sub(r"[-_.]+", "-", name).lower() if lower else name for _, name in found)
    return list(dict.fromkeys(names))


def listed(names: list[str], source: str) -> str:
    """Return the text of a list."""
    heading = f"# The most popular packages of {source}. Written by tools/popular.py.\n"
    parts = (names[:IMITATED], names[IMITATED:KNOWN])
    return heading + "\n".join("".join(f"{name}\n" for name in sorted(part)) for part in parts)


def _rows(table: Iterable[str], column: int) -> Iterator[tuple[int, str]]:
    for line in table:
        cells = line.rstrip("\n").split("\t")
        if len(cells) >= column and cells[column - 1].isdecimal() and _NAME.fullmatch(cells[0]):
            yield int(cells[column - 1]), cells[0]


if __name__ == "__main__":
    main()
