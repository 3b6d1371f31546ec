"""The report for people: calm, 80 columns wide, and unforgeable."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given

from fimci.findings import Acceptance, Finding, Report, Severity
from fimci.model import Place, Unread
from fimci.reports.text import SHOWN, WIDTH, render
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample
from tests.test_printable import invisible


def with_findings(*findings: Finding) -> str:
    return render(msgspec.structs.replace(sample.CLEAN, findings=findings))


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    written = render(report)
    goldens.compare(f"{name}.txt", written)
    assert max(map(len, written.splitlines())) <= WIDTH


def test_the_worst_comes_first_whatever_the_order() -> None:
    low, high = sample.many(1, Severity.LOW), sample.many(1, Severity.HIGH)
    assert with_findings(*low, *high).index("high[") < with_findings(*low, *high).index("low[")


def test_a_fix_is_told_once_for_each_rule_at_its_worst_finding() -> None:
    written = with_findings(*sample.many(3, Severity.MEDIUM), *sample.many(2, Severity.HIGH))
    assert written.count("= fix: ") == 1
    assert written.index("= fix: ") < written.index("medium[")


def test_each_remedy_of_a_rule_is_told() -> None:
    first, second, third = sample.many(3, Severity.MEDIUM)
    other = msgspec.structs.replace(second, fix="run the other client.")
    written = with_findings(first, other, third)
    assert written.count("= fix: ") == 2
    assert written.count("= fix: run the other client.") == 1


def test_many_of_one_rule_do_not_flood() -> None:
    other = sample.many(1, Severity.MEDIUM, "file-changed")
    written = with_findings(*sample.many(SHOWN + 1950), *other, *sample.many(7, Severity.LOW))
    assert written.count("     --> ") == SHOWN + 1
    assert "\nhigh[install-script-added]: 1,950 more; the JSON report lists them all\n" in written
    assert "\nlow[install-script-added]: 7 more; the JSON report lists them all\n" in written
    assert written.index("1,950 more") < written.index("medium[file-changed]") < written.index("7 more")


def test_just_as_many_as_fit_are_not_counted() -> None:
    written = with_findings(*sample.many(SHOWN))
    assert written.count("     --> ") == SHOWN
    assert "more" not in written


def test_many_accepted_and_many_unread_do_not_flood() -> None:
    acceptance = Acceptance(fingerprint="0", reason="read", expires="2027-01-31")
    report = msgspec.structs.replace(
        sample.CLEAN,
        findings=tuple(
            msgspec.structs.replace(finding, accepted=acceptance) for finding in sample.many(SHOWN + 3)
        ),
        unread=tuple(Unread(path=f"{index}.lock", why="is binary") for index in range(SHOWN + 4)),
    )
    written = render(report)
    assert written.count("\naccepted: high[install-script-added] until 2027-01-31: read\n") == SHOWN - 1
    assert written.count("not looked at: is binary\n     --> ") == SHOWN
    assert "\naccepted: 3 more; " in written
    assert "\nnot looked at: 4 more; " in written
    assert f"\nfindings: {SHOWN + 3} accepted\nincomplete: {SHOWN + 4} things " in written


def test_a_source_as_a_whole_has_a_place_and_a_reason_is_told_once() -> None:
    missed = (Unread(path="", why="it was cut", part="it was cut"),)
    written = render(msgspec.structs.replace(sample.CLEAN, unread=missed))
    assert "not looked at: it was cut\n     --> .:1\n" in written


def test_evidence_that_the_message_has_told_is_not_told_again() -> None:
    (finding,) = sample.many(1)
    told = msgspec.structs.replace(finding, evidence=(Place("a.js", 3, "node 1.js"),))
    more = msgspec.structs.replace(
        finding, evidence=tuple(Place("a.js", n, f"run({n})") for n in range(1, 6))
    )
    assert "a.js:3" not in with_findings(told)
    assert "    3 | run(3)\n      = and 2 more places\n" in with_findings(more)


def test_a_long_message_is_wrapped_and_a_longer_one_cut() -> None:
    (finding,) = sample.many(1)
    written = with_findings(msgspec.structs.replace(finding, message="words and " * 1000))
    message = written.partition("     --> ")[0].splitlines()
    assert all(len(line) <= WIDTH for line in message)
    assert all(line.startswith(" " * 8) for line in message[1:])
    assert len(message) < 10
    assert message[-1].endswith("…")


def test_a_place_is_never_broken() -> None:
    (finding,) = sample.many(1)
    path = "node_modules/" * 20 + "package.json"
    assert f"--> {path}:1\n" in with_findings(msgspec.structs.replace(finding, path=path))


@LAW
@given(TEXTS)
def test_no_name_gives_a_command_or_anything_unseen(name: str) -> None:
    written = render(sample.named(name))
    assert commands(written.encode()) == []
    assert not any(invisible(character) for character in written.replace("\n", ""))


def skeleton(written: str) -> list[str]:
    """Return what each line begins with, and all of those that hold no name; wrapped lines apart."""
    starts = re.compile(r"\w[^:]*|     --> | {1,4}\d+ \| |      = \w+: |        (?! )|$")
    found = [starts.match(line) for line in written.splitlines()]
    assert None not in found
    return [start.group() for start in found if start is not None and start.group() != " " * 8]


@LAW
@given(TEXTS)
def test_no_name_can_pass_for_a_line_of_the_report(name: str) -> None:
    written = render(sample.named(name))
    assert skeleton(written) == skeleton(render(sample.named("name")))
    assert written.endswith("\n1 finding at or above high; 2 things could not be looked at\n")
