"""A committed baseline records less than the previous one did.

A baseline states how it was taken, and the other side is taken in the same way: without modes, with a hash
that can be forged, or without large files or readers, every later check is blind as well. Reported are an
algorithm, modes, folders, an inspection limit or readers that became weaker, paths that are now ignored or
recorded in less detail, and a deleted baseline. A first baseline is compared with fimci's default recipe
(medium).

Not reported: a baseline that is merely renewed, a recipe that became stricter, and a first baseline that
leaves out git's own files, which is the default.

Fix: take the baseline again with `fimci baseline`, without the option that weakens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import profiles
from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import cut, listed
from fimci.snapshot import Recipe

SEVERITY = Severity.HIGH

#: Hashes in which nobody can make two files alike. All others weigh nothing.
_STRENGTH = {"sha256": 1, "sha512": 2, "blake2b": 2}
#: Every baseline states it.
_FORMAT = "baseline.format"
#: What a new baseline leaves out unless it is told otherwise: git's own files, which change at each command.
_USUALLY = frozenset((".git/",))
_SHOWN = 3
_LENGTH = 200


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per baseline file."""
    touched: dict[str, list[Change]] = {}
    for change in changes:
        if isinstance(change.record, Setting) and _is_recipe(change.record):
            touched.setdefault(change.record.path, []).append(change)
    if not touched:
        return
    known = {record.path for record in before if isinstance(record, Setting) and record.name == _FORMAT}
    for path, group in touched.items():
        first = path not in known
        # Where the baseline is gone, so is all that it said: that is one fact, not twenty.
        gone = [change for change in group if change.removed and change.record.key[-1] == _FORMAT]
        told = [(change, text) for change in gone or group for text in _weaker(change, first=first)]
        if not gone:
            told += _recorded(group, [r for r in before if isinstance(r, Setting) and r.path == path])
        if told:
            yield _objection(told, Severity.MEDIUM if first else SEVERITY)


def _is_recipe(setting: Setting) -> bool:
    return setting.name.startswith("recipe.") or setting.name == _FORMAT


def _weaker(change: Change, *, first: bool) -> Iterator[str]:
    """Yield what got weaker with one fact of the recipe; what it does not state is the default."""
    record, old, new = change.record, _value(change.before), _value(change.after)
    if not isinstance(record, Setting):
        return
    key, _, subject = record.name.removeprefix("recipe.").partition(".")
    default = str(getattr(Recipe(), key, "")).lower()
    match key:
        case "baseline" if change.removed:
            yield "the baseline was removed"
        case "algorithm" if _STRENGTH.get(new or default, 0) < _STRENGTH.get(old or default, 0):
            yield f"hashed with {new or default}, not {old or default}"
        case "modes" if (old or default) == "exact" != (new or default):
            yield f"modes are {new or default}, not exact"
        case "directories" if (old or default) == "true" != (new or default):
            yield "folders are left out"
        case "inspect_limit" if _size(new or default) < _size(old or default):
            yield f"files above {new or default} bytes are not inspected (was {old or default})"
        case "ignore" if change.added and not (first and subject in _USUALLY):
            yield f"{subject} is ignored"
        case "readers" if not first and _size(new) < _size(old):
            yield f"{subject} is not read" if new is None else f"{subject} is read by an older reader"


def _recorded(group: list[Change], before: list[Setting]) -> Iterator[tuple[Change, str]]:
    """Yield by which settings of a recipe less is recorded of files."""
    old = {setting.name.removeprefix("recipe."): setting.value for setting in before}
    new = dict(old)
    touched = {}
    for change in group:
        name = change.record.key[-1].removeprefix("recipe.")
        touched[name] = change
        new.pop(name, None)
        if isinstance(change.after, Setting):
            new[name] = change.after.value
    yield from (
        (touched[step.name], step.text)
        for step in profiles.steps(old, new)
        if step.looser and step.name in touched
    )


def _value(record: Record | None) -> str | None:
    return record.value if isinstance(record, Setting) else None


def _size(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 20 else 0  # noqa: PLR2004  (64 bits)


def _objection(told: list[tuple[Change, str]], severity: Severity) -> Finding:
    texts = [cut(text, _LENGTH) for _, text in told]
    return grouped(
        [change for change, _ in told],
        rule="baseline-weakened",
        severity=severity,
        message=listed(texts, _SHOWN, ";"),
    )
