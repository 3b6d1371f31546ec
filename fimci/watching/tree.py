"""One watched folder: what is in doubt is looked at, held against the baseline, and judged as ever.

A path is judged whenever its state is another than the one that was judged last. What the baseline says of
everything else stands on both sides, so that rules see a change among its surroundings.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from fimci import verdict
from fimci.batches import batches
from fimci.compare import difference
from fimci.findings import Finding, Report, facts
from fimci.folder import left_out, look_at, unpacked, walked
from fimci.look import Sizes
from fimci.model import File, Package, Place, Record, Unread, Write, order
from fimci.policy import Policy
from fimci.remembered import remembered
from fimci.snapshot import Snapshot, collected
from fimci.sources.directory import Run
from fimci.sources.handles import ODD
from fimci.watching.doubts import Doubt, Doubts, touches
from fimci.watching.index import Index
from fimci.watching.kept import Kept
from fimci.watching.met import met

#: Paths whose findings are remembered as told.
_SAID = 100_000
#: Paths that differ and are remembered, so that they are judged once; what is beyond is judged at each look.
STANDING = 100_000
_EACH_TIME = {"source-tampered", "file-slipped-in"}
_CHANGED = "changed while it was read"
_NEVER = Doubt(0.0, 0.0)


class Tree:
    """A folder, its baseline and policy, and what is known of it by now."""

    def __init__(  # noqa: PLR0913, PLR0917  (what a check has, and what was kept)
        self, root: str, left: Snapshot, policy: Policy, ours: frozenset[str], sizes: Sizes, kept: Kept
    ) -> None:
        """Take the baseline in. Raises `BaselineError` where it is damaged."""
        self.root = root
        self.left = left
        self.policy = policy
        self.ours = ours
        self.sizes = sizes
        self.index = Index(left)
        self.kept = kept
        self.doubts = Doubts()
        #: Who touched a path that is in doubt, in words.
        self.who: dict[str, str] = {}
        #: Paths that differ and of which there is more to say than their bytes.
        self.telling: set[str] = set()
        self.skip = left_out(left.recipe, ours)


class Judged(NamedTuple):
    """What came of looking at some paths: a report if there is something to tell, and what to do again.

    `unread` is what could not be looked at, told before or not.
    """

    report: Report | None
    again: dict[str, Doubt]
    unread: list[Unread]


class _Seen(NamedTuple):
    """What stands at some paths now: files, and what else was found, by the path it is about."""

    files: dict[str, File]
    others: dict[str, list[Record]]


def judged(tree: Tree, doubts: Mapping[str, Doubt], today: dt.date, *, listed: bool = False) -> Judged:
    """Look at paths, and judge those whose state is not the one that was judged last."""
    seen = _look(tree, doubts)
    again = {path: doubts[path] for path in doubts if _is_busy(seen.others.get(path, ()))}
    found = _sorted(tree, doubts, seen, again)
    report = None
    if found.fresh or found.writes:
        report = _report(tree, found, seen, today, listed=listed)
    if found.beyond and report is not None:
        note = f"more than {STANDING:,} paths differ: what is beyond may be told again by every full check"
        report = msgspec.structs.replace(report, notes=(*report.notes, note))
    if found.back:
        report = _told_back(tree, report, found.back, today)
    for path in doubts:
        if path not in again:
            tree.who.pop(path, None)
    holes = (one for path in doubts if path not in again for one in seen.others.get(path, ()))
    return Judged(report, again, [one for one in holes if isinstance(one, Unread)])


class _Found(NamedTuple):
    """Paths by what has become of them.

    `fresh` are in another state than was judged last, with what the baseline says of each; `writes` were
    merely written to; `back` are as in the baseline again. `beyond`: not all could be remembered.
    """

    fresh: dict[str, File | None]
    writes: list[Write]
    back: list[str]
    beyond: bool = False


def _sorted(tree: Tree, doubts: Mapping[str, Doubt], seen: _Seen, again: Container[str]) -> _Found:
    """Sort paths by what has become of them, and remember the states of those that will be judged."""
    found = _Found({}, [], [])
    standing = tree.kept.standing
    for path in {**doubts, **seen.files}:
        if path in again or not path:
            continue
        was = tree.index.at(path)
        state = _state(was, seen.files.get(path), seen.others.get(path, ()))
        if state and standing.get(path) != state:
            found.fresh[path] = was
            if path in standing or len(standing) < STANDING:
                standing[path] = state
            else:
                found = found._replace(beyond=True)
        elif not state and path in standing:
            found.back.append(path)
        elif not state and touches(doubts.get(path, _NEVER)):
            found.writes.extend(_written(tree, path, was, doubts[path]))
    _forget(tree, set(found.back))
    return found


def adopt(tree: Tree, left: Iterable[Record], right: Iterable[Record], report: Report) -> None:
    """Take in what a full check has found: its differing files are judged, its findings told."""
    sides: list[dict[str, list[Record]]] = [{}, {}]
    files: list[dict[str, File]] = [{}, {}]
    for number, records in enumerate((left, right)):
        for record in records:
            if isinstance(record, File):
                files[number][record.path] = record
            else:
                sides[number].setdefault(subject(record), []).append(record)
    standing: dict[str, str] = {}
    tree.telling.clear()
    for path in {*files[0], *files[1]}:
        others = sides[1].get(path, [])
        state = _state(files[0].get(path), files[1].get(path), others)
        if state and len(standing) < STANDING:
            standing[path] = state
            if others or path in sides[0]:
                tree.telling.add(path)
    tree.kept.standing = standing
    tree.kept.said = _prints(report.findings[:_SAID])


def sweep(tree: Tree, start: str = "") -> Iterator[dict[str, Doubt]]:
    """Yield all paths below `start`, those that are there and those of the baseline, some at a time."""
    last = order(start) + "\0" if start else ""
    end = order(start) + "\1" if start else ""
    for batch in batches(tree.root, walked(tree.root, tree.left.recipe, tree.ours, start)):
        paths = [
            (run.folder + name).rstrip("/" + ODD)
            for run in batch
            if isinstance(run, Run)
            for name in run.names
        ]
        paths += [run.path for run in batch if isinstance(run, Unread)]
        if not paths:
            continue
        upto = max(order(path) for path in paths)
        paths += [file.path for file in tree.index.between(last, upto)]
        last = upto
        yield dict.fromkeys(paths, _NEVER)
    rest = [file.path for file in tree.index.between(last, end)]
    for at in range(0, len(rest), 512):
        yield dict.fromkeys(rest[at : at + 512], _NEVER)


def subject(record: Record) -> str:
    """Return the path of the file that a record speaks of."""
    return record.at.path if isinstance(record, Package) else record.path


def _look(tree: Tree, paths: Iterable[str]) -> _Seen:
    how = tree.left.recipe
    files: dict[str, File] = {}
    others: dict[str, list[Record]] = {}
    cache = remembered(how)
    for batch in batches(tree.root, met(tree.root, paths, (), tree.skip)):
        for packed in look_at(tree.root, how, tree.sizes, batch, cache=cache):
            record = unpacked(packed, how.algorithm)
            if isinstance(record, File):
                files[record.path] = record
            elif not (isinstance(record, Unread) and _is_gone(tree, record)):
                others.setdefault(subject(record), []).append(record)
    return _Seen(files, others)


def _is_gone(tree: Tree, record: Unread) -> bool:
    """Tell whether something went between two looks: the system tells of that as well."""
    return not record.part and not os.path.lexists(f"{tree.root}/{record.path}")


def _is_busy(records: Iterable[Record]) -> bool:
    return any(isinstance(record, Unread) and record.why == _CHANGED for record in records)


def _state(was: File | None, now: File | None, others: Iterable[Record]) -> str:
    """Return what tells the state of a path that is not as in the baseline; nothing if it is."""
    holes = sorted(facts(r) for r in others if isinstance(r, Unread) and not r.part)
    same = was is now or (was is not None and now is not None and difference(was, now) is None)
    if same and not holes:
        return ""
    return hashlib.sha256("\0".join((facts(now), *holes)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _forget(tree: Tree, paths: set[str]) -> None:
    """Take paths as such that never differed: the next difference is told like a first one."""
    for path in paths:
        del tree.kept.standing[path]
        tree.kept.said.pop(path, None)
    tree.telling -= paths


def _written(tree: Tree, path: str, was: File | None, doubt: Doubt) -> Iterator[Write]:
    """Yield that something was done to a path which is as it should be by now."""
    if (was is not None and was.kind == "directory") or path in tree.ours or tree.skip(path):
        return
    if was is None and not doubt.deeds & {"created", "came"}:
        return
    who = tree.who.get(path, "")
    when = dt.datetime.fromtimestamp(doubt.since, dt.timezone.utc).strftime("%H:%M:%S.%f")[:-3]
    yield Write(
        path=path,
        kind="source" if was is not None else "new",
        deeds=tuple(sorted(doubt.deeds - {"seen"})),
        undone=True,
        during="watch",
        at=Place(path, 1, f"{when}Z {who}".strip()),
    )


def _report(tree: Tree, found: _Found, seen: _Seen, today: dt.date, *, listed: bool) -> Report | None:
    """Judge the fresh paths, with all that bears on them, and return what was not told before."""
    fresh = set(found.fresh)
    fresh_others = {subject(record) for record in tree.index.others} & fresh
    if fresh_others or any(seen.others.get(path) for path in fresh):
        beside = tree.telling - fresh
        if beside:
            more = _look(tree, beside)
            seen = _Seen(seen.files | more.files, seen.others | more.others)
        told = {path for path in fresh if path in fresh_others or seen.others.get(path)}
        tree.telling |= told & tree.kept.standing.keys()
    chosen = fresh | (tree.telling if fresh_others or tree.telling & fresh else set())
    apart = chosen | tree.kept.standing.keys()
    manifests = [file for path, file in tree.index.manifests.items() if path not in apart]
    others = [record for record in tree.index.others if not isinstance(record, Unread)]
    olds = (*found.fresh.values(), *map(tree.index.at, chosen - fresh))
    was = [file for file in olds if file is not None]
    now = [seen.files[path] for path in chosen if path in seen.files]
    still = [record for record in others if subject(record) not in chosen]
    said = [record for path in chosen for record in seen.others.get(path, ())]
    left = collected([*was, *manifests, *others])
    right = collected([*now, *manifests, *still, *said, *found.writes])
    report = verdict.judge(
        msgspec.structs.replace(tree.left, records=left),
        Snapshot(locator=f"dir:{tree.root}", recipe=tree.left.recipe, records=right),
        tree.policy,
        today=today,
        files=len(fresh) + len(found.writes),
        sealed=True,
        listed=listed,
    )
    new = tuple(_attributed(tree, f) for f in report.findings if not _is_said(tree, f))
    _remember(tree, report.findings)
    if not new and not report.unread and not listed:
        return None
    return msgspec.structs.replace(report, findings=new)


def _prints(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    """Return the fingerprints of findings by their paths. What is undone lasts not: each time is told."""
    found: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        if finding.rule not in _EACH_TIME:
            found[finding.path] = (*found.get(finding.path, ()), finding.fingerprint)
    return found


def _is_said(tree: Tree, finding: Finding) -> bool:
    return finding.fingerprint in tree.kept.said.get(finding.path, ())


def _remember(tree: Tree, findings: Iterable[Finding]) -> None:
    """Remember what was told of each path last: of one that is written all day no more than of others."""
    tree.kept.said |= _prints(findings)
    while len(tree.kept.said) > _SAID:
        del tree.kept.said[next(iter(tree.kept.said))]


def _attributed(tree: Tree, finding: Finding) -> Finding:
    """Say who did it, where that was told."""
    about = {finding.path, *(place.path for place in finding.evidence)}
    who = sorted({tree.who[path] for path in about if path in tree.who})
    if not who:
        folder = finding.path + "/"
        who = sorted({text for path, text in tree.who.items() if path.startswith(folder)})
    told = tuple(Place(finding.path, finding.line, text) for text in who[:3])
    known = {place.text for place in finding.evidence}
    told = tuple(place for place in told if not any(place.text in text for text in known))
    return msgspec.structs.replace(finding, evidence=(*told, *finding.evidence))


def _told_back(tree: Tree, report: Report | None, back: list[str], today: dt.date) -> Report:
    """Say which paths are as in the baseline again."""
    if report is None:
        nothing: list[Record] = []
        left = msgspec.structs.replace(tree.left, records=nothing)
        right = Snapshot(locator=f"dir:{tree.root}", recipe=tree.left.recipe, records=nothing)
        report = verdict.judge(left, right, tree.policy, today=today, files=len(back), sealed=True)
    more = f", and {len(back) - 5:,} more" if len(back) > 5 else ""  # noqa: PLR2004  (what fits a line)
    note = f"as in the baseline again: {', '.join(back[:5])}{more}"
    return msgspec.structs.replace(report, notes=(*report.notes, note))
