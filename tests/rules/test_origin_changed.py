from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fimci.model import UNSTATED, Place, Record, Setting
from fimci.rules import origin_changed as rule
from fimci.rules import source_not_registry
from tests.rules.stated import ONE, TWO, npm, pypi, said, wanted

EVIL = "https://evil.example/left/-/left-1.0.0.tgz"


def test_one_entry_on_another_host_is_one_finding_at_its_line() -> None:
    before = [npm("left"), npm("other")]
    after = [npm("left", origin=EVIL), npm("other")]
    assert said(rule, before, after) == [
        "package-lock.json:3: high: left@1.0.0: registry.example → evil.example"
    ]
    assert said(source_not_registry, before, after) == []


@pytest.mark.parametrize(
    ("facts", "severity"),
    [({}, "high"), ({"integrity": (TWO,)}, "critical"), ({"integrity": ()}, "critical")],
)
def test_what_vouches_for_the_bytes_decides_how_bad_it_is(facts: dict[str, Any], severity: str) -> None:
    before = npm("left", integrity=(ONE,))
    after = msgspec.structs.replace(before, origin=EVIL, **facts)
    assert f": {severity}: " in said(rule, [before], [after])[0]


def test_a_new_version_from_another_host() -> None:
    after = npm("left", "1.0.1", origin="https://evil.example/left/-/left-1.0.1.tgz")
    assert ": high: left@1.0.1: registry.example → evil.example" in said(rule, [npm("left")], [after])[0]


def test_a_new_version_from_the_same_host() -> None:
    assert said(rule, [npm("left")], [npm("left", "1.0.1")]) == []


def test_all_entries_at_once_are_told_once() -> None:
    before = [npm(f"left-{n:02}") for n in range(70)]
    after = [
        msgspec.structs.replace(one, origin=str(one.origin).replace("registry.", "mirror.")) for one in before
    ]
    found = said(rule, before, after)
    assert len(found) == 1
    assert ": high: 70 packages: registry.example → mirror.example: left-00@1.0.0, " in found[0]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example\\@registry.example/left/-/left-1.0.0.tgz",
        "https:evil.example/left/-/left-1.0.0.tgz",
        "https://registry.example@evil.example/left/-/left-1.0.0.tgz",
        "https://EVIL.example./left/-/left-1.0.0.tgz",
        "htt\tps://evil.example/left/-/left-1.0.0.tgz",
    ],
)
def test_hosts_are_read_as_the_clients_do(origin: str) -> None:
    assert "registry.example → evil.example" in said(rule, [npm("left")], [npm("left", origin=origin)])[0]


def test_an_address_without_a_host_is_another_origin() -> None:
    found = said(rule, [npm("left")], [npm("left", origin="https://[evil/left-1.0.0.tgz")])
    assert "registry.example → https://[evil" in found[0]


def test_a_plain_scheme_and_another_name_are_for_other_rules_to_tell() -> None:
    plain = npm("left", origin="http://registry.example/left/-/left-1.0.0.tgz")
    other = npm("left", origin="https://registry.example/right/-/right-1.0.0.tgz")
    assert said(rule, [npm("left")], [plain]) == []
    assert said(rule, [npm("left")], [other]) == []


def test_from_a_registry_to_git() -> None:
    after = npm("left", origin_kind="git", origin="git+https://github.com/evil/left.git#11", integrity=())
    assert said(rule, [npm("left")], [after]) == [
        "package-lock.json:3: critical: left@1.0.0: registry → git (github.com/evil/left)"
    ]


@pytest.mark.parametrize("kind", ["link", "directory"])
def test_from_a_registry_into_the_tree(kind: str) -> None:
    after = npm("left", origin_kind=kind, origin="packages/left", integrity=())
    message = "package-lock.json:3: low: left@1.0.0: registry → a folder of the repository (packages/left)"
    assert said(rule, [npm("left")], [after]) == [message]
    assert said(rule, [npm("left")], [msgspec.structs.replace(after, origin_kind="workspace")]) == []
    assert said(rule, [after], [after]) == []


def test_from_a_registry_out_of_the_tree() -> None:
    after = npm("left", origin_kind="link", origin="../../left", integrity=())
    assert "registry → link (../../left)" in said(rule, [npm("left")], [after])[0]


def test_another_repository() -> None:
    before = npm("left", origin_kind="git", origin="git+ssh://git@github.com/us/left.git#11", integrity=())
    same = msgspec.structs.replace(before, origin="git+https://github.com/us/left.git#22")
    other = msgspec.structs.replace(before, origin="git+ssh://git@github.com/evil/left.git#11")
    assert said(rule, [before], [same]) == []
    assert "github.com/us/left → github.com/evil/left" in said(rule, [before], [other])[0]


