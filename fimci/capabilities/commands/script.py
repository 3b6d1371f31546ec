"""The common form of a command text, whatever shell it was written for: statements, commands, words.

Nothing is evaluated here. What a word is at run time is found out by `fimci.capabilities.commands.folding`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias


class Text(NamedTuple):
    """Characters as they are after quotes and escapes; `quoted`: they are not split or expanded."""

    text: str
    quoted: bool = False


class Variable(NamedTuple):
    """The value of a variable, whole or changed by an operator (`:` slice, `/` replace, `#` trim)."""

    name: str
    operator: str = ""
    operands: tuple[str, ...] = ()
    quoted: bool = False


class Output(NamedTuple):
    """What commands print: `$(…)`, or the name of a file that holds it: `<(…)`."""

    statements: tuple[Statement, ...]
    file: bool = False


Part: TypeAlias = Text | Variable | Output
Word: TypeAlias = tuple[Part, ...]


Kind: TypeAlias = Literal["in", "out", "add", "text"]


class Redirect(NamedTuple):
    """`in` reads the file, `out` writes it, `add` writes at its end, `text` is what stands in the script.

    `number` is the descriptor that is written before it (`2` in `2>&1`).
    """

    kind: Kind
    word: Word
    number: str = ""


class Command(NamedTuple):
    """One simple command: variables set for it, program and arguments."""

    line: int
    text: str
    words: tuple[Word, ...] = ()
    assigned: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()


class Group(NamedTuple):
    """Statements that share their input and output: a loop, a branch, a subshell, the body of a function.

    `line` and `text` are those of its redirects.
    """

    statements: tuple[Statement, ...]
    redirects: tuple[Redirect, ...] = ()
    function: str = ""
    line: int = 0
    text: str = ""


Stage: TypeAlias = Command | Group


class Statement(NamedTuple):
    """Stages joined by pipes."""

    stages: tuple[Stage, ...]


def plain(text: str) -> Word:
    """Return a word that is a known text."""
    return (Text(text, quoted=True),)
