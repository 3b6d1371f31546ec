"""An artifact installs a command over a well-known one, or outside of the folder for commands.

The commands of a package are written into a folder that comes first on the `PATH` of whoever works in the
environment. A `pip`, `git` or `sudo` there runs in place of the real one, with everything typed after it. A
name with a slash in it is written elsewhere.

High for the name of a shell, an interpreter, a package manager, a compiler or a tool that handles secrets,
unless the package itself has that name; for names with characters other than letters, digits, `.`, `_` and
`-`; and for a command whose target is outside of its package. Measured on 256 wheels of popular projects: no
findings.

Fix: rename the command; nobody who installs a package expects it to replace another program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Record, Setting
from fimci.packages.artifacts import release

SEVERITY = Severity.HIGH
_PREFIX = "command."
_PLAIN = re.compile(r"[\w.-][\w. -]*", re.ASCII)
_COMMON = frozenset(
    (
        *(
            "bash",
            "cat",
            "cp",
            "curl",
            "dash",
            "docker",
            "env",
            "fish",
            "gcc",
            "g++",
            "git",
            "go",
            "gpg",
            "java",
        ),
        *(
            "kubectl",
            "ld",
            "ls",
            "make",
            "mv",
            "node",
            "npm",
            "npx",
            "perl",
            "pip",
            "pnpm",
            "podman",
            "python",
        ),
        *("rm", "rsync", "ruby", "scp", "sh", "ssh", "su", "sudo", "tar", "uv", "uvx", "wget", "yarn", "zsh"),
    )
)
#: What belongs to a package of another name: `uvx` to `uv`, `npx` to `npm`.
_SIBLINGS = {"uvx": "uv", "npx": "npm", "node": "nodejs", "yarnpkg": "yarn", "pnpx": "pnpm"}
_VERSION = re.compile(r"-?[0-9.]*(?:\.exe|\.cmd|\.bat|\.py|\.sh)?", re.ASCII)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each command that is another's, or leads elsewhere."""
    own = release(before)
    for change in changes:
        fact = change.after
        if not change.added or not isinstance(fact, Setting) or not fact.name.startswith(_PREFIX):
            continue
        name = fact.name.removeprefix(_PREFIX)
        fault = _fault(name, own.name if own is not None else "") or _elsewhere(name, fact.value)
        if fault:
            yield finding(change, rule="artifact-command-unsafe", severity=SEVERITY, message=fault)


def _fault(name: str, package: str) -> str:
    if not _PLAIN.fullmatch(name) or ".." in name:
        return f"the command {name!r} has a name that leads out of its folder"
    stem = _stem(name.lower())
    if stem in _COMMON and not _is_own(stem, package):
        return f"the command {name} replaces a well-known one"
    return ""


def _elsewhere(name: str, target: str) -> str:
    if target.startswith("/") or ".." in target.replace("\\", "/").split("/"):
        return f"the command {name} runs a file outside of the package"
    return ""


def _stem(name: str) -> str:
    """Return a command without its version and suffix: `python` of `python3.11.exe`."""
    for common in sorted(_COMMON, key=len, reverse=True):
        if name.startswith(common) and _VERSION.fullmatch(name, len(common)):
            return common
    return name


def _is_own(stem: str, package: str) -> bool:
    names = {stem, _SIBLINGS.get(stem, stem)}
    return package in names or any(package.startswith(f"{name}-wheel") for name in names)
