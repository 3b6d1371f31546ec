"""The configuration that an editor, a coding agent or git executes automatically has changed.

Opening a folder, starting an agent in it or committing runs what the repository says: tasks on folder open,
agent hooks, tool servers, git hooks, `.envrc`. This code runs on the machine of everybody who works on the
project, with their credentials, and it appears in no build. The worms of 2025 persisted in
`.claude/settings.json` and `.vscode/tasks.json`; a server in `.cursor/mcp.json` that had been approved once
could be replaced without another prompt (CVE-2025-54136).

High where something that runs automatically is new or replaced: hooks, helpers and servers of agents and of
agent plug-ins (`.claude-plugin`, `gemini-extension.json`), folder-open tasks, run configurations that start
with a JetBrains project, devcontainer commands on the host, lines of git hooks and `.envrc`, variables that
redirect execution, and programs inside the repository that settings refer to, including language servers,
formatters and watchers of Zed, Helix, Vim and JetBrains. Medium where an agent may do more without asking,
for commands inside a devcontainer, for hooks that only run scripts of `package.json`, for plug-ins that are
enabled or listed from elsewhere, and where agent instructions gained a comment that a rendered page does not
show.

Not reported: colours, formatting, ordinary settings and tasks, servers that only changed version, narrow
permissions (`Bash(npm test)`), entries that moved between such files, removals, and git hooks in a released
package, which is not a checkout. Of 152,440 commits of 42 repositories, 549 touch such files; 28 had a
finding, each for something new that runs automatically or that agents are told, except one in test data. In
two repositories that consist of plug-ins, 18 of 97 commits that touch such files had a finding, each for a
new or changed hook.

Fix: read the command as you would read a script that is about to run; if it is intended, accept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.capabilities import automatic
from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Record, Setting
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH
_MEDIUM = Severity.MEDIUM
_SHOWN = 120

_WORDS = {
    "hooks": "hook",
    "run": "hook",
    "commands": "command",
    "servers": "server",
    "remotes": "hooks from elsewhere",
    "env": "variable",
    "programs": "program of the repository",
    "lifecycle": "command in the container",
    "plugins": "plug-in",
    "permissions": "may do more unasked",
    "container": "container with more rights",
    "filters": "filter that git runs",
    "comments": "comment that is not shown",
}
_ALWAYS = frozenset({"hooks", "commands", "remotes", "env"})
_VERSION = re.compile(r"@[\^~]?v?\d[\w.+-]*")
#: Runs what `package.json` says, which other rules watch, or what the project's own tools are.
_SCRIPT = re.compile(
    r"(?:(?:exec|command)\s+)?(?:npm|pnpm|yarn|bun|npx|bunx|make|just|task|tox|nox|cargo|go|ruff|pre-commit|lint-staged"
    r"|lefthook|turbo|nx|uv run|poetry run|pdm run)(?:\s[\w@./:=,*\s-]*)?"
)
#: Lines of shell scripts that start nothing.
_PLAIN = re.compile(
    r"\.\s+\"\$\(dirname\s+(?:--\s+)?\"\$0\"\)/_/husky\.sh\"|set\s.*|exit(?:\s\d+)?|fi|else|then|done|do|esac|echo\s[^`$|;&<>]*"
)
#: The root of a project, as editors write it.
_ROOT = (
    r"(?:\$\{(?:workspace(?:Folder|Root)|CLAUDE_PLUGIN_ROOT|extensionPath)[^}]*\}|\$\{?ZED_WORKTREE_ROOT\}?"
    r"|\$(?:ProjectFileDir|PROJECT_DIR)\$)"
)
#: Where the tools of a project are installed.
_USUAL = re.compile(
    rf"(?:{_ROOT}[/\\]|\./)?(?:[\w-]+/){{0,3}}(?:node_modules|\.yarn/sdks|\.?venv|env|\.pixi|\.tox|vendor/bin)"
    r"(?:[/\\].*)?"
)
_INSIDE = re.compile(
    rf"{_ROOT}.*|\.{{1,2}}[/\\].*|[\w.-]+[/\\].*|/(?:var/)?tmp/.*|.*[;|`].*",
    re.DOTALL,
)
#: Programs that are told with their arguments, and those that run what their first argument says.
_WITH_ARGUMENTS = re.compile(r"programs\.(?:debugger|formatter|lsp|watcher)\.")
_INTERPRETER = re.compile(
    r"(?:.*/)?(?:(?:ba|da|z)?sh|node|deno|bun|perl|pwsh|powershell|python\d?|ruby|cmd)(?:\.exe)?", re.DOTALL
)
_PIPED = re.compile(r"[;|`]")
_BROAD = re.compile(
    r"permissions\.allow\.(?:\*|\w+|\w+\(:?\*{0,2}\)|(?:Bash|Shell)\((?:sudo|curl|wget|sh|bash|zsh|node|python3?|npx|uvx"
    r"|ssh|nc|eval|rm|docker|gh|aws)\b[^)]*\*\s*\)|mcp__\w+__\*)"
)
_LOOSE = frozenset(
    {"true", "on", "allow", "never", "bypassPermissions", "acceptEdits", "dontAsk", "danger-full-access"}
)
_GUARD = re.compile(r".*(?:[sS]andbox(?:\.enabled)?|trust\.enabled|[dD]isable\w*Mode|untrustedFiles)")
_RIGHTS = re.compile(
    r".*(?:privileged|docker\.sock|cap-?add|unconfined|(?:source|src)=/[, ]|net(?:work)?=host|pid=host)",
    re.IGNORECASE,
)
_KNOWN_FILTERS = frozenset({"lfs", "git-crypt", "nbstripout", "crypt"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once for each file and each thing that is wrong."""
    told = [change for change in changes if automatic.kind(_path(change))]
    known = {_content(one) for one in before if isinstance(one, Setting)} if told else set()
    groups: dict[tuple[str, Severity, str], list[tuple[Change, str]]] = {}
    for change in told:
        found = _judged(change, known)
        if found is not None:
            severity, what, text = found
            groups.setdefault((_path(change), severity, what), []).append((change, text))
    for (_, severity, what), alike in groups.items():
        texts = listed(list(dict.fromkeys(cut(text, _SHOWN) for _, text in alike)), 3, ";")
        yield grouped(
            [change for change, _ in alike],
            rule="agent-configuration-changed",
            severity=severity,
            message=f"{what}: {texts}",
        )


