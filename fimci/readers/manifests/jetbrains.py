"""What the editors of JetBrains start for a project (`.idea`): watchers of files, runs, tools.

    watcherTasks.xml                 Setting `programs.watcher.NAME`, run whenever such a file is saved
    startup.xml                      Capability `persistence`: runs that start with the project, and a
                                     Reference to the file of each
    runConfigurations/*.xml, *.run.xml, workspace.xml, tools/*.xml
                                     Setting `launch.NAME`, `tasks.NAME`: started by hand, or by a start-up

Sources: the manuals of IntelliJ IDEA on file watchers, startup tasks, run configurations and external tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities import automatic
from fimci.marked import xml
from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Capability, Record, Reference
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings
from fimci.readers.manifests.stated_commands import command

ON_OPENING = "JetBrains run when the project opens"
#: Options of a run whose values are commands, or are run with them, in the order in which they are told.
_RUN = (
    *(
        "INTERPRETER_PATH",
        "SDK_HOME",
        "SCRIPT_PATH",
        "SCRIPT_NAME",
        "EXE_PATH",
        "PROGRAM_PATH",
        "SCRIPT_TEXT",
    ),
    *("MODULE_NAME", "SCRIPT_OPTIONS", "PARAMETERS", "PROGRAM_PARAMETERS", "command", "PROGRAM"),
)
_TOOL = ("COMMAND", "PARAMETERS")
_WATCHER = ("program", "arguments")
#: How the file of a run is called after it.
_ODD = re.compile(r"[^\w.-]")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want files of a project that start something."""
    return automatic.kind(path) == "jetbrains"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield commands, and what starts with the project."""
    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    yield from settings.bounded(path, _facts(path, root))


def _facts(path: str, root: Element) -> Iterator[Record]:
    if path.endswith("startup.xml"):
        yield from _startup(path, root)
    elif path.endswith("watcherTasks.xml"):
        for number, task in enumerate(root.every("component", "TaskOptions")):
            name = _options(task).get("name", "")
            yield from _told(path, f"programs.watcher.{name}[{number}]", task, _WATCHER)
    elif "/tools/" in path:
        for number, tool in enumerate(root.every("tool")):
            for run in tool.every("exec"):
                yield from _told(path, f"tasks.{tool.attributes.get('name', '')}[{number}]", run, _TOOL)
    else:
        runs = (*root.every("configuration"), *root.every("component", "configuration"))
        for number, run in enumerate(runs):
            yield from _told(path, f"launch.{run.attributes.get('name', '')}[{number}]", run, _RUN)


def _startup(path: str, root: Element) -> Iterator[Record]:
    found = list(root.every("component", "configurations", "configuration"))
    names = [run.attributes["name"] for run in found if "name" in run.attributes]
    if not names:
        return
    at = settings.place(path, found[0].line, "; ".join(names))
    yield Capability(
        path=path, name="persistence", subject=ON_OPENING, phase="install", detail="; ".join(names), at=at
    )
    for name in names:
        target = f"./runConfigurations/{_ODD.sub('_', name)}.xml"
        yield Reference(path=path, target=target, phase="install", at=at)


def _told(path: str, name: str, element: Element, keys: tuple[str, ...]) -> Iterator[Record]:
    options = _options(element)
    text = command([options[key] for key in keys if options.get(key)])
    if text:
        yield settings.setting(path, name, text, element.line)


def _options(element: Element) -> dict[str, str]:
    return {
        one.attributes["name"]: one.attributes.get("value", "")
        for one in element.every("option")
        if "name" in one.attributes
    }
