"""The base of a CI job's change, from payloads as the code hosts send them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from fimci.errors import SourceError
from fimci.forge.event import Base, NoChangeError, base

HEAD, OTHER = "a" * 40, "b" * 40
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_SHA": HEAD, "GITHUB_EVENT_PATH": "event.json"}


def reading(event: object) -> Callable[[str], bytes]:
    return lambda _: json.dumps(event).encode()


def github(name: str, event: object) -> Base | None:
    return base({**GITHUB, "GITHUB_EVENT_NAME": name}, reading(event))


def test_outside_ci_there_is_none() -> None:
    assert base({}, reading({})) is None
    assert base({"CI": "true"}, reading({})) is None


def test_a_pull_request_is_held_against_the_first_parent_of_its_merge() -> None:
    stale = {"pull_request": {"base": {"sha": OTHER}}}
    found = github("pull_request", stale)
    assert found is not None
    assert (found.head, found.first_parent, found.commit) == (HEAD, True, "")


def test_a_push_is_held_against_what_was_there_before() -> None:
    found = github("push", {"before": OTHER, "created": False})
    assert found is not None
    assert found.commit == OTHER


@pytest.mark.parametrize("event", [{"before": "0" * 40}, {"before": OTHER, "created": True}, {}])
def test_a_new_branch_has_no_before(event: object) -> None:
    assert github("push", event) is None


def test_a_merge_group_names_its_base() -> None:
    found = github("merge_group", {"merge_group": {"base_sha": OTHER}})
    assert found is not None
    assert found.commit == OTHER


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch", "issue_comment", ""])
def test_an_event_without_a_change_is_no_clean_run(name: str) -> None:
    with pytest.raises(SourceError, match="brings no change"):
        github(name, {})


def test_the_head_of_a_pull_request_target_is_data() -> None:
    pull = {"number": 7, "head": {"sha": OTHER}, "base": {"ref": "main", "sha": HEAD}}
    found = github("pull_request_target", {"pull_request": pull})
    assert found is not None
    assert (found.head, found.branch, found.checked_out, found.number) == (OTHER, "main", False, 7)


@pytest.mark.parametrize("number", [None, "7", 0, -1])
def test_a_pull_request_target_without_a_number_is_told(number: object) -> None:
    with pytest.raises(SourceError, match="not a number"):
        github("pull_request_target", {"pull_request": {"number": number, "head": {"sha": OTHER}}})


def test_a_new_branch_is_held_against_the_default_one() -> None:
    new = {
        "before": "0" * 40,
        "created": True,
        "ref": "refs/heads/x",
        "repository": {"default_branch": "main"},
    }
    found = github("push", new)
    assert found is not None
    assert (found.commit, found.branch) == ("", "main")
    found = github("push", {**new, "ref": "refs/heads/main"})
    assert found is not None
    assert (found.commit, found.branch, found.why) == ("", "", "nothing: the default branch is new")


@pytest.mark.parametrize(
    "name", ["a..b", "a b", "a~1", "a^", "a:b", "-x", "@{u}", "a\n", "a*", "x" * 300, 7, None]
)
def test_a_branch_that_could_be_another_revision_is_none(name: object) -> None:
    found = github("push", {"before": OTHER, "ref": "x", "repository": {"default_branch": name}})
    assert found is not None
    assert found.branch == ""


def test_a_deleted_branch_brings_no_change() -> None:
    with pytest.raises(NoChangeError):
        github("push", {"before": OTHER, "deleted": True})


@pytest.mark.parametrize(
    "value", ["--upload-pack=x", "main", "A" * 40, "a" * 41, "a" * 39, None, 7, ["a"], "a" * 40 + "\n"]
)
def test_only_commit_ids_are_taken(value: object) -> None:
    with pytest.raises(SourceError):
        github("merge_group", {"merge_group": {"base_sha": value}})
    if isinstance(value, str):
        with pytest.raises(SourceError):
            github("push", {"before": value})


@pytest.mark.parametrize("data", [b"", b"[", b"\xff", b"[" * 100_000])
def test_an_event_file_that_is_none_is_told(data: bytes) -> None:
    environment = {**GITHUB, "GITHUB_EVENT_NAME": "push"}
    with pytest.raises(SourceError, match="cannot be read"):
        base(environment, lambda _: data)


@pytest.mark.parametrize("event", [[], 7, None, "x", {"merge_group": 3}])
def test_an_event_of_another_shape_is_told(event: object) -> None:
    with pytest.raises(SourceError):
        github("merge_group", event)


def test_a_gitlab_merge_request() -> None:
    environment = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": OTHER, "CI_COMMIT_SHA": HEAD}
    found = base(environment, reading({}))
    assert found is not None
    assert (found.head, found.commit) == (HEAD, OTHER)
    assert base({"GITLAB_CI": "true", "CI_COMMIT_SHA": HEAD}, reading({})) is None


def test_commits_of_sha256_repositories() -> None:
    found = github("push", {"before": "c" * 64})
    assert found is not None
    assert found.commit == "c" * 64
