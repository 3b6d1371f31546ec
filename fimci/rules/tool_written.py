"""A command wrote to a folder on `PATH`.

The programs of later steps come from there: a `git`, `node` or `python` in the first folder of the path is
everybody's from then on.

Speaks whether it is undone or not. Silent for places that policy names, and for folders in the workspace
that git ignores (a virtual environment).

Fix: look at what was written; if the command has to install tools, name their folder in `writes`.
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
        if isinstance(write, Write) and write.kind == "tool":
            alike.setdefault(_judged(write), []).append(change)
    for (severity, message), group in alike.items():
        said = message + and_more(len(group) - 1)
        yield grouped(group, rule="tool-written", severity=severity, message=said)


def _judged(write: Write) -> tuple[Severity, str]:
    verb = "a new program" if "created" in write.deeds or "came" in write.deeds else "written to"
    return SEVERITY, f"{verb} in a folder on PATH"
