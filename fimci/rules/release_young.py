"""A lockfile takes up a release that is hours old.

Nearly all releases with malice in them are found and removed within a day or two. Waiting that long costs an
update little. The age is that at the time of the run, by the registry's word.

Medium below a day for a package that is new here, low below three days for any, high for a release that is
younger than policy asks for (`cooldown`, in days).

Silent: registries that do not say when something was published. Where policy asks for an age, that is unread.

Fix: wait a few days, unless the release mends something urgent.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import plural

SEVERITY = Severity.HIGH
_RULE = "release-young"
#: Hours.
_DAY, _SETTLED = 24, 72


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that nobody has had time to look at."""
    new = change.after
    if not isinstance(new, Release) or not isinstance(new.age, int) or new.age >= max(_SETTLED, new.waits):
        return
    severity = Severity.MEDIUM if change.added and new.age < _DAY else Severity.LOW
    told = f"was published {plural(new.age, 'hour')} ago"
    if new.age < new.waits:
        severity = SEVERITY
        told += f", and policy waits for {plural(new.waits // _DAY, 'day')}"
    yield finding(change, rule=_RULE, severity=severity, message=told)
