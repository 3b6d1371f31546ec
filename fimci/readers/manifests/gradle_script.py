"""Scripts of Gradle: where a build takes packages from, and which scripts it loads, by their words alone.

A script is a program, of which nothing is run. What is written plainly is read: blocks by the words that open
them, statements line by line. An address that is computed is told by the words that compute it.

    gradle.repositories.URL, gradle.plugins.URL        Setting   for the build, and for what builds it
    gradle.repositories.computed.WORDS                 Setting
    gradle.repositories.local.FOLDER                   Setting   `mavenLocal()` and folders
    gradle.publish.URL, gradle.apply.URL               Setting
    gradle.insecure.allowInsecureProtocol              Setting
    implementation("group:name:version")               Package   `manifest`
    gradle.floating.GROUP/NAME                         Setting   a version that is another one tomorrow

https://docs.gradle.org/current/userguide/declaring_repositories_basics.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from fimci.marked.document import Malformed, text_of
from fimci.model import Package, Record
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_SUFFIXES = (".gradle", ".gradle.kts")
#: One of these is in every script that has something to tell.
_MARKS = ("repositories", "dependencies", "apply")
#: A text in one quote ends with its line, so that a stray quote hides nothing below.
_TOKEN = re.compile(
    r"(?P<space>[ \t\f\r]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)"
    r"|(?P<long>\"\"\"(?:[^\"]|\"(?!\"\"))*(?:\"\"\")?|'''(?:[^']|'(?!''))*(?:''')?)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?)"
    r"|(?P<word>[A-Za-z_][\w]*)|(?P<end>[\n;])|(?P<other>.)",
    re.DOTALL,
)
_MODULE = re.compile(r"([\w.-]+):([\w.-]+)(?::([^:@\s]+))?(?::[\w.-]+)?(?:@\w+)?")
#: A version that is another one tomorrow.
_FLOATING = re.compile(r".*\+|latest\..*|.*-SNAPSHOT|[\[(\]].*,.*[\])\[]", re.DOTALL)
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")
_REPOSITORIES = frozenset(("maven", "ivy"))
_ADDRESS = frozenset(("artifactUrls", "setUrl", "url"))
#: Words around an address that compute nothing.
_PLAIN = (
    _ADDRESS | _REPOSITORIES | frozenset(("URI", "create", "java", "net", "repositories", "toURI", "uri"))
)
_INSECURE = frozenset(("allowInsecureProtocol", "isAllowInsecureProtocol", "setAllowInsecureProtocol"))
_PUBLISHING = ("publish", "upload")
#: Blocks around a statement whose words count; words of one that are kept.
_DEEPEST, _LONGEST = 12, 60
#: Blocks in which packages are asked for.
_ASKING = frozenset(("constraints", "dependencies"))
_BUILDING = frozenset(("buildscript", "pluginManagement"))


class _Statement(NamedTuple):
    """The words around a statement and right before it, its own, its texts, all as written, and its line."""

    around: frozenset[str]
    within: frozenset[str]
    words: tuple[str, ...]
    texts: tuple[str, ...]
    written: str
    line: int


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want every script of Gradle."""
    return path.endswith(_SUFFIXES)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what a script says plainly of places and packages."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    if any(mark in text for mark in _MARKS):
        yield from settings.bounded(path, _facts(path, text))


def _facts(path: str, text: str) -> Iterator[Record]:
    told: set[str] = set()
    taken: Counter[str] = Counter()
    for one in _statements(text):
        for name in _settings(one):
            if name not in told:
                told.add(name)
                yield settings.setting(path, f"gradle.{name}", "true", one.line)
        if one.within & _ASKING:
            for found in filter(None, map(_MODULE.fullmatch, one.texts)):
                package = _package(path, found, one.line, taken)
                yield package
                if _FLOATING.fullmatch(found[3] or ""):
                    name = package.place.rpartition("#dependencies/")[2]
                    yield settings.setting(path, f"gradle.floating.{name}", found[3], one.line)


