"""Policy: what it takes, that every fault is told at its place, and what it decides."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import patterns, policy
from fimci.commands.accept import with_acceptances
from fimci.errors import ConfigurationError
from fimci.findings import Acceptance, Finding, Severity
from fimci.policy import Policy
from fimci.profiles import PathRule

RULES = ["hidden-text", "origin-changed"]
TODAY = dt.date(2026, 11, 1)
WHOLE = b"""\
fail-on = "medium"
critical = ["src/core/", "*.lock"]
ignore = ["docs/", "!docs/conf.py"]

profile = "content"

[rules.hidden-text]
severity = "low"

[rules.origin-changed]
severity = "off"

[[paths]]
pattern = "etc/"
profile = "host+ctime"

[[paths]]
pattern = "tmp/"
profile = "off"

[[accept]]
fingerprint = "0123456789abcdef0123"
reason = "reviewed"
by = "ada"
expires = 2026-12-31
"""


def parsed(data: bytes) -> Policy:
    found = policy.parse(data, "fimci.toml", RULES)
    assert found is not None
    return found


def faults(data: bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        policy.parse(data, "fimci.toml", RULES)
    return caught.value.message.splitlines()


def test_what_is_elsewhere_is_listed_with_its_baseline() -> None:
    data = b'[[remote]]\nname = "web1"\nat = "ssh://web1.example/srv"\nbaseline = "web1.baseline"\n'
    assert parsed(data).remotes == (policy.Remote("web1", "ssh://web1.example/srv", "web1.baseline"),)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('remote = "web1"', "expected just name"),
        ("remote = [1]", "expected just name"),
        ('[[remote]]\nname = "web1"', "expected just name"),
        ('[[remote]]\nname = "a/b"\nat = "oci:x"\nbaseline = "b"', "expected letters"),
        ('[[remote]]\nname = "a"\nat = "/srv"\nbaseline = "b"', "expected hive or oci or ssh:"),
        ('[[remote]]\nname = "a"\nat = "oci:x"\nbaseline = ""', "a string that is not empty"),
        ('[[remote]]\nname = "a"\nat = "oci:x"\nbaseline = "b"\n' * 2, "once"),
    ],
)
def test_a_list_of_what_is_elsewhere_is_held_to_its_form(table: str, fault: str) -> None:
    assert any(fault in told for told in faults(table.encode()))


def finding(rule: str = "hidden-text", severity: Severity = Severity.HIGH, mark: str = "") -> Finding:
    return Finding(rule=rule, severity=severity, message="m", path="p", fingerprint=mark)


def test_a_whole_policy() -> None:
    assert parsed(WHOLE) == Policy(
        fail_on=Severity.MEDIUM,
        critical=("src/core/", "*.lock"),
        ignore=("docs/", "!docs/conf.py"),
        profile="content",
        paths=(
            PathRule(pattern="etc/", profile="host+ctime"),
            PathRule(pattern="tmp/", profile="off"),
        ),
        severities={"hidden-text": Severity.LOW, "origin-changed": None},
        accepted=(
            Acceptance(fingerprint="0123456789abcdef0123", reason="reviewed", by="ada", expires="2026-12-31"),
        ),
    )


def test_an_empty_policy_is_the_built_in_one() -> None:
    assert parsed(b"") == Policy()


def test_pyproject_without_a_table_is_no_policy() -> None:
    assert policy.parse(b"[tool.other]\nx = 1\n", "pyproject.toml", RULES) is None
    assert policy.parse(b"tool = 7\n", "pyproject.toml", RULES) is None


def test_pyproject_with_a_table() -> None:
    found = policy.parse(b'[tool.fimci]\nfail-on = "low"\n', "pyproject.toml", RULES)
    assert found == Policy(fail_on=Severity.LOW)


def test_all_faults_are_told_with_key_and_line() -> None:
    data = b"""\
