from __future__ import annotations

import msgspec

from fimci.compare import compare
from fimci.model import UNSTATED, Digest, Place, Record, Setting
from fimci.rules import integrity_changed as rule
from tests.rules.stated import ONE, TWO, hashes, npm, pypi, said


def test_a_replaced_hash_is_told_at_its_line() -> None:
    found = said(rule, [npm("left", integrity=(ONE,))], [npm("left", integrity=(TWO,))])
    told = "left@1.0.0 has another hash at the same version: sha512 111111111111… → sha512 222222222222…"
    assert found == [f"package-lock.json:4: high: {told}"]


def test_one_hash_of_many_is_told_at_its_own_line() -> None:
    after = pypi("left", integrity=hashes("aa", "cc"))
    label = hashes("cc")[0].label
    after = msgspec.structs.replace(after, at=Place("uv.lock", 4, parts=(("integrity", 5), (label, 7))))
    (found,) = said(rule, [pypi("left", integrity=hashes("aa", "bb"))], [after])
    assert found.startswith("uv.lock:7: high: ")


def test_another_host_with_it_is_critical() -> None:
    after = npm("left", integrity=(TWO,), origin="https://evil.example/left/-/left-1.0.0.tgz")
    assert ": critical: " in said(rule, [npm("left", integrity=(ONE,))], [after])[0]


def test_another_version_may_have_another_hash() -> None:
    assert said(rule, [npm("left")], [npm("left", "1.0.1")]) == []


def test_a_release_that_moved_is_held_against_its_old_place() -> None:
    before = [npm("left", integrity=(ONE,))]
    same = npm("left", integrity=(ONE,), place="package-lock.json#node_modules/a/node_modules/left")
    other = msgspec.structs.replace(same, integrity=(TWO,))
    assert said(rule, before, [same]) == []
    assert len(said(rule, before, [other])) == 1


def test_two_lockfiles_of_the_same_change_must_agree() -> None:
    ours = npm("left", integrity=(ONE,))
    theirs = npm("left", integrity=(TWO,), path="web/package-lock.json")
    assert len(said(rule, [], [ours, theirs])) == 1
    assert said(rule, [], [ours, msgspec.structs.replace(theirs, integrity=(ONE,))]) == []
    assert said(rule, [ours, theirs], [ours, theirs, npm("right")]) == []


def test_a_disagreement_that_was_there_stays_silent() -> None:
    left = [npm("left", integrity=(ONE,)), npm("left", integrity=(TWO,), path="web/package-lock.json")]
    assert said(rule, left, [*left, npm("left", integrity=(TWO,), path="api/package-lock.json")]) == []


def test_wheels_may_be_added_to_a_python_release_but_not_in_silence() -> None:
    before, after = [pypi("left")], [pypi("left", integrity=hashes("aa", "bb", "cc"))]
    assert said(rule, before, after) == [
        "uv.lock:4: medium: left@1.0 accepts one more hash at the same version: sha256 cc0000000000…"
    ]


def test_an_added_hash_beside_a_new_index_is_high() -> None:
    index = Setting(
        path="requirements.txt", name="index-url", value="https://evil.example", at=Place("requirements.txt")
    )
    after: list[Record] = [pypi("left", integrity=hashes("aa", "bb", "cc")), index]
    assert ": high: " in said(rule, [pypi("left")], after)[0]


def test_a_second_hash_is_high_where_a_release_is_one_tarball() -> None:
    found = said(rule, [npm("left", integrity=(ONE,))], [npm("left", integrity=(ONE, TWO))])
    assert ": high: " in found[0]


def test_one_of_several_replaced_is_replaced() -> None:
    found = said(rule, [pypi("left")], [pypi("left", integrity=hashes("aa", "cc"))])
    assert "sha256 bb0000000000… → sha256 cc0000000000…" in found[0]


def test_hashes_taken_away_are_no_change() -> None:
    assert said(rule, [pypi("left")], [pypi("left", integrity=hashes("aa"))]) == []


def test_two_platforms_may_lock_different_wheels() -> None:
    before = [pypi("left", integrity=hashes("aa"), path="pylock.linux.toml")]
    after = [*before, pypi("left", integrity=hashes("bb"), path="pylock.macos.toml")]
    assert ": medium: " in said(rule, before, after)[0]


def test_algorithms_that_have_nothing_in_common_say_nothing() -> None:
    before = npm("left", integrity=(Digest("sha1", "11" * 20),))
    assert said(rule, [before], [npm("left", integrity=(ONE,))]) == []
    assert said(rule, [npm("left", integrity=UNSTATED)], [npm("left", integrity=(ONE,))]) == []


def test_git_dependencies_have_no_registry_to_vouch_for_them() -> None:
    before = npm("left", integrity=(ONE,), origin_kind="git")
    assert said(rule, [before], [msgspec.structs.replace(before, integrity=(TWO,))]) == []


def test_a_thousand_are_told_in_one_that_judges_them_all() -> None:
    before = [npm(f"left-{n:03}", integrity=(ONE,)) for n in range(1000)]
    after = [msgspec.structs.replace(package, integrity=(TWO,)) for package in before]
    found = list(rule.check_all(list(compare(before, after)), before))
    assert len(found) == 1
    assert "hashes of 1,000 releases changed at the same version: left-000@1.0.0, " in found[0].message
    assert found[0].message.endswith(" and 992 more")
    assert "left-999" in found[0].content


def test_the_same_release_in_many_places_is_told_once() -> None:
    places = [f"package-lock.json#node_modules/{n}/node_modules/left" for n in range(9)]
    before = [npm("left", integrity=(ONE,), place=place) for place in places]
    after = [npm("left", integrity=(TWO,), place=place) for place in places]
    assert len(said(rule, before, after)) == 1
