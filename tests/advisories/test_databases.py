"""Files of OSV records in each form, damaged and hostile ones, and the index that is kept of them."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.advisories import databases, grades, osv
from fimci.advisories.databases import DatabaseError
from fimci.advisories.osv import Affected, Graded, Osv
from fimci.findings import Severity
from fimci.registries.kept import Kept

NOTHING = Kept(None, b"")


def record(name: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "schema_version": "1.7.0",
        "id": f"MAL-2026-{number}",
        "modified": f"2026-11-{number % 28 + 1:02}T10:00:00Z",
        "summary": f"Malicious code in {name}",
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": name},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
            }
        ],
        **more,
    }


RECORDS = [record("left", 1), record("@scope/right", 2), record("left", 3), record('od"d\\', 4)]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def written(form: str, records: list[dict[str, Any]]) -> bytes:
    each = [json.dumps(one).encode() for one in records]
    if form in {"zip", "stored"}:
        members = {f"{one['id']}.json": data for one, data in zip(records, each, strict=True)}
        return zipped({**members, "README": b"no record"}, 0 if form == "stored" else zipfile.ZIP_DEFLATED)
    if form == "lines":
        return b"\n".join(each) + b"\r\n"
    if form == "list":
        return json.dumps(records, indent=1).encode()
    return json.dumps({"vulns": records}).encode()


@pytest.mark.parametrize("form", ["zip", "stored", "lines", "list", "vulns", "folder"])
def test_each_form_says_the_same(form: str, tmp_path: Path) -> None:
    if form == "folder":
        for number, one in enumerate(RECORDS):
            path = tmp_path / "osv" / f"{number}" / "record.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(one, indent=2))
        (tmp_path / "osv" / "README.md").write_text("no record")
        path = tmp_path / "osv"
    else:
        path = tmp_path / "osv"
        path.write_bytes(written(form, RECORDS))
    for _ in range(2):
        found = databases.opened(str(path), Kept(str(tmp_path / "kept"), b"k" * 32))
        names = [
            ("npm", "left"),
            ("npm", "@scope/right"),
            ("npm", 'od"d\\'),
            ("npm", "other"),
            ("pypi", "left"),
        ]
        assert sorted(one.id for _, one in found.about(names)) == [f"MAL-2026-{n}" for n in range(1, 5)]
        assert (found.listing.records, found.listing.damaged) == (4, 0)
        assert found.listing.newest.startswith("2026-11-05")


def test_one_record_is_a_database() -> None:
    for data in (json.dumps(RECORDS[0], indent=2).encode(), json.dumps(RECORDS[0]).encode()):
        found = databases.held("one.json", data, NOTHING, "")
        assert [one.id for _, one in found.about([("npm", "left")])] == ["MAL-2026-1"]


def test_names_are_compared_as_their_ecosystems_do() -> None:
    packages = [("PyPI", "Zope.Interface"), ("GitHub Actions", "Owner/Action"), ("Maven", "org.example:core")]
    records = [
        record("x", number, affected=[{"package": {"ecosystem": ecosystem, "name": name}, "versions": ["1"]}])
        for number, (ecosystem, name) in enumerate(packages)
    ]
    found = databases.held("a.json", written("list", records), NOTHING, "")
    assert set(found.listing.places) == {
        "pypi zope-interface", "githubactions owner/action", "maven org.example/core",
    }  # fmt: skip


def test_withdrawn_records_name_nothing() -> None:
    withdrawn = record("left", withdrawn="2026-11-20T00:00:00Z")
    found = databases.held("a.json", written("lines", [withdrawn, record("right")]), NOTHING, "")
    assert set(found.listing.places) == {"npm right"}


def test_an_index_is_used_again_and_made_anew_for_another_file(tmp_path: Path) -> None:
    path, kept = tmp_path / "osv.zip", Kept(str(tmp_path / "kept"), b"k" * 32)
    path.write_bytes(written("zip", RECORDS))
    databases.opened(str(path), kept)
    (index,) = (tmp_path / "kept" / "answers").iterdir()
    path.write_bytes(written("zip", [record("other")]))
    os.utime(path, (time.time() + 10, time.time() + 10))
    assert set(databases.opened(str(path), kept).listing.places) == {"npm other"}
    # What somebody else wrote into the folder has no seal that holds.
    index.write_bytes(index.read_bytes()[:-1] + b"\xff")
    assert set(databases.opened(str(path), kept).listing.places) == {"npm other"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"\0\1\2",
        b"PK\3\4 and no directory",
        b"[1, 2, 3]",
        b"[" * 100_000,
        b'{"a": ' * 100_000,
        b'{"vulns": 7}',
        b'"a string"',
        zipped({"README": b"nothing"}),
    ],
)
def test_what_is_no_database_is_refused(data: bytes) -> None:
    with pytest.raises(DatabaseError):
        databases.held("osv", data, NOTHING, "")


@pytest.mark.parametrize(
    "damaged",
    [
        b"not JSON",
        b'{"id": 7, "modified": "2026-11-01"}',
        b'{"modified": "2026-11-01T00:00:00Z"}',
        b'{"id": "A", "modified": "2026-11-01", "affected": {"package": 1}}',
        b'{"id": "A", "modified": "2026-11-01", "affected": ' + b"[" * 5_000,
        b"\xff\xfe\0",
        b"",
    ],
)
def test_damaged_records_are_counted_and_the_others_read(damaged: bytes) -> None:
    data = zipped({"broken.json": damaged, "good.json": json.dumps(RECORDS[0]).encode()})
    found = databases.held("osv.zip", data, NOTHING, "")
    assert (found.listing.records, found.listing.damaged) == (1, 1)
    assert [one.id for _, one in found.about([("npm", "left")])] == ["MAL-2026-1"]


def test_a_bomb_is_no_record() -> None:
    bomb = b'{"id": "A", "modified": "' + b" " * (osv.LIMIT + 10) + b'"}'
    data = zipped({"bomb.json": bomb, "good.json": json.dumps(RECORDS[0]).encode()})
    found = databases.held("osv.zip", data, NOTHING, "")
    assert (found.listing.records, found.listing.damaged) == (1, 1)


def test_a_record_whose_details_are_wrong_is_damaged_when_it_is_asked_for() -> None:
    wrong = record("left", affected=[{"package": {"ecosystem": "npm", "name": "left"}, "versions": "all"}])
    found = databases.held("a.json", written("lines", [wrong, record("right")]), NOTHING, "")
    assert list(found.about([("npm", "left")])) == []
    assert (found.listing.damaged, found.listing.first) == (1, "one about left")


@settings(max_examples=100)
@given(st.binary(max_size=300), st.integers(0, 2000), st.sampled_from(["zip", "lines", "list", "vulns"]))
def test_no_damage_is_more_than_a_refusal(noise: bytes, at: int, form: str) -> None:
    data = written(form, RECORDS)
    at %= len(data)
    try:
        found = databases.held("osv", data[:at] + noise + data[at + len(noise) :], NOTHING, "")
        list(found.about([("npm", "left"), ("npm", "@scope/right")]))
    except DatabaseError:
        pass


@pytest.mark.parametrize(
    ("vector", "severity"),
    [
        (("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), Severity.CRITICAL),
        (("CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"), Severity.MEDIUM),
        (("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"), Severity.HIGH),
        (("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"), Severity.INFO),
        (("CVSS_V3", "CVSS:3.1/AV:N"), None),
        (("CVSS_V3", "CVSS:4.0/AV:N"), None),
        (("CVSS_V4", ""), None),
        (("CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N/A:C"), None),
        (("CVSS_V3", "CVSS:3.1/" + "AV:N/" * 10_000), None),
        (("Ubuntu", "high"), None),
    ],
)
def test_vectors(vector: tuple[str, str], severity: Severity | None) -> None:
    assert grades.scored_as(Graded(*vector)) is severity


def test_the_worst_score_counts_and_words_where_there_is_none() -> None:
    low = Graded("CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N")
    high = Graded("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")
    words = {"severity": "MODERATE"}
    one = Osv("A", "2026", severity=(low, high), database_specific=words)
    assert grades.grade(one, Affected()) is Severity.HIGH
    assert grades.grade(Osv("A", "2026", database_specific=words), Affected()) is Severity.MEDIUM
    said = Affected(ecosystem_specific={"severity": "CRITICAL"})
    assert grades.grade(Osv("A", "2026", database_specific="odd"), said) is Severity.CRITICAL
    assert grades.grade(Osv("A", "2026", database_specific={"severity": 7}), Affected()) is Severity.MEDIUM


@settings(max_examples=100)
@given(st.text(max_size=80), st.sampled_from(["CVSS_V3", "CVSS_V4"]))
def test_no_vector_breaks_it(text: str, kind: str) -> None:
    assert grades.scored_as(Graded(kind, text)) is None
    grades.scored_as(Graded(kind, "CVSS:3.1/" + text))


@pytest.mark.parametrize(
    ("one", "malicious"),
    [
        (Osv("MAL-2026-1", "2026"), True),
        (Osv("GHSA-1", "2026", aliases=("CVE-1", "MAL-2025-7")), True),
        (Osv("GHSA-1", "2026", database_specific={"cwe_ids": ["CWE-506"]}), True),
        (Osv("X-1", "2026", database_specific={"malicious-packages-origins": []}), True),
        (Osv("GHSA-1", "2026", database_specific={"cwe_ids": ["CWE-79"]}), False),
        (Osv("NORMAL-1", "2026"), False),
    ],
)
def test_malice(one: Osv, *, malicious: bool) -> None:
    assert osv.is_malicious(one) is malicious
