"""Look at one entry: open it once, hash what is read, show the same bytes to the readers, forget.

There is no second read to race with: nothing is hashed that was not shown to the readers, and
nothing shown to them that was not hashed. No reader opens a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from fimci.model import Capability, Digest, File, Phase, Place, Record, Unread, Unstated
from fimci.profiles import DIGESTS, Profile, chooser
from fimci.snapshot import HEAD, Changed, Entry, Reader, Recipe, collected, reason

if TYPE_CHECKING:
    from fimci.cache import Cache

#: The closed list of algorithms. A recipe names one of them, and nothing else is ever looked up.
ALGORITHMS: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "blake2b": hashlib.blake2b,
}
#: How often a file that changes under the reader is read before it is given up.
ATTEMPTS = 3

Readers: TypeAlias = tuple[Reader, ...]


class Part(NamedTuple):
    """The beginning and the end of a file that is larger than the limit of inspection."""

    head: bytes
    tail: bytes
    size: int


#: Told the path of an entry now and then.
Progress: TypeAlias = Callable[[str], None]
#: How large files that may only grow were at the baseline, by path.
Sizes: TypeAlias = Mapping[str, int]
_NO_SIZES: Sizes = {}
_CONTENT = DIGESTS | {"digest"}
_PHASES: tuple[Phase, ...] = ("install", "import", "call")
#: How it is said that a reader itself went wrong.
_FAILED = " failed: "


def take(entries: Iterable[Entry | Unread], recipe: Recipe, readers: Readers = ()) -> list[Record]:
    """Look at every entry and return all records in canonical order."""
    return collected(record for entry in entries for record in look(entry, recipe, readers))


def look(
    entry: Entry | Unread,
    recipe: Recipe,
    readers: Readers = (),
    sizes: Sizes = _NO_SIZES,
    cache: Cache | None = None,
) -> Iterator[Record]:
    """Yield the file that an entry is, as its profile asks for it, and what the readers say of it.

    A file that may only grow is recorded as its first `sizes[path]` bytes, so that it equals what
    the baseline saw of it unless that was touched.
    """
    if isinstance(entry, Unread):
        yield entry
        return
    folder = entry.kind == "directory"
    profile = chooser(recipe.profile, recipe.paths)(entry.path + "/" if folder else entry.path)
    if profile.off:
        return
    if entry.read is None or profile.words.isdisjoint(_CONTENT):
        if recipe.directories or not folder:
            yield File(
                path=entry.path,
                kind=entry.kind,
                size=entry.size if "size" in profile.words else None,
                mode=mode_by(entry.mode, profile, recipe),
                digest=entry.digest,
                target=entry.target,
                attributes=entry.attributes,
            )
        return
    try:
        entry, size, found, shown, more = _settled(
            entry, recipe, _choosing(readers, cache), profile, sizes.get(entry.path)
        )
    except OSError as error:
        yield File(
            path=entry.path,
            kind=entry.kind,
            mode=mode_by(entry.mode, profile, recipe),
            attributes=entry.attributes,
        )
        yield Unread(path=entry.path, why=reason(error))
        return
    yield File(
        path=entry.path,
        kind=entry.kind,
        size=size if "size" in profile.words else None,
        mode=mode_by(entry.mode, profile, recipe),
        digest=found if "digest" in profile.words else None,
        attributes=tuple(sorted((*entry.attributes, *more))) if more else entry.attributes,
    )
    if cache is not None and any(reader.code for reader, _ in shown):
        yield from recalled(entry.path, found, shown, cache)
    else:
        yield from readings(entry.path, found, shown)


def _choosing(readers: Readers, cache: Cache | None) -> _Choice:
    """Return what chooses among readers by a path and a head.

    Where readings are remembered, readers of code are not asked, which would import them: all are chosen that
    the table lets in, and asked if nobody remembers.
    """

    def choose(path: str, head: bytes) -> list[Reader]:
        if cache is not None:
            let_in = [reader for reader in readers if reader.may_read(path, head)]
            if any(reader.code for reader in let_in):
                return let_in
        return [reader for reader in readers if reader.wants(path, head)]

    return choose


def mode_by(mode: int | Unstated | None, profile: Profile, recipe: Recipe) -> int | Unstated | None:
    """Return of a mode what a profile and a recipe have recorded."""
    if "permissions" in profile.words:
        return mode
    if "mode" not in profile.words:
        return None
    return recorded(mode, recipe) if isinstance(mode, int) else mode


def recorded(mode: int, recipe: Recipe) -> int:
    """Return permission bits as a recipe has them recorded."""
    return portable(mode) if recipe.modes == "portable" else mode


def portable(mode: int) -> int:
    """Reduce permission bits to what is the same in every clone, whatever the umask.

    Executable or not (by the owner's bit, as git does), set-id and sticky bits, and write
    permission for everybody, which no sane umask leaves behind.
    """
    return (0o755 if mode & 0o100 else 0o644) | (mode & 0o7002)


#: A reader and the bytes it is to see; of a file beyond the limit, a part.
Shown: TypeAlias = list[tuple[Reader, "bytes | Part"]]
#: Further digests of a content, by name.
_More: TypeAlias = tuple[tuple[str, str], ...]
#: What chooses readers by a path and the first bytes.
_Choice: TypeAlias = Callable[[str, bytes], list[Reader]]


def _settled(
    entry: Entry, recipe: Recipe, choose: _Choice, profile: Profile, old: int | None
) -> tuple[Entry, int, Digest, Shown, _More]:
    """Read until the file holds still, or give up; return the entry as it was looked at last.

    What was looked at anew and is no file any more was replaced: that is not what was listed.
    """
    attempt: Entry | Unread = entry
    for _ in range(ATTEMPTS):
        if isinstance(attempt, Unread) or attempt.read is None:
            break
        try:
            return attempt, *_once(attempt, recipe, choose, profile, old)
        except Changed as change:
            attempt = change.anew() if change.anew is not None else attempt
    raise Changed


def _once(
    entry: Entry, recipe: Recipe, choose: _Choice, profile: Profile, old: int | None
) -> tuple[int, Digest, Shown, _More]:
    """Read once, in the way that the profile asks for."""
    if entry.read is None:
        raise OSError("has no content")
    names = profile.words & DIGESTS
    if "grows" in profile.words:
        return _grown(entry, recipe, choose, _states(names), old)
    if not names:
        return (*_read(entry.path, entry.read(), recipe, choose), ())
    states = _states(names)
    size, digest, shown = _read(entry.path, _through(entry.read(), states), recipe, choose)
    return size, digest, shown, tuple((name, state.hexdigest()) for name, state in states.items())


def _states(names: Iterable[str]) -> dict[str, Any]:
    """Return hashes by name, without those whose package is not installed."""
    makers = {name: _blake3() if name == "blake3" else ALGORITHMS[name] for name in names}
    return {name: make(b"") for name, make in makers.items() if make is not None}


def _blake3() -> Callable[[bytes], Any] | None:
    try:
        from blake3 import blake3  # noqa: PLC0415  (an extra that few install)
    except ImportError:
        return None
    return blake3  # type: ignore[no-any-return]


def _through(chunks: Iterator[bytes], states: Mapping[str, Any]) -> Iterator[bytes]:
    """Pass chunks on, hashed by each of the states."""
    for chunk in chunks:
        for state in states.values():
            state.update(chunk)
        yield chunk


def _grown(
    entry: Entry, recipe: Recipe, choose: _Choice, states: dict[str, Any], old: int | None
) -> tuple[int, Digest, Shown, _More]:
    """Hash the first `old` bytes, or all where there are fewer or none were known.

    What is written to a log is data: only readers that tell a file by its head are shown it.
    """
    assert entry.read is not None  # noqa: S101  (for the type checker: `_once` has looked)
    main = ALGORITHMS[recipe.algorithm](b"")
    size, head = 0, b""
    for chunk in entry.read():
        head = head or chunk[:HEAD]
        part = chunk if old is None else chunk[: max(old - size, 0)]
        for state in (main, *states.values()):
            state.update(part)
        size += len(part)
    told = [(r, head) for r in choose(entry.path, head) if r.head_only and r.wants(entry.path, head)]
    more = tuple((name, state.hexdigest()) for name, state in states.items())
    return size, Digest(recipe.algorithm, main.hexdigest()), list(told), more


def _read(path: str, chunks: Iterator[bytes], recipe: Recipe, choose: _Choice) -> tuple[int, Digest, Shown]:
    """Hash the chunks; keep them, up to the limit, for the readers that are chosen."""
    first = next(chunks, b"")
    head = first[:HEAD]
    wanting = choose(path, head)
    state = ALGORITHMS[recipe.algorithm](first)
    size = len(first)
    kept = [first]
    last: tuple[bytes, ...] = ()
    partly = any(reader.partly for reader in wanting)
    for chunk in chunks:
        state.update(chunk)
        size += len(chunk)
        if wanting and size <= recipe.inspect_limit:
            kept.append(chunk)
        elif partly:
            last = (*last[-1:], chunk)  # of the end, two chunks are enough
        else:
            kept.clear()
    digest = Digest(recipe.algorithm, state.hexdigest())
    if not wanting:
        return size, digest, []
    if size <= recipe.inspect_limit:
        whole = b"".join(kept)
        return size, digest, [(reader, whole) for reader in wanting]
    # What a file is shows in its head, and such a reader need not go without because of the rest.
    part = Part(b"".join(kept) or head, b"".join(last), size)
    return size, digest, [(reader, head if reader.head_only else part) for reader in wanting]


def recalled(path: str, digest: Digest, shown: Shown, cache: Cache) -> Iterator[Record]:
    """Let the cache speak, or else those of the readers that want what they are shown."""
    known = cache.get(path, digest.hex)
    if known is None:
        wanted = [(reader, data) for reader, data in shown if reader.wants(path, _head(data))]
        known = list(readings(path, digest, wanted))
        if all(lasts(record) for record in known):
            cache.put(path, digest.hex, known)
    yield from known


def lasts(record: Record) -> bool:
    """Tell whether the same bytes would say so on another day: not if a reader failed, or time ran out."""
    return not isinstance(record, Unread) or (_FAILED not in record.why and record.part != "time")


def _head(data: bytes | Part) -> bytes:
    return (data.head if isinstance(data, Part) else data)[:HEAD]


def readings(path: str, digest: Digest, shown: Shown) -> Iterator[Record]:
    """Let the readers speak. What was too large for one is a capability that nobody looked at.

    What several tell of one file is told once, in the earliest phase that one of them knows: a hook of git is
    the script of a shell as well.
    """
    held: dict[tuple[str, ...], Capability] = {}
    for reader, data in shown:
        told: dict[tuple[str, ...], Capability] = {}
        for record in _reading(path, digest, reader, data):
            if not isinstance(record, Capability):
                yield record
            elif told.setdefault(record.key, record) is not record:
                yield record  # a reader that says so twice means two things
        for key, record in told.items():
            first = held.setdefault(key, record)
            if _PHASES.index(record.phase) < _PHASES.index(first.phase):
                held[key] = record
    yield from held.values()


def _reading(path: str, digest: Digest, reader: Reader, data: bytes | Part) -> Iterator[Record]:
    if isinstance(data, Part) and not reader.partly:
        place = Place(path, 1, "larger than the limit of inspection")
        name = f"too large for {reader.name}"
        yield Capability(path=path, name="unanalyzed", subject=name, detail=digest.hex, at=place)
        return
    try:
        yield from reader.read_part(path, *data) if isinstance(data, Part) else reader.read(path, data)
    # A reader that fails on hostile bytes must cost this reading and no other, and it must
    # be seen: the file becomes unread, the run incomplete, the exit code 3.
    except Exception as error:  # noqa: BLE001
        yield Unread(path=path, why=f"{reader.name}{_FAILED}{type(error).__name__}", part=reader.name)
