"""Every incident in `fixtures/incidents`: what came with it is told, on that side only, and a rule objects.

The files are case files (`tests.cases`). A line of `== expect` is either what must be told of the right side

    lib/build.js: install: download-and-run: * -> eval: https.get(

(path, latest phase, capability, pattern of the subject, a piece of the line that is cited), or a rule that
must speak at `high` or above about a path

    finding: tag-moved: package-lock.json
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

from fimci import drift, reach, rules
from fimci.compare import compare
from fimci.findings import Finding, Severity
from fimci.look import take
from fimci.model import Capability, Record
from fimci.readers import ALL as READERS
from fimci.snapshot import Entry, Recipe
from fimci.verdict import annotated
from tests import cases

FOLDER = Path(__file__).parent.parent / "fixtures" / "incidents"
CASES = sorted(FOLDER.glob("*.txt"))
#: What every incident is told in.
VARIANTS = 3
#: Of two phases the earlier one is told where both are possible.
PHASES = ("install", "import", "call")
#: What is not found as it should be, and why. A row that is found must go.
MISSED: dict[str, str] = {}
EVERY = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
FOUND = pytest.mark.parametrize(
    "path", [path for path in CASES if path.stem not in MISSED], ids=lambda path: path.stem
)


class Told(NamedTuple):
    """A capability that must be told: `subject` is a pattern, `evidence` stands on the cited line."""

    path: str
    phase: str
    name: str
    subject: str
    evidence: str


class Sides(NamedTuple):
    """One case: what each side says, the texts of the right one, and what is expected."""

    before: list[Record]
    after: list[Record]
    texts: dict[str, list[str]]
    told: list[Told]
    spoken: list[tuple[str, str]]


@functools.lru_cache(maxsize=4)
def sides(path: Path) -> Sides:
    case = cases.parse(path.read_text())
    fields = [line.split(": ", 4) for line in case.expect]
    return Sides(
        before=recorded(case.before),
        after=recorded(case.after),
        texts={entry.path: lines(entry) for entry in case.after},
        told=[Told(*parts) for parts in fields if parts[0] != "finding"],
        spoken=[(parts[1], parts[2]) for parts in fields if parts[0] == "finding"],
    )


def recorded(side: list[Entry]) -> list[Record]:
    project = any(entry.path.startswith(".github/") for entry in side)
    found = list(reach.settled(take(side, Recipe(), READERS), project=project))
    return sorted([*found, *drift.derive(found)], key=lambda record: record.key)


def lines(entry: Entry) -> list[str]:
    data = b"".join(entry.read()) if entry.read is not None else b""
    return data.decode("utf-8", "replace").splitlines()


def told(records: list[Record], one: Told) -> list[Capability]:
    return [
        record
        for record in records
        if isinstance(record, Capability)
        and (record.path, record.name) == (one.path, one.name)
        and fnmatchcase(record.subject, one.subject)
    ]


def findings(case: Sides) -> list[Finding]:
    return list(rules.run(annotated(compare(case.before, case.after), ()), case.before))


def problems(case: Sides) -> Iterator[str]:
    """Yield what is not found as it should be."""
    for one in case.told:
        found = told(case.after, one)
        phases = {record.phase for record in found}
        cited = [case.texts[one.path][record.at.line - 1] for record in found]
        if not found:
            yield f"{one} is not told"
        elif phases.isdisjoint(PHASES[: PHASES.index(one.phase) + 1]):
            yield f"{one} is told as {phases}"
        elif not any(one.evidence in line for line in cited):
            yield f"{one} is told of other lines: {cited}"
    loud = {(finding.rule, finding.path) for finding in findings(case) if finding.severity >= Severity.HIGH}
    if not loud:
        yield "nothing is said at high or above"
    yield from (f"no finding of {rule} at {path}" for rule, path in case.spoken if (rule, path) not in loud)


@FOUND
def test_what_came_with_it_is_told_with_its_line_and_a_rule_objects(path: Path) -> None:
    assert list(problems(sides(path))) == []


def test_what_is_missed_is_still_missed() -> None:
    assert [name for name in MISSED if not list(problems(sides(FOLDER / f"{name}.txt")))] == []


@EVERY
def test_it_is_not_told_of_what_was_there_before(path: Path) -> None:
    case = sides(path)
    assert [one for one in case.told if told(case.before, one)] == []


def test_every_incident_is_spelt_in_several_ways() -> None:
    incidents: dict[str, int] = {}
    for path in CASES:
        name = path.stem.partition("--")[0]
        incidents[name] = incidents.get(name, 0) + 1
    assert {name: count for name, count in incidents.items() if count < VARIANTS} == {}


@EVERY
def test_it_is_inert(path: Path) -> None:
    hosts = set(re.findall(r"https?://([a-z0-9.-]+)", path.read_text().lower()))
    assert [host for host in hosts if not host.endswith(RESERVED) and host not in RECOGNISED] == []


#: Names that nobody can own (RFC 2606, RFC 5737).
RESERVED = (".example", ".invalid", "192.0.2.1", "198.51.100.7", "203.0.113.5", "203.0.113.66")
#: Messengers, places to paste and the like, which are known by their names, and hosts of code.
RECOGNISED = frozenset(
    (
        *("api.telegram.org", "discord.com", "pastebin.com", "webhook.site", "github.com", "api.github.com"),
        *(
            "p.oastify.com",
            "169.254.169.254",
            "gist.githubusercontent.com",
            "metadata.google.internal",
            "file.io",
        ),
    )
)
