"""Take a snapshot: read once, hash, let the readers look, forget.

A source yields `Entry` values (or `Unread`, where not even that was possible). `take` opens
each one once, hashes what it reads and shows the same bytes to the readers, so that there is no
second read to race with. No reader opens a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from fimci.model import Capability, Digest, File, Kind, Place, Record, Unread, Unstated

#: Files above this size are hashed as a stream; readers that wanted them do not get them.
INSPECT_LIMIT = 32 * 1024 * 1024
#: How often a file that changes under the reader is read before it is given up.
ATTEMPTS = 3
#: What a reader may look at to decide whether it wants a file.
HEAD = 4096

#: The closed list of algorithms. A recipe names one of them, and nothing else is ever looked up.
_HASHES: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "blake2b": hashlib.blake2b,
}
ALGORITHMS = tuple(_HASHES)


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
    mode: int | Unstated | None = None
    target: str | None = None
    digest: Digest | None = None
    read: Callable[[], Iterator[bytes]] | None = None


class Changed(OSError):  # noqa: N818  (it names what happened to the file)
    """A file changed while it was read; reading it again may succeed."""

    def __init__(self) -> None:
        """Say so where nobody reads again."""
        super().__init__("changed while it was read")


class Reader(Protocol):
    """What a module in `fimci.readers` provides: pure functions from bytes to records."""

    @property
    def NAME(self) -> str:  # noqa: N802  (a constant of a module)
        """Name in recipes and cache keys."""
        ...

    @property
    def VERSION(self) -> int:  # noqa: N802
        """Number that grows whenever the same bytes give other records."""
        ...

    def wants(self, path: str, head: bytes) -> bool:
        """Tell from the name and the first bytes whether `read` has something to say. Cheap."""
        ...

    def read(self, path: str, data: bytes) -> Iterator[Record]:
        """Yield records. What cannot be parsed is yielded as `Unread`, not raised."""
        ...


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one side looked like: its records in canonical order, and how they were taken."""

    locator: str
    recipe: Recipe
    records: list[Record]


def take(
    entries: Iterable[Entry | Unread],
    recipe: Recipe,
    readers: tuple[Reader, ...] = (),
    progress: Callable[[str], None] | None = None,
) -> list[Record]:
    """Read every entry once and return all records in canonical order.

    A key that occurs twice (two members of one name in an archive) keeps its first record, and
    the second is reported as unread: which of the two counts depends on who unpacks them.
    """
    taken: dict[tuple[str, ...], Record] = {}
    for entry in entries:
        if progress is not None:
            progress(entry.path)
        found = (entry,) if isinstance(entry, Unread) else _look(entry, recipe, readers)
        for record in found:
            if taken.setdefault(record.key, record) is not record and taken[record.key] != record:
                path = record.path if isinstance(record, File) else entry.path
                twice = Unread(path=path, why=f"a second {_noun(record)} has the same name", part="duplicate")
                taken[twice.key] = twice
    return [taken[key] for key in sorted(taken)]


def portable(mode: int) -> int:
    """Reduce permission bits to what is the same in every clone, whatever the umask.

    Executable or not (by the owner's bit, as git does), set-id and sticky bits, and write
    permission for everybody, which no sane umask leaves behind.
    """
    return (0o755 if mode & 0o100 else 0o644) | (mode & 0o7002)


def reason(error: OSError) -> str:
    """Return why something could not be read, without its path."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _look(entry: Entry, recipe: Recipe, readers: tuple[Reader, ...]) -> Iterator[Record]:
    mode = entry.mode
    if isinstance(mode, int):
        mode = portable(mode) if recipe.modes == "portable" else mode
    if entry.kind == "directory" and not recipe.directories:
        return
    if entry.read is None:
        yield File(
            path=entry.path, kind=entry.kind, size=None, mode=mode, digest=entry.digest, target=entry.target
        )
        return
    try:
        size, digest, data = _settled(entry.path, entry.read, recipe, readers)
    except OSError as error:
        yield File(path=entry.path, kind=entry.kind, mode=mode)
        yield Unread(path=entry.path, why=reason(error))
        return
    yield File(path=entry.path, kind=entry.kind, size=size, mode=mode, digest=digest)
    yield from _readings(entry.path, data, readers)


def _settled(
    path: str, read: Callable[[], Iterator[bytes]], recipe: Recipe, readers: tuple[Reader, ...]
) -> tuple[int, Digest, bytes | None]:
    """Read until the file holds still, or give up with the `Changed` of the last attempt."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _digest(path, read(), recipe, readers)
        except Changed:
            continue
    return _digest(path, read(), recipe, readers)


def _digest(
    path: str, chunks: Iterator[bytes], recipe: Recipe, readers: tuple[Reader, ...]
) -> tuple[int, Digest, bytes | None]:
    """Hash the chunks; keep them, up to the limit, if any reader wants to see them."""
    first = next(chunks, b"")
    state = _HASHES[recipe.algorithm](first)
    size = len(first)
    wanted = any(reader.wants(path, first[:HEAD]) for reader in readers)
    kept = [first]
    for chunk in chunks:
        state.update(chunk)
        size += len(chunk)
        if wanted and size <= recipe.inspect_limit:
            kept.append(chunk)
        else:
            kept.clear()
    digest = Digest(recipe.algorithm, state.hexdigest())
    if not wanted:
        return size, digest, b""
    return size, digest, None if size > recipe.inspect_limit else b"".join(kept)


def _readings(path: str, data: bytes | None, readers: tuple[Reader, ...]) -> Iterator[Record]:
    """Show the bytes to every reader that wants them. `None`: too large, nobody looked."""
    if data is None:
        text = "larger than the limit of inspection"
        yield Capability(path=path, name="unanalyzed", subject="size", at=Place(path, 1, text))
        return
    for reader in readers:
        if not reader.wants(path, data[:HEAD]):
            continue
        try:
            yield from reader.read(path, data)
        # A reader that fails on hostile bytes must cost this reading and no other, and it must
        # be seen: the file becomes unread, the run incomplete, the exit code 3.
        except Exception as error:  # noqa: BLE001
            yield Unread(path=path, why=f"{reader.NAME} failed: {type(error).__name__}", part=reader.NAME)


def _noun(record: Record) -> str:
    return type(record).__name__.lower()
