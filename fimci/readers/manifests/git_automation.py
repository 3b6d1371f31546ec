"""What git, direnv and mise run by themselves in a checkout.

    .husky/HOOK, .githooks/HOOK    Setting   `run.HOOK[n]`, a command a line
    lefthook.yml                   Setting   `hooks.HOOK.NAME`, `remotes.URL`
    .envrc                         Setting   `run.envrc[n]`, without what only states variables
    mise.toml                      Setting   `hooks.NAME`, `env.NAME`
    .gitattributes                 Setting   `filters.NAME`, the patterns that go through a program
    .gitconfig                     Setting   `commands.KEY` (`core.hooksPath`, `core.fsmonitor`, filters, ...)

Sources: githooks(5), gitattributes(5), git-config(1), direnv-stdlib(1), the references of lefthook and mise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.capabilities import automatic
from fimci.marked import json, toml
from fimci.marked.document import Malformed, Marked, text_of
from fimci.model import Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings
from fimci.readers.manifests.stated_commands import RUNNING, command, stated

_KINDS = frozenset({"git-hook", "lefthook", "direnv", "mise", "git-attributes", "git-config"})
#: Lines of an `.envrc` that start nothing of the repository.
_DECLARES = re.compile(
    r"export\s+\w+=[^`$(]*|export\s+\w+=\"?[^`(]*\$\w+[^`(]*\"?|PATH_add\s+.*|path_add\s+.*|layout\s+\w+.*|dotenv"
    r"(?:_if_exists)?(?:\s.*)?|use\s+\w+.*|watch_file\s.*|watch_dir\s.*|source_up(?:_if_exists)?|strict_env|fi|else"
    r"|then|unset\s.*"
)
_RUNS = re.compile(
    r"core\.(?:hookspath|fsmonitor|sshcommand|editor|pager|gitproxy|askpass|alternaterefscommand)"
    r"|(?:filter|diff|merge)\..*\.(?:clean|smudge|process|textconv|command|driver)|credential\..*helper"
    r"|alias\..*|include(?:if)?\..*path|gpg\..*program|init\.templatedir|url\..*\.(?:push)?insteadof"
    r"|(?:difftool|mergetool)\..*\.cmd|sequence\.editor|uploadpack\..*|protocol\..*allow|safe\.directory",
    re.IGNORECASE,
)
_SECTION = re.compile(r"\[\s*([\w.-]+)(?:\s+\"((?:[^\"\\]|\\.)*)\")?\s*\]\s*(.*)")
#: No declaration is longer.
_LONG = 500
_LINES = 2000


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want files by which git and the shell run something."""
    return automatic.kind(path) in _KINDS


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what is run."""
    kind = automatic.kind(path)
    try:
        if kind in {"lefthook", "mise"}:
            document = _document(path, data)
            yield from repeated(path, document)
            facts = _lefthook(path, document) if kind == "lefthook" else _mise(path, document)
        else:
            lines = _numbered(text_of(data))
            facts = {
                "git-hook": _script,
                "direnv": _script,
                "git-attributes": _attributes,
                "git-config": _configuration,
            }[kind](path, lines)
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from settings.bounded(path, facts)


def _document(path: str, data: bytes) -> Marked:
    if path.endswith(".json"):
        return json.load(data)
    if path.endswith(".toml"):
        return toml.load(data)
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    return yaml.load(data)


def _numbered(text: str) -> list[tuple[int, str]]:
    """Return lines without comments and blanks, continued ones as one."""
    found: list[tuple[int, list[str]]] = []
    open_ = False
    for number, line in enumerate(settings.lines(text), 1):
        bare = line.strip()
        if not open_ and (not bare or bare.startswith("#")):
            continue
        if not open_:
            found.append((number, []))
        found[-1][1].append(bare.removesuffix("\\").strip())
        open_ = bare.endswith("\\")
    return [(number, " ".join(parts)) for number, parts in found]


def _script(path: str, lines: list[tuple[int, str]]) -> Iterator[Record]:
    name = path.rpartition("/")[2].lstrip(".")
    direnv = name == "envrc"
    number = 0
    for line, text in lines[:_LINES]:
        if not (direnv and len(text) < _LONG and _DECLARES.fullmatch(text)):
            yield settings.setting(path, f"run.{name}[{number}]", command(text), line)
            number += 1
    if len(lines) > _LINES:
        yield Unread(path=path, why=f"more than {_LINES:,} lines", part="the rest", line=lines[_LINES][0])


def _attributes(path: str, lines: list[tuple[int, str]]) -> Iterator[Record]:
    filters: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for line, text in lines:
        pattern, *attributes = text.split()
        for attribute in attributes:
            name, _, value = attribute.partition("=")
            if name == "filter" and value:
                filters.setdefault(value, []).append(pattern)
                first.setdefault(value, line)
    for value, patterns in filters.items():
        yield settings.setting(path, f"filters.{value}", command(patterns), first[value])


def _configuration(path: str, lines: list[tuple[int, str]]) -> Iterator[Record]:
    section = ""
    told = set()
    for line, text in lines:
        found = _SECTION.fullmatch(text)
        rest = text
        if found is not None:
            section = f"{found[1]}.{found[2]}" if found[2] is not None else found[1]
            rest = found[3]
        key, _, value = rest.partition("=")
        name = f"{section}.{key.strip()}"
        if rest and _RUNS.fullmatch(name[:500]) and name not in told:
            told.add(name)
            yield settings.setting(path, f"commands.{name}", command(value.strip()), line)


def _lefthook(path: str, document: Marked) -> Iterator[Record]:
    for hook in document.table():
        if hook in {"remotes", "remote"}:
            yield from settings.flatten(path, document, (hook,), "remotes")
            continue
        for group in ("commands", "scripts"):
            for name in document.table(hook, group):
                keys = (hook, group, name, "run" if group == "commands" else "runner")
                yield from stated(path, document, keys, f"hooks.{hook}.{name}")
        for index, job in enumerate(document.items(hook, "jobs")):
            label = job.get("name") if isinstance(job, dict) else None
            where = f"hooks.{hook}.{label if isinstance(label, str) else f'[{index}]'}"
            if isinstance(job, dict):
                yield from stated(path, document, (hook, "jobs", index), where)


def _mise(path: str, document: Marked) -> Iterator[Record]:
    for name, value in document.table("hooks").items():
        entries: list[Any] = value if isinstance(value, list) else [value]
        text = "; ".join(command(entry) for entry in entries)
        if text:
            yield settings.setting(path, f"hooks.{name}", command(text), document.line(("hooks", name)))
    for name, value in document.table("env").items():
        text = command(value) if isinstance(value, str) else ""
        if text and ("exec(" in text or name.upper() in RUNNING):
            yield settings.private(path, f"env.{name}", text, document.line(("env", name)))
    for name in ("source", "file"):
        yield from stated(path, document, ("env", "_", name), f"env._.{name}")
    for name in document.table("tools"):
        yield from stated(path, document, ("tools", name, "postinstall"), f"hooks.{name}.postinstall")
