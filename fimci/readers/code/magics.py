"""Shared by this room: what of a cell of a notebook is Python, and what it hands to something else.

    !command, name = !command, !!command     a shell; also `%sx`, `%system`, `%pip`, `%conda`, `%uv`
    %%bash, %%sh, %%cmd, %%powershell        the whole cell; also `%%script bash`, `%%!`, `%%sx`
    %%javascript, %%js, %%html, %%svg        the whole cell
    %%time, %%capture, %%prun, %%px, ...     Python, as the rest of the cell is

https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import re
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
    **dict.fromkeys(
        ("markdown", "latex", "writefile", "file", "sql", "R", "ruby", "perl", "julia", "cython"), ""
    ),
}
_CELL = re.compile(r"\s*%%(!|\w+)[ \t]*([^\n]*)(?:\n|\Z)")
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:[\w, \t]{1,80}=[ \t]*)?"
    r"(?:!!?(?P<shell>[^=\n][^\n]*)"
    r"|%(?:sx|system|(?P<installer>pip|conda|mamba|uv))[ \t]+(?P<rest>[^\n]+)|%\w[^\n]*)"
)
#: What IPython puts into a command: `{name}`, `$name` stand for values of the notebook.
_BRACED = re.compile(r"\{([A-Za-z_]\w*)\}")


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
    if found is None or found[1] not in _OTHER_CELLS:
        shell = found is not None and found[1] in _SHELL_CELLS
        return _whole(text, found) if found is not None and shell else _lines(text, found)
    return Cell(_OTHER_CELLS[found[1]], _blank(text, found.end()))


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
            command = match["shell"] or match["rest"] or ""
            while rows[number].endswith("\\") and number + 1 < len(rows):
                number += 1
                command += "\n" + rows[number]
            rows[first : number + 1] = [f"{match['indent']}pass", *[""] * (number - first)]
            if command:
                whole = f"{match['installer']} {command}" if match["installer"] else command
                commands.append(Command(first, _BRACED.sub(r"${\1}", whole), "sh"))
        number += 1
    return Cell("python", "\n".join(rows), tuple(commands))
