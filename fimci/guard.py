"""Guard a command: watch what it writes for its whole life, and judge that, undone or not.

What was there before is read once. Then events are taken in while the command runs; a file that must not
change is read the moment one tells of it. In the end the files' own times tell what no event told.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fimci import change, sides, verdict
from fimci.bases import bases
from fimci.errors import FimciError, SourceError
from fimci.events import mounts
from fimci.events.event import Event, Lost, Source
from fimci.events.fanotify import Fanotify
from fimci.events.mounts import Mount
from fimci.events.opened import opened
from fimci.events.processes import Family
from fimci.findings import Report
from fimci.guarding import before, places
from fimci.guarding.deeds import Ledger
from fimci.guarding.places import Places
from fimci.model import Record, Unread
from fimci.policy import Policy
from fimci.printable import plural
from fimci.request import Request, named_policy, own_policy
from fimci.snapshot import Snapshot, reason
from fimci.sources import directory, git

_MOUNTS = "/proc/self/mountinfo"
#: Seconds between two looks at a command where the system tells nothing of its end, and after its end.
_STEP, _AFTER = 0.05, 0.2
#: File systems that hold no files that last, by their type in /proc/self/mountinfo.
_LASTING = {
    "ext2",
    "ext3",
    "ext4",
    "xfs",
    "btrfs",
    "f2fs",
    "bcachefs",
    "overlay",
    "tmpfs",
    "zfs",
    "vfat",
    "exfat",
}
#: Tracked files that get a watch of their own where there is no fanotify.
_WATCHED_FILES = 60_000
_SUBREAPER = 36


class Guarded(NamedTuple):
    """The exit status of the command as a shell tells it, and the report."""

    status: int
    report: Report


class _Workspace(NamedTuple):
    """What is guarded: the folder, git's folder, the files that must not change, and the policy."""

    root: str
    repository: str
    tracked: list[str]
    ignored: Callable[[str], bool]
    policy: Policy
    notes: list[str]


def guard(
    request: Request,
    command: Sequence[str],
    may_write: Sequence[str] = (),
    source: str = "",
    say: Callable[[str], None] | None = None,
) -> Guarded:
    """Run a command under guard. Raises `FimciError` where that cannot be done, before it is run.

    `say` is told at once of what is likely to be a finding in the end, in text that is not printable yet.
    """
    space = _workspace(request)
    where = places.places(
        space.root,
        space.repository,
        frozenset(space.tracked),
        (*space.policy.writes, *may_write),
        space.ignored,
        request.environment,
    )
    was = before.held(space.root, space.tracked)
    told, note = _opened(where, was, source)
    family = Family(os.getpid())
    ledger = Ledger(where, was, family, say)
    lost: list[Lost] = []
    try:
        # What changed between the reading and the first event is told by the files' times.
        status = _run(command, told, ledger, lost, request.path)
    finally:
        told.close()
    report = _judged(request, space, ledger, was, lost)
    notes = [f"the command ended with {status}; watched through {told.name}", *([note] if note else [])]
    return Guarded(status, msgspec.structs.replace(report, notes=(*report.notes, *notes)))


def _workspace(request: Request) -> _Workspace:
    if not os.path.isdir(request.path):
        raise SourceError(f"{request.path} is not a folder", "name the folder that the command works in")
    if git.discover(request.path) is None:
        return _plain(request)
    repository = git.open_(request.path)
    if repository.workdir is None:
        return _plain(request)
    notes: list[str] = []
    if request.config is not None and not request.config.startswith(change.ON_BASE):
        policy = named_policy(request.config)
    else:
        try:
            base = bases(repository, request).commit
            policy, notes = change.policy_of(repository, base.tree if base is not None else None, request)
        except FimciError as error:
            policy, notes = (
                Policy(),
                [f"no base commit to take the policy from ({error.message}): defaults apply"],
            )
    tracked = [os.fsdecode(entry.path) for entry in git.index_of(repository, staged=True)]

    def ignored(path: str) -> bool:
        try:
            return bool(repository.path_is_ignored(path))
        except (ValueError, KeyError):
            return False

    root = os.path.realpath(repository.workdir)
    return _Workspace(root, os.path.realpath(repository.path), tracked, ignored, policy, notes)


