"""The main job: judge the change in a git repository, or a folder against its baseline.

The trusted side decides: policy comes from the base of the change, or is the very file that the
baseline saw. What the change itself brings along is judged, never obeyed.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping

import msgspec
import pygit2

from fimci import packing, profiles, rules, sides, verdict
from fimci import policy as policies
from fimci.errors import SourceError, UsageError
from fimci.findings import Report
from fimci.forge import event
from fimci.look import ALGORITHMS
from fimci.model import Digest, File
from fimci.policy import Policy
from fimci.snapshot import Snapshot
from fimci.sources import git
from fimci.sources.locator import Locator

#: Where a folder's baseline is looked for. No policy says otherwise: it would be the folder's own.
BASELINE = "fimci.baseline"
#: Files that are judged together: when one of them changes, the others are read as well.
_TOGETHER = (
    frozenset({"package.json", "package-lock.json", "npm-shrinkwrap.json"}),
    frozenset({"pyproject.toml", "uv.lock", "poetry.lock", "pylock.toml"}),
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to check: `path`, and what the command line says about its other side."""

    path: str = "."
    staged: bool = False
    base: str | None = None
    baseline: str | None = None
    config: str | None = None
    environment: Mapping[str, str] = {}
    today: dt.date


def check(request: Request, progress: sides.Progress | None = None) -> Report:
    """Judge the change that `request` describes, in git where there is git."""
    if request.baseline is None and git.discover(request.path) is not None:
        return _change(request, progress)
    if request.staged or request.base:
        raise UsageError(f"{request.path} is in no git repository", "leave out --staged and --base")
    return _drift(request, progress)


def baseline_of(path: str, option: str) -> str:
    """Return the baseline of a folder, or its packed form where that is what is there.

    Raises `UsageError` if both are there; `option` names the one of them that is meant.
    """
    file = os.path.join(path, BASELINE)
    packed = file + packing.SUFFIX
    if not os.path.lexists(packed):
        return file
    if os.path.lexists(file):
        raise UsageError(f"there are {file} and {packed}", f"remove one of them, or name one with {option}")
    return packed


def _change(request: Request, progress: sides.Progress | None) -> Report:
    """Judge what the index or the worktree brings beyond the base commit."""
    repository = git.open_(request.path)
    below = _below(repository, request.path)
    base, why = _base(repository, request)
    tree = base.tree if base is not None else None
    policy, notes = _policy_of(repository, tree, request)
    index = git.index_of(repository, staged=request.staged)
    left, right = git.changes(repository, index, tree, staged=request.staged)
    for path in _companions({*left, *right}):
        leaf = git.find(tree, path)
        if leaf is not None and path not in left and path not in right:
            left[path] = right[path] = leaf
    how = sides.recipe(policy.ignore, directories=False, paths=profiles.in_git(policy.paths))
    chosen = [{p: leaf for p, leaf in side.items() if _within(p, below)} for side in (left, right)]
    name = "git:" + (git.INDEX if request.staged else git.WORKTREE)
    return verdict.judge(
        sides.taken(_commit_name(base), git.entries(repository, chosen[0]), how, progress),
        sides.taken(name, git.entries(repository, chosen[1]), how, progress),
        policy,
        today=request.today,
        files=sum(_within(os.fsdecode(e.path), below) for e in index) if below else len(index),
        notes=[f"held against {why}", *notes],
    )


def _drift(request: Request, progress: sides.Progress | None) -> Report:
    """Judge a folder against its baseline, taken alike."""
    if not os.path.isdir(request.path):
        raise SourceError(f"{request.path} is no folder", "name a folder, or use `fimci compare`")
    file = request.baseline or baseline_of(request.path, "--baseline")
    left = sides.baseline(file)
    notes = (
        [] if sides.trusted(left.recipe) else ["the baseline is of other readers: only files are compared"]
    )
    right = sides.snapshot(Locator("dir", request.path), left.recipe, progress, sides.sizes(left))
    right = _without(right, os.path.relpath(file, request.path))
    policy, told = _sealed_policy(request, left)
    return verdict.judge(left, right, policy, today=request.today, sealed=True, notes=[*notes, *told])


