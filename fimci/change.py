"""The change in a git repository: what the index or the worktree brings beyond the base commit.

The trusted side decides: policy comes from the base, never from the change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
import pygit2

from fimci import advice, profiles, rules, sides, verdict
from fimci import policy as policies
from fimci.bases import bases
from fimci.errors import SourceError, UsageError
from fimci.findings import Report
from fimci.forge import event
from fimci.look import Progress
from fimci.model import Unread
from fimci.packages import pairs
from fimci.policy import Policy
from fimci.printable import plural
from fimci.request import Request, named_policy
from fimci.snapshot import Entry, Recipe, Snapshot
from fimci.sources import git

if TYPE_CHECKING:
    from fimci.trees.tree import Tree

#: Files that are judged together: when one of them changes, the others are read as well.
_TOGETHER = tuple(pairs.groups())
#: What a policy's path begins with that is read from the base, like the one that nobody names.
ON_BASE = "base:"
#: Whatever the workflows are called, one lock decides what they use.
_WORKFLOWS, _LOCK_OF_ACTIONS = ".github/workflows", "actions.lock"


def change(request: Request, progress: Progress | None) -> Report:
    """Judge what the index or the worktree brings beyond the base commit."""
    repository = git.open_(request.path)
    below = _below(repository, request.path)
    base, why, head = bases(repository, request)
    tree = base.tree if base is not None else None
    policy, notes = policy_of(repository, tree, request)
    stored = request.staged or head is not None
    index = _index(repository, head) if head is not None else git.index_of(repository, staged=stored)
    # Whoever ran before this in a CI job may have written the index, and the stamps in it.
    quick = request.quick if request.quick is not None else not event.in_ci(request.environment)
    left, right = git.changes(repository, index, tree, staged=stored, quick=quick)
    for path in {*_companions({*left, *right}), *_projects(left.keys() - right.keys(), index)}:
        leaf = git.find(tree, path)
        if leaf is not None and path not in left and path not in right:
            left[path] = right[path] = leaf
    installed = [] if head is not None else _installed(repository, below, request, thorough=not quick)
    right = _tracked(right, index, installed, notes)
    how = sides.recipe(policy.ignore, directories=False, paths=profiles.in_git(policy.paths), code=True)
    if request.lockfiles:
        left, right = ({p: f for p, f in side.items() if pairs.is_of_packages(p)} for side in (left, right))
    guarded = bool(below) and event.in_ci(request.environment)
    chosen = [_chosen(side, below, guarded=guarded) for side in (left, right)]
    names = _commit_name(base), _commit_name(head) if head else _stored_name(request)
    before, after = (
        _snapshot(side, repository, leaves, how, progress) for side, leaves in zip(names, chosen, strict=True)
    )
    trusted = _trusted(repository, tree)
    known = advice.advice(advice.Asked(request.osv, policy, trusted, request.environment))
    releases = policy.releases if request.releases is None else request.releases
    if releases:
        before, after = (msgspec.structs.replace(s, records=list(s.records)) for s in (before, after))
    report = verdict.judge(
        before,
        after,
        policy,
        today=request.today,
        files=sum(_within(os.fsdecode(e.path), below) for e in index) if below else len(index),
        listed=request.listed,
        notes=[f"compared with {why}", *notes],
        known=advice.answers(known),
    )
    report = advice.told(report, known, request.today)
    if releases:
        from fimci.releases import judge  # noqa: PLC0415  (where it is asked for)

        offline = request.offline or policy.offline
        given = (request.environment, offline, request.today, request.sources, request.root)
        how_obtained = judge.How(trusted, policy, *given, request.path)
        report = judge.joined(report, before.records, after.records, how_obtained, progress)
    if not installed:
        return report
    from fimci import trees  # noqa: PLC0415  (commits are judged without)

    answers = advice.answers(known)
    judged = trees.judged(installed, policy, today=request.today, progress=progress, known=answers)
    return trees.joined(report, judged)


def _tracked(
    right: dict[str, git.Leaf], index: pygit2.Index, installed: list[Tree], notes: list[str]
) -> dict[str, git.Leaf]:
    """Leave out what is installed and in no index: it is judged as such, and not as new."""
    beside = {path for path in right if _is_in(path, installed) and os.fsencode(path) not in index}
    if beside:
        notes.append(f"judged as what is installed, and not as new: {plural(len(beside), 'untracked file')}")
    return {path: leaf for path, leaf in right.items() if path not in beside} if beside else right


def _snapshot(
    name: str, repository: pygit2.Repository, side: git.Side, how: Recipe, progress: Progress | None
) -> Snapshot:
    """Take a snapshot of what was chosen of a side."""

    def again(paths: Iterable[str]) -> Iterator[Entry | Unread]:
        return git.entries(repository, {path: side[path] for path in paths if path in side})

    taken = sides.taken(name, git.entries(repository, side), how, progress)
    return sides.settled(taken, project=True, again=again)


def _chosen(side: git.Side, below: str, *, guarded: bool) -> git.Side:
    """Return what is asked for, and what decides how a job checks."""
    return {p: leaf for p, leaf in side.items() if _within(p, below) or (guarded and _is_ours(p))}


def _trusted(repository: pygit2.Repository, tree: pygit2.Tree | None) -> Callable[[str], bytes | None]:
    """Return what reads files of the base."""

    def trusted(path: str) -> bytes | None:
        leaf = git.find(tree, path)
        return git.content(repository, leaf) if leaf is not None else None

    return trusted


def _installed(repository: pygit2.Repository, below: str, request: Request, *, thorough: bool) -> list[Tree]:
    """Return the installed trees of the project, where they are to be judged."""
    if not request.installed:
        return []
    from fimci import trees  # noqa: PLC0415  (commits are judged without)

    found = trees.found(os.path.realpath(repository.workdir), below, request.environment)
    return [tree._replace(thorough=thorough) for tree in found]


def _is_in(path: str, found: Iterable[Tree]) -> bool:
    return any(tree.start and path.startswith(tree.start + "/") for tree in found)


def _index(repository: pygit2.Repository, commit: pygit2.Commit) -> pygit2.Index:
    """Return the tree of a commit as an index in memory: it is looked at, and never checked out."""
    index = pygit2.Index()
    # An index in memory belongs to no repository otherwise.
    index._repo = repository  # type: ignore[assignment]  # noqa: SLF001
    index.read_tree(commit.tree)
    return index


def _commit_name(commit: pygit2.Commit | None) -> str:
    return f"git:{commit.short_id}" if commit is not None else "git:(nothing)"


def _stored_name(request: Request) -> str:
    return "git:" + (git.INDEX if request.staged else git.WORKTREE)


def _below(repository: pygit2.Repository, path: str) -> str:
    """Return the part of the repository that is asked for: a folder, a file, or `""` for all."""
    if repository.is_bare or repository.workdir is None:
        raise SourceError("the repository has no worktree", "use `fimci compare git:OLD git:NEW`")
    prefix = os.path.relpath(os.path.realpath(path), os.path.realpath(repository.workdir))
    if prefix == ".":
        return ""
    prefix = prefix.replace(os.sep, "/")
    if repository.path_is_ignored(prefix + "/" if os.path.isdir(path) else prefix):
        raise UsageError(
            f"git ignores {path}", "compare it with a baseline: `fimci check PATH --baseline FILE`"
        )
    return prefix


def _within(path: str, below: str) -> bool:
    return not below or path == below or path.startswith(below + "/")


def _is_ours(path: str) -> bool:
    """Tell whether a file decides how a job checks: what folder that checks is said there too."""
    return path.startswith((".github/", ".gitlab-ci")) or path in policies.FILES


def _companions(paths: Iterable[str]) -> Iterator[str]:
    """Yield the manifests and lockfiles beside and above changed ones."""
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name.endswith((".in", ".txt")):
            stem = path.rpartition(".")[0]
            yield from (f"{stem}.in", f"{stem}.txt")
        if folder == _WORKFLOWS:
            yield f"{folder}/{_LOCK_OF_ACTIONS}"
        for group in _TOGETHER:
            if name in group:
                for above in _upwards(folder):
                    yield from (f"{above}{other}" for other in group)


def _projects(gone: Iterable[str], index: pygit2.Index) -> Iterator[str]:
    """Yield what may be a manifest of lockfiles that are gone, where its name is anybody's choice."""
    locks: dict[str, list[str]] = {}
    for path in gone:
        if (manager := pairs.manager_of(path)) is not None and manager.endings:
            locks.setdefault(pairs.home(path), []).append(path)
    for path in (os.fsdecode(entry.path) for entry in index) if locks else ():
        if any(pairs.is_project(path, lock) for lock in locks.get(path.rpartition("/")[0], ())):
            yield path


def _upwards(folder: str) -> Iterator[str]:
    """Yield a folder and all above it, as prefixes, down to the empty one."""
    while folder:
        yield folder + "/"
        folder = folder.rpartition("/")[0]
    yield ""


def policy_of(
    repository: pygit2.Repository, tree: pygit2.Tree | None, request: Request
) -> tuple[Policy, list[str]]:
    """Read policy from the base, or from the file that the command line names."""
    asked = ""
    files: tuple[str, ...] = policies.FILES
    if request.config is not None:
        if not request.config.startswith(ON_BASE):
            return named_policy(request.config), []
        asked = request.config.removeprefix(ON_BASE)
        files = (asked,)
    names = rules.pages()
    for file in files:
        leaf = git.find(tree, file)
        if leaf is None:
            continue
        policy = policies.parse(git.content(repository, leaf), file, names)
        if policy is not None:
            return policy, []
    return Policy(), [f"no {asked or 'policy'} on the base: built-in defaults apply"]
