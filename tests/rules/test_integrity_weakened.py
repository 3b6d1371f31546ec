from __future__ import annotations

from fimci.model import UNSTATED, Digest
from fimci.rules import integrity_weakened as rule
from tests.rules.stated import ONE, hashes, npm, pypi, said

SHA1 = Digest("sha1", "11" * 20)
MD5 = Digest("md5", "11" * 16)


def test_a_deleted_hash() -> None:
    assert said(rule, [npm("left")], [npm("left", integrity=())]) == [
        "package-lock.json:4: high: left@1.0.0 lost its hash"
    ]


def test_a_deleted_hash_behind_a_new_version() -> None:
    assert said(rule, [npm("left")], [npm("left", "0.9.0", integrity=())]) == [
        "package-lock.json:4: high: left@0.9.0 lost its hash"
    ]


def test_a_weaker_algorithm() -> None:
    assert said(rule, [npm("left", integrity=(ONE,))], [npm("left", integrity=(SHA1,))]) == [
        "package-lock.json:4: high: left@1.0.0 has only sha1 where it had sha512"
    ]


def test_a_stronger_algorithm_is_welcome() -> None:
    assert said(rule, [npm("left", integrity=(SHA1,))], [npm("left", integrity=(ONE,))]) == []


def test_npm_takes_the_strongest_hash_and_pip_any() -> None:
    assert said(rule, [npm("left", integrity=(ONE,))], [npm("left", integrity=(SHA1, ONE))]) == []
    after = pypi("left", integrity=tuple(sorted((MD5, *hashes("aa", "bb")))))
    assert said(rule, [pypi("left")], [after]) == [
        "uv.lock:4: high: left@1.0 has only md5 and sha256 where it had sha256"
    ]


def test_a_newcomer_without_a_hash_among_entries_that_have_one() -> None:
    assert said(rule, [npm("left")], [npm("left"), npm("right", integrity=())]) == [
        "package-lock.json:4: high: right@1.0.0 is new and has no hash"
    ]


def test_a_release_that_has_a_hash_in_another_lockfile() -> None:
    before = [npm("left", path="web/package-lock.json"), npm("right", integrity=())]
    assert said(rule, before, [*before, npm("left", integrity=())]) == [
        "package-lock.json:4: high: left@1.0.0 lost its hash"
    ]


def test_a_file_that_never_had_hashes() -> None:
    before = [pypi("left", integrity=(), path="requirements.txt")]
    assert said(rule, before, [*before, pypi("right", integrity=(), path="requirements.txt")]) == []


def test_where_no_hash_is_normal() -> None:
    before = [npm("left"), npm("right")]
    bundled = npm("in-right", integrity=(), origin=None, origin_kind="bundled", flags=("bundled",))
    linked = npm("linked", integrity=(), origin_kind="link", origin="packages/linked")
    commit = npm("commit", integrity=(), origin_kind="git", origin="git+https://github.com/a/b.git#11")
    other = npm("other", integrity=UNSTATED)
    assert said(rule, before, [*before, bundled, linked, commit, other]) == []


def test_all_of_them_at_once_are_told_at_once() -> None:
    before = [npm(f"left-{n:02}") for n in range(40)]
    after = [npm(f"left-{n:02}", integrity=()) for n in range(40)]
    found = said(rule, before, after)
    assert len(found) == 1
    assert "40 packages have no hash or a weaker one now: left-00@1.0.0, " in found[0]


def test_an_entry_that_moved_keeps_its_hash_or_is_told() -> None:
    nested = "package-lock.json#node_modules/a/node_modules/left"
    assert said(rule, [npm("left")], [npm("left", place=nested)]) == []
    assert len(said(rule, [npm("left")], [npm("left", place=nested, integrity=())])) == 1


def test_a_requirements_file_that_is_locked_again_without_hashes() -> None:
    before = [pypi(f"left-{n}", path="requirements.txt") for n in range(9)]
    after = [pypi(f"left-{n}", path="requirements.txt", integrity=UNSTATED) for n in range(9)]
    assert said(rule, before, after) == []  # `hash-checking-off`
    assert said(rule, before, [*before, pypi("left-0", path="other.txt", integrity=UNSTATED)]) == []
    assert len(said(rule, before, [*before[1:], after[0]])) == 1


def test_a_bundled_package_with_a_url_of_its_own_is_fetched_from_there() -> None:
    after = npm("left", integrity=(), origin_kind="bundled", flags=("bundled",))
    assert len(said(rule, [npm("left")], [after])) == 1