def test_back_to_the_registry() -> None:
    before = npm("left", origin_kind="git", origin="git+https://github.com/us/left.git#11", integrity=())
    assert said(rule, [before], [npm("left")]) == []


def test_a_known_name_at_a_new_place_is_held_against_all_places_it_had() -> None:
    before = [npm("left"), npm("left", "2.0.0", path="b/package-lock.json")]
    nested = "package-lock.json#node_modules/a/node_modules/left"
    assert said(rule, before, [*before, npm("left", "3.0.0", place=nested)]) == []
    assert len(said(rule, before, [*before, npm("left", place=nested, origin=EVIL)])) == 1


def test_a_host_that_was_in_use_is_worth_a_look() -> None:
    before = [npm("left"), npm("ours", origin="https://npm.us.example/ours/-/ours-1.0.0.tgz")]
    after = [before[0], npm("ours", "1.0.1")]
    assert said(rule, before, after) == [
        "package-lock.json:3: medium: ours@1.0.1: npm.us.example → registry.example"
    ]


def test_another_registry_on_the_same_host() -> None:
    before = npm("left", origin="https://art.example/npm/main/left/-/left-1.0.0.tgz")
    after = npm("left", origin="https://art.example/npm/any/left/-/left-1.0.0.tgz")
    assert ": medium: left@1.0.0: /npm/main → /npm/any on art.example" in said(rule, [before], [after])[0]


@pytest.mark.parametrize("unstated", [None, UNSTATED])
def test_a_url_where_none_stood(unstated: Any) -> None:
    before = [npm("left", origin=unstated), npm("a", origin=unstated), npm("b", origin=unstated)]
    found = said(rule, before, [npm("left", origin=EVIL), *before[1:]])
    assert found == ["package-lock.json:3: high: left@1.0.0: from the configured registry → evil.example"]


def test_a_lockfile_that_starts_or_stops_to_state_urls() -> None:
    without = [npm(f"left-{n}", origin=None) for n in range(9)]
    stating = [npm(f"left-{n}") for n in range(9)]
    found = said(rule, without, stating)
    assert len(found) == 1
    assert ": medium: 9 packages: from the configured registry → registry.example: " in found[0]
    assert said(rule, stating, without) == []


def test_another_package_in_the_same_place() -> None:
    after = npm("right", alias="left", place="package-lock.json#node_modules/left")
    assert said(rule, [npm("left")], [after]) == [
        "package-lock.json:3: high: right@1.0.0: takes the place of left"
    ]


def test_a_manifest_speaks_where_no_lockfile_does() -> None:
    before, after = [wanted("left")], [wanted("left", origin_kind="git", origin="github:evil/left")]
    assert said(rule, before, after) == [
        "package.json:7: high: left@^1.0.0: registry → git (github.com/evil/left)"
    ]
    locked = npm("left", origin_kind="git", origin="git+https://github.com/evil/left.git#11", integrity=())
    found = said(rule, [*before, npm("left")], [*after, locked])
    assert len(found) == 1
    assert found[0].startswith("package-lock.json:3: critical: ")


def test_an_alias_in_a_manifest() -> None:
    before = [wanted("left")]
    after = [wanted("right", "npm:right@^1.0.0", place="package.json#dependencies/left", alias="left")]
    assert said(rule, before, after) == ["package.json:7: high: right@^1.0.0: takes the place of left"]
    assert said(rule, after, [wanted("right", "npm:right@^2.0.0", place=after[0].place, alias="left")]) == []


def test_a_second_manifest_may_not_ask_elsewhere_for_a_known_name() -> None:
    before = [wanted("left")]
    second = wanted("left", path="web/package.json", origin_kind="git", origin="github:evil/left")
    assert len(said(rule, before, [*before, second])) == 1
    assert said(rule, before, [*before, wanted("left", path="web/package.json")]) == []


def test_another_index() -> None:
    found = said(rule, [pypi("left")], [pypi("left", origin="https://evil.example/simple")])
    assert found == ["uv.lock:3: high: left@1.0: index.example → evil.example"]


def serving(host: str, schemes: str = "https") -> Setting:
    return Setting(path="uv.lock", name=f"file-host.{host}", value=schemes, at=Place("uv.lock", 9))


def test_files_from_a_look_alike_host_behind_the_same_index() -> None:
    usual = serving("files.index.example")
    before: list[Record] = [pypi("left"), usual]
    after: list[Record] = [*before, serving("files-index.example")]
    plain: list[Record] = [pypi("left"), serving("files.index.example", "http https")]
    assert said(rule, before, after) == [
        "uv.lock:9: high: files come from a host not used before: files-index.example"
    ]
    assert said(rule, after, before) == []
    assert said(rule, [pypi("left")], before) == [
        "uv.lock:9: medium: files come from URLs now, where none was stated: files.index.example"
    ]
    assert said(rule, [], before) == []
    assert said(rule, before, plain) == []
