"""What is sent: a report as the messages of one destination, each acknowledged as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fimci import reports
from fimci.destinations import Destination
from fimci.findings import Report
from fimci.reports import events, syslog

#: Events, and about how many bytes of them, in one request to a webhook.
_EVENTS, _BYTES = 100, 256 * 1024


def messages(report: Report, destination: Destination) -> list[bytes]:
    """Return the messages in order: lines of syslog, or bodies of requests."""
    if destination.to.startswith("webhook"):
        return [_body(batch) for batch in _batches(reports.render(destination.format, report).splitlines())]
    if destination.format == "syslog":
        return [line.encode() for line in reports.render("syslog", report).splitlines()]
    # The same events twice: the header of syslog is made of one, the message is the other format's line.
    lines = reports.render(destination.format, report).splitlines()
    return [
        syslog.headed(event, f"- {line if line.isascii() else chr(0xFEFF) + line}").encode()
        for event, line in zip(events.events(report), lines, strict=True)
    ]


def _batches(lines: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == _EVENTS or size + len(line) > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    yield batch


def _body(lines: list[str]) -> bytes:
    """Return a body in the form that Standard Webhooks recommends: type, timestamp, data."""
    time = json.dumps(events.stamp(events.now()))
    data = ",".join(lines)
    return f'{{"type":"fimci.events","timestamp":{time},"data":{{"events":[{data}]}}}}'.encode()
