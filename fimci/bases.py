"""Which commits a check in git holds against each other.

Asked for, staged, those of the CI job's event, or local work against its upstream. A commit that is
only data (the head of a pull request, in a job that runs on the base branch) is never checked out:
its tree is read as an index would be.
"""

from __future__ import annotations

from typing import NamedTuple

import pygit2

from fimci.errors import SourceError
from fimci.forge import event
from fimci.request import Request, read
from fimci.sources import git

#: Where the action puts what it fetches of a pull request whose job runs on the base branch.
MERGE, HEAD, BRANCH = "refs/fimci/merge", "refs/fimci/head", "refs/fimci/base"
_FETCH = "give actions/checkout `fetch-depth: 0`, or use the action, which fetches what it needs"


class Bases(NamedTuple):
    """The base commit (`None`: the empty tree), in words which one that is, and the judged commit.

    `head` is `None` where the worktree or the index is judged.
    """

    commit: pygit2.Commit | None
    why: str
    head: pygit2.Commit | None = None


def bases(repository: pygit2.Repository, request: Request) -> Bases:
    """Find both sides: asked for, what is staged, those of the CI event, or of local work."""
    if request.staged and request.base is None:
        if repository.head_is_unborn:
            return Bases(None, "the empty tree")
        return Bases(git.commit(repository, "HEAD"), "HEAD")
    if request.base is not None:
        return Bases(*git.base(repository, request.base))
    found = event.base(request.environment, read)
    if found is None:
        return Bases(*git.base(repository, alone="GITHUB_ACTIONS" not in request.environment))
    return _of_event(repository, found) if found.checked_out else _as_data(repository, found)


def _of_event(repository: pygit2.Repository, found: event.Base) -> Bases:
    head = git.commit(repository, "HEAD")
    if str(head.id) != found.head:
        raise SourceError(
            f"HEAD is {head.short_id}, but this job is about {found.head[:10]}",
            "check out the commit of the event, or name the base with --base",
        )
    name = found.commit
    if found.first_parent:
        name = next(iter(_parents(repository, head)), "")
        if not name:
            raise SourceError(
                f"{head.short_id} is not a merge commit: it has no parent", "name the base with --base"
            )
    if name and (name in repository or not found.branch):
        try:
            return Bases(git.commit(repository, name), found.why)
        except SourceError as error:
            raise SourceError(error.message, _FETCH) from error
    if not found.branch:
        return Bases(None, found.why)
    base = _merge_base(repository, head, f"refs/remotes/origin/{found.branch}")
    why = f"the merge base with {found.branch}" if name else found.why
    return Bases(base, f"{why} (the commit before the push is gone)" if name else why)


def _as_data(repository: pygit2.Repository, found: event.Base) -> Bases:
    """Return the sides of a pull request from what was fetched of it.

    Its test merge if that is one of this very head; otherwise the head itself, against the merge base.
    """
    merge = _fetched(repository, MERGE)
    parents = _parents(repository, merge) if merge is not None else []
    if parents[1:] == [found.head]:
        why = f"{found.why}: the first parent of its test merge"
        return Bases(git.commit(repository, parents[0]), why, merge)
    head = git.commit(repository, found.head)
    return Bases(_merge_base(repository, head, BRANCH), f"{found.why}: the merge base", head)


def _merge_base(repository: pygit2.Repository, head: pygit2.Commit, ref: str) -> pygit2.Commit:
    other = _fetched(repository, ref)
    if other is None:
        raise SourceError(f"{ref} is not in this clone", _FETCH)
    common = repository.merge_base(head.id, other.id)
    if common is None:
        raise SourceError(f"{head.short_id} and {ref} have no commit in common", _FETCH)
    return git.commit(repository, str(common))


def _parents(repository: pygit2.Repository, commit: pygit2.Commit) -> list[str]:
    """Return the parents that a commit states, also where a shallow clone pretends that it has none."""
    head = repository.read(commit.id)[1].partition(b"\n\n")[0]
    return [line[7:].decode("ascii") for line in head.split(b"\n") if line.startswith(b"parent ")]


def _fetched(repository: pygit2.Repository, ref: str) -> pygit2.Commit | None:
    """Return the commit of a whole name of a ref, which is no expression, or `None`."""
    return repository.references[ref].peel(pygit2.Commit) if ref in repository.references else None
