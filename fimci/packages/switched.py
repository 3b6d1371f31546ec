"""Changes of settings that the table of switches objects to: found, cleared of mere moves, grouped.

Several rules speak of settings, each of its own kinds of switch (`fimci.packages.switches`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from fimci.findings import Finding, grouped
from fimci.model import Change, File, Record, Setting
from fimci.packages.pairs import manager_of
from fimci.packages.releases import ONE_BY_ONE
from fimci.packages.switches import Switch, is_off, let_in, objecting
from fimci.printable import and_more, cut

#: What lockfiles copy of the configuration: told where only they changed.
_COPIED = "locked."
#: Characters of a value in a message.
_LENGTH = 120
#: Whoever runs or asks it for some updates already may do so for others.
_FOR_SOME = re.compile(r"updates\.rules\[.*\]\.(?=postUpgradeTasks\.commands\.|(?:defaultR|r)egistryUrls\.)")
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b")

Choose: TypeAlias = Callable[[Switch], bool]


class Switched(NamedTuple):
    """A setting that changed, and the row of the table that objects to it."""

    change: Change
    setting: Setting
    switch: Switch


def switched(changes: Sequence[Change], before: Sequence[Record], choose: Choose) -> Iterator[Switched]:
    """Yield the changes of settings to which a chosen kind of switch objects.

    Silent about what only moved to another file, and about a lockfile that comes or goes as a whole: it
    repeats what its manifest says.
    """
    told = [found for change in changes if (found := _told(change)) is not None and choose(found.switch)]
    if not told:
        return
    known = _identities(record for record in before if isinstance(record, Setting))
    arrived = _identities(
        change.after for change in changes if isinstance(change.after, Setting) and change.added
    )
    whole = set(_lockfiles_whole(changes))
    said = {_option(item.setting) for item in told if not item.setting.name.startswith(_COPIED)}
    yield from (
        item
        for item in told
        if item.setting.path not in whole
        and not _only_moved(item, known, arrived)
        and not (item.setting.name.startswith(_COPIED) and _option(item.setting) in said)
    )


def objections(found: Iterable[Switched], rule: str) -> Iterator[Finding]:
    """Yield one objection per file and kind of switch; one for all files where many say the same."""
    groups: dict[tuple[str, str], list[Switched]] = {}
    for item in found:
        groups.setdefault((item.setting.path, item.switch.what), []).append(item)
    alike: dict[str, list[list[Switched]]] = {}
    for group in groups.values():
        group.sort(key=lambda item: item.setting.at.line)
        told = f"{group[0].switch.what}: {_fact(group[0].change)}{and_more(len(group) - 1)}"
        alike.setdefault(told, []).append(group)
    for told, same in alike.items():
        if len(same) > ONE_BY_ONE:
            every = [item for group in same for item in group]
            yield _objection(every, rule, f"{told}, in {len(same):,} files")
        else:
            yield from (_objection(group, rule, told) for group in same)


def _objection(group: list[Switched], rule: str, message: str) -> Finding:
    severity = max(item.switch.severity for item in group)
    return grouped([item.change for item in group], rule=rule, severity=severity, message=message)


def _lockfiles_whole(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        file = change.record
        if not isinstance(file, File):
            continue
        lock = file.path.endswith(".lock")
        if (lock and change.added) or (change.removed and (lock or manager_of(file.path) is not None)):
            yield file.path


def _told(change: Change) -> Switched | None:
    """Return a change of a setting with the switch that objects to it."""
    setting, old = change.record, change.before
    if not isinstance(setting, Setting) or not change.real:
        return None
    before = old.value if isinstance(old, Setting) else None
    after = change.after.value if isinstance(change.after, Setting) else None
    switch = objecting(setting.name, before, after)
    return Switched(change, setting, switch) if switch is not None else None


def _option(setting: Setting) -> str:
    """Return what an option of uv is called, in `[tool.uv]`, in `uv.toml` and in the lockfile."""
    return setting.name.removeprefix(_COPIED).removeprefix("tool.uv.")


def _only_moved(item: Switched, known: set[tuple[str, str]], arrived: set[tuple[str, str]]) -> bool:
    identity = _identity(item.setting)
    if item.change.removed:
        return identity in arrived
    listed = "[" in item.setting.name
    return identity in known and (item.change.added or listed)


def _identities(settings: Iterable[Setting]) -> set[tuple[str, str]]:
    return {_identity(setting) for setting in settings if not is_off(setting.value)}


def _identity(setting: Setting) -> tuple[str, str]:
    """Return what a setting says, wherever it stands and in whichever version of a package."""
    name = _FOR_SOME.sub("updates.", setting.name)
    return let_in(setting.name) or (re.sub(r"\[\d+\]", "[]", name), setting.value)


def _fact(change: Change) -> str:
    old, new = change.before, change.after
    if isinstance(old, Setting) and not isinstance(new, Setting):
        return f"{old.name} = {_shown(old.value)} is gone"
    if not isinstance(new, Setting):
        return ""
    if isinstance(old, Setting):
        return f"{new.name} = {_shown(new.value)}, was {_shown(old.value)}"
    return new.name if new.value == "true" and "." in new.name else f"{new.name} = {_shown(new.value)}"


def _shown(value: str) -> str:
    """Return a value at a length that people read, long hashes by their beginning."""
    return cut(_HASH.sub(r"\1…", value[: 4 * _LENGTH]), _LENGTH)
