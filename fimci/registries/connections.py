"""Connections that lead into no private network, whatever a name resolves to when it is looked up.

The address is looked at after the connection was made and before anything is sent: nobody can answer one
question of the resolver in one way and the next in another.

What a server says before the body of an answer, and after it, is read by libraries that wait for each byte,
and have no end for all of them. So connections of a request are shut once its time is over (`bounded`).
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from fimci.registries.registry import is_public

_POOL = 16
#: Whether this host, at this port, may lie in a private network.
_May: TypeAlias = Callable[[str, int], bool]


#: Of each thread, the connections of the request that it has under way.
_HERE = threading.local()


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[threading.Event]:
    """Shut all connections that are used meanwhile once so many seconds are over; the event tells of it."""
    over = threading.Event()
    used: list[socket.socket] = []

    def end() -> None:
        over.set()
        for one in used:
            _shut(one)

    _HERE.used, _HERE.over = used, over
    timer = threading.Timer(max(seconds, 0.0), end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        _HERE.used = []


def _use(one: socket.socket) -> None:
    """Note that a connection is used from here on; whoever notes it too late shuts it."""
    _HERE.used.append(one)
    if _HERE.over.is_set():
        _shut(one)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


class PrivateAddressError(NewConnectionError):
    """A name leads into a private network."""


def session(
    environment: Mapping[str, str], private: frozenset[tuple[str, int]], allowed: frozenset[str]
) -> requests.Session:
    """Make a session; in private networks only these hosts and ports, or hosts, may be asked."""
    made = requests.Session()
    made.trust_env = False  # credentials of .netrc go where they are configured, and nowhere by themselves
    made.verify = environment.get("REQUESTS_CA_BUNDLE") or environment.get("SSL_CERT_FILE") or True
    made.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(lambda host, port: (host, port) in private or host in allowed)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


class _Adapter(HTTPAdapter):
    """Makes pools whose connections are judged."""

    def __init__(self, private: _May) -> None:
        self._private = private
        super().__init__(pool_connections=_POOL, pool_maxsize=_POOL, max_retries=0)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._private),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._private),
        }


def _pool(pool: type[Any], connection: type[Any], private: _May) -> type[Any]:
    """Return a kind of pool whose connections refuse private addresses."""

    def connected(self: Any) -> socket.socket:
        made: socket.socket = connection._new_conn(self)  # noqa: SLF001  (there is no later place before the greeting)
        if not private(self.host.lower(), self.port) and not _public(made):
            made.close()
            raise PrivateAddressError(self, "leads into a private network")
        # As TLS takes over the descriptor of a connection, a second one is kept to shut it by.
        self.shut_by = made.dup()
        _use(self.shut_by)
        return made

    def requested(self: Any, *given: Any, **named: Any) -> None:
        if self.sock is not None:  # one that was used before
            _use(self.shut_by)
        connection.request(self, *given, **named)

    def closed(self: Any) -> None:
        connection.close(self)
        if getattr(self, "shut_by", None) is not None:
            self.shut_by.close()

    own = {"_new_conn": connected, "request": requested, "close": closed}
    judged = type("Judged", (connection,), own)
    return type("JudgedPool", (pool,), {"ConnectionCls": judged})


def _public(made: socket.socket) -> bool:
    return is_public(ipaddress.ip_address(made.getpeername()[0].partition("%")[0]))


def is_private(error: requests.exceptions.ConnectionError) -> bool:
    """Tell whether a connection failed because of where it led."""
    told = error.args[0] if error.args else None
    return isinstance(getattr(told, "reason", told), PrivateAddressError)
