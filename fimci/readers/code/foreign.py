"""Code in languages that no reader understands: that it is there, and the commands in its texts.

    the file                    `unanalyzed`, with the language: told, and no objection
    "curl … | sh" in a call     what shells make of it, where that is a chain
    eval(base64_decode(…        chains that single words tell (`fimci.capabilities.foreign_code`)

Told is what stands in one statement; nothing is followed.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator

from fimci.capabilities import foreign_code
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Phase, Place, Record
from fimci.readers.code import told

_LIMIT = 1 << 20
#: Texts that look like commands, and signs, as many as are looked at.
_MOST = 200
#: Whatever has begun also ends, with its line at the latest: no letter is given back.
_TEXT = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|`[^`\n]*`?")
_SHORT, _LONG = 8, 4_000
_COMMAND = re.compile(
    r"\b(?:curl|wget|nc|ncat|socat|bash|sh|zsh|powershell|pwsh|cmd|certutil|bitsadmin|mshta|rundll32|regsvr32"
    r"|wscript|cscript|base64|openssl|osascript|schtasks|crontab|launchctl|python3?|perl|iex)\b"
)
#: What a command in a text is given to stands before it; elsewhere it is an advice to read.
_GIVEN = re.compile(
    r"(?:exec\w*|system|popen\w*|Command|Process\w*|spawn\w*|Runtime|passthru|shell\w*|ShellExecute\w*|\.arg|run"
    r"|launch\w*|invoke\w*|arguments)\b[ \t]{0,9}[(\[{=.,:\"'`%]|\bsh\b[\"']?[ \t]{0,9}[,{ ]|<Exec\b|`\Z|%x"
    r"|do shell script|(?<![\w.])(?:system|exec)[ \t]",
    re.IGNORECASE,
)
_BEFORE = 120
_KEPT: frozenset[CapabilityName] = frozenset(
    ("download-and-run", "encoded-payload", "exfiltration", "persistence", "self-propagation")
)
#: Files that are run where something is built, and what runs wherever a module of Go is imported.
_BUILDS = re.compile(
    r"(?:^|/)(?:build\.rs|extconf\.rb|CMakeLists\.txt)$|\.(?:gemspec|targets|props|\w{1,3}proj)$"
)
_INIT = re.compile(r"(?m)^func init\(\)")


def wants(path: str, head: bytes) -> bool:
    """Want what has a language, and is no data."""
    return foreign_code.language(path, head) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the language and the chains."""
    language = foreign_code.language(path, data) or ""
    yield Capability(
        path=path,
        name="unanalyzed",
        subject=language,
        detail=hashlib.sha256(data).hexdigest()[:16],
        at=Place(path, 1, f"code in {language}, which no reader judges"),
    )
    if b"\0" in data[:_LIMIT]:
        return
    text = told.decoded(data[:_LIMIT])
    phase = _phase(path, text)
    yield from _signs(path, text, phase)
    for record in told.records(path, _commands(text, phase)):
        if isinstance(record, Capability) and record.name in _KEPT:
            yield record


def _phase(path: str, text: str) -> Phase:
    if _BUILDS.search(path):
        return "install"
    return "import" if path.endswith(".go") and _INIT.search(text) else "call"


def _signs(path: str, text: str, phase: Phase) -> Iterator[Capability]:
    for sign, at, statement in foreign_code.signs(text):
        place = Place(path, text.count("\n", 0, at) + 1, excerpt(statement))
        yield Capability(path=path, name=sign.name, subject=sign.subject, phase=phase, at=place)


def _commands(text: str, phase: Phase) -> Iterator[told.Text]:
    """Yield the texts that look like commands and are given to something."""
    if _COMMAND.search(text) is None:
        return
    counted, line = 0, 1
    found = (one for one in _TEXT.finditer(text) if _SHORT < len(one[0]) < _LONG and _COMMAND.search(one[0]))
    for one in itertools.islice(found, _MOST):
        if _GIVEN.search(text, max(0, one.start() - _BEFORE), one.start() + 1) is None:
            continue
        line += text.count("\n", counted, one.start())
        counted = one.start()
        written = one[0][1:-1].replace('\\"', '"').replace("\\\\", "\\").replace("&quot;", '"')
        yield told.Text(
            written.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"), line, phase=phase
        )
