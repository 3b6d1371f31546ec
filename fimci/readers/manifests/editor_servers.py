"""What Zed, Helix, Vim and Sublime start for a project: servers of languages, formatters, builds.

    .zed/settings.json          Setting `programs.lsp.NAME`, `programs.formatter.LANGUAGE`, `servers.NAME`,
                                `programs.shell`
    .zed/tasks.json, debug.json Setting `tasks.LABEL`
    .helix/languages.toml       Setting `programs.lsp.NAME`, `programs.formatter.LANGUAGE`
    .vim/coc-settings.json      Setting `programs.lsp.NAME`
    *.sublime-project           Setting `tasks.NAME`, `programs.lsp.NAME`

A server of a language and a formatter start when a file is opened or saved. Sources: the references of Zed,
Helix, coc.nvim and Sublime Text.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities import automatic
from fimci.marked import json, toml
from fimci.marked.document import Malformed, Marked, Pointer, text_of
from fimci.model import Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings
from fimci.readers.manifests.stated_commands import command, servers, stated

#: Keys of a formatter that is a program of its own.
_FORMATTERS = (("formatter", "external"), ("formatter",), ("prettier", "external"))


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want files that these editors obey."""
    return automatic.kind(path) == "editor-servers"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what is started."""
    helix = path.endswith(".toml")
    try:
        document = toml.load(data) if helix else json.loads(text_of(data), relaxed=True)
    except Malformed as error:
        yield unparsed(path, error, "TOML" if helix else "JSON")
        return
    if not isinstance(document.value, dict | list):
        yield Unread(path=path, why="not a table of settings")
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    if isinstance(document.value, list):
        yield from _tasks(path, document, (), "label")
    elif path.endswith("languages.toml"):
        yield from _servers(path, document, ("language-server",))
        for index, language in enumerate(document.items("language")):
            name = language.get("name") if isinstance(language, dict) else None
            yield from _formatter(path, document, ("language", index), str(name))
    elif path.endswith("coc-settings.json"):
        yield from _servers(path, document, ("languageserver",))
    elif path.endswith(".sublime-project"):
        yield from _tasks(path, document, ("build_systems",), "name")
        yield from _servers(path, document, ("settings", "LSP"))
    else:
        yield from _zed(path, document)


def _zed(path: str, document: Marked) -> Iterator[Record]:
    for name in document.table("lsp"):
        yield from _server(path, document, ("lsp", name, "binary"), name)
    for name in document.table("dap"):
        yield from stated(path, document, ("dap", name, "binary"), f"programs.debugger.{name}")
    for name in document.table("languages"):
        yield from _formatter(path, document, ("languages", name), name)
    yield from _formatter(path, document, (), "*")
    yield from servers(path, document, ("context_servers",))
    for name in document.table("context_servers"):  # in older files, the command is a table of its own
        where = ("context_servers", name, "command")
        if document.table(*where):
            yield from _server(path, document, where, name, "servers")
    for name in document.table("agent_servers"):
        yield from stated(path, document, ("agent_servers", name), f"servers.agent.{name}")
    yield from stated(path, document, ("terminal", "shell", "with_arguments", "program"), "programs.shell")
    yield from stated(path, document, ("terminal", "shell", "program"), "programs.shell")


def _servers(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for name in document.table(*pointer):
        yield from _server(path, document, (*pointer, name), name)


def _server(
    path: str, document: Marked, pointer: Pointer, name: str, family: str = "programs.lsp"
) -> Iterator[Record]:
    """Yield the program of a server with its arguments, by the keys that one of the editors has for them."""
    table = document.table(*pointer)
    words: list[str] = []
    for key in ("command", "path", "module", "args", "arguments"):
        value = table.get(key)
        words += [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)]
    if words:
        yield settings.setting(path, f"{family}.{name}", command(words), document.line(pointer))


def _formatter(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Record]:
    for keys in _FORMATTERS:
        where = (*pointer, *keys)
        if document.table(*where):
            yield from _server(path, document, where, name, "programs.formatter")


def _tasks(path: str, document: Marked, pointer: Pointer, label: str) -> Iterator[Record]:
    for index, task in enumerate(document.items(*pointer)):
        if not isinstance(task, dict):
            continue
        where = (*pointer, index)
        name = task.get(label)
        text = command([task[key] for key in ("shell_cmd", "cmd") if isinstance(task.get(key), str)])
        text = text or command(task.get("cmd")) or command(task)
        if text:
            yield settings.setting(path, f"tasks.{name}[{index}]", text, document.line(where))
        yield from stated(path, document, (*where, "build"), f"tasks.{name}.build[{index}]")
