"""Watch folders: check them once in full, then judge what the system tells of, and what time brings.

One process, one thread. What happens is kept by the kernel while something is judged, and read before
the next thing is; what it could not keep is told as a loss, and the folder is looked at again.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence

import msgspec

from fimci import check, sides, verdict
from fimci.errors import FimciError, SourceError
from fimci.events import mounts, processes
from fimci.events.event import Event, Lost, Source, Told
from fimci.events.opened import opened
from fimci.findings import Counts, Report
from fimci.folder import left_out
from fimci.held import held
from fimci.look import Progress
from fimci.model import Record, Unread
from fimci.policy import Policy
from fimci.request import Request, baseline_of
from fimci.rules import pages
from fimci.snapshot import Snapshot, reason
from fimci.watching import doubts, kept, tree
from fimci.watching.doubts import Doubt
from fimci.watching.tree import Tree

#: Paths that are judged at once, seconds that more of them are waited for, and that an idle loop sleeps.
_MOST, _GATHER, _IDLE = 1024, 0.05, 5.0
#: Seconds between two looks at the queue while more is waited for.
_BREATH = 0.005
#: Seconds between two looks at a file that somebody keeps writing to.
_BUSY = 1.0
#: Seconds that may pass before what was told is kept on the disk.
_KEEP = 5.0


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """How to watch: seconds between full checks (0: none) and the share of a core that they may take.

    `seconds` is how long to watch at all (0: until told otherwise); `source` is one of `events.opened`.
    """

    every: float = 86_400.0
    budget: float = 0.1
    seconds: float = 0.0
    source: str = ""


class _Watched:
    """A folder with its request and baseline file, and the checks of it that are under way."""

    def __init__(self, request: Request, file: str) -> None:
        self.request = request
        self.root = os.path.realpath(request.path)
        self.file = file
        self.stamp = _stamp(file)
        self.sweeps: list[tuple[Iterator[dict[str, Doubt]], bool]] = []
        #: What the check on schedule that is under way could not look at.
        self.unread: list[Unread] = []
        self.resume = 0.0
        self.mounted_at = 0.0
        self.saved = 0.0
        #: Whether there was more to judge than is judged at once.
        self.behind = False
        #: Who the processes are that were asked since the last turn.
        self.asked: dict[int, str] = {}
        self.mounts = mounts.below([self.root])
        self.loaded: tuple[Snapshot, Policy, list[str]]
        self.tree: Tree


def watch(requests: Sequence[Request], orders: Orders, progress: Progress | None = None) -> Iterator[Report]:
    """Yield a report on each folder, and one whenever there is something new to tell.

    Raises `FimciError` where a folder or its baseline cannot be had at the start.
    """
    watched = [_Watched(r, r.baseline or baseline_of(r.path, "--baseline")) for r in requests]
    for one in watched:
        if not os.path.isdir(one.root):
            raise SourceError(f"{one.request.path} is not a folder", "name a folder")
        one.loaded = check.trusted(one.request, one.file)
    try:
        source, note = opened([one.root for one in watched], _ignored(watched), orders.source)
    except OSError as error:
        raise SourceError(
            f"no events are available: {reason(error)}",
            "raise fs.inotify.max_user_instances, or name a --source",
        ) from error
    try:
        # Events come from here on, so that nothing falls between the first check and the watching.
        for one in watched:
            yield _begun(one, source, note, progress)
        yield from _loop(watched, source, orders)
    finally:
        source.close()
        for one in watched:
            if hasattr(one, "tree"):
                kept.save(one.root, one.request.environment, one.tree.kept)


def _ignored(watched: Sequence[_Watched]) -> Callable[[str], bool]:
    """Return what tells the folders (`/a/b/`) that no baseline wants to be looked at."""
    skips = [(one.root.rstrip("/") + "/", left_out(one.loaded[0].recipe)) for one in watched]

    def skip(folder: str) -> bool:
        within = [(top, left) for top, left in skips if folder.startswith(top) and folder != top]
        return bool(within) and all(left(folder[len(top) :]) for top, left in within)

    return skip


def _begun(one: _Watched, source: Source, note: str, progress: Progress | None) -> Report:
    """Check a folder in full, as `fimci check` does, and say what is new since the last run."""
    before = kept.load(one.root, one.request.environment)
    report = _checked(one, before, progress)
    said = before.said
    notes = [f"watching {one.root} through {source.name}"]
    if before.baseline and before.baseline != one.tree.kept.baseline:
        notes.append("the baseline is another one than in the last run")
    elif before.baseline:
        old = sum(finding.fingerprint in said.get(finding.path, ()) for finding in report.findings)
        when = dt.datetime.fromtimestamp(before.checked, dt.timezone.utc).strftime("%Y-%m-%d %H:%MZ")
        notes.append(f"{old:,} of these findings were told by a run before this one (last check: {when})")
    notes += [note] if note else []
    return msgspec.structs.replace(report, notes=(*report.notes, *notes))


def _checked(one: _Watched, before: kept.Kept, progress: Progress | None) -> Report:
    """Hold a folder against its baseline in full, and take in what that says."""
    left, policy, notes = one.loaded
    del one.loaded
    here = os.path.relpath(os.path.realpath(one.file), one.root).replace(os.sep, "/")
    ours = frozenset({here, here + ".dsse"})
    sizes = sides.sizes(left)
    root = getattr(left.records, "root", "")
    one.tree = Tree(one.root, left, policy, ours, sizes, kept.Kept(baseline=root, checked=before.checked))
    one.tree.left = msgspec.structs.replace(left, records=())  # the index has them
    was, now, files = held(one.root, left, progress, sizes, ours)
    olds: list[Record] = list(was.records)
    news: list[Record] = list(now.records)
    report = verdict.judge(
        msgspec.structs.replace(was, records=olds),
        msgspec.structs.replace(now, records=news),
        policy,
        today=_today(),
        files=files,
        sealed=True,
        listed=one.request.listed,
        notes=notes,
    )
    tree.adopt(one.tree, olds, news, report)
    one.tree.kept.checked = time.time()
    one.sweeps.clear()
    return report


def _loop(watched: Sequence[_Watched], source: Source, orders: Orders) -> Iterator[Report]:
    end = time.time() + orders.seconds if orders.seconds else None
    while end is None or time.time() < end:
        told = source.read(_pause(watched, orders, end))
        until = time.time() + _GATHER
        while told:  # whoever did it is asked for at once: a moment later there may be nobody to ask
            for one in watched:
                yield from _taken_in(one, told)
            left = until - time.time()
            if left <= 0 or any(one.sweeps or one.behind for one in watched):
                break
            time.sleep(_BREATH)
            told = source.read(left)
        for one in watched:
            yield from _turn(one, orders)
    told = source.read(0)
    for one in watched:
        yield from _taken_in(one, told)
        yield from _finished(one)


def _finished(one: _Watched) -> Iterator[Report]:
    """Judge what is still in doubt when the time is over; a check on schedule is left for another day."""
    while len(one.tree.doubts) or any(urgent for _, urgent in one.sweeps):
        due = one.tree.doubts.take(float("inf"), _MOST)
        yield from _judge(one, due, again=False)
        one.sweeps = [(steps, urgent) for steps, urgent in one.sweeps if urgent]
        while one.sweeps:
            yield from _step(one, Orders())


def _pause(watched: Sequence[_Watched], orders: Orders, end: float | None) -> float:
    """Return how long there is nothing to do but to wait for events."""
    now = time.time()
    times = [now + _IDLE]
    for one in watched:
        due = one.tree.doubts.due()
        times += [due] if due is not None else []
        times += [one.resume] if one.sweeps else []
        times += [one.tree.kept.checked + orders.every] if orders.every and not one.sweeps else []
    times += [end] if end is not None else []
    return max(0.0, min(times) - now)


def _taken_in(one: _Watched, told: Sequence[Told]) -> Iterator[Report]:
    """Put what the system told into doubt; say at once where it will tell nothing more."""
    blind: list[Unread] = []
    below = one.root.rstrip("/") + "/"
    for event in told:
        path = "" if event.path == one.root else event.path[len(below) :]
        if not (event.path == one.root or event.path.startswith(below)):
            continue
        if isinstance(event, Lost):
            one.tree.doubts.put_below(path, time.time())
            if event.blind:
                blind.append(Unread(path=path or ".", why=f"is not watched: {event.why}", part="events"))
        elif path:
            _doubt(one, path, event)
    if blind:
        yield _blind(one, blind)


def _doubt(one: _Watched, path: str, event: Event) -> None:
    if one.tree.skip(path + "/" if event.folder else path):
        return
    who = one.tree.who
    if len(who) >= doubts.MOST:  # a whole tree is in doubt then, and of these nobody may ask again
        who.clear()
    if event.pid is not None and path not in who:
        if event.pid not in one.asked:
            process = processes.asked(event.pid)
            gone = f"a process that is gone (pid {event.pid})"
            one.asked[event.pid] = f"by {processes.told(process) if process is not None else gone}"
        who[path] = one.asked[event.pid]
    one.tree.doubts.put(path, event)


def _turn(one: _Watched, orders: Orders) -> Iterator[Report]:
    """Do what is due: what events told of, a part of a full check, a new baseline."""
    now = time.time()
    one.asked.clear()
    if now >= one.mounted_at + _IDLE:
        one.mounted_at = now
        yield from _remounted(one)
    if _stamp(one.file) != one.stamp:
        yield from _renewed(one)
    due = one.tree.doubts.take(now, _MOST)
    one.behind = len(due) == _MOST
    yield from _judge(one, due)
    if orders.every and not one.sweeps and now >= one.tree.kept.checked + orders.every:
        one.sweeps.append((tree.sweep(one.tree), False))
        one.unread = []
    if one.sweeps and now >= one.resume:
        yield from _step(one, orders)
    if now >= one.saved + _KEEP and (due or one.sweeps):
        kept.save(one.root, one.request.environment, one.tree.kept)
        one.saved = now


def _judge(
    one: _Watched, due: dict[str, Doubt], *, again: bool = True
) -> Generator[Report, None, Sequence[Unread]]:
    """Judge what is due, and return what of it could not be looked at.

    What somebody is writing to comes `again`, unless there is no time for that.
    """
    for path, doubt in due.items():
        if doubt.below:  # a part of the tree: in steps, so that events are read in between
            one.sweeps.insert(0, (tree.sweep(one.tree, path), True))
    if not due:
        return ()
    judged = tree.judged(one.tree, due, _today(), listed=one.request.listed)
    for path, doubt in judged.again.items() if again else ():
        one.tree.doubts.again(path, doubt, time.time() + _BUSY)
    if judged.report is not None:
        yield judged.report
    return judged.unread


def _step(one: _Watched, orders: Orders) -> Iterator[Report]:
    """Look at some more of the tree; a check that is not urgent rests as long as its budget says."""
    steps, urgent = one.sweeps[0]
    begun = time.process_time()
    some = next(steps, None)
    if some is None:
        one.sweeps.pop(0)
        if not urgent:
            one.tree.kept.checked = time.time()
            yield msgspec.structs.replace(_blind(one, one.unread), swept=True)
        return
    unread = yield from _judge(one, some)
    if not urgent:
        one.unread += unread[: doubts.MOST - len(one.unread)]
    spent = time.process_time() - begun
    one.resume = 0.0 if urgent else time.time() + spent * (1 / orders.budget - 1)


def _remounted(one: _Watched) -> Iterator[Report]:
    """Look at what was mounted or unmounted below, and say that no event tells of it."""
    now = mounts.below([one.root])
    other = sorted({*now} ^ {*one.mounts})
    came = [path for path in now if path not in one.mounts]
    one.mounts = now
    for path in other:
        one.tree.doubts.put_below(path[len(one.root) :].lstrip("/"), time.time())
    if came:
        why = "is not watched: it was mounted after the start"
        yield _blind(
            one, [Unread(path=os.path.relpath(path, one.root), why=why, part="events") for path in came]
        )


def _renewed(one: _Watched) -> Iterator[Report]:
    """Take the baseline that somebody put in the place of the last one; keep that if it is none."""
    stamp = _stamp(one.file)
    try:
        one.loaded = check.trusted(one.request, one.file)
        report = _checked(one, one.tree.kept, None)
        said = "there is a new baseline: everything was checked against it"
    except FimciError as error:
        one.stamp = stamp
        yield _blind(
            one, [Unread(path=os.path.basename(one.file), why=f"{error.message}: the last one counts")]
        )
        return
    one.stamp = stamp
    yield msgspec.structs.replace(report, notes=(*report.notes, said))


def _blind(one: _Watched, unread: Sequence[Unread]) -> Report:
    """Return a report of nothing but what cannot be looked at."""
    return Report(
        keep=one.tree.policy.keep,
        left=one.tree.left.locator,
        right=f"dir:{one.root}",
        counts=Counts(0, 0, 0),
        findings=(),
        unread=tuple(unread),
        fail_on=one.tree.policy.fail_on,
        pages=pages(),
    )


def _stamp(file: str) -> tuple[int, ...]:
    try:
        state = os.stat(file)
    except OSError:
        return ()
    return state.st_ino, state.st_mtime_ns, state.st_ctime_ns, state.st_size


def _today() -> dt.date:
    return dt.datetime.now(dt.timezone.utc).date()
