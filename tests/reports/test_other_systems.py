"""Reports for other CI systems: the shape each reads, its limits, and no name that is more than a name."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given

from fimci import reports
from fimci.findings import Report, Severity
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports import azure, bitbucket, buildkite, sast, teamcity
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample

NEW = ("azure", "bitbucket", "buildkite", "gitlab", "junit", "sast", "teamcity")
MANY = msgspec.structs.replace(
    sample.REPORT,
    findings=(*sample.many(20_000, Severity.MEDIUM, "file-changed"), sample.HASH),
    unread=tuple(Unread(path=f"{n}.lock", why="is binary") for n in range(3_000)),
)

#: Written from GitLab's documentation of the Code Quality report format.
QUALITY: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
TOOL = {
    "type": "object",
    "required": ["id", "name", "version", "vendor"],
    "properties": {"vendor": {"type": "object", "required": ["name"]}},
}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}
#: Written from GitLab's description of security reports, version 15.
SAST: dict[str, Any] = {
    "type": "object",
    "required": ["version", "scan", "vulnerabilities"],
    "properties": {
        "version": {"pattern": r"^15\.\d+\.\d+$"},
        "scan": {
            "type": "object",
            "required": ["analyzer", "scanner", "start_time", "end_time", "status", "type"],
            "properties": {
                "analyzer": TOOL,
                "scanner": TOOL,
                "start_time": TIME,
                "end_time": TIME,
                "status": {"enum": ["success", "failure"]},
                "type": {"enum": ["sast"]},
            },
        },
        "vulnerabilities": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "identifiers", "location"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "name": {"type": "string", "maxLength": 255},
                    "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                    "identifiers": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "object", "required": ["type", "name", "value"]},
                    },
                    "flags": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["type", "origin", "description"],
                            "properties": {"type": {"enum": ["flagged-as-likely-false-positive"]}},
                        },
                    },
                },
            },
        },
    },
}
#: Written from Bitbucket's description of reports and annotations.
INSIGHTS: dict[str, Any] = {
    "type": "object",
    "required": ["report", "annotations"],
    "properties": {
        "report": {
            "type": "object",
            "required": ["title", "details", "report_type"],
            "properties": {
                "details": {"type": "string", "maxLength": 2_000},
                "report_type": {"enum": ["SECURITY", "COVERAGE", "TEST", "BUG"]},
                "result": {"enum": ["PASSED", "FAILED", "PENDING"]},
                "data": {"type": "array", "maxItems": 10},
            },
        },
        "annotations": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "array",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["external_id", "annotation_type", "summary"],
                    "properties": {
                        "annotation_type": {"enum": ["VULNERABILITY", "CODE_SMELL", "BUG"]},
                        "summary": {"type": "string", "maxLength": 450, "minLength": 1},
                        "severity": {"enum": ["CRITICAL", "HIGH", "MEDIUM", "LOW"]},
                        "line": {"type": "integer", "minimum": 1},
                    },
                },
            },
        },
    },
}
SCHEMAS = {"gitlab": QUALITY, "sast": SAST, "bitbucket": INSIGHTS}


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the one report that has a time in it."""

    class Clock:
        @staticmethod
        def now(zone: dt.tzinfo) -> dt.datetime:
            return dt.datetime(2026, 1, 1, tzinfo=zone)

    class Module:
        datetime, timezone = Clock, dt.timezone

    monkeypatch.setattr(sast, "dt", Module)


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize(("kind", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, kind: str, report: Report) -> None:
    goldens.compare(f"{kind}.{name}", reports.render(name, report))


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("report", [sample.REPORT, sample.CLEAN, MANY], ids=["sample", "clean", "many"])
def test_the_shape_is_the_documented_one(name: str, report: Report) -> None:
    jsonschema.validate(json.loads(reports.render(name, report)), SCHEMAS[name])


def test_every_issue_of_code_quality_has_a_fingerprint_of_its_own() -> None:
    twice = msgspec.structs.replace(
        sample.REPORT, findings=(sample.HASH,) * 3, unread=sample.REPORT.unread * 2
    )
    issues = json.loads(reports.render("gitlab", twice))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 5


def test_what_is_unread_fails_the_scan() -> None:
    scans = [json.loads(sast.render(report))["scan"]["status"] for report in (sample.REPORT, sample.CLEAN)]
    assert scans == ["failure", "success"]


def test_many_findings_stay_within_what_a_system_takes() -> None:
    for kind, number in (("error", azure.SHOWN // 2 + 1), ("warning", azure.SHOWN)):
        said = [
            line
            for line in azure.render(MANY).splitlines()
            if line.startswith(f"##vso[task.logissue type={kind}")
        ]
        assert len(said) == number + 1
        assert "more of this type" in said[-1]
    assert "same-version-new-hash" in "".join(azure.render(MANY).splitlines()[:60])
    written = json.loads(bitbucket.render(MANY))
    assert sum(map(len, written["annotations"])) == bitbucket.MOST
    assert written["annotations"][0][0]["severity"] == "CRITICAL"
    assert "22,001 more annotations" in written["report"]["details"]
    lines = teamcity.render(MANY).splitlines()
    assert sum(line.startswith("##teamcity[inspection ") for line in lines) == 2 * teamcity.SHOWN
    assert "21,001 more in the JSON report" in lines[-2]
    assert len(buildkite.render(MANY).encode()) <= buildkite.LIMIT


@pytest.mark.parametrize("report", [sample.REPORT, sample.CLEAN, MANY], ids=["sample", "clean", "many"])
def test_junit_counts_what_it_has(report: Report) -> None:
    root = ET.fromstring(reports.render("junit", report))  # noqa: S314  (written by this very test)
    (suite,) = root
    for element in (root, suite):
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(element.attrib[name]) == len(list(suite.iter(tag))), name
    assert len(list(suite.iter("failure"))) == len(report.failing)


@LAW
@given(TEXTS)
def test_a_name_is_only_a_name(name: str) -> None:
    report = sample.named(name)
    for text in (azure.render(report), teamcity.render(report)):
        for line in text.splitlines()[:-1]:
            assert re.match(
                r"##(?:vso\[task\.logissue |teamcity\[(?:inspectionType|inspection|buildProblem) )", line
            )
            (one,) = commands(line.encode())
            assert one.name in {"##vso", "##teamcity"}
            assert "##vso[" not in one.data
            assert "##teamcity[" not in one.data
        assert commands(text.splitlines()[-1].encode()) == []
    for other in ("bitbucket", "buildkite", "gitlab", "junit", "sast"):
        written = reports.render(other, report)
        assert commands(written.encode()) == []
        if other in SCHEMAS:
            jsonschema.validate(json.loads(written), SCHEMAS[other])
    root = ET.fromstring(reports.render("junit", report))  # noqa: S314  (written by this very test)
    case = next(root.iter("testcase"))
    assert case.attrib["file"] == printable(name, 1_000)


@LAW
@given(TEXTS)
def test_azure_and_teamcity_read_the_text_that_was_meant(name: str) -> None:
    report = msgspec.structs.replace(sample.CLEAN, findings=(sample.named(name).findings[1],))
    line = azure.render(report).splitlines()[0]
    told = re.fullmatch(r"##vso\[[^\]]*\](.*)", line)
    assert told is not None
    words = told[1]
    for code, character in (("%5D", "]"), ("%0A", "\n"), ("%0D", "\r"), ("%3B", ";"), ("%AZP25", "%")):
        words = words.replace(code, character)
    assert words == printable(f"file-changed (medium): {name}", 2_000)
    field = re.search(r" message='((?:\|.|[^|'])*)' file=", teamcity.render(report))
    assert field is not None
    assert _untold(field[1]) == printable(name, 2_000)


def _untold(text: str) -> str:
    """Undo the escaping of a service message, as the server does."""
    plain = {"|": "|", "'": "'", "[": "[", "]": "]", "n": "\n", "r": "\r"}
    made = re.sub(
        r"\|(?:0x([0-9A-F]{4})|(.))",
        lambda found: chr(int(found[1], 16)) if found[1] else plain[found[2]],
        text,
    )
    return made.encode("utf-16", "surrogatepass").decode("utf-16")
