"""`git:REF`, `git::index`, `git::worktree`: the sides of a git repository, through libgit2.

Nothing is run: no hooks, no filter drivers, no external diff, no fsmonitor. Content in the
worktree is brought into the form that git stores (`fimci.sources.filters`) before it is hashed,
so that a clean clone shows no change whatever its line endings. Which paths changed comes from
git's own comparison, so unchanged files cost nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import pygit2
from pygit2.enums import DeltaStatus, DiffOption, FileMode, Option
from pygit2.ffi import C, ffi

from fimci.errors import SourceError
from fimci.model import Digest, Unread
from fimci.snapshot import Entry, reason
from fimci.sources import directory, filters

INDEX, WORKTREE = ":index", ":worktree"
#: Flags of an index entry (`git/index.h` of libgit2).
_ASSUME_UNCHANGED, _SKIP_WORKTREE = 0x8000, 1 << 14

# libgit2 refuses repositories of another user because git itself would run what their
# configuration names. Nothing is run here, and CI containers mount such checkouts all the time.
pygit2.option(Option.SET_OWNER_VALIDATION, False)  # noqa: FBT003  (its signature)

_UNTRACKED = (
    DiffOption.INCLUDE_UNTRACKED
    | DiffOption.RECURSE_UNTRACKED_DIRS
    | DiffOption.INCLUDE_UNREADABLE_AS_UNTRACKED
    | DiffOption.INCLUDE_TYPECHANGE
)


class Leaf(NamedTuple):
    """What one side has at a path: git's mode, and the object (`None`: a file of the worktree)."""

    mode: int
    id: str | None


Side: TypeAlias = Mapping[str, Leaf]


def discover(path: str) -> str | None:
    """Return the git directory that `path` belongs to, or `None`."""
    return pygit2.discover_repository(path)


def open_(path: str) -> pygit2.Repository:
    """Open the repository that `path` belongs to."""
    found = discover(path)
    if found is None:
        raise SourceError(f"{path} is not in a git repository", "run this in a clone, or name a folder")
    try:
        return pygit2.Repository(found)
    except (pygit2.GitError, ValueError) as error:
        raise SourceError(
            f"{found} cannot be opened: {error}",
            "see `git fsck`; or compare the folder with a baseline: `fimci check PATH --baseline FILE`",
        ) from error


def index_of(repository: pygit2.Repository, *, staged: bool) -> pygit2.Index:
    """Return the index; with `staged` the one that git names to its hooks.

    `git commit -a` and `git commit PATH` keep what is about to be committed in an index of their
    own, in `GIT_INDEX_FILE`. That is said of the repository of the current folder, no other.
    """
    try:
        index: pygit2.Index = repository.index
        file = os.environ.get("GIT_INDEX_FILE") if staged else None
        here = discover(os.environ.get("GIT_DIR") or ".") if file else None
        if file and here and os.path.realpath(here) == os.path.realpath(repository.path):
            index = pygit2.Index(os.path.join(repository.workdir, file))
            index.read()
    except (pygit2.GitError, OSError) as error:
        raise SourceError(
            f"the index of {repository.path} cannot be read: {error}",
            "run `git sparse-checkout reapply --no-sparse-index`"
            if "'sdir'" in str(error)
            else f"remove {repository.path}index, then run `git reset`",
        ) from error
    return index


def commit(repository: pygit2.Repository, ref: str) -> pygit2.Commit:
    """Return the commit that a ref, tag or id names. Raises `SourceError` if none."""
    try:
        return repository.revparse_single(ref).peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        shallow = " (the clone is shallow)" if repository.is_shallow else ""
        raise SourceError(
            f"{ref} is not a commit of this clone{shallow}", "fetch it, or name another one; see `git log`"
        ) from error


