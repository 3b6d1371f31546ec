from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Unread
from fimci.readers.manifests import policy_file
from tests.readers import seen

POLICY = """\
fail-on = "medium"
baseline = "known.baseline"
critical = ["deploy/", ".github/"]
ignore = ["dist/*", "!dist/keep/"]
profile = "content"

[rules.origin-changed]
severity = "off"

[[paths]]
pattern = "etc/"
profile = "host"

[[paths]]
pattern = "*.log"
profile = "log"

[[paths]]
pattern = "etc/"
profile = "off"

[[accept]]
fingerprint = "0123456789abcdef0123"
reason = "known"
by = "somebody"
expires = 2030-01-31
"""


def read(path: str, text: str) -> dict[str, tuple[str, int]]:
    return seen.switches(policy_file.read(path, text.encode()))


def test_every_decision_is_a_setting() -> None:
    assert read("fimci.toml", POLICY) == {
        "policy": ("fimci.toml", 1),
        "policy.fail-on": ("medium", 1),
        "policy.baseline": ("known.baseline", 2),
        "policy.critical.deploy/": ("true", 3),
        "policy.critical..github/": ("true", 3),
        "policy.ignore.dist/*": ("true", 4),
        "policy.ignore.!dist/keep/": ("true", 4),
        "policy.ignore-order": ("dist/*\n!dist/keep/", 4),
        "policy.profile": ("content", 5),
        "policy.rules.origin-changed": ("off", 8),
        "policy.paths.etc/": ("host", 11),
        "policy.paths.*.log": ("log", 15),
        "policy.paths-order": ("etc/\n*.log", 10),
        "policy.accept.0123456789abcdef0123": ("until 2030-01-31: known", 22),
    }


def test_a_table_of_pyproject_says_the_same() -> None:
    table = POLICY.replace("[rules", "[tool.fimci.rules").replace("[[", "[[tool.fimci.")
    found = read("pyproject.toml", "[tool.fimci]\n" + table)
    assert found.pop("policy") == ("[tool.fimci]", 1)
    expected = read("fimci.toml", POLICY)
    del expected["policy"]
    assert {name: value for name, (value, _) in found.items()} == {n: v for n, (v, _) in expected.items()}


def test_an_empty_file_is_a_policy_and_a_project_without_the_table_has_none() -> None:
    assert read("fimci.toml", "") == {"policy": ("fimci.toml", 1)}
    assert read("pyproject.toml", "[project]\nname = 'a'\n") == {}


@pytest.mark.parametrize(
    ("path", "wanted"), [("fimci.toml", True), ("pyproject.toml", True), ("a/fimci.toml", False)]
)
def test_only_the_root_is_obeyed(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert policy_file.wants(path, b"") is wanted


@pytest.mark.parametrize("text", ["fail-on = \n", "[[accept]]\nreason = 'x'\n", "accept = [1]\n"])
def test_what_cannot_be_decided_is_unread(text: str) -> None:
    assert [r for r in policy_file.read("fimci.toml", text.encode()) if isinstance(r, Unread)]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["fail-on", "ignore", "critical", "rules", "accept", "paths", "profile", "x"]),
    st.sampled_from(
        ["1", "[]", "{}", "'a'", "[[1], {a = 2}]", "{a = {severity = 1}}", "{a = 1}", "2030-01-01"]
    ),
)
def test_no_value_makes_the_reader_raise(key: str, value: str) -> None:
    records = policy_file.read("fimci.toml", f"{key} = {value}\n".encode())
    assert all(record.key for record in records)
