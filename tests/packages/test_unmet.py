"""Who gets what: in lockfiles of real clients, what each accepts, but where an override says otherwise."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from fimci.compare import compare
from fimci.model import File, Package, Record, Setting
from fimci.packages import unmet as module
from fimci.packages.unmet import Skipped, Unmet, unmet
from fimci.readers.locks import bun, composer, gemfile_lock, npm, nuget, pdm, poetry, yarn_berry, yarn_classic
from fimci.rules import lock_drift
from tests.rules.stated import file
from tests.rules.stated import npm as entry

FIXTURES = Path(__file__).parents[2] / "fixtures"
READERS: dict[str, tuple[Any, ...]] = {
    "package-lock.json": (npm,),
    "bun.lock": (bun,),
    "yarn.lock": (yarn_classic, yarn_berry),
    "poetry.lock": (poetry,),
    "pdm.lock": (pdm,),
    "Gemfile.lock": (gemfile_lock,),
    "composer.lock": (composer,),
    "packages.lock.json": (nuget,),
}
FOLDERS = {
    "poetry": "poetry.lock",
    "pdm": "pdm.lock",
    "gemfile": "Gemfile.lock",
    "composer": "composer.lock",
    "nuget": "packages.lock.json",
}
REAL = sorted(
    path
    for path in (
        *FIXTURES.glob("locks/*/*.lock*"),
        *FIXTURES.glob("locks/*/package-lock.json"),
        *FIXTURES.glob("updates/*/*/*lock*"),
    )
    if path.suffix in {".gz", ".lock", ".json"}
    and (path.parent.name in FOLDERS or path.name.removesuffix(".gz") in READERS)
)


def records(path: Path) -> tuple[str, list[Record]]:
    name = FOLDERS.get(path.parent.name, path.name.removesuffix(".gz"))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return name, [record for reader in READERS[name] for record in reader.read(name, data)]


@pytest.mark.parametrize("path", REAL, ids=lambda path: "-".join(path.parts[-3:]))
def test_every_release_of_a_real_lock_got_what_it_asks_for(path: Path) -> None:
    name, found = records(path)
    # As if all of it were new: every entry had other words before.
    before: list[Record] = [
        File(path=name),
        *(one for one in found if isinstance(one, Setting) and "override" in one.name),
    ]
    after = sorted([File(path=name), *found], key=lambda record: record.key)
    assert any(isinstance(one, Package) for one in found)
    assert list(unmet(list(compare(before, after)), before)) == []


def test_a_lock_with_an_override_that_nobody_tells_of_is_told() -> None:
    _, found = records(FIXTURES / "locks" / "bun14-text" / "bun.lock")
    bare = [one for one in found if not (isinstance(one, Setting) and "override" in one.name)]
    after = sorted([File(path="bun.lock"), *bare], key=lambda record: record.key)
    (told,) = unmet(list(compare([File(path="bun.lock")], after)), [File(path="bun.lock")])
    assert isinstance(told, Unmet)
    assert (told.got, told.wanted) == ("is-number@7.0.0", "is-odd requires ^6.0.0")


def changed(before: list[Record], after: list[Record]) -> list[str]:
    before, after = ([file("package-lock.json"), *side] for side in (before, after))
    sides = [sorted(side, key=lambda record: record.key) for side in (before, after)]
    found = unmet(list(compare(*sides)), before)
    return [f"{one.got} {one.wanted}" if isinstance(one, Unmet) else one.what for one in found]


def placed(location: str, version: str, **facts: Any) -> Package:
    name = location.rpartition("node_modules/")[2]
    return entry(name, version, place=f"package-lock.json#{location}", **facts)


def test_the_nearest_entry_counts() -> None:
    asker = placed("node_modules/a", "1.0.0", dependencies=("b@^2.0.0",))
    two, one = placed("node_modules/b", "2.0.0"), placed("node_modules/b", "1.0.0")
    assert changed([asker, two], [asker, one]) == ["b@1.0.0 a@1.0.0 requires ^2.0.0"]
    nested = placed("node_modules/a/node_modules/b", "2.0.0")
    assert changed([asker, two], [asker, one, nested]) == []
    deep = placed("node_modules/a/node_modules/c", "1.0.0", dependencies=("b@^1.0.0",))
    assert changed([asker, one], [asker, one, nested, deep]) == ["b@2.0.0 c@1.0.0 requires ^1.0.0"]
    work = placed("packages/x/node_modules/d", "1.0.0", dependencies=("b@^2.0.0",))
    assert changed([asker, two], [asker, two, work]) == []
    assert changed([two], [one, work]) == ["b@1.0.0 d@1.0.0 requires ^2.0.0"]


def test_what_was_so_before_is_silent_and_an_alias_counts_by_its_range() -> None:
    asker = placed("node_modules/a", "1.0.0", dependencies=("b@^2.0.0", "c@npm:d@^2.0.0"))
    newer = placed("node_modules/a", "1.0.1", dependencies=("b@^2.0.0",))
    old, older = placed("node_modules/b", "1.0.1"), placed("node_modules/b", "1.0.0")
    assert changed([asker, old], [newer, older]) == []
    other = entry("d", "1.0.0", alias="c", place="package-lock.json#node_modules/c")
    assert changed([asker], [asker, other]) == ["d@1.0.0 a@1.0.0 requires npm:d@^2.0.0"]
    someone = entry("e", "1.0.0", alias="c", place="package-lock.json#node_modules/c")
    assert changed([asker], [asker, someone]) == []


@pytest.mark.parametrize(
    ("setting", "told"), [("overrides.b", 0), ("resolutions.**/b", 0), ("overrides.bb", 1), ("files.b", 1)]
)
def test_an_override_explains_it(setting: str, told: int) -> None:
    asker = placed("node_modules/a", "1.0.0", dependencies=("b@^2.0.0",))
    said = Setting(path="package.json", name=setting, value="1.0.0", at=asker.at)
    assert len(changed([asker], [asker, placed("node_modules/b", "1.0.0"), said])) == told


def test_what_is_more_than_there_is_time_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = placed("node_modules/a", "1.0.0", dependencies=("b@1 || 2", "c@2 || 1"))
    two = [placed("node_modules/b", "2.0.0"), placed("node_modules/c", "2.0.0")]
    one = [placed("node_modules/b", "3.0.0"), placed("node_modules/c", "3.0.0")]
    assert changed([asker, *two], [asker, *one]) == [
        "b@3.0.0 a@1.0.0 requires 1 || 2",
        "c@3.0.0 a@1.0.0 requires 2 || 1",
    ]
    monkeypatch.setattr(module, "_HARD", 1)
    assert changed([asker, *two], [asker, *one]) == [
        "more than 1 unusual ranges",
        "b@3.0.0 a@1.0.0 requires 1 || 2",
    ]
    monkeypatch.setattr(module, "_MOST", 1)
    assert changed([asker, *two], [asker, *one]) == [
        "more than 1 requirements",
        "b@3.0.0 a@1.0.0 requires 1 || 2",
    ]


def test_a_place_too_deep_to_look_into_is_told() -> None:
    deep = "/".join(["node_modules/a"] * 60)
    asker = placed(deep, "1.0.0", dependencies=("b@^2.0.0",))
    old, new = placed("node_modules/b", "2.0.0"), placed("node_modules/b", "1.0.0")
    told = changed([asker, old], [asker, new])
    assert told == ["places longer than 1,000 characters, or more than 50 packages deep"]


def test_the_rule_says_what_was_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 0)
    asker = placed("node_modules/a", "1.0.0", dependencies=("b@^2.0.0",))
    sides: list[list[Record]] = [
        [file("package-lock.json"), asker, placed("node_modules/b", version)]
        for version in ("2.0.0", "2.0.1")
    ]
    (told,) = lock_drift.check_all(list(compare(*sides)), sides[0])
    assert told.message == "only checked in part: more than 0 requirements"
    assert isinstance(next(unmet(list(compare(*sides)), sides[0])), Skipped)
