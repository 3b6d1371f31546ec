"""Where events are delivered: `syslog://`, `syslog+tcp://`, `syslog+tls://`, `webhook+https://`.

A destination is named by policy on the trusted side, or on the command line, never by what is judged.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

#: The port of each kind, where the standard names one.
PORTS = {"syslog": 514, "syslog+tcp": 601, "syslog+tls": 6514, "webhook+https": 443, "webhook+http": 80}
FORMATS = {"syslog": ("syslog", "cef", "ecs", "ocsf"), "webhook": ("ecs", "ocsf")}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_PEM = "-----BEGIN CERTIFICATE-----"


class Destination(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """One destination. `ca` is certificates in PEM, or the absolute path of a file with such.

    `unnotified`: the other side may end TLS without saying so (rsyslog with GnuTLS does).

    `secret` names the variable of the environment that holds the secret of a webhook. What waits on the disk
    is bounded by `most_bytes`, and by `days` after which it is given up.
    """

    to: str
    format: str = ""
    ca: str = ""
    secret: str = "FIMCI_WEBHOOK_SECRET"  # noqa: S105  (the name of a variable)
    unnotified: bool = False
    most_bytes: int = 64 * 1024 * 1024
    days: int = 7


class Address(NamedTuple):
    """What the name of a destination says: `kind` is its scheme."""

    kind: str
    host: str
    port: int


def address(to: str) -> Address:
    """Return kind, host and port. Raises `ValueError` with what is wrong."""
    from urllib.parse import urlsplit  # noqa: PLC0415  (2 ms that only those who deliver need pay)

    parts = urlsplit(to)
    if parts.scheme not in PORTS:
        raise ValueError(f"no such kind of destination; known are {', '.join(kinds())}")
    if not parts.hostname or parts.username is not None or not to.isascii():
        raise ValueError("expected KIND://HOST:PORT, without a name or password")
    if parts.scheme == "webhook+http" and parts.hostname not in _LOOPBACK:
        raise ValueError("a webhook is told over https")
    if parts.scheme.startswith("syslog") and parts.path not in {"", "/"}:
        raise ValueError("syslog has no path")
    return Address(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])


def kinds() -> tuple[str, ...]:
    """Return the kinds as a user writes them."""
    return tuple(f"{kind}://" for kind in PORTS if kind != "webhook+http")


def checked(destination: Destination) -> Destination:
    """Return a destination whose format is filled in. Raises `ValueError` with what is wrong."""
    kind = address(destination.to).kind
    formats = FORMATS[kind.partition("+")[0]]
    if destination.format and destination.format not in formats:
        raise ValueError(f"format is one of {', '.join(formats)} here")
    if not _VARIABLE.fullmatch(destination.secret):
        raise ValueError("secret is the name of a variable of the environment")
    if destination.ca and not (
        destination.ca.startswith("/") or _PEM in destination.ca or ":\\" in destination.ca
    ):
        raise ValueError("ca is certificates in PEM, or the absolute path of a file with such")
    if destination.most_bytes < 1 or destination.days < 1:
        raise ValueError("most-bytes and days are at least 1")
    return msgspec.structs.replace(destination, format=destination.format or formats[0])


def parse(text: str) -> Destination:
    """Read a destination of the command line: for syslog, `?format=…&ca=…&unnotified=yes` may follow.

    Raises `ValueError` with what is wrong.
    """
    if text.startswith("webhook+"):
        return checked(Destination(to=text))
    to, _, query = text.partition("?")
    from urllib.parse import parse_qsl  # noqa: PLC0415  (as above)

    options = dict(parse_qsl(query, keep_blank_values=True))
    if not set(options) <= {"format", "ca", "unnotified"} or options.get("unnotified", "yes") != "yes":
        raise ValueError("known after `?` are format=, ca= and unnotified=yes")
    return checked(
        Destination(
            to=to,
            format=options.get("format", ""),
            ca=options.get("ca", ""),
            unnotified="unnotified" in options,
        )
    )


def name(destination: Destination) -> str:
    """Return what may be shown: without the path of a webhook, which often is a secret."""
    where = address(destination.to)
    host = f"[{where.host}]" if ":" in where.host else where.host
    return f"{where.kind}://{host}:{where.port}"
