"""Hosts that texts name: in URLs, bare, as addresses of any spelling, and what kind of places they are."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from fimci.capabilities.known_hosts import HOSTS, HostKind

#: Kinds of hosts, each with how a path begins for which it is one.
KNOWN: dict[str, tuple[HostKind, str]] = {
    entry.partition("/")[0]: (kind, entry.partition("/")[2]) for kind, entries in HOSTS for entry in entries
}
_URL = re.compile(
    r"\b(?:https?|wss?|ftp|tcp|udp|stratum\+tcp|stratum\+ssl)://[^\s'\"<>`\\|{}()]+", re.IGNORECASE
)
_BARE = re.compile(r"(?:[a-z0-9_-]{1,63}\.){1,5}[a-z]{2,24}(?::\d{2,5})?\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")
#: Names of schemas and namespaces, which nobody asks for.
_NOWHERE = frozenset(("www.w3.org", "json-schema.org", "ns.adobe.com", "schemas.microsoft.com"))
_BYTE = 255
#: Kinds of hosts that nobody tells harmless facts about the machine.
_COLLECTORS = frozenset(("messenger", "out-of-band", "tunnel", "paste"))
#: An address of anybody's, as tables of hosts have it: `https://gist.example/{user}/{project}/raw`.
_ANYBODYS = re.compile(r"\w{1,20}://[^/\s]{1,255}/\{\w{1,40}\}/")
#: An address as one number, or as up to four, each decimal, octal or hexadecimal, as browsers take them.
_NUMBERS = re.compile(r"(?:0x[0-9a-f]{1,8}|\d{1,10})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,10})){0,3}\Z")


class Host(NamedTuple):
    """A host that a text names, in lower case, and what kind of place it is (empty: any)."""

    name: str
    kind: HostKind


def host(text: str) -> Host | None:
    """Return the host that a whole text names: a URL, a bare name, an address."""
    match = _URL.match(text.strip())
    if match is not None:
        return _of_url(match[0])
    bare = text.strip().lower()
    if _ADDRESS.match(bare.partition(":")[0]):
        return _of_url(f"tcp://{bare}")
    return _of_url(f"tcp://{bare}") if _BARE.match(bare) and _known(bare.partition(":")[0], "") else None


def named(host: str, text: str) -> HostKind:
    """Return what kind of place a host is, given the text that names it with a path (`.../api/webhooks/`)."""
    name = host.lower()
    if "stratum+" in text.lower():
        return "mining"
    kind, prefix = KNOWN.get(name, ("", ""))
    return kind if kind and f"{name}/{prefix}" in text.lower() else _known(name, "")


def hosts(text: str) -> Iterator[Host]:
    """Yield the hosts of all URLs in a text."""
    for match in _URL.finditer(text):
        found = _of_url(match[0])
        if found is not None and found.kind == "paste" and _ANYBODYS.match(text, match.start()):
            found = found._replace(kind="")
        if found is not None:
            yield found


def _of_url(url: str) -> Host | None:
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").rstrip(".,;")
        port = parts.port
    except ValueError:
        return None
    written = "." in name or ":" in name or name.isdigit() or name.startswith("0x")
    if not name or name in _NOWHERE or not written:
        return None
    if _is_address(name):
        kind: HostKind = "metadata" if name in KNOWN or str(_address(name)) in KNOWN else "address"
        return None if _is_here(name) else Host(_with(name, port), kind)
    if parts.scheme.lower().startswith("stratum"):
        return Host(_with(name, port), "mining")
    return Host(_with(name, port), _known(name, parts.path.lstrip("/")))


def _with(name: str, port: int | None) -> str:
    return name if port in {None, 80, 443} else f"{name}:{port}"


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is, whatever way its numbers are written."""
    try:
        return ipaddress.ip_address(int(name) if name.isdigit() else name)
    except ValueError:
        pass
    if not _NUMBERS.match(name):
        return None
    *first, last = (_number(part) for part in name.split("."))
    if any(part > _BYTE for part in first) or last >= 1 << 8 * (4 - len(first)):
        return None
    return ipaddress.IPv4Address(sum(part << 8 * (3 - at) for at, part in enumerate(first)) + last)


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part, 16)
    return (
        int(part, 8)
        if part.startswith("0") and part.isdecimal() and not set(part) & {"8", "9"}
        else int(part)
    )


def collects(name: str) -> bool:
    """Tell whether a host is of a kind where stolen data goes."""
    found = host(f"tcp://{name}")
    return found is not None and found.kind in _COLLECTORS


def _is_address(name: str) -> bool:
    return _address(name) is not None


def _is_here(name: str) -> bool:
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified or address.is_multicast)


def _known(name: str, path: str) -> HostKind:
    if name.endswith(".onion"):
        return "onion"
    while name:
        kind, prefix = KNOWN.get(name, ("", ""))
        if kind and path.startswith(prefix):
            return kind
        name = name.partition(".")[2]
    return ""
