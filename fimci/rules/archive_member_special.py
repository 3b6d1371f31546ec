"""A member of an artifact is not a plain file or folder, or has permissions that no package needs.

Links, devices and pipes in an archive write, read or block outside of the files they pose as: a link to a
folder outside, followed by a file "below" it, is one of the oldest ways to escape from unpacking. Wheels and
npm packages contain none of these, and installers differ in how they treat them. A set-id bit runs a program
with the permissions of whoever unpacked it.

High for links in a wheel or npm package, files below a link, devices, pipes, sparse files, unknown types,
encrypted members, unknown compression, set-id bits and file capabilities (`security.capability`). Low for
world-writable members. In other archives, links that stay inside are not reported, and those that lead
outside are reported by `link-escapes`. Measured on 256 wheels and 72 source archives of popular projects:
nothing above low.

Fix: leave the member out of the package, or replace it by a plain file; then rebuild.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record
from fimci.packages.artifacts import SPECIAL, flags, oddities
from fimci.printable import and_more

SEVERITY = Severity.HIGH
_SETID = 0o6000
_ANYBODY = 0o002
_WITHOUT_LINKS = frozenset({"wheel", "npm"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each kind of thing that does not belong into an artifact."""
    strict = not _WITHOUT_LINKS.isdisjoint(flags(before))
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for oddity in oddities(changes):
        if oddity.part in SPECIAL:
            alike.setdefault((SEVERITY, oddity.why), []).append(oddity.change)
    links = {
        file.path for change in changes if isinstance(file := change.after, File) and file.kind == "link"
    }
    for change in changes:
        if change.added and isinstance(change.after, File):
            for grade, what in _oddities(change.after, links, strict=strict):
                alike.setdefault((grade, what), []).append(change)
    for (grade, what), same in alike.items():
        message = what + and_more(len(same) - 1, "alike")
        yield grouped(same, rule="archive-member-special", severity=grade, message=message)


def _oddities(file: File, links: set[str], *, strict: bool) -> Iterator[tuple[Severity, str]]:
    if file.kind == "other":
        yield SEVERITY, "is a device, a pipe or a socket"
    if file.kind == "link" and strict:
        yield SEVERITY, f"is a link (to {file.target}), which does not belong in such an artifact"
    above = file.path.rpartition("/")[0]
    while links and above:
        if above in links:
            yield SEVERITY, "is below a link, and may be written to the target of that link"
        above = above.rpartition("/")[0]
    if isinstance(file.mode, int) and file.mode & _SETID:
        yield SEVERITY, "runs with the rights of its owner or group, whoever starts it"
    if dict(file.attributes).get("capabilities"):
        yield SEVERITY, "runs with rights of the system (security.capability), whoever starts it"
    if isinstance(file.mode, int) and file.mode & _ANYBODY and file.kind == "file":
        yield Severity.LOW, "is world-writable"
