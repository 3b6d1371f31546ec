"""A folder as a stream of records, looked at on all cores where it is large."""

from __future__ import annotations

import contextlib
import functools
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from fimci import profiles, readers, workers
from fimci.batches import MANY, Batch, batches, begun
from fimci.look import ALGORITHMS, Progress, Shown, Sizes, look, readings, recalled, recorded
from fimci.model import UNSTATED, Digest, File, Record, Unread
from fimci.patterns import folders_alone, matcher
from fimci.profiles import DEFAULT, OFF, chooser
from fimci.remembered import remembered
from fimci.snapshot import HEAD, Reader, Recipe, Snapshot, streamed
from fimci.sources import clock, directory
from fimci.sources.directory import Run
from fimci.sources.handles import ODD, Folders

if TYPE_CHECKING:
    from fimci.cache import Cache

_NO_SIZES: Sizes = {}

Seen = TypeVar("Seen")
#: What looks at names that follow each other, in whatever process.
Looker: TypeAlias = Callable[[Batch], "list[Seen]"]
#: What a folder that is still to be walked counts for, in names.
_FOLDER = 16

#: A regular file on its way from a worker: path, size, mode, digest, attributes.
Packed: TypeAlias = tuple[str, int | None, int | None, str, tuple[tuple[str, str | int], ...]]


def taken(  # noqa: PLR0913  (what to take, and how much of it)
    root: str,
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    *,
    only: Callable[[str], bool] | None = None,
    start: str = "",
) -> Snapshot:
    """Take a snapshot of a folder, or of what is below `start` in it.

    `only` chooses among the paths that are met; folders that cannot be listed are always told.
    """
    found = walked(root, how, start=start)
    if only is not None:
        found = _chosen(found, only)

    def records() -> Iterator[Record]:
        work = functools.partial(look_at, root, how, sizes, cache=remembered(how))
        for seen in workers.spread(work, *begun(batches(root, found))):
            yield from (unpacked(record, how.algorithm) for record in seen)
            if progress is not None and seen:
                progress(seen[-1][0] if isinstance(seen[-1], tuple) else "")

    return Snapshot(locator=f"dir:{root}", recipe=how, records=streamed(records()))


def branches(
    root: str, start: str, enter: Callable[[str], bool], progress: Progress | None, look: Looker[Seen]
) -> Iterator[Seen]:
    """Yield what `look` has to say of each batch of what is below `start`, in the order of a walk.

    Whoever looks at a batch walks it too, but for the topmost folders, which `enter` tells: the walk alone
    would keep one process as busy as looking keeps two.
    """
    for seen in workers.spread(functools.partial(_walked_below, root, look), _boughs(root, start, enter), 1):
        yield from seen
        if progress is not None:
            progress(start)


def walked(
    root: str, how: Recipe, but: frozenset[str] = frozenset(), start: str = ""
) -> Iterator[Run | Unread]:
    """Walk a folder by a recipe, or what is below `start` in it, past the files that `but` names.

    What is ignored, or off by the first rule that matches it, is left out.
    """
    if any(rule.profile == OFF for rule in how.paths):
        return directory.runs(root, left_out(how, but), start=start)
    found = directory.runs(root, matcher(how.ignore), folders_alone=folders_alone(how.ignore), start=start)
    if not but:
        return found
    where = {path.rpartition("/")[0] for path in but}
    return _chosen(found, lambda path: path not in but, where)


def left_out(how: Recipe, but: frozenset[str] = frozenset()) -> Callable[[str], bool]:
    """Return what tells whether a walk goes past a path (a folder ends with `/`)."""
    ignored, off = matcher(how.ignore), profiles.left_out(how.profile, how.paths)
    return lambda path: path in but or ignored(path) or off(path)


def look_at(  # noqa: PLR0913  (what to look at, how, and what is known)
    root: str,
    how: Recipe,
    sizes: Sizes,
    batch: Batch,
    begun: clock.Start | None = None,
    *,
    cache: Cache | None = None,
) -> list[Record | Packed]:
    """Look at a batch, in whatever process; files come packed, for they are many."""
    try:
        return _look_at(root, how, sizes, batch, begun=begun, cache=cache)
    finally:
        if cache is not None:
            cache.flush()


def _look_at(  # noqa: PLR0913  (as above)
    root: str, how: Recipe, sizes: Sizes, batch: Batch, *, begun: clock.Start | None, cache: Cache | None
) -> list[Record | Packed]:
    if how.profile == DEFAULT and not how.paths:
        begun = begun or clock.start()
        with contextlib.closing(Folders(root)) as folders:
            found = _looked_short(folders, how, batch, begun.quiet, cache)
        return (
            _look_at(root, how, sizes, batch, begun=clock.NEVER, cache=cache)
            if clock.stepped(begun)
            else found
        )
    choose = readers.of(how.readers)
    wanted = chooser(how.profile, how.paths)
    paths = (path if isinstance(path, Unread) else path.removesuffix(ODD) for path in _paths(batch))
    entries = directory.entries(root, paths, lambda path: wanted(path).words)
    return [_packed(r) for entry in entries for r in look(entry, how, choose(entry.path), sizes, cache)]


