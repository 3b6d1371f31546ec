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
from collections.abc import Callable, Generator, Iterable, Iterator
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
    """How long all that a host is asked may take, in seconds, and how much one answer may be, in bytes.

    `greeting`: how long it takes at most until a shell there has said something.
    """

    seconds: float = 3600
    greeting: float = 60
    bytes: int = 1 << 30
    entries: int = 2_000_000


LIMITS = Limits()


class Session(NamedTuple):
    """An open connection: the client's words, the folder there, when it must be over, and the bounds."""

    words: tuple[str, ...]
    folder: str
    until: float
    limits: Limits


def hurried(session: Session) -> Session:
    """Return the same connection for a question that any host answers at once."""
    seconds = session.limits.greeting
    until = min(session.until, time.monotonic() + seconds)
    return session._replace(until=until, limits=session.limits._replace(seconds=seconds))


class Answer(NamedTuple):
    """What a script printed, the exit code of its last command, and the beginning of its complaints."""

    output: bytes
    status: int
    errors: str


class Ended(NamedTuple):
    """How a script ended whose output was read while it came."""

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
    pieces: list[bytes] = []
    streaming = streamed(session, body, (given,))
    while True:
        try:
            pieces.append(next(streaming))
        except StopIteration as end:
            return Answer(b"".join(pieces), *end.value)


def streamed(session: Session, body: str, given: Iterable[bytes] = ()) -> Generator[bytes, None, Ended]:
    """Run a script in the folder and yield what it prints while it runs; `given` comes when it comes.

    Raises `RemoteError`: what was yielded before is then not to be believed.
    """
    mark = secrets.token_hex(16)
    process = _started(session, body, mark)
    complaints = _listener(process)
    threading.Thread(target=_fed, args=(process, given), daemon=True).start()
    with contextlib.closing(_pieces(process, session, complaints)) as pieces:
        status = yield from script.between(pieces, mark)
    return Ended(status, complaints())


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
    process = _started(master, "cat >/dev/null", secrets.token_hex(16))
    complaints = _listener(process)
    assert process.stdin is not None  # noqa: S101  (for the type checker: both are pipes)
    assert process.stdout is not None  # noqa: S101  (the same)
    with process.stdin as end, process.stdout as output:
        with _guard(process, hurried(master)):
            met = output.read(1)  # it says something once it is connected, or has failed
        try:
            if not met:
                _refused(process.wait(), complaints())
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


def _started(session: Session, body: str, mark: str) -> subprocess.Popen[bytes]:
    command = script.command(session.folder, body, mark)
    try:
        return subprocess.Popen(  # noqa: S603  (the same)
            [*session.words, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
    except OSError as error:
        raise RemoteError(f"cannot be asked: {error.strerror}", "install an ssh client") from None


def _fed(process: subprocess.Popen[bytes], given: Iterable[bytes]) -> None:
    """Give a command its standard input while its output is read, for as long as it takes any."""
    assert process.stdin is not None  # noqa: S101  (for the type checker: it is a pipe)
    with contextlib.suppress(OSError), process.stdin as end:
        for piece in given:
            left = memoryview(piece)
            while left:
                left = left[end.write(left) :]


def _pieces(
    process: subprocess.Popen[bytes], session: Session, complaints: Callable[[], str]
) -> Generator[bytes, None, None]:
    """Yield what a command prints, up to the bounds; it is ended where it goes beyond them."""
    assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
    size = 0
    with _guard(process, session), process.stdout as output:
        while piece := os.read(output.fileno(), _PIECE):  # whatever is there, so that the bound is one
            size += len(piece)
            if size > session.limits.bytes:
                raise RemoteError(f"answered with more than {session.limits.bytes:,} bytes")
            yield piece
        process.wait()
    _refused(process.returncode, complaints())


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
        process.kill()
        process.wait()
        raise RemoteError(f"did not answer within {session.limits.seconds:,.0f} s")


def _listener(process: subprocess.Popen[bytes]) -> Callable[[], str]:
    """Start to listen to what a command complains of, so that it never waits for somebody to do so.

    Return what gives the beginning of that, once it has ended.
    """
    kept = bytearray()
    assert process.stderr is not None  # noqa: S101  (for the type checker: it is a pipe)
    thread = threading.Thread(target=_drained, args=(process.stderr, kept), daemon=True)
    thread.start()

    def complaints() -> str:
        thread.join(1)
        return _text(kept)

    return complaints


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
