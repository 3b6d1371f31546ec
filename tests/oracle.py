"""What the CI systems would execute, given what a program has printed.

GitHub's runner reads each line of both streams, first for `::name k=v,k=v::data` after leading
blanks, then for `##[name k=v;k=v]data` anywhere. Azure Pipelines reads `##vso[…]`, TeamCity
`##teamcity[…]`. Whether commands have been stopped is ignored: judged as if they were on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

REGISTERED = frozenset((
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
))  # fmt: skip


class Command(NamedTuple):
    """One command, unescaped."""

    name: str
    properties: Mapping[str, str]
    data: str


def commands(output: bytes) -> list[Command]:
    """List the commands in the bytes of one stream, in order."""
    lines = re.split(r"\r\n|\r|\n", output.decode("utf-8", "replace"))
    return [command for line in lines for command in _line(line)]


def _line(line: str) -> Iterator[Command]:
    command = _github_second(line) or _github_first(line)
    if command is not None:
        yield command
    for system in ("vso", "teamcity"):
        start = re.search(rf"##{system}\[", line, re.IGNORECASE)
        if start is not None:
            yield Command(f"##{system}", {}, line[start.end() :])


def _github_second(line: str) -> Command | None:
    stripped = line.lstrip()
    end = stripped.find("::", 2)
    if not stripped.startswith("::") or end < 0:
        return None
    head, data = stripped[2:end], stripped[end + 2 :]
    return _command(head, data, ",", ("%0D", "%0A", "%3A", "%2C", "%25"), ("%0D", "%0A", "%25"))


def _github_first(line: str) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    escapes = ("%3B", "%0D", "%0A", "%5D", "%25")
    return _command(line[start + 3 : end], line[end + 1 :], ";", escapes, escapes)


def _command(
    head: str, data: str, separator: str, in_values: tuple[str, ...], in_data: tuple[str, ...]
) -> Command | None:
    name, _, rest = head.partition(" ")
    if name.lower() not in REGISTERED:
        return None
    items = (item.partition("=") for item in rest.strip().split(separator))
    properties = {key.lower(): _unescaped(value, in_values) for key, _, value in items if key and value}
    return Command(name.lower(), properties, _unescaped(data, in_data))


def _unescaped(text: str, escapes: tuple[str, ...]) -> str:
    for escape in escapes:
        text = text.replace(escape, chr(int(escape[1:], 16)))
    return text
