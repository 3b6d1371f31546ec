"""What a check is asked to do, and the policy that the command line names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from fimci import policy as policies
from fimci import rules
from fimci.errors import UsageError
from fimci.policy import Policy

#: Bytes of a policy or an event file that are read.
LIMIT = 32 * 1024 * 1024


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to check: `path`, and what the command line says about its other side."""

    path: str = "."
    staged: bool = False
    base: str | None = None
    baseline: str | None = None
    config: str | None = None
    listed: bool = False
    environment: Mapping[str, str] = {}
    today: dt.date


def named_policy(file: str) -> Policy:
    """Read a policy file that the command line names. Raises `UsageError` where there is none."""
    try:
        data = read(file)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "name a policy file with --config"
        ) from error
    return policies.parse(data, file, rules.pages()) or Policy()


def read(file: str) -> bytes:
    """Return the bytes of a small file, up to the cap of what the hosts send."""
    with open(file, "rb") as opened:
        return opened.read(LIMIT)
