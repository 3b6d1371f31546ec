"""Shared by this room: command lines among the constants of a program, and what they can do.

Only what is whole counts, from one zero byte to the next, and of that only chains: a program says much about
commands in its messages, but nobody is advised to send his keys away. Wide texts of Windows are looked at as
well. What Go and Rust keep without an end is not seen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fimci.capabilities.commands import judge, lines
from fimci.model import CapabilityName
from fimci.readers.binary.constants import Told

#: What stands in a command line that fetches, sends, stays or hides; a constant without is not looked at.
_MARK = re.compile(
    rb"curl -|curl http|wget -|wget http|/dev/tcp/|base64 -d|base64 --d|\| ?(?:/bin/)?(?:ba)?sh\b|crontab "
    rb"|nc -e"
    rb"|powershell|certutil|bitsadmin|mshta|schtasks|reg add|\.ssh/authorized_keys|/etc/cron|osascript -e"
    rb"|systemctl enable|launchctl load|>>? ?(?:~|/etc|/root|\$HOME)/|_history\b"
)
_WIDE = re.compile(
    rb"p\0o\0w\0e\0r\0s\0h\0e\0l\0l\0|c\0m\0d\0 \0/\0c\0|s\0c\0h\0t\0a\0s\0k\0s\0"
    rb"|c\0e\0r\0t\0u\0t\0i\0l\0|r\0e\0g\0 \0a\0d\0d\0"
)
_MOST, _LONGEST, _SHORTEST = 200, 2_000, 12
_PRINTED = re.compile(rb"[\t\n\r\x20-\x7e]+\Z")
_STARTS = re.compile(
    r"(?:\S{0,60}/)?(?:(?:ba|z|da)?sh|curl|wget|nc|python3?|perl|echo|cat|cd|chmod|rm|nohup|sudo|env|tar|base64"
    r"|crontab|osascript|systemctl|launchctl|exec|export|printf|while|for|if|eval|test|mkdir|cp|mv|ps|grep)\b|[(\[{]"
)
#: A hole that the program fills before it runs the line: as good as an unknown word.
_HOLE = re.compile(r"%(?:\d\$)?l{0,2}[sdu]")
_KEPT: frozenset[CapabilityName] = frozenset(
    ("download-and-run", "encoded-payload", "exfiltration", "persistence", "self-propagation", "obfuscation")
)
_MINES = (b"donate-level", b"randomx")


def commands(data: bytes) -> Iterator[Told]:
    """Yield the chains of command lines, and that a program mines."""
    for text in dict.fromkeys(_lines(data)):
        command, dialect = lines.dialect(_HOLE.sub("$HOLE", text))
        if dialect == "sh" and _STARTS.match(text) is None:
            continue
        for fact in judge(command, dialect).facts:
            if fact.name in _KEPT:
                yield Told(fact.name, fact.subject, text)
    if all(mark in data for mark in _MINES):
        yield Told("process", "miner", "randomx, donate-level")


def _lines(data: bytes) -> Iterator[str]:
    """Yield the constants that have such a mark."""
    for found in itertools.islice(_MARK.finditer(data), _MOST):
        begin = data.rfind(b"\0", max(0, found.start() - _LONGEST), found.start()) + 1
        end = data.find(b"\0", found.end(), found.end() + _LONGEST)
        if begin and end > 0 and end - begin >= _SHORTEST and _PRINTED.match(data[begin:end]):
            yield data[begin:end].decode("ascii").strip()
    for found in itertools.islice(_WIDE.finditer(data), _MOST):
        end = data.find(b"\0\0\0", found.start(), found.start() + 2 * _LONGEST)
        text = data[found.start() : end + 1 if end > 0 else found.start()][::2]
        if len(text) >= _SHORTEST and _PRINTED.match(text):
            yield text.decode("ascii").strip()
