"""A command wrote to a file that shells, sessions or the system run by themselves.

`.bashrc`, `profile.d`, cron tables, units of systemd, `ld.so.preload`, keys of SSH, the configuration of git
and of package managers: whatever is in them runs later, in another job or for another person.

Speaks whether it is undone or not. Silent for places that policy names.

Fix: look at what was written, and take it out; if the command has to, name the file in `writes` (`~/…`).
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
    yield from writes.told(changes, "start-up-written", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "start-up":
        return None
    verb = "a new file" if "created" in write.deeds else "written to"
    return SEVERITY, f"{verb}: it is run, or decides what is, without anybody asking"