fail-on = "severe"
critical = "src"
ignore = ["ok", 7, "!"]
colour = true
[rules.nonesuch]
severity = "low"
[rules.hidden-text]
severity = "loud"
[[accept]]
fingerprint = "0123456789abcdef0123"
reason = " "
expires = "soon"
[[accept]]
reason = "no fingerprint"
until = "2100-01-01"
[[paths]]
pattern = "!a"
profile = "hosts"
[[paths]]
pattern = "a"
"""
    assert [line.rpartition(": ")[0] for line in faults(data)] == [
        "fimci.toml:1: fail-on",
        "fimci.toml:2: critical",
        "fimci.toml:3: ignore[1]",
        "fimci.toml:3: ignore[2]",
        "fimci.toml:4: colour",
        "fimci.toml:5: rules.nonesuch",
        "fimci.toml:8: rules.hidden-text.severity",
        "fimci.toml:11: accept[0].reason",
        "fimci.toml:12: accept[0].expires",
        "fimci.toml:15: accept[1].until",
        "fimci.toml:13: accept[1]: fingerprint and expires missing",
        "fimci.toml:17: paths[0].pattern",
        "fimci.toml:18: paths[0].profile",
        "fimci.toml:19: paths[1]",
    ]


def test_a_fault_in_pyproject_stands_at_its_line_there() -> None:
    with pytest.raises(ConfigurationError, match=r"^pyproject.toml:4: fail-on: "):
        policy.parse(b'[project]\nname = "x"\n[tool.fimci]\nfail-on = 3\n', "pyproject.toml", RULES)


def test_text_that_is_no_toml_is_told_with_its_line() -> None:
    assert faults(b'fail-on = "low"\n=\n')[0].startswith("fimci.toml:2: not valid TOML")


@pytest.mark.parametrize(
    "value", ["true", "7", "1.5", "[]", "[[]]", "[7]", '""', "{}", "{a = 1}", "2026-01-01"]
)
@pytest.mark.parametrize(
    "key",
    [
        "fail-on",
        "profile",
        "paths",
        "critical",
        "ignore",
        "rules",
        "accept",
        "rules.hidden-text",
        "rules.x.y",
    ],
)
def test_a_value_of_another_type_is_a_fault_and_nothing_worse(key: str, value: str) -> None:
    fine = {("critical", "[]"), ("ignore", "[]"), ("rules", "{}"), ("accept", "[]"), ("paths", "[]")}
    data = f"{key} = {value}\n".encode()
    if (key, value) in fine:
        assert parsed(data) == Policy()
    else:
        assert all(line.startswith("fimci.toml:1: ") for line in faults(data))


def test_a_profile_for_everything_is_not_off() -> None:
    assert faults(b'profile = "off"\n') == [
        "fimci.toml:1: profile: nothing would be looked at: `off` is for [[paths]]"
    ]


@pytest.mark.parametrize(("path", "number"), [("docs/a", 0), ("docs/conf.py", 1), ("src/a", None)])
def test_the_pattern_that_has_the_last_word(path: str, number: int | None) -> None:
    assert patterns.deciding(("docs/*", "!docs/conf.py"), path) == number


def test_the_line_of_what_a_policy_says() -> None:
    assert policy.line(WHOLE, "fimci.toml", "paths", 1, "pattern") == 18
    table = b'[project]\n[tool.fimci]\n[[tool.fimci.paths]]\npattern = "a"\nprofile = "off"\n'
    assert policy.line(table, "pyproject.toml", "paths", 0, "profile") == 5


def test_judging_selects_regrades_and_accepts() -> None:
    mark = "0123456789abcdef0123"
    judged = policy.judge([finding(), finding("origin-changed"), finding(mark=mark)], parsed(WHOLE), TODAY)
    assert [(f.rule, f.severity, f.accepted is not None) for f in judged] == [
        ("hidden-text", Severity.LOW, False),
        ("hidden-text", Severity.LOW, True),
    ]


def test_an_expired_acceptance_speaks_again() -> None:
    late = dt.date(2027, 1, 1)
    (judged,) = policy.judge([finding(mark="0123456789abcdef0123")], parsed(WHOLE), late)
    assert judged.accepted is None
    assert [item.by for item in policy.expired(parsed(WHOLE), late)] == ["ada"]
    last_day = dt.date(2026, 12, 31)
    assert policy.expired(parsed(WHOLE), last_day) == ()


def test_the_worst_comes_first() -> None:
    grades = [Severity.LOW, Severity.CRITICAL, Severity.MEDIUM]
    judged = policy.judge([finding("x", grade) for grade in grades], Policy(), TODAY)
    assert [f.severity for f in judged] == sorted(grades, reverse=True)


@pytest.mark.parametrize(
    ("given", "path", "taken"),
    [
        (("docs/",), "docs/a.md", True),
        (("docs/",), "docs", False),
        (("*.lock",), "a/b.lock", True),
        (("/a",), "b/a", False),
        (("docs/*", "!docs/conf.py"), "docs/conf.py", False),
        ((), "anything", False),
    ],
)
def test_patterns_are_those_of_gitignore(given: tuple[str, ...], path: str, taken: bool) -> None:  # noqa: FBT001  (a table)
    assert patterns.matcher(given)(path) is taken


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_acceptance_that_is_written_is_read_back(reason: str, by: str) -> None:
    item = Acceptance(fingerprint="0123456789abcdef0123", reason=reason + "x", by=by, expires="2027-01-31")
    for before in (b"", b'fail-on = "low"', WHOLE):
        written = with_acceptances(before, [item])
        assert parsed(written).accepted[-1] == item
