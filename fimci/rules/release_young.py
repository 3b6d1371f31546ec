"""A lockfile selects a release that is only hours old.

Nearly all malicious releases are found and removed within a day or two. Waiting that long costs an update
little. The age is that at the time of the run, as stated by the registry.

Medium below a day for a package that is new here, low below three days for any, high for a release that is
younger than the policy requires (`cooldown`, in days).

Not reported: registries that do not state publication times. Where the policy requires an age, such a release
is unread.

Fix: wait a few days, unless the release fixes something urgent.
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
        told += f", but the policy requires {plural(new.waits // _DAY, 'day')}"
    yield finding(change, rule=_RULE, severity=severity, message=told)
