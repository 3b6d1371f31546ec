"""The workflow that runs fimci now lets changes pass that it blocked before.

To get a change past a check, an attacker changes the check along with it: the step is removed, made
conditional, allowed to fail (`continue-on-error`, `|| true`), given other inputs, or its workflow no longer
starts for these paths, branches or events. Branch protection counts a skipped check as passed. There is one
finding per file.

Using the fimci action from another repository, or at another commit, is such a change as well: a commit of
any fork can be referenced as if it belonged to the repository itself, and what it does cannot be determined
here.

Not reported: a step that moves to another workflow, a condition that is removed, and another version of fimci
installed by a script; if it is no longer pinned, `action-unpinned` reports that.

Fix: leave the check as it is; require code owner approval for changes to its workflow, and require the check
by a ruleset that files of the repository cannot change. For an update of the action, compare the two commits,
then accept the finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Package, Record, Setting
from fimci.workflows.sides import Sides, settings, touched

SEVERITY = Severity.HIGH

_CHECKER = re.compile(r"(?:^|[\s/])fimci\b")
_VERSION = re.compile(r"(?:==|@)[\w.+-]+")
_SWITCH = re.compile(r".*\.(if|continue-on-error|with\.[^.]+)", re.DOTALL)
#: Inputs that are recorded of actions/checkout.
_CHECKOUT = {"with.ref", "with.repository", "with.allow-unsafe-pr-checkout"}
_EVENTS = ("pull_request", "push", "merge_group")
_FILTERS = ("paths", "paths-ignore", "branches", "branches-ignore", "types")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per file to all that weakens the check in it."""
    touching = list(touched(changes, before))
    arrived = any(sides.fresh and _runs(sides.after) for sides in touching)
    known = [record for sides in touching for record in _actions(sides.before)]
    for sides in touching:
        runs = _runs(sides.before)
        if not runs and not known:
            continue
        if _runs(sides.after):
            found = [*_switches(sides), *_commands(sides), *_filters(sides)] if runs else []
            found += _elsewhere(sides, known)
        else:
            found = (
                []
                if arrived or sides.fresh or not runs
                else [("no longer runs fimci", Change(before=runs[0], after=None))]
            )
        if found:
            words = "; ".join(dict.fromkeys(words for words, _ in found))
            parts = [part for _, part in found]
            yield grouped(parts, rule="checker-disabled", severity=SEVERITY, message=words)


def _runs(records: Iterable[Record]) -> list[Record]:
    """Return what runs fimci: uses of its action, and scripts that call it."""
    return [
        record
        for record in records
        if (isinstance(record, Package) and _CHECKER.search(record.name))
        or (isinstance(record, Capability) and record.name == "shell" and _CHECKER.search(record.detail))
    ]


def _actions(records: Iterable[Record]) -> list[Package]:
    """Return the uses of fimci's action."""
    return [record for record in _runs(records) if isinstance(record, Package)]


def _elsewhere(sides: Sides, known: Sequence[Package]) -> Iterator[tuple[str, Change]]:
    """Yield uses of the action at a commit, or from a repository, of which none was used before."""
    pins = {(record.name, record.version) for record in known}
    for record in _actions(sides.after):
        if pins and (record.name, record.version) not in pins:
            was = next((one for one in known if one.name == record.name), known[0])
            yield (
                f"runs {record.name} at {record.version} (was {was.name} at {was.version})",
                Change(before=was, after=record, differs=("version",)),
            )


def _switches(sides: Sides) -> Iterator[tuple[str, Change]]:
    """Yield conditions and inputs of the checker's step and job that are new or other than before."""
    old, new = _by_switch(sides.before), _by_switch(sides.after)
    for key in {**old, **new}:
        was, now = old.get(key), new.get(key)
        if (was and now and was.value == now.value) or (now is None and not key.startswith("with.")):
            continue
        if now is not None and key == "continue-on-error" and now.value.lower() == "false":
            continue
        values = f"{was.value if was else 'nothing'} → {now.value if now else 'nothing'}"
        yield f"{key.removeprefix('with.')} of fimci's step: {values}", Change(before=was, after=now)


def _by_switch(records: Iterable[Record]) -> dict[str, Setting]:
    """Return those settings by their last names: steps without a name are counted, and move."""
    found: dict[str, Setting] = {}
    for name, setting in settings(records).items():
        match = _SWITCH.fullmatch(name)
        if match and match[1] not in _CHECKOUT:
            found[match[1]] = setting
    return found


def _commands(sides: Sides) -> Iterator[tuple[str, Change]]:
    """Yield command lines with fimci in them that were not there, other versions aside."""
    old, new = _lines(sides.before), _lines(sides.after)
    gone = [line for line in old if line not in new]
    for line in new:
        if line not in old and gone:
            was = gone.pop(0)
            yield f"runs {line!r} (was {was!r})", Change(before=old[was], after=new[line])


def _lines(records: Iterable[Record]) -> dict[str, Record]:
    return {
        _VERSION.sub("", line.strip()): record
        for record in records
        if isinstance(record, Capability) and record.name == "shell" and "fimci" in record.detail
        for line in record.detail.splitlines()
        if _CHECKER.search(line)
    }


def _filters(sides: Sides) -> Iterator[tuple[str, Change]]:
    """Yield events on which the checker's workflow starts no longer, or not always."""
    old, new = settings(sides.before), settings(sides.after)
    for event in _EVENTS:
        was, now = old.get(f"on.{event}"), new.get(f"on.{event}")
        if was is not None and now is None:
            yield f"no longer runs on {event}", Change(before=was, after=None)
        elif was is not None and now is not None:
            had, has = _table(was.value), _table(now.value)
            names = [name for name in _FILTERS if name in has and had.get(name) != has[name]]
            if names:
                yield f"{event} is filtered by {', '.join(names)}", Change(before=was, after=now)


def _table(filters: str) -> Mapping[str, object]:
    """Return the filters of an event; none for an event without."""
    value = json.loads(filters) if filters else {}
    return value if isinstance(value, dict) else {}