def base(
    repository: pygit2.Repository, ref: str | None = None, *, alone: bool = True
) -> tuple[pygit2.Commit | None, str]:
    """Return the commit that local work is held against, and in words which one that is.

    The merge base of HEAD with `ref`; without one with the branch's upstream, or the default
    branch of `origin`; where there is none of these, HEAD if it may stand `alone` (in CI, where
    the worktree is HEAD, that would judge nothing). `None`: there is no commit at all.
    """
    if repository.head_is_unborn:
        return None, "the empty tree (there is no commit yet)"
    head = commit(repository, "HEAD")
    name = ref or _upstream(repository)
    if name is None and not alone:
        raise SourceError("the base of this change is unknown", "name the base with --base")
    if name is None:
        return head, "HEAD (the branch has no upstream)"
    other = commit(repository, name)
    found = repository.merge_base(head.id, other.id)
    if found is None:
        remedy = "fetch more history (`fetch-depth: 0`)" if repository.is_shallow else "name another base"
        raise SourceError(f"HEAD and {name} have no commit in common", remedy)
    return commit(repository, str(found)), f"the merge base with {name}"


def listing(repository: pygit2.Repository, ref: str) -> dict[str, Leaf]:
    """Return everything that a side has: a commit, `:index`, or `:worktree`."""
    if ref in {INDEX, WORKTREE}:
        staged = ref == INDEX
        return changes(repository, index_of(repository, staged=staged), None, staged=staged)[1]
    return dict(_leaves(commit(repository, ref).tree, ""))


def find(tree: pygit2.Tree | None, path: str) -> Leaf | None:
    """Return what a tree has at `path`, or `None`."""
    here: pygit2.Object | None = tree
    for name in path.split("/"):
        if not isinstance(here, pygit2.Tree):
            return None
        raw = os.fsencode(name)
        here = next((member for member in here if member.raw_name == raw), None)
    if here is None or isinstance(here, pygit2.Tree):
        return None
    return Leaf(int(here.filemode), str(here.id))


def content(repository: pygit2.Repository, leaf: Leaf) -> bytes:
    """Return the bytes of a stored object. Raises `OSError` where a partial clone lacks it."""
    blob = repository.get(leaf.id) if leaf.id is not None else None
    if not isinstance(blob, pygit2.Blob):
        raise OSError(f"object {leaf.id} is not in the repository")
    return blob.data


def changes(
    repository: pygit2.Repository,
    index: pygit2.Index,
    tree: pygit2.Tree | None,
    *,
    staged: bool,
    quick: bool = True,
) -> tuple[dict[str, Leaf], dict[str, Leaf]]:
    """Return what differs between a tree and an index or the worktree: the leaves of either side.

    `tree` is `None` for the empty one. Files of the worktree that git ignores take no part. `quick`:
    a file whose size and times are those in the index is not read (docs/shortcut.md).
    """
    left: dict[str, Leaf] = {}
    right: dict[str, Leaf] = {}
    if tree is None:
        right.update({entry.path: entry.leaf for entry in _indexed(index)})
    else:
        for delta in tree.diff_to_index(index).deltas:
            path = _delta_path(delta)
            if delta.status != DeltaStatus.ADDED:
                left[path] = Leaf(int(delta.old_file.mode), str(delta.old_file.id))
            if delta.status != DeltaStatus.DELETED:
                right[path] = Leaf(int(delta.new_file.mode), str(delta.new_file.id))
    if not staged:
        for path, (old, new) in _edits(repository, index, quick=quick).items():
            if old is not None and tree is not None and path not in left and path not in right:
                left[path] = old
            if new is None:
                right.pop(path, None)
            else:
                right[path] = new
    return left, right


def _edits(
    repository: pygit2.Repository, index: pygit2.Index, *, quick: bool
) -> dict[str, tuple[Leaf | None, Leaf | None]]:
    """Return what the worktree has beside or instead of the index: the leaves before and after."""
    unwatched = {entry.path: entry.leaf for entry in _indexed(index) if entry.unwatched}
    found: dict[str, tuple[Leaf | None, Leaf | None]] = {
        path: (leaf, Leaf(leaf.mode, None))
        for path, leaf in unwatched.items()
        if os.path.lexists(os.path.join(repository.workdir, path))
    }
    for delta in index.diff_to_workdir(_UNTRACKED).deltas:
        path = _delta_path(delta).rstrip("/")
        old = Leaf(int(delta.old_file.mode), str(delta.old_file.id))
        if delta.status == DeltaStatus.UNTRACKED:
            found[path] = None, Leaf(int(delta.new_file.mode), None)
        elif delta.status != DeltaStatus.DELETED:
            found[path] = old, Leaf(int(delta.new_file.mode), None)
        elif path not in unwatched:  # else a sparse checkout left it out
            found[path] = old, None
    if not quick:
        leaves = {entry.path: entry.leaf for entry in _indexed(index)}
        for path in _read_anew(repository, leaves):
            found.setdefault(path, (leaves[path], Leaf(leaves[path].mode, None)))
    return found


