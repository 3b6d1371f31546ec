"""Files by which editors, agents and git run something: what their readers tell, and that damage is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import readers
from fimci.capabilities import automatic
from fimci.model import Capability, Record, Setting, Unread

NAMES = ("agent-configuration", "editor-configuration", "git-automation", "instructions")


def read(path: str, data: bytes) -> list[Record]:
    (reader,) = (
        reader for reader in readers.candidates(path) if reader.name in NAMES and reader.wants(path, data)
    )
    return list(reader.read(path, data))


def stated(path: str, text: str) -> dict[str, str]:
    records = read(path, text.encode())
    assert not [record for record in records if isinstance(record, Unread)]
    return {record.name: record.value for record in records if isinstance(record, Setting)}


PATHS = {
    ".vscode/tasks.json": "vscode-tasks",
    "web/.vscode/settings.json": "vscode-settings",
    ".vscode/launch.json": "vscode-launch",
    "left.code-workspace": "workspace",
    ".devcontainer/devcontainer.json": "devcontainer",
    ".devcontainer/gpu/devcontainer.json": "devcontainer",
    ".devcontainer.json": "devcontainer",
    ".claude/settings.json": "claude",
    ".claude/settings.local.json": "claude",
    ".gemini/settings.json": "gemini",
    ".codex/config.toml": "codex",
    "opencode.jsonc": "opencode",
    ".mcp.json": "servers",
    ".vscode/mcp.json": "servers",
    ".kiro/settings/mcp.json": "servers",
    ".cursor/hooks.json": "agent-hooks",
    "plug/hooks/hooks.json": "agent-hooks",
    ".kiro/hooks/save.kiro.hook": "kiro-hook",
    ".husky/pre-commit": "git-hook",
    ".githooks/post-checkout": "git-hook",
    "lefthook.yml": "lefthook",
    ".envrc": "direnv",
    ".mise.toml": "mise",
    ".config/mise/config.toml": "mise",
    "docs/.gitattributes": "git-attributes",
    ".gitconfig": "git-config",
    "AGENTS.md": "instructions",
    ".cursor/rules/a/b.mdc": "instructions",
    ".github/copilot-instructions.md": "instructions",
    ".claude/commands/ship.md": "instructions",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_file_has_one_kind_and_one_reader(path: str) -> None:
    assert automatic.kind(path) == PATHS[path]
    wanted = [
        reader for reader in readers.candidates(path) if reader.name in NAMES and reader.wants(path, b"")
    ]
    assert len(wanted) == 1
    inside = f"node_modules/left/{path}"
    assert not [one for one in readers.candidates(inside) if one.name in NAMES and one.wants(inside, b"")]


@pytest.mark.parametrize(
    "path", ["settings.json", "tasks.json", "README.md", "pre-commit", "config.toml", "a/mcp.json"]
)
def test_other_files_of_these_names_are_nobodys(path: str) -> None:
    assert automatic.kind(path) == ""
    assert not [one for one in readers.candidates(path) if one.name in NAMES and one.wants(path, b"")]


def test_hooks_of_git_that_have_a_kind_have_a_row() -> None:
    (row,) = (reader for reader in readers.ALL if reader.name == "git-automation")
    hooks = [name for name in row.names if automatic.kind(f".husky/{name}") == "git-hook"]
    assert len(hooks) == automatic._HOOKS.count("|") + 1


def test_tasks_with_what_they_depend_on() -> None:
    text = """{
      // comment
      "tasks": [
        {"label": "a", "command": "make", "args": ["x", {"value": "y z", "quoting": "strong"}],
         "windows": {"command": "nmake"}},
        {"label": "b", "dependsOn": ["a", "b", "gone"], "runOptions": {"runOn": "folderOpen"}},
        {"type": "npm", "script": "watch"},
      ],
    }"""
    assert stated(".vscode/tasks.json", text) == {
        "tasks.a": "make x y z [windows] nmake",
        "tasks.watch": "npm: watch",
    }
    (found,) = (one for one in read(".vscode/tasks.json", text.encode()) if isinstance(one, Capability))
    assert (found.name, found.subject, found.phase) == (
        "persistence",
        "vscode task on folder open",
        "install",
    )
    assert (found.detail, found.at.line) == ("make x y z [windows] nmake", 6)


def test_settings_that_start_something() -> None:
    told = {
        "git.path": "./git",
        "terminal.integrated.env.linux": {"NODE_OPTIONS": "--require ./x.js", "LEVEL": "1"},
        "terminal.integrated.automationProfile.linux": {"path": "./sh"},
        "rust-analyzer.check.overrideCommand": ["./check", "-q"],
        "chat.tools.autoApprove": True,
    }
    ordinary = {"editor.fontSize": 3, "prettier.configPath": "./x", "python.analysis.extraPaths": ["./x"]}
    assert stated(".vscode/settings.json", json.dumps({**told, **ordinary})) == {
        "programs.git.path": "./git",
        "env.linux.NODE_OPTIONS": "--require ./x.js",
        "programs.terminal.integrated.automationProfile.linux.path": "./sh",
        "programs.rust-analyzer.check.overrideCommand../check": "true",
        "programs.rust-analyzer.check.overrideCommand.-q": "true",
        "permissions.chat.tools.autoApprove": "true",
    }
    whole = {"settings": told, "tasks": {"tasks": [{"label": "a", "command": "b"}]}, "folders": []}
    assert stated("left.code-workspace", json.dumps(whole))["tasks.a"] == "b"


def test_claude() -> None:
    text = json.dumps(
        {
            "hooks": {
                "Stop": [{"hooks": [{"type": "command", "command": "a"}, {"type": "prompt", "prompt": "b"}]}]
            },
            "apiKeyHelper": "sh key.sh",
            "statusLine": {"type": "command", "command": "sh line.sh"},
            "env": {"ANTHROPIC_BASE_URL": "https://user:secret@relay.example", "EDITOR_THEME": "x"},
            "permissions": {"allow": ["Bash(ls)", "Bash(ls)"], "defaultMode": "plan"},
            "enabledPlugins": {"left@market": True},
        }
    )
    assert stated(".claude/settings.json", text) == {
        "hooks.Stop[0]": "a",
        "hooks.Stop[1]": "b",
        "commands.apiKeyHelper": "sh key.sh",
        "commands.statusLine": "sh line.sh",
        "env.ANTHROPIC_BASE_URL": "https://***@relay.example",
        "permissions.allow.Bash(ls)": "true",
        "permissions.defaultMode": "plan",
        "plugins.enabledPlugins.left@market": "true",
    }


def test_other_agents() -> None:
    codex = 'notify = ["sh", "n.sh"]\n[mcp_servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\n'
    assert stated(".codex/config.toml", codex) == {
        "commands.notify": "sh n.sh",
        "servers.docs": "npx -y docs",
    }
    hook = {
        "enabled": True,
        "when": {"type": "fileEdited"},
        "then": {"type": "runCommand", "command": "make"},
    }
    assert stated(".kiro/hooks/a.kiro.hook", json.dumps(hook)) == {"hooks.fileEdited[0]": "make"}
    assert stated(".kiro/hooks/a.kiro.hook", json.dumps({**hook, "enabled": False})) == {}
    cursor = {"version": 1, "hooks": {"afterFileEdit": [{"command": "./a.sh"}]}}
    assert stated(".cursor/hooks.json", json.dumps(cursor)) == {"hooks.afterFileEdit[0]": "./a.sh"}
    opencode = {"mcp": {"docs": {"type": "local", "command": ["bun", "x"]}}, "plugin": ["left"]}
    assert stated("opencode.json", json.dumps(opencode)) == {"servers.docs": "bun x", "plugins.left": "true"}
    gemini = {
        "tools": {"discoveryCommand": "sh d"},
        "mcpServers": {"a": {"httpUrl": "https://a.example", "trust": True}},
    }
    assert stated(".gemini/settings.json", json.dumps(gemini)) == {
        "commands.tools.discoveryCommand": "sh d",
        "permissions.tools.discoveryCommand": "sh d",
        "servers.a": "https://a.example",
        "permissions.a.trust": "true",
    }


def test_secrets_are_not_kept() -> None:
    words = ["run", "--api-key=0123456789abcdef", "--token", "0123456789abcdef", "--key=${KEY_OF_MINE}"]
    (value,) = stated(
        ".mcp.json", json.dumps({"mcpServers": {"a": {"command": "x", "args": words}}})
    ).values()
    assert value == "x run --api-key=(secret) --token (secret) --key=${KEY_OF_MINE}"


def test_git_and_the_shell() -> None:
    assert stated(".husky/pre-push", "#!/bin/sh\n# why\n\nmake \\\n  test\n") == {
        "run.pre-push[0]": "make test"
    }
    envrc = 'export A=1\nuse flake\nPATH_add bin\nexport B="$HOME/x"\nsource ./x.sh\nexport C=$(curl x)\n'
    assert stated(".envrc", envrc) == {"run.envrc[0]": "source ./x.sh", "run.envrc[1]": "export C=$(curl x)"}
    assert stated(".gitattributes", "* text=auto\n*.bin filter=lfs\n*.c filter=x diff=c\n") == {
        "filters.lfs": "*.bin",
        "filters.x": "*.c",
    }
    config = '[user]\nname = left\n[filter "x"]\n\tclean = sh x\n[alias]\nst = !sh\n[core] fsmonitor = ./f\n'
    assert stated(".gitconfig", config) == {
        "commands.filter.x.clean": "sh x",
        "commands.alias.st": "!sh",
        "commands.core.fsmonitor": "./f",
    }
    mise = '[hooks]\nenter = "sh a"\n[env]\nA = "{{exec(command=\'b\')}}"\nC = "d"\n[tasks.e]\nrun = "f"\n'
    assert stated("mise.toml", mise) == {"hooks.enter": "sh a", "env.A": "{{exec(command='b')}}"}
    jobs = "pre-commit:\n  jobs:\n    - run: make a\n    - name: b\n      run: make b\n"
    jobs += "remotes:\n  - git_url: x\n"
    assert stated("lefthook.yml", jobs) == {
        "hooks.pre-commit.[0]": "make a",
        "hooks.pre-commit.b": "make b",
        "remotes[0].git_url": "x",
    }


def test_instructions() -> None:
    text = "# A\n<!-- short one -->\n<!-- a long one\nof two lines -->\n```\n<!-- shown in a block -->\n```\n"
    found = [one for one in read("AGENTS.md", text.encode()) if isinstance(one, Setting)]
    assert [(one.name.partition(".")[0], one.at.line) for one in found] == [
        ("instructions", 1),
        ("comments", 3),
    ]
    assert found[1].value == "a long one of two lines"
    (same, *_) = read("AGENTS.md", text.replace("\n", "  \r\n").encode())
    assert same == found[0]


def test_a_long_command_ends_with_its_digest() -> None:
    one, other = (stated(".husky/pre-push", f"echo {'x' * 3000}{end}")["run.pre-push[0]"] for end in "ab")
    assert one != other
    assert len(one) < 1100


@pytest.mark.parametrize("path", [path for path, kind in PATHS.items() if kind != "instructions"])
@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"[", b"[]", b"{}", b"", b'{"a": 1, "a": 2}', b"[" * 500, b"a" * 100_000]
)
def test_damage_is_told_or_harmless(path: str, data: bytes) -> None:
    for record in read(path, data):
        assert record.key


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *(
                        "hooks",
                        "tasks",
                        "command",
                        "args",
                        "label",
                        "dependsOn",
                        "runOptions",
                        "permissions",
                        "allow",
                    ),
                    *(
                        "mcpServers",
                        "env",
                        "settings",
                        "servers",
                        "then",
                        "when",
                        "mounts",
                        "initializeCommand",
                    ),
                    *(
                        "permission",
                        "mcp",
                        "plugin",
                        "NODE_OPTIONS",
                        "git.path",
                        "pre-commit",
                        "jobs",
                        "statusLine",
                    ),
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([path for path in PATHS if path.endswith(("json", "jsonc", "hook", "workspace"))]), VALUES
)
@settings(max_examples=150, deadline=None)
def test_any_shape_is_read(path: str, value: object) -> None:
    for record in read(path, json.dumps(value).encode()):
        assert record.key


@given(
    st.sampled_from([".envrc", ".gitconfig", ".gitattributes", ".husky/pre-commit", "AGENTS.md"]),
    st.binary(max_size=200),
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read(path: str, data: bytes) -> None:
    for record in read(path, data):
        assert record.key
