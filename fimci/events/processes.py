"""Who did it: what Linux tells of a process while there is one."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

#: Bytes of a command line that are kept, and generations that are asked for.
_LIMIT, _GENERATIONS = 400, 64
#: Processes that are remembered.
_MOST = 50_000


class Process(NamedTuple):
    """A process as it was when it was asked about; texts are empty where the system did not tell."""

    pid: int
    parent: int
    program: str = ""
    command: str = ""
    user: str = ""
    folder: str = ""


def asked(pid: int) -> Process | None:
    """Return what there is to tell of a process; `None` where it is gone."""
    base = f"/proc/{pid}"
    try:
        with open(f"{base}/stat", "rb") as opened:
            front, _, rest = opened.read().rpartition(b")")
        parent = int(rest.split()[1])
        user = _user(os.stat(base).st_uid)
    except (OSError, ValueError, IndexError):
        return None
    command = ""
    with contextlib.suppress(OSError), open(f"{base}/cmdline", "rb") as opened:
        command = os.fsdecode(opened.read(_LIMIT).rstrip(b"\0").replace(b"\0", b" "))
    # Of one that has ended and is still there, a short name is all that is left.
    program = _link(f"{base}/exe") or os.fsdecode(front.partition(b"(")[2])
    return Process(pid, parent, program, command, user, _link(f"{base}/cwd"))


def told(process: Process) -> str:
    """Return who a process is, in words: `cp (pid 12, user root): cp a b`."""
    name = process.program.rpartition("/")[2] or "a process"
    command = f": {process.command}" if process.command else ""
    return f"{name} (pid {process.pid}, user {process.user or '?'}){command}"


class Family:
    """The processes that a command started, as far as they were seen alive."""

    def __init__(self, ancestor: int) -> None:
        """Begin with the process that starts the command, which adopts whom the command leaves behind."""
        self._ancestor = ancestor
        self._known: dict[int, Process] = {}

    def asked(self, pid: int) -> Process | None:
        """Return what is told of a process, or was told when it was seen first.

        What it executes meanwhile counts: it is asked each time, as long as it is there.
        """
        found = asked(pid)
        if found is None or not found.command:
            return self._known.get(pid, found)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[pid] = found
        return found

    def ran(self, pid: int, program: str) -> None:
        """Take in what a process executes: it may be gone before it is asked for anything else."""
        found = asked(pid)
        if found is not None:
            command = found.command if found.program == program else program
            self._known[pid] = found._replace(program=program, command=command)

    def has(self, pid: int) -> bool | None:
        """Tell whether a process descends from the ancestor; `None` where that cannot be known."""
        for _ in range(_GENERATIONS):
            if pid == self._ancestor:
                return True
            if pid <= 1:
                return False
            process = self._known.get(pid) or asked(pid)
            if process is None:
                return None
            self._known[pid] = process
            pid = process.parent
        return None


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _user(number: int) -> str:
    import pwd  # noqa: PLC0415  (not on Windows)

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
