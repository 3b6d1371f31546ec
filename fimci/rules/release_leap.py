"""A release has a version number far above all earlier ones of its package.

Clients select the highest number. Whoever publishes a package under the name of a private one, or wants to be
selected before the true release, uses a number that nothing else has: 99.0.0 after 1.2.3. This is only
reported while the release is young, because what is wrong with it is found within days.

Medium where the first number is ten or more above the next lower one (or ten or more in a package without an
earlier one), and the release is less than two weeks old. Of 1,720 and 1,423 pairs of adjacent releases of 70
npm and 70 Python packages, four were such, of two npm packages.

Not reported: first numbers that are years, pre-releases, updates with the same first number, older releases,
and registries that do not state publication times.

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
