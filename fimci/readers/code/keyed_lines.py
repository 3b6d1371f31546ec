"""Commands under keys of YAML that no parser reads: templates of Helm, recipes with Jinja. No reader itself.

A key is known by its line, what belongs to it by how far it is indented; expressions in `{{ … }}` stay where
they are, and lines that hold nothing else are left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from fimci.model import Phase
from fimci.readers.code import told

_KEY = re.compile(r"([ \t]*(?:-[ \t]+)*)[\"']?([\w.:-]{1,60})[\"']?:(?:[ \t]+(.*))?$")
#: A list of words behind a key between braces.
_INLINE = re.compile(r"[{,][ \t]{0,9}[\"']?([\w.:-]{1,60})[\"']?:[ \t]{0,9}(\[[^\]\[]{1,4000}\])")
_OPTION = re.compile(r"-[a-z]{0,5}c")
_BLOCK = re.compile(r"(?:[&!]\S*[ \t]+)*[|>][-+0-9]{0,2}[ \t]*(?:#.*)?$")
_EXPRESSION = re.compile(r"[ \t]*(?:-[ \t]+)?(?:\{\{-?[^{}]*-?\}\}|\{%-?[^{}]*-?%\})[ \t]*$")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)$")
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^']|'')*)'|([^\s,\[\]\"'][^,\[\]]*)")
#: Letters of a line.
_LONG = 20_000


def texts(text: str, keys: Collection[str], phase: Phase) -> Iterator[told.Text]:
    """Yield the commands under keys; those that stand there as a list of words are one."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at][:_LONG]
        at += 1
        for inner in _INLINE.finditer(line) if "{" in line else ():
            if inner[1] in keys:
                yield told.Text(_command(_words(inner[2])), at, phase=phase, folded=True)
        found = _KEY.match(line)
        if found is None or found[2] not in keys:
            continue
        value, start = (found[3] or "").strip(), at
        if _BLOCK.match(value):
            held = _deeper(lines, at, len(found[1]))
            at += len(held)
            yield told.Text("\n".join(_shown(held)), start + 1, phase=phase, released=told.releases(found[2]))
        elif value:
            yield told.Text(_command(_words(value)), start, phase=phase, folded=True)
        else:
            held = _deeper(lines, at, len(found[1].rstrip("- \t")), items=True)
            at += len(held)
            yield told.Text(_listed(held), start, phase=phase, folded=True)


def _deeper(lines: list[str], at: int, indent: int, *, items: bool = False) -> list[str]:
    """Return the lines from one on that stand further to the right, or are items of a list beside a key."""
    held: list[str] = []
    for number in range(at, len(lines)):
        line = lines[number]
        bare = line.lstrip(" \t")
        depth = len(line) - len(bare)
        beside = items and depth == indent and bare.startswith("- ")
        if bare and depth <= indent and not beside and not _EXPRESSION.match(line):
            break
        held.append(line[:_LONG])
    return held


def _shown(held: list[str]) -> list[str]:
    return ["" if _EXPRESSION.match(line) else line for line in held]


def _listed(held: list[str]) -> str:
    """Return the items of a list as one command, those of blocks whole."""
    words: list[str] = []
    block: list[str] | None = None
    for line in _shown(held):
        item = _ITEM.match(line)
        if item is not None and _BLOCK.match(item[1]):
            block = []
            words.append("")
        elif item is not None:
            block = None
            words.append(" ".join(_words(item[1])) if item[1][:1] in {'"', "'"} else item[1])
        elif block is not None:
            block.append(line.strip())
            words[-1] = "\n".join(block)
    return _command([*words[:1], *("'" + word.replace("'", "'\\''") + "'" for word in words[1:])])


def _command(words: list[str]) -> str:
    """Return words as one command; where it begins with the option of a shell, that is the program."""
    return " ".join(("sh", *words) if words and _OPTION.fullmatch(words[0]) else words)


def _words(value: str) -> list[str]:
    """Return the words of a list in brackets, the first bare; or one text without its quotes."""
    if not value.startswith("["):
        found = _WORD.match(value)
        quoted = found is not None and (found[1] is not None or found[2] is not None)
        return [_plain(found)] if found is not None and quoted else [value]
    words = [_plain(found) for found in _WORD.finditer(value)]
    return [*words[:1], *("'" + word.replace("'", "'\\''") + "'" for word in words[1:])]


def _plain(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    return found[2].replace("''", "'") if found[2] is not None else found[3].strip()
