"""Write docs/attacks.md: which attack is told in which format, from the case files themselves.

`docs/attacks.toml` lists attacks and formats. A cell is filled by a case in which a rule of that attack
speaks about a file of that format; else the data file must say which fact the format lacks. Formats
and rules that this version does not have are left out.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tomli

from fimci import readers, rules
from fimci.findings import SEVERITIES, Severity
from fimci.snapshot import Entry
from tests import cases

ROOT = Path(__file__).resolve().parent.parent
DATA, PAGE, CASES = ROOT / "docs" / "attacks.toml", ROOT / "docs" / "attacks.md", ROOT / "fixtures" / "rules"


class Case(NamedTuple):
    """A case in which a rule speaks, and how loudly."""

    severity: Severity
    stem: str


class Cell(NamedTuple):
    """Cases in which an attack on a format is told or, without any, why it cannot be made there."""

    cases: tuple[Case, ...]
    why: str


@cache
def data() -> dict[str, Any]:
    """Return attacks and formats, of each those that this version knows."""
    given = tomli.loads(DATA.read_text(encoding="utf-8"))
    known = rules.pages()
    attacks = [attack for attack in given["attack"] if set(attack["rules"]) & known.keys()]
    formats = [one for one in given["format"] if one.get("folder") or _is_read(one["files"])]
    return {**given, "attack": attacks, "format": formats}


@cache
def table() -> dict[tuple[str, str], Cell]:
    """Return the cells by the names of attack and format."""
    spoken = _spoken()
    return {
        (attack["name"], one["name"]): Cell(
            tuple(case for rule in attack["rules"] for case in spoken.get((rule, one["name"]), ())),
            _why(attack, one),
        )
        for attack in data()["attack"]
        for one in data()["format"]
    }


def page() -> str:
    """Return the page: a table for each group of formats, and the reasons below it."""
    parts = [_INTRODUCTION]
    for group, title in data()["groups"].items():
        formats = [one for one in data()["format"] if one["group"] == group]
        if formats:
            parts.append(f"\n## {title}\n\n{''.join(_rows(formats))}")
    return "".join(parts)


def _rows(formats: list[dict[str, Any]]) -> Iterator[str]:
    yield f"| | {' | '.join(one['title'] for one in formats)} |\n| --- |{' --- |' * len(formats)}\n"
    reasons: dict[str, int] = {}
    for attack in data()["attack"]:
        cells = [_shown(table()[attack["name"], one["name"]], reasons) for one in formats]
        known = ", ".join(f"[`{rule}`](rules/{rule}.md)" for rule in attack["rules"] if rule in rules.pages())
        yield f"| {attack['name']}: {known} | {' | '.join(cells)} |\n"
    if reasons:
        yield "\n" + "".join(f"{number}. {_sentence(why)}\n" for why, number in reasons.items())


def _shown(cell: Cell, reasons: dict[str, int]) -> str:
    if cell.cases:
        loudest = min(cell.cases, key=lambda case: (-case.severity, case.stem))
        return f"[{loudest.severity!s}](../fixtures/rules/{loudest.stem}.txt)"
    return f"({reasons.setdefault(cell.why, len(reasons) + 1)})" if cell.why else "**open**"


def _sentence(why: str) -> str:
    return f"{why[0].upper()}{why[1:]}."


def _why(attack: dict[str, Any], one: dict[str, Any]) -> str:
    special = attack.get("without", {}).get(one["name"])
    lacks = one.get("lacks", {})
    return str(special or next((lacks[fact] for fact in attack["needs"] if fact in lacks), ""))


def _is_read(files: list[str]) -> bool:
    """Tell whether a reader of this version asks for one of these names, or for all with their ending."""
    named = {name for reader in readers.ALL for name in reader.names}
    listed = {"requirements.txt", "pylock.toml"}
    return any(file in named or file in listed or "*" in file for file in files)


def _spoken() -> dict[tuple[str, str], list[Case]]:
    """Return the cases in which a rule speaks, by rule and format."""
    found: dict[tuple[str, str], dict[str, Severity]] = {}
    for path in sorted(CASES.glob("*.txt")):
        case = cases.parse(path.read_text(encoding="utf-8"))
        for line in case.expect:
            where, _, word, rule, _ = line.split(":", 4)
            for name in formats_of(case, where):
                told = found.setdefault((rule.strip(), name), {})
                told[path.stem] = max(SEVERITIES[word.strip()], told.get(path.stem, Severity.INFO))
    return {key: [Case(grade, stem) for stem, grade in told.items()] for key, told in found.items()}


def formats_of(case: cases.Case, path: str) -> Iterator[str]:
    """Yield the formats that a finding at this path is about.

    A lockfile speaks for itself. A manifest or a configuration speaks for the lockfiles that are in
    the case or, where there are none, for whose it is alone; a workflow for itself and for its lock.
    """
    members = [*case.before, *case.after]
    own = [one["name"] for one in data()["format"] if _is_file(one, path, members)]
    yield from own
    locks = {
        one["name"] for one in data()["format"] for entry in members if _is_file(one, entry.path, members)
    }
    name = path.rpartition("/")[2]
    for one in data()["format"]:
        if one["name"] in own:
            continue
        with_lock = name in one.get("beside", ()) and one["name"] in locks
        marked = name in one.get("beside", ()) and _holds(path, members, one.get("holds-beside", "\0"))
        if with_lock or (not own and (marked or (name in one.get("alone", ()) and not locks))):
            yield one["name"]


def _is_file(one: dict[str, Any], path: str, members: list[Entry]) -> bool:
    name = path.rpartition("/")[2]
    if not any(fnmatch.fnmatchcase(name, pattern) for pattern in one["files"]):
        return False
    return path.startswith(one.get("folder", "")) and _holds(path, members, one.get("holds", ""))


def _holds(path: str, members: list[Entry], text: str) -> bool:
    """Tell whether a text stands in any of the versions of a file."""
    contents = (b"".join(entry.read()) for entry in members if entry.path == path and entry.read is not None)
    return not text or any(text.encode() in content for content in contents)


_WRITTEN = (
    "<!-- Written by tools/attacks.py from docs/attacks.toml and the cases; edit those, then `make docs`. -->"
)
_INTRODUCTION = f"""{_WRITTEN}

# Attacks

Attacks through a change to a lockfile or manifest, and the rule that reports each, by format. Each cell
states the severity and links to a case that is part of the tests: two small trees, and the expected finding
with its line. A number refers to the reason why the attack is impossible in that format.
"""
