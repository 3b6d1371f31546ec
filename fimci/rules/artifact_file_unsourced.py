"""A file of an artifact is nowhere in the source from which the artifact is said to be built.

A file that only the release has was seen by nobody: it came from a developer's folder, from a build that
was tampered with, or from whoever uploaded the release. Ultralytics 8.3.41 (2024) was published with a
downloader that its repository never had, from its own build.

High: once for all files in the place of code, once for native code, once for the rest. Low for files that
have the content of another file of the source, under another name. Silent for what build tools write
(`PKG-INFO`, `*.egg-info`, `METADATA`, `RECORD`, version modules of nothing but data), and for what the
policy or `--generated` declares to be made by the build.

Fix: find out who put it there; if the build makes it, declare it with `--generated`, else build again from a
clean clone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record, Setting
from fimci.packages.owners import runs
from fimci.printable import and_more, listed

SEVERITY = Severity.HIGH
_NATIVE = (".so", ".pyd", ".dll", ".dylib", ".exe", ".node", ".wasm", ".a", ".lib")
_SHOWN = 4


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to what has no source, by what it is; and mention what has moved."""
    del before  # nothing is there of what has no source
    alike: dict[str, list[Change]] = {}
    moved: list[tuple[Change, Setting]] = []
    for change in changes:
        fact = change.after
        if change.added and isinstance(fact, File):
            alike.setdefault(_kind(fact.path), []).append(change)
        elif change.added and isinstance(fact, Setting) and fact.name == "source.moved" and _renamed(fact):
            moved.append((change, fact))
    for kind, same in alike.items():
        paths = listed([c.record.path for c in same if isinstance(c.record, File)], _SHOWN)
        message = f"{kind} that the source does not have: {paths}"
        yield grouped(same, rule="artifact-file-unsourced", severity=SEVERITY, message=message)
    if moved:
        first = moved[0][1]
        message = f"has the content of {first.value} in the source" + and_more(len(moved) - 1, "alike")
        yield grouped(
            [change for change, _ in moved],
            rule="artifact-file-unsourced",
            severity=Severity.LOW,
            message=message,
        )


def _kind(path: str) -> str:
    if path.endswith(_NATIVE) or ".so." in path:
        return "native code"
    return "code" if runs(path) else "files"


def _renamed(fact: Setting) -> bool:
    """Tell whether code lies under another name than in the source: licences and data are copied about."""
    return runs(fact.path) and fact.path.rpartition("/")[2] != fact.value.rpartition("/")[2]
