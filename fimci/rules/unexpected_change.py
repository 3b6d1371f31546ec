"""A file is not what the baseline says.

A baseline is a promise that nothing changes without somebody's word: a file that was added,
removed, altered, made executable or turned into a link since then was touched by something
nobody announced. Where another rule says more about the same file, this one leaves it the word.
A folder with many changed files is told in one line. Silent wherever the left side is no
baseline: in a pull request, change is the point.

Fix: find out what changed it; if the change is right, take a new baseline with `fimci baseline`.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File, Record

SEVERITY = Severity.HIGH
_NAMES = {
    "digest": "content",
    "target": "link target",
    "links": "number of hard links",
    "blocks": "allocated size",
    "xattrs": "extended attributes",
    "acl": "ACL",
    "selinux": "SELinux context",
}
#: What changes with the content, and says nothing more.
_OF_CONTENT = frozenset({"size", "mtime", "blocks", "sha512", "blake2b", "blake3"})
#: More changed files than this in one folder are told together.
TOGETHER = 20


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the contract)
    """Object to every change of a file against a baseline."""
    folders: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.sealed and change.real and isinstance(change.record, File) and not _implied(change):
            folders[change.record.path.rpartition("/")[0]].append(change)
    for folder, changed in folders.items():
        if len(changed) > TOGETHER:
            yield _together(folder, changed)
        else:
            for change in changed:
                yield finding(change, rule="unexpected-change", severity=SEVERITY, message=_what(change))


def _implied(change: Change) -> bool:
    """Tell whether a folder came or went: its members say so themselves."""
    return isinstance(change.record, File) and change.record.kind == "directory" and not change.differs


def _what(change: Change) -> str:
    if change.added:
        return "not in the baseline"
    if change.removed:
        return "in the baseline, but gone"
    if isinstance(change.before, File) and isinstance(change.after, File) and "kind" in change.differs:
        return f"was a {change.before.kind} in the baseline, is a {change.after.kind} now"
    told = [_NAMES.get(name, name) for name in change.differs if not _follows(name, change.differs)]
    *others, last = told
    return f"{', '.join(others)}{' and ' if others else ''}{last} changed since the baseline"


def _follows(name: str, differs: tuple[str, ...]) -> bool:
    """Tell whether one fact changes with another that is told anyway."""
    if name == "ctime":
        return differs != ("ctime",)
    return name in _OF_CONTENT and "digest" in differs


def _together(folder: str, changed: list[Change]) -> Finding:
    kinds = Counter("added" if c.added else "removed" if c.removed else "changed" for c in changed)
    told = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    each = [finding(change, rule="unexpected-change", severity=SEVERITY, message="") for change in changed]
    content = hashlib.sha256("\0".join(f.content for f in each).encode("utf-8", "surrogatepass")).hexdigest()
    message = f"{len(changed):,} files in this folder are not as in the baseline: {told}"
    return msgspec.structs.replace(each[0], path=folder or ".", message=message, content=content)
