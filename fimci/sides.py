"""From a locator to a snapshot: the one place that knows every kind of source."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator

import msgspec

from fimci import readers, store, workers
from fimci.errors import SourceError
from fimci.look import Sizes, look
from fimci.model import UNSTATED, Digest, File, Record, Unread
from fimci.policy import matcher
from fimci.profiles import DEFAULT, OFF, PathRule, chooser, left_out, parse
from fimci.snapshot import Entry, Reader, Recipe, Snapshot, collected, reason, streamed
from fimci.sources import directory
from fimci.sources.locator import Locator

#: Told the path of each entry as it is met.
Progress = Callable[[str], None]
_NO_SIZES: Sizes = {}
_NO_WORDS: frozenset[str] = frozenset()


def recipe(
    ignore: Iterable[str] = (),
    *,
    directories: bool = True,
    profile: str = DEFAULT,
    paths: tuple[PathRule, ...] = (),
) -> Recipe:
    """Return the recipe of today: every reader in its version, and what policy says of paths."""
    listed = tuple(f"{reader.NAME}/{reader.VERSION}" for reader in readers.ALL)
    return Recipe(ignore=tuple(ignore), directories=directories, readers=listed, profile=profile, paths=paths)


def snapshot(
    locator: Locator, how: Recipe, progress: Progress | None = None, sizes: Sizes = _NO_SIZES
) -> Snapshot:
    """Take a snapshot of what a locator names; a baseline is loaded, with its own recipe.

    `sizes` are those of the other side's files that may only grow; see `sizes`.
    """
    if locator.scheme == "baseline":
        return baseline(locator.path)
    if locator.scheme == "dir":
        return folder(locator.path, how, progress, sizes)
    return taken(str(locator), entries(locator), how, progress, sizes)


def sizes(sealed: Snapshot) -> Sizes:
    """Return how large the files of a baseline were that may only grow."""
    how = sealed.recipe
    if all("grows" not in parse(text).words for text in (how.profile, *(r.profile for r in how.paths))):
        return {}
    choose = chooser(how.profile, how.paths)
    return {
        r.path: r.size
        for r in sealed.records
        if isinstance(r, File) and isinstance(r.size, int) and "grows" in choose(r.path).words
    }


def folder(
    root: str,
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    only: Callable[[str], bool] | None = None,
) -> Snapshot:
    """Take a snapshot of a folder as a stream, on all cores where it is large.

    `only` chooses among the paths that are met; folders that cannot be listed are always told.
    """
    found = directory.paths(root, _skipped(how))
    if only is not None:
        found = (path for path in found if isinstance(path, Unread) or only(path))
    batches = _batches(root, found)
    first = next(batches, None)
    if first is None:
        return Snapshot(locator=f"dir:{root}", recipe=how, records=())
    heavy = len(first) < _MANY  # it was cut for its size, not for its number
    looked = workers.spread(
        functools.partial(_look, root, how, sizes),
        itertools.chain([first], batches),
        alone=0 if heavy else workers.ALONE,
    )

    def records() -> Iterator[Record]:
        for batch in looked:
            for record in batch:
                yield record if not isinstance(record, tuple) else _file(record, how.algorithm)
            if progress is not None and batch:
                progress(batch[-1][0] if isinstance(batch[-1], tuple) else "")

    return Snapshot(locator=f"dir:{root}", recipe=how, records=streamed(records()))


def taken(
    name: str,
    found: Iterable[Entry | Unread],
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
) -> Snapshot:
    """Take a snapshot of entries in any order, without those that the recipe ignores."""
    ignored = matcher(how.ignore)
    choose = readers.candidates if trusted(how) else _nobody

    def looked() -> Iterator[Record]:
        for entry in found:
            if not ignored(entry.path):
                if progress is not None:
                    progress(entry.path)
                yield from look(entry, how, choose(entry.path), sizes)

    return Snapshot(locator=name, recipe=how, records=collected(looked()))


def entries(locator: Locator) -> Iterator[Entry | Unread]:
    """Yield the entries of an archive, or of a side of a git repository."""
    if locator.scheme == "archive":
        from fimci.sources import archive  # noqa: PLC0415  (one source a run)
        from fimci.sources.archives import bounds  # noqa: PLC0415  (the same)

        # Archives inside stay the files that they are on the other side.
        return archive.walk(locator.path, bounds.LIMITS._replace(depth=0))
    from fimci.sources import git  # noqa: PLC0415  (pygit2 takes 70 ms to import)

    repository = git.open_(locator.path)
    return git.entries(repository, git.listing(repository, locator.ref))


def baseline(path: str) -> Snapshot:
    """Load a baseline file.

    Readers that have changed since would report changes of their own: what they said is left
    out, on both sides, and the files alone are compared (`trusted`).
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {reason(error)}", "take one with `fimci baseline`"
        ) from error
    loaded = store.load(data, path)
    if trusted(loaded.recipe):
        return loaded
    return msgspec.structs.replace(
        loaded, records=[r for r in loaded.records if isinstance(r, File | Unread)]
    )


