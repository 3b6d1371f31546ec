"""Commands of package managers in text: what is run, with which options and variables.

Shared by the readers of this room, and no reader itself. Lines are read as a shell would, roughly: joined
at a closing backslash, cut at `;`, `&` and `|`, words without their quotes. YAML, Dockerfiles and
Makefiles need no parser of their own for that: what stands before the name of the client (`run:`, `RUN`,
`@`, `sudo`) is passed over. What is computed at run time stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: Package managers by how their options are called.
FAMILIES = {
    **dict.fromkeys(("pip", "pip3", "pipx", "uv", "uvx"), "python"),
    **dict.fromkeys(("npm", "npx", "yarn", "pnpm", "pnpx", "bun", "bunx"), "node"),
    "go": "go",
}
_LINE_LIMIT = 16_384
_WORD = re.compile(r"(?:[^\s\"';&|]|\"[^\"]*\"?|'[^']*'?)+|[;&|]+")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
#: `NAME: value` in YAML, `ENV NAME value` in a Dockerfile.
_DECLARED = re.compile(
    r"(?:-\s+)?(?:(?P<yaml>[A-Z][A-Z0-9_]+|p?npm_config_\w+):|ENV\s+(?P<docker>[A-Z][A-Z0-9_]+|p?npm_config_\w+))\s+(?P<value>\S.*)"
)


#: What stands between and around the words of a command that is given as a list: `["pip", "install"]`.
_LISTED = re.compile(r"(?<=[\"'])\s{0,9},\s{0,9}(?=[\"'])|\[(?=[\"'])|(?<=[\"'])\]")


class Command(NamedTuple):
    """One call of a package manager."""

    line: int
    client: str
    words: tuple[str, ...]
    #: Variables that are set for it alone.
    variables: tuple[tuple[str, str], ...]

    @property
    def verb(self) -> str:
        """Return the first word that is no option: `install`."""
        return next((word for word in self.words if not word.startswith("-")), "")

    def options(self) -> Iterator[tuple[str, str]]:
        """Yield name and value of every long option, and of `-i` and `-f`; without a value it is empty.

        A word after an option may be its value or not: who knows the option knows which.
        """
        for at, word in enumerate(self.words):
            if word.startswith("-"):
                name, equals, value = word.partition("=")
                after = self.words[at + 1] if at + 1 < len(self.words) else ""
                yield name, value if equals else "" if after.startswith("-") else after


class Variable(NamedTuple):
    """A variable of the environment that is set for what follows."""

    line: int
    name: str
    value: str


def found(lines: Sequence[str]) -> Iterator[Command | Variable]:
    """Yield the commands of package managers and the variables that are set, in order."""
    for number, text in _logical(lines):
        declared = _DECLARED.fullmatch(text.strip())
        if declared is not None:
            name = declared["yaml"] or declared["docker"]
            yield Variable(number, name, _unquoted(declared["value"]).lstrip("="))
        for words in _simple_commands(text):
            yield from _read(number, words)


def _logical(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Join lines that end with a backslash, and lines of options alone to the one before; skip comments."""
    held: list[str] = []
    start = size = 0
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if held and not (held[-1].endswith("\\") or line.startswith("--")):
            yield start, _joined(held)
            held, size = [], 0
        start = start if held else number
        if size < _LINE_LIMIT:
            held.append(line[:_LINE_LIMIT])
        size += len(line)
    if held:
        yield start, _joined(held)


def _joined(lines: list[str]) -> str:
    return " ".join(line.removesuffix("\\") for line in lines)


def _simple_commands(text: str) -> Iterator[list[str]]:
    words: list[str] = []
    for word in _WORD.findall(_LISTED.sub(" ", text)):
        if word[0] in ";&|":
            yield words
            words = []
        elif word.startswith("#"):
            break
        else:
            words.append(_unquoted(word))
    yield words


def _read(number: int, words: list[str]) -> Iterator[Command | Variable]:
    variables: list[tuple[str, str]] = []
    for at, word in enumerate(words):
        assigned = _ASSIGNED.fullmatch(word)
        if assigned is not None:
            variables.append((assigned[1], assigned[2]))
        name = word.rpartition("/")[2].lstrip("@(`$")
        if name in FAMILIES and word[:1] != "-":
            yield Command(number, name, tuple(words[at + 1 :]), tuple(variables))
            return
    yield from (Variable(number, name, value) for name, value in variables)


def _unquoted(word: str) -> str:
    return re.sub(r"[\"']", "", word)
