"""Commands in the files of builds, editors, clusters and tools that keep them as texts under keys.

    .gitlab-ci.yml, .travis.yml, azure-pipelines.yml, …     `script`, `run`, `command`, …; `install`
    compose.yaml, Taskfile.yml, vercel.json, devbox.json    the same; `call`
    package.json, composer.json, .lintstagedrc.json         hooks and scripts; `call`
    pyproject.toml, mise.toml, tox.toml                     scripts of task runners; `call`
    manifests of a cluster, plays of Ansible, user data     `command` with `args`, `script`, …; `call`

Which keys hold commands is known by their names (`command_keys`), wherever they stand; a list of texts is one
script, or one command. What is YAML only once a template is filled in is read line by line (`keyed_lines`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.capabilities.commands.state import Dialect
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Phase, Record
from fimci.readers import commented
from fimci.readers.code import command_keys, keyed_lines, told
from fimci.readers.code.command_keys import Kind
from fimci.readers.documents import unparsed

_LIMIT, _DEEPEST = 1 << 20, 20
_ENDINGS = (".yml", ".yaml", ".json")
_DIALECTS: dict[str, Dialect] = dict.fromkeys(
    ("powershell", "pwsh", "ps", "win_shell", "ansible.windows.win_shell", "win_powershell"), "powershell"
)
#: Files with readers of their own, which tell what is no such document.
_TOLD = ("package.json", "composer.json", "pyproject.toml", "Pipfile", "deno.json", "deno.jsonc", "mise.toml")
#: A list that begins with one of these is a single command, word by word.
_PROGRAM = re.compile(
    r"(?:\S{0,200}/)?(?:(?:ba|da|z|a)?sh|cmd|env|node|perl|powershell|pwsh|python\d?|ruby|busybox|tini|dumb-init)(?:\.exe)?"
)
#: What a shell that is the program of an image is given.
_FOR_A_SHELL = re.compile(r"-[a-z]{0,5}c")
_FIRST = re.compile(r"\s*#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:\S{0,80}/)?(\w+)[^\n]*")
_SHELL = re.compile(r"(?:ba|da|z|a|k)?sh")
#: What stands before a command where the file of another tool is kept as one text.
_KEY = re.compile(r"(?m)^[a-z_]{1,40}[ \t]*=")
_HERE: tuple[str, ...] = ("args", "arguments")


class _Found(NamedTuple):
    pointer: Pointer
    text: str
    dialect: Dialect


def wants(path: str, head: bytes) -> bool:
    """Tell whether a file of this name may hold commands under keys."""
    return b"\0" not in head and (command_keys.of_path(path) is not None or path.endswith(_ENDINGS))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. Files that are no such thing are told by their own readers."""
    kind = command_keys.of_path(path)
    named = kind is not None
    kind = kind or command_keys.of_content(path, data)
    if kind is None:
        return
    try:
        documents = _documents(path, data) if len(data) <= _LIMIT else []
    except Malformed as error:
        if _syntax(path, data) != "YAML":
            if named and not path.endswith(_TOLD):
                yield unparsed(path, error, _syntax(path, data))
            return
        documents = []
    texts = (
        itertools.chain.from_iterable(_texts(path, document, kind) for document in documents)
        if documents
        else keyed_lines.texts(told.decoded(data), kind.keys, kind.phase)
    )
    yield from told.records(path, texts)


def _syntax(path: str, data: bytes) -> str:
    if path.endswith((".toml", "Pipfile", ".replit")):
        return "TOML"
    if path.endswith((".json", ".jsonc")):
        return "JSON"
    return "JSON" if path.endswith("rc") and data.lstrip()[:1] == b"{" else "YAML"


def _documents(path: str, data: bytes) -> list[Marked]:
    """Return the documents of a file: one, or as many as a stream of YAML has."""
    from fimci.marked import toml, yaml  # noqa: PLC0415  (where there is such a file)

    syntax = _syntax(path, data)
    if syntax == "YAML":
        return yaml.load_all(data)
    return [toml.load(data) if syntax == "TOML" else commented.load(data)]