def _plain(request: Request) -> _Workspace:
    """Return a folder without git: everything in it must not change but what policy lets."""
    policy = named_policy(request.config) if request.config is not None else own_policy(request.path)
    root = os.path.realpath(request.path)
    tracked = [path for path in directory.paths(root) if isinstance(path, str) and path[-1] != "/"]
    return _Workspace(root, "", tracked, lambda _: False, policy, [])


def _opened(where: Places, was: Mapping[str, before.Held], wanted: str) -> tuple[Source, str]:
    """Open what tells of the whole machine, or else of the workspace and the places that matter."""
    if sys.platform == "linux" and wanted in {"", "fanotify"}:
        try:
            source = Fanotify(_file_systems(where), everywhere=True)
            return source, f"writes to {', '.join(source.deaf)} are not told" if source.deaf else ""
        except OSError as error:
            if wanted:
                raise SourceError(f"fanotify is not available: {reason(error)}", "run as root") from error
    if sys.platform != "linux" or wanted == "watchfiles":
        return opened([where.root], wanted=wanted)
    from fimci.events.inotify import Inotify  # noqa: PLC0415  (one of them is used)

    flat = {
        os.path.dirname(path.rstrip("/")) if path[-1] != "/" else path
        for path in (*where.start_up, *where.tools)
    }
    flat |= {os.path.dirname(path) for path in where.jobs}
    folders = [path for path in sorted(flat) if os.path.isdir(path) and not path.startswith(where.root + "/")]
    files = [f"{where.root}/{path}" for path in was][:_WATCHED_FILES]
    try:
        told = Inotify([where.root], _skipped(where, was), folders, files)
    except OSError as error:
        raise SourceError(
            f"no events are available: {reason(error)}", "raise fs.inotify.max_user_instances"
        ) from error
    return told, (
        "who wrote is not told, nor what is written outside of the workspace but to start-up files and "
        "tools: that takes the rights of root"
    )


def _skipped(where: Places, was: Collection[str]) -> Callable[[str], bool]:
    """Return what tells the folders that need no watch: ignored by git, and its store of objects."""
    folders = {path.rpartition("/")[0] for path in was}
    for path in list(folders):
        while path := path.rpartition("/")[0]:
            folders.add(path)

    def skip(folder: str) -> bool:
        if where.repository and folder.startswith(where.repository):
            return folder[len(where.repository) :].startswith(("objects/", "lfs/", "logs/"))
        relative = folder[len(where.root) + 1 : -1]
        return bool(relative) and relative not in folders and where.ignored(relative + "/")

    return skip


def _file_systems(where: Places) -> list[str]:
    """Return a folder of each file system that can be written to, that of the workspace first."""
    found = {os.stat(where.root).st_dev: where.root}
    for mount in sorted(mounts.mounted()):
        with contextlib.suppress(OSError):
            if mount.system in _LASTING and os.path.isdir(mount.path):
                found.setdefault(os.stat(mount.path).st_dev, mount.path)
    return list(found.values())


def _run(command: Sequence[str], source: Source, ledger: Ledger, lost: list[Lost], folder: str) -> int:
    """Run the command to its end, and take in what the system tells meanwhile."""
    mounted = mounts.mounted()
    with _adopting(), _started(command, folder) as process:
        for _ in _waiting(process, source, _STEP):
            _take(source.read(0), source, ledger, lost)
            mounted = _compared(mounted, ledger)
        _take(source.read(_AFTER), source, ledger, lost)
        _take(source.read(0), source, ledger, lost)
        _compared(mounted, ledger)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _waiting(process: subprocess.Popen[bytes], source: Source, step: float) -> Iterator[None]:
    """Come back whenever there is something to take in, until the command is over."""
    poll = select.poll() if hasattr(select, "poll") else None
    with contextlib.ExitStack() as stack:
        if poll is not None and source.descriptor is not None:
            poll.register(source.descriptor, select.POLLIN)
            with contextlib.suppress(OSError, AttributeError):
                ended = os.pidfd_open(process.pid)
                stack.callback(os.close, ended)
                poll.register(ended, select.POLLIN)
            with contextlib.suppress(OSError):
                table = stack.enter_context(open(_MOUNTS, "rb"))
                poll.register(table, select.POLLPRI)
        while process.poll() is None:
            if poll is None or source.descriptor is None:
                time.sleep(step)
            else:
                poll.poll(1000)
            yield


