"""Both sides of each workflow that a change touches, for the rules that judge it as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.findings import seen_at
from fimci.model import Change, File, Record, Setting

_WORKFLOW = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml|(?:.*/)?action\.ya?ml", re.DOTALL)

#: Triggers that run with the repository's rights and secrets on what a stranger wrote.
PRIVILEGED = ("pull_request_target", "workflow_run", "issue_comment")


class Sides(NamedTuple):
    """One workflow or action: what the left and the right side say about it.

    A file that is `fresh` on the right is held against those that vanished in the same change, so
    that a renamed workflow is not news; it is `added` only where none did.
    """

    path: str
    before: list[Record]
    after: list[Record]
    fresh: bool
    added: bool


def workflow(record: Record) -> str:
    """Return the path of the workflow or action that a record speaks of, `""` if of another file."""
    path = seen_at(record).path
    return path if _WORKFLOW.fullmatch(path) else ""


def touched(
    changes: Sequence[Change], before: Sequence[Record], file_of: Callable[[Record], str] = workflow
) -> Iterator[Sides]:
    """Yield both sides of every file with a real change: workflows and actions, or those of `file_of`."""
    paths = sorted({path for change in changes if change.real and (path := file_of(change.record))})
    if not paths:
        return
    olds: dict[str, dict[tuple[str, ...], Record]] = {path: {} for path in paths}
    for record in before:
        path = file_of(record)
        if path in olds:
            olds[path][record.key] = record
    news = {path: dict(records) for path, records in olds.items()}
    added: set[str] = set()
    vanished: list[Record] = []
    for change in changes:
        path = file_of(change.record)
        if path not in news:
            continue
        if change.after is None:
            news[path].pop(change.record.key, None)
        else:
            news[path][change.record.key] = change.after
        if isinstance(change.record, File) and change.added:
            added.add(path)
        if isinstance(change.record, File) and change.removed:
            vanished += olds[path].values()
    for path in paths:
        new = path in added
        old = vanished if new else list(olds[path].values())
        yield Sides(path, old, list(news[path].values()), new, new and not vanished)


def settings(records: Iterable[Record]) -> dict[str, Setting]:
    """Return the settings among records by their name."""
    return {record.name: record for record in records if isinstance(record, Setting)}


def privileged(records: Iterable[Record]) -> list[str]:
    """Return the triggers that hand rights and secrets to what strangers wrote."""
    names = settings(records)
    return [event for event in PRIVILEGED if f"on.{event}" in names]
