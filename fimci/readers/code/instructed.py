"""Commands that instructions for agents have them run: fetched and run, sent away, decoded and run.

An agent runs what its instructions say, often without a question. That a tool is installed by `curl … | sh`
stands in one of a hundred such files, and is silent; told is

    what sends secrets, or decodes what it runs      whatever stands around it
    what is fetched and run                          from a paste, a tunnel, an address, without TLS
                                                     in a comment, which a page does not show
                                                     behind words that leave no choice
                                                     behind `!`, by which it is run unasked

What is told runs when the agent loads the file. Whether it obeys is not known.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fimci.capabilities import addresses, automatic
from fimci.capabilities.commands.state import Dialect
from fimci.model import Capability, CapabilityName, Record
from fimci.readers.code import told

_LIMIT, _MOST = 1 << 20, 200
#: What a line of a block or a text between backquotes has that could be such a command.
_COMMAND = re.compile(
    r"\b(?:curl|wget|fetch|iwr|irm|iex|Invoke-\w{1,30}|DownloadString|base64|openssl|bash|sh|powershell|pwsh"
    r"|python3?|node|nc|ncat|eval|scp)\b",
    re.IGNORECASE,
)
_POWERSHELL = re.compile(r"\b(?:iwr|irm|iex|Invoke-\w{1,30}|DownloadString|New-Object)\b", re.IGNORECASE)
#: Between backquotes, or as Gemini has it run before it reads the rest: `!{…}`.
_QUOTED = re.compile(r"`([^`\n]{8,2000})`|(?<=!)\{([^}\n]{8,2000})\}")
_FENCE = re.compile(r"^[ \t>]{0,12}(?:```|~~~)")
_LEAD = re.compile(r"^[ \t]*(?:[>*+-]|\d{1,3}[.)]|\$|PS[^>\n]{0,40}>)?[ \t]*(?:\$[ \t]+)?")
#: What leaves an agent no choice, or keeps its user out, this near before the command.
_DEMANDED = re.compile(
    r"\b(?:you must|must (?:first )?(?:run|execute)|always (?:run|execute|start|begin)|mandatory|silently"
    r"|without (?:asking|confirm\w*|telling|prompting|mention\w*|user|any)"
    r"|(?:do not|don't|never) (?:ask|mention|tell|skip|wait|show|inform)"
    r"|before (?:doing|you|any|anything|each|every|answering|responding|starting|using)\b"
    r"|first (?:action|thing)|(?:at|on) the (?:start|beginning) of (?:every|each|any)"
    r"|(?:every|each) (?:session|conversation|time|request|task)|important:|critical:)",
    re.IGNORECASE,
)
_NEAR = 240
_ODD: frozenset[str] = frozenset(
    ("address", "messenger", "mining", "onion", "out-of-band", "paste", "shortener", "tunnel")
)
_PLAIN = re.compile(r"\bhttp://(?!localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)
_ALWAYS: frozenset[CapabilityName] = frozenset(("encoded-payload", "exfiltration"))

#: How a chain ends towards a host that whoever reads it fills in.
_GIVEN = "-> *"


def wants(path: str, head: bytes) -> bool:
    """Want what agents read before anything else."""
    return automatic.kind(path) == "instructions" and b"\0" not in head


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the chains that stand out."""
    text = told.decoded(data[:_LIMIT])
    comments = _comments(text)
    found: dict[tuple[str, str], Capability] = {}
    for number, (at, command) in enumerate(_commands(text, comments)):
        line = text.count("\n", 0, at) + 1
        if number == _MOST:
            yield told.left_out(path, line)
            break
        dialect: Dialect = "powershell" if _POWERSHELL.search(command) else "sh"
        one = told.Text(command, line, dialect, "import", folded=True)
        for record in told.records(path, iter((one,))):
            if isinstance(record, Capability) and (why := _why(record, text, at, command, comments)):
                detail = f"{record.detail}: {why}" if why != record.name else record.detail
                kept = msgspec.structs.replace(record, phase="import", detail=detail)
                found.setdefault((kept.name, kept.subject), kept)
    yield from found.values()
    if len(data) > _LIMIT:
        yield told.left_out(path, text.count("\n") + 1)


class _Comments(NamedTuple):
    """Where comments of HTML begin and end, and where lines do."""

    begins: tuple[int, ...]
    ends: tuple[int, ...]
    lines: tuple[int, ...]


def _comments(text: str) -> _Comments:
    marks = (re.finditer(mark, text) for mark in ("<!--", "-->", r"\n|\Z"))
    return _Comments(*(tuple(found.start() for found in those) for those in marks))


def _commands(text: str, comments: _Comments) -> Iterator[tuple[int, str]]:
    """Yield what could be a command, with its place: lines of blocks, texts in backquotes, comments."""
    at, inside = 0, False
    for line in text.split("\n"):
        if _FENCE.match(line):
            inside = not inside
        elif inside or _is_hidden(comments, at):
            lead = _LEAD.match(line)
            command = line[lead.end() if lead is not None else 0 :].strip("` ")
            if _COMMAND.search(command):
                yield at, command
        else:
            for found in _QUOTED.finditer(line):
                if _COMMAND.search(found[0]):
                    yield at + found.start() + 1, found[1] or found[2]
        at += len(line) + 1


def _is_hidden(comments: _Comments, at: int) -> bool:
    """Tell whether a place lies in a comment of HTML, or on the line where one begins."""
    number = bisect_left(comments.begins, comments.lines[bisect_left(comments.lines, at)])
    if not number:
        return False
    end = bisect_left(comments.ends, comments.begins[number - 1])
    return end == len(comments.ends) or comments.ends[end] + len("-->") > at


def _why(record: Capability, text: str, at: int, command: str, comments: _Comments) -> str:
    """Return why a chain is no ordinary advice; empty where it is."""
    if record.name in _ALWAYS and not record.subject.endswith(_GIVEN):
        return record.name
    if record.name != "download-and-run":
        return ""
    hosts = [host.kind for host in addresses.hosts(command)]
    if any(kind in _ODD for kind in hosts):
        return "from a place for what nobody shall find"
    if _PLAIN.search(command):
        return "fetched without TLS"
    if _is_hidden(comments, at):
        return "in a comment that is not shown"
    if text[max(0, at - 2) : at] in {"!`", "!{"}:
        return "run by the agent before it reads the rest"
    return "the agent is left no choice" if _DEMANDED.search(text, max(0, at - _NEAR), at) else ""
