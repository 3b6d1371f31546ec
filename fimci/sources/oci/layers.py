"""One layer as a stream of members, its blob and what it unpacks to held against their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from fimci.archives import magic, streams, tar
from fimci.archives.bounds import ArchiveError, Meter
from fimci.archives.member import Member
from fimci.model import Digest, Unread
from fimci.sources.oci.image import Layer
from fimci.sources.oci.store import Store


def members(store: Store, layer: Layer, meter: Meter) -> Iterator[Member | Unread]:
    """Yield the members of a layer; then, what is wrong with it as a whole. Raises nothing."""
    packed, unpacked = _state(layer.digest), _state(layer.content)
    try:
        below = _unwrapped(streams.Feed(_through(store.chunks(layer.name), packed)), meter)
        feed = streams.Feed(_through(below, unpacked))
        yield from tar.members(feed)
    except OSError as error:
        part = error.part if isinstance(error, ArchiveError) else "end"
        yield Unread(path="", part=f"layer {layer.number}: {part}", why=error.strerror or str(error))
        return
    for state, digest, what in (
        (packed, layer.digest, "does not have the digest that the manifest states"),
        (unpacked, layer.content, "does not unpack to what the configuration states"),
    ):
        if digest is not None and state is not None and state.hexdigest() != digest.hex:
            yield Unread(path="", part=f"layer {layer.number}: {digest.label}", why=what)


def _unwrapped(feed: streams.Feed, meter: Meter) -> Iterator[bytes]:
    """Take compression off, where there is any. Several gzip streams are one layer (eStargz is made so)."""
    name = magic.kind(feed.peek(magic.BLOCK))
    if name not in magic.COMPRESSIONS:
        for chunk in feed.rest():
            meter.spend(len(chunk))
            yield chunk
        return
    try:
        yield from streams.unpacked(feed, name, meter)
    except ArchiveError as error:
        if error.part != "streams":
            raise


def _state(digest: Digest | None) -> Any:
    return None if digest is None else hashlib.new(digest.algorithm)


def _through(chunks: Iterator[bytes], state: Any) -> Iterator[bytes]:
    for chunk in chunks:
        if state is not None:
            state.update(chunk)
        yield chunk
