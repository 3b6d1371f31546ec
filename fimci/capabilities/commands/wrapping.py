"""Programs that start another one, and where in their arguments that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fimci.capabilities import sensitive
from fimci.capabilities.commands import losses
from fimci.capabilities.commands.call import file_of
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
    **dict.fromkeys(
        (
            "taskset",
            "chrt",
            "setarch",
            "linux64",
            "strace",
            "ltrace",
            "fakeroot",
            "torsocks",
            "torify",
            "caffeinate",
        ),
        frozenset(("-c", "-o", "-p", "-e", "-s")),
    ),
    **dict.fromkeys(
        (
            "dbus-run-session",
            "dbus-launch",
            "systemd-inhibit",
            "setpriv",
            "runcon",
            "rlwrap",
            "capsh",
            "xvfb-run",
            "pkexec",
        ),
        frozenset(("-n", "-s", "-t", "-r", "-u")),
    ),
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
#: Characters of what `xargs` is given that are put into its command.
_XARGS = 2_000
#: Letters of a short option.
_LETTER = 2
_EDITS = re.compile(r"(?:-c |\+|--cmd )\s*:?!\s*(.+)", re.DOTALL)
#: Options whose value a program runs as a command (GTFOBins).
_TAKES_COMMANDS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("tar", "bsdtar", "gtar"),
        re.compile(
            r"(?:--checkpoint-action=exec=|--to-command=|--use-compress-program=|--rmt-command=|-I )(.+)",
            re.DOTALL,
        ),
    ),
    **dict.fromkeys(("vi", "vim", "nvim", "view", "ex", "rvim"), _EDITS),
    **dict.fromkeys(
        ("ssh", "scp", "sftp"),
        re.compile(r"-o ?(?:ProxyCommand|LocalCommand)[= ](.+)", re.DOTALL | re.IGNORECASE),
    ),
    "rsync": re.compile(r"(?:-e |--rsh=)(.+)", re.DOTALL),
    "zip": re.compile(r"(?:-TT |--unzip-command[= ])(.+)", re.DOTALL),
    "tcpdump": re.compile(r"-z (.+)", re.DOTALL),
    "make": re.compile(r"--eval=\s*\$\(shell\s+(.+)\)", re.DOTALL),
}

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


def split_string(name: str, values: list[Value]) -> Value | None:
    """Return the command that `env -S TEXT` is given in one word."""
    if name != "env":
        return None
    for at, value in enumerate(values[:_LIMIT]):
        if value.text in {"-S", "--split-string"} and at + 1 < len(values):
            return joined(values[at + 1 :], " ")
        if value.text.startswith(("-S", "--split-string=")) and " " in value.text:
            return value._replace(text=value.text.removeprefix("--split-string=").removeprefix("-S"))
    return None


def filled(given: list[Value], command: list[Value], stdin: Value) -> list[Value]:
    """Return the command that `xargs` starts, with what it reads in it: at its end, or for `-I NAME`."""
    words = [value.text for value in given]
    at = next((number for number, word in enumerate(words) if word.startswith("-I")), None)
    mark = ""
    if at is not None:
        mark = words[at][2:] or (words[at + 1] if at + 1 < len(words) else "")
    plain = stdin.known and stdin.text and len(stdin.text) < _XARGS
    read = Value(stdin.text.rstrip("\n") if plain else "$()", known=bool(plain), origins=stdin.origins)
    if not mark or not any(mark in value.text for value in command):
        return [*command, read]
    return [
        value
        if mark not in value.text
        else Value(
            value.text.replace(mark, read.text), value.known and read.known, value.origins | read.origins
        )
        for value in command
    ]


def carried(state: State, name: str, values: list[Value], named: Named) -> Iterator[list[Value]]:
    """Yield the commands inside the arguments of a program."""
    if name == "find":
        yield from _executed(state, values)
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


def _executed(state: State, values: list[Value]) -> Iterator[list[Value]]:
    """Yield what `find … -exec COMMAND {} ;` starts, with what is looked for in place of the brackets."""
    origins = losses.everything(values)
    for value in values[:3]:
        known = file_of(state, f"{value.text.rstrip('/')}/*") if not value.text.startswith("-") else None
        origins |= known.origins if known is not None else frozenset()
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


def _given(name: str, values: list[Value]) -> Iterator[Value]:
    """Yield what options of a program make it run: `tar --to-command=TEXT`, `vim -c :!TEXT`."""
    takes = _TAKES_COMMANDS.get(name)
    for at, value in enumerate(values[:_LIMIT]) if takes is not None else ():
        following = values[at + 1] if at + 1 < len(values) else Value()
        for word in (f"{value.text} {following.text}" if len(value.text) == _LETTER else "", value.text):
            found = takes.match(word) if takes is not None else None
            if found is not None and found[1]:
                yield value._replace(text=found[1].strip("\"'"), known=value.known and following.known)
                break


def _texts(name: str, values: list[Value]) -> Iterator[Value]:
    """Yield arguments that are command lines by themselves: `trap TEXT EXIT`, `script -c TEXT`."""
    yield from _given(name, values)
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
