"""Profiles: what they hold, how they are read, and which path gets which."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import profiles
from fimci.profiles import PROFILES, WORDS, PathRule, chooser, left_out, parse, steps, weaker


def readable(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


CHANGES = st.lists(st.sampled_from("+-").flatmap(lambda sign: st.sampled_from([sign + w for w in WORDS])))
TEXTS = st.builds(
    lambda name, changes: name + "".join(changes),
    st.sampled_from([name for name in PROFILES if name != "off"]),
    CHANGES,
).filter(readable)


def rules(*pairs: tuple[str, str]) -> tuple[PathRule, ...]:
    return tuple(PathRule(pattern=pattern, profile=profile) for pattern, profile in pairs)


def test_the_default_is_what_every_clone_agrees_on() -> None:
    assert parse(profiles.DEFAULT).words == {"digest", "size", "mode"}
    assert parse("content").words < parse("repository").words
    assert parse("host").words > parse("content").words


def test_words_are_added_and_taken_from_left_to_right() -> None:
    assert parse("content+mtime").words == {"digest", "size", "mtime"}
    assert parse("content+mtime-mtime").words == parse("content").words
    assert parse("content-mtime+mtime").words == parse("content+mtime").words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+mtime",
        "hosts",
        "host+",
        "host-",
        "host+nothing",
        "host +mtime",
        "off+mtime",
        "log-digest",
        "Host",
    ],
)
def test_what_is_no_profile_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"known are|is off|both needed"):
        parse(text)


@given(TEXTS)
def test_nothing_is_weaker_than_itself_and_off_is_weaker_than_all(text: str) -> None:
    assert not weaker(text, text)
    assert weaker("off", text)
    assert not weaker(text, "off")


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_no_weaker_twice_is_no_weaker(one: str, two: str, three: str) -> None:
    if not weaker(two, one) and not weaker(three, two):
        assert not weaker(three, one)


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("content", "repository", True),
        ("repository", "content", False),
        ("repository", "host", True),
        ("repository+permissions-mode", "repository", False),
        ("log", "host-mtime-links", True),
        ("host+new", "host", True),
        ("host", "host+new", False),
        ("no profile", "content", True),
    ],
)
def test_weaker_is_to_remember_less_or_to_permit_more(new: str, old: str, expected: bool) -> None:  # noqa: FBT001  (a table)
    assert weaker(new, old) is expected


def test_the_first_rule_that_matches_decides() -> None:
    choose = chooser("content", rules(("*.log", "log"), ("etc/", "host"), ("etc/a", "off")))
    assert choose("etc/x.log") == parse("log")
    assert choose("etc/a") == choose("etc/") == choose("b/etc/c") == parse("host")
    assert choose("etc") == choose("other") == parse("content")


@pytest.mark.parametrize("name", ["a\nb", "\n", "b\n", "c\u2028d", "\udc80"])
def test_no_name_escapes_its_rule(name: str) -> None:
    choose = chooser("content", rules(("etc/", "host"), ("*.log", "log")))
    assert choose(f"etc/{name}") == choose(f"{name}/etc/x") == parse("host")
    assert choose(f"{name}.log") == choose(f"x{name}/y.log") == parse("log")


def test_a_folder_that_is_off_is_not_entered_unless_a_rule_above_may_want_something_in_it() -> None:
    skip = left_out("repository", rules(("proc/", "off"), ("var/log/", "log"), ("var/", "off")))
    assert [skip(path) for path in ("proc/", "proc/1", "var/", "var/x", "var/log/", "var/log/y")] == [
        True, True, False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", ["", "  ", "!etc/", "# etc", "/", "\\"])
def test_a_pattern_that_takes_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|Invalid"):
        profiles.matcher(pattern)


def test_in_git_only_off_counts() -> None:
    assert profiles.in_git(rules(("a", "content"), ("b", "host"))) == ()
    kept = profiles.in_git(rules(("a", "content"), ("b", "off")))
    assert kept == rules(("a", "repository"), ("b", "off"))


def loosened(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [step.name for step in steps(old, new) if step.looser]


def test_a_rule_that_comes_or_goes_is_held_against_all_that_could_take_its_files() -> None:
    host = {"paths.etc/": "host"}
    assert loosened(host, {}) == ["paths.etc/"]
    assert loosened({}, host) == []
    assert loosened({}, {"paths.etc/": "content"}) == ["paths.etc/"]
    assert loosened(host, {**host, "paths.etc/shadow": "repository"}) == ["paths.etc/shadow"]
    assert loosened({"paths.a": "off"}, {}) == []
    assert loosened({"profile": "host"}, {}) == ["profile"]
    assert loosened({}, {"profile": "repository"}) == []


def test_another_order_is_another_meaning() -> None:
    given = {"paths.a": "host", "paths.b": "off"}
    assert loosened({**given, "paths-order": "a\nb"}, {**given, "paths-order": "b\na"}) == ["paths-order"]
    assert loosened({**given, "paths-order": "a\nb"}, {**given, "paths-order": "a\nb"}) == []


def test_names_can_be_joined_by_signs() -> None:
    assert not [word for word in (*WORDS, *PROFILES) if re.search(r"[+-]", word)]
