"""The job that a check runs in, as the code host describes it: what may be told, and where.

Everything here is from the environment and the event file, both the host's own word. What goes into a
URL is taken only in its form.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_SLUG = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
#: Whose comments are those of the token that every job has.
AUTHOR = "github-actions[bot]"


class Job(NamedTuple):
    """One job on GitHub. `number` is that of the pull request, 0 where there is none.

    `head` is the commit that the host shows results at: a pull request's own head, not its test merge.
    `key` tells jobs of one repository apart, `page` is the URL of the run, `summary` and `outputs` are
    the files that the runner reads.
    """

    api: str = ""
    token: str = ""
    repository: str = ""
    number: int = 0
    head: str = ""
    key: str = ""
    page: str = ""
    summary: str = ""
    outputs: str = ""
    author: str = AUTHOR


def job(environment: Mapping[str, str], read: Callable[[str], bytes]) -> Job:
    """Return the job of this environment; what it does not tell is empty."""
    event = _event(environment.get("GITHUB_EVENT_PATH", ""), read)
    pull = event.get("pull_request")
    pull = pull if isinstance(pull, dict) else {}
    number = pull.get("number")
    own = pull.get("head", {}).get("sha") if isinstance(pull.get("head"), dict) else None
    head = own or environment.get("GITHUB_SHA", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    repository = repository if _SLUG.fullmatch(repository) else ""
    server, run = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_RUN_ID", "")
    return Job(
        api=environment.get("GITHUB_API_URL", "").rstrip("/"),
        token=environment.get("FIMCI_TOKEN") or environment.get("GITHUB_TOKEN", ""),
        repository=repository,
        number=number if isinstance(number, int) and number > 0 else 0,
        head=head if isinstance(head, str) and _COMMIT.fullmatch(head) else "",
        key=_key(environment),
        page=f"{server}/{repository}/actions/runs/{run}" if run.isdecimal() and repository else "",
        summary=environment.get("GITHUB_STEP_SUMMARY", ""),
        outputs=environment.get("GITHUB_OUTPUT", ""),
        author=environment.get("FIMCI_COMMENT_AUTHOR") or AUTHOR,
    )


def _key(environment: Mapping[str, str]) -> str:
    """Return what tells this job's comment from those of other jobs: its workflow, name and folder."""
    workflow = environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    parts = (workflow, environment.get("GITHUB_JOB", ""), environment.get("FIMCI_WORKING_DIRECTORY", ""))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def _event(path: str, read: Callable[[str], bytes]) -> dict[str, Any]:
    try:
        event = json.loads(read(path)) if path else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
