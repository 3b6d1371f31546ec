"""Take a snapshot: read once, hash, let the readers look, forget.

A source yields `Entry` values (or `Unread`, where not even that was possible). `take` opens
each one once, hashes what it reads and shows the same bytes to the readers, so that there is no
second read to race with. No reader opens a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from fimci.model import UNSTATED, Capability, Digest, File, Kind, Place, Record, Unread, Unstated

#: Files above this size are hashed as a stream; readers that wanted them do not get them.
INSPECT_LIMIT = 32 * 1024 * 1024
#: What a reader may look at to decide whether it wants a file.
HEAD = 4096

ALGORITHMS = ("sha256", "sha512", "blake2b")


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a snapshot was taken, so that the other side can be taken alike.

    `modes` is `portable` (what git keeps, plus set-id bits and write permission for everybody:
    equal in every clone) or `exact` (all permission bits). `readers` are `name/version`.
    """

    algorithm: str = "sha256"
    modes: str = "portable"
    directories: bool = True
    inspect_limit: int = INSPECT_LIMIT
    ignore: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a source met, before it was read.

    `mode` holds the full permission bits (0o7777). `read` starts a new read and yields chunks of bytes;
    it raises `OSError` when the content cannot be had (whole). A submodule has a `digest` instead.
    """

    path: str
    kind: Kind = "file"
    mode: int | None | Unstated = None
    target: str | None = None
    digest: Digest | None = None
    read: Callable[[], Iterator[bytes]] | None = None


class Reader(Protocol):
    """What a module in `fimci.readers` provides: pure functions from bytes to records."""

    @property
    def NAME(self) -> str: ...  # noqa: N802  (constants of a module)
    @property
    def VERSION(self) -> int: ...  # noqa: N802
    def wants(self, path: str, head: bytes) -> bool:
        """Tell from the name and the first bytes whether `read` has something to say. Cheap."""
        ...

    def read(self, path: str, data: bytes) -> Iterator[Record]:
        """Yield records. What cannot be parsed is yielded as `Unread`, not raised."""
        ...
