"""Syslog on the wire: datagrams (RFC 5426), octet counting over TCP (RFC 6587) and TLS (RFC 5425).

Syslog acknowledges nothing. What can be known is used: a batch has arrived once the other side, after our end
of the stream, ends it orderly. Had it ended with anything of ours unread, its system would have answered with
a reset; had it ended before ours came, our system would still hold bytes that nobody confirmed.
A datagram is gone once it is sent: only a port that nobody listens to is told.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import time
import traceback
from collections.abc import Iterator, Sequence

from fimci.delivery import trust
from fimci.delivery.refusal import RefusedError
from fimci.destinations import Destination, address

#: Seconds for one step at most, for the answer to datagrams, and between two looks at what is unconfirmed.
_STEP, _ECHO, _LOOK = 10.0, 0.05, 0.01
#: A cut by whoever is on the way looks the same, and would make events vanish that count as arrived.
_UNNOTIFIED = "it ends TLS without the alert that RFC 5425 demands; `unnotified` takes that for an arrival"
#: What asks a system how many bytes are unconfirmed: `SIOCOUTQ` on Linux, `SO_NWRITE` on macOS.
_LINUX, _MACOS = 0x5411, 0x1024


def datagrams(destination: Destination, messages: Sequence[bytes], until: float) -> None:
    """Send each message as a datagram. Raises `RefusedError` where nobody listens."""
    where = address(destination.to)
    with _told():
        family, kind, protocol, _, there = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_DGRAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as wire:
            wire.settimeout(_left(until))
            wire.connect(there)
            for message in messages:
                wire.send(message)
            wire.settimeout(_ECHO)
            with contextlib.suppress(socket.timeout):
                wire.recv(1)


def stream(destination: Destination, messages: Sequence[bytes], until: float) -> None:
    """Send messages over a connection of their own. Raises `RefusedError` unless all arrived."""
    where = address(destination.to)
    framed = b"".join(b"%d %b" % (len(message), message) for message in messages)
    secure = trust.context(destination) if where.kind == "syslog+tls" else None
    with _told(), socket.create_connection((where.host, where.port), timeout=_left(until)) as wire:
        if secure is None:
            wire.sendall(framed)
            _ended(wire, until)
            return
        with _sealed(secure, wire, where.host) as sealed:
            sealed.do_handshake()
            sealed.sendall(framed)
            sealed.settimeout(_left(until))
            try:
                # RFC 5425, 4.4: the receiver must answer this with its own. One that stops sends it unasked,
                # and what it then leaves unread is reset.
                _ended(sealed.unwrap(), until)
            except ssl.SSLError as error:
                if not _is_cut(error):
                    raise
                if not destination.unnotified:
                    raise RefusedError(_UNNOTIFIED, again=False) from error
                _ended(sealed, until)


def _sealed(secure: ssl.SSLContext, wire: socket.socket, host: str) -> ssl.SSLSocket:
    """Return the socket that will speak TLS. Where it was reset meanwhile, nothing is left open."""
    try:
        return secure.wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False)
    except OSError as error:
        # Python has taken the socket over by then, and forgets the half of it that it has made.
        for frame, _ in traceback.walk_tb(error.__traceback__):
            half = frame.f_locals.get("self")
            if isinstance(half, ssl.SSLSocket):
                half.close()
        raise


def _is_cut(error: ssl.SSLError) -> bool:
    """Tell whether a connection ended without notice, for which some versions of Python have no class."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def _ended(wire: socket.socket, until: float) -> None:
    """End our side, wait for the end of the other, and for the confirmation of every byte."""
    wire.shutdown(socket.SHUT_WR)
    wire.settimeout(_left(until))
    while wire.recv(4_096):
        wire.settimeout(_left(until))
    while True:
        error = wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "it closed the connection before it had read everything")
        if not _unconfirmed(wire):
            return
        _left(until)
        time.sleep(_LOOK)


def _unconfirmed(wire: socket.socket) -> bool:
    """Tell whether the system holds bytes of ours that nobody has confirmed, where it says so."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415  (not on Windows)

        return fcntl.ioctl(wire, _LINUX, b"\0" * 4) != b"\0" * 4
    if sys.platform == "darwin":
        return wire.getsockopt(socket.SOL_SOCKET, _MACOS) != 0
    return False


def _left(until: float) -> float:
    left = min(_STEP, until - time.monotonic())
    if left <= 0:
        raise TimeoutError("timed out")
    return left


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong in words."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise RefusedError(f"its certificate does not hold: {error.verify_message}", again=False) from error
    except (OSError, UnicodeError) as error:
        raise RefusedError(getattr(error, "strerror", None) or str(error) or type(error).__name__) from error
