"""An image as entries: layers are read once to know what is there in the end, once more for its content."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from fimci.archives.bounds import ArchiveError, Limits, Meter
from fimci.archives.held import keep, refusing
from fimci.archives.member import Member
from fimci.model import Unread
from fimci.snapshot import Entry
from fimci.sources.oci import layers, tree
from fimci.sources.oci.image import Image
from fimci.sources.oci.store import Store

MiB = 1024 * 1024
#: The files that have the content of a member, by its layer and its number in that.
_Wanted: TypeAlias = dict[tuple[int, int], list[tuple[str, tree.Said]]]
#: An image is larger than an archive: what it may cost.
LIMITS = Limits(members=2_000_000, names=512 * MiB, bytes=64 * 1024 * MiB, seconds=3600)


def entries(
    store: Store, image: Image, choose: Callable[[str], frozenset[str]], limits: Limits = LIMITS
) -> Iterator[Entry | Unread]:
    """Yield what is in an image, and what could not be read. Read an entry before the next is asked for.

    `choose` says which attributes of a path (`a/b`, `a/b/`) are recorded; an entry has those that are stated.
    """
    for found in _entries(store, image, limits):
        if isinstance(found, Entry):
            words = choose(found.path + "/" if found.kind == "directory" else found.path)
            told = tuple(fact for fact in found.attributes if fact[0] in words)
            yield msgspec.structs.replace(found, attributes=told) if told != found.attributes else found
        else:
            yield found


def applied(
    store: Store, image: Image, limits: Limits = LIMITS
) -> Generator[Unread, None, tuple[tree.Node, Meter]]:
    """Lay the layers over each other; yield what could not be read, return the whole and what it may cost."""
    yield from image.faults
    meter = Meter(limits, sum(_size(store, layer.name) for layer in image.layers))
    whole = tree.root()
    try:
        for layer in image.layers:
            yield from tree.apply(whole, layer.number, layers.members(store, layer, meter), meter)
    except ArchiveError as error:
        yield Unread(path="", part=error.part, why=str(error))
    return whole, meter


def chosen(
    store: Store, image: Image, meter: Meter, files: Iterable[tuple[str, tree.Said]]
) -> Iterator[Entry]:
    """Yield some files of an image, in the order of its layers; read each before the next is asked for."""
    wanted: _Wanted = {}
    for path, said in files:
        if said.origin is not None:
            wanted.setdefault(said.origin, []).append((path, said))
    yield from _contents(store, image, wanted, meter.again())


def _entries(store: Store, image: Image, limits: Limits) -> Iterator[Entry | Unread]:
    whole, meter = yield from applied(store, image, limits)
    wanted: _Wanted = {}
    for path, said in tree.walk(whole):
        if said.origin is not None:
            wanted.setdefault(said.origin, []).append((path, said))
        elif said.kind == "file":
            yield Entry(path=path, mode=said.mode, read=refusing("is a hard link to nothing"))
        else:
            yield Entry(path=path, kind=said.kind, mode=said.mode, target=said.target, attributes=said.facts)
    yield from _contents(store, image, wanted, meter.again())


def _contents(store: Store, image: Image, wanted: _Wanted, meter: Meter) -> Iterator[Entry]:
    """Yield the files, in the order of the layers."""
    for layer in image.layers:
        left = sum(number == layer.number for number, _ in wanted)
        if not left:
            continue
        for ordinal, member in enumerate(layers.members(store, layer, meter)):
            found = wanted.pop((layer.number, ordinal), ())
            if found and isinstance(member, Member):
                yield from _given(member, found)
            left -= bool(found)
            if not left:  # what comes then was looked at when the layer was laid over the others
                break
    for path, said in (pair for pairs in wanted.values() for pair in pairs):  # what a cap or a cut left over
        yield Entry(
            path=path,
            mode=said.mode,
            read=refusing("could not be reached in its layer"),
            attributes=said.facts,
        )


def _given(member: Member, found: Sequence[tuple[str, tree.Said]]) -> Iterator[Entry]:
    """Yield the files that have the content of a member: one or, by hard links, several."""
    read = member.read
    if len(found) > 1:
        read = (
            keep(member)[1]
            if member.size <= LIMITS.held
            else refusing("has hard links and is too large to hold")
        )
    for path, said in found:
        yield Entry(path=path, mode=said.mode, read=read, attributes=said.facts)


def _size(store: Store, name: str) -> int:
    try:
        return store.size(name)
    except OSError:
        return 0
