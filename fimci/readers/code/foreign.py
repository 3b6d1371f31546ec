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
from html import unescape

from fimci.capabilities import foreign_code, foreign_flows
from fimci.capabilities.commands import lines
from fimci.capabilities.judge import Fact
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Phase, Place, Record
from fimci.readers.code import quoted, told

_LIMIT = 8 << 20
#: Commands of CMake up to its next keyword, and files that it fetches.
_CMAKE = re.compile(
    r"\bCOMMAND\s+((?:\"(?:[^\"\\]|\\.){0,2000}\"|\([^()\"]{0,400}\)|[^()\"]){1,1500}?)"
    r"(?=\s(?:COMMAND|WORKING_DIRECTORY|DEPENDS|COMMENT"
    r"|VERBATIM|TIMEOUT|BYPRODUCTS|USES_TERMINAL|ARGS|(?:OUTPUT|ERROR|RESULT|ENCODING|COMMAND)_[A-Z_]{1,30})\b|\s*\))"
    r"|\bfile\(\s*DOWNLOAD\s+(\S{1,2000})\s+([^\s)]{1,500})"
)
_PYTHON = re.compile(r"\$\{(?:Python\d?|PYTHON\d?)(?:_EXECUTABLE)?\}")
_KEPT: frozenset[CapabilityName] = frozenset(
    ("download-and-run", "encoded-payload", "exfiltration", "persistence", "self-propagation")
)
#: Files that are run where something is built, and what runs wherever a module of Go is imported.
_BUILDS = re.compile(
    r"(?:^|/)(?:build\.rs|extconf\.rb|CMakeLists\.txt)$|\.(?:gemspec|targets|props|\w{1,3}proj)$"
)
#: Run by an editor or a debugger that is started where they lie.
_OPENED = re.compile(r"(?:^|/)\.(?:nvim\.lua|n?vimrc|gvimrc|lvimrc|exrc|dir-locals(?:-2)?\.el)$")
_INIT = re.compile(
    r"(?m)^func init\(\)|^#\[(?:ctor::)?ctor\]|^\s{0,40}\[(?:[\w.]{0,60}\.)?ModuleInitializer\b"
)
#: Texts of which only single ones are named: `a := []string{"c", "u", …}`.
_ARRAY = re.compile(r"\b([A-Za-z_]\w{0,30})[ \t]*:?=[ \t]*\[\]string\{([^{}]{4,6000})\}")
_ITEM = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ARRAYS, _LETTERS = 20, 4_000
_EVENT = re.compile(r"<(?:Command|PreBuildEvent|PostBuildEvent|PreLinkEvent)>([^<]{8,4000})<", re.IGNORECASE)
#: What runs while it is compiled, in whatever uses it.
_MACRO = re.compile(r"(?m)^#\[proc_macro(?:_derive|_attribute)?\b")
#: Languages in which a file runs from top to bottom when it is loaded.
_LOADED = frozenset(("PHP", "Ruby"))
_PROGRAMS = re.compile(
    r"(?:^|/)(?:s?bin|exe|scripts?|tools?|utils?|web|public|www|tasks)/|\.(?:gemspec|rake)$"
)


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
    text = foreign_flows.code(told.decoded(data[:_LIMIT]), language)
    text = _spelt(text) if language == "Go" else text
    phase = _phase(path, text)
    yield from _signs(path, text, language, phase)
    given = _built(text, phase) if language == "CMake" else quoted.commands(text, phase, language)
    given = itertools.chain(given, _events(text, phase)) if language == "MSBuild" else given
    for record in told.records(path, given):
        if isinstance(record, Capability) and record.name in _KEPT:
            yield record


def facts(language: str, data: bytes) -> Iterator[Fact]:
    """Yield what a script can do that stands in another program."""
    text = told.decoded(data[:_LIMIT])
    said: list[Record] = list(_signs("", text, language, "import"))
    for record in (*said, *told.records("", quoted.commands(text, "import", language))):
        if isinstance(record, Capability) and record.name in _KEPT:
            at = record.at
            yield Fact(record.name, record.subject, record.detail, at.line, at.text, record.phase)


def _phase(path: str, text: str) -> Phase:
    if _BUILDS.search(path) or _OPENED.search(path):
        return "install"
    if path.endswith(".rs") and _MACRO.search(text):
        return "install"
    return "import" if path.endswith((".go", ".rs", ".cs")) and _INIT.search(text) else "call"


def _signs(path: str, text: str, language: str, phase: Phase) -> Iterator[Capability]:
    said = [(sign.name, sign.subject, at, statement) for sign, at, statement in foreign_code.signs(text)]
    said = [one for one in said if not foreign_flows.remarks(_before(text, one[2]))]
    loaded = language in _LOADED and not _PROGRAMS.search(path)
    known = {(name, subject) for name, subject, _, _ in said}
    said += [
        flow
        for flow in foreign_flows.flows(text, language, built=phase == "install")
        if (flow.name, flow.subject) not in known
    ]
    for name, subject, at, statement in said:
        if phase == "call" and loaded and text[at : at + 1].strip() and text[at - 1 : at] in {"", "\n"}:
            when: Phase = "import"
        else:
            when = phase
        place = Place(path, text.count("\n", 0, at) + 1, excerpt(statement))
        yield Capability(path=path, name=name, subject=subject, phase=when, at=place)


def _spelt(text: str) -> str:
    """Return a text with one literal where the items of an array are put together, one by one."""
    for found in itertools.islice(_ARRAY.finditer(text), _ARRAYS):
        items = _ITEM.findall(found[2])
        row = re.compile(rf"\b{found[1]}\[\d{{1,3}}\](?:\s?\+\s?{found[1]}\[\d{{1,3}}\]){{3,500}}")
        text = row.sub(lambda one, items=items: _joined(one[0], items), text)  # type: ignore[misc]
    return text


def _joined(row: str, items: list[str]) -> str:
    written = ""
    for one in re.findall(r"\[(\d{1,3})\]", row):
        written += items[int(one)] if int(one) < len(items) else ""
        if len(written) > _LETTERS:
            return row
    return f'"{written}"' + "\n" * row.count("\n")


def _events(text: str, phase: Phase) -> Iterator[told.Text]:
    """Yield the commands that a project runs before and after it is built."""
    counted, line = 0, 1
    for found in itertools.islice(_EVENT.finditer(text), quoted.MOST):
        written = unescape(found[1].strip())
        command, dialect = lines.dialect(written)
        if dialect != "powershell" or command.startswith('"'):
            command, dialect = written, "batch"
        line += text.count("\n", counted, found.start())
        counted = found.start()
        yield told.Text(command, line, dialect=dialect, phase=phase)


def _before(text: str, at: int) -> str:
    """Return the line up to a place."""
    return text[text.rfind("\n", 0, at) + 1 : at + 1]


def _built(text: str, phase: Phase) -> Iterator[told.Text]:
    """Yield the commands of a CMake file as one script: one may fetch what another runs."""
    rows = [""] * (text.count("\n") + 1)
    counted, line = 0, 0
    for found in itertools.islice(_CMAKE.finditer(text), quoted.MOST):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        command = f"curl -o {found[3]} {found[2]}" if found[2] else " ".join(found[1].split())
        command = _PYTHON.sub("python3", command).replace("$ENV{", "${")
        rows[line] = f"{rows[line]}; {command}" if rows[line] else command
    if any(rows):
        yield told.Text("\n".join(rows), phase=phase)
