"""The configuration of a container image has changed: what starts, as which user, with which variables.

The files of an image may be unchanged while its configuration starts another program, runs it as root, or
preloads a library into every program. A registry, a build and anybody who can write to an image layout can
change it without touching a layer.

High where a variable loads code into every program (`LD_PRELOAD`, `NODE_OPTIONS`, `PYTHONSTARTUP` and
similar) and where the user becomes root. Medium for another start program (`Entrypoint`, `Cmd`, `Shell`,
`Healthcheck`), another user or search path, and for what a build on top of it runs (`OnBuild`). Low for
ports, volumes, the working directory, other new variables, and the platform.

Not reported: removed variables, values of variables that load no code, and unchanged settings.

Fix: find the line of the Dockerfile or the build step that sets it; if it is intended, accept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import cut, listed

SEVERITY = Severity.MEDIUM
_HIGH, _LOW = Severity.HIGH, Severity.LOW
_PATH = "(image)"
_STARTS = frozenset({"Entrypoint", "Cmd", "Shell", "Healthcheck", "OnBuild", "User"})
_ROOT = frozenset({"", "0", "root"})
#: Variables that name programs or folders of them, and load nothing by themselves.
_SEARCHED = frozenset({"Env.PATH", "Env.SHELL", "Env.NODE_PATH", "Env.IFS"})
_SHOWN, _LENGTH = 4, 160


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection for each grade; none where there was no image before."""
    if not any(isinstance(record, Setting) and record.path == _PATH for record in before):
        return
    groups: dict[Severity, list[Change]] = {}
    for change in changes:
        if isinstance(change.record, Setting) and change.record.path == _PATH and change.real:
            severity = _grade(change)
            if severity is not None:
                groups.setdefault(severity, []).append(change)
    if all(change.removed for found in groups.values() for change in found):
        after = {id(change.before) for found in groups.values() for change in found}
        if len(after) == sum(isinstance(r, Setting) and r.path == _PATH for r in before):
            return  # the other side is no image
    for severity, found in sorted(groups.items(), reverse=True):
        message = listed([_told(change) for change in found], _SHOWN, ";")
        yield grouped(found, rule="image-configuration-changed", severity=severity, message=message)


def _grade(change: Change) -> Severity | None:
    """Return how grave a change is; `None` where it does not matter."""
    name = change.record.name  # type: ignore[union-attr]  # it is a setting
    user = _value(change.after).partition(":")[0]
    if name == "User" and user in _ROOT and _value(change.before).partition(":")[0] not in _ROOT:
        return _HIGH
    if name in _STARTS or name in _SEARCHED:
        return SEVERITY
    if name.startswith("Env."):
        if change.removed:
            return None
        return _LOW if _value(change.after) == "(set)" else _HIGH
    return _LOW


def _value(record: Record | None) -> str:
    return record.value if isinstance(record, Setting) else ""


def _told(change: Change) -> str:
    name = change.record.name  # type: ignore[union-attr]  # it is a setting
    old, new = _value(change.before), _value(change.after)
    if change.added:
        return cut(f"new {name}: {new}", _LENGTH)
    return cut(f"{name} is {new or 'not set'}, was {old}", _LENGTH)
