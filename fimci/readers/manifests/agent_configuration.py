"""What coding agents run by themselves, what they may do unasked, and whom they talk to.

    hooks                        Setting   `hooks.EVENT[n]`
    helpers that give keys,      Setting   `commands.NAME`
    status lines, notifiers
    servers of tools (MCP)       Setting   `servers.NAME`, `servers.NAME.env.VARIABLE`
    permissions                  Setting   `permissions.allow.RULE`, `.deny.RULE`, `permissions.NAME`
    variables that matter        Setting   `env.NAME`
    plug-ins and their markets   Setting   `plugins.NAME`

Models, themes and limits are not told. Sources: the settings references of Claude Code, Cursor, Gemini
CLI, Codex, Kiro and opencode.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.capabilities import automatic
from fimci.marked import toml
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings
from fimci.readers.manifests.stated_commands import below, command, servers, stated, variables

_KINDS = frozenset({"claude", "gemini", "codex", "opencode", "servers", "agent-hooks", "kiro-hook"})
#: Helpers of Claude Code that are run for their output.
_HELPERS = (
    *("apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh", "otelHeadersHelper"),
    *("statusLine", "fileSuggestion"),
)
_CLAUDE_SWITCHES = (
    *("enableAllProjectMcpServers", "enabledMcpjsonServers", "disableBypassPermissionsMode"),
    *("skipDangerousModePermissionPrompt", "sandbox"),
)
_GEMINI_SWITCHES = ("autoAccept", "sandbox", "coreTools", "allowedTools", "tools", "security")
_GEMINI_COMMANDS = ("toolDiscoveryCommand", "toolCallCommand", "mcpServerCommand")
_CODEX_SWITCHES = ("approval_policy", "sandbox_mode", "sandbox_workspace_write")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want files that an agent obeys."""
    return automatic.kind(path) in _KINDS


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield commands, servers, permissions and variables."""
    document = _document(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _document(path: str, data: bytes) -> Marked | Unread:
    if not path.endswith((".toml", ".yaml", ".yml")):
        return commented.table(path, data)
    try:
        document = toml.load(data) if path.endswith(".toml") else _yaml(data)
    except Malformed as error:
        return unparsed(path, error, "TOML" if path.endswith(".toml") else "YAML")
    return document if isinstance(document.value, dict) else Unread(path=path, why="not a table of settings")


def _yaml(data: bytes) -> Marked:
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    return yaml.load(data)


def _facts(path: str, document: Marked) -> Iterator[Record]:
    kind = automatic.kind(path)
    if kind == "claude":
        yield from _claude(path, document)
    elif kind == "gemini":
        yield from _gemini(path, document)
    elif kind == "codex":
        yield from _codex(path, document)
    elif kind == "opencode":
        yield from _opencode(path, document)
    elif kind == "servers":
        yield from _servers(path, document)
    elif kind == "agent-hooks":
        yield from below(path, document, ("hooks",), "hooks")
    elif document.value.get("enabled") is not False:
        when = document.table("when").get("type")
        yield from stated(path, document, ("then",), f"hooks.{when if isinstance(when, str) else ''}[0]")


def _servers(path: str, document: Marked) -> Iterator[Record]:
    """Yield servers by name, in a list of tables, or (in plug-ins) right at the top."""
    yield from servers(path, document, ("mcpServers",))
    yield from servers(path, document, ("servers",))
    for index, server in enumerate(document.items("mcpServers")):
        if isinstance(server, dict):
            yield from stated(path, document, ("mcpServers", index), f"servers.{server.get('name')}[{index}]")
    if not document.value.keys() & {"mcpServers", "servers"}:
        yield from servers(path, document, ())


def _claude(path: str, document: Marked) -> Iterator[Record]:
    yield from below(path, document, ("hooks",), "hooks")
    for key in _HELPERS:
        yield from stated(path, document, (key,), f"commands.{key}")
    yield from variables(path, document, ("env",), "env")
    for key, value in document.table("permissions").items():
        if isinstance(value, list):
            yield from _granted(path, document, ("permissions", key), value)
        elif not isinstance(value, dict):
            line = document.line(("permissions", key))
            yield settings.setting(path, f"permissions.{key}", settings.plain(value), line)
    yield from _switches(path, document, _CLAUDE_SWITCHES, "permissions")
    yield from _switches(path, document, ("enabledPlugins", "extraKnownMarketplaces"), "plugins")
    yield from servers(path, document, ("mcpServers",))


def _granted(path: str, document: Marked, pointer: Pointer, rules: list[Any]) -> Iterator[Record]:
    """Yield a record for each rule of a list; how often and where it stands makes no difference."""
    told = set()
    for index, rule in enumerate(rules):
        if isinstance(rule, str) and rule not in told:
            told.add(rule)
            name = ".".join(str(step) for step in (*pointer, command(rule)))
            yield settings.setting(path, name, "true", document.line((*pointer, index)))


def _switches(path: str, document: Marked, keys: tuple[str, ...], name: str) -> Iterator[Record]:
    for key in keys:
        if document.table().get(key) not in (None, [], {}):
            yield from settings.flatten(path, document, (key,), f"{name}.{key}")


def _gemini(path: str, document: Marked) -> Iterator[Record]:
    yield from below(path, document, ("hooks",), "hooks")
    for key in _GEMINI_COMMANDS:
        yield from stated(path, document, (key,), f"commands.{key}")
    for key in ("discoveryCommand", "callCommand"):
        yield from stated(path, document, ("tools", key), f"commands.tools.{key}")
    yield from _switches(path, document, _GEMINI_SWITCHES, "permissions")
    yield from servers(path, document, ("mcpServers",))


def _codex(path: str, document: Marked) -> Iterator[Record]:
    yield from below(path, document, ("hooks",), "hooks")
    yield from stated(path, document, ("notify",), "commands.notify")
    yield from servers(path, document, ("mcp_servers",))
    yield from _switches(path, document, _CODEX_SWITCHES, "permissions")
    yield from variables(path, document, ("shell_environment_policy", "set"), "env")
    for name in document.table("model_providers"):
        yield from stated(path, document, ("model_providers", name, "base_url"), f"env.{name}.base_url")


def _opencode(path: str, document: Marked) -> Iterator[Record]:
    yield from servers(path, document, ("mcp",))
    yield from _switches(path, document, ("permission",), "permissions")
    for index, plugin in enumerate(document.items("plugin")):
        if isinstance(plugin, str):
            yield settings.setting(path, f"plugins.{plugin}", "true", document.line(("plugin", index)))
    for section in ("formatter", "lsp"):
        for name in document.table(section):
            yield from stated(path, document, (section, name, "command"), f"commands.{section}.{name}")
    yield from below(path, document, ("experimental", "hook"), "hooks")
