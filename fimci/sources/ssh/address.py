"""The address of a folder on another machine: `deploy@web1.example:22/srv/app`."""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.errors import UsageError

#: No part may begin with a hyphen: the client would take it for an option.
_ADDRESS = re.compile(
    r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*)@)?"
    r"(?P<host>[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/.*)",
    re.DOTALL,
)
_PORTS = 65536


class Address(NamedTuple):
    """Who (empty: as the configuration says), where, and which folder (absolute, as it is written)."""

    user: str
    host: str
    port: int | None
    path: str

    @property
    def words(self) -> tuple[str, ...]:
        """Return what the client is told of it: options first, the host last."""
        user = ("-l", self.user) if self.user else ()
        port = ("-p", str(self.port)) if self.port is not None else ()
        return (*user, *port, "--", self.host.strip("[]"))


def parse(text: str) -> Address:
    """Read an address, without the scheme. Nothing in it is decoded: `%20` is a name with a per cent sign.

    Raises `UsageError`, for a host or user that begins with a hyphen too.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or "\0" in text or (found["port"] and not 0 < int(found["port"]) < _PORTS):
        raise UsageError(
            f"ssh://{text} names no folder of a host", "write ssh://[USER@]HOST[:PORT]/PATH with a full path"
        )
    port = int(found["port"]) if found["port"] else None
    return Address(found["user"] or "", found["host"], port, found["path"])
