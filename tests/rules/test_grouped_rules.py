"""What rules say of many changes at once, and of records that leave a question open."""

from __future__ import annotations

import msgspec
import pytest

from fimci.model import UNSTATED, Capability, Change, Digest, Drift, File, Place, Record, Setting
from fimci.rules import (
    executable_appeared,
    hash_checking_off,
    install_script_changed,
    integrity_weakened,
    lock_drift,
    origin_changed,
    policy_changed,
    protected_file_changed,
    unexpected_change,
    workflow_privileges_widened,
    workflow_trigger_privileged,
)
from tests.rules.stated import file, npm, said, script

WORKFLOW = ".github/workflows/ci.yml"


def drift(name: str, locked: str | None = None) -> Drift:
    return Drift(
        path="package-lock.json", name=name, wanted="^1.0.0", locked=locked, at=Place("package.json", 3)
    )


def switch(name: str, value: str = "", path: str = WORKFLOW) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path, 2, name))


def sealed(before: File | None, after: File | None, *differs: str) -> Change:
    return Change(before=before, after=after, differs=differs, sealed=True)


def test_the_tenth_contradiction_of_a_lockfile_stands_for_the_rest() -> None:
    told = said(lock_drift, [], [drift(f"p{number:02}") for number in range(25)])
    assert len(told) == 10
    assert told[-1].endswith("p09 ^1.0.0 is not in package-lock.json, and 15 more in this lockfile")


def test_a_package_that_only_the_lock_wants_is_told() -> None:
    (told,) = said(lock_drift, [], [msgspec.structs.replace(drift("left", "^1.0.0"), wanted=None)])
    assert told.endswith("left is in package-lock.json as ^1.0.0, but no longer in the manifest")


def test_a_folder_full_of_changes_is_told_once() -> None:
    changes = [sealed(None, file(f"a/{number:02}")) for number in range(30)]
    changes += [sealed(file("b/one"), None), sealed(file("b/two"), file("b/two"), "mode")]
    found = [(one.path, one.message) for one in unexpected_change.check_all(changes, [])]
    assert found == [
        ("a", "30 files in this folder differ from the baseline: 30 added"),
        ("b/one", "in the baseline, but missing"),
        ("b/two", "mode changed since the baseline"),
    ]


def test_a_mode_that_one_side_cannot_state_is_no_new_permission() -> None:
    known, unknown = (
        File(path="run", size=1, mode=mode, digest=Digest("sha256", "00")) for mode in (0o755, UNSTATED)
    )
    assert said(executable_appeared, [unknown], [known]) == []
    assert said(executable_appeared, [known], [unknown]) == []


def test_a_critical_file_whose_content_cannot_be_compared_is_told() -> None:
    old, new = file("key"), msgspec.structs.replace(file("key"), digest=Digest("blake2b", "11"))
    change = Change(before=old, after=new, unstated=("digest",), critical=True)
    (found,) = protected_file_changed.check(change)
    assert found.message == "protected file cannot be compared"


def test_a_script_that_says_the_same_is_silent() -> None:
    moved = msgspec.structs.replace(script("node a.js"), phase="call")
    assert said(install_script_changed, [script("node a.js")], [moved]) == []


def test_an_archive_that_moved_to_another_host_is_told() -> None:
    old, new = (
        npm("left", origin_kind="tarball", origin=f"https://{host}.example/left.tgz") for host in "ab"
    )
    assert said(origin_changed, [old], [new]) == [
        "package-lock.json:3: high: left@1.0.0: a.example → b.example"
    ]


def test_hashes_that_are_not_stated_any_more_are_lost() -> None:
    right = npm("right")
    told = said(integrity_weakened, [npm("left"), right], [npm("left", integrity=UNSTATED), right])
    assert told == ["package-lock.json:4: high: left@1.0.0 lost its hash"]


def test_hashes_that_nobody_states_any_more_are_another_matter() -> None:
    sides = [npm("left"), npm("right")], [npm(name, integrity=UNSTATED) for name in ("left", "right")]
    assert said(integrity_weakened, *sides) == []
    assert said(hash_checking_off, *sides) == [
        "package-lock.json:2: high: no package has a hash any more, 2 entries had one"
    ]


@pytest.mark.parametrize(
    ("before", "after", "severity", "words"),
    [
        ({"rules.unread": "critical"}, {}, "high", "unread is as by default, was critical"),
        ({"rules.unread": "low"}, {}, "low", "unread is as by default, was low"),
        ({}, {"rules.unread": "off"}, "high", "unread is off, was as by default"),
    ],
)
def test_decisions_of_the_policy(
    before: dict[str, str], after: dict[str, str], severity: str, words: str
) -> None:
    old, new = (
        [
            switch("policy", "fimci.toml", "fimci.toml"),
            *(switch(f"policy.{name}", value, "fimci.toml") for name, value in side.items()),
        ]
        for side in (before, after)
    )
    assert said(policy_changed, old, new) == [f"fimci.toml:2: {severity}: {words}"]


def test_the_switch_that_lets_output_set_variables_is_told() -> None:
    here: list[Record] = [file(WORKFLOW), switch("on.push")]
    unsecure = switch("jobs.a.env.ACTIONS_ALLOW_UNSECURE_COMMANDS", "true")
    (told,) = said(workflow_privileges_widened, here, [*here, unsecure])
    assert "high: every line of output may set variables" in told
    assert said(workflow_privileges_widened, [*here, unsecure], [*here, unsecure]) == []


@pytest.mark.parametrize(("value", "told"), [("true", 1), ("false", 0)])
def test_a_checkout_that_is_let_off_its_guard_fetches_strangers_code(value: str, told: int) -> None:
    here: list[Record] = [file(WORKFLOW), switch("on.pull_request_target")]
    checkout = switch("jobs.a.steps.b.with.allow-unsafe-pr-checkout", value)
    found = said(workflow_trigger_privileged, here, [*here, checkout])
    assert [": critical: " in one for one in found] == [True] * told


def test_a_script_that_fetches_a_pull_request_is_told() -> None:
    here: list[Record] = [file(WORKFLOW), switch("on.issue_comment")]
    text = "gh pr checkout 5"
    code = Capability(
        path=WORKFLOW, name="shell", subject="a", phase="install", detail=text, at=Place(WORKFLOW, 9, text)
    )
    (found,) = said(workflow_trigger_privileged, here, [*here, code])
    assert "fetches the code of whoever triggers it" in found
