"""From a database to findings: what a change brings, what was there, is installed, or nobody knows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fimci import check, cli
from fimci.advisories import databases
from fimci.advisories.known import Known
from fimci.errors import ConfigurationError, UsageError
from fimci.findings import Report
from fimci.model import Advisory, Digest, Package, Place
from fimci.registries.kept import Kept
from fimci.request import Request
from tests import repository

TODAY = dt.date(2026, 11, 26)
HIGH = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    repository.seal(monkeypatch)
    monkeypatch.setenv("FIMCI_CACHE_DIR", "off")


def record(name: str, identity: str, *events: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "modified": "2026-11-20T10:00:00Z",
        "summary": f"About {name}",
        "affected": [
            {
                "package": {"ecosystem": more.pop("ecosystem", "npm"), "name": name},
                "ranges": [{"type": "SEMVER", "events": list(events)}],
            }
        ],
        **more,
    }


MALICE = record("evil", "MAL-2026-1", {"introduced": "0"})
HOLE = record("left", "GHSA-aaaa-bbbb-cccc", {"introduced": "1.1.0"}, {"fixed": "1.2.3"}, severity=HIGH)


def database(*records: dict[str, Any]) -> str:
    return "\n".join(json.dumps(one) for one in records)


def lock(**packages: str) -> str:
    entries: dict[str, Any] = {"": {"dependencies": dict.fromkeys(packages, "*")}}
    for name, version in packages.items():
        entries[f"node_modules/{name}"] = {
            "version": version,
            "resolved": f"https://registry.example/{name}/-/{name}-{version}.tgz",
            "integrity": "sha512-" + "A" * 86 + "==",
        }
    return json.dumps({"name": "a", "lockfileVersion": 3, "packages": entries}, indent=2)


def judged(where: Path, **more: Any) -> Report:
    return check.check(Request(path=str(where), today=TODAY, **more))


def said(report: Report) -> list[str]:
    return [f"{f.severity}: {f.rule}: {f.package}" for f in report.findings if f.rule.startswith("known-")]


def test_what_a_change_brings_in_is_told_and_what_was_there_is_not(tmp_path: Path) -> None:
    osv = tmp_path / "osv.jsonl"
    osv.write_text(database(MALICE, HOLE))
    where = repository.create(tmp_path / "a", {"package-lock.json": lock(left="1.0.0")})
    repository.write(where, {"package-lock.json": lock(left="1.1.0")})
    report = judged(where, osv=str(osv))
    assert said(report) == ["high: known-vulnerable: pkg:npm/left@1.1.0"]
    assert "fixed in 1.2.3" in report.findings[0].message
    assert report.exit_code == 1
    assert any("2 records, the newest of 2026-11-20 (6 days ago)" in note for note in report.notes)
    repository.commit(where)
    repository.write(where, {"package-lock.json": lock(left="1.2.0", right="1.0.0")})
    assert said(judged(where, osv=str(osv))) == []
    repository.write(where, {"package-lock.json": lock(left="1.2.0", evil="1.0.0")})
    assert said(judged(where, osv=str(osv))) == ["critical: known-malicious: pkg:npm/evil@1.0.0"]
    repository.commit(where)
    # Malice is told as long as it is there.
    repository.write(where, {"package-lock.json": lock(left="1.2.0", evil="1.0.0", right="1.0.0")})
    assert said(judged(where, osv=str(osv))) == ["critical: known-malicious: pkg:npm/evil@1.0.0"]


def test_policy_names_a_file_of_the_base_and_never_that_of_the_change(tmp_path: Path) -> None:
    files = {
        "fimci.toml": 'osv = "known/osv.jsonl"\n',
        "known/osv.jsonl": database(MALICE),
        "package-lock.json": lock(left="1.0.0"),
    }
    where = repository.create(tmp_path / "a", files)
    repository.write(
        where, {"package-lock.json": lock(evil="1.0.0"), "known/osv.jsonl": database(record("x", "MAL-2"))}
    )
    assert said(judged(where)) == ["critical: known-malicious: pkg:npm/evil@1.0.0"]


@pytest.mark.parametrize("path", ["missing.jsonl", "/nowhere/osv.zip"])
def test_a_policy_that_names_nothing_is_an_error(path: str, tmp_path: Path) -> None:
    where = repository.create(tmp_path / "a", {"fimci.toml": f'osv = "{path}"\n'})
    with pytest.raises(ConfigurationError, match="osv = "):
        judged(where)


def test_an_option_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    where = repository.create(tmp_path / "a", {"a": ""})
    with pytest.raises(UsageError, match="--osv"):
        judged(where, osv=str(tmp_path / "missing.zip"))


def test_a_baseline_speaks_of_what_came_since(tmp_path: Path) -> None:
    osv = tmp_path / "osv.json"
    osv.write_text(database(HOLE, MALICE))
    where = tmp_path / "a"
    repository.write(where, {"package-lock.json": lock(left="1.1.0")})
    assert cli.main(["baseline", str(where)]) == 0
    assert said(judged(where, osv=str(osv))) == []
    repository.write(where, {"package-lock.json": lock(left="1.1.0", evil="2.0.0")})
    assert said(judged(where, osv=str(osv))) == ["critical: known-malicious: pkg:npm/evil@2.0.0"]


def installed(name: str, version: str, ecosystem: str = "npm", origin: Any = "registry") -> Package:
    return Package(
        ecosystem=ecosystem, name=name, version=version, place=f"a#{name}@{version}", stated_by="disk",
        origin_kind=origin, integrity=(Digest("sha256", "00"),), at=Place("a", 3),
    )  # fmt: skip


def known(*records: dict[str, Any]) -> Known:
    return Known(databases.held("osv", database(*records).encode(), Kept(None, b""), ""))


def test_an_inspection_tells_all_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    osv = tmp_path / "osv.json"
    osv.write_text(database(HOLE, MALICE))
    tree = {
        f"node_modules/{name}/package.json": json.dumps({"name": name, "version": version})
        for name, version in (("left", "1.1.0"), ("evil", "1.0.0"), ("right", "1.0.0"))
    }
    repository.write(tmp_path / "a", tree)
    assert cli.main(["inspect", f"node:{tmp_path / 'a'}", "--osv", str(osv)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "evil 1.0.0 is known to be malicious (MAL-2026-1)" in told
    assert "left 1.1.0 has 1 known vulnerability: GHSA-aaaa-bbbb-cccc (About left); fixed in 1.2.3" in told
    assert "right" not in told


def test_malice_that_is_installed_is_told(tmp_path: Path) -> None:
    osv = tmp_path / "osv.json"
    osv.write_text(database(HOLE, MALICE))
    where = repository.create(tmp_path / "a", {".gitignore": "node_modules/\n"})
    repository.write(
        where,
        {
            f"node_modules/{name}/package.json": json.dumps({"name": name, "version": "1.1.0"})
            for name in ("left", "evil")
        },
    )
    report = judged(where, osv=str(osv), installed=True)
    assert said(report) == ["critical: known-malicious: pkg:npm/evil@1.1.0"]


def test_what_cannot_be_put_in_order_is_unread_and_not_clean(tmp_path: Path) -> None:
    osv = tmp_path / "osv.json"
    osv.write_text(database(record("left", "GHSA-1", {"introduced": "0"}, {"fixed": "the next one"})))
    where = repository.create(tmp_path / "a", {"package-lock.json": lock(right="1.0.0")})
    repository.write(where, {"package-lock.json": lock(right="1.0.0", left="1.0.0")})
    report = judged(where, osv=str(osv))
    (unread,) = report.unread
    assert (unread.part, unread.line) == ("left@1.0.0", 17)
    assert "cannot be put in order" in unread.why
    repository.commit(where)
    repository.write(where, {"package-lock.json": lock(right="1.0.1", left="1.0.0")})
    assert judged(where, osv=str(osv)).complete


def test_damaged_records_make_a_check_incomplete(tmp_path: Path) -> None:
    osv = tmp_path / "osv.jsonl"
    osv.write_text(database(HOLE) + "\n{broken\n")
    where = repository.create(tmp_path / "a", {"package-lock.json": lock(left="1.0.0")})
    report = judged(where, osv=str(osv))
    assert report.exit_code == 3
    assert report.unread[0].why == "1 record cannot be read, the first is number 2"


def test_one_thing_under_several_ids_is_told_once() -> None:
    ghsa = record("left", "GHSA-1", {"introduced": "0"}, aliases=["CVE-2026-1"])
    pysec = record("left", "PYSEC-2026-1", {"introduced": "0"}, aliases=["CVE-2026-1", "GHSA-1"])
    assert [one.id for one in known(pysec, ghsa).of([installed("left", "1.0.0")])] == ["GHSA-1"]


def test_what_comes_from_no_registry_is_not_asked_about() -> None:
    mine = [installed("evil", "1.0.0", origin=kind) for kind in ("workspace", "link", "directory", "virtual")]
    assert known(MALICE).of(mine) == []
    (told,) = known(MALICE).of([installed("evil", "1.0.0", origin="tarball")])
    assert (told.malicious, told.severity, told.versions) == (True, "critical", ("1.0.0",))


def test_several_versions_of_a_name_are_one_record() -> None:
    found = known(HOLE).of(
        [installed("left", "1.1.0"), installed("left", "1.2.0"), installed("left", "1.2.3")]
    )
    assert [(one.versions, one.fixed) for one in found] == [(("1.1.0", "1.2.0"), ("1.2.3",))]
    assert isinstance(found[0], Advisory)


@pytest.mark.parametrize(
    ("day", "told"),
    [("2026-11-26", "(0 days ago)"), ("2026-11-01", "(25 days ago), which is old: fetch it anew")],
)
def test_the_age_is_told(day: str, told: str) -> None:
    assert known({**HOLE, "modified": f"{day}T00:00:00Z"}).note(TODAY).endswith(told)
    assert known({**HOLE, "modified": "yesterday"}).note(TODAY).endswith("of an unknown day")
