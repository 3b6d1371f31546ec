"""What plug-ins, extensions and agents of one's own bring to coding agents: hooks and servers.

    .claude-plugin/plugin.json, .cursor-plugin/…     Setting `hooks.EVENT[n]`, `servers.NAME`,
                                                     `programs.lsp.NAME`
    .claude-plugin/marketplace.json                  the same for each plug-in, and `plugins.NAME`, where it
                                                     is fetched from if that is elsewhere
    gemini-extension.json, crush.json, .lsp.json     servers
    .kiro/agents/*.json, .amazonq/cli-agents/*.json  hooks and servers
    .cursor/worktrees.json                           Setting `hooks.KEY[n]`

A manifest may name a file where its hooks stand instead: that is told as the hook. Sources: the plug-in
references of Claude Code and Cursor, the extension reference of Gemini CLI, the manuals of Kiro, Amazon Q and
Crush.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.capabilities import automatic
from fimci.marked.document import Marked, Pointer
from fimci.model import Record, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated
from fimci.readers.manifests import settings
from fimci.readers.manifests.stated_commands import below, command, servers, stated

_SERVERS = ("mcpServers", "mcp")
_LANGUAGES = ("lspServers", "lsp")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want what agents load as a plug-in."""
    return automatic.kind(path) == "agent-plugin"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield commands, servers, and where plug-ins come from."""
    document = commented.table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    if path.endswith("worktrees.json"):
        for key, value in document.table().items():
            yield from _listed(path, document, (key,), value)
        return
    if path.endswith(".lsp.json"):
        yield from _languages(path, document, ())
        return
    yield from _plugin(path, document, ())
    for index, plugin in enumerate(document.items("plugins")):
        if isinstance(plugin, dict):
            yield from _plugin(path, document, ("plugins", index))
            yield from _source(path, document, ("plugins", index, "source"), plugin)


def _plugin(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    table = document.table(*pointer)
    hooks = table.get("hooks")
    if isinstance(hooks, dict):
        inner = (*pointer, "hooks", "hooks") if isinstance(hooks.get("hooks"), dict) else (*pointer, "hooks")
        yield from below(path, document, inner, "hooks")
    else:
        yield from _listed(path, document, (*pointer, "hooks"), hooks)
    for key in _SERVERS:
        yield from _listed(path, document, (*pointer, key), table.get(key), "servers")
        yield from servers(path, document, (*pointer, key))
    for key in _LANGUAGES:
        yield from _listed(path, document, (*pointer, key), table.get(key), "commands")
        yield from _languages(path, document, (*pointer, key))


def _listed(path: str, document: Marked, where: Pointer, value: Any, name: str = "hooks") -> Iterator[Record]:
    """Yield each text of a list, or the one that stands in its place: a command, or a file that has some."""
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(one, str) and one:
            line = document.line((*where, number) if isinstance(value, list) else where)
            yield settings.setting(path, f"{name}.{where[-1]}[{number}]", command(one), line)


def _languages(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for name in document.table(*pointer):
        yield from stated(path, document, (*pointer, name), f"programs.lsp.{name}")


def _source(path: str, document: Marked, pointer: Pointer, plugin: dict[str, Any]) -> Iterator[Record]:
    """Yield where a plug-in of a market is fetched from; what lies beside the market is read as it is."""
    source = plugin.get("source")
    if isinstance(source, dict):
        text = " ".join(value for value in source.values() if isinstance(value, str))
        yield settings.setting(path, f"plugins.{plugin.get('name')}", command(text), document.line(pointer))
