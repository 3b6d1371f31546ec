"""Take a new baseline of a folder: whole or in part, held against the one before it.

The new one is written as a draft first. What `difference` shows is what stands in the draft, and
that is what takes the name: nothing is read a second time between the word of a person and the
file that it is about.
"""

from __future__ import annotations

import datetime as dt
import functools
import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from fimci import durable, folder, lines, packing, sides, store, together, workers
from fimci.batches import batches, begun
from fimci.errors import BaselineError, FimciError, SourceError, UsageError
from fimci.look import Progress
from fimci.model import File, Package, Record, Setting, Unread
from fimci.patterns import matcher
from fimci.policy import Policy
from fimci.profiles import DEFAULT
from fimci.request import baseline_of, named_policy, own_policy
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.sources.locator import is_elsewhere, parse

if TYPE_CHECKING:
    from fimci.findings import Report

#: A baseline whose text is longer, in bytes, is packed: nobody reads it in a review.
LARGE = 5_000_000


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Of what folder, into which file, by which policy, and of which paths alone (patterns).

    `trees` are patterns that leave out all of the folder but the installed trees that were named. `policy`
    is one that was read already.
    """

    path: str = "."
    trees: tuple[str, ...] = ()
    output: str | None = None
    config: str | None = None
    policy: Policy | None = None
    only: tuple[str, ...] = ()


class Sealed(NamedTuple):
    """What a draft holds: entries, those among them carried over, and what could not be read."""

    entries: int
    carried: int
    unread: tuple[Unread, ...]
    recipe: Recipe
    notes: tuple[str, ...] = ()


def target(request: Request) -> str:
    """Return the file that the request is about. Raises `UsageError` if two could be meant."""
    if is_elsewhere(request.path):
        if request.output is None:
            raise UsageError(f"{request.path} keeps no baseline of its own", "name a file with --output")
        if request.only:
            raise UsageError("--only is for folders of this machine", "leave it out")
        return request.output
    if not os.path.isdir(request.path):
        raise SourceError(
            f"{request.path} cannot be listed: it is not a folder", "name a folder you can read"
        )
    if request.output is not None:
        return request.output
    if request.trees:
        return together.BASELINE
    return baseline_of(request.path, "--output")


def previous(file: str) -> Snapshot | None:
    """Load the baseline that is to be replaced; `None` if there is none."""
    return sides.baseline(file) if os.path.exists(file) else None


def fill(new: durable.Draft, request: Request, progress: Progress | None = None) -> Sealed:
    """Take the folder and write what was found into a draft.

    The baseline, the draft and git's own folder are not part of it. Raises `FimciError` if only
    a part is asked for, and there is no whole to put it into.
    """
    if is_elsewhere(request.path):
        return _elsewhere(new, request, progress)
    files_of_ours = (new.path, new.beside, new.path + ".dsse")
    ours = frozenset(os.path.relpath(file, request.path).replace(os.sep, "/") for file in files_of_ours)
    today = _today(request)
    if request.only or today.profile != DEFAULT or today.paths:
        return _recorded(new, request, today, ours, progress)
    files = 0
    others: list[Record] = []

    def text() -> Iterator[tuple[bytes, int]]:
        nonlocal files
        found, alone = begun(batches(request.path, folder.walked(request.path, today, ours)))
        for written in workers.spread(functools.partial(lines.written, request.path, today), found, alone):
            files += written.files
            others.extend(written.records)
            if progress is not None:
                progress(written.last)
            yield written.lines, written.files
        yield from store.encoded(collected(others), today.algorithm)

    _put(new, store.dump_lines(today, text()))
    return Sealed(files, 0, tuple(record for record in others if isinstance(record, Unread)), today)


def _elsewhere(new: durable.Draft, request: Request, progress: Progress | None) -> Sealed:
    """Write what is in a source that is no folder of this machine."""
    policy = _policy(request)
    locator = parse(request.path)
    how = sides.recipe(
        (".git/", *policy.ignore), profile=policy.profile, paths=policy.paths, named=locator.scheme == "ssh"
    )
    records = list(sides.snapshot(locator, how, progress).records)
    _put(new, store.dump(how, records))
    entries = sum(isinstance(record, File) for record in records)
    return Sealed(entries, 0, tuple(record for record in records if isinstance(record, Unread)), how)


def _recorded(
    new: durable.Draft, request: Request, today: Recipe, ours: frozenset[str], progress: Progress | None
) -> Sealed:
    """Write the records of a folder, as some profile or a part of it asks for them."""
    old = _whole(new.path) if request.only else None
    how = old.recipe if old is not None else today
    chosen = _below(request.only)
    taken = folder.taken(request.path, how, progress, only=chosen if request.only else None)
    records: Iterable[Record] = (r for r in taken.records if getattr(r, "path", None) not in ours)
    if old is not None:
        records = _merged(records, (r for r in old.records if not chosen(_subject(r))))
    entries = carried = 0
    unread: list[Unread] = []

    def counted() -> Iterator[Record]:
        nonlocal entries, carried
        for record in records:
            if isinstance(record, File):
                entries += 1
                carried += old is not None and not chosen(record.path)
            elif isinstance(record, Unread):
                unread.append(record)
            yield record

    _put(new, store.dump(how, counted()))
    notes = [] if how == today else ["the policy asks for another recipe now: a whole refresh applies that"]
    return Sealed(entries, carried, tuple(unread), how, tuple(notes))


def _put(new: durable.Draft, text: Iterator[bytes]) -> None:
    if new.path.endswith(packing.SUFFIX):
        text = packing.pack(text)
    elif new.path.endswith(packing.EITHER):
        text = packing.packed_above(LARGE, text)
    durable.fill(new, text)


def difference(new: durable.Draft, request: Request, today: dt.date) -> Report:
    """Judge what the draft would change, as a check against the previous baseline does."""
    from fimci import verdict  # noqa: PLC0415  (most baselines are written without a look)

    old, written = previous(new.path), sides.baseline(new.beside)
    if old is None:
        raise FimciError(f"{new.path} is not a file", "take a first baseline without --diff")
    notes = []
    if not sides.trusted(old.recipe):
        notes.append("the previous baseline is of other readers: only files are compared")
        files = (r for r in written.records if isinstance(r, File | Unread))
        written = msgspec.structs.replace(written, records=files)
    name = os.path.basename(new.path)
    left = msgspec.structs.replace(old, records=heapq.merge(old.records, _recipe(old, name), key=_key))
    right = msgspec.structs.replace(
        written,
        locator=request.path if is_elsewhere(request.path) else f"dir:{request.path}",
        records=heapq.merge(written.records, _recipe(written, name), key=_key),
    )
    return verdict.judge(left, right, _policy(request), today=today, sealed=True, notes=notes)


def weaker(old: Snapshot, how: Recipe, name: str) -> list[str]:
    """Return sentences about what a new recipe no longer sees."""
    from fimci.compare import compare  # noqa: PLC0415  (only where there was one before)
    from fimci.rules import baseline_weakened  # noqa: PLC0415  (the same)

    before = _recipe(old, name)
    after = _recipe(msgspec.structs.replace(old, recipe=how), name)
    changes = list(compare(before, after))
    return [finding.message for finding in baseline_weakened.check_all(changes, before)]


def same(file: str, new: durable.Draft) -> bool:
    """Tell whether a draft holds the text of the baseline that it is to replace."""
    return new.before is not None and _trailer(file) == _trailer(new.beside)


def _policy(request: Request) -> Policy:
    """Read the policy of a folder that is about to be declared good; of what is elsewhere, the one here."""
    if request.policy is not None:
        return request.policy
    if request.config is not None:
        return named_policy(request.config)
    return own_policy(os.curdir if is_elsewhere(request.path) else request.path)


def _today(request: Request) -> Recipe:
    """Return the recipe that the policy of the folder asks for."""
    policy = _policy(request)
    return sides.recipe((".git/", *policy.ignore, *request.trees), profile=policy.profile, paths=policy.paths)


def _whole(file: str) -> Snapshot:
    old = previous(file)
    if old is None:
        raise UsageError(f"there is no {file} that a part could be put into", "leave out --only")
    if not sides.trusted(old.recipe):
        raise BaselineError(
            f"{file} is of other readers: what it says of packages cannot be carried over",
            "take the whole baseline again, without --only",
        )
    return old


def _below(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a predicate for the paths that patterns mean, be they files or folders now or then."""
    matches = matcher(patterns)

    def chosen(path: str) -> bool:
        path = path.rstrip("/")
        return matches(path) or matches(path + "/")

    return chosen


def _subject(record: Record) -> str:
    """Return the path of the file that a record speaks of."""
    return record.at.path if isinstance(record, Package) else record.path


def _merged(new: Iterable[Record], old: Iterable[Record]) -> Iterator[Record]:
    """Yield two sorted streams as one; of two records with one key, the new one."""
    last: tuple[str, ...] = ()
    for record in heapq.merge(new, old, key=_key):
        key = record.key
        if key != last:
            yield record
        last = key


def _recipe(snapshot: Snapshot, name: str) -> list[Record]:
    """Return what the reader of baselines says of a recipe."""
    from fimci.readers.manifests import baseline_file  # noqa: PLC0415  (only beside a baseline before)

    header = b"".join(store.dump(snapshot.recipe, ()))
    found = baseline_file.read(name, header)
    kept = (
        r for r in found if isinstance(r, Setting) and r.name not in {"baseline.records", "baseline.root"}
    )
    return sorted(kept, key=_key)


def _key(record: Record) -> tuple[str, ...]:
    return record.key


def _trailer(file: str) -> bytes:
    with open(file, "rb") as opened:
        return store.ends(opened.read())[1]
