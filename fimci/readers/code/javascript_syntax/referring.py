"""Files that a call runs or looks up, besides `require` and `import`: workers, forks, scripts of node."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fimci.capabilities.uses import Value

_FIRST = frozenset(
    (
        *("Worker", "worker_threads.Worker", "SharedWorker", "importScripts", "child_process.fork"),
        *("cluster.setupPrimary", "require.resolve", "module.register", "process.dlopen"),
    )
)
_STARTED_TEXT = "spawn spawnSync execFile execFileSync exec execSync"
_STARTED = frozenset(f"child_process.{name}" for name in _STARTED_TEXT.split())
_RUNTIMES = re.compile(r"(?:.*[/\\])?(?:node|nodejs|bun|deno|tsx|ts-node)(?:\.exe)?\Z")
_SCRIPT = re.compile(r"[^\s\"'|&;<>$`]{1,200}\.(?:[cm]?[jt]sx?|node)\Z")
#: Arguments of a started program that may be its script.
_NEAR = 8


def loaded(name: str, values: Sequence[Value]) -> str:
    """Return the file that a call runs or looks up, as it is written; nothing where it is none."""
    first = values[0] if values else Value()
    if name in _FIRST:
        text = first.text if isinstance(first.text, str) else ""
        return text if name == "require.resolve" or "." in text[:200] else ""
    if name not in _STARTED:
        return ""
    words = list[Value]()
    if isinstance(first.text, str) and name in {"child_process.exec", "child_process.execSync"}:
        words = [Value(text=word) for word in first.text[:2000].split()[: _NEAR + 1]]
    elif len(values) > 1:
        words = [first, *values[1].items[:_NEAR]]
    if not words or not _runtime(words[0]):
        return ""
    return next(
        (word.text for word in words[1:] if isinstance(word.text, str) and _SCRIPT.match(word.text)), ""
    )


def _runtime(program: Value) -> bool:
    if program.name in {"process.execPath", "process.argv0"}:
        return True
    return isinstance(program.text, str) and _RUNTIMES.match(program.text) is not None
