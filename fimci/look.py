"""Look at one entry: open it once, hash what is read, show the same bytes to the readers, forget.

There is no second read to race with: nothing is hashed that was not shown to the readers, and
nothing shown to them that was not hashed. No reader opens a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from fimci.model import Capability, Digest, File, Place, Record, Unread, Unstated
from fimci.snapshot import HEAD, Changed, Entry, Reader, Recipe, collected, reason

#: The closed list of algorithms. A recipe names one of them, and nothing else is ever looked up.
ALGORITHMS: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "blake2b": hashlib.blake2b,
}
#: How often a file that changes under the reader is read before it is given up.
ATTEMPTS = 3

Readers: TypeAlias = tuple[Reader, ...]


def take(entries: Iterable[Entry | Unread], recipe: Recipe, readers: Readers = ()) -> list[Record]:
    """Look at every entry and return all records in canonical order."""
    return collected(record for entry in entries for record in look(entry, recipe, readers))


def look(entry: Entry | Unread, recipe: Recipe, readers: Readers = ()) -> Iterator[Record]:
    """Yield the file that an entry is, and what the readers say of it."""
    if isinstance(entry, Unread):
        yield entry
        return
    if entry.read is None:
        if recipe.directories or entry.kind != "directory":
            yield File(
                path=entry.path,
                kind=entry.kind,
                size=None,
                mode=_mode(entry, recipe),
                digest=entry.digest,
                target=entry.target,
            )
        return
    try:
        entry, size, found, shown = _settled(entry, recipe, readers)
    except OSError as error:
        yield File(path=entry.path, kind=entry.kind, mode=_mode(entry, recipe))
        yield Unread(path=entry.path, why=reason(error))
        return
    yield File(path=entry.path, kind=entry.kind, size=size, mode=_mode(entry, recipe), digest=found)
    if shown:
        yield from _readings(entry.path, found, shown)


def _mode(entry: Entry, recipe: Recipe) -> int | Unstated | None:
    if recipe.modes == "portable" and isinstance(entry.mode, int):
        return portable(entry.mode)
    return entry.mode


def portable(mode: int) -> int:
    """Reduce permission bits to what is the same in every clone, whatever the umask.

    Executable or not (by the owner's bit, as git does), set-id and sticky bits, and write
    permission for everybody, which no sane umask leaves behind.
    """
    return (0o755 if mode & 0o100 else 0o644) | (mode & 0o7002)


#: A reader and the bytes it is to see; `None` where there were too many for it.
_Shown: TypeAlias = list[tuple[Reader, bytes | None]]


def _settled(entry: Entry, recipe: Recipe, readers: Readers) -> tuple[Entry, int, Digest, _Shown]:
    """Read until the file holds still, or give up; return the entry as it was looked at last.

    What was looked at anew and is no file any more was replaced: that is not what was listed.
    """
    attempt: Entry | Unread = entry
    for _ in range(ATTEMPTS):
        if isinstance(attempt, Unread) or attempt.read is None:
            break
        try:
            return attempt, *_read(entry.path, attempt.read(), recipe, readers)
        except Changed as change:
            attempt = change.anew() if change.anew is not None else attempt
    raise Changed


def _read(path: str, chunks: Iterator[bytes], recipe: Recipe, readers: Readers) -> tuple[int, Digest, _Shown]:
    """Hash the chunks; keep them, up to the limit, for the readers that want them."""
    first = next(chunks, b"")
    head = first[:HEAD]
    wanting = [reader for reader in readers if reader.wants(path, head)]
    state = ALGORITHMS[recipe.algorithm](first)
    size = len(first)
    kept = [first]
    for chunk in chunks:
        state.update(chunk)
        size += len(chunk)
        if not wanting or size > recipe.inspect_limit:
            kept.clear()
        else:
            kept.append(chunk)
    digest = Digest(recipe.algorithm, state.hexdigest())
    if not wanting:
        return size, digest, []
    if size <= recipe.inspect_limit:
        whole = b"".join(kept)
        return size, digest, [(reader, whole) for reader in wanting]
    # What a file is shows in its head, and such a reader need not go without because of the rest.
    return size, digest, [(r, head if getattr(r, "HEAD_ONLY", False) else None) for r in wanting]


def _readings(path: str, digest: Digest, shown: _Shown) -> Iterator[Record]:
    """Let the readers speak. What was too large for one is a capability that nobody looked at."""
    for reader, data in shown:
        if data is None:
            place = Place(path, 1, "larger than the limit of inspection")
            name = f"larger than {reader.NAME} can be shown"
            yield Capability(path=path, name="unanalyzed", subject=name, detail=digest.hex, at=place)
            continue
        try:
            yield from reader.read(path, data)
        # A reader that fails on hostile bytes must cost this reading and no other, and it must
        # be seen: the file becomes unread, the run incomplete, the exit code 3.
        except Exception as error:  # noqa: BLE001
            yield Unread(path=path, why=f"{reader.NAME} failed: {type(error).__name__}", part=reader.NAME)
