"""Reports for a SIEM: read back by parsers written from the specifications, each is only data."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given

from fimci import reports
from fimci.findings import FileChange, Report, Severity
from fimci.printable import cut, printable
from fimci.reports import events
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, published, sample

NEW = ("cef", "ecs", "ocsf", "syslog")
EVERYTHING = [sample.REPORT, sample.CLEAN]
NAMES = (
    "a\nb", "a\r\nCEF:0|x|y|1|2|3|4|", "a|b\\|c\\", 'x"] [evil@1 a="b"]', "k=v msg=clean", "\\", "\\=", "]",
    "\x00\x1b[2J\x7f", "\udcff\ud800", "\u2028<13>1 - - - - - -", "\ufeff", "café 名前", " lead and trail ",
    "\U0001f600" * 5_000, '\\"]' * 5_000,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, name the machine and the run."""
    monkeypatch.setattr(
        events, "now", lambda: dt.datetime(2026, 1, 1, 12, 0, 0, 7000, tzinfo=dt.timezone.utc)
    )
    monkeypatch.setattr(events, "here", lambda: "build-7")
    monkeypatch.setattr(events, "run", lambda: uuid.UUID(int=7))


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize(("kind", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, kind: str, report: Report) -> None:
    goldens.compare(f"{kind}.{name}", reports.render(name, report))


@pytest.mark.parametrize("name", NEW)
def test_a_line_for_each_thing(name: str) -> None:
    for report in (sample.REPORT, sample.CLEAN, *map(sample.named, NAMES)):
        text = reports.render(name, report)
        assert text.endswith("\n")
        assert len(text.splitlines()) == text.count("\n") == len(report.findings) + len(report.unread) + 1
        assert commands(text.encode()) == []


def test_every_event_has_an_identity_of_its_own() -> None:
    found = [json.loads(line)["event"]["id"] for line in reports.render("ecs", sample.REPORT).splitlines()]
    assert len(set(found)) == len(found)


def test_two_runs_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    first, second = (list(events.events(sample.REPORT)) for _ in range(2))
    assert not {one.uid for one in first} & {one.uid for one in second}
    assert [one.fingerprint for one in first] == [one.fingerprint for one in second]


def test_the_machine_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("FIMCI_HOST", "web 1\n")
    assert events.here() == "web 1\\n"
    (event,) = events.events(sample.CLEAN)
    assert event.time <= dt.datetime.now(dt.timezone.utc)


# CEF


class Cef(NamedTuple):
    header: list[str]
    extension: dict[str, str]


def read_cef(line: str) -> Cef:
    """Read a line as the Implementation Standard of the Common Event Format says (ArcSight, version 26)."""
    assert line.startswith("CEF:0|")
    header: list[str] = []
    at, field = len("CEF:0|"), ""
    while len(header) < 6:
        if line[at] == "\\":
            assert line[at + 1] in "\\|", "only these are escaped in a header"
            field, at = field + line[at + 1], at + 2
        elif line[at] == "|":
            header.append(field)
            field, at = "", at + 1
        else:
            field, at = field + line[at], at + 1
    extension: dict[str, str] = {}
    key, text = "", ""
    while at < len(line):
        if line[at] == "\\":
            text, at = text + {"n": "\n", "r": "\r", "=": "=", "\\": "\\"}[line[at + 1]], at + 2
        elif line[at] == "=":
            before, _, name = text.rpartition(" ")
            assert re.fullmatch(r"[A-Za-z0-9]+", name)
            if key:
                extension[key] = before
            assert name not in extension
            key, text, at = name, "", at + 1
        else:
            text, at = text + line[at], at + 1
    return Cef(header, {**extension, key: text})


#: From the dictionary of extensions: the longest text of each key.
CEF_LENGTHS = {
    "rt": 13, "dvchost": 100, "externalId": 40, "cat": 1023, "act": 63, "outcome": 63, "msg": 1023,
    "filePath": 1023, "fname": 1023, "reason": 1023, "cn1": 19, "cn1Label": 1023,
    **{f"cs{n}": 4000 for n in range(1, 7)}, **{f"cs{n}Label": 1023 for n in range(1, 7)},
}  # fmt: skip


def check_cef(report: Report) -> list[Cef]:
    lines = [read_cef(line) for line in reports.render("cef", report).splitlines()]
    for one in lines:
        assert one.header[:2] == ["fimci", "fimci"]
        assert len(one.header[4]) <= 512
        assert 0 <= int(one.header[5]) <= 10
        assert {key: len(text) for key, text in one.extension.items() if len(text) > CEF_LENGTHS[key]} == {}
    return lines


@LAW
@given(TEXTS)
def test_cef_reads_back_what_was_meant(name: str) -> None:
    check_name_in_cef(name)


@pytest.mark.parametrize("name", NAMES)
def test_cef_takes_hostile_names(name: str) -> None:
    check_name_in_cef(name)


def check_name_in_cef(name: str) -> None:
    lines = check_cef(sample.named(name))
    (first,) = (one for one in lines if one.header[3] == "install-script-added")
    shown = printable(name, events.TEXT_LIMIT)
    assert first.extension.get("filePath", "") == cut(shown, 1_023)
    assert first.extension["msg"] == cut(
        printable(f"new postinstall script: {name}", events.TEXT_LIMIT), 1_023
    )
    accepted = [one for one in lines if one.extension.get("act") == "accepted"]
    assert [one.extension.get("reason", "") for one in accepted] == [cut(shown, 1_023)]


# RFC 5424

SYSLOG = re.compile(
    r"<(?P<pri>[1-9]?\d|1[0-8]\d|19[01])>1 "
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) "
    r"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) "
    r"(?P<kind>[!-~]{1,32}) (?P<rest>\[.*)",
)


