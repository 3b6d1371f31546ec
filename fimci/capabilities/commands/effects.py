"""Programs by what they leave behind: deleted homes, started services, defences that are off."""

from __future__ import annotations

import re

from fimci.capabilities import sensitive
from fimci.capabilities.commands.call import Call, Handler, options, read_file, write_file
from fimci.capabilities.commands.decoders import PASSING, passed
from fimci.capabilities.commands.everyday import DEFENCES, LOOKS
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value

#: Folders that nobody empties who means well: root, what is directly in it, homes, everything here.
_DESTROYED = re.compile(
    r"(?:/|/\*|/(?:bin|boot|dev|etc|home|lib|lib64|opt|root|sbin|srv|sys|usr|var|Users|System|Library|Applications)(?:/\*)?"
    r"|(?:~|\$HOME|\$USERPROFILE|\$env:USERPROFILE|\$env:HOME|%USERPROFILE%|\$HOMEPATH|/home/[^/]*|/Users/[^/]*)/?(?:\*|\.\*|\.\[.*)?"
    r"|\*|\./\*|\.\*|\.\.|\.\./\*|[A-Za-z]:[\\/]?\*?(?:\.\*)?|\$SYSTEMDRIVE\\?\*?)\Z",
    re.IGNORECASE,
)
_RUN_KEY = re.compile(
    r"CurrentVersion\\+(?:Run|RunOnce|RunServices|Policies\\+Explorer\\+Run)|Winlogon|Image File Execution",
    re.IGNORECASE,
)
_DISK = re.compile(r"of=/dev/(?:sd|hd|nvme|vd|mmcblk|disk|mem)")
_LOOKS_LIMIT = 3
_SERVICES = {"enable", "link", "load", "bootstrap", "submit", "/create", "-create", "create", "defaults"}
_SECRET_WORD = re.compile(r"TOKEN|SECRET|PASS|KEY|AUTH|CREDENTIAL|AWS|NPM|GITHUB", re.IGNORECASE)


