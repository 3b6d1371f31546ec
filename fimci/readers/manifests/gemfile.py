"""`Gemfile` (and `gems.rb`) as text: what can be told of a Ruby program without running it.

Read are statements whose first word is one of Bundler's and whose first argument is a plain string.
What a program computes, nobody knows before it runs: a source or gem that is computed is unread.

    gem                     Package   `git:`, `path:` and enclosing blocks give its origin
    sources.URL             Setting   `global`, or `block` where only the gems in it come from there
    plugins.NAME            Setting
    eval_gemfile.PATH       Setting

https://bundler.io/man/gemfile.5.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.excerpts import without_credentials
from fimci.marked.document import Malformed, text_of
from fimci.model import OriginKind, Package, Record, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

#: One that nothing closes goes on to the end of the line, so that no text is tried twice.
_STRING = r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
_COMMENT = re.compile(rf"((?:{_STRING}|[^#\"'\n])*)(?:#.*)?")
_CALL = re.compile(r"(gem|source|git|github|path|plugin|eval_gemfile)\b[ \t(]*(.*)", re.DOTALL)
_FIRST = re.compile(rf"({_STRING})")
_KEYWORD = re.compile(rf"(?:\b(\w+):|:(\w+)\s*=>)\s*({_STRING})")
_KEY = re.compile(r"\b\w+:(?!:)|:\w+\s*=>")
_OPENS = re.compile(r"\bdo(?:\s*\|[^|]*\|)?$|^(?:if|unless|case|while|until|begin|def|for)\b")
_SOURCES: dict[str, OriginKind] = {
    "git": "git",
    "github": "git",
    "gist": "git",
    "bitbucket": "git",
    "path": "directory",
}
_ASKED = ("branch", "ref", "tag")
_QUOTES = 2
#: Lines that one statement may go over.
_JOINED = 50


class _Statement(NamedTuple):
    line: int
    text: str


class _Call(NamedTuple):
    """A call of one of Bundler's words with a literal first argument."""

    word: str
    first: str
    versions: list[str]
    keywords: dict[str, str]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the manifests of Bundler."""
    return path.rpartition("/")[2] in {"Gemfile", "gems.rb"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the gems and sources that are written down as such."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from settings.bounded(path, _facts(path, text.replace("\r\n", "\n")))


def _facts(path: str, text: str) -> Iterator[Record]:
    blocks: list[_Call | None] = []
    names: dict[str, int] = {}
    for statement in _statements(text):
        if re.match(r"end\b", statement.text):
            blocks[-1:] = []
            continue
        word = _CALL.match(statement.text)
        call = _called(statement.text)
        if word is not None and call is None and not re.match(r"\s*[=.]", word[2]):
            part = f"line {statement.line}"
            yield Unread(path=path, part=part, why=f"a {word[1]} that is computed", line=statement.line)
        opens = _OPENS.search(statement.text) is not None
        if call is not None:
            within = next((block for block in reversed(blocks) if block is not None), None)
            yield from _records(path, statement.line, call, within, names, opens=opens)
        if opens:
            blocks.append(call if call is not None and call.word != "gem" else None)


def _statements(text: str) -> Iterator[_Statement]:
    """Yield the lines without comments, those that go on in the next one joined."""
    held, start, count = "", 0, 0
    for number, raw in enumerate(text.split("\n"), 1):
        found = _COMMENT.match(raw)
        # A quote that nothing closes belongs to something else than a string: all of it stays.
        line = (found[1] if found is not None and found.end() == len(raw) else raw).strip()
        held, start = (f"{held} {line}", start) if held else (line, number)
        count += 1
        if line.endswith((",", "\\", "(", "=>")) and count < _JOINED:
            continue
        if held:
            yield _Statement(start, held)
        held, count = "", 0
    if held:
        yield _Statement(start, held)


def _called(text: str) -> _Call | None:
    word = _CALL.match(text)
    first = _FIRST.match(word[2]) if word is not None else None
    if word is None or first is None or len(first[1]) < _QUOTES or first[1][0] != first[1][-1]:
        return None
    if first[1][0] == '"' and "#{" in first[1]:
        return None
    rest = word[2][first.end() :]
    key = _KEY.search(re.sub(_STRING, lambda found: "s" * len(found[0]), rest))
    plain = rest[: key.start()] if key is not None else rest
    keywords = {one or other: value[1:-1] for one, other, value in _KEYWORD.findall(rest)}
    return _Call(word[1], first[1][1:-1], [found[1:-1] for found in re.findall(_STRING, plain)], keywords)


def _records(  # noqa: PLR0913  (one statement, and what surrounds it)
    path: str, line: int, call: _Call, within: _Call | None, names: dict[str, int], *, opens: bool
) -> Iterator[Record]:
    if call.word == "gem":
        names[call.first] = names.get(call.first, 0) + 1
        yield _gem(path, line, call, within, names[call.first])
    elif call.word == "source":
        value = "block" if opens else "global"
        yield settings.setting(path, f"sources.{without_credentials(call.first)}", value, line)
    elif call.word == "plugin":
        origin = _origin(call)[1] or call.keywords.get("source") or "true"
        yield settings.setting(path, f"plugins.{call.first}", origin, line)
    elif call.word == "eval_gemfile":
        yield settings.setting(path, f"eval_gemfile.{call.first}", "true", line)


def _gem(path: str, line: int, call: _Call, within: _Call | None, number: int) -> Package:
    """Return a requirement; the n-th of a name that several branches of the program require."""
    kind, origin = _origin(call)
    if kind == "registry" and within is not None:
        # A block `git URL do` says of each gem in it what `git: URL` would.
        kind, origin = _origin(_Call("gem", "", [], {**within.keywords, within.word: within.first}))
    version = ", ".join(call.versions)
    return Package(
        ecosystem="gem",
        name=call.first,
        place=f"{path}#gems/{call.first}{f'[{number}]' if number > 1 else ''}",
        stated_by="manifest",
        version=version,
        origin_kind=kind,
        origin=origin,
        at=settings.place(
            path, line, without_credentials(f"gem {call.first} {version} {origin or ''}".rstrip())
        ),
    )


def _origin(call: _Call) -> tuple[OriginKind, str | None]:
    word = next((word for word in _SOURCES if word in call.keywords), "")
    if not word:
        source = call.keywords.get("source")
        return "registry", without_credentials(source) if source else None
    value = call.keywords[word]
    if word == "path":
        return "directory", value
    url = {
        "github": f"https://github.com/{value}.git",
        "bitbucket": f"https://bitbucket.org/{value}.git",
    }.get(word, value)
    asked = "&".join(f"{key}={call.keywords[key]}" for key in _ASKED if key in call.keywords)
    return "git", without_credentials(f"{url}?{asked}" if asked else url)
