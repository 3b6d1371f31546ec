"""Write docs/features.md from docs/features.toml.

python tools/features.py            rewrite the page
python tools/features.py --check    exit 1 where that would change it
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import tomli  # noqa: E402  (the line above is what finds the project)

from tools import pages  # noqa: E402  (the same)
from tools.pages import ROOT  # noqa: E402  (the same)

DATA, PAGE = ROOT / "docs" / "features.toml", ROOT / "docs" / "features.md"
#: What a cell may begin with; what follows a colon is shown beside it.
ANSWERS = ("yes", "no", "partly", "unknown")


def main(arguments: list[str]) -> int:
    """Rewrite the page or, with `--check`, say that it is stale."""
    return pages.put(PAGE, page(data()), "docs/features.toml", check="--check" in arguments)


def data() -> dict[str, Any]:
    """Return the tables of features and behaviour."""
    return tomli.loads(DATA.read_text(encoding="utf-8"))


def page(given: dict[str, Any]) -> str:
    """Return the page: what there is, group by group, how it behaves, and where that is from."""
    peers: dict[str, str] = given["peers"]
    groups = dict.fromkeys(feature["group"] for feature in given["feature"])
    parts = [_INTRODUCTION]
    for group in groups:
        rows = [feature for feature in given["feature"] if feature["group"] == group]
        parts.append(f"\n## {group}\n\n{''.join(_features(rows, peers))}")
    parts.append(f"\n{_BEHAVIOUR}\n{''.join(_behaviour(given['behaviour']))}")
    parts.append("\n## Sources\n\n" + "".join(f"- {given['sources'][peer]}\n" for peer in peers))
    return "".join(parts)


def _features(rows: list[dict[str, Any]], peers: dict[str, str]) -> Iterator[str]:
    yield f"| | fimci | {' | '.join(peers.values())} |\n| --- | --- |{' --- |' * len(peers)}\n"
    for row in rows:
        cells = [
            _answer(row["fimci"]) + _proof(row.get("tests", ())),
            *(_answer(row[peer]) for peer in peers),
        ]
        yield f"| {row['name']} | {' | '.join(cells)} |\n"


def _behaviour(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| case | fimci | others |\n| --- | --- | --- |\n"
    for row in rows:
        yield f"| {row['case']} | {row['fimci']}{_proof(row['tests'])} | {row['others']} |\n"


def _answer(cell: str) -> str:
    answer, _, more = cell.partition(":")
    if answer not in ANSWERS:
        raise SystemExit(f"{cell!r} begins with none of {', '.join(ANSWERS)}")
    shown = f"**{answer}**" if answer == "yes" else "?" if answer == "unknown" else answer
    return f"{shown}: {more.strip()}" if more else shown


def _proof(tests: list[str]) -> str:
    """Link the files of the tests that prove a cell."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    links = ", ".join(f"[{Path(file).stem.removeprefix('test_')}](../{file})" for file in files)
    return f" ({links})" if links else ""


_INTRODUCTION = """\
<!-- Written by tools/features.py from docs/features.toml; edit that, then `make docs`. -->

# File integrity features compared

Each “yes” of fimci is backed by tests: the link leads to their file, and `docs/features.toml` lists
them individually. “?” means that neither the documentation nor a test run gave an answer.
"""
_BEHAVIOUR = """\
## Faults and edge cases

The behaviour of other tools was observed in runs of AIDE 0.18.3 and 0.19.3, Tripwire 2.4.3.7, Samhain 4.1.4,
integrit 4.1, mtree and hashdeep 4.4 on one machine. None of them stops an attacker who can rewrite a baseline
together with its root digest: keep it where they cannot write, in version control, or sign it.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