def remove(call: Call) -> Value:
    """Judge what is deleted with all that is in it."""
    words = [
        value
        for value in call.arguments
        if not value.text.startswith(("-", "/s", "/q", "/S", "/Q", "/f", "/F"))
    ]
    deep = call.name not in {"rm", "remove-item", "del", "rd", "rmdir"} or any(
        re.fullmatch(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive|/[sS]", value.text) for value in call.arguments
    )
    for value in words if deep else ():
        if _DESTROYED.match(value.text.rstrip("/") or "/"):
            call.state.tell("filesystem-delete", value.text, call.name)
    if any(value.text in {"$0", "%~f0", "%0", "$BASH_SOURCE", "$PSCommandPath"} for value in call.arguments):
        call.state.tell("module-tampering", "removes itself", call.name)
    return Value()


def find(call: Call) -> Value:
    """Judge `find PATH … -delete` and `-exec`; what is looked for may be secrets."""
    texts = call.texts()
    if "-delete" in texts or ("-exec" in texts and {"rm", "shred"} & set(texts)):
        # With a condition (`-name '*.pyc'`) it is a clean-up.
        conditions = {
            "-name",
            "-iname",
            "-path",
            "-mtime",
            "-newer",
            "-size",
            "-regex",
            "-mmin",
            "-empty",
            "-user",
        }
        for text in texts[:1] if not conditions & set(texts) else ():
            if _DESTROYED.match(text.rstrip("/") or "/"):
                call.state.tell("filesystem-delete", text, "find -delete")
    origins = frozenset[tuple[str, str]]()
    for value in call.arguments:
        spot = sensitive.spot(value.text.strip("*"))
        if spot is not None and spot.name != "persistence":
            call.state.tell(spot.name, spot.label, call.name)
            origins |= {("secret", spot.label)}
    return Value("$()", known=False, origins=origins)


def wipe(call: Call) -> Value:
    """Judge programs that overwrite disks and files."""
    call.state.tell("filesystem-delete", "*", call.name)
    return Value()


def dd(call: Call) -> Value:
    """Judge `dd of=/dev/sda`."""
    for text in call.texts():
        if _DISK.match(text):
            call.state.tell("filesystem-delete", text.removeprefix("of="), call.name)
    return unknown(call.stdin)


def copied(call: Call) -> Value:
    """Judge `cp`, `mv`, `install`, `ln`: read is all but the last word, written is that."""
    words = [value for name, value in options(call.arguments, {"-m", "-o", "-g", "-t", "-S"}) if not name]
    content = Value()
    for value in words[:-1]:
        content = read_file(call, value)
    if len(words) > 1:
        write_file(call.state, words[-1], content, call.name)
    return Value()


def tee(call: Call) -> Value:
    """Judge `tee FILE`."""
    for value in call.arguments:
        if not value.text.startswith("-"):
            write_file(call.state, value, call.stdin, call.name)
    return call.stdin


def read(call: Call) -> Value:
    """Put what is read into the variables that `read` and `mapfile` name."""
    for value in call.arguments:
        if value.text.isidentifier():
            call.state.variables[value.text] = unknown(call.stdin)
    return Value()


def crontab(call: Call) -> Value:
    """Judge `crontab FILE` and `crontab -`; `-l` lists."""
    if not call.has("-l", "-r") and (call.arguments or call.pipe):
        call.state.tell("persistence", "crontab", call.name)
    return Value("$()", known=False)


def service(call: Call) -> Value:
    """Judge what makes something start by itself: `systemctl enable`, `schtasks /create`."""
    if {text.lower() for text in call.texts()} & _SERVICES:
        call.state.tell("persistence", call.name, call.name)
    return Value("$()", known=False)


def at_time(call: Call) -> Value:
    """Judge `at now + 1 minute`."""
    call.state.tell("persistence", call.name, call.name)
    return Value()


def registry(call: Call) -> Value:
    """Judge `reg add` of what starts by itself; `reg save` of the accounts takes credentials."""
    text = " ".join(call.texts())
    verb = call.arguments[0].text.lower() if call.arguments else ""
    if verb in {"add", "import"} and _RUN_KEY.search(text):
        call.state.tell("persistence", "CurrentVersion\\Run", call.name)
    elif verb in {"save", "export"} and re.search(r"\b(?:SAM|SECURITY|SYSTEM)\b", text, re.IGNORECASE):
        call.state.tell("credentials", "SAM", call.name)
    elif verb == "add":
        call.state.tell("process", "reg", "reg add")
    return Value("$()", known=False)


def defence(call: Call) -> Value:
    """Judge what switches a protection off."""
    words = DEFENCES[call.name]
    given = {text.lower() for text in call.texts()}
    if not words or given & set(words):
        call.state.tell("process", call.name, "turns a defence off")
    return Value("$()", known=False)


def look(call: Call) -> Value:
    """Note what asks who and where one is. `uname -m` and `uname -s` choose a download."""
    name = call.name
    if (name == "uname" and not call.has("-a", "-n", "--all")) or (name == "id" and call.arguments):
        return Value("$()", known=False)
    if (name == "ip" and not call.has("a", "addr", "address", "neigh", "r", "route")) or (
        name == "net" and not call.arguments
    ):
        return Value("$()", known=False)
    state = call.state
    state.looked.setdefault(name, (state.base + state.line, state.text))
    if len(state.looked) == _LOOKS_LIMIT:
        state.tell("system-information", ", ".join(state.looked), "several in one script")
    return Value("$()", known=False, origins=frozenset([("system", name)]))


def whole_environment(call: Call) -> Value:
    """Return all variables, where a program prints them."""
    prints = {
        "env": not [value for value in call.arguments if not value.text.startswith("-")],
        "printenv": not call.arguments,
        "set": not call.arguments,
        "export": not call.arguments or call.has("-p"),
        "declare": not call.arguments or call.has("-p", "-x", "-px", "-xp"),
        "typeset": not call.arguments or call.has("-p", "-x"),
        "compgen": call.has("-e", "-v"),
    }[call.name]
    if call.name == "printenv":
        for value in call.arguments:
            if sensitive.secret(value.text):
                call.state.tell("environment", value.text, call.name)
                return Value("$()", known=False, origins=frozenset([("secret", value.text)]))
    origins = frozenset([("environment-bulk", call.name)]) if prints else frozenset()
    return Value("$()" if prints else "", known=not prints, origins=origins)


def filtered(call: Call) -> Value:
    """Judge `env | grep TOKEN`: all variables are looked through for secrets."""
    if call.stdin.origin("environment-bulk") and any(_SECRET_WORD.search(text) for text in call.texts()):
        call.state.tell("environment-bulk", "*", f"{call.stdin.origin('environment-bulk')} | {call.name}")
    return passed(call)


def executable(call: Call) -> Value:
    """Judge `chmod +x FILE` of a file that was fetched or decoded."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    if not words or not re.search(r"x|[157]", words[0].text):
        return Value()
    for value in words[1:]:
        for kind, name in sorted(
            call.state.files.get(value.text.strip("\"'").removeprefix("./"), frozenset())
        ):
            if kind == "network":
                call.state.tell("download-and-run", f"{name} -> executable", call.name)
            elif kind == "decoded":
                call.state.tell("encoded-payload", f"{name} -> executable", call.name)
    return Value()


def system_tool(call: Call) -> Value:
    """Tell a tool of the system that is seldom started for good reasons."""
    call.state.tell("process", call.name, call.name)
    return unknown(call.stdin)


_NOTABLE_WORDS = """
chisel chpasswd cloudflared cpuminer dscl ethminer frpc gdbserver gost hydra insmod kextload lolminer
masscan mimikatz minerd modprobe nanominer nbminer ngrok nmap passwd procdump proxychains psexec t-rex
tor useradd usermod xmrig
"""
#: Miners, tunnels and tools of break-ins.
_NOTABLE = frozenset(_NOTABLE_WORDS.split())


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(PASSING, passed),
    **dict.fromkeys(LOOKS, look),
    **dict.fromkeys(_NOTABLE, system_tool),
    **dict.fromkeys(DEFENCES, defence),
    **dict.fromkeys(("rm", "rimraf", "rd", "del", "erase", "remove-item", "del-cli", "trash"), remove),
    **dict.fromkeys(("shred", "wipefs", "mkfs", "mkfs.ext4", "sdelete", "srm", "diskpart"), wipe),
    **dict.fromkeys(("cp", "mv", "install", "ln", "copy", "move", "xcopy"), copied),
    **dict.fromkeys(("env", "printenv", "set", "export", "declare", "typeset", "compgen"), whole_environment),
    **dict.fromkeys(("grep", "egrep", "fgrep", "rg", "awk", "sed"), filtered),
    **dict.fromkeys(
        ("systemctl", "launchctl", "schtasks", "update-rc.d", "chkconfig", "rc-update", "sc"), service
    ),
    **dict.fromkeys(("at", "batch", "loginctl"), at_time),
    **dict.fromkeys(("read", "mapfile", "readarray"), read),
    "find": find,
    "dd": dd,
    "tee": tee,
    "crontab": crontab,
    "reg": registry,
    "chmod": executable,
}
