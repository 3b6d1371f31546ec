"""Workflow commands: exactly those that were meant, within what a step may give."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from fimci.findings import Finding, Report, Severity
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.github import MESSAGE_LIMIT, PER_LEVEL, render
from tests.hostile import LAW, TEXTS
from tests.oracle import Command, commands
from tests.reports import goldens, sample


def given_by(*findings: Finding, unread: tuple[Unread, ...] = ()) -> list[Command]:
    report = msgspec.structs.replace(sample.CLEAN, findings=findings, unread=unread)
    return commands(render(report).encode())


def missed(number: int) -> tuple[Unread, ...]:
    return tuple(Unread(path=f"{index}.lock", why="is binary", line=7) for index in range(number))


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    goldens.compare(f"{name}.github", render(report))


def test_levels_follow_severity_worst_first() -> None:
    findings = [finding for severity in Severity for finding in sample.many(1, severity)]
    said = given_by(*findings)
    assert [command.name for command in said] == ["error", "error", "warning", "notice", "notice"]
    assert [command.properties["title"].rpartition(" ")[2] for command in said] == [
        "(critical)",
        "(high)",
        "(medium)",
        "(low)",
        "(info)",
    ]


def test_a_finding_tells_where_what_and_what_to_do() -> None:
    (command,) = given_by(sample.HASH)
    assert command.properties == {
        "file": "package-lock.json",
        "line": "412",
        "title": "same-version-new-hash (critical)",
    }
    assert command.data.splitlines() == [
        sample.HASH.message,
        "package: pkg:npm/left@4.1.2",
        f"fix: {sample.HASH.fix}",
        "fingerprint: 0123456789abcdef0123",
    ]


def test_accepted_findings_are_silent() -> None:
    assert given_by(sample.ACCEPTED) == []


@pytest.mark.parametrize("number", [PER_LEVEL, PER_LEVEL + 1, 500])
def test_what_does_not_fit_is_counted_and_the_worst_is_told(number: int) -> None:
    critical = sample.many(1, Severity.CRITICAL, "same-version-new-hash")
    said = given_by(*sample.many(number - 1), *critical)
    assert len(said) == PER_LEVEL
    assert said[0].properties["title"] == "same-version-new-hash (critical)"
    if number > PER_LEVEL:
        assert said[-1].data == f"{number - 9} more findings of this level; the JSON report lists them all"
        assert set(said[-1].properties) == {"title"}


def test_unread_things_are_warnings_before_the_findings() -> None:
    said = given_by(*sample.many(2, Severity.MEDIUM), unread=missed(2))
    assert [command.properties["file"] for command in said] == [
        "0.lock",
        "1.lock",
        *["package-lock.json"] * 2,
    ]
    assert said[0] == Command(
        "warning", {"file": "0.lock", "line": "7", "title": "could not be looked at"}, "is binary"
    )


def test_neither_unread_things_nor_findings_can_crowd_each_other_out() -> None:
    said = given_by(*sample.many(12, Severity.MEDIUM), unread=missed(30))
    assert len(said) == PER_LEVEL
    assert said[0].data == "30 things, the first of them 0.lock: is binary"
    assert [command.properties.get("line") for command in said[1:-1]] == [str(line) for line in range(1, 9)]
    assert said[-1].data.startswith("4 more findings ")


def test_a_single_unread_thing_is_told_as_it_is_among_many_findings() -> None:
    said = given_by(*sample.many(12, Severity.MEDIUM), unread=missed(1))
    assert (len(said), said[0].data) == (PER_LEVEL, "is binary")


def test_a_message_stays_within_what_the_runner_shows_with_fix_and_fingerprint_whole() -> None:
    finding = msgspec.structs.replace(sample.HASH, message="\x1b" * 10_000, package="x" * 10_000)
    (command,) = given_by(finding)
    assert MESSAGE_LIMIT - 4 < len(command.data) <= MESSAGE_LIMIT
    assert command.data.endswith("\nfingerprint: 0123456789abcdef0123")
    assert f"\nfix: {finding.fix}\n" in command.data
    (command, *_) = given_by(
        *sample.many(10, Severity.MEDIUM), unread=(Unread(path="\n" * 9000, why="\n" * 9000),)
    )
    assert len(command.data) <= MESSAGE_LIMIT


@LAW
@given(TEXTS)
def test_exactly_the_commands_that_were_meant(name: str) -> None:
    report = sample.named(name)
    said = commands(render(report).encode())
    findings = [finding for finding in report.findings if finding.accepted is None]
    meant: list[Finding | Unread] = [findings[0], *report.unread, *findings[1:]]
    assert [command.name for command in said] == ["error", "warning", "warning", "warning", "notice"]
    for command, told in zip(said, meant, strict=True):
        assert command.properties.keys() == ({"file", "line", "title"} if told.path else {"title"})
        assert command.properties.get("file", "") == printable(told.path, 4096)
        assert command.properties.get("line", str(told.line)) == str(told.line)
        if isinstance(told, Finding):
            assert command.data.partition("\n")[0][:200] == printable(told.message)[:200]


def test_the_verdict_is_the_last_line() -> None:
    assert render(sample.CLEAN) == "fimci: 4,175 files, 1,204 packages, 12 changes: clean\n"