def _path(change: Change) -> str:
    record = change.record
    return record.path if isinstance(record, Setting | Capability) else ""


def _content(record: Setting) -> tuple[str, str]:
    """Return what a setting says, wherever it stands: moved and renumbered commands are the same."""
    family = _family(record)
    if family in {"permissions", "plugins", "container", "comments"}:
        return record.name, record.value
    return family, _VERSION.sub("@", record.value)


def _family(record: Setting) -> str:
    return re.split(r"[.\[]", record.name, maxsplit=1)[0]


def _judged(change: Change, known: set[tuple[str, str]]) -> tuple[Severity, str, str] | None:
    """Return severity, what it is and its text; `None` where there is nothing to say."""
    record, old = change.after, change.before
    if isinstance(record, Capability):
        if record.name == "persistence" and change.real and (change.added or "detail" in change.differs):
            return SEVERITY, f"{'new' if change.added else 'changed'} {record.subject}", record.detail
        return None
    if record is None:
        return _withdrawn(old)
    if not isinstance(record, Setting) or not change.real or _content(record) in known:
        return None
    severity = _grade(record)
    if severity is None:
        return None
    family = _family(record)
    state = "" if family == "permissions" else "new " if change.added else "changed "
    return severity, state + _WORDS[family], _shown(record)


def _shown(record: Setting) -> str:
    family = _family(record)
    if family in {"permissions", "container", "plugins"}:
        return f"{record.name.partition('.')[2]} = {record.value}"
    if family in {"env", "programs", "servers", "commands"}:
        return f"{record.name.partition('.')[2]}: {record.value}"
    return record.value


def _withdrawn(old: Record | None) -> tuple[Severity, str, str] | None:
    """Judge a prohibition that is gone; the file may be gone with it, and then agents ask again."""
    if isinstance(old, Setting) and old.name.startswith(("permissions.deny.", "permissions.ask.")):
        return _MEDIUM, "prohibition removed", old.name.partition(".")[2]
    return None


def _grade(record: Setting) -> Severity | None:
    family, name, value = _family(record), record.name, record.value
    if family in _ALWAYS:
        return _MEDIUM if family == "hooks" and _SCRIPT.fullmatch(value[:500]) else SEVERITY
    if family == "run":
        return (
            None if _PLAIN.fullmatch(value[:500]) else _MEDIUM if _SCRIPT.fullmatch(value[:500]) else SEVERITY
        )
    if family == "servers":
        return _MEDIUM if value.startswith("https://") else SEVERITY
    if family == "lifecycle":
        return None if name.startswith("lifecycle.initializeCommand") else _MEDIUM
    if family == "programs":
        return SEVERITY if _of_repository(name, value) else None
    loosened = (
        (family == "permissions" and _loosened(name, value))
        or (family == "plugins" and value != "false")
        or (family == "container" and _RIGHTS.match(f"{name}={value}"[:500]) is not None)
        or (family == "filters" and name.partition(".")[2] not in _KNOWN_FILTERS)
        or family == "comments"
    )
    return _MEDIUM if loosened else None


def _of_repository(name: str, value: str) -> bool:
    """Tell whether a program, or what an interpreter is given, comes with the repository."""
    words = value.split(maxsplit=2) if _WITH_ARGUMENTS.match(name) else [value]
    if len(words) > 1 and _INTERPRETER.fullmatch(words[0]):
        return words[1] != "-m" and not _USUAL.fullmatch(words[1][:500])
    within = _INSIDE.fullmatch(words[0]) or (len(words) > 1 and _PIPED.search(value))
    return bool(within) and not _USUAL.fullmatch(words[0][:500])


def _loosened(name: str, value: str) -> bool:
    if name.startswith("permissions.allow."):
        return _BROAD.fullmatch(name[:500]) is not None
    if name.startswith(("permissions.deny.", "permissions.ask.")):
        return False
    if _GUARD.fullmatch(name[:500]):
        return value in {"false", "none", "off", "open"}
    return value in _LOOSE or name.endswith("alwaysAllow")
