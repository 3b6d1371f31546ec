"""Programs that start another one, and where in their arguments that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fimci.capabilities import sensitive
from fimci.capabilities.commands.everyday import INTERPRETERS, SHELLS
from fimci.capabilities.commands.state import State, Value, joined

#: Programs that start the command behind their own options; these options take a value.
WRAPPERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("command", "builtin", "exec", "nohup", "setsid", "time", "stdbuf", "chronic", "doas", "unbuffer"),
        frozenset(),
    ),
    **dict.fromkeys(
        ("then", "do", "else", "!", "{", "if", "while", "until", "elif", "coproc", "noglob", "call"),
        frozenset(),
    ),
    **dict.fromkeys(
        ("busybox", "cross-env", "cross-env-shell", "dotenv", "env-cmd", "winpty", "sshpass", "faketime"),
        frozenset(("-p", "-f")),
    ),
    "sudo": frozenset(("-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "--user", "--group")),
    "env": frozenset(("-u", "-C", "-S", "--unset", "--chdir")),
    "nice": frozenset(("-n",)),
    "ionice": frozenset(("-c", "-n")),
    "timeout": frozenset(("-s", "-k", "--signal", "--kill-after")),
    "xargs": frozenset(("-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E")),
    "flock": frozenset(("-w",)),
    "start": frozenset(),
}
#: Runners of tools: what they start is told where it is one of those that matter (`CORE`).
_RUNNERS = frozenset(
    ("npx", "bunx", "pnpx", "uvx", "pipx", "poetry", "uv", "pdm", "pipenv", "hatch", "bundle")
)
_RUNNER_WORDS = frozenset(("run", "exec", "x", "dlx", "tool"))
#: Programs whose arguments hold a whole command (`docker run IMAGE sh -c TEXT`), in any place.
_CARRIERS = frozenset(
    (
        *("docker", "podman", "nerdctl", "kubectl", "oc", "chroot", "screen", "tmux", "parallel", "lxc"),
        *("nsenter", "unshare", "systemd-run", "vagrant", "ssh-agent", "wsl", "firejail", "proot", "find"),
    )
)
_QUOTED_CARRIERS = frozenset(("parallel", "screen", "tmux", "watch", "entr"))
_SHELL_CODE = re.compile(r"-[a-z]{0,4}c\Z")
_FIND_EXECUTES = frozenset(("-exec", "-execdir", "-ok"))
_FIND_ENDS = frozenset((";", "+", "\\;"))
_PACKAGE_MODULES = frozenset(("twine", "pip", "poetry", "flit", "hatch", "pdm", "uv", "base64", "pipx"))
_LIMIT = 200

#: Names a program as it is started: without folder and ending.
Named = Callable[[State, str], str]


def runs_tool(name: str, values: list[Value]) -> list[Value]:
    """Return the command that `npx npm publish`, `poetry run twine upload` or `python -m twine` start."""
    if name == "python" and len(values) > 1 and values[0].text == "-m" and values[1].text in _PACKAGE_MODULES:
        return values[1:]
    if name not in _RUNNERS:
        return []
    rest = [value for value in values[:_LIMIT] if not value.text.startswith("-")]
    if name in {"npx", "bunx", "pnpx", "uvx"}:
        at = 0
    elif rest and rest[0].text in _RUNNER_WORDS:
        at = 1
    else:
        return []
    if len(rest) <= at:
        return []
    start = next(number for number, value in enumerate(values) if value is rest[at])
    return values[start:]


def carried(state: State, name: str, values: list[Value], named: Named) -> Iterator[list[Value]]:
    """Yield the commands inside the arguments of a program."""
    if name == "find":
        yield from _executed(values)
    if name in _CARRIERS:
        for at, value in enumerate(values[:_LIMIT]):
            base = named(state, value.text)
            codes = INTERPRETERS.get(base, ())
            option = values[at + 1].text if at + 2 < len(values) else ""
            if option and (option in codes or (base in SHELLS and _SHELL_CODE.match(option))):
                yield values[at : at + 3]
                break
    if name in {"su", "runuser"}:
        code = next((at for at, value in enumerate(values) if value.text in {"-c", "--command"}), None)
        if code is not None:
            yield [Value("sh"), Value("-c"), *values[code + 1 : code + 2]]
    yield from ([Value("sh"), Value("-c"), text] for text in _texts(name, values))


def _executed(values: list[Value]) -> Iterator[list[Value]]:
    """Yield what `find … -exec COMMAND {} ;` starts, with what is looked for in place of the brackets."""
    origins = frozenset[tuple[str, str]]()
    for value in values[:_LIMIT]:
        spot = sensitive.spot(value.text.strip("*"))
        origins |= value.origins | (
            {("secret", spot.label)} if spot and spot.name != "persistence" else set()
        )
    at = 0
    while at < min(len(values), _LIMIT):
        if values[at].text in _FIND_EXECUTES:
            end = next((k for k in range(at + 1, len(values)) if values[k].text in _FIND_ENDS), len(values))
            command = [
                value._replace(origins=value.origins | origins, known=False) if "{}" in value.text else value
                for value in values[at + 1 : end]
            ]
            if command:
                yield command
            at = end
        at += 1


def _texts(name: str, values: list[Value]) -> Iterator[Value]:
    """Yield arguments that are command lines by themselves: `trap TEXT EXIT`, `script -c TEXT`."""
    if name == "trap" and len(values) > 1 and not values[0].text.startswith("-"):
        yield values[0]
    elif name == "watch" and values:
        yield joined([value for value in values if not value.text.startswith("-")], " ")
    elif name == "script":
        for at, value in enumerate(values[:-1]):
            if _SHELL_CODE.match(value.text):
                yield values[at + 1]
    elif name in _QUOTED_CARRIERS:
        yield from (value for value in values[:_LIMIT] if " " in value.text.strip() and value.known)
