"""A webhook, signed as Standard Webhooks says (https://www.standardwebhooks.com), version 1.

`webhook-id` is the same in every try, so that a receiver knows what it has already; `webhook-signature` is an
HMAC-SHA256 over id, time and body for each secret that the environment holds, separated by blanks where they
are being exchanged.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any

from fimci import __version__
from fimci.delivery import trust
from fimci.delivery.refusal import RefusedError
from fimci.destinations import Destination

_PREFIX = "whsec_"
#: Bytes of a secret, as the specification bounds them.
_LEAST, _MOST = 24, 64
_STEP = 10.0


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: findings go where policy says, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Take the redirect for the answer, which is none."""


class _Cut:
    """Ends connections when time is up: a timeout of their own begins anew with every byte that comes."""

    def __init__(self, seconds: float) -> None:
        """Begin to wait."""
        self.over = False
        self._wires: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Wait no longer."""
        self._timer.cancel()

    def around(self, kind: Callable[..., HTTPConnection]) -> Callable[..., HTTPConnection]:
        """Return what makes connections of a kind that end when time is up."""

        def made(*words: Any, **named: Any) -> HTTPConnection:
            connection = kind(*words, **named)
            connect = connection.connect

            def connected() -> None:
                connect()
                self._wires.append(connection.sock)

            vars(connection)["connect"] = connected
            return connection

        return made

    def _end(self) -> None:
        self.over = True
        for wire in self._wires:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)


class _Plain(urllib.request.HTTPHandler):
    """Speaks HTTP, for as long as there is time."""

    def __init__(self, cut: _Cut) -> None:
        """Take the clock."""
        super().__init__()
        self._cut = cut

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        """Send one request."""
        return self.do_open(self._cut.around(HTTPConnection), req)


class _Secure(urllib.request.HTTPSHandler):
    """Speaks HTTPS, for as long as there is time."""

    def __init__(self, cut: _Cut, context: ssl.SSLContext) -> None:
        """Take the clock, and whom to trust."""
        super().__init__(context=context)
        self._cut, self._trusting = cut, context

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        """Send one request."""
        return self.do_open(self._cut.around(HTTPSConnection), req, context=self._trusting)


def post(destination: Destination, body: bytes, environment: Mapping[str, str], until: float) -> None:
    """Send one request. Raises `RefusedError` unless the answer is a success."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"fimci/{__version__}",
        **signed(
            body, secrets(environment.get(destination.secret, ""), destination.secret), int(time.time())
        ),
    }
    url = destination.to.removeprefix("webhook+")
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  (https, see `address`)
    patience = max(0.01, min(_STEP, until - time.monotonic()))
    context = trust.context(destination)
    cut = _Cut(patience)
    opener = urllib.request.build_opener(_Straight(), _Plain(cut), _Secure(cut, context))
    try:
        with opener.open(request, timeout=patience):
            pass
        if cut.over:  # an answer that was cut is none, whatever its first line says
            raise RefusedError("timed out")
    except urllib.error.HTTPError as error:
        error.close()
        raise RefusedError(f"it answers {error.code}", again=error.code >= 429) from error  # noqa: PLR2004
    except urllib.error.URLError as error:
        raise RefusedError(str(error.reason)) from error
    except (OSError, HTTPException) as error:
        raise RefusedError(str(error) or type(error).__name__) from error
    finally:
        cut.stop()


def signed(body: bytes, keys: list[bytes], now: int) -> dict[str, str]:
    """Return the headers that prove who sent a body, and when (seconds since 1970)."""
    identity = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
    told = f"{identity}.{now}.".encode() + body
    marks = (base64.b64encode(hmac.digest(key, told, "sha256")).decode() for key in keys)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def secrets(text: str, variable: str) -> list[bytes]:
    """Return the keys in a variable of the environment. Raises `RefusedError` where there is none."""
    found = []
    for word in text.split():
        try:
            key = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not word.startswith(_PREFIX) or not _LEAST <= len(key) <= _MOST:
            raise RefusedError(
                f"{variable} holds no secret of the form whsec_ and 24 to 64 bytes in base64", again=False
            )
        found.append(key)
    if not found:
        raise RefusedError(f"{variable} holds no secret to sign with", again=False)
    return found
