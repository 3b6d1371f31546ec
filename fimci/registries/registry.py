"""The nouns of this room: a registry, what it offers of a release, and why something cannot be had."""

from __future__ import annotations

import base64
import ipaddress
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from fimci.model import Digest

#: Where numbers of IPv4 lead from networks that have none (RFC 6052).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}


class Secret(NamedTuple):
    """What to say to whoever answers at an address: `//host/path/`, or its origin; never shown."""

    #: `host:port/path/`; every address below it is told.
    scope: str
    authorization: str

    def __repr__(self) -> str:
        return f"Secret({self.scope!r})"


class Registry(NamedTuple):
    """A registry as it is configured: its address (that ends with `/`) and all credentials of this user."""

    url: str
    secrets: tuple[Secret, ...] = ()


class Offered(NamedTuple):
    """A file of a release, as a registry states it. `digests` are what its bytes are held against.

    `size` is in bytes, 0 where it is not stated.
    """

    name: str
    url: str
    digests: tuple[Digest, ...]
    yanked: bool = False
    size: int = 0


class UnobtainableError(Exception):
    """Why a release cannot be had now.

    `gone`: the registry says that there is no such thing. `forbidden`: nobody allowed to ask that host.
    """

    def __init__(self, why: str, *, gone: bool = False, forbidden: bool = False) -> None:
        """Say why in a sentence fragment."""
        super().__init__(why)
        self.gone = gone
        self.forbidden = forbidden


class TamperedError(UnobtainableError):
    """What was served is not what was vouched for."""


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address; without a host all are empty. Raises nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", 0
    if not parts.hostname or "\\" in url or any(character <= " " for character in url):
        return "", "", 0
    return parts.scheme, parts.hostname.lower(), port or _PORTS.get(parts.scheme, 0)


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether a number leads into the internet, and so does the older one that it may carry in it."""
    if isinstance(number, ipaddress.IPv6Address):
        carried = number.ipv4_mapped or number.sixtofour
        if carried is None and number in _TRANSLATED:
            carried = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(carried)
    return number.is_global and not number.is_multicast


def joined(page: str, url: str) -> str:
    """Return the address that a link on a page leads to; one without a host where that is no address."""
    try:
        return urljoin(page, url)
    except ValueError:
        return ""


def bare(url: str) -> str:
    """Return an address without the credentials in it: whoever names an address does not choose who asks."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def registry(url: str, secrets: tuple[Secret, ...] = ()) -> Registry | None:
    """Make a registry of an address, credentials in it apart; `None` where nothing answers there by HTTP."""
    if origin(url)[0] not in _PORTS:
        return None
    parts = urlsplit(url)
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + "/", "", ""))
    if parts.username is not None:
        told = basic(unquote(parts.username), unquote(parts.password or ""))
        _, host, port = origin(bare)
        secrets = (Secret(f"{host}:{port}/", told), *secrets)
    return Registry(bare, secrets)


def basic(user: str, password: str) -> str:
    """Return the header of a user with a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def authorization(one: Registry, url: str) -> str | None:
    """Return what to say at an address: nothing unless credentials were configured for just there.

    Credentials of a registry by https are not told by http.
    """
    scheme, host, port = origin(url)
    if scheme != origin(one.url)[0]:
        return None
    path = urlsplit(url).path
    if "/../" in path or "/./" in path:
        return None
    here = f"{host}:{port}{path}"
    told = [secret for secret in one.secrets if here.startswith(secret.scope)]
    return max(told, key=lambda secret: len(secret.scope)).authorization if told else None
