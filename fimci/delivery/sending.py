"""Send what waits for one destination, in order, until it is empty or time is up."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence

from fimci.delivery import spool, streams, webhook
from fimci.delivery.refusal import RefusedError
from fimci.destinations import Destination, address, name
from fimci.printable import plural, printable

#: Messages, and bytes of them, that are acknowledged together.
_AT_ONCE, _BYTES = 500, 1024 * 1024
#: Seconds before the second try, and the most between two.
_PAUSE, _LONGEST = 0.2, 30.0


def send(folder: str, destination: Destination, environment: Mapping[str, str], until: float) -> list[str]:
    """Send until nothing waits or `until` (of the monotonic clock); return what did not go well."""
    with spool.opened(folder) as kept, spool.alone(folder, destination, until) as held:
        gone = spool.expire(kept, destination, time.time())
        notes = [_given_up(destination, gone)] if gone else []
        why = _emptied(kept, destination, environment, until) if held else "another run is delivering"
        left = spool.waits(kept, destination)
    return [*notes, f"{name(destination)}: {plural(left, 'message')} wait: {why}"] if left else notes


def _emptied(
    kept: sqlite3.Connection, destination: Destination, environment: Mapping[str, str], until: float
) -> str:
    """Send batch by batch; return why something is left."""
    tries, why = 0, "no time was left"
    for batch in _batches(kept, destination):
        while True:
            if time.monotonic() >= until:
                return why
            try:
                _sent(destination, [one.message for one in batch], environment, until)
            except RefusedError as error:
                why, tries = printable(str(error), 300), tries + 1
                pause = min(_LONGEST, _PAUSE * 2**tries) * random.uniform(0.5, 1.0)  # noqa: S311  (no secret)
                if not error.again or time.monotonic() + pause >= until:
                    return why
                time.sleep(pause)
            else:
                tries = 0
                spool.acknowledged(kept, batch)
                break
    return ""


def _batches(kept: sqlite3.Connection, destination: Destination) -> Iterator[list[spool.Waiting]]:
    """Yield what is next, again and again, as long as anything waits."""
    most = 1 if destination.to.startswith("webhook") else _AT_ONCE
    while batch := spool.first(kept, destination, most, _BYTES):
        yield batch


def _sent(
    destination: Destination, messages: Sequence[bytes], environment: Mapping[str, str], until: float
) -> None:
    """Send some messages. Raises `RefusedError` where nobody says that they arrived."""
    kind = address(destination.to).kind
    if kind.startswith("webhook"):
        webhook.post(destination, messages[0], environment, until)
    elif kind == "syslog":
        streams.datagrams(destination, messages, until)
    else:
        streams.stream(destination, messages, until)


def _given_up(destination: Destination, number: int) -> str:
    return (
        f"{name(destination)}: {plural(number, 'message')} waited for longer than "
        f"{plural(destination.days, 'day')}, and will not be delivered"
    )
