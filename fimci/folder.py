"""A folder as a stream of records, on all cores where it is large.

`taken` looks at everything. `held` holds a folder against a snapshot of its past: a file whose
bytes, size and mode are as they were is not looked at any further, for the readers would say of
it what they said then (a reading is a function of path, bytes and the reader's version).
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

import msgspec

from fimci import readers, workers
from fimci.look import ALGORITHMS, Sizes, look, portable, readings
from fimci.model import UNSTATED, Digest, File, Package, Record, Unread, order
from fimci.policy import matcher
from fimci.profiles import DEFAULT, OFF, chooser, left_out
from fimci.snapshot import HEAD, Reader, Recipe, Snapshot, streamed
from fimci.sources import directory
from fimci.sources.handles import Folders

Batched = TypeVar("Batched")
Result = TypeVar("Result")
#: Told the path of an entry now and then.
Progress: TypeAlias = Callable[[str], None]
#: Paths in a batch, bytes in one as far as sizes are known, and how many paths are asked for theirs.
MANY = 256
_MUCH, _ASKED = 32 << 20, 1024
_NO_SIZES: Sizes = {}
_NO_WORDS: frozenset[str] = frozenset()

#: A regular file on its way from a worker: path, size, mode, digest, attributes.
_Packed: TypeAlias = tuple[str, int | None, int | None, str, tuple[tuple[str, str | int], ...]]
#: What a worker gets of a file that was there: path, and size, mode and digest as they were.
_Known: TypeAlias = tuple[str, int, int, str]
_Item: TypeAlias = str | Unread | _Known


def taken(
    root: str,
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    only: Callable[[str], bool] | None = None,
) -> Snapshot:
    """Take a snapshot of a folder.

    `only` chooses among the paths that are met; folders that cannot be listed are always told.
    """
    found = directory.paths(root, _skipped(how))
    if only is not None:
        found = (path for path in found if isinstance(path, Unread) or only(path))
    batches = _batches(root, found)
    work = functools.partial(look_at, root, how, sizes)

    def records() -> Iterator[Record]:
        for looked in _spread(work, batches):
            yield from (_unpacked(record, how.algorithm) for record in looked)
            if progress is not None and looked:
                progress(looked[-1][0] if isinstance(looked[-1], tuple) else "")

    return Snapshot(locator=f"dir:{root}", recipe=how, records=streamed(records()))


def held(
    root: str, left: Snapshot, progress: Progress | None = None, sizes: Sizes = _NO_SIZES
) -> tuple[Snapshot, Snapshot]:
    """Return both sides of a check against `left`, to be read side by side.

    The left one is decoded once for both. A profile that records more than the default one, or
    less, is looked at in full.
    """
    how = left.recipe
    if how.profile != DEFAULT or how.paths:
        return left, taken(root, how, progress, sizes)
    ours, theirs = itertools.tee(left.records)
    right = Snapshot(locator=f"dir:{root}", recipe=how, records=streamed(_held(root, how, theirs, progress)))
    return msgspec.structs.replace(left, records=ours), right


def look_at(root: str, how: Recipe, sizes: Sizes, batch: list[str | Unread]) -> list[Record | _Packed]:
    """Look at a batch of paths, in whatever process; files come packed, for they are many."""
    if how.profile == DEFAULT and not how.paths:
        with contextlib.closing(Folders(root)) as folders:
            return [record for path in batch for record in _looked(folders, how, path)]
    choose = _chosen(how)
    wanted = chooser(how.profile, how.paths)
    entries = directory.entries(root, batch, lambda path: wanted(path).words)
    return [_packed(r) for entry in entries for r in look(entry, how, choose(entry.path), sizes)]


def differing(root: str, how: Recipe, batch: list[_Item]) -> dict[int, list[Record | _Packed]]:
    """Look at a batch, in whatever process; return what there is to say of those not as they were."""
    make, reduced, plainly = ALGORITHMS[how.algorithm], how.modes == "portable", directory.plain
    found: dict[int, list[Record | _Packed]] = {}
    with contextlib.closing(Folders(root)) as folders:
        for number, item in enumerate(batch):
            if not isinstance(item, tuple):
                found[number] = list(_looked(folders, how, item))
                continue
            path, size, mode, digest = item
            plain = plainly(folders, path)
            if (
                plain is None
                or plain[0] != size
                or (portable(plain[1]) if reduced else plain[1]) != mode
                or make(plain[2]).hexdigest() != digest
            ):
                found[number] = list(_looked(folders, how, path))
    return found


def _held(root: str, how: Recipe, olds: Iterator[Record], progress: Progress | None) -> Iterator[Record]:
    """Yield the records of a folder now: those of its past where they still hold."""
    touched: set[str] = set()
    others: list[Record] = []
    files = _files(olds, others)
    under_way: deque[list[tuple[str | Unread, File | None]]] = deque()

    def batches() -> Iterator[list[_Item]]:
        for batch in _known_batches(_paired(directory.paths(root, matcher(how.ignore)), files, touched)):
            under_way.append(batch)
            yield [_item(path, old) for path, old in batch]

    for found in _spread(functools.partial(differing, root, how), batches()):
        batch = under_way.popleft()
        for number, (path, old) in enumerate(batch):
            if number not in found:
                assert old is not None  # noqa: S101  (for the type checker: only a known file is not told)
                yield old
                continue
            touched.add(path.path if isinstance(path, Unread) else path.rstrip("/"))
            yield from (_unpacked(record, how.algorithm) for record in found[number])
        if progress is not None:
            progress(path if isinstance(path, str) else path.path)
    touched.update(file.path for file in files)
    for record in itertools.chain(others, olds):
        if (record.at.path if isinstance(record, Package) else record.path) not in touched:
            yield record


def _files(olds: Iterator[Record], others: list[Record]) -> Iterator[File]:
    """Yield the files, which come first, and put the record after them into `others`."""
    for record in olds:
        if not isinstance(record, File):
            others.append(record)
            return
        yield record


def _paired(
    paths: Iterable[str | Unread], files: Iterator[File], gone: set[str]
) -> Iterator[tuple[str | Unread, File | None]]:
    """Yield each path with the file that was there; put the paths that were skipped into `gone`."""
    old = next(files, None)
    for path in paths:
        if isinstance(path, Unread):
            yield path, None
            continue
        name = path.rstrip("/") if path[-1] == "/" else path
        if old is not None and old.path != name:
            here = order(name)
            while old is not None and order(old.path) < here:
                gone.add(old.path)
                old = next(files, None)
        if old is None or old.path != name:
            yield path, None
            continue
        yield path, old
        old = next(files, None)
    if old is not None:
        gone.add(old.path)


def _item(path: str | Unread, old: File | None) -> _Item:
    if old is None or isinstance(path, Unread) or old.kind != "file" or old.attributes:
        return path
    if isinstance(old.size, int) and isinstance(old.mode, int) and isinstance(old.digest, Digest):
        return path, old.size, old.mode, old.digest.hex
    return path


def _spread(work: Callable[[list[Batched]], Result], batches: Iterator[list[Batched]]) -> Iterator[Result]:
    """Spread batches over the cores; at once where the first was cut for its size."""
    first = next(batches, None)
    if first is not None:
        alone = 0 if len(first) < MANY else workers.ALONE
        yield from workers.spread(work, itertools.chain([first], batches), alone)


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
        if len(batch) >= MANY or weight >= _MUCH:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _known_batches(
    pairs: Iterable[tuple[str | Unread, File | None]],
) -> Iterator[list[tuple[str | Unread, File | None]]]:
    """Group paths with what is known of them, by number and by the sizes that they had."""
    batch: list[tuple[str | Unread, File | None]] = []
    weight = 0
    for pair in pairs:
        batch.append(pair)
        if pair[1] is not None and isinstance(pair[1].size, int):
            weight += pair[1].size
        if len(batch) >= MANY or weight >= _MUCH:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _looked(folders: Folders, how: Recipe, path: str | Unread) -> Iterator[Record | _Packed]:
    """Look at one path by the default profile: the short way for an ordinary file, else in full."""
    plain = directory.plain(folders, path) if isinstance(path, str) else None
    if plain is None or plain.size > how.inspect_limit:
        entry = path if isinstance(path, Unread) else directory.entry(folders, path)
        yield from (_packed(record) for record in look(entry, how, _chosen(how)(entry.path)))
        return
    assert isinstance(path, str)  # noqa: S101  (for the type checker: what is plain was a path)
    data, head = plain.data, plain.data[:HEAD]
    digest = ALGORITHMS[how.algorithm](data).hexdigest()
    mode = portable(plain.mode) if how.modes == "portable" else plain.mode
    yield path, plain.size, mode, digest, ()
    wanting = [(reader, data) for reader in _chosen(how)(path) if reader.wants(path, head)]
    if wanting:
        yield from readings(path, Digest(how.algorithm, digest), list(wanting))


def _chosen(how: Recipe) -> Callable[[str], tuple[Reader, ...]]:
    """Return what chooses readers for a path: none where the recipe's are not today's."""
    return readers.candidates if how.readers == readers.VERSIONS else _nobody


def _nobody(_: str) -> tuple[Reader, ...]:
    return ()


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


def _unpacked(record: Record | _Packed, algorithm: str) -> Record:
    if not isinstance(record, tuple):
        return record
    path, size, mode, digest, attributes = record
    return File(path=path, size=size, mode=mode, digest=Digest(algorithm, digest), attributes=attributes)