class Syslog(NamedTuple):
    header: dict[str, str]
    data: dict[str, str]
    message: str


def read_syslog(line: str) -> Syslog:
    """Read a message by the grammar of RFC 5424, section 6, with one element of structured data."""
    found = SYSLOG.fullmatch(line)
    assert found is not None, line
    rest = found["rest"]
    element = re.match(r"\[[!#-<>-\\^-~]{1,32}", rest)
    assert element is not None
    at, data = element.end(), {}
    while rest[at] == " ":
        name = re.compile(r'([!#-<>-\\^-~]{1,32})="').match(rest, at + 1)
        assert name is not None
        at, text = name.end(), ""
        while rest[at] != '"':
            assert rest[at] != "]", "must be escaped"
            if rest[at] == "\\" and rest[at + 1] in '"\\]':
                at += 1
            text, at = text + rest[at], at + 1
        data[name[1]], at = text, at + 1
    assert rest[at : at + 2] == "] "
    message = rest[at + 2 :]
    assert message.isascii() or message[0] == "\ufeff", "MSG-UTF8 begins with the mark"
    return Syslog(found.groupdict(), data, message.removeprefix("\ufeff"))


@LAW
@given(TEXTS)
def test_syslog_reads_back_what_was_meant(name: str) -> None:
    check_name_in_syslog(name)


@pytest.mark.parametrize("name", NAMES)
def test_syslog_takes_hostile_names(name: str) -> None:
    check_name_in_syslog(name)


def check_name_in_syslog(name: str) -> None:
    lines = reports.render("syslog", sample.named(name)).splitlines()
    assert max(len(line.encode()) for line in lines) < 8_192
    told = [read_syslog(line) for line in lines]
    (first,) = (one for one in told if one.data["rule"] == "install-script-added")
    shown = printable(name, events.TEXT_LIMIT)
    assert first.data.get("path", "") == cut(shown, 512)
    words = printable(f"new postinstall script: {name}", events.TEXT_LIMIT)
    assert first.message == cut(f"install-script-added: {words}", 512)
    assert first.header["pri"] == str(13 * 8 + 3)


def test_the_header_of_syslog_has_no_name_that_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "here", lambda: "büro 7")
    finding = msgspec.structs.replace(sample.HASH, rule="a rule\nof " + "x" * 50)
    for line in reports.render(
        "syslog", msgspec.structs.replace(sample.CLEAN, findings=(finding,))
    ).splitlines():
        assert read_syslog(line).header["host"] == "b_ro_7"


# ECS and OCSF


