"""A lockfile takes up a release that is hours old.

Nearly all releases with malice in them are found and removed within a day or two. Waiting that long costs an
update little. The age is that at the time of the run, by the registry's word.

Medium below a day for a package that is new here, low below three days for any.

Silent: registries that do not say when something was published.

Fix: wait a few days, unless the release mends something urgent.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import plural

SEVERITY = Severity.MEDIUM
_RULE = "release-young"
#: Hours.
_DAY, _SETTLED = 24, 72


def check(change: Change) -> Iterator[Finding]:
    """Object to a release that nobody has had time to look at."""
    new = change.after
    if not isinstance(new, Release) or not isinstance(new.age, int) or new.age >= _SETTLED:
        return
    severity = SEVERITY if change.added and new.age < _DAY else Severity.LOW
    told = f"was published {plural(new.age, 'hour')} ago"
    yield finding(change, rule=_RULE, severity=severity, message=told)
