"""From two snapshots to a report: subtract, let the rules object, let policy decide.

Every verb that judges goes through `judge`; what differs between them is only where the two
sides come from.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from fimci import drift, persistence, rules
from fimci.capabilities.foreign_code import is_foreign, sentences
from fimci.compare import compare
from fimci.findings import Counts, FileChange, Finding, PackageChange, Page, Report, fingerprint
from fimci.model import UNSTATED, Advisory, Capability, Change, Digest, File, Package, Record, Setting, Unread
from fimci.packages.pairs import SILENT
from fimci.patterns import deciding, matcher
from fimci.policy import Policy, expired
from fimci.policy import judge as decide
from fimci.printable import listed, plural
from fimci.profiles import ATTRIBUTES, BASIC, DIGESTS, chooser
from fimci.snapshot import Recipe, Snapshot

_PLAIN = Recipe()
#: Speaks of any change, so it yields to every rule that says more about the same file.
_LAST_RESORT = "unexpected-change"
#: Digits of a commit that a person needs.
_SHORT = 7
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "updated": "~"}


def judge(  # noqa: PLR0913  (the sides, the policy, and what the composer knows about the run)
    left: Snapshot,
    right: Snapshot,
    policy: Policy,
    *,
    today: dt.date,
    files: int = 0,
    sealed: bool = False,
    listed: bool = False,
    against: rules.Against = "before",
    notes: Iterable[str] = (),
    known: Callable[[Iterable[Record]], list[Advisory]] | None = None,
) -> Report:
    """Judge the change from `left` to `right`.

    `files` counts what was looked at where that is more than what was read (a git side gives
    only what changed). `sealed`: the left side is a baseline, and any change is unexpected.
    `listed`: the summary tells every change. `against` says what the left side is, where it is not
    simply what was there before. `known` says what is known of the packages of a side
    (`fimci.advisories`): that a vulnerable release was there before excuses it, but not a malicious one.
    """
    answers = known or _nothing
    old = _Side(left, lambda records: [one for one in answers(records) if not one.malicious])
    new = _Side(right, answers)
    changes = annotated(
        _known(list(compare(old.records(), new.records())), new.kept),
        policy.critical,
        policy.persistence,
        sealed=sealed,
        how=left.recipe,
        root=persistence.root(right.locator),
    )
    pages = rules.pages()
    packages, told = _packages(changes, old.kept, new.kept)
    findings = decide(_identified(rules.run(changes, old.kept, against), pages), policy, today)
    ended = (
        f"the acceptance of {item.fingerprint} ended on {item.expires}" for item in expired(policy, today)
    )
    return Report(
        left=left.locator,
        right=right.locator,
        counts=Counts(
            files=files or new.files,
            packages=sum(isinstance(record, Package) for record in new.kept),
            changes=sum(change.real for change in changes),
        ),
        findings=tuple(_spoken(findings)),
        unread=(*_unread(old.kept, new.kept, changes), *(_untold(changes) if sealed else ())),
        fail_on=policy.fail_on,
        deliver=policy.deliver,
        keep=policy.keep,
        pages=pages,
        summary=(*summary(changes), *told, *(listing(changes, packages) if listed else ())),
        packages=packages,
        files=tuple(_files(changes)) if listed else (),
        notes=(*notes, *ended, *_foreign(changes), *_submodules(changes)),
    )


def _foreign(changes: Iterable[Change]) -> Iterator[str]:
    """Say which languages nobody judges in what is new or changed."""
    records = (change.record for change in changes if not change.removed)
    yield from sentences(one for one in records if isinstance(one, Capability) and is_foreign(one))


def _submodules(changes: Iterable[Change]) -> Iterator[str]:
    """Say which submodules come at a commit whose content nobody judges: it is in another repository."""
    told: list[str] = []
    for change in changes:
        new, old = change.after, change.before
        if not isinstance(new, File) or new.kind != "submodule" or not change.real:
            continue
        was = f"{_commit(old)} → " if isinstance(old, File) and old.kind == new.kind else ""
        told.append(f"{new.path} ({was}{_commit(new)})")
    if told:
        yield f"not looked into: the commits of {plural(len(told), 'submodule')}: {listed(told)}"


def _commit(submodule: File) -> str:
    return submodule.digest.hex[:_SHORT] if isinstance(submodule.digest, Digest) else "?"


def _packages(
    changes: Sequence[Change], before: Sequence[Record], after: Sequence[Record]
) -> tuple[tuple[PackageChange, ...], tuple[str, ...]]:
    """Return what became of each package, and the sentences that sum it up."""
    if not any(isinstance(change.record, Package) for change in changes):
        return (), ()
    from fimci.packages import summary  # noqa: PLC0415  (most commits change no package)

    unread = frozenset(change.record.path for change in changes if isinstance(change.record, Unread))
    packages = summary.package_changes(changes, before, after, unread)
    return packages, tuple(summary.sentences(packages))


def _known(changes: list[Change], right: Sequence[Record]) -> list[Change]:
    """Leave out what seems to be gone only because nobody could look: that is not known.

    That is all below a folder that could not be listed, and all that was said of a file that could
    not be read. Both are unread, and said to be.
    """
    holes = [record for record in right if isinstance(record, Unread)]
    closed = {record.path for record in holes if record.part == "members"}
    unread = {record.path for record in holes if not record.part}
    # A file of which a reader could not make sense was read all the same.
    unread = {file.path for file in map(_unlooked, changes) if file is not None} & unread
    if not closed and not unread:
        return changes
    return [c for c in changes if not c.removed or _seen(_subject(c.record), closed, unread)]


def _unlooked(change: Change) -> File | None:
    """Return the file of a change if the right side has it without its content, or not at all."""
    file = change.record
    if isinstance(file, File) and (change.removed or file.digest is UNSTATED):
        return file
    return None


def _seen(path: str, closed: set[str], unread: set[str]) -> bool:
    if path in unread:
        return False
    while path := path.rpartition("/")[0]:
        if path in closed:
            return False
    return True


def _subject(record: Record) -> str:
    """Return the path of the file that a record speaks of."""
    return record.at.path if isinstance(record, Package) else record.path


def _nothing(_: Iterable[Record]) -> list[Advisory]:
    return []


class _Side:
    """One side as it streams by: its files are counted and forgotten, the rest is kept.

    Rules ask what was there before of packages, capabilities and settings. Files are too many to
    keep, but for the manifests and lockfiles among them.
    """

    def __init__(self, snapshot: Snapshot, known: Callable[[Iterable[Record]], list[Advisory]]) -> None:
        self.snapshot = snapshot
        self.known = known
        self.kept: list[Record] = []
        self.files = 0

    def records(self) -> Iterator[Record]:
        """Yield files, then all other records with the contradictions among them, in order."""
        for record in self.snapshot.records:
            if not isinstance(record, File):
                self.kept.append(record)
                continue
            self.files += 1
            if record.path.rpartition("/")[2] in drift.NAMES or record.path.endswith(SILENT):
                self.kept.append(record)
            yield record
        self.kept.extend([*drift.derive(self.kept), *self.known(self.kept)])
        self.kept.sort(key=lambda record: record.key)
        yield from (record for record in self.kept if not isinstance(record, File))


def annotated(  # noqa: PLR0913  (what policy says of paths, and what the sides are)
    changes: Iterable[Change],
    critical: tuple[str, ...],
    persistent: tuple[str, ...] = (),
    *,
    sealed: bool = False,
    how: Recipe = _PLAIN,
    root: str | None = None,
) -> list[Change]:
    """Mark changes to files that policy calls critical, and all of them where the left is sealed.

    What something starts from by itself is marked too: by policy's patterns and, where the sides are at
    `root` of a machine, by its path there. A file that comes or goes where the recipe permits just that has
    somebody's word.
    """
    matches = matcher(critical)
    choose = chooser(how.profile, how.paths)

    def permitted(change: Change, path: str) -> bool:
        return (change.added and "new" in choose(path).words) or (
            change.removed and "gone" in choose(path).words
        )

    starting = _starting(persistent, root)
    return [
        msgspec.structs.replace(
            change,
            persistent=starting(change.record.path),
            critical=matches(change.record.path),
            sealed=sealed and not permitted(change, _slashed(change.record)),
        )
        if isinstance(change.record, File)
        else msgspec.structs.replace(change, persistent=starting(change.record.path), sealed=sealed)
        if (persistent or sealed) and isinstance(change.record, Setting)
        else change
        for change in changes
    ]


def _starting(patterns: tuple[str, ...], root: str | None) -> Callable[[str], str]:
    """Return what tells what kind of place a path is that something starts from; empty for none."""
    above = "" if not root else root + "/"

    def starting(path: str) -> str:
        whole = above + path
        for one in (path, whole) if patterns else ():
            number = deciding(patterns, one)
            if number is not None:
                return "" if patterns[number].startswith("!") else persistence.NAMED
        return persistence.place(whole) if root is not None else ""

    return starting


def _slashed(file: File) -> str:
    return file.path + "/" if file.kind == "directory" else file.path


def summary(changes: Sequence[Change]) -> Iterator[str]:
    """Say in a sentence how many files changed."""
    files = [change for change in changes if isinstance(change.record, File) and change.real]
    kinds = Counter(_verb(change) for change in files if change.record.kind != "directory")  # type: ignore[union-attr]
    if kinds:
        told = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("added", "removed", "changed") if kinds[kind])
        yield f"{plural(kinds.total(), 'file')}: {told}"


def listing(changes: Iterable[Change], packages: Iterable[PackageChange]) -> Iterator[str]:
    """Tell every change of a file or package in a line: `+` added, `-` removed, `~` changed."""
    for change in changes:
        if change.real and isinstance(change.record, File):
            yield f"{_SIGNS[_verb(change)]} {change.record.path}{_in_brackets(change.differs)}"
    for one in packages:
        steps = [", ".join(filter(None, versions)) for versions in (one.before, one.after)]
        told = " → ".join(dict.fromkeys(filter(None, steps)))
        facts = one.facts if one.verb == "changed" else ()
        where = f" in {one.file}" if one.file else ""
        yield f"{_SIGNS[one.verb]} {one.ecosystem} {one.name} {told}{where}{_in_brackets(facts)}"


def _files(changes: Iterable[Change]) -> Iterator[FileChange]:
    """Yield what became of each file that changed."""
    for change in changes:
        if change.real and isinstance(change.record, File):
            digest = change.after.digest if isinstance(change.after, File) else None
            told = digest.label if isinstance(digest, Digest) else ""
            yield FileChange(change.record.path, _verb(change), change.differs, told)


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


def _verb(change: Change) -> Literal["added", "removed", "changed"]:
    return "added" if change.added else "removed" if change.removed else "changed"


def _identified(found: Iterable[Finding], pages: Mapping[str, Page]) -> Iterator[Finding]:
    """Give each finding its fingerprint, and the remedy of its rule where it has none of its own."""
    for finding in found:
        fix = finding.fix or pages[finding.rule].fix
        yield msgspec.structs.replace(finding, fix=fix, fingerprint=fingerprint(finding))


def _spoken(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Drop the last resort's word on a file of which another finding says more, and as loudly."""
    said: dict[str, int] = {}
    for finding in findings:
        if finding.rule != _LAST_RESORT and finding.accepted is None:
            said[finding.path] = max(finding.severity, said.get(finding.path, -1))
    for finding in findings:
        if finding.rule != _LAST_RESORT or finding.severity > said.get(finding.path, -1):
            yield finding


