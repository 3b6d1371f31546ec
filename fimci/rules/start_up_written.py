"""A command wrote to a file that shells, sessions or the system run automatically.

`.bashrc`, `profile.d`, cron tables, systemd units, `ld.so.preload`, SSH keys, the configuration of git and of
package managers: their content takes effect later, in another job or for another person.

Reported even if the change was reverted. Not reported: locations that the policy names.

Fix: check what was written, and remove it; if the command has to write it, add the file to `writes` (`~/…`).
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
    return SEVERITY, f"{verb} that is run automatically, or controls what is"