def check_json(report: Report) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the events of both schemas, after both were checked."""
    elastic, open_ = (
        [json.loads(line) for line in reports.render(name, report).splitlines()] for name in ("ecs", "ocsf")
    )
    for event in elastic:
        assert list(published.faults_of_ecs(event)) == []
        assert re.search(r"T\d\d:\d\d:\d\d\.\d{3}Z$", event["@timestamp"])
        assert event["ecs"]["version"] == published.ECS["version"]
    for event in open_:
        assert list(published.faults_of_ocsf(event)) == []
        assert event["time"] >= 1_000_000_000_000, "milliseconds"
    return elastic, open_


#: What no schema allows, one by one: a test that finds no fault must be able to find these.
FAULTS: list[tuple[str, list[str | int], Any, str]] = [
    ("ecs", ["event", "kind"], "finding", "event.kind is no keyword"),
    ("ecs", ["event", "category"], "file", "event.category is no array"),
    ("ecs", ["event", "type"], ["group"], "event.type group does not go with"),
    ("ecs", ["event", "severity"], "73", "event.severity is no long"),
    ("ecs", ["file", "line"], 3, "file.line is no field"),
    ("ecs", ["ecs"], {}, "ecs.version is missing"),
    ("ocsf", ["severity_id"], 7, "severity_id is none of the values"),
    ("ocsf", ["severity"], "Grave", "severity_id is 'Critical'"),
    ("ocsf", ["time"], "now", "time is no long_t"),
    ("ocsf", ["device"], {"type_id": 0, "hostname": "a"}, "device. has 0 of"),
    ("ocsf", ["device", "hostname"], "b_ro 7", "device.hostname is no hostname_t"),
    ("ocsf", ["evidences"], {}, "evidences is no array"),
    ("ocsf", ["evidences", 0, "file", "line"], 3, "evidences.file.line is no attribute of File"),
    ("ocsf", ["finding_info"], {"title": "x"}, "finding_info.uid is missing"),
    ("ocsf", ["type_uid"], 200402, "type_uid is not of the class"),
    ("ocsf", ["metadata", "version"], "1.2.0", "is of another version"),
]


@pytest.mark.parametrize(("name", "place", "value", "fault"), FAULTS, ids=lambda one: str(one)[:40])
def test_a_fault_is_found(name: str, place: list[str | int], value: Any, fault: str) -> None:
    event = json.loads(reports.render(name, sample.REPORT).splitlines()[0])
    *above, last = place
    part: Any = event
    for key in above:
        part = part[key]
    part[last] = value
    check = published.faults_of_ecs if name == "ecs" else published.faults_of_ocsf
    assert any(fault in one for one in check(event))


@pytest.mark.parametrize("report", EVERYTHING, ids=["sample", "clean"])
def test_the_schemas(report: Report) -> None:
    elastic, open_ = check_json(report)
    assert [one["class_uid"] for one in open_[:-1]] == [2004] * (len(open_) - 1)
    assert open_[-1]["num_skipped_items"] == len(report.unread)
    assert elastic[-1]["event"]["dataset"] == "fimci.run"


@LAW
@given(TEXTS)
def test_json_reads_back_what_was_meant(name: str) -> None:
    check_name_in_json(name)


@pytest.mark.parametrize("name", NAMES)
def test_json_takes_hostile_names(name: str) -> None:
    check_name_in_json(name)


def check_name_in_json(name: str) -> None:
    elastic, open_ = check_json(sample.named(name))
    shown = printable(name, events.TEXT_LIMIT)
    assert elastic[0].get("file", {}).get("path", "") == shown
    assert open_[0]["evidences"][1]["file"]["path"] == (shown or ".")
    assert max(len(json.dumps(one)) for one in elastic + open_) < 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_every_change_is_an_event_where_all_are_asked_for(name: str) -> None:
    digest = f"sha256:{'ab' * 32}"
    files = (
        FileChange(f"new/{name}", "added", (), digest),
        FileChange(name, "changed", ("mode", "digest"), digest),
        FileChange(f"old/{name}", "removed"),
    )
    report = msgspec.structs.replace(sample.CLEAN, files=files)
    elastic, open_ = check_json(report)
    assert [one["event"]["type"] for one in elastic] == [["creation"], ["change"], ["deletion"], ["info"]]
    assert [one.get("file", {}).get("hash") for one in elastic] == [{"sha256": "ab" * 32}] * 2 + [None] * 2
    assert [one["event"]["kind"] for one in elastic] == ["event"] * 4
    assert [one["severity_id"] for one in open_] == [1] * 4
    assert len({one["finding_info"]["uid"] for one in open_[:-1]}) == len(files)
    assert [one.extension["cat"] for one in check_cef(report)] == ["fimci/change"] * 3 + ["fimci/run"]
    told = [read_syslog(line) for line in reports.render("syslog", report).splitlines()]
    assert [one.data["kind"] for one in told] == ["change"] * 3 + ["run"]


@pytest.mark.parametrize("name", ["build-7.example", "b_ro 7", "büro", "x" * 5_000, "a\nb"])
def test_whatever_a_machine_is_called_the_schemas_hold(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("FIMCI_HOST", name)
    _, open_ = check_json(sample.CLEAN)
    assert open_[-1]["device"]["name"] == events.here()
    assert ("hostname" in open_[-1]["device"]) == (name == "build-7.example")


def test_what_was_accepted_is_no_alert() -> None:
    elastic, open_ = check_json(sample.REPORT)
    assert [one["event"]["kind"] for one in elastic] == ["alert", "alert", "event", "alert", "event", "event"]
    assert [one["status_id"] for one in open_[:-1]] == [1, 1, 3, 1, 1]
    assert [one["severity_id"] for one in open_] == [5, 4, 4, 3, 4, 1]


def test_a_package_is_named_as_it_is() -> None:
    elastic, _ = check_json(sample.REPORT)
    assert elastic[1]["package"] == {
        "reference": "pkg:npm/%40scope/right@1.0.1",
        "type": "npm",
        "name": "%40scope/right",
        "version": "1.0.1",
    }


def test_every_severity_has_its_grade() -> None:
    findings = tuple(msgspec.structs.replace(sample.HASH, severity=severity) for severity in Severity)
    report = msgspec.structs.replace(sample.CLEAN, findings=findings)
    assert [one.header[5] for one in check_cef(report)] == ["10", "8", "6", "3", "1", "1"]
    lines = reports.render("syslog", report).splitlines()
    assert [int(read_syslog(line).header["pri"]) - 104 for line in lines] == [2, 3, 4, 5, 6, 6]
