"""Which database of known releases counts: the one of the command line, else the one that policy names.

A relative path in a policy is one of the trusted side, like the policy itself, so that no change brings the
list that it is held against. An absolute path (or `~/…`) is one of this machine.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from fimci.errors import ConfigurationError, UsageError
from fimci.findings import Report
from fimci.model import Advisory, Record
from fimci.policy import Policy
from fimci.snapshot import reason

if TYPE_CHECKING:
    from fimci.advisories.known import Known

_REMEDY = "name a zip of OSV records (or a folder, JSON, JSON lines); without one, leave it out"


class Asked(NamedTuple):
    """The option, the policy, and what reads files of the trusted side."""

    option: str | None
    policy: Policy
    trusted: Callable[[str], bytes | None]
    environment: Mapping[str, str]


def advice(asked: Asked) -> Known | None:
    """Open the database, if one is named. Raises `UsageError` and `ConfigurationError`."""
    if asked.option is None and not asked.policy.osv:
        return None
    from fimci.advisories.databases import DatabaseError  # noqa: PLC0415  (most runs name none)

    try:
        return _opened(asked)
    except (OSError, DatabaseError) as error:
        why = str(error) if isinstance(error, DatabaseError) else f"cannot be read: {reason(error)}"
        if asked.option is not None:
            raise UsageError(f"--osv {asked.option}: {why}", _REMEDY) from error
        raise ConfigurationError(f"osv = {asked.policy.osv!r}: {why}", _REMEDY) from error


def _opened(asked: Asked) -> Known:
    from fimci.advisories import databases  # noqa: PLC0415  (the same)
    from fimci.advisories.known import Known  # noqa: PLC0415  (the same)
    from fimci.registries import kept  # noqa: PLC0415  (the same)

    cached = kept.kept(asked.environment)
    path = asked.option if asked.option is not None else os.path.expanduser(asked.policy.osv)
    if asked.option is not None or os.path.isabs(path):
        return Known(databases.opened(path, cached))
    data = asked.trusted(path)
    if data is None:
        raise databases.DatabaseError(
            "is not a file of the trusted side: name an absolute path, or use --osv"
        )
    return Known(databases.held(path, data, cached, hashlib.sha256(data).hexdigest()))


def answers(known: Known | None) -> Callable[[Iterable[Record]], list[Advisory]] | None:
    """Return what `fimci.verdict` asks."""
    return known.of if known is not None else None


def told(report: Report, known: Known | None, today: dt.date) -> Report:
    """Return a report that says what was asked, and what of it could not be read."""
    if known is None:
        return report
    return msgspec.structs.replace(
        report,
        notes=(*report.notes, known.note(today)),
        unread=(*report.unread, *known.unread()),
    )
