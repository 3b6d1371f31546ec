"""What a verdict makes of holes: what nobody could look at is not told as gone."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from fimci.findings import Report
from fimci.model import Capability, Digest, File, Package, Place, Record, Setting, Unread
from fimci.policy import Policy
from fimci.snapshot import Recipe, Snapshot
from fimci.verdict import judge

SOME = Digest("sha256", "ab" * 32)


def file(path: str, digest: Digest | None = SOME) -> File:
    return File(path=path, size=1, mode=0o644, digest=digest) if digest else File(path=path, mode=0o644)


def folder(path: str) -> File:
    return File(path=path, kind="directory", size=None, mode=0o755, digest=None)


def package(path: str) -> Package:
    return Package(ecosystem="npm", name="left", place=f"{path}#left", stated_by="lock", at=Place(path))


def setting(path: str) -> Setting:
    return Setting(path=path, name="registry", value="x", at=Place(path))


def judged(left: list[Record], right: list[Record]) -> Report:
    old, new = (
        Snapshot(locator="x", recipe=Recipe(), records=sorted(side, key=lambda record: record.key))
        for side in (left, right)
    )
    return judge(old, new, Policy(), today=dt.date(2026, 11, 1), sealed=True)


BEFORE: list[Record] = [
    folder("d"), folder("d/e"), file("d/a"), file("d/e/b"), file("da"),
    package("d/package-lock.json"), setting("d/e/.npmrc"), setting(".npmrc"), file(".npmrc"),
    Capability(path="d/a", name="network", subject="x", at=Place("d/a")),
]  # fmt: skip


def test_below_a_folder_that_cannot_be_listed_nothing_is_gone() -> None:
    now: list[Record] = [folder("d"), file("da"), file(".npmrc"), setting(".npmrc")]
    closed = Unread(path="d", why="permission denied", part="members")
    report = judged(BEFORE, [*now, closed])
    assert report.counts.changes == 1
    assert [(f.rule, f.path) for f in report.findings] == [("unread", "d")]
    assert report.exit_code == 3
    assert judged(BEFORE, now).exit_code == 1, "without the hole it is gone"


def test_beside_such_a_folder_what_is_gone_is_told() -> None:
    now: list[Record] = [folder("d"), file(".npmrc"), setting(".npmrc")]
    report = judged(BEFORE, [*now, Unread(path="d", why="permission denied", part="members")])
    assert {f.path for f in report.findings} == {"d", "da"}
    assert report.exit_code == 1


@pytest.mark.parametrize("known", [True, False], ids=["its kind is known", "not even that"])
def test_what_was_said_of_a_file_that_cannot_be_read_is_not_taken_back(*, known: bool) -> None:
    now = [record for record in BEFORE if getattr(record, "path", "") != ".npmrc"]
    if known:
        now.append(file(".npmrc", None))
    report = judged(BEFORE, [*now, Unread(path=".npmrc", why="permission denied")])
    assert [(f.rule, f.path) for f in report.findings] == [("unread", ".npmrc")]
    assert report.exit_code == 3


@pytest.mark.parametrize("name", ["digest", "size", "mode"])
def test_a_fact_that_the_baseline_does_not_state_is_not_taken_for_equal(name: str) -> None:
    bare = msgspec.structs.replace(file("a"), **{name: None})
    report = judged([bare], [file("a")])
    assert report.exit_code == 3
    assert [unread.why for unread in report.unread] == [f"its {name} cannot be told on both sides"]
    assert judged([bare], [bare]).exit_code == 0


def test_what_a_reader_could_not_make_sense_of_was_read_all_the_same() -> None:
    now = [record for record in BEFORE if record.key != setting(".npmrc").key]
    report = judged(BEFORE, [*now, Unread(path=".npmrc", why="not an INI file")])
    assert report.counts.changes == 2, "the setting is gone, and the hole is new"
