"""What editors, agents, git and actions start: what those commands can do, and the files that they run.

    .claude/settings.json, .mcp.json, tasks.json, devcontainer.json, …    commands, run at the root
    .envrc, .husky/*, lefthook.yml, mise.toml, .gitconfig                 commands, run at the root
    .claude-plugin/*, .zed/*, .idea/*, .helix/*, …                        the same
    action.yml                     `main`, `pre`, `post`, and `$GITHUB_ACTION_PATH/FILE` in its steps

What is configured is told by the readers of these files (`fimci.readers.manifests`); here their commands are
judged. All of it runs unasked, which weighs as installation does.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

import msgspec

from fimci.capabilities import automatic
from fimci.model import Capability, Phase, Place, Record, Reference, Setting, Unread
from fimci.readers.code import told
from fimci.readers.code.told import Text
from fimci.readers.manifests import (
    agent_configuration,
    agent_plugins,
    editor_configuration,
    editor_servers,
    git_automation,
    jetbrains,
)
from fimci.snapshot import HEAD

_ACTIONS = frozenset(("action.yml", "action.yaml"))
_READERS = (
    *(agent_configuration, agent_plugins, editor_configuration, editor_servers, git_automation),
    jetbrains,
)
#: Beginnings of the settings whose value is a command that is started.
_STARTED = (
    *("commands.", "hooks.", "lifecycle.", "run.", "servers."),
    *("programs.debugger.", "programs.formatter.", "programs.lsp.", "programs.watcher."),
)
#: The same, where somebody asks for it.
_ASKED_FOR = ("launch.", "tasks.")
#: Known by their folders alone, which the table of readers does not know: their settings are told here.
_PLACED = re.compile(
    r"\.github/hooks/(?!hooks\.json)|\.kiro/agents/|\.amazonq/cli-agents/|\.continue/mcpServers/|hooks/[^/]+hooks\.json"
)
#: Kinds of files that are a script of a shell as a whole.
_SCRIPTS = frozenset(("direnv", "git-hook"))
_SIZE_LIMIT = 1 << 20
#: Before the command of a task for one platform alone.
_PLATFORM = re.compile(r" ?\[(?:linux|osx|windows)\] ")
#: A list of words, told as one text without its quotes: behind it is the script that the shell is given.
_LISTED = re.compile(r"(?:\S{0,40}/)?(?:ba|da|z)?sh -[a-z]{0,3}c (?![\"'])")
_ENTRY = re.compile(r"(?m)^[ \t]{1,40}(?:main|pre|post):[ \t]*['\"]?([\w./-]{1,200})")
_BESIDE = re.compile(r"(?:\$\{?GITHUB_ACTION_PATH\}?|\$\{\{ ?github\.action_path ?\}\})/([\w./-]{1,200})")


def wants(path: str, head: bytes) -> bool:
    """Want files by which something is started."""
    if path.rpartition("/")[2] in _ACTIONS:
        return "node_modules" not in path.split("/")
    return bool(automatic.kind(path)) and any(reader.wants(path, head) for reader in _READERS)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do, and references to the files that they run."""
    if len(data) > _SIZE_LIMIT:
        yield told.left_out(path, 1)
        return
    if path.rpartition("/")[2] in _ACTIONS:
        yield from _entries(path, data.decode("utf-8", "replace"))
        return
    for record in told.records(path, _commands(path, data)):
        yield _from_root(record) if isinstance(record, Reference) else record
    if _PLACED.search(path):
        yield from (record for record in _configured(path, data) if isinstance(record, Setting | Unread))


def _configured(path: str, data: bytes) -> Iterator[Record]:
    for reader in _READERS:
        yield from reader.read(path, data) if reader.wants(path, data[:HEAD]) else ()


def _commands(path: str, data: bytes) -> Iterator[Text]:
    text = data.decode("utf-8", "replace")
    if automatic.kind(path) in _SCRIPTS:  # one line may fetch what the next one runs
        yield Text(text.partition("\0")[0], phase="install")
        return
    for record in _configured(path, data):
        phase: Phase = "install"
        if isinstance(record, Setting) and record.name.startswith((*_STARTED, *_ASKED_FOR)):
            command = record.value
            phase = "call" if record.name.startswith(_ASKED_FOR) else phase
        elif isinstance(record, Capability) and record.subject not in {"", jetbrains.ON_OPENING}:
            command = record.detail
        else:
            continue
        if command:
            line = _line(text, command) or record.at.line
            for one in _PLATFORM.split(command):
                bare = _LISTED.sub("", one.removeprefix("!"), count=1)
                yield Text(bare, line, phase=phase, folded=True)


def _line(text: str, command: str) -> int:
    """Return the line of a command that stands there in one piece, 0 where it does not."""
    for written in (command, json.dumps(command)[1:-1]):
        if (found := text.find(written)) >= 0:
            return text.count("\n", 0, found) + 1
    return 0


def _from_root(reference: Reference) -> Reference:
    """Return a reference as it stands to the folder of its file: commands run at the root."""
    folder = posixpath.dirname(reference.path)
    target = posixpath.relpath(reference.target, folder) if folder else reference.target
    return msgspec.structs.replace(reference, target=target)


def _entries(path: str, text: str) -> Iterator[Reference]:
    if "runs" not in text:
        return
    for form in (_ENTRY, _BESIDE):
        for found in form.finditer(text):
            at = Place(path, text.count("\n", 0, found.start(1)) + 1, found[0].strip())
            yield Reference(path=path, target=f"./{found[1].removeprefix('./')}", phase="install", at=at)
