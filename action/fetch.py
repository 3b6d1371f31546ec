"""Fetch what the base of a change needs, where the checkout does not have it. Nothing is checked out.

A shallow clone gets single commits (`--depth=1`), or so much more history that two branches meet; a
full one is never made shallow. What cannot be fetched is said by the check itself, with what to do.
The token reaches git through its environment alone, and goes to the server of the job alone.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from fimci.bases import BRANCH, HEAD, MERGE
from fimci.errors import FimciError
from fimci.forge import event
from fimci.printable import printable
from fimci.request import read

#: Commits by which a shallow history is deepened, step by step, until two branches meet.
_DEEPER = (50, 500, 5_000)
_SECONDS = 300


def main() -> int:
    """Fetch for the event of this job; always 0: it is the check that judges what is there."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return 0
    try:
        found = event.base(os.environ, read)
    except FimciError:
        return 0  # the check says it, with its remedy
    git = of_job(os.environ)
    try:
        if found is not None:
            (_of_checkout if found.checked_out else _as_data)(git, found)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"fimci: the base could not be fetched: {printable(str(error))}", file=sys.stderr)
    return 0


class Git(NamedTuple):
    """git in the workspace of a job: where, the URL of the job's own repository, and the variables."""

    folder: str
    url: str
    environment: Mapping[str, str]


def of_job(environment: Mapping[str, str]) -> Git:
    """Return git for a job: it runs nothing that a repository configures; the token stays in variables."""
    server = environment.get("GITHUB_SERVER_URL", "")
    settings = {
        "safe.directory": "*",
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "fetch.recurseSubmodules": "false",
        "credential.helper": "",
    }
    if environment.get("FIMCI_TOKEN"):
        word = base64.b64encode(f"x-access-token:{environment['FIMCI_TOKEN']}".encode()).decode()
        settings[f"http.{server}/.extraheader"] = f"AUTHORIZATION: basic {word}"
    variables = {key: text for key, text in environment.items() if key != "FIMCI_TOKEN"}
    variables["GIT_TERMINAL_PROMPT"] = "0"
    variables["GIT_ALLOW_PROTOCOL"] = urlsplit(server).scheme or "https"
    variables["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, text) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = text
    url = f"{server}/{environment.get('GITHUB_REPOSITORY', '')}"
    return Git(environment["GITHUB_WORKSPACE"], url, variables)


def run(git: Git, *words: str) -> str | None:
    """Return what git prints; `None` where it fails."""
    done = subprocess.run(
        ["git", "-C", git.folder, *words],
        env=dict(git.environment),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def fetch(git: Git, *refs: str, depth: str = "--depth=1") -> None:
    """Fetch refs or commits from the server of the job, shallow only where the clone is."""
    cut = [depth] if shallow(git) else []
    run(git, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force", *cut, git.url, *refs)


def shallow(git: Git) -> bool:
    """Tell whether the history of the clone is cut."""
    return run(git, "rev-parse", "--is-shallow-repository") == "true"


def has(git: Git, commit: str) -> bool:
    """Tell whether a commit is in the clone."""
    return run(git, "cat-file", "-e", f"{commit}^{{commit}}") is not None


def _of_checkout(git: Git, found: event.Base) -> None:
    commit = found.commit
    if found.first_parent:
        commit = next(_parents(git, found.head), "")
    if commit and not has(git, commit):
        fetch(git, commit)
    if found.branch and not (commit and has(git, commit)):
        _meet(git, found.head, found.branch, f"refs/remotes/origin/{found.branch}")


def _as_data(git: Git, found: event.Base) -> None:
    """Fetch the test merge of a pull request with its parents, or else its head and the base branch."""
    pull = f"refs/pull/{found.number}"
    fetch(git, f"{pull}/merge:{MERGE}", depth="--depth=2")
    if list(_parents(git, MERGE))[1:] == [found.head]:
        return
    fetch(git, f"{pull}/head:{HEAD}")
    if found.branch:
        _meet(git, f"{pull}/head", found.branch, BRANCH)


def _meet(git: Git, head: str, branch: str, ref: str) -> None:
    """Fetch a branch to `ref`, and history until it has a commit in common with `head`."""
    there = f"refs/heads/{branch}:{ref}"
    here = HEAD if ref == BRANCH else "HEAD"
    wanted = [f"{head}:{HEAD}"] if ref == BRANCH else [head]
    fetch(git, there)
    for step in (*(f"--deepen={number}" for number in _DEEPER), "--unshallow"):
        if run(git, "merge-base", here, ref) or not shallow(git):
            return
        fetch(git, *wanted, there, depth=step)


def _parents(git: Git, commit: str) -> Iterator[str]:
    """Yield the parents that the commit object itself lists, whether they are here or not."""
    for line in (run(git, "cat-file", "commit", commit) or "").split("\n"):
        if not line:
            return
        if line.startswith("parent "):
            yield line.removeprefix("parent ")


if __name__ == "__main__":
    sys.exit(main())
