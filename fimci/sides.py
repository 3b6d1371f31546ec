"""From a locator to a snapshot: the one place that knows every kind of source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from fimci import readers
from fimci.errors import BaselineError, SourceError
from fimci.look import Progress, Sizes, look
from fimci.model import Digest, File, Record, Unread
from fimci.patterns import matcher
from fimci.profiles import DEFAULT, PathRule, chooser, parse
from fimci.remembered import remembered, whole
from fimci.snapshot import Entry, Recipe, Snapshot, collected, reason
from fimci.sources.locator import Locator

#: Archives that are releases of packages by their names, and those that may be: if they say so inside.
_WHEEL = ".whl"
_RELEASED, _MAY_BE = (".tgz", _WHEEL), (".tar.gz", ".zip")
#: Bytes of an archive up to which it is held in memory, and remembered as a whole.
_IN_MEMORY = 64 * 1024 * 1024
_NO_SIZES: Sizes = {}


def recipe(  # noqa: PLR0913  (each is one field of the recipe, or chooses the readers)
    ignore: Iterable[str] = (),
    *,
    directories: bool = True,
    profile: str = DEFAULT,
    paths: tuple[PathRule, ...] = (),
    code: bool = False,
    named: bool = False,
) -> Recipe:
    """Return the recipe of today: every reader in its version, and what policy says of paths.

    `code`: with the readers that say what code can do. `named`: only those that choose by name, which is
    all that another machine is asked to send.
    """
    return Recipe(
        ignore=tuple(ignore),
        directories=directories,
        readers=readers.NAMED_VERSIONS if named else readers.CODE_VERSIONS if code else readers.VERSIONS,
        profile=profile,
        paths=paths,
    )


def snapshot(
    locator: Locator,
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    known: Snapshot | None = None,
) -> Snapshot:
    """Take a snapshot of what a locator names; a baseline is loaded, with its own recipe.

    `sizes` are those of the other side's files that may only grow; see `sizes`. `known` is the other side,
    for what is far away: what it says of files that are as they were need not be brought over again.
    """
    if locator.scheme == "baseline":
        return baseline(locator.path)
    if locator.scheme == "ssh":
        from fimci import remote  # noqa: PLC0415  (one source a run)

        return remote.snapshot(locator.path, how, progress, sizes, known)
    archive = locator.scheme == "archive"
    released = _is_released(locator.path) if archive else False
    data = _held(locator.path) if archive and not sizes else None
    if data is not None:
        return packed(data, locator.path, str(locator), how, progress, released=released)
    return settled(
        _snapshot(locator, how, progress, sizes),
        project=locator.scheme == "git",
        released=released,
        wheel=archive and locator.path.endswith(_WHEEL),
        again=lambda paths: _again(locator, paths),
    )


def _is_released(path: str) -> bool | None:
    """Tell by its name whether an archive is the release of a package; `None`: what is in it tells."""
    return None if path.endswith(_MAY_BE) else path.endswith(_RELEASED)


def settled(
    found: Snapshot,
    *,
    project: bool,
    released: bool | None = False,
    wheel: bool = False,
    again: Callable[[Iterable[str]], Iterable[Entry | Unread]] | None = None,
) -> Snapshot:
    """Put phases right over the packages of a snapshot that was taken with the readers of code.

    `again` gives entries of the same source, those of the paths among them.
    """
    if found.recipe.readers != readers.CODE_VERSIONS:
        return found
    from fimci import followed, reach  # noqa: PLC0415  (where code was read)

    def led(asked: Mapping[str, Digest]) -> Iterable[Record]:
        return map(followed.unread, asked) if again is None else followed.records(asked, again(asked))

    return msgspec.structs.replace(
        found,
        records=reach.settled(found.records, project=project, released=released, wheel=wheel, led=led),
    )


def _again(locator: Locator, paths: Iterable[str]) -> Iterable[Entry | Unread]:
    """Yield entries of a source once more, those of some paths at least."""
    if locator.scheme == "dir":
        from fimci.sources import directory  # noqa: PLC0415  (one source a run)

        return directory.entries(locator.path, paths)
    return entries(locator) if locator.scheme in {"archive", "git"} else ()


def _snapshot(locator: Locator, how: Recipe, progress: Progress | None, sizes: Sizes) -> Snapshot:
    if locator.scheme == "dir":
        from fimci import folder  # noqa: PLC0415  (one source a run)

        return folder.taken(locator.path, how, progress, sizes)
    if locator.scheme == "python":
        from fimci import environment  # noqa: PLC0415  (one source a run)

        return environment.snapshot(locator.path, how, progress, sizes)
    if locator.scheme == "node":
        from fimci import modules  # noqa: PLC0415  (one source a run)

        return modules.snapshot(locator.path, how, progress, sizes)
    if locator.scheme == "hive":
        from fimci.sources.hive import walk  # noqa: PLC0415  (one source a run)

        ignored = matcher(how.ignore)
        kept = (record for record in walk.records(locator.path) if not ignored(record.path))
        return Snapshot(locator=str(locator), recipe=how, records=collected(kept))
    if locator.scheme == "oci":
        return _image(locator, how, progress, sizes)
    return taken(str(locator), entries(locator), how, progress, sizes)


def packed(  # noqa: PLR0913  (bytes, two names, and how they are looked at)
    data: bytes,
    path: str,
    name: str,
    how: Recipe,
    progress: Progress | None = None,
    *,
    released: bool | None,
) -> Snapshot:
    """Take a snapshot of an archive that is held in memory, or say again what was said of the same bytes.

    `path` is what its file is called; `released`: see `fimci.reach`. Archives inside stay the files that
    they are in an unpacked tree. What is remembered has its phases put right, over all files together.
    """
    from fimci.archives import bounds  # noqa: PLC0415  (the same)
    from fimci.sources import archive  # noqa: PLC0415  (one source a run)

    wheel = path.endswith(_WHEEL)

    def opened() -> Iterator[Entry | Unread]:
        return archive.within(data, path, bounds.LIMITS._replace(depth=0))

    def look_into() -> list[Record]:
        found = taken(name, opened(), how, progress)
        return list(
            settled(found, project=False, released=released, wheel=wheel, again=lambda _: opened()).records
        )

    seen_as = f"{released} {wheel}"
    return Snapshot(locator=name, recipe=how, records=whole(data, path, how, seen_as, look_into))


def _held(path: str) -> bytes | None:
    """Read an archive into memory, so that what is hashed is what is looked into; `None` for large ones."""
    try:
        with open(path, "rb") as file:
            data = file.read(_IN_MEMORY + 1)
    except OSError:
        return None  # said by whoever opens it for its members
    return data if len(data) <= _IN_MEMORY else None


def _image(locator: Locator, how: Recipe, progress: Progress | None, sizes: Sizes) -> Snapshot:
    """Take a snapshot of an image: what is in it, and what is said of how it runs."""
    from fimci.sources.oci import configuration, image, store, walk  # noqa: PLC0415  (one source a run)

    with store.opened(locator.path, walk.LIMITS) as opened:
        found = image.found(opened, locator.path, locator.ref)
        choose = chooser(how.profile, how.paths)
        inside = walk.entries(opened, found, lambda path: choose(path).words)
        taken_ = taken(str(locator), inside, how, progress, sizes)
    records = collected([*taken_.records, *configuration.settings(found)])
    return msgspec.structs.replace(taken_, records=records)


def sizes(sealed: Snapshot) -> Sizes:
    """Return how large the files of a baseline were that may only grow."""
    how = sealed.recipe
    if all("grows" not in parse(text).words for text in (how.profile, *(r.profile for r in how.paths))):
        return {}
    choose = chooser(how.profile, how.paths)
    return {
        r.path: r.size
        for r in sealed.records
        if isinstance(r, File) and isinstance(r.size, int) and "grows" in choose(r.path).words
    }


def taken(
    name: str,
    found: Iterable[Entry | Unread],
    how: Recipe,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
) -> Snapshot:
    """Take a snapshot of entries in any order, without those that the recipe ignores."""
    ignored = matcher(how.ignore)
    choose = readers.of(how.readers)

    cache = remembered(how)

    def looked() -> Iterator[Record]:
        for entry in found:
            if not ignored(entry.path):
                if progress is not None:
                    progress(entry.path)
                yield from look(entry, how, choose(entry.path), sizes, cache)
        if cache is not None:
            cache.flush()

    return Snapshot(locator=name, recipe=how, records=collected(looked()))


def entries(locator: Locator) -> Iterator[Entry | Unread]:
    """Yield the entries of an archive, or of a side of a git repository."""
    if locator.scheme == "archive":
        from fimci.archives import bounds  # noqa: PLC0415  (the same)
        from fimci.sources import archive  # noqa: PLC0415  (one source a run)

        # Archives inside stay the files that they are on the other side.
        return archive.walk(locator.path, bounds.LIMITS._replace(depth=0))
    from fimci.sources import git  # noqa: PLC0415  (pygit2 takes 70 ms to import)

    repository = git.open_(locator.path)
    return git.entries(repository, git.listing(repository, locator.ref))


def baseline(path: str, sha256: str | None = None) -> Snapshot:
    """Load a baseline file; with `sha256`, one that holds just that.

    Readers that have changed since would report changes of their own: what they said is left
    out, on both sides, and the files alone are compared (`trusted`).
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {reason(error)}", "take one with `fimci baseline`"
        ) from error
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise BaselineError(f"{path} is not what was signed", "run again; another process writes to it")
    from fimci import store  # noqa: PLC0415  (a change in git needs none)

    loaded = store.load(data, path)
    if trusted(loaded.recipe):
        return loaded
    return msgspec.structs.replace(
        loaded, records=[r for r in loaded.records if isinstance(r, File | Unread)]
    )


def trusted(how: Recipe) -> bool:
    """Tell whether today's readers are those of the recipe, version by version."""
    return how.readers in {readers.VERSIONS, readers.CODE_VERSIONS, readers.NAMED_VERSIONS}
