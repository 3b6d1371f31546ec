"""Shared by this room: commands as the configuration of editors and agents states them.

A command is a text, a list of words, or a table with `command` and `args`. What is long ends with its
digest, so that a change behind the end is one. Secrets among the words are not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import Setting
from fimci.readers.manifests import settings

#: Variables that make whatever is started run something else, or send its traffic elsewhere.
RUNNING = frozenset(
    (
        *(
            "NODE_OPTIONS",
            "NODE_PATH",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "PYTHONHOME",
            "BASH_ENV",
            "ENV",
            "ZDOTDIR",
        ),
        *("PROMPT_COMMAND", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "PATH"),
        *("PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "GIT_SSH_COMMAND", "EDITOR", "PAGER", "RUSTC_WRAPPER"),
        *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
        *("NODE_TLS_REJECT_UNAUTHORIZED", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"),
    )
)
_LIMIT = 1000
_SECRET = re.compile(
    r"((?:--?|\b)[\w-]{0,40}(?:key|token|password|passwd|secret)[\"']?(?:=|:\s?|\s))(?![\"']?\$)[^\s\"']{8,}",
    re.IGNORECASE,
)
#: The keys of a table under which a command stands, in the order in which they are told.
_KEYS = (
    "type",
    "command",
    "bash",
    "powershell",
    "run",
    "script",
    "url",
    "httpUrl",
    "serverUrl",
    "prompt",
    "args",
)
_DEPTH, _COUNT = 12, 2000


def command(value: Any) -> str:
    """Return a command in one line; empty where there is none."""
    if isinstance(value, list):
        return _kept(" ".join(settings.plain(word) for word in value if not isinstance(word, dict | list)))
    if isinstance(value, dict):
        words = [_words(value[key]) for key in _KEYS[1:] if value.get(key)]
        return _kept(" ".join(word for word in words if word))
    return _kept(value) if isinstance(value, str) else ""


def _words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_words(word) for word in value[:_COUNT] if not isinstance(word, list))
    if isinstance(value, dict):  # a word with its way of quoting, as tasks of an editor have it
        return value["value"] if isinstance(value.get("value"), str) else ""
    return value if isinstance(value, str) else settings.plain(value)


def _kept(text: str) -> str:
    plain = _SECRET.sub(rf"\1{settings.SECRET}", without_credentials(" ".join(text.split())))
    if len(plain) <= _LIMIT:
        return plain
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain[:_LIMIT]}... sha256:{digest}"


def stated(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Setting]:
    """Yield the command at a pointer, if there is one, by this name."""
    here: Any = document.value
    for step in pointer:
        if isinstance(here, dict):
            here = here.get(step)
        else:
            here = here[step] if isinstance(here, list) and isinstance(step, int) else None
    text = command(here)
    if text:
        yield settings.setting(path, name, text, document.line(pointer))


def below(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Setting]:
    """Yield every command at or below a pointer, numbered in each table of the first level.

    So do agents write their hooks: by event, in lists of matchers that have lists of commands.
    """
    for event, entries in document.table(*pointer).items():
        number = 0
        open_: list[tuple[Pointer, Any]] = [((*pointer, event), entries)]
        for _ in range(_COUNT):
            if not open_:
                break
            where, value = open_.pop(0)
            if isinstance(value, list):
                open_.extend(((*where, index), item) for index, item in enumerate(value))
            elif isinstance(value, str) and where[-1] == event:
                yield settings.setting(
                    path, f"{name}.{event}[{number}]", command(value), document.line(where)
                )
                number += 1
            elif isinstance(value, dict) and len(where) < _DEPTH:
                text = command(value)
                if text:
                    line = document.line((*where, next(key for key in _KEYS[1:] if value.get(key))))
                    yield settings.setting(path, f"{name}.{event}[{number}]", text, line)
                    number += 1
                open_.extend(
                    ((*where, key), item) for key, item in value.items() if isinstance(item, dict | list)
                )


def variables(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Setting]:
    """Yield the variables that make something run or send traffic elsewhere; others are not told."""
    for key, value in document.table(*pointer).items():
        if key.upper() in RUNNING and isinstance(value, str):
            line = document.line((*pointer, key))
            yield settings.private(path, f"{name}.{key}", command(value), line)


def servers(path: str, document: Marked, pointer: Pointer) -> Iterator[Setting]:
    """Yield the servers that an agent starts or talks to, with the variables that matter among theirs."""
    for name in document.table(*pointer):
        here = (*pointer, name)
        yield from stated(path, document, here, f"servers.{name}")
        for key in ("env", "environment"):
            yield from variables(path, document, (*here, key), f"servers.{name}.env")
        for key in ("alwaysAllow", "autoApprove", "trust"):
            granted = document.table(*here).get(key)
            if granted:
                value = command(granted) if isinstance(granted, list) else settings.plain(granted)
                yield settings.setting(path, f"permissions.{name}.{key}", value, document.line((*here, key)))
