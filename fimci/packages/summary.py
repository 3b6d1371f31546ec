"""What a change does to the packages of each file, summed up: a bump is summarised, not recited.

Entries of one name in one file count once, however many places the client gave it: `left` went from
1.0.0 to 1.0.1, wherever it is nested now. What a lockfile repeats of its manifest is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.findings import PackageChange, Verb
from fimci.model import Change, Package, Record
from fimci.packages.releases import copied
from fimci.printable import plural

#: Files told one by one in a summary; what changed in more of them is added up.
SHOWN = 8
_INSTALLED = frozenset({"artifact", "disk"})


class _Key(NamedTuple):
    """A package of a file; what is installed is of no file."""

    file: str
    ecosystem: str
    name: str


class _Said(NamedTuple):
    """What one side says of a package, all its entries together."""

    versions: set[str]
    statements: set[str]


def package_changes(
    changes: Iterable[Change], before: Iterable[Record], after: Iterable[Record], unread: frozenset[str]
) -> tuple[PackageChange, ...]:
    """Return what became of every package that changed, by file and name.

    `before` and `after` are what both sides say, changed or not. Files in `unread` say nothing: what
    they state on one side alone has neither come nor gone.
    """
    facts: dict[_Key, set[str]] = {}
    for change in changes:
        package = change.record
        if not isinstance(package, Package) or not change.real or copied(package):
            continue
        if package.at.path not in unread:
            facts.setdefault(_key(package), set()).update(change.differs)
    if not facts:
        return ()
    asked: set[tuple[str, str]] = set()
    old, new = _side(before, facts, asked), _side(after, facts, asked)
    found = (_package_change(key, old.get(key), new.get(key), facts[key], asked) for key in sorted(facts))
    return tuple(change for change in found if change is not None)


def sentences(changed: Sequence[PackageChange]) -> Iterator[str]:
    """Say it in a sentence per file: `uv.lock: 37 packages updated, 2 added, 1 removed`."""
    files: dict[str, list[PackageChange]] = {}
    for one in changed:
        files.setdefault(one.file, []).append(one)
    for file in list(files)[:SHOWN]:
        yield f"{file or 'installed'}: {_told(files[file])}"
    rest = [one for file in list(files)[SHOWN:] for one in files[file]]
    if rest:
        yield f"{plural(len(files) - SHOWN, 'more file')}: {_told(rest)}"


def _told(changed: Sequence[PackageChange]) -> str:
    counts = Counter[str](one.verb for one in changed)
    noun = "requirement" if all(one.wanted for one in changed) else "package"
    words = {"updated": "updated", "added": "added", "removed": "removed", "changed": "changed otherwise"}
    told = [(counts[verb], word) for verb, word in words.items() if counts[verb]]
    (first, word), *others = told
    return ", ".join([f"{plural(first, noun)} {word}", *(f"{number:,} {word}" for number, word in others)])


def _package_change(
    key: _Key, old: _Said | None, new: _Said | None, facts: set[str], asked: set[tuple[str, str]]
) -> PackageChange | None:
    """Return what became of a package, `None` where its entries only moved."""
    before, after = (tuple(sorted(said.versions)) if said is not None else () for said in (old, new))
    if old is None or new is None:
        verb: Verb = "added" if old is None else "removed"
    elif before != after:
        verb = "updated"
    elif facts:
        verb = "changed"
    else:
        return None
    statements = {one for said in (old, new) if said is not None for one in said.statements}
    return PackageChange(
        file=key.file,
        ecosystem=key.ecosystem,
        name=key.name,
        verb=verb,
        before=before,
        after=after,
        facts=tuple(sorted(facts)),
        wanted=statements == {"manifest"},
        direct=(key.ecosystem, key.name) in asked,
    )


def _side(
    records: Iterable[Record], touched: Mapping[_Key, object], asked: set[tuple[str, str]]
) -> dict[_Key, _Said]:
    """Gather what a side says of the packages in `touched`; put what any manifest wants into `asked`."""
    found: dict[_Key, _Said] = {}
    for package in records:
        if not isinstance(package, Package):
            continue
        if package.stated_by == "manifest":
            asked.add((package.ecosystem, package.name))
        key = _key(package)
        if key in touched and not copied(package):
            said = found.setdefault(key, _Said(set(), set()))
            said.versions.add(package.version if isinstance(package.version, str) else "")
            said.statements.add(package.stated_by)
    return found


def _key(package: Package) -> _Key:
    file = "" if package.stated_by in _INSTALLED else package.at.path
    return _Key(file, package.ecosystem, package.name)
