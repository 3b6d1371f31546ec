"""Texts in quotes that are given to something that runs them, in languages that no reader understands.

system("curl … | sh")       a text of one line, behind a word for starting something
sh '''…''', <<EOF, '' … ''  a text of several lines, where a language has such

Shared by readers, and no reader itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities.commands import lines
from fimci.model import Phase
from fimci.readers.code import told

#: Texts of several lines that are looked at.
MOST = 5_000
#: Whatever has begun also ends, with its line at the latest: no letter is given back.
_TEXT = re.compile(
    r"(?:%x|\bqx)(?:\([^)\n]*\)?|\{[^}\n]*\}?|\[[^\]\n]*\]?)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|`[^`\n]*`?"
)
_SHORT, _LONG = 8, 4_000
_COMMAND = re.compile(
    r"\b(?:curl|wget|nc|ncat|socat|bash|sh|zsh|powershell|pwsh|cmd|certutil|bitsadmin|mshta|rundll32|regsvr32"
    r"|wscript|cscript|base64|openssl|osascript|schtasks|crontab|launchctl|python3?|perl|iex)\b"
)
#: What a command in a text is given to stands before it; elsewhere it is an advice to read.
_GIVEN = re.compile(
    r"(?:exec\w*|system|popen\w*|Command|Process\w*|spawn\w*|Runtime|passthru|shell\w*|ShellExecute\w*|\.arg|run"
    r"|launch\w*|invoke\w*|arguments|args|local|on(?:Start|Create))\b[ \t]{0,9}[(\[{=.,:\"'`%]"
    r"|\bsh\b[\"']?[ \t]{0,9}[,{ ]|<Exec\b|`\Z|%x"
    r"|do shell script|(?<![\w.])(?:system|exec|sh|bat|powershell|pwsh)[ \t(]"
    r"|\b(?:cmd|inline|program|script(?:Content)?)\b[ \t]{0,9}[=:]",
    re.IGNORECASE,
)
_BEFORE = 120
#: `Start("cmd", "/c …")`: a program and what it is given are two texts.
_PROGRAM = re.compile(
    r"[\"'](?:[^\"'\s]{0,60}[\\/])?(cmd|powershell|pwsh|(?:ba|z|da)?sh|mshta|wscript|cscript|rundll32|regsvr32|msiexec)"
    r"(?:\.exe)?[\"'][ \t]{0,9},[ \t]{0,9}@?\Z",
    re.IGNORECASE,
)
_OPTIONS = re.compile(r"[-/][A-Za-z]|https?://")
_EXECUTED = re.compile(r"\.execute\(")
#: Languages in which three quotes hold a text of several lines.
_TRIPLE = frozenset(
    (
        "Dart",
        "Elixir",
        "Groovy",
        "Julia",
        "Kotlin",
        "Nim",
        "Python",
        "Scala",
        "Snakemake",
        "Starlark",
        "Swift",
    )
)
_QUOTES = re.compile(r"\"\"\"|'''")
_NIX = re.compile(r"(?<!')''(?!')")
#: What stands before a text of several lines that is there to be read.
_DESCRIBED = re.compile(
    r"(?:description|example|longDescription|summary|doc\w{0,20})\s{0,9}=\s{0,9}[\w. ]{0,40}\Z"
)
_HERE = re.compile(r"<<[-~]?([\"']?)([A-Za-z_]\w{0,40})\1[^\n]{0,200}\n")
_HEREDOCS = frozenset(("Perl", "Ruby", "Terraform"))
_BLOCK = 20_000
#: Languages that fill `${…}` in themselves, how they write one for the shell, and the last name in one.
_FILLED_IN = frozenset(("Nix", "Terraform"))
_WRITTEN = re.compile(r"(?:''|\$)\$\{")
_EXPRESSION = re.compile(r"\$\{(?:[^{}\n]{0,200}?\b)?([A-Za-z_][\w-]{0,60})?[^\w{}\n]{0,9}\}")


def commands(text: str, phase: Phase, language: str) -> Iterator[told.Text]:
    """Yield the texts that look like commands and are given to something."""
    if _COMMAND.search(text) is None:
        return
    yield from _blocks(text, phase, language)
    counted, line = 0, 1
    for one in _TEXT.finditer(text):
        if not (_SHORT < len(one[0]) < _LONG and _COMMAND.search(one[0])):
            continue
        given = _GIVEN.search(text, max(0, one.start() - _BEFORE), one.start() + 1)
        quoted = not one[0].startswith(("%x", "qx"))
        if quoted and given is None and not _EXECUTED.match(text, one.end()):
            continue
        line += text.count("\n", counted, one.start())
        counted = one.start()
        bare = one[0].removeprefix("%x").removeprefix("qx")
        written = bare[1:-1].replace('\\"', '"').replace("\\\\", "\\").replace("&quot;", '"')
        written = written.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
        program = _PROGRAM.search(text, max(0, one.start() - _BEFORE), one.start())
        written = f"{program[1]} {written}" if program and _OPTIONS.match(written) else written
        yield _command(written, line, phase)


def _command(written: str, line: int, phase: Phase) -> told.Text:
    """Return a command that is given to a system, in the language of that."""
    text, dialect = lines.dialect(written)
    return told.Text(text, line, dialect=dialect, phase=phase)


def _blocks(text: str, phase: Phase, language: str) -> Iterator[told.Text]:
    """Yield the texts of several lines that are given to something."""
    form = _HERE if language in _HEREDOCS else _NIX if language == "Nix" else _QUOTES
    if language not in _TRIPLE and form is _QUOTES:
        return
    at = 0
    for _ in range(MOST):
        found = form.search(text, at)
        if found is None:
            return
        end = _end(text, found, form)
        at = found.end() if end < 0 else end
        body = text[found.end() : max(end, found.end())]
        if _COMMAND.search(body) is None:
            continue
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        given = _GIVEN.search(before + found[0]) if form is _QUOTES else not _DESCRIBED.search(before)
        if given:
            body = _filled(body) if language in _FILLED_IN else body
            yield told.Text(body, text.count("\n", 0, found.end()) + 1, phase=phase)


def _filled(body: str) -> str:
    """Return a text with names in the place of what its own language fills in."""
    parts = _WRITTEN.split(body)
    named = (_EXPRESSION.sub(lambda found: found[1] or "filled-in", part) for part in parts)
    return "${".join(named)


def _end(text: str, found: re.Match[str], form: re.Pattern[str]) -> int:
    """Return where a text ends, -1 where it does not, as far as is looked."""
    until = found.end() + _BLOCK
    if form is _HERE:
        closing = re.compile(rf"^[ \t]*{found[2]}\b", re.MULTILINE).search(text, found.end(), until)
        return -1 if closing is None else closing.start()
    if form is _NIX:
        closing = _NIX.search(text, found.end(), until)
        return -1 if closing is None else closing.start()
    return text.find(found[0], found.end(), until)
