"""A folder of another machine as records: listed and hashed there, read here where a reader wants content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import NamedTuple

from fimci import folder, readers
from fimci.errors import RemoteError
from fimci.look import ALGORITHMS, Part, Progress, Sizes, mode_by, readings
from fimci.model import Digest, File, Package, Record, Unread, order
from fimci.patterns import folders_alone
from fimci.profiles import ATTRIBUTES, Profile, chooser
from fimci.snapshot import HEAD, Recipe, Snapshot, collected
from fimci.sources.attributes import OF_MEMBERS
from fimci.sources.ssh import address, answers, client, listing, userland
from fimci.sources.ssh.client import Session
from fimci.sources.ssh.listing import Found
from fimci.sources.ssh.userland import Userland

_NO_SIZES: Sizes = {}
#: Bytes of content that one host is asked for, all files together.
MUCH = 256 << 20
#: What goes on beside the main thread: sessions that hash, what is brought over, what a baseline knows.
_BESIDE = userland.MOST_LANES + 2


class _Seen(NamedTuple):
    """One thing that was listed, what is recorded of it, and its digest where it has one that is known."""

    found: Found
    profile: Profile
    digest: Digest | None


class _Known(NamedTuple):
    """What a baseline has of each file: its digest, and what readers said of a content with that."""

    digests: Mapping[str, Digest]
    said: Mapping[str, list[Record]]

    def of(self, path: str, digest: str) -> list[Record] | None:
        """Return what readers said of a file, if it was this one; `None` where they must be asked."""
        known = self.digests.get(path)
        return self.said.get(path, []) if known is not None and known.hex == digest else None


_NOTHING = _Known({}, {})


def snapshot(
    place: str,
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    known: Snapshot | None = None,
) -> Snapshot:
    """Take a snapshot of a folder of another machine (`USER@HOST:PORT/PATH`).

    `known` is one by the same recipe: of files that still have its digest, it says what readers would say
    again, and nothing is brought over.

    Raises `RemoteError` where the host cannot be reached, or answers with what cannot be true.
    """
    where = address.parse(place)
    try:
        # Sessions that hash end with the connection, so that nothing waits for them where something fails.
        with ThreadPoolExecutor(_BESIDE) as beside, client.connected(where) as session:
            knowing = beside.submit(_known, known, how)  # while the host is asked what it has
            records = list(_records(session, how, progress, sizes, knowing=knowing.result, beside=beside))
    except RemoteError as error:
        raise RemoteError(f"ssh://{place} {error.message}", error.remedy) from error
    return Snapshot(locator=f"ssh://{place}", recipe=how, records=collected(records))


def _known(left: Snapshot | None, how: Recipe) -> _Known:
    """Return what a baseline knows of readings; nothing of a file of which something was unread."""
    if left is None or left.recipe != how:
        return _NOTHING
    digests: dict[str, Digest] = {}
    said: dict[str, list[Record]] = {}
    unread = set()
    for record in left.records:
        if isinstance(record, File):
            if isinstance(record.digest, Digest) and record.digest.algorithm == how.algorithm:
                digests[record.path] = record.digest
        elif isinstance(record, Unread):
            unread.add(record.path)
        else:
            said.setdefault(_subject(record), []).append(record)
    for path in unread:
        digests.pop(path, None)
    return _Known(digests, said)


def _subject(record: Record) -> str:
    return record.at.path if isinstance(record, Package) else record.path


def _records(  # noqa: PLR0913  (whom, how, and what is known)
    session: Session,
    how: Recipe,
    progress: Progress | None,
    sizes: Sizes,
    *,
    knowing: Callable[[], _Known],
    beside: Executor,
) -> Iterator[Record]:
    tools = userland.probe(session, how.algorithm)
    with answers.hashing(session, tools, beside) as hashing:
        found, unread = _listed(session, tools, how, sizes, hashing)
        yield from unread
        hashed = [one for one, profile in found if one.kind == "file" and "digest" in profile.words]
        grown = {one.name: min(sizes[one.path], one.size) for one in hashed if one.path in sizes}
        known = knowing()
        choose = readers.of(how.readers)
        asked = [one for one in hashed if one.name not in grown and choose(one.path)]
        new = [one for one in asked if one.path not in known.digests]
        wanted, beyond = _asked(new, how)
        bringing = beside.submit(answers.contents, session, _small(wanted, how))
        hashes = hashing.hashes() | answers.beginnings(session, tools, grown)
        there = bringing.result()
    changed = [
        o for o in asked if o.path in known.digests and known.of(o.path, hashes.get(o.name, "")) is None
    ]
    more, further = _asked(changed, how, sum(map(len, there.values())))
    there |= answers.contents(session, _small(more, how))
    yield from (*beyond, *further)
    brought = dict(_proven(session, [*wanted, *more], there, hashes, how))
    for one, profile in found:
        if progress is not None:
            progress(one.path)
        digest = hashes.get(one.name)
        seen = _Seen(one, profile, None if digest is None else Digest(how.algorithm, digest))
        yield from _said(seen, how, grown.get(one.name, one.size))
        if one.name in brought:
            yield from _read(seen, brought[one.name], how)
        elif digest is not None and one.name not in grown:
            yield from known.of(one.path, digest) or ()


def _past(how: Recipe) -> list[str]:
    """Return names of folders that need not even be listed there, where patterns are nothing but such."""
    return [pattern.rstrip("/") for pattern in how.ignore] if folders_alone(how.ignore) else []


def _listed(
    session: Session, tools: Userland, how: Recipe, sizes: Sizes, hashing: answers.Hashing
) -> tuple[list[tuple[Found, Profile]], list[Unread]]:
    """List what the recipe does not leave out, in order; files are hashed as soon as they are known."""
    left_out, choose = folder.left_out(how), chooser(how.profile, how.paths)
    found: list[tuple[Found, Profile]] = []
    unread: list[Unread] = []
    past: set[str] = set()
    for one in listing.listed(session, tools, _past(how)):
        if isinstance(one, Unread):
            unread.append(one)
            continue
        path = one.path
        slashed = path + "/" if one.kind == "directory" else path
        if (past and path.rpartition("/")[0] in past) or left_out(slashed):
            past.add(path)
            continue
        profile = choose(slashed)
        found.append((one, profile))
        if one.kind == "file" and "digest" in profile.words and path not in sizes:
            hashing.give(one.name, one.size)
    found.sort(key=lambda pair: order(pair[0].path))
    return [*_reached(found, past)] if past else found, unread


def _reached(found: Iterable[tuple[Found, Profile]], past: set[str]) -> Iterator[tuple[Found, Profile]]:
    """Yield what is below no folder that is left out: links and odd names come later than their folders."""
    for one, profile in found:
        if one.path.rpartition("/")[0] in past:
            past.add(one.path)
        else:
            yield one, profile


def _asked(found: Iterable[Found], how: Recipe, much: int = 0) -> tuple[list[Found], list[Unread]]:
    """Return the files whose content is brought over, and those for which there is no room after `much`."""
    asked, beyond = [], []
    for one in found:
        much += one.size if one.size <= how.inspect_limit else HEAD
        if much <= MUCH:
            asked.append(one)
        else:
            why = f"more than {MUCH >> 20} MiB would have to be brought over for the readers"
            beyond.append(Unread(path=one.path, why=why, part="content"))
    return asked, beyond


def _small(asked: Iterable[Found], how: Recipe) -> dict[bytes, int]:
    return {one.name: one.size for one in asked if one.size <= how.inspect_limit}


def _proven(
    session: Session,
    asked: Iterable[Found],
    brought: Mapping[bytes, bytes],
    hashes: Mapping[bytes, str],
    how: Recipe,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield content that has the hash of its file, asked for once more where it has not; and long beginnings.

    What has another hash still is yielded as it came, and told by whoever reads it.
    """
    make = ALGORITHMS[how.algorithm]
    again = []
    for name, content in brought.items():
        if name in hashes and make(content).hexdigest() == hashes[name]:
            yield name, content
        elif name in hashes:
            again.append(name)
    yield from answers.singly(session, again, how.inspect_limit)
    long = [one.name for one in asked if one.name not in brought and one.name in hashes]
    yield from answers.singly(session, long, HEAD)