def _read_anew(repository: pygit2.Repository, leaves: Mapping[str, Leaf]) -> Iterator[str]:
    """Yield the tracked files whose content is not that of the index, whatever its stamps say.

    libgit2 reads every file that an index has no stamp of; names that this version of pygit2 cannot
    write are yielded, to be read here.
    """
    bare = pygit2.Index()
    # An index in memory belongs to no repository otherwise.
    bare._repo = repository  # type: ignore[assignment]  # noqa: SLF001
    for path, leaf in leaves.items():
        try:
            bare.add(pygit2.IndexEntry(path, pygit2.Oid(hex=str(leaf.id)), FileMode(leaf.mode)))
        except UnicodeEncodeError:
            yield path
    for delta in bare.diff_to_workdir().deltas:
        if delta.status != DeltaStatus.DELETED:
            yield _delta_path(delta)


def _delta_path(delta: pygit2.DiffDelta) -> str:
    return os.fsdecode(delta.new_file.raw_path or delta.old_file.raw_path)


def entries(repository: pygit2.Repository, side: Side) -> Iterator[Entry | Unread]:
    """Yield the entries of the leaves of a side."""
    for path, leaf in side.items():
        if leaf.id is None:
            yield _worktree(repository, path, leaf)
        elif leaf.id.strip("0") == "":
            yield Unread(path=path, why="a merge conflict that is not resolved")
        elif leaf.mode == FileMode.COMMIT:
            yield Entry(path=path, kind="submodule", digest=_commit_digest(leaf.id))
        elif leaf.mode == FileMode.LINK:
            yield _link(repository, path, leaf)
        else:
            yield Entry(path=path, mode=_permissions(leaf.mode), read=_reader(repository, leaf))


class _Indexed(NamedTuple):
    path: str
    leaf: Leaf
    #: Git was told not to look at it (`git update-index --assume-unchanged`, `--skip-worktree`).
    unwatched: bool


def _indexed(index: pygit2.Index) -> Iterator[_Indexed]:
    """Yield the entries of the index.

    Read through libgit2 itself: pygit2's own objects leave out the flags, which hide an edit from
    every comparison of git's, and before 1.19 they choke on a name that is not UTF-8.
    """
    for number in range(len(index)):
        entry = C.git_index_get_byindex(index._index, number)  # noqa: SLF001  (see above)
        leaf = Leaf(int(entry.mode), bytes(ffi.buffer(ffi.addressof(entry, "id"))).hex())
        flagged = entry.flags & _ASSUME_UNCHANGED or entry.flags_extended & _SKIP_WORKTREE
        yield _Indexed(os.fsdecode(ffi.string(entry.path)), leaf, bool(flagged))


def _upstream(repository: pygit2.Repository) -> str | None:
    """Return the ref that the current branch is meant to be merged into."""
    if not repository.head_is_detached:
        branch = repository.branches.local.get(repository.head.shorthand)
        try:
            if branch is not None and branch.upstream is not None:
                return branch.upstream.name
        except (KeyError, ValueError):  # configured, but never fetched
            pass
    default = "refs/remotes/origin/HEAD"
    return default if default in repository.references else None


def _leaves(tree: pygit2.Tree, prefix: str) -> Iterator[tuple[str, Leaf]]:
    for member in tree:
        path = prefix + os.fsdecode(member.raw_name or b"")
        if isinstance(member, pygit2.Tree):
            yield from _leaves(member, path + "/")
        else:
            yield path, Leaf(int(member.filemode), str(member.id))


