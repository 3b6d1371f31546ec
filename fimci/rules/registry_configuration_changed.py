"""A client is told to fetch from elsewhere, to check less, or to run more.

A registry, an extra index or a proxy decides whose code is installed under a name: with one line in
`.npmrc` or `pip.conf`, a lockfile that nobody touched resolves to somebody else's packages
(dependency confusion: pypa/pip#8606). Other switches drop a check (certificates, hashes, the age of a
release) or let code run (install scripts, `yarnPath`, plug-ins, build backends). `overrides` and
their kin speak where they put another package, a URL or a repository in the place of one.

Read are `.npmrc`, `.yarnrc`, `.yarnrc.yml`, `pnpm-workspace.yaml`, `bunfig.toml`, `package.json`,
`pip.conf`, `uv.toml`, `pyproject.toml` and the options of `requirements.txt`; of other ecosystems
`.cargo/config.toml`, `Cargo.toml`, `go.mod`, `go.work`, `Gemfile`, `.bundle/config`, `composer.json`,
`nuget.config`, Gradle's `verification-metadata.xml`, `.gitmodules`, `.pre-commit-config.yaml`,
`actions.lock`.

Silent on switches that are made stricter, on additional places and permissions that are taken away,
on a setting that only moved to another file, on a permission that the same package already had
(for another version, or in another client's words), and on overrides that pick a version.

Fix: ask who needs the switch; name the registry per scope or index rather than for everything, and
accept the finding if it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.packages.switches import Switch, is_off, let_in, objecting
from fimci.printable import and_more, cut

SEVERITY = Severity.HIGH

#: Characters of a value in a message.
_LENGTH = 120


class _Told(NamedTuple):
    change: Change
    setting: Setting
    switch: Switch


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of switch."""
    told = [found for change in changes if (found := _told(change)) is not None]
    if not told:
        return
    known = _identities(record for record in before if isinstance(record, Setting))
    arrived = _identities(
        change.after for change in changes if isinstance(change.after, Setting) and change.added
    )
    groups: dict[tuple[str, str], list[_Told]] = {}
    for item in told:
        if not _only_moved(item, known, arrived):
            groups.setdefault((item.setting.path, item.switch.what), []).append(item)
    for group in groups.values():
        yield _objection(sorted(group, key=lambda item: item.setting.at.line))


def _told(change: Change) -> _Told | None:
    """Return a change of a setting with the switch that objects to it."""
    setting, old = change.record, change.before
    if not isinstance(setting, Setting) or not change.real:
        return None
    before = old.value if isinstance(old, Setting) else None
    after = change.after.value if isinstance(change.after, Setting) else None
    switch = objecting(setting.name, before, after)
    return _Told(change, setting, switch) if switch is not None else None


def _only_moved(item: _Told, known: set[tuple[str, str]], arrived: set[tuple[str, str]]) -> bool:
    identity = _identity(item.setting)
    if item.change.removed:
        return identity in arrived
    listed = "[" in item.setting.name
    return identity in known and (item.change.added or listed)


def _identities(settings: Iterable[Setting]) -> set[tuple[str, str]]:
    return {_identity(setting) for setting in settings if not is_off(setting.value)}


def _identity(setting: Setting) -> tuple[str, str]:
    """Return what a setting says, wherever it stands and in whichever version of a package."""
    return let_in(setting.name) or (re.sub(r"\[\d+\]", "[]", setting.name), setting.value)


def _objection(group: list[_Told]) -> Finding:
    switch = group[0].switch
    return grouped(
        [item.change for item in group],
        rule="registry-configuration-changed",
        severity=switch.severity,
        message=f"{switch.what}: {_fact(group[0].change)}{and_more(len(group) - 1)}",
    )


def _fact(change: Change) -> str:
    old, new = change.before, change.after
    if isinstance(old, Setting) and not isinstance(new, Setting):
        return f"{old.name} = {cut(old.value, _LENGTH)} is gone"
    if not isinstance(new, Setting):
        return ""
    if isinstance(old, Setting):
        return f"{new.name} = {cut(new.value, _LENGTH)}, was {cut(old.value, _LENGTH)}"
    return new.name if new.value == "true" and "." in new.name else f"{new.name} = {cut(new.value, _LENGTH)}"
