"""What an editor runs when a folder is opened, and the programs that its settings name.

    .vscode/tasks.json, *.code-workspace     Setting `tasks.LABEL`; Capability `persistence` for those
                                             that run on folder open
    .vscode/settings.json, *.code-workspace  Setting `programs.KEY`, `permissions.KEY`, `env.PLATFORM.NAME`
    .vscode/launch.json                      Setting `launch.NAME`
    devcontainer.json                        Setting `lifecycle.COMMAND`, `container.KEY`; Package for image
                                             and features; Capability for the command that runs on the host

Colours, formatting and all that starts nothing is not told. Sources: the references of VS Code for
tasks and variables, the Dev Container specification (`initializeCommand` runs on the host).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fimci.capabilities import automatic
from fimci.marked.document import Marked, Pointer
from fimci.model import Capability, Package, Record, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated
from fimci.readers.manifests import images, settings
from fimci.readers.manifests.stated_commands import command, servers, stated, variables

FOLDER_OPEN = "vscode task on folder open"
ON_HOST = "devcontainer command on the host"
_KINDS = frozenset({"vscode-tasks", "vscode-settings", "vscode-launch", "workspace", "devcontainer"})
#: Settings whose value is run, by how extensions name them.
_PROGRAM = re.compile(
    r"git\.path|typescript\.tsdk|js/ts\.tsdk\.path|terminal\.external\..*|terminal\.integrated\.(?:auto"
    r"mationProfile|profiles|shell|shellArgs)\..*|.*(?:[.pP]ath|[eE]xecutable|[iI]nterpreter|[cC]ommand|[rR]untime"
    r"|[bB]inary|[sS]hell|Tools|runonsave|runOnSave)(?:\.(?:linux|osx|windows|commands))?"
)
#: Paths that name something to be read, and not to be run.
_READ = re.compile(
    r".*(?:config|ignore|root|source|src|output|log|cache|schema|template|docs?|base|project|workspace|test|import|include"
    r"|dictionary|settings|storage|data|file|download|upload|working)\.?[pP]ath",
    re.IGNORECASE,
)
_PERMISSION = re.compile(
    r"task\.allowAutomaticTasks|.*[aA]utoApprove|security\.workspace\.trust\..*|.*yolo.*"
)
_TERMINAL = re.compile(r"terminal\.integrated\.env\.(linux|osx|windows)")
_LIFECYCLE = (
    *("initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand"),
    *("postStartCommand", "postAttachCommand"),
)
_CONTAINER = ("features", "mounts", "runArgs", "privileged", "capAdd", "securityOpt")
_PLATFORMS = ("windows", "osx", "linux")
_REACHED = 200


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want files that an editor obeys."""
    return automatic.kind(path) in _KINDS


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield commands, programs and permissions."""
    document = commented.table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    kind = automatic.kind(path)
    if kind == "vscode-tasks":
        yield from _tasks(path, document, ())
    elif kind == "vscode-settings":
        yield from _programs(path, document, ())
    elif kind == "vscode-launch":
        yield from _launch(path, document, ())
    elif kind == "devcontainer":
        yield from _container(path, document)
    else:
        yield from _tasks(path, document, ("tasks",))
        yield from _programs(path, document, ("settings",))
        yield from _launch(path, document, ("launch",))
        yield from servers(path, document, ("mcp", "servers"))


def _tasks(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    """Yield tasks by their labels, and those that a folder that is opened starts, with what they start."""
    tasks: dict[str, tuple[str, list[str], int]] = {}
    opened = []
    for index, task in enumerate(document.items(*pointer, "tasks")):
        if not isinstance(task, dict):
            continue
        label = next(
            (task[key] for key in ("label", "taskName", "script") if isinstance(task.get(key), str)), ""
        )
        label = label or f"[{index}]"
        line = document.line((*pointer, "tasks", index))
        wanted = task.get("dependsOn")
        needed = [one for one in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(one, str)]
        text = _task(task)
        if text and label not in tasks:
            yield settings.setting(path, f"tasks.{label}", text, line)
        tasks.setdefault(label, (text, needed, line))
        options = task.get("runOptions")
        if isinstance(options, dict) and options.get("runOn") == "folderOpen":
            opened.append(label)
    if opened:
        commands = "; ".join(text for text in _reached(tasks, opened) if text)
        at = settings.place(path, tasks[opened[0]][2], commands)
        yield Capability(
            path=path,
            name="persistence",
            subject=FOLDER_OPEN,
            phase="install",
            detail=command(commands),
            at=at,
        )


def _task(task: dict[str, Any]) -> str:
    """Return the command of a task, with those of the platforms that have one of their own."""
    own = f"{task['type']}: {task['script']}" if _script(task) else command(task)
    others = [f"[{name}] {command(task[name])}" for name in _PLATFORMS if isinstance(task.get(name), dict)]
    return " ".join(text for text in [own, *others] if text)


def _script(task: dict[str, Any]) -> bool:
    return isinstance(task.get("type"), str) and isinstance(task.get("script"), str)


def _reached(tasks: dict[str, tuple[str, list[str], int]], opened: list[str]) -> Iterator[str]:
    seen = dict.fromkeys(opened)
    queue = list(opened)
    while queue and len(seen) <= _REACHED:
        text, needed, _ = tasks.get(queue.pop(0), ("", [], 1))
        yield text
        fresh = [label for label in needed if label not in seen]
        seen.update(dict.fromkeys(fresh))
        queue.extend(fresh)


def _programs(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for key, value in document.table(*pointer).items():
        here = (*pointer, key)
        terminal = _TERMINAL.fullmatch(key[:200])
        if terminal is not None:
            yield from variables(path, document, here, f"env.{terminal[1]}")
        elif _PERMISSION.fullmatch(key[:200]):
            yield from settings.flatten(path, document, here, f"permissions.{key}")
        elif key == "mcp" and isinstance(value, dict):
            yield from servers(path, document, (*here, "servers"))
        elif value and _PROGRAM.fullmatch(key[:200]) and not _READ.fullmatch(key[:200]):
            if isinstance(value, str):
                yield settings.setting(path, f"programs.{key}", command(value), document.line(here))
            elif isinstance(value, dict | list):
                yield from settings.flatten(path, document, here, f"programs.{key}")


def _launch(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for index, entry in enumerate(document.items(*pointer, "configurations")):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            keys = (
                "preLaunchTask",
                "runtimeExecutable",
                "runtimeArgs",
                "program",
                "module",
                "command",
                "args",
            )
            text = command([word for key in keys for word in _listed(entry.get(key))])
            line = document.line((*pointer, "configurations", index))
            if text:
                yield settings.setting(path, f"launch.{entry['name']}[{index}]", text, line)


def _listed(value: Any) -> list[str]:
    words = value if isinstance(value, list) else [value]
    return [word for word in words if isinstance(word, str)]


def _container(path: str, document: Marked) -> Iterator[Record]:
    for key in _LIFECYCLE:
        stated_here = document.table().get(key)
        if isinstance(stated_here, dict):
            for name in stated_here:
                yield from stated(path, document, (key, name), f"lifecycle.{key}.{name}")
        else:
            yield from stated(path, document, (key,), f"lifecycle.{key}")
    host = document.table().get("initializeCommand")
    text = "; ".join(command(one) for one in host.values()) if isinstance(host, dict) else command(host)
    if text:
        at = settings.place(path, document.line(("initializeCommand",)), text)
        yield Capability(path=path, name="persistence", subject=ON_HOST, phase="install", detail=text, at=at)
    yield from _images(path, document)
    for key in _CONTAINER:
        if document.table().get(key) not in (None, [], {}, False):
            yield from settings.flatten(path, document, (key,), f"container.{key}")
    yield from _programs(path, document, ("customizations", "vscode", "settings"))


def _images(path: str, document: Marked) -> Iterator[Package]:
    """Yield the image, and the features that are fetched from a registry of images."""
    named: list[tuple[Pointer, Any]] = [(("image",), document.table().get("image"))]
    named += [(("features", name), name) for name in document.table("features")]
    taken: Counter[str] = Counter()
    for pointer, text in named:
        local = isinstance(text, str) and text.startswith((".", "/", "http:", "https:"))
        if isinstance(text, str) and text and not local:
            name = images.name(images.substituted(text, {}))
            taken[name] += 1
            at = settings.place(path, document.line(pointer), text)
            yield images.image(images.substituted(text, {}), f"{path}#{name}[{taken[name]}]", at)