def _take(told: Sequence[Event | Lost], source: Source, ledger: Ledger, lost: list[Lost]) -> None:
    node = source.node if isinstance(source, Fanotify) else _unknown
    place = source.place if isinstance(source, Fanotify) else _unknown
    for event in told:
        if isinstance(event, Lost):
            lost.append(event)
        else:
            ledger.put(event, node, place)


def _unknown(event: Event) -> None:
    """Say nothing of an event beyond what it says."""
    del event


def _compared(known: frozenset[Mount], ledger: Ledger) -> frozenset[Mount]:
    """Take in what was mounted since; return all that is."""
    now = mounts.mounted()
    for mount in now - known:
        ledger.mounted(mount.path, time.time())
    return now


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    """Be the parent of what the command leaves behind, so that it is known as the command's."""
    if sys.platform != "linux":
        yield
        return
    import ctypes  # noqa: PLC0415  (on Linux alone)

    library = ctypes.CDLL(None)
    library.prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        library.prctl(_SUBREAPER, 0, 0, 0, 0)


@contextlib.contextmanager
def _started(command: Sequence[str], folder: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command; let signals end it and not the guard, which has a report to write."""
    processes: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def ended(number: int, _: object) -> None:
        if not processes:
            early.append(number)
        for process in processes:
            if number != signal.SIGINT:  # the terminal has given that one to the command as well
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)

    kinds = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    old = {kind: signal.signal(kind, ended) for kind in kinds}
    try:
        processes.append(subprocess.Popen(list(command), cwd=folder))  # noqa: S603  (it is what was asked for)
        for number in early:  # what came before there was anybody to pass it on to
            ended(number, None)
        yield processes[0]
    except OSError as error:
        if processes:
            raise
        raise SourceError(f"{command[0]} cannot be run: {reason(error)}", "name a program") from error
    finally:
        for kind, handler in old.items():
            signal.signal(kind, handler)


def _judged(
    request: Request, space: _Workspace, ledger: Ledger, was: Mapping[str, before.Held], lost: Sequence[Lost]
) -> Report:
    writes: list[Record] = sorted(ledger.writes(), key=lambda write: write.key)
    unread: list[Record] = [
        Unread(path=os.path.relpath(one.path, space.root), why=f"is not watched: {one.why}", part="events")
        for one in lost
    ]
    nothing: list[Record] = []
    how = sides.recipe()
    notes = list(space.notes)
    if ledger.beyond:
        notes.append(f"{plural(ledger.beyond, 'write')} to more files than can be told apart")
    if ledger.nameless:
        notes.append(f"{plural(ledger.nameless, 'file')} written in folders that were gone at once")
    if ledger.unknown:
        notes.append(
            f"{plural(ledger.unknown, 'write')} elsewhere by processes that were gone before they were asked"
        )
    running = _running()
    if running:
        notes.append(f"still running, and watched no longer: {', '.join(running)}")
    kept = {record.key: record for record in (*unread, *writes)}
    return verdict.judge(
        Snapshot(locator=f"dir:{space.root}", recipe=how, records=nothing),
        Snapshot(
            locator=f"dir:{space.root} (while the command ran)",
            recipe=how,
            records=[kept[key] for key in sorted(kept)],
        ),
        space.policy,
        today=request.today,
        files=len(was),
        against="watched",
        notes=notes,
    )


def _running() -> list[str]:
    """Return what the command left running, by name and number."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as opened_:
            pids = opened_.read().split()
    except OSError:
        return []
    found = []
    for pid in pids:
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as opened_,
        ):
            name, _, rest = opened_.read().partition("(")[2].rpartition(")")
            if rest.split()[0] != "Z":
                found.append(f"{name} ({pid})")
    return found
