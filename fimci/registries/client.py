"""Ask a registry over HTTP, under one rule for all addresses, and take no more than was asked for.

**Where to.** A registry is asked at its own address. A file may lie at another host that the registry
itself names, by https and without credentials. A redirect leads on within the same origin, or to a host of
either kind that is `allowed`; to any other it is refused. Addresses of private networks are refused where
the connection is made, so that no name can lead there, unless it is the registry itself that lies there,
or a host that is `allowed` (by policy, or by the user with `FIMCI_HOSTS`).
Behind a proxy only addresses that are written as numbers can be judged so.

**How long.** Every request has a deadline. What is out of order for a moment (no connection, 429, 5xx, an
answer that was cut) is tried again a few times, not before `Retry-After` says so.

**How much.** Bytes are counted as they arrive, and again as they are decompressed.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ipaddress
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import fimci
from fimci.registries.kept import LIMIT
from fimci.registries.registry import (
    Registry,
    UnobtainableError,
    authorization,
    bare,
    is_public,
    joined,
    origin,
)

if TYPE_CHECKING:
    import requests

ATTEMPTS = 4
#: Seconds: for a connection or a silence, for one request with its redirects, and to wait when told to.
SILENCE, DEADLINE, PATIENCE = 15.0, 120.0, 60.0
_REDIRECTS = 5
_CHUNK = 64 << 10
_OK, _REDIRECTING, _AGAIN = 200, {301, 302, 303, 307, 308}, {408, 425, 429, 500, 502, 503, 504}
_REFUSED, _GONE = {401, 403}, {404, 410}
#: What is asked for where it is an archive.
ANYTHING = "*/*"
_AGENT = f"fimci/{fimci.__version__}"


class _PassingError(Exception):
    """It may go well the next time: why, and how many seconds to wait at least."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class Client(NamedTuple):
    """What asks: a session, the hosts that policy allows beyond the registries, and the times.

    It may be used by several threads at once.
    """

    session: requests.Session
    allowed: frozenset[str] = frozenset()
    deadline: float = DEADLINE
    sleep: Callable[[float], None] = time.sleep


class Answer(NamedTuple):
    """What was answered, what it says that it is, and how it is packed still (an archive: as it came)."""

    body: bytes
    kind: str
    packing: str = ""


def client(
    environment: Mapping[str, str], registries: tuple[Registry, ...], allowed: frozenset[str] = frozenset()
) -> Client:
    """Make a client that may reach these registries wherever they are."""
    from fimci.registries import connections  # noqa: PLC0415  (requests takes 115 ms, where somebody asks)

    private = frozenset(origin(one.url)[1:] for one in registries)
    return Client(connections.session(environment, private, allowed), allowed)


def get(asking: Client, registry: Registry, url: str, accept: str, limit: int = LIMIT) -> Answer:
    """Return what is at an address. Raises `UnobtainableError`."""
    wait, why = 0.5, ""
    for attempt in range(ATTEMPTS):
        try:
            return _in_time(asking, registry, url, accept, limit)
        except _PassingError as error:
            why = str(error)
            if error.wait > PATIENCE:
                raise UnobtainableError(f"{why}, and asks to wait for {error.wait:,.0f} s") from None
            if attempt + 1 < ATTEMPTS:
                asking.sleep(max(wait, error.wait))
                wait *= 2
    raise UnobtainableError(f"{why} ({ATTEMPTS} attempts)")


def _in_time(asking: Client, registry: Registry, url: str, accept: str, limit: int) -> Answer:
    from fimci.registries.connections import bounded  # noqa: PLC0415  (requests takes 115 ms, where somebody asks)

    answer = Answer(b"", "")
    with bounded(asking.deadline) as over:
        try:
            answer = _followed(asking, registry, url, accept, limit)
        except (_PassingError, UnobtainableError):
            if not over.is_set():
                raise
    # What was shut may look like an answer that is complete.
    if over.is_set():
        raise UnobtainableError(f"{origin(url)[1]} is too slow")
    return answer


def _followed(asking: Client, registry: Registry, url: str, accept: str, limit: int) -> Answer:
    start, here, until = url, url, time.monotonic() + asking.deadline
    for _ in range(_REDIRECTS + 1):
        with _sent(asking, registry, here, accept) as response:
            status, host = response.status_code, origin(here)[1]
            if status in _REDIRECTING and response.headers.get("Location"):
                target = joined(here, response.headers["Location"])
                _refuse(asking, registry, start, target)
                here = target
                continue
            if status in _AGAIN:
                raise _PassingError(f"{host} answers {status}", _retry_after(response.headers))
            if status in _GONE:
                raise UnobtainableError(f"{host} does not have it ({status})", gone=True)
            if status != _OK:
                raise UnobtainableError(
                    f"{host} {'refuses' if status in _REFUSED else 'answers with'} {status}"
                )
            try:
                chunks, packing = _chunks(response, until, host), ""
                if accept == ANYTHING:
                    packing = response.headers.get("Content-Encoding", "").strip().lower()
                    body = b"".join(_bounded(chunks, limit, host))
                else:
                    body = b"".join(_body(response, chunks, limit, host))
            except zlib.error as error:
                raise _PassingError(f"the answer of {host} is damaged") from error
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(body, kind, packing)
    raise UnobtainableError(f"{origin(start)[1]} redirects more than {_REDIRECTS} times")


