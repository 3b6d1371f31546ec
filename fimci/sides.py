"""From a locator to a snapshot: the one place that knows every kind of source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from fimci import readers, store
from fimci.errors import SourceError
from fimci.look import look
from fimci.model import File, Record, Unread
from fimci.policy import matcher
from fimci.snapshot import Entry, Recipe, Snapshot, collected, reason
from fimci.sources.locator import Locator

#: Told the path of each entry as it is met.
Progress = Callable[[str], None]


def recipe(ignore: Iterable[str] = (), *, directories: bool = True) -> Recipe:
    """Return the recipe of today: every reader in its version, and what policy ignores."""
    listed = tuple(f"{reader.NAME}/{reader.VERSION}" for reader in readers.ALL)
    return Recipe(ignore=tuple(ignore), directories=directories, readers=listed)


def snapshot(locator: Locator, how: Recipe, progress: Progress | None = None) -> Snapshot:
    """Take a snapshot of what a locator names; a baseline is loaded, with its own recipe."""
    if locator.scheme == "baseline":
        return baseline(locator.path)
    return taken(str(locator), entries(locator, how), how, progress)


def taken(
    name: str, found: Iterable[Entry | Unread], how: Recipe, progress: Progress | None = None
) -> Snapshot:
    """Take a snapshot of entries in any order, without those that the recipe ignores."""
    ignored = matcher(how.ignore)
    used = readers.ALL if trusted(how) else ()

    def looked() -> Iterator[Record]:
        for entry in found:
            if not ignored(entry.path):
                if progress is not None:
                    progress(entry.path)
                yield from look(entry, how, used)

    return Snapshot(locator=name, recipe=how, records=collected(looked()))


def entries(locator: Locator, how: Recipe) -> Iterator[Entry | Unread]:
    """Yield the entries of a folder, an archive, or a side of a git repository."""
    if locator.scheme == "dir":
        from fimci.sources import directory  # noqa: PLC0415  (one source a run)

        return directory.walk(locator.path, matcher(how.ignore))
    if locator.scheme == "archive":
        from fimci.sources import archive  # noqa: PLC0415  (one source a run)

        return archive.walk(locator.path)
    from fimci.sources import git  # noqa: PLC0415  (pygit2 takes 70 ms to import)

    repository = git.open_(locator.path)
    return git.entries(repository, git.listing(repository, locator.ref))


def baseline(path: str) -> Snapshot:
    """Load a baseline file.

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
    loaded = store.load(data, path)
    if trusted(loaded.recipe):
        return loaded
    return msgspec.structs.replace(
        loaded, records=[r for r in loaded.records if isinstance(r, File | Unread)]
    )


def trusted(how: Recipe) -> bool:
    """Tell whether today's readers are those of the recipe, version by version."""
    return how.readers == recipe().readers


def files(records: Iterable[Record]) -> dict[str, File]:
    """Return the files among records by their path."""
    return {record.path: record for record in records if isinstance(record, File)}
