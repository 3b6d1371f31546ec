"""Snapshots: what a source yields, how it is taken, and the records that come of it.

A source yields `Entry` values (or `Unread`, where not even that was possible). Each one is
looked at once (`fimci.look`); `collected` and `streamed` put what was found in canonical order.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, cast

import msgspec

from fimci.model import Digest, File, Kind, Package, Record, Unread, Unstated
from fimci.profiles import DEFAULT, PathRule, chooser

#: Files above this size are hashed as a stream; readers that wanted them do not get them.
INSPECT_LIMIT = 32 * 1024 * 1024
#: What a reader may look at to decide whether it wants a file.
HEAD = 4096


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a snapshot was taken, so that the other side can be taken alike.

    `modes` is `portable` (what git keeps, plus set-id bits and write permission for everybody:
    equal in every clone) or `exact` (all permission bits). `readers` are `name/version`.
    `profile` says what is recorded of a file, `paths` where it is something else
    (`fimci.profiles`). Raises `ValueError` where one of them cannot be read.
    """

    algorithm: str = "sha256"
    modes: str = "portable"
    directories: bool = True
    inspect_limit: int = INSPECT_LIMIT
    ignore: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    profile: str = DEFAULT
    paths: tuple[PathRule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse profiles and patterns that mean nothing, in a baseline as in a policy."""
        chooser(self.profile, self.paths)


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a source met, before it was read.

    `mode` holds the full permission bits (0o7777). `read` starts a new read and yields chunks of bytes;
    it raises `OSError` when the content cannot be had (whole). A submodule has a `digest` instead.
    `attributes` are those that were asked for, sorted by name, and `size` stands for a file that
    is not to be read.
    """

    path: str
    kind: Kind = "file"
    mode: int | Unstated | None = None
    target: str | None = None
    digest: Digest | None = None
    read: Callable[[], Iterator[bytes]] | None = None
    size: int | None = None
    attributes: tuple[tuple[str, str | int], ...] = ()


class Changed(OSError):  # noqa: N818  (it names what happened to the file)
    """A file changed while it was read; looking at it `anew`, or reading it again, may succeed."""

    def __init__(self, anew: Callable[[], Entry | Unread] | None = None) -> None:
        """Say so where nobody reads again."""
        super().__init__("changed while it was read")
        self.anew = anew


class Implementation(Protocol):
    """What a module in `fimci.readers` provides: pure functions from bytes to records."""

    def wants(self, path: str, head: bytes) -> bool:
        """Tell from the name and the first bytes whether `read` has something to say. Cheap."""
        ...

    def read(self, path: str, data: bytes) -> Iterator[Record]:
        """Yield records. What cannot be parsed is yielded as `Unread`, not raised."""
        ...


class Reader(msgspec.Struct, frozen=True, dict=True):
    """A module in `fimci.readers`, and what must be known of it before it is imported.

    `name` stands in recipes and cache keys; `version` grows whenever the same bytes give other
    records. It may want files of these `names` and with names that end with these `suffixes`; with
    neither, any file. `begins`: every content that it wants begins with one of these. `head_only`:
    the first bytes of a file are enough for it. `partly`: of a file beyond the limit of inspection it is
    shown the beginning and the end (`read_part`). `beyond_ascii`: it has nothing to say of a content
    that is all ASCII. `opening`: a regular expression that the beginning of every content matches
    that it wants, but for files whose names end with one of `or_named`. `code`: it says what code
    can do, which a baseline does not ask for.
    """

    name: str
    version: int
    module: str
    names: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    begins: tuple[bytes, ...] = ()
    head_only: bool = False
    partly: bool = False
    beyond_ascii: bool = False
    opening: bytes = b""
    or_named: tuple[str, ...] = ()
    code: bool = False

    @functools.cached_property
    def implementation(self) -> Implementation:
        """Import the module."""
        return cast("Implementation", importlib.import_module(self.module))

    def may_want(self, name: str) -> bool:
        """Tell whether a file of this name (without its folder) can be one that it wants."""
        return name in self.names or name.endswith(self.suffixes) or not (self.names or self.suffixes)

    def may_read(self, path: str, head: bytes) -> bool:
        """Tell what the table knows of it, without its module: whether it may want such a content."""
        if (self.names or self.suffixes) and not self.may_want(path.rpartition("/")[2]):
            return False
        return not self.begins or head.startswith(self.begins)

    def wants(self, path: str, head: bytes) -> bool:
        """Tell whether `read` has something to say."""
        return self.may_read(path, head) and self.implementation.wants(path, head)

    def read(self, path: str, data: bytes) -> Iterator[Record]:
        """Yield what the module has to say."""
        return self.implementation.read(path, data)

    def read_part(self, path: str, head: bytes, tail: bytes, size: int) -> Iterator[Record]:
        """Yield what the module has to say of a file of `size` bytes, from its beginning and its end."""
        implementation = cast("Any", self.implementation)  # such modules have one function more
        return cast("Iterator[Record]", implementation.read_part(path, head, tail, size))


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one side looked like: its records in canonical order, and how they were taken.

    `records` may be a stream that can be read once.
    """

    locator: str
    recipe: Recipe
    records: Iterable[Record]


def collected(found: Iterable[Record]) -> list[Record]:
    """Return records in canonical order.

    A key that occurs twice (two members of one name in an archive) keeps its first record, and
    the second is reported as unread: which of the two counts depends on who unpacks them.
    """
    taken: dict[tuple[str, ...], Record] = {}
    for record in found:
        _put(taken, record)
    return [taken[key] for key in sorted(taken)]


def streamed(found: Iterable[Record]) -> Iterator[Record]:
    """Yield the records of a walk in canonical order, its files as they come.

    Holds everything but the files, which a walk meets in order; `compare` and `store` see to it.
    """
    rest: dict[tuple[str, ...], Record] = {}
    for record in found:
        if isinstance(record, File):
            yield record
        else:
            _put(rest, record)
    yield from (rest[key] for key in sorted(rest))


def reason(error: OSError) -> str:
    """Return why something could not be read, without its path."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _put(taken: dict[tuple[str, ...], Record], record: Record) -> None:
    first = taken.setdefault(record.key, record)
    if first is not record and first != record:
        path = record.at.path if isinstance(record, Package) else record.path
        noun = type(record).__name__.lower()
        twice = Unread(path=path, why=f"a second {noun} has the same name", part="duplicate")
        taken[twice.key] = twice