def trusted(how: Recipe) -> bool:
    """Tell whether today's readers are those of the recipe, version by version."""
    return how.readers == recipe().readers


#: Paths in a batch, bytes in one while sizes are asked for, and how many are asked for theirs.
_MANY, _MUCH, _ASKED = 256, 32 << 20, 1024
#: A regular file on its way from a worker: path, size, mode, digest, attributes.
_Packed = tuple[str, int | None, int | None, str, tuple[tuple[str, str | int], ...]]


def _batches(root: str, paths: Iterable[str | Unread]) -> Iterator[list[str | Unread]]:
    """Group paths: by size while they are few, by number once they are many.

    A few large files must not end up in one batch; asking every file for its size beforehand
    would cost a tenth of what reading it does.
    """
    batch: list[str | Unread] = []
    weight = 0
    for number, path in enumerate(paths):
        batch.append(path)
        if number < _ASKED and isinstance(path, str):
            with contextlib.suppress(OSError):
                weight += os.lstat(f"{root}/{path}").st_size
        if len(batch) >= _MANY or weight >= _MUCH:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _look(root: str, how: Recipe, sizes: Sizes, batch: list[str | Unread]) -> list[Record | _Packed]:
    """Look at a batch of paths, in whatever process; files come packed, for they are many."""
    choose = readers.candidates if trusted(how) else _nobody
    looked: list[Record | _Packed] = []
    for entry in directory.entries(root, batch, _wanted(how)):
        looked.extend(_packed(record) for record in look(entry, how, choose(entry.path), sizes))
    return looked


def _nobody(_: str) -> tuple[Reader, ...]:
    return ()


def _wanted(how: Recipe) -> Callable[[str], frozenset[str]]:
    """Return what tells which words a path's profile has beyond those that cost nothing."""
    if how.profile == DEFAULT and not how.paths:
        return lambda _: _NO_WORDS
    choose = chooser(how.profile, how.paths)
    return lambda path: choose(path).words


def _skipped(how: Recipe) -> Callable[[str], bool]:
    """Return what tells which paths a walk leaves out: ignored, or off by the first rule that matches."""
    ignored = matcher(how.ignore)
    if all(rule.profile != OFF for rule in how.paths):
        return ignored
    off = left_out(how.profile, how.paths)
    return lambda path: ignored(path) or off(path)


def _packed(record: Record) -> Record | _Packed:
    if not isinstance(record, File) or not isinstance(record.digest, Digest) or record.kind != "file":
        return record
    if record.size is UNSTATED or record.mode is UNSTATED:
        return record
    return record.path, record.size, record.mode, record.digest.hex, record.attributes


def _file(packed: _Packed, algorithm: str) -> File:
    path, size, mode, digest, attributes = packed
    return File(path=path, size=size, mode=mode, digest=Digest(algorithm, digest), attributes=attributes)