def _looked_short(
    folders: Folders, how: Recipe, batch: Batch, quiet: int, cache: Cache | None
) -> list[Record | Packed]:
    """Look at each name by the default profile. A hot loop: what is ordinary takes no call of `looked`."""
    found: list[Record | Packed] = []
    choose, make = readers.of(how.readers), ALGORITHMS[how.algorithm]
    for run in batch:
        if isinstance(run, Unread) or not _entered(folders, run.folder[:-1]):
            for path in _paths([run]):
                found.extend(looked_in_full(folders, how, path, cache))
            continue
        folder, last = run.folder, run.below
        for name, mode, data in directory.plains(folders, run.names[:-1] if last else run.names, quiet):
            path = folder + name
            if not mode or len(data) > how.inspect_limit:
                found.extend(looked_in_full(folders, how, path, cache))
                continue
            digest = make(data).hexdigest()
            found.append((path, len(data), recorded(stat.S_IMODE(mode), how), digest, ()))
            candidates = choose(path)
            if candidates:
                found.extend(_said(candidates, path, Digest(how.algorithm, digest), data, cache))
        if last and how.directories:
            found.extend(looked_in_full(folders, how, folder + last, cache))
    return found


def looked(folders: Folders, how: Recipe, path: str | Unread, quiet: int) -> Iterator[Record | Packed]:
    """Look at one path by the default profile: the short way for an ordinary file, else in full."""
    mode, data = _plain(folders, path, quiet) if isinstance(path, str) else (0, b"")
    if isinstance(path, Unread) or not mode or len(data) > how.inspect_limit:
        yield from looked_in_full(folders, how, path)
        return
    digest = ALGORITHMS[how.algorithm](data).hexdigest()
    yield path, len(data), recorded(stat.S_IMODE(mode), how), digest, ()
    yield from _said(readers.of(how.readers)(path), path, Digest(how.algorithm, digest), data, None)


def looked_in_full(
    folders: Folders, how: Recipe, path: str | Unread, cache: Cache | None = None
) -> Iterator[Record | Packed]:
    """Look at one path, whatever it is, by the default profile."""
    entry = path if isinstance(path, Unread) else directory.entry(folders, path.removesuffix(ODD))
    choose = readers.of(how.readers)
    yield from (_packed(r) for r in look(entry, how, choose(entry.path), cache=cache))


def _said(
    candidates: tuple[Reader, ...], path: str, digest: Digest, data: bytes, cache: Cache | None
) -> Iterable[Record]:
    """Return what there is to say of a content, by the cache where that may know."""
    if cache is not None:
        head = data[:HEAD]
        let_in: Shown = [(reader, data) for reader in candidates if reader.may_read(path, head)]
        if any(reader.code for reader, _ in let_in):
            return recalled(path, digest, let_in, cache)
    shown = wanting(candidates, path, data)
    return readings(path, digest, shown) if shown else ()


def wanting(candidates: tuple[Reader, ...], path: str, data: bytes) -> Shown:
    """Return the readers that have something to say of a content. Of most files, none has."""
    head, ascii_alone = data[:HEAD], data.isascii()
    shown: Shown = []
    for reader in candidates:  # a part of the hot loop: what the table can tell costs no call
        if ascii_alone and reader.beyond_ascii:
            continue
        if reader.begins and not head.startswith(reader.begins):
            continue
        if reader.implementation.wants(path, head):
            shown.append((reader, data))
    return shown


def unpacked(record: Record | Packed, algorithm: str) -> Record:
    """Return the record that a worker sent."""
    if not isinstance(record, tuple):
        return record
    path, size, mode, digest, attributes = record
    return File(path=path, size=size, mode=mode, digest=Digest(algorithm, digest), attributes=attributes)


def _packed(record: Record) -> Record | Packed:
    if not isinstance(record, File) or not isinstance(record.digest, Digest) or record.kind != "file":
        return record
    if record.size is UNSTATED or record.mode is UNSTATED:
        return record
    return record.path, record.size, record.mode, record.digest.hex, record.attributes


def _plain(folders: Folders, path: str, quiet: int) -> tuple[int, bytes]:
    folder, _, name = path.rpartition("/")
    if not name or not _entered(folders, folder):
        return 0, b""
    return directory.plain(folders, name, quiet)


def _entered(folders: Folders, folder: str) -> bool:
    try:
        return folders.to(folder) is not None
    except OSError:
        return False


def _paths(batch: Batch) -> Iterator[str | Unread]:
    for run in batch:
        if isinstance(run, Unread):
            yield run
        else:
            for name in run.names:
                yield run.folder + name


def _boughs(root: str, start: str, enter: Callable[[str], bool]) -> Iterator[list[Run | Unread | str]]:
    """Yield batches of names, and of folders to be walked."""
    batch: list[Run | Unread | str] = []
    weight = 0
    for run in directory.runs(root, start=start, enter=enter):
        batch.append(run)
        weight += len(run.names) if isinstance(run, Run) else 1
        if isinstance(run, Run) and run.names[-1][-1] == "/":
            path = run.folder + run.names[-1]
            if not enter(path):
                batch.append(path[:-1])
                weight += _FOLDER
        if weight >= MANY:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _walked_below(root: str, look: Looker[Seen], batch: list[Run | Unread | str]) -> list[Seen]:
    found: Batch = []
    for one in batch:
        found.extend(directory.runs(root, start=one) if isinstance(one, str) else (one,))
    return look(found)


def _chosen(
    found: Iterable[Run | Unread], chosen: Callable[[str], bool], where: set[str] | None = None
) -> Iterator[Run | Unread]:
    """Keep the names that are `chosen`; asked in the folders of `where` alone, if that is given."""
    for run in found:
        if isinstance(run, Run) and (where is None or run.folder[:-1] in where):
            names = [name for name in run.names if chosen(run.folder + name.removesuffix(ODD))]
            if names:
                yield Run(run.folder, names)
        else:
            yield run
