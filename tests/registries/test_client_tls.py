"""Servers that speak TLS and do not end: while they greet, and afterwards. Loopback, and bounded."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fimci.registries import client
from fimci.registries.registry import UnobtainableError, is_public, registry
from tests.delivery.certificates import issue

_LIFE = 15.0
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def _drip(connection: socket.socket, start: bytes, more: bytes) -> None:
    until = time.monotonic() + _LIFE
    connection.sendall(start)
    while time.monotonic() < until:
        connection.sendall(more)
        time.sleep(0.1)


def _greets(connection: socket.socket) -> None:
    """A record of the greeting that says it is long, a byte at a time, and is never read to its end."""
    _drip(connection, b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03", b"x")


@contextlib.contextmanager
def serving(folder: Path, answer: Callable[[socket.socket], None], *, tls: bool) -> Iterator[int]:
    files = issue(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(_LIFE)
            if not tls:
                answer(connection)
                return
            with context.wrap_socket(connection, server_side=True) as spoken:
                spoken.recv(65536)
                answer(spoken)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    ("answer", "tls", "why"),
    [
        (_greets, False, "does not answer in time"),
        (lambda spoken: _drip(spoken, b"HTTP/1.1 200 OK\r\nX: ", b"y"), True, "is too slow"),
        (lambda spoken: _drip(spoken, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), True, "is too slow"),
        (lambda spoken: spoken.sendall(_OK + b"ha"), True, "was cut"),
        (lambda spoken: spoken.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf"), True, None),
        (lambda spoken: spoken.sendall(_OK + b"here"), True, None),
    ],
)
def test_tls(
    answer: Callable[[socket.socket], None],
    tls: bool,  # noqa: FBT001  (a case)
    why: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    monkeypatch.setattr(client, "SILENCE", 1.0)
    with serving(tmp_path, answer, tls=tls) as port:
        made = registry(f"https://127.0.0.1:{port}/")
        assert made is not None
        asking = client.client({"REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem")}, (made,))._replace(
            deadline=1.5
        )
        start = time.monotonic()
        if why is None:
            assert client.get(asking, made, made.url, "application/json").body in {b"half", b"here"}
        else:
            with pytest.raises(UnobtainableError, match=why):
                client.get(asking, made, made.url, "application/json")
        assert time.monotonic() - start < 8


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("192.0.2.1", False),
        ("8.8.8.8", True),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
        ("2002:808:808::", True),
        ("fe80::1", False),
        ("ff0e::1", False),
        ("2606:4700::1111", True),
    ],
)
def test_numbers_that_lead_into_the_internet(number: str, public: bool) -> None:  # noqa: FBT001  (a case)
    assert is_public(ipaddress.ip_address(number)) is public
