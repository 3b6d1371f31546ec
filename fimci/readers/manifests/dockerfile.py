"""`Dockerfile` and `Containerfile`: the images that a build starts from, copies from and is read by.

    FROM, COPY --from, RUN --mount=from       Package   unless it names a stage of the same file
    # syntax=                                 Package   the image of the program that reads the file

Variables are replaced by the defaults of `ARG` before the first `FROM`; what is left computed is a
name of its own. `scratch` is no image.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from fimci.marked.document import Malformed, text_of
from fimci.model import Package, Record, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import images, settings

_NAMES = ("Dockerfile", "Containerfile")
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S.*?)\s*")
_WORD = re.compile(r'"[^"]*"|\S+')
_HEREDOC = re.compile(r"(?<!<)<<-?([\"']?)([A-Za-z_]\w*)\1")
_FROM = re.compile(r"(?:^|,)from=([^,]+)")


class _Instruction(NamedTuple):
    line: int
    keyword: str
    words: list[str]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Tell whether a builder would take this file: `Dockerfile`, `Dockerfile.dev`, `dev.Dockerfile`."""
    name = path.rpartition("/")[2]
    return name.startswith(_NAMES) or name.endswith((".Dockerfile", ".dockerfile", ".Containerfile"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` for each use of an image."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    lines = settings.lines(text)
    directives = _directives(lines)
    yield from settings.bounded(path, _images(path, lines, directives))


def _directives(lines: list[str]) -> dict[str, tuple[str, int]]:
    """Return the directives of the parser, which stand before anything else."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None and not (number == 1 and line.startswith("#!")):
            break
        if directive is not None:
            found.setdefault(directive[1].lower(), (directive[2], number))
    return found


def _images(
    path: str, lines: list[str], directives: dict[str, tuple[str, int]]
) -> Iterator[Package | Unread]:
    used: Counter[str] = Counter()
    if "syntax" in directives:
        yield _image(path, directives["syntax"][0], directives["syntax"][1], lines, used)
    stages: set[str] = set()
    values: dict[str, str] = {}
    count = 0
    for instruction in _instructions(lines, directives.get("escape", ("\\", 0))[0]):
        keyword, words, line = instruction.keyword, instruction.words, instruction.line
        if keyword == "ARG" and not count:
            values.update(_defaults(words, values))
        elif keyword == "FROM":
            count += 1
            named = [word for word in words if not word.startswith("--")]
            base = images.substituted(named[0], values) if named else ""
            if not base:
                yield Unread(path=path, part=f"line {line}", why="FROM names no image", line=line)
            elif base.lower() not in stages and base != "scratch":
                yield _image(path, base, line, lines, used)
            if len(named) > 2 and named[1].upper() == "AS":  # noqa: PLR2004  (image AS stage)
                stages.add(named[2].lower())
        else:
            for source in _sources(words):
                other = images.substituted(source, values)
                if other.lower() not in stages and not other.isdigit() and other != "scratch":
                    yield _image(path, other, line, lines, used)


def _sources(words: list[str]) -> Iterator[str]:
    """Yield what the flags of an instruction copy or mount from: a stage, its number, or an image."""
    for word in words:
        if not word.startswith("--"):
            return
        if word.startswith("--from="):
            yield word.removeprefix("--from=")
        elif word.startswith("--mount="):
            yield from _FROM.findall(word.removeprefix("--mount="))


def _defaults(words: list[str], values: dict[str, str]) -> dict[str, str]:
    pairs = (word.partition("=") for word in words if "=" in word)
    return {key: images.substituted(value.strip("\"'"), values) for key, _, value in pairs}


def _image(path: str, text: str, line: int, lines: list[str], used: Counter[str]) -> Package:
    name = images.name(text)
    used[name] += 1
    at = settings.place(path, line, lines[line - 1].strip())
    return images.image(text, f"{path}#{name}[{used[name]}]", at)


def _instructions(lines: list[str], escape: str) -> Iterator[_Instruction]:
    """Yield the instructions: lines that end with the escape go on, here-documents are stepped over."""
    held: list[str] = []
    start = 0
    awaited: list[str] = []
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if awaited:
            if line == awaited[0]:
                awaited.pop(0)
            continue
        if not line or line.startswith("#"):
            continue
        start = start if held else number
        if line.endswith(escape):
            held.append(line[: -len(escape)])
            continue
        instruction = _instruction(start, " ".join([*held, line]))
        held = []
        if instruction.keyword in {"RUN", "COPY", "ADD"}:
            awaited = [found[1] for found in _HEREDOC.findall(" ".join(instruction.words))]
        yield instruction
    if held:
        yield _instruction(start, " ".join(held))


def _instruction(line: int, text: str) -> _Instruction:
    words = _WORD.findall(text)
    if words and words[0].upper() == "ONBUILD":
        words = words[1:]
    return _Instruction(line, words[0].upper() if words else "", words[1:])
