"""A command wrote to a folder on `PATH`.

Later steps take their programs from there: a `git`, `node` or `python` in the first folder of the path is
used by everybody from then on.

Reported even if the change was reverted. Not reported: locations that the policy names, and folders in the
workspace that git ignores (a virtual environment).

Fix: check what was written; if the command has to install tools, add their folder to `writes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import Change, Record, Write

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "tool-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "tool":
        return None
    verb = "a new program" if "created" in write.deeds or "came" in write.deeds else "written to"
    return SEVERITY, f"{verb} in a folder on PATH"
