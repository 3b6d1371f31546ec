"""Shared by this room: what of a cell of a notebook is Python, and what it hands to something else.

    !command, name = !command, !!command     a shell; also `%sx`, `%system`, `%pip`, `%conda`, `%uv`
    %%bash, %%sh, %%cmd, %%powershell        the whole cell; also `%%script bash`, `%%!`, `%%sx`
    %%javascript, %%js, %%html, %%svg        the whole cell
    %%time, %%capture, %%prun, %%px, ...     Python, as the rest of the cell is

https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities.commands.state import Dialect

_SHELL_CELLS: dict[str, Dialect] = {
    **dict.fromkeys(("bash", "sh", "!", "sx", "system", "ksh", "zsh", "script", "shell"), "sh"),
    **dict.fromkeys(("cmd", "batch"), "batch"),
    **dict.fromkeys(("powershell", "pwsh"), "powershell"),
}
_OTHER_CELLS = {
    **dict.fromkeys(("javascript", "js"), "js"),
    **dict.fromkeys(("html", "HTML", "svg", "SVG"), "html"),
    **dict.fromkeys(("markdown", "latex", "sql", "R", "julia", "cython"), ""),
}
#: The whole cell for another interpreter, or for a file.
_GIVEN_CELLS = frozenset(("ruby", "perl", "lua", "node"))
_FILE_CELLS = frozenset(("writefile", "file"))
_END = "FIMCI_END"
_CELL = re.compile(r"\s*%%(!|\w+)[ \t]*([^\n]*)(?:\n|\Z)")
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:[\w, \t]{1,80}=[ \t]*)?"
    r"(?:!!?(?P<shell>[^=\n][^\n]*)"
    r"|%(?:sx|system|(?P<installer>pip|conda|mamba|uv))[ \t]+(?P<rest>[^\n]+)|%\w[^\n]*)"
)
#: What IPython puts into a command: `{name}`, `$name` stand for values of the notebook.
_BRACED = re.compile(r"\{([A-Za-z_]\w*)\}")


_TIMED = re.compile(r"[ \t]*%(?:time|timeit|prun|memit)[ \t]+(?:-\w+(?:[ \t]+\d+)?[ \t]+)*([^\n-][^\n]*)")
_RUN = re.compile(
    r"[ \t]*%(?:(?:run|load|loadpy)[ \t]+(?:-\w+[ \t]+)*(https?://\S+)|alias[ \t]+\w+[ \t]+([^\n]+))"
)
_MAGIC_CALL = re.compile(
    r"\brun_(?:line|cell)_magic\(\s*['\"]((?:sx|system|bash|sh|!|script \w+|powershell|cmd))['\"]\s*,"
    r"\s*(?:['\"]['\"]\s*,\s*)?(['\"]{3}|['\"])(.{1,4000}?)\2",
    re.DOTALL,
)
_CALLS = 50


class Command(NamedTuple):
    """A text for a shell, and the line of the cell on which it begins, from 0."""

    line: int
    text: str
    dialect: Dialect


class Cell(NamedTuple):
    """A cell: `code` in its `language` (`python`, `js`, `ts`, `html`, empty for what is not read)."""

    language: str
    code: str
    commands: tuple[Command, ...] = ()


def cell(text: str, language: str) -> Cell:
    """Take a cell apart. Lines stay where they are; those that are no Python become `pass`."""
    if language in {"sh", "powershell"}:
        return Cell("", "", (Command(0, text, _SHELL_CELLS[language]),))
    if language != "python":
        return Cell(language, text)
    found = _CELL.match(text)
    if found is not None and found[1] in _GIVEN_CELLS | _FILE_CELLS:
        return _handed(text, found)
    if found is None or found[1] not in _OTHER_CELLS:
        shell = found is not None and found[1] in _SHELL_CELLS
        return _whole(text, found) if found is not None and shell else _lines(text, found)
    return Cell(_OTHER_CELLS[found[1]], _blank(text, found.end()))


def _handed(text: str, found: re.Match[str]) -> Cell:
    """Return a cell that another interpreter is given, or that becomes a file: a script is read as one."""
    body, name = text[found.end() :], found[2].split()[-1] if found[2].split() else "file"
    line = text.count("\n", 0, found.start(1))
    if found[1] in _FILE_CELLS and name.endswith((".sh", ".bash", ".command")):
        return Cell("", "", (Command(line, f"\n{body}", "sh"),))
    command = f"cat > '{name}'" if found[1] in _FILE_CELLS else f"{found[1]} -"
    return Cell("", "", (Command(line, f"{command} <<'{_END}'\n{body}\n{_END}", "sh"),))


def _blank(text: str, end: int) -> str:
    """Return a text without its begin; its lines stay where they are."""
    return "\n" * text.count("\n", 0, end) + text[end:]


def _whole(text: str, found: re.Match[str]) -> Cell:
    """Return a cell that is a script for a shell as a whole."""
    name, words = found[1], found[2].split()
    dialect = _SHELL_CELLS[name]
    if name == "script" and words:
        dialect = _SHELL_CELLS.get(words[0], "sh")
    first = found[2] if name in {"!", "sx", "system"} else ""
    return Cell(
        "", "", (Command(text.count("\n", 0, found.start(1)), f"{first}\n{text[found.end() :]}", dialect),)
    )


def _lines(text: str, magic: re.Match[str] | None) -> Cell:
    """Return a cell of Python without the lines that IPython alone understands."""
    if magic is not None:
        text = _blank(text, magic.end())
    rows = text.split("\n")
    commands: list[Command] = []
    number = 0
    while number < len(rows):
        match = _LINE.fullmatch(rows[number])
        first = number
        if match is not None:
            command = match["shell"] or match["rest"] or _started(rows[number])
            while rows[number].endswith("\\") and number + 1 < len(rows):
                number += 1
                command += "\n" + rows[number]
            timed = _TIMED.match(rows[first])
            said = timed[1] if timed is not None else "pass"
            rows[first : number + 1] = [f"{match['indent']}{said}", *[""] * (number - first)]
            if command:
                whole = f"{match['installer']} {command}" if match["installer"] else command
                commands.append(Command(first, _BRACED.sub(r"${\1}", whole), "sh"))
        number += 1
    return Cell("python", "\n".join(rows), (*commands, *_called(text)))


def _started(row: str) -> str:
    """Return what `%run ADDRESS` and `%alias NAME COMMAND` come to, for a shell."""
    found = _RUN.match(row)
    if found is not None:
        return f"python3 {found[1]}" if found[1] else found[2]
    return ""


def _called(text: str) -> Iterator[Command]:
    """Yield what the magics are given that are called as functions."""
    for found in itertools.islice(_MAGIC_CALL.finditer(text), _CALLS):
        dialect = _SHELL_CELLS.get(found[1].split()[0], "sh")
        yield Command(text.count("\n", 0, found.start()), found[3].replace("\\n", "\n"), dialect)
