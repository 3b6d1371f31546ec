"""Files of one release, for one system, have code that is not the same.

A release of a Python project has many files: wheels for several systems and versions of Python, and the
sources. People look at one of them and install another. Whoever can upload a file needs no more than a wheel
of their own: one for a Python that nobody has looked at, with a module in it that the others do not have.

The wheel that is installed is held against up to three others (`siblings` of the policy), one of each other
system first, and against the sources. What one file *can do* that the other cannot is told by the rules that
judge releases, with their own grades, and as being of that file. That the code differs at all is told here,
as low: Python modules, start-up files, scripts, entry points.

Silent: wheels of different systems, which may differ; programs and libraries, which differ by their nature;
line ends, modules of nothing but data, what build tools write, and modules that lie elsewhere in the sources.

Of 66 releases of as many projects with compiled wheels, 264 files held against those that are installed, it
spoke of three: configurations that numpy, scipy and contourpy write when they are built. Of no release was
anything told at medium or above.

Fix: find out why the build makes other code for this file; if nothing explains it, install from the sources.
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
        ("has code that the other has not", [one for one in files if one.added]),
        ("has other code than the other", [one for one in files if not one.added]),
    ):
        if alike:
            paths = listed([one.record.path for one in alike if isinstance(one.record, File)], _SHOWN)
            yield grouped(alike, rule=_RULE, severity=SEVERITY, message=f"{word}: {paths}")