def _base(repository: pygit2.Repository, request: Request) -> tuple[pygit2.Commit | None, str]:
    """Find the base commit: asked for, what is staged, the CI event's, or the upstream's."""
    if request.staged and request.base is None:
        return (
            (None, "the empty tree")
            if repository.head_is_unborn
            else (git.commit(repository, "HEAD"), "HEAD")
        )
    if request.base is not None:
        return git.base(repository, request.base)
    found = event.base(request.environment, _read)
    if found is None:
        return git.base(repository, alone="GITHUB_ACTIONS" not in request.environment)
    head = git.commit(repository, "HEAD")
    if str(head.id) != found.head:
        raise SourceError(
            f"HEAD is {head.short_id}, but this job is about {found.head[:10]}",
            "check out the commit of the event, or name the base with --base",
        )
    name = str(head.parent_ids[0]) if found.first_parent and head.parent_ids else found.commit
    try:
        return git.commit(repository, name), found.why
    except SourceError as error:
        raise SourceError(error.message, "give actions/checkout `fetch-depth: 2`, or 0") from error


def _commit_name(commit: pygit2.Commit | None) -> str:
    return f"git:{commit.short_id}" if commit is not None else "git:(nothing)"


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
            f"git ignores {path}", "hold it against a baseline: `fimci check PATH --baseline FILE`"
        )
    return prefix


def _within(path: str, below: str) -> bool:
    return not below or path == below or path.startswith(below + "/")


def _companions(paths: Iterable[str]) -> Iterator[str]:
    """Yield the manifests and lockfiles beside and above changed ones."""
    for path in paths:
        folder, _, name = path.rpartition("/")
        for group in _TOGETHER:
            if name in group:
                for above in _upwards(folder):
                    yield from (f"{above}{other}" for other in group)


def _upwards(folder: str) -> Iterator[str]:
    """Yield a folder and all above it, as prefixes, down to the empty one."""
    while folder:
        yield folder + "/"
        folder = folder.rpartition("/")[0]
    yield ""


def _policy_of(
    repository: pygit2.Repository, tree: pygit2.Tree | None, request: Request
) -> tuple[Policy, list[str]]:
    """Read policy from the base, or from the file that the command line names."""
    if request.config is not None:
        return named_policy(request.config), []
    names = rules.pages()
    for file in policies.FILES:
        leaf = git.find(tree, file)
        if leaf is None:
            continue
        policy = policies.parse(git.content(repository, leaf), file, names)
        if policy is not None:
            return policy, []
    return Policy(), ["no policy on the base: built-in defaults apply"]


def _sealed_policy(request: Request, left: Snapshot) -> tuple[Policy, list[str]]:
    """Read policy from the folder, if it is the very file that the baseline saw."""
    if request.config is not None:
        return named_policy(request.config), []
    for name in policies.FILES:
        file = os.path.join(request.path, name)
        if not os.path.lexists(file):
            continue
        data = _read(file)
        seen = Digest(left.recipe.algorithm, ALGORITHMS[left.recipe.algorithm](data).hexdigest())
        if not any(isinstance(r, File) and r.path == name and r.digest == seen for r in left.records):
            return Policy(), [f"{name} is not the one of the baseline: built-in defaults apply"]
        policy = policies.parse(data, name, rules.pages())
        if policy is not None:
            return policy, []
    return Policy(), []


def own_policy(path: str) -> Policy:
    """Read the policy of a folder that is about to be declared good."""
    for file in policies.FILES:
        name = os.path.join(path, file)
        if os.path.isfile(name):
            policy = policies.parse(_read(name), file, rules.pages())
            if policy is not None:
                return policy
    return Policy()


def named_policy(file: str) -> Policy:
    """Read a policy file that the command line names. Raises `UsageError` where there is none."""
    try:
        data = _read(file)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "name a policy file with --config"
        ) from error
    return policies.parse(data, file, rules.pages()) or Policy()


def _read(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read(event.EVENT_LIMIT)


def _without(snapshot: Snapshot, path: str) -> Snapshot:
    """Leave the baseline file itself out of what it is compared with."""
    kept = (record for record in snapshot.records if getattr(record, "path", None) != path)
    return msgspec.structs.replace(snapshot, records=kept)
