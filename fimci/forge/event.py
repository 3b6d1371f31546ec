"""Which commit a CI job's change is to be held against.

The environment of a job is the code host's word. Only commit ids are taken from it, and only in
the form of commit ids, so that nothing in it can become an option or another ref.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fimci.errors import SourceError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
#: An event file larger than this is not one (the hosts cap payloads at 25 MB).
EVENT_LIMIT = 32 * 1024 * 1024


class Base(msgspec.Struct, frozen=True):
    """What to subtract: two commits, and where that is known from.

    `first_parent` says that the base is the first parent of `head` (a test merge): the base
    that the event itself names was frozen when the pull request was opened.
    """

    head: str
    commit: str = ""
    first_parent: bool = False
    why: str = ""


def base(environment: Mapping[str, str], read: Callable[[str], bytes]) -> Base | None:
    """Return the base of the change that this job judges; `None` outside CI or for a new branch.

    Knows GitHub Actions (and its likenesses, Gitea and Forgejo), and GitLab merge requests.
    `read` opens the event file. Raises `SourceError` for an event that makes no sense.
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
        raise SourceError(
            f"a {name or 'nameless'} event brings no change to judge", "name the base with --base"
        )
    event = _event(environment.get("GITHUB_EVENT_PATH", ""), read)
    if name == "merge_group":
        group = _table(event, "merge_group")
        return Base(
            head, _commit(group.get("base_sha"), "merge_group.base_sha"), why="the base of the merge group"
        )
    if name == "pull_request_target":
        raise SourceError(
            "pull_request_target runs on the base branch and has no checkout of the change",
            "run fimci on `pull_request`, or name both sides: `fimci compare git:BASE git:HEAD`",
        )
    before = event.get("before")
    if event.get("created") is True or not isinstance(before, str) or set(before) == {"0"}:
        return None
    return Base(head, _commit(before, "before"), why="the commit before the push")


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
