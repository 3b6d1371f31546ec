"""Which commit a CI job's change is to be held against.

The environment of a job is the code host's word. Only commit ids and names of branches are taken
from it, and only in their forms, so that nothing in it can become an option or another revision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fimci.errors import SourceError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
#: The name of a branch. No space, colon or caret: nothing that a revision could be made of.
_NAME = re.compile(r"[^\s\x00-\x1f\x7f~^:?*\[\\@{}-][^\s\x00-\x1f\x7f~^:?*\[\\{}]{0,249}")
#: An event file larger than this is not one (the hosts cap payloads at 25 MB).
EVENT_LIMIT = 32 * 1024 * 1024


class Base(msgspec.Struct, frozen=True):
    """What to subtract: two commits, and where that is known from.

    `head` is judged. Its base is `commit`, or its first parent (`first_parent`: it is a test merge,
    and the base that the event itself names was frozen when the pull request was opened), or, where
    there is neither, the merge base with `branch`. `checked_out` is false where the job has another
    commit in its worktree: then `head` is looked at as data, and `number` is that of its pull
    request. Without any base there was nothing before.
    """

    head: str
    commit: str = ""
    first_parent: bool = False
    branch: str = ""
    checked_out: bool = True
    number: int = 0
    why: str = ""


class NoChangeError(SourceError):
    """The event brings no change: only a baseline can be held against."""


def base(environment: Mapping[str, str], read: Callable[[str], bytes]) -> Base | None:
    """Return the base of the change that this job judges; `None` outside CI, or where nothing tells.

    Knows GitHub Actions (and its likenesses, Gitea and Forgejo), and GitLab merge requests.
    `read` opens the event file. Raises `SourceError` for an event that makes no sense, and
    `NoChangeError` for one that is about no change.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment, read)
    if environment.get("GITLAB_CI") == "true":
        commit = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
        head = environment.get("CI_COMMIT_SHA", "")
        if _COMMIT.fullmatch(commit) and _COMMIT.fullmatch(head):
            return Base(head, commit, why="the base of the merge request")
    return None


def in_ci(environment: Mapping[str, str]) -> bool:
    """Tell whether this is a job of a CI system, by the variable that all of them set."""
    return environment.get("CI", "").lower() not in {"", "0", "false"} or "GITHUB_ACTIONS" in environment


def _github(environment: Mapping[str, str], read: Callable[[str], bytes]) -> Base | None:
    name = environment.get("GITHUB_EVENT_NAME", "")
    head = _commit(environment.get("GITHUB_SHA"), "GITHUB_SHA")
    if name == "pull_request":
        return Base(head, first_parent=True, why="the first parent of the pull request's test merge")
    if name not in {"push", "merge_group", "pull_request_target"}:
        raise NoChangeError(
            f"a {name or 'nameless'} event brings no change to judge", "name the base with --base"
        )
    event = _event(environment.get("GITHUB_EVENT_PATH", ""), read)
    if name == "merge_group":
        group = _table(event, "merge_group")
        return Base(
            head, _commit(group.get("base_sha"), "merge_group.base_sha"), why="the base of the merge group"
        )
    return _target(event) if name == "pull_request_target" else _push(head, event)


def _target(event: dict[str, Any]) -> Base:
    """Return the sides of a pull request whose job runs on the base branch: its commits are data."""
    pull = _table(event, "pull_request")
    number = pull.get("number")
    if not isinstance(number, int) or number < 1:
        raise SourceError("pull_request.number is not a number", "name the base with --base")
    return Base(
        _commit(_table(pull, "head").get("sha"), "pull_request.head.sha"),
        branch=_branch(_table(pull, "base").get("ref")),
        checked_out=False,
        number=number,
        why="the base of the pull request",
    )


def _push(head: str, event: dict[str, Any]) -> Base | None:
    if event.get("deleted") is True:
        raise NoChangeError("a branch was deleted, which brings no change to judge")
    before = event.get("before")
    default = _branch(_table(event, "repository").get("default_branch"))
    branch = "" if event.get("ref") == f"refs/heads/{default}" else default
    if event.get("created") is not True and isinstance(before, str) and set(before) != {"0"}:
        return Base(head, _commit(before, "before"), branch=branch, why="the commit before the push")
    if branch:
        return Base(head, branch=branch, why="where the new branch leaves the default branch")
    return Base(head, why="nothing: the default branch is new") if default else None


def _branch(value: object) -> str:
    """Return the name of a branch, or nothing for what could be read as more than one."""
    text = value if isinstance(value, str) else ""
    return text if _NAME.fullmatch(text) and ".." not in text else ""


def _event(path: str, read: Callable[[str], bytes]) -> dict[str, Any]:
    try:
        event = json.loads(read(path))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"the event file cannot be read: {error}", "name the base with --base") from error
    return event if isinstance(event, dict) else {}


def _table(event: dict[str, Any], key: str) -> dict[str, Any]:
    value = event.get(key)
    return value if isinstance(value, dict) else {}


def _commit(value: object, where: str) -> str:
    if isinstance(value, str) and _COMMIT.fullmatch(value):
        return value
    raise SourceError(f"{where} holds no commit id", "name the base with --base")