def _sent(asking: Client, registry: Registry, url: str, accept: str) -> requests.Response:
    import requests  # noqa: PLC0415  (loaded already)
    from requests.utils import get_environ_proxies  # noqa: PLC0415  (the same)

    from fimci.registries.connections import is_private  # noqa: PLC0415  (the same)

    _refuse(asking, registry, registry.url, url, named=True)
    # An archive is packed already, and is held against its hash as it comes.
    packing = "identity" if accept == ANYTHING else "gzip"
    headers = {"Accept": accept, "Accept-Encoding": packing, "User-Agent": _AGENT}
    told = authorization(registry, url)
    if told is not None:
        headers["Authorization"] = told
    host = origin(url)[1]
    try:
        return asking.session.get(
            bare(url),
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=min(SILENCE, asking.deadline),
            proxies=get_environ_proxies(url),
        )
    except requests.exceptions.SSLError as error:
        raise UnobtainableError(f"the certificate of {host} is not valid") from error
    except requests.exceptions.Timeout as error:
        raise _PassingError(f"{host} does not answer in time") from error
    except requests.exceptions.ConnectionError as error:
        if is_private(error):
            raise UnobtainableError(f"{host} leads into a private network", forbidden=True) from error
        raise _PassingError(f"{host} cannot be reached") from error
    except (requests.RequestException, ValueError) as error:
        raise UnobtainableError(f"{host} cannot be asked: {type(error).__name__}") from error


def _refuse(asking: Client, registry: Registry, start: str, url: str, *, named: bool = False) -> None:
    """Refuse an address that the rule does not allow; `named`: the registry itself names it for a file."""
    there = origin(url)
    if there in {origin(registry.url), origin(start)} and there[1]:
        return
    _, host, port = there
    if there[0] != "https":
        raise UnobtainableError(f"{host or 'an address without a host'} is not asked without https")
    if not named and host not in asking.allowed:
        raise UnobtainableError(
            f"{origin(start)[1]} redirects to {host}, which nobody allowed", forbidden=True
        )
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return
    if not is_public(number) and host not in asking.allowed:
        raise UnobtainableError(f"{host}:{port} is in a private network", forbidden=True)


def _bounded(chunks: Iterator[bytes], limit: int, host: str) -> Iterator[bytes]:
    """Yield the bytes of an answer as they come, up to a limit."""
    came = 0
    for chunk in chunks:
        came += len(chunk)
        if came > limit:
            raise UnobtainableError(f"{host} answers with more than {limit:,} bytes")
        yield chunk


def _body(response: requests.Response, chunks: Iterator[bytes], limit: int, host: str) -> Iterator[bytes]:
    """Yield the bytes of an answer, decompressed. Raises both kinds of errors."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise UnobtainableError(f"{host} packs its answer as {encoding[:20]}, which nobody asked for")
    unpack = zlib.decompressobj(31) if encoding.endswith("gzip") else None
    came = 0
    for chunk in chunks:
        while True:
            data = unpack.decompress(chunk, _CHUNK) if unpack is not None else chunk
            came += len(data)
            if came > limit:
                raise UnobtainableError(f"{host} answers with more than {limit:,} bytes")
            yield data
            if unpack is None or not unpack.unconsumed_tail:
                break
            chunk = unpack.unconsumed_tail  # noqa: PLW2901  (what is left of it)
    if unpack is not None and not unpack.eof:
        raise _PassingError(f"the answer of {host} was cut")


def _chunks(response: requests.Response, until: float, host: str) -> Iterator[bytes]:
    import urllib3.exceptions  # noqa: PLC0415  (loaded already)

    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            if time.monotonic() > until:
                raise UnobtainableError(f"{host} is too slow")
            yield chunk
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise _PassingError(f"the answer of {host} was cut") from error


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return for how many seconds a server wants to be left alone, in either of the two spellings."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.timezone.utc)
    return max(0.0, (until - dt.datetime.now(dt.timezone.utc)).total_seconds())


def offline(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment forbids to ask anybody: `FIMCI_OFFLINE` set to anything but 0 or no."""
    return os.fspath(environment.get("FIMCI_OFFLINE", "")).lower() not in {"", "0", "no", "false"}
