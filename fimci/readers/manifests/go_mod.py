"""`go.mod` and `go.work`: which versions a build takes, and what stands in for a module.

From Go 1.17 on, `go.mod` lists every module that a build needs, so each `require` is a pin; the ones
that are not marked `// indirect` are also what the project itself asks for.

    require                          Package   `lock`, and `manifest` where it is direct
    replace.MODULE[@VERSION]         Setting   another module and version, or a path
    exclude.MODULE@VERSION           Setting
    go, toolchain, godebug.KEY, tool.PATH, use.FOLDER      Setting

https://go.dev/ref/mod#go-mod-file
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.excerpts import EXCERPT
from fimci.model import UNSTATED, Package, Place, Record, Unread
from fimci.readers.manifests import settings

#: A quote that nothing closes goes on to the end of the line, so that no text is tried twice.
_TOKEN = re.compile(
    r'"((?:[^"\\\n]|\\.)*)(?:"|$|\\)|`([^`\n]*)(?:`|$)|(//.*)|(=>|[(),\[\]])|((?:(?!//)[^\s"`(),\[\]])+)'
)
_INDIRECT = re.compile(r"//\s*indirect(?:;|\s|$)")
_PLAIN = frozenset({"go", "toolchain"})
#: Of no concern to who uses the file: its own name, and which of its own releases are bad.
_IDLE = frozenset({"module", "retract", "ignore"})


class _Directive(NamedTuple):
    """One line of a file, its verb taken from the block in which it stands."""

    verb: str
    words: list[str]
    line: int
    indirect: bool


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the files of modules and workspaces."""
    return path.rpartition("/")[2] in {"go.mod", "go.work"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the requirements and switches of a module or workspace."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    for directive in _directives(text):
        records = list(_records(path, directive))
        if not records and directive.verb not in _IDLE:
            why = f"a line that go would not understand: {directive.verb[:80]}"
            yield Unread(path=path, part=f"line {directive.line}", why=why, line=directive.line)
        yield from records


def _directives(text: str) -> Iterator[_Directive]:
    block = ""
    for number, line in enumerate(text.split("\n"), 1):
        words, comment = _words(line)
        if block and words == [")"]:
            block = ""
        elif not block and words[1:] == ["("]:
            block = words[0]
        elif words:
            verb, rest = (block, words) if block else (words[0], words[1:])
            yield _Directive(verb, rest, number, _INDIRECT.match(comment) is not None)


def _words(line: str) -> tuple[list[str], str]:
    """Return the words of a line, unquoted, and its comment."""
    words: list[str] = []
    for quoted, raw, comment, mark, bare in _TOKEN.findall(line):
        if comment:
            return words, comment
        words.append(re.sub(r"\\(.)", r"\1", quoted) or raw or mark or bare)
    return words, ""


def _records(path: str, directive: _Directive) -> Iterator[Record]:
    verb, words, line, _ = directive
    if verb == "require" and len(words) == 2:  # noqa: PLR2004  (module and version)
        yield from _required(path, directive)
    elif verb == "replace" and "=>" in words:
        arrow = words.index("=>")
        old, new = "@".join(words[:arrow]), "@".join(words[arrow + 1 :])
        yield settings.setting(path, f"replace.{old}", new, line)
    elif verb in _PLAIN and len(words) == 1:
        yield settings.setting(path, verb, words[0], line)
    elif verb == "exclude" and words:
        yield settings.setting(path, f"exclude.{'@'.join(words)}", "true", line)
    elif verb in {"tool", "use"} and len(words) == 1:
        yield settings.setting(path, f"{verb}.{words[0]}", "true", line)
    elif verb == "godebug" and words:
        name, _, value = " ".join(words).partition("=")
        yield settings.setting(path, f"godebug.{name}", value, line)


def _required(path: str, directive: _Directive) -> Iterator[Package]:
    name, version = directive.words
    at = Place(path, directive.line, f"{name} {version}"[:EXCERPT])
    pin = Package(
        ecosystem="golang",
        name=name,
        place=f"{path}#require/{name}",
        stated_by="lock",
        version=version,
        origin_kind="registry",
        origin=None,
        integrity=UNSTATED,
        at=at,
    )
    yield pin
    if not directive.indirect:
        yield Package(
            ecosystem="golang",
            name=name,
            place=f"{path}#direct/{name}",
            stated_by="manifest",
            version=version,
            origin_kind="registry",
            origin=None,
            at=at,
        )
