"""Commands in the files of builds, editors and tools that keep them as texts under keys of their own.

    .gitlab-ci.yml, .travis.yml, azure-pipelines.yml, …     `script`, `run`, `command`, …; `install`
    compose.yaml, Taskfile.yml, vercel.json, devbox.json    the same; `call`
    package.json, .lintstagedrc.json                        hooks of git that packages install; `call`
    pyproject.toml, mise.toml                               scripts of task runners; `call`

Which keys hold commands is known by their names, wherever they stand; a list of texts is one script.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.capabilities.commands.state import Dialect
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Phase, Record
from fimci.readers.called import PIPELINES
from fimci.readers.code import told

_LIMIT, _NODES, _DEEPEST = 1 << 20, 20_000, 12
#: Keys whose texts, or lists of texts, are commands; in a table below them each of the texts is one.
_KEYS = frozenset(
    [
        "script",
        "before_script",
        "after_script",
        "before_install",
        "install",
        "after_success",
        "after_failure",
        "before_deploy",
        "run",
        "command",
        "commands",
        "cmd",
        "cmds",
        "entrypoint",
        "build_script",
        "before_build",
        "after_build",
        "test_script",
        "install_script",
        "init",
        "bash",
        "sh",
        "shell",
        "powershell",
        "pwsh",
        "ps",
        "init_hook",
        "installCommand",
        "buildCommand",
        "devCommand",
        "postCreateCommand",
        "preCommands",
        "postCommands",
        "prebuild",
        "post_install",
        "post-install",
        "pre-commit",
        "pre-push",
        "commit-msg",
        "post-checkout",
        "post-merge",
        "prepare-commit-msg",
        "pre-rebase",
        "post-commit",
        "pre_install",
        "entry",
        "enter",
        "leave",
    ]
)
#: Tables whose texts are commands, whatever their keys: by the file, and where they stand in it.
_TABLES: dict[str, tuple[Pointer, ...]] = {
    "package.json": (
        ("husky", "hooks"),
        ("simple-git-hooks",),
        ("lint-staged",),
        ("pre-commit",),
        ("gitHooks",),
    ),
    ".lintstagedrc.json": ((),),
    "pyproject.toml": (
        *(("tool", name, "scripts") for name in ("pdm", "rye", "hatch")),
        *(("tool", name, "tasks") for name in ("poe", "pixi", "taskipy")),
        ("tool", "hatch", "envs"),
    ),
    "mise.toml": (("tasks",),),
    "netlify.toml": (("build",),),
}
#: Started by somebody's hand, or by tools on his machine.
_CALLED = frozenset((*_TABLES, "vercel.json", "devbox.json", "Taskfile.yml", "Taskfile.yaml"))
_DIALECTS: dict[str, Dialect] = {"powershell": "powershell", "pwsh": "powershell", "ps": "powershell"}


class _Found(NamedTuple):
    pointer: Pointer
    text: str
    dialect: Dialect


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a file of this name holds commands under keys."""
    name = path.rpartition("/")[2]
    if name == "config.yml":
        return path.endswith(".circleci/config.yml")
    if name == "pipeline.yml":
        return path.endswith(".buildkite/pipeline.yml")
    if name == "environment.json":
        return path.endswith(".cursor/environment.json")
    return name in PIPELINES


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. Files that are no such thing are told by their own readers."""
    if len(data) > _LIMIT:
        return
    yield from told.records(path, _texts(path, data))


def _texts(path: str, data: bytes) -> Iterator[told.Text]:
    document = _document(path, data)
    if document is None:
        return
    name = path.rpartition("/")[2]
    phase: Phase = "call" if name in _CALLED or "compose" in name else "install"
    tables = _TABLES.get(name)
    if tables is None:
        walked = _walked((), document.value, "", 0)
    else:
        walked = itertools.chain.from_iterable(_every(table, document.table(*table), 0) for table in tables)
    for found in itertools.islice(walked, _NODES):
        yield told.Text(
            found.text,
            document.line(found.pointer),
            dialect=found.dialect,
            phase=phase,
            folded=True,
            released=told.releases(" ".join(map(str, found.pointer))),
        )


def _document(path: str, data: bytes) -> Marked | None:
    from fimci.marked import json, toml, yaml  # noqa: PLC0415  (where there is such a file)

    load = json.load if path.endswith(".json") else toml.load if path.endswith(".toml") else yaml.load
    if path.endswith("package.json") and not any(key in data for key in _IN_A_MANIFEST):
        return None
    try:
        document = load(data)
    except Malformed:
        return None
    return document if isinstance(document.value, dict) else None


_IN_A_MANIFEST = (b'"husky"', b'"simple-git-hooks"', b'"lint-staged"', b'"pre-commit"', b'"gitHooks"')


def _walked(pointer: Pointer, value: Any, key: str, depth: int) -> Iterator[_Found]:
    """Yield the texts under keys that hold commands."""
    if key in _KEYS and (text := _script(value)):
        yield _Found(pointer, text, _DIALECTS.get(key, "sh"))
    elif depth < _DEEPEST and isinstance(value, dict):
        for name, inner in value.items():
            yield from _walked((*pointer, name), inner, str(name), depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _walked((*pointer, at), inner, "" if isinstance(inner, dict) else key, depth + 1)


def _every(pointer: Pointer, value: Any, depth: int) -> Iterator[_Found]:
    """Yield all texts of a table."""
    text = _script(value)
    if text:
        yield _Found(pointer, text, "sh")
    elif depth < _DEEPEST and isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            yield from _every((*pointer, name), inner, depth + 1)


def _script(value: Any) -> str:
    """Return the commands that a text or a list of texts is: words of one command, or one on each line."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        return ""
    if value[0] in _PROGRAMS:
        return " ".join(value[:1] + ["'" + one.replace("'", "'\\''") + "'" for one in value[1:]])
    return "\n".join(value)


#: A list that begins with one of these is a single command, word by word.
_PROGRAMS = frozenset(
    ("sh", "bash", "/bin/sh", "/bin/bash", "cmd", "powershell", "pwsh", "python", "python3", "node")
)
