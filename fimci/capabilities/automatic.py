"""Files of a repository by which editors, agents and git run something: which kind a path is.

Readers and the rule about them must mean the same files. Kinds are the words of the table below; the
empty text is any other file. Inside installed packages nobody obeys them.
"""

from __future__ import annotations

import re

_HOOKS = (
    "applypatch-msg|commit-msg|fsmonitor-watchman|post-applypatch|post-checkout|post-commit|post-merge"
    "|post-rewrite|pre-applypatch|pre-auto-gc|pre-commit|pre-merge-commit|pre-push|pre-rebase"
    "|prepare-commit-msg|push-to-checkout|reference-transaction"
)
_INSTRUCTIONS = (
    r"(?:AGENTS|CLAUDE|CLAUDE\.local|GEMINI|SKILL)\.md",
    r"\.(?:cursor|windsurf|cline)rules",
    r"\.github/copilot-instructions\.md",
    r"\.github/(?:instructions|prompts|agents)/[^/]+\.md",
    r"\.cursor/rules/(?:[^/]+/){0,3}[^/]+\.mdc",
    r"\.claude/(?:commands|agents)/(?:[^/]+/){0,3}[^/]+\.md",
    r"\.opencode/(?:command|agent)s?/(?:[^/]+/){0,3}[^/]+\.md",
    r"\.gemini/commands/(?:[^/]+/){0,3}[^/]+\.toml",
    r"\.(?:kiro/steering|roo/rules|windsurf/rules)/[^/]+\.md",
)
_KINDS = (
    ("vscode-tasks", r"\.vscode/tasks\.json"),
    ("vscode-settings", r"\.vscode/settings\.json"),
    ("vscode-launch", r"\.vscode/launch\.json"),
    ("workspace", r"[^/]+\.code-workspace"),
    ("devcontainer", r"\.devcontainer/(?:[^/]+/)?devcontainer\.json|\.devcontainer\.json"),
    ("claude", r"\.claude/settings(?:\.local)?\.json"),
    ("gemini", r"\.gemini/settings\.json"),
    ("codex", r"\.codex/config\.toml"),
    ("opencode", r"opencode\.jsonc?"),
    (
        "servers",
        r"\.mcp\.json|\.[\w-]{1,30}/(?:[\w-]{1,30}/)?mcp(?:_config)?\.json|\.continue/mcpServers/[^/]+\.(?:json|ya?ml)",
    ),
    (
        "agent-plugin",
        r"\.[\w-]{1,30}-plugin/(?:plugin|marketplace)\.json|\.(?:kiro/agents|amazonq/cli-agents)/[^/]+\.json",
    ),
    ("agent-plugin", r"gemini-extension\.json|\.?crush\.json|\.lsp\.json|\.cursor/worktrees\.json"),
    (
        "agent-hooks",
        r"\.(?:cursor|windsurf|codex)/hooks\.json|hooks/[^/]*hooks\.json|\.github/hooks/[^/]+\.json",
    ),
    (
        "editor-servers",
        r"\.zed/(?:settings|tasks|debug)\.json|\.helix/languages\.toml|\.vim/coc-settings\.json|[^/]+\.sublime-project",
    ),
    (
        "jetbrains",
        r"\.idea/(?:(?:watcherTasks|startup|workspace)|(?:runConfigurations|tools)/[^/]+)\.xml|[^/]+\.run\.xml",
    ),
    ("kiro-hook", r"\.kiro/hooks/[^/]+\.kiro\.hook"),
    ("git-hook", rf"\.(?:husky|githooks)/(?:{_HOOKS})"),
    ("lefthook", r"\.?lefthook(?:-local)?\.(?:ya?ml|json|toml)"),
    ("direnv", r"\.envrc"),
    ("mise", r"\.?mise(?:\.local)?\.toml|\.?(?:config/)?mise/config\.toml"),
    ("git-attributes", r"\.gitattributes"),
    ("git-config", r"\.gitconfig"),
    ("instructions", "|".join(_INSTRUCTIONS)),
)
_FILES = re.compile("(?:.*/)?(?:" + "|".join(f"({form})" for _, form in _KINDS) + ")", re.DOTALL)


def kind(path: str) -> str:
    """Return the kind of file that a path is, empty where nothing runs by it."""
    found = _FILES.fullmatch(path)
    if found is None or found.lastindex is None or {"node_modules", "site-packages"} & set(path.split("/")):
        return ""
    return _KINDS[found.lastindex - 1][0]
