"""Plug-ins of agents, and what Zed, Helix, Vim, Sublime and the editors of JetBrains start for a project."""

from __future__ import annotations

import json

import pytest

from fimci import readers
from fimci.look import take
from fimci.model import Capability, Record, Reference, Setting, Unread
from fimci.snapshot import Entry, Recipe

RUN = '<configuration name="left run" type="ShConfigurationType"><option name="SCRIPT_TEXT" value="make a" />'
RUN += "</configuration>"


def read(path: str, text: str) -> list[Record]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    return take([entry], Recipe(), readers.with_code(path))


def stated(path: str, text: str) -> dict[str, str]:
    records = read(path, text)
    assert not [record for record in records if isinstance(record, Unread)]
    return {record.name: record.value for record in records if isinstance(record, Setting)}


@pytest.mark.parametrize(
    ("path", "document", "settings"),
    [
        (
            ".claude-plugin/plugin.json",
            {
                "name": "a",
                "hooks": {"Stop": [{"hooks": [{"command": "sh a"}]}]},
                "mcpServers": {"b": {"command": "c", "args": ["d"]}},
                "lspServers": {"e": {"command": "f"}},
            },
            {"hooks.Stop[0]": "sh a", "servers.b": "c d", "programs.lsp.e": "f"},
        ),
        (
            ".cursor-plugin/plugin.json",
            {"hooks": "./a/hooks.json", "mcpServers": ["./b.json", "./c.json"]},
            {
                "hooks.hooks[0]": "./a/hooks.json",
                "servers.mcpServers[0]": "./b.json",
                "servers.mcpServers[1]": "./c.json",
            },
        ),
        (
            ".claude-plugin/marketplace.json",
            {
                "plugins": [
                    {"name": "a", "source": "./a"},
                    {
                        "name": "b",
                        "source": {"source": "github", "repo": "left/b"},
                        "hooks": {"hooks": {"X": "y"}},
                    },
                ]
            },
            {"plugins.b": "github left/b", "hooks.X[0]": "y"},
        ),
        ("gemini-extension.json", {"mcpServers": {"a": {"command": "b"}}}, {"servers.a": "b"}),
        (".lsp.json", {"go": {"command": "gopls", "args": ["x"]}}, {"programs.lsp.go": "gopls x"}),
        (".mcp.json", {"a": {"command": "b"}}, {"servers.a": "b"}),
        (".windsurf/mcp_config.json", {"mcpServers": {"a": {"command": "b"}}}, {"servers.a": "b"}),
        (
            ".cursor/worktrees.json",
            {"setup-worktree": ["a", "b"]},
            {"hooks.setup-worktree[0]": "a", "hooks.setup-worktree[1]": "b"},
        ),
        (
            ".github/hooks/a.json",
            {"hooks": {"sessionStart": [{"bash": "a"}]}},
            {"hooks.sessionStart[0]": "a"},
        ),
        (".kiro/agents/a.json", {"hooks": {"agentSpawn": [{"command": "a"}]}}, {"hooks.agentSpawn[0]": "a"}),
        (
            ".zed/settings.json",
            {
                "lsp": {"a": {"binary": {"path": "b", "arguments": ["c"]}}, "d": {"settings": {}}},
                "languages": {"Go": {"formatter": {"external": {"command": "e", "arguments": ["f"]}}}},
                "formatter": "auto",
                "dap": {"k": {"binary": "l"}},
                "agent_servers": {"m": {"command": "n"}},
                "context_servers": {"g": {"command": {"path": "h", "args": ["i"]}}},
                "terminal": {"shell": {"program": "./j"}},
                "tab_size": 2,
            },
            {
                "programs.lsp.a": "b c",
                "programs.formatter.Go": "e f",
                "servers.g": "h i",
                "programs.shell": "./j",
                "programs.debugger.k": "l",
                "servers.agent.m": "n",
            },
        ),
        (".zed/tasks.json", [{"label": "a", "command": "b", "args": ["c"]}, 1, {}], {"tasks.a[0]": "b c"}),
        (".vim/coc-settings.json", {"languageserver": {"a": {"command": "b"}}}, {"programs.lsp.a": "b"}),
        (
            "left.sublime-project",
            {"settings": {"LSP": {"a": {"command": ["b"]}, "c": {}}}},
            {"programs.lsp.a": "b"},
        ),
        ("left.sublime-project", {"build_systems": [{"name": "a", "shell_cmd": "b"}]}, {"tasks.a[0]": "b"}),
    ],
)
def test_what_is_started(path: str, document: object, settings: dict[str, str]) -> None:
    assert stated(path, json.dumps(document)) == settings
    assert stated(f"node_modules/left/{path}", json.dumps(document)) == {}


def test_helix() -> None:
    text = '[language-server.a]\ncommand = "b"\nargs = ["c"]\n[[language]]\nname = "d"\n'
    text += 'formatter = {command = "e"}\nindent = {unit = " "}\n'
    assert stated(".helix/languages.toml", text) == {"programs.lsp.a": "b c", "programs.formatter.d": "e"}


def test_continue() -> None:
    text = "name: a\nmcpServers:\n  - name: b\n    command: c\n    args: [d]\n"
    assert stated(".continue/mcpServers/a.yaml", text) == {"servers.b[0]": "c d"}


def test_runs_watchers_and_tools_of_jetbrains() -> None:
    project = "<component name='ProjectRunConfigurationManager'>{}</component>"
    assert stated(".run/a.run.xml", project.format(RUN)) == {"launch.left run[0]": "make a"}
    assert stated(".idea/workspace.xml", f"<project>{project.format(RUN)}</project>") == {
        "launch.left run[0]": "make a"
    }
    watcher = '<project><component><TaskOptions><option name="program" value="sh" />'
    watcher += '<option name="arguments" value="a" /><option name="name" value="b" />'
    watcher += "</TaskOptions></component></project>"
    assert stated(".idea/watcherTasks.xml", watcher) == {"programs.watcher.b[0]": "sh a"}
    tool = '<toolSet><tool name="a"><exec><option name="COMMAND" value="b" /></exec></tool></toolSet>'
    assert stated(".idea/tools/External Tools.xml", tool) == {"tasks.a[0]": "b"}
    assert stated("src/a.xml", project.format(RUN)) == {}


def test_what_starts_with_a_project_of_jetbrains() -> None:
    text = "<configurations><configuration name='left run' /></configurations>"
    text = f"<project><component>{text}</component></project>"
    records = read(".idea/startup.xml", text)
    (hook,) = (one for one in records if isinstance(one, Capability))
    assert (hook.name, hook.subject, hook.phase, hook.detail) == (
        "persistence",
        "JetBrains run when the project opens",
        "install",
        "left run",
    )
    assert [one.target for one in records if isinstance(one, Reference)] == [
        "./runConfigurations/left_run.xml"
    ]
    empty = read(".idea/startup.xml", "<project><component><configurations /></component></project>")
    assert not [one for one in empty if isinstance(one, Capability | Reference)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".claude-plugin/plugin.json", "{"),
        (".claude-plugin/plugin.json", "[]"),
        (".zed/settings.json", "1"),
        (".helix/languages.toml", "a"),
        (".idea/startup.xml", "<a>"),
        (".continue/mcpServers/a.yaml", "- a"),
    ],
)
def test_damage_is_told(path: str, text: str) -> None:
    assert [one.path for one in read(path, text) if isinstance(one, Unread)] == [path]