def _reader(repository: pygit2.Repository, leaf: Leaf) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        yield content(repository, leaf)

    return read


def _link(repository: pygit2.Repository, path: str, leaf: Leaf) -> Entry | Unread:
    try:
        return Entry(path=path, kind="link", target=os.fsdecode(content(repository, leaf)))
    except OSError as error:
        return Unread(path=path, why=reason(error))


def _worktree(repository: pygit2.Repository, path: str, leaf: Leaf) -> Entry | Unread:
    file = os.path.join(repository.workdir, path)
    try:
        state = os.lstat(file)
        if stat.S_ISLNK(state.st_mode):
            return Entry(path=path, kind="link", target=os.readlink(file))
    except OSError as error:
        return Unread(path=path, why=reason(error))
    if stat.S_ISDIR(state.st_mode):
        return _folder(path, file, leaf)
    if not stat.S_ISREG(state.st_mode):
        return Entry(path=path, kind="other", mode=stat.S_IMODE(state.st_mode))
    if leaf.mode == FileMode.LINK and not _enabled(repository, "core.symlinks"):
        with open(file, "rb") as target:  # where links cannot be made, git writes their targets
            return Entry(path=path, kind="link", target=os.fsdecode(target.read()))
    executable = state.st_mode & stat.S_IXUSR
    if not _enabled(repository, "core.filemode"):
        executable = leaf.mode == FileMode.BLOB_EXECUTABLE
    clean = filters.cleaner(_attributes(repository, path), lambda: _stored(repository, path))
    return Entry(
        path=path,
        mode=0o755 if executable else 0o644,
        read=lambda: clean(directory.read(file)) if clean is not None else directory.read(file),
    )


def _folder(path: str, file: str, leaf: Leaf) -> Entry | Unread:
    """Return the entry of a submodule, or say that a repository of its own was not looked at."""
    if leaf.mode != FileMode.COMMIT:
        return Unread(
            path=path, why="a repository of its own, or a folder that cannot be listed", part="members"
        )
    try:
        inner = pygit2.Repository(file)
        head = inner.head.target
    except (pygit2.GitError, KeyError) as error:
        return Unread(path=path, why=f"the submodule cannot be opened: {error}")
    if inner.diff(flags=_UNTRACKED):
        return Unread(
            path=path, why="the submodule has changes of its own, which were not looked at", part="members"
        )
    return Entry(path=path, kind="submodule", digest=_commit_digest(str(head)))


def _attributes(repository: pygit2.Repository, path: str) -> filters.Attributes:
    def attribute(name: str) -> bool | str | None:
        return repository.get_attr(os.fsencode(path), name)

    return filters.Attributes(
        text=attribute("text") if attribute("text") is not None else attribute("crlf"),
        eol=attribute("eol"),
        ident=attribute("ident"),
        driver=attribute("filter"),
        encoding=attribute("working-tree-encoding"),
        autocrlf=_text(repository, "core.autocrlf"),
    )


def _stored(repository: pygit2.Repository, path: str) -> bytes:
    """Return what the index has of a path, or nothing: git asks it whether CRs belong to the file."""
    try:
        entry = repository.index[path]
        return content(repository, Leaf(int(entry.mode), str(entry.id)))
    except (KeyError, OSError):
        return b""


def _enabled(repository: pygit2.Repository, name: str) -> bool:
    """Return a switch of git's configuration that is on where nothing is set."""
    try:
        return repository.config.get_bool(name)
    except (KeyError, ValueError, pygit2.GitError):
        return True


def _text(repository: pygit2.Repository, name: str) -> str:
    try:
        return (repository.config[name] or "").lower()
    except (KeyError, pygit2.GitError):
        return ""


def _permissions(mode: int) -> int:
    return 0o755 if mode == FileMode.BLOB_EXECUTABLE else 0o644


def _commit_digest(text: str) -> Digest:
    return Digest("sha1" if len(text) == 40 else "sha256", text)  # noqa: PLR2004  (git's two object formats)
