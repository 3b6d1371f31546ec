"""SARIF as GitHub takes it: what its documentation asks for, and what Microsoft's validator says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import msgspec
import pytest
from hypothesis import given

from fimci.findings import Report, Severity
from fimci.model import Place, Unread
from fimci.printable import printable
from fimci.reports import sarif
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample

MULTITOOL = shutil.which(
    "Sarif.Multitool", path=os.environ.get("FIMCI_TEST_CLIENTS", "") + os.pathsep + os.environ["PATH"]
)


def run_of(report: Report) -> Any:
    """Return the one run of a log after looking at all that GitHub requires."""
    log = json.loads(sarif.render(report))
    assert log["$schema"].endswith("sarif-2.1.0.json")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        texts = (rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"])
        assert all(texts)
        assert max(map(len, texts[:2])) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        assert result["partialFingerprints"].keys() == {"fimci/v1"}
        assert len(result["locations"]) == 1
    for place in places(run):
        region = place["region"]
        assert 1 <= region["startLine"] == region["endLine"]
        assert 1 == region["startColumn"] < region["endColumn"]
        assert re.fullmatch(r"(?!/)(?:[\w.~/-]|%[0-9A-F]{2})+", place["artifactLocation"]["uri"], re.ASCII)
    return run


def places(run: Any) -> list[Any]:
    holders = [*run["results"], *run["invocations"][0]["toolExecutionNotifications"]]
    return [
        location["physicalLocation"]
        for holder in holders
        for kind in ("locations", "relatedLocations")
        for location in holder.get(kind, ())
    ]


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    goldens.compare(f"{name}.sarif", sarif.render(report))
    run_of(report)


def test_a_rule_has_the_worst_grade_of_this_run() -> None:
    findings = (*sample.many(1, Severity.LOW), *sample.many(1, Severity.CRITICAL))
    run = run_of(msgspec.structs.replace(sample.CLEAN, findings=findings))
    grades = {rule["id"]: rule["properties"]["security-severity"] for rule in run["tool"]["driver"]["rules"]}
    assert grades == {"file-changed": "5.5", "install-script-added": "9.5", "same-version-new-hash": "9.5"}
    assert [result["level"] for result in run["results"]] == ["error", "note"]


def test_what_is_only_for_information_is_no_security_result() -> None:
    findings = sample.many(1, Severity.INFO)
    run = run_of(msgspec.structs.replace(sample.CLEAN, findings=findings))
    assert run["tool"]["driver"]["rules"][1]["properties"] == {"tags": ["supply-chain"]}


def test_a_rule_without_a_page_is_described_all_the_same() -> None:
    run = run_of(msgspec.structs.replace(sample.REPORT, pages={}))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(sample.PAGES)


def test_accepted_findings_are_suppressed_and_the_others_are_not() -> None:
    run = run_of(sample.REPORT)
    suppressions = {result["ruleId"]: result["suppressions"] for result in run["results"][:-1]}
    assert suppressions == {"same-version-new-hash": [], "install-script-added": [], "file-changed": []}
    assert run["results"][-1]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "builds a native module; the script was read (Ada), until 2027-01-31",
        }
    ]


def test_what_could_not_be_looked_at_makes_the_run_unsuccessful() -> None:
    (invocation,) = run_of(sample.REPORT)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    (notification,) = invocation["toolExecutionNotifications"]
    assert (
        notification["message"]["text"]
        == "could not be looked at: packages: is nested deeper than 100 levels"
    )
    assert run_of(sample.CLEAN)["invocations"][0]["executionSuccessful"]


def test_evidence_is_the_snippet_where_it_stands_and_related_elsewhere() -> None:
    result = run_of(sample.REPORT)["results"][1]
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"] == {
        "text": sample.SCRIPT.evidence[0].text
    }
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 1204


def test_too_many_results_are_cut_from_the_mildest_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS_LIMIT", 3)
    monkeypatch.setattr(sarif, "_NOTIFICATIONS_LIMIT", 2)
    unread = tuple(Unread(path=f"{index}.lock", why="is binary") for index in range(6))
    findings = (sample.ACCEPTED, *sample.many(4, Severity.LOW), *sample.many(1, Severity.HIGH))
    run = run_of(msgspec.structs.replace(sample.CLEAN, findings=findings, unread=unread))
    assert [result["level"] for result in run["results"]] == ["error", "note", "note"]
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[2:] == [
        "4 more things could not be looked at",
        "3 more findings; the JSON report lists them all",
    ]


def test_a_link_in_a_name_is_none() -> None:
    finding = msgspec.structs.replace(
        sample.HASH, message="[click](https://host.example)", evidence=(Place("a", 2, "[b](1)"),)
    )
    (result,) = run_of(msgspec.structs.replace(sample.CLEAN, findings=(finding,)))["results"]
    assert result["message"]["text"].startswith(r"[click]\(https://host.example)")


@LAW
@given(TEXTS.filter(lambda name: "\ud800" not in name))
def test_every_uri_decodes_to_the_bytes_of_the_path(name: str) -> None:
    report = sample.named(name)
    run = run_of(report)
    decoded = [unquote_to_bytes(place["artifactLocation"]["uri"]) for place in places(run)]
    finding, *others = report.findings
    paths = [
        finding.path,
        finding.evidence[0].path,
        *(one.path for one in others),
        *(one.path for one in report.unread),
    ]
    assert decoded == [path.encode("utf-8", "surrogateescape") or b"." for path in paths]
    said = run["results"][1]["message"]["text"].replace(r"]\(", "](")
    assert said == (printable(name, 1024).replace(r"]\(", "](") or "file-changed")


@LAW
@given(TEXTS)
def test_no_name_gives_a_command_or_breaks_the_text(name: str) -> None:
    text = sarif.render(sample.named(name))
    assert commands(text.encode()) == []
    json.loads(text)


@pytest.mark.client
@pytest.mark.skipif(MULTITOOL is None, reason="Sarif.Multitool is not installed")
@pytest.mark.parametrize(
    "report", [sample.REPORT, sample.CLEAN, sample.named("\n[x](y) {0} \u202e\udcff ::error::")]
)
def test_the_validator_has_nothing_to_object(report: Report, tmp_path: Path) -> None:
    """Its exit code is always 0; its findings are SARIF again. We have no web page to name (SARIF2005)."""
    assert MULTITOOL is not None
    log, verdicts = tmp_path / "log.sarif", tmp_path / "verdicts.sarif"
    log.write_text(sarif.render(report), encoding="utf-8")
    kinds = ["--rule-kind", "Sarif;Gh;Ghas", "--level", "Error;Warning"]
    subprocess.run([MULTITOOL, "validate", log, *kinds, "-o", verdicts], check=True, capture_output=True)
    results = json.loads(verdicts.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    assert [result for result in results if result["ruleId"] != "SARIF2005"] == []
    schema = Path(os.path.realpath(MULTITOOL)).parent / "sarif-2.1.0.json"
    if schema.exists():
        jsonschema.validate(json.loads(log.read_text()), json.loads(schema.read_text(encoding="utf-8-sig")))
