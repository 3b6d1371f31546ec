"""Two paths of a change denote the same file on macOS, Windows or any case-insensitive file system.

`README` and `readme` are two files to git and on Linux. Elsewhere one overwrites the other, and what a
reviewer has read is not what runs. A link whose name differs from that of a folder only in case has been used
to write into `.git/hooks` during a clone (CVE-2021-21300), and a `.Git` to supply a configuration
(CVE-2014-9390). Names are compared without regard to case, to the encoding of accents (one character or two),
to invisible characters that HFS+ skips, and to trailing dots and spaces, which Windows drops.

Not reported: names that the baseline or base commit already had, files whose name only changed in case, and
folders whose files do not collide. A new file next to one that did not change is not detected, because only
changes are available.

Fix: rename one of the two, or remove the one that was not meant to be added.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record
from fimci.printable import and_more

SEVERITY = Severity.HIGH
#: Characters that HFS+ leaves out of a comparison (Apple's technical note 1150).
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")

#: Folders by their folded path: how the first was spelled, and whether anything in it is new.
_Folders: TypeAlias = dict[str, tuple[str, bool]]


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new paths that meet another one, once for all that meet in one pair of folders."""
    del before  # it holds no files but manifests and lockfiles
    meeting: dict[str, list[Change]] = {}
    folders: _Folders = {}
    for change in changes:
        if isinstance(change.after, File) and change.after.kind != "directory":
            meeting.setdefault(_folded(change.after.path), []).append(change)
            _enter(change, folders)
    groups: dict[tuple[str, str, str], list[tuple[Change, str]]] = {}
    for name, alike in meeting.items():
        for change, other, what in _collisions(alike, folders.get(name)):
            pair = _folder(change.record), other.rpartition("/")[0], what
            groups.setdefault(pair, []).append((change, other))
    for (_, _, what), pairs in groups.items():
        change, other = pairs[0]
        where = f"{what} {other} where {_ignored(_path(change.record), other)} is ignored"
        message = where + and_more(len(pairs) - 1, "in this folder")
        yield grouped([one for one, _ in pairs], rule="name-collision", severity=SEVERITY, message=message)


def _collisions(alike: list[Change], folder: tuple[str, bool] | None) -> Iterator[tuple[Change, str, str]]:
    """Yield each new path with the other one that it meets, and what it is to that."""
    first = next((change for change in alike if not change.added), alike[0])
    for change in alike:
        if change is not first and change.added:
            yield change, _path(first.record), "the same file as"
        if folder is not None and (change.added or folder[1]):
            kind = change.record.kind if isinstance(change.record, File) else ""
            yield change, folder[0], f"{kind} in place of the folder"


def _enter(change: Change, folders: _Folders) -> None:
    """Note the folders above a path, up to one that is known to hold as much."""
    folder = _folder(change.record)
    while folder:
        name = _folded(folder)
        known = folders.get(name)
        if known is not None and (known[1] or not change.added):
            return
        folders[name] = (known[0] if known else folder, change.added)
        folder = folder.rpartition("/")[0]


def _folded(path: str) -> str:
    """Return what is equal for all spellings of one file."""
    path = _trimmed(path)
    return path.lower() if path.isascii() else _decomposed(_decomposed(_visible(path)).casefold())


def _decomposed(path: str) -> str:
    return unicodedata.normalize("NFD", path)


def _visible(path: str) -> str:
    return _IGNORED.sub("", path)


def _trimmed(path: str) -> str:
    if not re.search(r"[. ](?:/|$)", path):
        return path
    return "/".join(part.rstrip(". ") or part for part in path.split("/"))


def _ignored(one: str, other: str) -> str:
    """Return in words what must not count for two paths to be one."""
    ways: dict[str, Callable[[str], str]] = {
        "case": str.casefold,
        "the form of accents": _decomposed,
        "an invisible character": _visible,
        "a trailing dot or space": _trimmed,
    }
    return next((what for what, fold in ways.items() if fold(one) == fold(other)), "the way of writing")


def _folder(record: Record) -> str:
    return _path(record).rpartition("/")[0]


def _path(record: Record) -> str:
    return record.path if isinstance(record, File) else ""
