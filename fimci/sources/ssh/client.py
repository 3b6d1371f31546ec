"""The system's own ssh client: one connection, over which scripts run one after another or side by side.

The user's configuration, keys, agent and known hosts are honoured; nobody is asked for anything
(`BatchMode`), nothing is forwarded. Where the configuration shares connections already, its way is taken;
else the first command is the master of a socket in a temporary folder, and ends with this process whatever
ends that.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import IO, NamedTuple

from fimci.errors import RemoteError
from fimci.sources.ssh import script
from fimci.sources.ssh.address import Address

_OPTIONS = (
    *("-T", "-a", "-x", "-e", "none"),
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ConnectionAttempts=1"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=20"),
    *("-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o", "RequestTTY=no"),
)
#: What the client itself exits with, when there is no connection.
_NO_CONNECTION = 255
_PIECE, _ERRORS = 1 << 18, 1 << 14
_LONGEST = 80


class Limits(NamedTuple):
    """How long all that a host is asked may take, in seconds, and how much one answer may be, in bytes."""

    seconds: float = 3600
    bytes: int = 1 << 30
    entries: int = 2_000_000


LIMITS = Limits()


class Session(NamedTuple):
    """An open connection: the client's words, the folder there, when it must be over, and the bounds."""

    words: tuple[str, ...]
    folder: str
    until: float
    limits: Limits


class Answer(NamedTuple):
    """What a script printed, the exit code of its last command, and the beginning of its complaints."""

    output: bytes
    status: int
    errors: str


@contextlib.contextmanager
def connected(address: Address, limits: Limits = LIMITS, program: str = "ssh") -> Iterator[Session]:
    """Open a connection for as long as the context lasts. Raises `RemoteError` where there is none."""
    words: tuple[str, ...] = (program, *_OPTIONS)
    until = time.monotonic() + limits.seconds
    with tempfile.TemporaryDirectory(prefix="fimci-ssh-") as folder:
        # The client cannot listen at a longer path: it adds a name of its own to it for a moment.
        shared = os.name == "nt" or len(os.fsencode(folder)) > _LONGEST or _is_shared(words, address)
        if not shared:
            words = (
                *words,
                "-o",
                "ControlPath=" + folder.replace("%", "%%") + "/s",
                "-o",
                "ControlPersist=no",
            )
        session = Session((*words, *address.words), address.path, until, limits)
        if shared:
            yield session
            return
        master = (*words, "-o", "ControlMaster=yes", *address.words)
        with _held(session._replace(words=master)):
            yield session


def run(session: Session, body: str, given: bytes = b"") -> Answer:
    """Run a script in the folder, `given` on its standard input. Raises `RemoteError`."""
    mark = secrets.token_hex(16)
    with tempfile.TemporaryFile() as names:
        names.write(given)
        names.seek(0)
        process = _started(session, body, mark, names)
    output, errors = _collected(process, session)
    _refused(process.returncode, errors)
    found, status = script.between(output, mark)
    return Answer(found, status, errors)


def _refused(code: int, errors: str) -> None:
    """Raise `RemoteError` where a script did not even begin."""
    if code == _NO_CONNECTION:
        raise RemoteError(f"could not be reached: {_last(errors)}", "try the same with `ssh`")
    if code == script.NOT_ENTERED:
        raise RemoteError("has no such folder, or not for this user", "name a folder that can be entered")


def _is_shared(words: tuple[str, ...], address: Address) -> bool:
    """Tell whether the configuration shares connections in a way of its own. Raises `RemoteError`."""
    try:
        told = subprocess.run(  # noqa: S603  (a list of words, no shell; the host is proven to be no option)
            [*words, "-G", *address.words], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise RemoteError(f"cannot be asked: {words[0]} {error.strerror}", "install an ssh client") from None
    if told.returncode:
        raise RemoteError(f"could not be reached: {_last(_text(told.stderr))}", "try the same with `ssh`")
    lines = told.stdout.lower().splitlines()
    return any(line.startswith(b"controlpath ") and line != b"controlpath none" for line in lines)


@contextlib.contextmanager
def _held(master: Session) -> Iterator[None]:
    """Start the session that others share; it lasts until its standard input is closed."""
    process = _started(master, "cat >/dev/null", secrets.token_hex(16), subprocess.PIPE)
    listener, complained = _listener(process)
    assert process.stdin is not None  # noqa: S101  (for the type checker: both are pipes)
    assert process.stdout is not None  # noqa: S101  (the same)
    with process.stdin as end, process.stdout as output:
        with _guard(process, master):
            met = output.read(1)  # it says something once it is connected, or has failed
        try:
            if not met:
                listener.join(1)
                _refused(process.wait(), _text(complained))
                raise RemoteError("closes the connection before a shell answers", "try the same with `ssh`")
            yield
        finally:
            with contextlib.suppress(OSError):
                end.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(session: Session, body: str, mark: str, given: IO[bytes] | int) -> subprocess.Popen[bytes]:
    command = script.command(session.folder, body, mark)
    try:
        return subprocess.Popen(  # noqa: S603  (the same)
            [*session.words, command], stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise RemoteError(f"cannot be asked: {error.strerror}", "install an ssh client") from None


def _collected(process: subprocess.Popen[bytes], session: Session) -> tuple[bytes, str]:
    """Read what a command prints, up to the bounds; it is ended where it goes beyond them."""
    listener, complained = _listener(process)
    assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
    pieces, size = [], 0
    with _guard(process, session), process.stdout as output:
        while piece := os.read(output.fileno(), _PIECE):  # whatever is there, so that the bound is one
            pieces.append(piece)
            size += len(piece)
            if size > session.limits.bytes:
                raise RemoteError(f"answered with more than {session.limits.bytes:,} bytes")
        process.wait()
    listener.join(1)
    return b"".join(pieces), _text(complained)


@contextlib.contextmanager
def _guard(process: subprocess.Popen[bytes], session: Session) -> Iterator[None]:
    """End the client when time is up, or when what is done with it fails."""
    timer = threading.Timer(max(session.until - time.monotonic(), 0), process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        timer.cancel()
    if time.monotonic() >= session.until:
        raise RemoteError(f"did not answer within {session.limits.seconds:,.0f} s")


def _listener(process: subprocess.Popen[bytes]) -> tuple[threading.Thread, bytearray]:
    """Start to listen to what a command complains of, so that it never waits for somebody to do so."""
    kept = bytearray()
    assert process.stderr is not None  # noqa: S101  (for the type checker: it is a pipe)
    thread = threading.Thread(target=_drained, args=(process.stderr, kept), daemon=True)
    thread.start()
    return thread, kept


def _drained(stream: IO[bytes], kept: bytearray) -> None:
    with stream:
        while piece := os.read(stream.fileno(), 1 << 12):
            kept += piece[: max(_ERRORS - len(kept), 0)]


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "backslashreplace")


def _last(errors: str) -> str:
    """Return the lines that say why: the last ones, for the tools of the other side complain before that."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return "; ".join(lines[-2:])[:300] if lines else "the client says nothing"
