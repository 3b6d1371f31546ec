"""`binding.gyp`: npm runs `node-gyp rebuild` for a package that has one, without being asked.

It does so unless the package has a `preinstall` or `install` script or says `"gypfile": false`.
What then runs on the shell are command expansions (`<!(node setup.js)`, the way of the Phantom Gyp
worm, June 2026), actions and postbuild steps. GYP hands the file to Python's `eval`, so that an
expression in it is code as well. Sources and flags are not the business of this reader: they change
with every release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Capability, Record
from fimci.readers.manifests import settings

_TOKEN = re.compile(
    r"(?P<blank>\s+|#[^\n]*)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*"|'
    r"'(?:[^'\\\n]|\\.)*')"
    r"|(?P<mark>[\[\]{}:,])"
    r"|(?P<number>-?[0-9]+|True|False|None)\b"
    r"|(?P<code>[^\s\[\]{}:,\"'#]+|[\"'])",
    re.DOTALL,
)
_EXPANSION = re.compile(r"[<>^]\|?!@?\(")
#: The key of a command line, in an action, a rule or a postbuild step, with suffixes for merging.
_COMMAND = re.compile(r"action[+=?!]?")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether GYP would read this: the file that npm looks for, or one that it may include."""
    return path.endswith((".gyp", ".gypi"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the implicit install script. Its detail is what would run beside the compiler."""
    found = list(_commands(data.decode("utf-8", "surrogateescape")))
    if not found and path.rpartition("/")[2] != "binding.gyp":
        return
    commands = list(dict.fromkeys(command for command, _ in found))
    yield Capability(
        path=path,
        name="install-script",
        subject="node-gyp rebuild",
        phase="install",
        detail="; ".join(commands),
        at=settings.place(path, found[0][1] if found else 1, commands[0] if commands else "node-gyp rebuild"),
    )


def _commands(text: str) -> Iterator[tuple[str, int]]:
    """Yield what would run, with its line, in the order of the file."""
    found = list(_tokens(text))
    for index, (kind, value, line) in enumerate(found):
        if kind == "code":
            yield f"evaluated as Python: {value}", line
        elif kind == "string" and _EXPANSION.search(value):
            yield value, line
        elif kind == "string" and _COMMAND.fullmatch(value):
            words = list(_words(found, index + 1))
            if words:
                yield " ".join(words), line


def _words(found: list[tuple[str, str, int]], index: int) -> Iterator[str]:
    """Yield the strings of the list that follows a key, up to its end."""
    if [mark for _, mark, _ in found[index : index + 2]] != [":", "["]:
        return
    index += 2
    while index < len(found) and (found[index][0] == "string" or found[index][1] == ","):
        if found[index][0] == "string":
            yield found[index][1]
        index += 1


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield kind, text and line. Strings side by side are one, as in Python, on the line of the first."""
    line = 1
    strings: list[str] = []
    begun = line
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "string":
            begun = begun if strings else line
            strings.append(found[0][1:-1])
        elif kind != "blank":
            if strings:
                yield "string", "".join(strings), begun
                strings = []
            yield kind, found[0], line
        line += found[0].count("\n")
    if strings:
        yield "string", "".join(strings), begun
