"""A package has a new release after years without one.

Accounts whose owners have long left are the ones that are taken over, and a package that nobody has looked at
for years still has users. Most revived packages are honest, so this is only reported while the release is
young: what is wrong with it is found within days.

Medium where the previous release is more than a thousand days older, low where more than two years, and this
one is less than two weeks old. Of 1,423 releases of 70 Python projects, five were the first after a thousand
days, and fourteen more after two years.

Not reported: releases that are older than that, registries that do not state publication times, and mirrors
that state when they copied a release.

Fix: find out who published it and why now; wait, unless it fixes something urgent.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import plural

SEVERITY = Severity.MEDIUM
_RULE = "release-dormant"
#: Days, and hours.
_LONG, _VERY_LONG, _YOUNG = 730, 1000, 14 * 24


def check(change: Change) -> Iterator[Finding]:
    """Object to the first release after years."""
    new = change.after
    if not isinstance(new, Release) or not isinstance(new.quiet, int) or not isinstance(new.age, int):
        return
    if new.quiet >= _LONG and new.age < _YOUNG:
        years, days = plural(new.quiet // 365, "year"), plural(new.age // 24, "day")
        told = f"is the first release after {years}, {days} old"
        severity = SEVERITY if new.quiet >= _VERY_LONG else Severity.LOW
        yield finding(change, rule=_RULE, severity=severity, message=told)