def _settings(one: _Statement) -> Iterator[str]:
    """Yield the names of what a statement switches on."""
    first = one.words[0] if one.words else ""
    inside = one.around | frozenset(one.words)
    if first == "apply" and "from" in one.words:
        yield from (f"apply.{text}" for text in one.texts if "://" in text)
    if "repositories" not in inside:
        return
    kind = "plugins" if inside & _BUILDING else "repositories"
    if any(part in word.lower() for word in inside for part in _PUBLISHING):
        kind = "publish"
    if "mavenLocal" in one.words and kind != "publish":
        yield f"{kind}.local.mavenLocal"
    elif "flatDir" in inside:
        yield from (f"{kind}.local.{text}" for text in one.texts)
    elif _INSECURE & frozenset(one.words) and "true" in one.words:
        yield "insecure.allowInsecureProtocol"
    elif (first in _ADDRESS and inside & _REPOSITORIES) or (
        _REPOSITORIES & frozenset(one.words) and one.texts
    ):
        yield from _addressed(one, kind)


def _addressed(one: _Statement, kind: str) -> Iterator[str]:
    if not one.texts or not frozenset(one.words) <= _PLAIN:
        yield f"{kind}.computed.{one.written[:200]}"
        return
    for text in one.texts:
        local = "://" not in text or text.startswith("file:")
        yield f"{kind}.{'local.' if local and not text.startswith('$') else ''}{text}"


def _package(path: str, found: re.Match[str], line: int, taken: Counter[str]) -> Package:
    name = f"{found[1]}/{found[2]}"
    taken[name] += 1
    number = f" ({taken[name]})" if taken[name] > 1 else ""
    return Package(
        ecosystem="maven",
        name=name,
        place=f"{path}#dependencies/{name}{number}",
        stated_by="manifest",
        version=found[3],
        origin_kind="registry",
        origin=None,
        at=settings.place(path, line, found[0]),
    )


class _State(NamedTuple):
    """The blocks that are open, and the statement that is read."""

    blocks: list[frozenset[str]]
    words: list[str]
    texts: list[str]
    written: list[str]


def _statements(text: str) -> Iterator[_Statement]:
    """Yield statements: each ends with its line, or where its block is opened or closed."""
    state = _State([], [], [], [])
    depth, line, began, ended = 0, 1, 1, False
    for found in _TOKEN.finditer(text):
        kind, value, here = found.lastgroup, found[0], line
        line += value.count("\n")
        if kind == "space":
            continue
        if kind == "end":
            ended = ended or not depth
            continue
        # What opens a block may stand on the next line.
        if value == "}" or (ended and value != "{"):
            yield from _done(state, began)
            depth = 0
        ended = False
        if value == "{":
            words = frozenset(state.words[:_LONGEST])
            yield from _done(state, began)
            state.blocks.append(words)
            depth = 0
        elif value == "}":
            del state.blocks[-1:]
        else:
            if not state.written:
                began = here
            depth += (value in _OPENING) - (value in _CLOSING and depth > 0)
            _take(state, kind or "", value)
    yield from _done(state, began)


def _take(state: _State, kind: str, value: str) -> None:
    state.written.append(value)
    if kind == "word":
        state.words.append(value)
    elif kind in {"text", "long"}:
        quotes = 3 if kind == "long" else 1
        state.texts.append(value[quotes:].removesuffix(value[:quotes]))


def _done(state: _State, line: int) -> Iterator[_Statement]:
    """Yield the statement that ended, and forget it."""
    if state.written:
        around = frozenset(word for block in state.blocks[-_DEEPEST:] for word in block)
        within = state.blocks[-1] if state.blocks else frozenset()
        yield _Statement(around, within, tuple(state.words), tuple(state.texts), "".join(state.written), line)
    for part in (state.words, state.texts, state.written):
        part.clear()