def _texts(path: str, document: Marked, kind: Kind) -> Iterator[told.Text]:
    found = [_every(table, _at(document, table), 0) for table in kind.tables]
    found += [_row(table, _at(document, table)) for table in kind.rows]
    if kind.keys:
        found.append(_walked(kind, (), document.value, "", 0))
    name = path.rpartition("/")[2]
    for one in itertools.chain.from_iterable(found):
        at_install = any(str(step) in kind.unasked for step in one.pointer)
        phase: Phase = "install" if at_install else kind.phase
        yield told.Text(
            _KEY.sub("", one.text) if one.pointer[-1:] == ("legacy_tox_ini",) else one.text,
            document.line(one.pointer),
            dialect=one.dialect,
            phase=phase,
            folded=True,
            released=told.releases(" ".join((name, *map(str, one.pointer)))),
            unasked=at_install,
        )


def _at(document: Marked, pointer: Pointer) -> Any:
    here: Any = document.value
    for step in pointer:
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _row(pointer: Pointer, value: Any) -> Iterator[_Found]:
    """Yield the texts, or lists of texts, that stand right in a table."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if text := _script(inner, worded=False):
            yield _Found((*pointer, name), text, "sh")


def _walked(kind: Kind, pointer: Pointer, value: Any, key: str, depth: int) -> Iterator[_Found]:
    """Yield the texts under keys that hold commands, and those whose first line makes them scripts."""
    if key in kind.keys and (text := _script(value, worded=kind.worded)):
        yield _Found(pointer, text, _DIALECTS.get(key, "sh"))
    elif isinstance(value, str):
        if text := _first(value):
            yield _Found(pointer, text, "sh")
    elif depth < _DEEPEST and isinstance(value, dict):
        whole = _with_arguments(value)
        if whole:
            yield _Found((*pointer, "command" if "command" in value else _arguments(value)), whole, "sh")
        for name, inner in value.items():
            if not (whole and name in {"command", *_HERE}):
                yield from _walked(kind, (*pointer, name), inner, str(name), depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _walked(kind, (*pointer, at), inner, "" if isinstance(inner, dict) else key, depth + 1)


def _arguments(table: dict[str, Any]) -> str:
    return next((name for name in _HERE if _words(table.get(name))), "")


def _with_arguments(table: dict[str, Any]) -> str:
    """Return a command with what it is given under another key; of an image, what its shell is given."""
    given = _words(table.get(_arguments(table)))
    command = table.get("command")
    if not given:
        return ""
    if isinstance(command, str) and command:
        return " ".join((command, *map(_quoted, given)))
    words = _words(command)
    if words:
        return " ".join((words[0], *map(_quoted, (*words[1:], *given))))
    return " ".join(("sh", *map(_quoted, given))) if _FOR_A_SHELL.fullmatch(given[0]) else ""


def _words(value: Any) -> list[str]:
    return value if isinstance(value, list) and value and all(isinstance(one, str) for one in value) else []


def _every(pointer: Pointer, value: Any, depth: int) -> Iterator[_Found]:
    """Yield all texts of a table."""
    text = _script(value, worded=False)
    if text:
        yield _Found(pointer, text, "sh")
    elif depth < _DEEPEST and isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            yield from _every((*pointer, name), inner, depth + 1)


def _script(value: Any, *, worded: bool) -> str:
    """Return the commands that a text or a list of texts is: words of one command, or one on each line."""
    if isinstance(value, str):
        return _first(value) or value
    words = _words(value)
    if words and (worded or _PROGRAM.fullmatch(words[0])):
        return " ".join((words[0], *map(_quoted, words[1:])))
    return "\n".join(words)


def _first(text: str) -> str:
    """Return a text whose first line names its interpreter, as what that is given; empty for any other."""
    found = _FIRST.match(text)
    if found is None:
        return ""
    return text if _SHELL.fullmatch(found[1]) else f"{found[1]} -c {_quoted(text)}"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
