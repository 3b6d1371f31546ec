"""A server on loopback that writes bytes as told, whatever HTTP says about that, and ends by itself."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

#: What is done once a request was read: the connection is closed afterwards.
Answer: TypeAlias = Callable[[socket.socket], None]
#: Seconds after which every answer ends.
LIFE = 20.0


class Wire:
    """What a test holds of a server: its address, its answers by path, and what it read."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.answers: dict[str, Answer] = {}
        self.read: list[bytes] = []
        self.ended = threading.Event()


def plain(body: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer as servers do."""
    lines = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return raw(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body)


def raw(data: bytes) -> Answer:
    """Answer with these very bytes."""
    return lambda connection: connection.sendall(data)


def endless(start: bytes, more: bytes, pause: float = 0.0) -> Answer:
    """Answer with a start, and then with the same for as long as somebody listens."""

    def answer(connection: socket.socket) -> None:
        until = time.monotonic() + LIFE
        connection.sendall(start)
        while time.monotonic() < until:
            connection.sendall(more)
            time.sleep(pause)

    return answer


@contextlib.contextmanager
def listening() -> Iterator[Wire]:
    """Serve on a free port of loopback for as long as it is held."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    wire = Wire(listener.getsockname()[1])

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(LIFE)
            request = b""
            while b"\r\n\r\n" not in request:
                data = connection.recv(65536)
                if not data:
                    return
                request += data
            wire.read.append(request)
            path = request.split(b" ", 2)[1].decode()
            wire.answers.get(path, plain(b"", "404 Not Found"))(connection)

    def accept() -> None:
        while not wire.ended.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.ended.set()
        thread.join()
        listener.close()