def _untold(changes: Iterable[Change]) -> Iterator[Unread]:
    """Yield the facts that only one side could tell: who can hide one must not hide a change.

    One for each attribute, at the first of its files.
    """
    files: dict[str, list[str]] = {}
    for change in changes:
        before, after = change.before, change.after
        if not isinstance(before, File) or not isinstance(after, File) or before.kind != after.kind:
            continue
        if before.digest is UNSTATED or after.digest is UNSTATED:
            continue  # unread as a whole, and said to be
        for name in change.unstated:
            if name in BASIC or name in ATTRIBUTES or name in DIGESTS:
                files.setdefault(name, []).append(after.path)
    for name, paths in files.items():
        more = f", nor that of {plural(len(paths) - 1, 'more file')}" if len(paths) > 1 else ""
        why = f"its {name} cannot be told on both sides{more}"
        yield Unread(path=paths[0], why=why, part=name)


def _unread(left: Sequence[Record], right: Sequence[Record], changes: Sequence[Change]) -> Iterator[Unread]:
    """Yield what could not be looked at on the right, on the left alone, and in what changed."""
    known = set()
    for record in (*right, *left):
        if isinstance(record, Unread) and record.key not in known:
            known.add(record.key)
            yield record
    for change in changes:
        record = change.record
        if isinstance(record, Capability) and record.name == "unanalyzed" and not change.removed:
            if is_foreign(record):
                continue  # a note says so: of whole languages nothing else was to be expected
            yield Unread(path=record.path, why=record.at.text, part=record.subject)
        elif isinstance(record, Advisory) and record.why and not change.removed:
            if isinstance(change.before, Advisory) and change.before.why:
                continue  # it was no better before
            title = f"{record.name}@{record.versions[0]}"
            yield Unread(path=record.path, why=record.why, part=title, line=record.at.part("version"))
