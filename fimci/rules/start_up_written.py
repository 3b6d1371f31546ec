"""A command wrote to a file that shells, sessions or the system run by themselves.

`.bashrc`, `profile.d`, cron tables, units of systemd, `ld.so.preload`, keys of SSH, the configuration of git
and of package managers: whatever is in them runs later, in another job or for another person.

Speaks whether it is undone or not. Silent for places that policy names.

Fix: look at what was written, and take it out; if the command has to, name the file in `writes` (`~/…`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Write
from fimci.printable import and_more

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # whatever was there
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for change in changes:
        write = change.after
        if isinstance(write, Write) and write.kind == "start-up":
            alike.setdefault(_judged(write), []).append(change)
    for (severity, message), group in alike.items():
        said = message + and_more(len(group) - 1)
        yield grouped(group, rule="start-up-written", severity=severity, message=said)


def _judged(write: Write) -> tuple[Severity, str]:
    verb = "a new file" if "created" in write.deeds else "written to"
    return SEVERITY, f"{verb}: it is run, or decides what is, without anybody asking"
