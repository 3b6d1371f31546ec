"""What a client writes into its own configuration when it brings an old lockfile up to date.

Yarn keeps a project as it was: where its lockfile is older than a protection, the client that migrates
it writes down that the protection is off. Nothing is given up by that, since nothing was protected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.model import Change, Record, Setting


class _Kept(NamedTuple):
    """A setting that yarn writes where the metadata version of the lockfile was below `since`."""

    name: str
    value: str
    since: int


#: The rows of yarn 4.18 (`yarn install`, migration of lockfiles) that give up a protection.
_YARN = (
    _Kept("approvedGitRepositories.**", "true", 9),
    _Kept("enableScripts", "true", 9),
    _Kept("npmMinimalAgeGate", "0", 10),
)


def kept(changes: Iterable[Change], before: Sequence[Record]) -> frozenset[tuple[str, str, str]]:
    """Return path, name and value of what a migration of these changes may have written.

    Only where nothing was said of it before: what a project chose, the client leaves alone.
    """
    said = {(record.path, _switch(record.name)) for record in before if isinstance(record, Setting)}
    return frozenset(
        (path, row.name, row.value)
        for path, old, new in _migrated(changes)
        for row in _YARN
        if old < row.since <= new and (path, _switch(row.name)) not in said
    )


def lowered(changes: Iterable[Change]) -> Iterator[tuple[Change, tuple[str, ...]]]:
    """Yield each `yarn.lock` of an older version than before, and what its next migration gives up.

    Measured, yarn 4.18: whoever installs then gets the settings above written down, and scripts run.
    """
    for change in changes:
        for _, old, new in _migrated((change,)):
            given_up = tuple(row.name.partition(".")[0] for row in _YARN if new < row.since <= old)
            if given_up:
                yield change, given_up


def _migrated(changes: Iterable[Change]) -> Iterator[tuple[str, int, int]]:
    """Yield the configuration beside each `yarn.lock` of another version, with both versions."""
    for change in changes:
        old, new = change.before, change.after
        if not isinstance(old, Setting) or not isinstance(new, Setting) or new.name != "lockfileVersion":
            continue
        folder, slash, name = new.path.rpartition("/")
        if name == "yarn.lock" and _is_number(old.value) and _is_number(new.value):
            yield f"{folder}{slash}.yarnrc.yml", int(old.value), int(new.value)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5  # noqa: PLR2004  (digits: yarn is at 10)


def _switch(name: str) -> str:
    return name.partition(".")[0]