def _said(seen: _Seen, how: Recipe, size: int) -> Iterator[Record]:
    """Yield the file as its profile asks for it."""
    one, profile = seen.found, seen.profile
    if profile.off or (one.kind == "directory" and not how.directories):
        return
    is_file, hashed = one.kind == "file", one.kind == "file" and "digest" in profile.words
    mode = None if one.kind == "link" else mode_by(one.mode, profile, how)
    target = None if one.target is None else one.target.decode("utf-8", "surrogateescape")
    told = _attributes(one, profile.words) if profile.words & ATTRIBUTES else ()
    if hashed and seen.digest is None:
        yield File(path=one.path, mode=mode, attributes=told)
        yield Unread(path=one.path, why="could not be read there")
    else:
        yield File(
            path=one.path,
            kind=one.kind,
            size=size if is_file and "size" in profile.words else None,
            mode=mode,
            digest=seen.digest,
            target=target,
            attributes=told,
        )


def _attributes(one: Found, words: frozenset[str]) -> tuple[tuple[str, str | int], ...]:
    """Return what is wanted and was told. What is not here (an ACL, another hash) is not known."""
    if one.kind == "directory":
        words -= OF_MEMBERS
    return tuple(sorted((name, value) for name, value in listing.attributes(one).items() if name in words))


def _read(seen: _Seen, content: bytes, how: Recipe) -> Iterator[Record]:
    """Show readers what was brought over, if it is what was hashed."""
    one, digest = seen.found, seen.digest
    assert digest is not None  # noqa: S101  (for the type checker: only what was hashed is brought over)
    wanting = [r for r in readers.of(how.readers)(one.path) if r.wants(one.path, content[:HEAD])]
    if one.size > how.inspect_limit:
        part = Part(content, b"", one.size)
        yield from readings(one.path, digest, [(r, content if r.head_only else part) for r in wanting])
    elif ALGORITHMS[how.algorithm](content).hexdigest() != digest.hex:
        yield Unread(path=one.path, why="changed while it was read", part="content")
    else:
        yield from readings(one.path, digest, [(reader, content) for reader in wanting])
