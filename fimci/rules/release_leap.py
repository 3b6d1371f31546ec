"""A release has a number far above all that its package had.

Clients take the highest number. Whoever publishes a package under the name of a private one, or wants to be
taken before the true release, gives it a number that nothing else has: 99.0.0 after 1.2.3. Told while the
release is young, for what is wrong with it is found within days.

Medium where the first number is ten or more above the next lower one (of a package with none: ten or more),
and the release is less than two weeks old. Of 1,720 and 1,423 pairs of neighbouring releases of 70 packages
of npm and 70 of Python four were such: of two packages of npm.

Silent: first numbers that are years, pre-releases, updates within the same first number, releases that have
settled, registries that do not say when something was published.

Fix: find out whether the project announced this number; if the name is private, bind it to your registry.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import plural

SEVERITY = Severity.MEDIUM
_RULE = "release-leap"
#: Numbers, and hours.
_FAR, _YOUNG = 10, 14 * 24


def check(change: Change) -> Iterator[Finding]:
    """Object to a young release with a number that is far off."""
    old, new = change.before, change.after
    if not isinstance(new, Release) or not isinstance(new.leap, int) or not isinstance(new.age, int):
        return
    crossed = not isinstance(old, Release) or _first(old) != _first(new)
    if crossed and new.leap >= _FAR and new.age < _YOUNG:
        told = (
            f"its first number is {new.leap:,} above the next lower one, {plural(new.age // 24, 'day')} old"
        )
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)


def _first(release: Release) -> str:
    return release.version.removeprefix("v").partition(".")[0]
