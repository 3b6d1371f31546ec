"""A file differs from the baseline.

A baseline is a promise that nothing changes without approval: a file that was added, removed, altered, made
executable or turned into a link since then was touched without announcement. What happened once is reported
once: a renamed file or folder, the hundreds of files of one package update, a folder in which many files
changed. Where another rule says more about the same file, this one leaves it to that rule. Not reported when
the left side is not a baseline: in a pull request, changes are expected.

Fix: find out what changed it; if the change is correct, take a new baseline with `fimci baseline`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Digest, File, Record
from fimci.packages.updates import owner, updates
from fimci.printable import plural

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


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to every change of a file against a baseline, each thing that happened once."""
    del before  # a baseline is all that was there before, and the changes say what is not so now
    left = [c for c in changes if c.sealed and c.real and isinstance(c.record, File) and not _implied(c)]
    left = yield from _updated(left, changes)
    left = yield from _moved(left)
    folders: dict[str, list[Change]] = defaultdict(list)
    for change in left:
        folders[_path(change).rpartition("/")[0]].append(change)
    for folder, alike in folders.items():
        if len(alike) > TOGETHER:
            message = f"{len(alike):,} files in this folder differ from the baseline: {_kinds(alike)}"
            yield _about(alike, message, folder or ".")
        else:
            yield from (_about([change], _what(change), _path(change)) for change in alike)


def _updated(changed: list[Change], changes: Sequence[Change]) -> Generator[Finding, None, list[Change]]:
    """Tell what package updates brought; return the changes that none of them explains."""
    owners = {path: update for update in updates(changes) for path in update.owns}
    brought: dict[str, list[Change]] = defaultdict(list)
    left = []
    for change in changed:
        update = owner(_path(change), owners)
        if update is None:
            left.append(change)
        else:
            brought[update.told].append(change)
    for told, alike in brought.items():
        message = f"{told}: {plural(len(alike), 'file')} with it: {_kinds(alike)}"
        yield _about(alike, message, _path(alike[0]))
    return left


def _moved(changed: list[Change]) -> Generator[Finding, None, list[Change]]:
    """Tell files and folders that stand elsewhere now; return the changes that are no moves."""
    gone = _by_content(change for change in changed if change.removed)
    came = _by_content(change for change in changed if change.added)
    moves: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for digest, new in came.items():
        # The same content several times says not which of them went where.
        if len(new) == 1 and len(gone.get(digest, ())) == 1:
            moves[_ends(_path(gone[digest][0]), _path(new[0]))] += [gone[digest][0], new[0]]
    for (old, new_place), pairs in moves.items():
        number = len(pairs) // 2
        what = "moved here" if number == 1 else f"{plural(number, 'file')} moved here"
        yield _about(pairs, f"{what} from {old or '.'} since the baseline", new_place or ".")
    told = {id(change) for pairs in moves.values() for change in pairs}
    return [change for change in changed if id(change) not in told]


def _by_content(changes: Iterable[Change]) -> dict[Digest, list[Change]]:
    """Group changes by the bytes of their file; empty files are alike and no move."""
    found: dict[Digest, list[Change]] = defaultdict(list)
    for change in changes:
        file = change.record
        if isinstance(file, File) and isinstance(file.digest, Digest) and file.size:
            found[file.digest].append(change)
    return found


def _ends(old: str, new: str) -> tuple[str, str]:
    """Cut what two paths have in common at their ends: `a/x/y`, `b/x/y` give `a`, `b`."""
    olds, news = old.split("/"), new.split("/")
    while len(olds) > 1 and len(news) > 1 and olds[-1] == news[-1]:
        olds.pop()
        news.pop()
    return "/".join(olds), "/".join(news)


def _implied(change: Change) -> bool:
    """Tell whether a folder came or went: its members say so themselves."""
    return isinstance(change.record, File) and change.record.kind == "directory" and not change.differs


def _what(change: Change) -> str:
    if change.added:
        return "not in the baseline"
    if change.removed:
        return "in the baseline, but missing"
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


def _kinds(changes: Iterable[Change]) -> str:
    kinds = Counter("added" if c.added else "removed" if c.removed else "changed" for c in changes)
    return ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))


def _path(change: Change) -> str:
    return change.record.path if isinstance(change.record, File) else ""


def _about(changes: Sequence[Change], message: str, path: str) -> Finding:
    return grouped(changes, rule="unexpected-change", severity=SEVERITY, message=message, path=path)
