"""`fimci-report/1`: as its schema says, and exact about every name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import msgspec
import pytest
from hypothesis import given

from fimci.findings import Report
from fimci.printable import printable
from fimci.reports import json as json_report
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/fimci-report-1.json").read_text())


def closed(schema: Any) -> Any:
    """Return a schema that refuses what it does not name; the published one tolerates additions."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {**inner, "additionalProperties": False} if isinstance(schema.get("required"), list) else inner


VALIDATOR = jsonschema.Draft202012Validator(closed(SCHEMA))


def written(report: Report) -> Any:
    value = json.loads(json_report.render(report))
    VALIDATOR.validate(value)
    return value


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    goldens.compare(f"{name}.json", json_report.render(report))
    written(report)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("struct", "schema"),
    [
        (json_report.Document, SCHEMA),
        (json_report.Tool, SCHEMA["properties"]["tool"]),
        (json_report.Subject, SCHEMA["properties"]["subject"]),
        (json_report.Counted, SCHEMA["properties"]["counts"]),
        (json_report.Found, SCHEMA["$defs"]["finding"]),
        (json_report.Accepted, SCHEMA["$defs"]["accepted"]),
        (json_report.Seen, SCHEMA["$defs"]["evidence"]),
        (json_report.Moved, SCHEMA["$defs"]["package"]),
        (json_report.Missed, SCHEMA["$defs"]["unread"]),
    ],
)
def test_the_schema_names_every_field_that_is_written(struct: type, schema: Any) -> None:
    assert {field.name for field in msgspec.structs.fields(struct)} == set(schema["properties"])
    assert set(schema["properties"]) - set(schema["required"]) <= {"path_bytes"}


def exact(named: Any) -> bytes:
    """Return the bytes of a path as a program would get them."""
    if "path_bytes" in named:
        return unquote_to_bytes(named["path_bytes"])
    return str(named["path"]).encode()


@LAW
@given(TEXTS.filter(lambda name: "\ud800" not in name))
def test_every_name_can_be_read_and_every_path_be_opened(name: str) -> None:
    report = sample.named(name)
    value = written(report)
    assert [found["path"] for found in value["findings"]] == [printable(f.path) for f in report.findings]
    assert [found["message"] for found in value["findings"]] == [
        printable(f.message) for f in report.findings
    ]
    for named, raw in (
        (value["findings"][0], name),
        (value["findings"][0]["evidence"][0], f"src/{name}"),
        (value["unread"][1], f"b/{name}"),
        *([(value["packages"][0], name)] if name else []),
    ):
        assert exact(named) == raw.encode("utf-8", "surrogateescape")


@LAW
@given(TEXTS)
def test_no_name_gives_a_command_or_breaks_the_text(name: str) -> None:
    text = json_report.render(sample.named(name))
    assert commands(text.encode()) == []
    assert len(text.splitlines()) >= len(json_report.render(sample.named("name")).splitlines())


def test_a_finding_without_a_line_is_on_the_first() -> None:
    finding = msgspec.structs.replace(sample.HASH, line=0)
    value = written(msgspec.structs.replace(sample.CLEAN, findings=(finding,)))
    assert value["findings"][0]["line"] == 1


def test_a_name_without_end_is_cut_but_its_path_stays_exact() -> None:
    name = "\x1b" * 70_000
    finding = msgspec.structs.replace(sample.BYTES, message=name, path=name)
    (found,) = written(msgspec.structs.replace(sample.CLEAN, findings=(finding,)))["findings"]
    assert len(found["message"]) <= json_report.TEXT_LIMIT
    assert exact(found) == name.encode()
