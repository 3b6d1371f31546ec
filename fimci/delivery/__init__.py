"""Events brought to where people look, at least once: kept on the disk, sent, acknowledged, forgotten.

`deliver` is all that a run needs: it keeps the events of a report for each destination and then sends what
is kept, for as long as it may. `flush` sends what earlier runs have left (docs/decisions/siem.md).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from fimci.delivery import sending, spool
from fimci.delivery.messages import messages
from fimci.destinations import Destination, name
from fimci.findings import Report
from fimci.printable import plural, printable

#: Seconds that a run spends on sending, whatever is left then waits for the next one.
PATIENCE = 10.0
_AT_ONCE = 8


def deliver(
    report: Report,
    destinations: Sequence[Destination],
    environment: Mapping[str, str],
    patience: float = PATIENCE,
) -> tuple[str, ...]:
    """Keep the events of a report for each destination, then send; return what did not go well, as sentences.

    Without a sentence, all events, and those that earlier runs have left, have been acknowledged.
    """
    notes: list[str] = []
    folder = spool.folder(environment)
    try:
        with spool.opened(folder) as kept:
            for destination in destinations:
                left_out = spool.add(kept, destination, messages(report, destination), time.time())
                notes += [_full(destination, left_out)] if left_out else []
    except (OSError, sqlite3.Error) as error:
        where = printable(folder)
        return (
            f"nothing was delivered: {where} cannot be written: {error}; FIMCI_SPOOL names another folder",
        )
    return (*notes, *flush(environment, patience, destinations))


def flush(
    environment: Mapping[str, str], patience: float, destinations: Sequence[Destination] = ()
) -> tuple[str, ...]:
    """Send what is kept, to all destinations or to some; return what did not go well, as sentences."""
    folder = spool.folder(environment)
    until = time.monotonic() + patience
    try:
        with spool.opened(folder) as kept:
            there = destinations or spool.destinations(kept)
        if not there:
            return ()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            told = pool.map(lambda one: sending.send(folder, one, environment, until), there)
            return tuple(sentence for sentences in told for sentence in sentences)
    except (OSError, sqlite3.Error) as error:
        return (f"what waits in {printable(folder)} was not delivered: {error}",)


def _full(destination: Destination, number: int) -> str:
    return (
        f"{name(destination)}: {plural(number, 'message')} did not fit into the "
        f"{destination.most_bytes:,} bytes that may wait for it, and will not be delivered"
    )
