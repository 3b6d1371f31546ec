"""Programs by what they leave behind: deleted homes, started services, defences that are off."""

from __future__ import annotations

import re

from fimci.capabilities import sensitive
from fimci.capabilities.agents import AGENTS, UNASKED
from fimci.capabilities.commands import foreign, places
from fimci.capabilities.commands.call import Call, Handler, ran, read_file, shared
from fimci.capabilities.commands.decoders import PASSING, passed
from fimci.capabilities.commands.everyday import DEFENCES, LOOKS
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value

_LOOKS_LIMIT = 3
_SERVICES = {"enable", "link", "load", "bootstrap", "submit", "/create", "-create", "create", "defaults"}
#: Services and programs that protect a machine, and what ends them.
_GUARDIAN = re.compile(
    r"\b(?:auditd|apparmor|firewalld|ufw|clamd?|clamav(?:-daemon)?|falcon-sensor|falcond|osqueryd|wazuh-agent|sysmon"
    r"|windefend|wdnissvc|securityhealthservice|mssense|wscsvc|mpssvc|msmpeng|mpcmdrun|avast\w*|avg\w*|mcshield"
    r"|r?syslogd?|syslog-ng|aliyun|aegis|cloudmonitor|qcloud|hostguard|crowdstrike|santa(?:d|ctl)?"
    r"|cylancesvc|sentinel(?:agent|one|d)|carbonblack|cbdaemon|littlesnitch\w*|lulu|xprotect\w*)\b",
    re.IGNORECASE,
)
#: The same in the words of one of them.
_STARTS = {"rc-update": frozenset(("add",)), "chkconfig": frozenset(("--add", "on"))}
#: Miners, as those that come later call them.
_RIVALS = re.compile(r"\b(?:xmrig|xmr-stak|kinsing|kdevtmpfsi|minerd|cpuminer|watchbog|ddgs|cryptonight)\b")
_ENDS = frozenset(("stop", "disable", "mask", "delete", "config", "unload", "bootout", "kill"))
_KILLERS = frozenset(("kill", "killall", "pkill", "taskkill", "stop-service", "stop-process"))
#: Options of miners: what they pay, compute and for whom.
_MINES = re.compile(
    r"--donate-level\b|--randomx-\w|--coin[= ](?:monero|xmr)\b"
    r"|(?:--algo|-a)[= ](?:rx/|cn/|randomx|cryptonight|kawpow|ethash|etchash|autolykos|verus|ghostrider)|\bstratum\+(?:tcp|ssl|tls)://",
    re.IGNORECASE,
)
#: How keys begin, for those who look for some in all files of somebody.
_OF_KEYS = re.compile(r"AKIA|BEGIN[ \\w.*+]{1,20}PRIVATE|gh[pous]_|xox[bp]-|sk_live_|npm_\[")
#: How the secrets of a workflow stand in the memory of what runs it (tj-actions, 2025).
_OF_RUNNER = re.compile(r"\bisSecret\b")
_SECRET_WORD = re.compile(r"(?i:TOKEN|SECRET|PASS|KEY|AUTH|CREDENTIAL)|AWS_|NPM_|GITHUB_")


def read(call: Call) -> Value:
    """Put what is read into the variables that `read` and `mapfile` name."""
    names = [value.text for value in call.arguments if value.text.isidentifier()]
    whole = call.stdin.known and len(names) == 1 and (call.has("-d") or "\n" not in call.stdin.text.strip())
    for name in names:
        call.state.variables[name] = call.stdin if whole and call.stdin.text else unknown(call.stdin)
    return Value()


def crontab(call: Call) -> Value:
    """Judge `crontab FILE` and `crontab -`; `-l` lists."""
    if not call.has("-l", "-r") and (call.arguments or call.pipe):
        call.state.tell("persistence", "crontab", call.name)
        words = [value for value in call.arguments if not value.text.startswith("-")]
        schedule = read_file(call, words[-1]) if words else call.stdin
        if schedule.text not in {"", "$()", "$?"}:
            call.run(call.state, places.commands("crontab", schedule.text), Value(), "sh")
    return Value("$()", known=False)


def service(call: Call) -> Value:
    """Judge what makes something start by itself: `systemctl enable`, `schtasks /create`."""
    if _stopped(call):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    elif _started(call.name, [text.lower() for text in call.texts()]):
        call.state.tell("persistence", call.name, call.name)
    return Value("$()", known=False)


def _started(name: str, words: list[str]) -> bool:
    """Tell whether words make something start; `sc` is a compiler elsewhere, which is told to `LINK`."""
    if name == "sc":
        return any(word.startswith("binpath") for word in words)
    return not (_SERVICES | _STARTS.get(name, frozenset())).isdisjoint(words)


def _stopped(call: Call) -> bool:
    """Tell whether a service or process is ended that protects the machine."""
    words = call.texts()
    ends = call.name in _KILLERS or any(text.lower() in _ENDS for text in words)
    return ends and any(_GUARDIAN.search(text) for text in words)


def killed(call: Call) -> Value:
    """Judge what ends processes: those that protect the machine are ended by nobody who means well."""
    if _stopped(call):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    if any(_RIVALS.search(text) for text in call.texts()):
        call.state.tell("process", "miner", "ends others of its kind")
    return Value("$()", known=False)


def accounts(call: Call) -> Value:
    """Judge `net user NAME /add` of Windows; `net` alone asks, and so does `net view`."""
    words = [text.lower() for text in call.texts()]
    if words[:1] in (["user"], ["localgroup"]) and "/add" in words:
        call.state.tell("persistence", "account", f"net {words[0]} /add")
    if words[:1] == ["use"]:
        drive = next((text for text in words[1:] if text.endswith(":")), "")
        share = next(filter(None, (shared(call.state, text) for text in call.texts())), None)
        if drive and share is not None:
            call.state.folders[drive] = share.origins
    if words[:1] == ["stop"] and any(_GUARDIAN.search(text) for text in words):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    return look(call)


def agent(call: Call) -> Value:
    """Judge a coding agent that is started with its questions switched off (nx, 2025)."""
    if call.texts()[:2] == ["mcp", "add"]:
        call.state.tell("persistence", "server of an agent", call.name)
    elif any(text.partition("=")[0] in UNASKED for text in call.texts()):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    else:
        call.state.tell("process", call.name, call.name)
    return Value("$()", known=False)


def lingering(call: Call) -> Value:
    """Judge `loginctl enable-linger`, by which services of a user run when he is not there."""
    if call.has("enable-linger"):
        call.state.tell("persistence", call.name, call.name)
    return Value("$()", known=False)


def at_time(call: Call) -> Value:
    """Judge `at now + 1 minute`, which is given commands."""
    call.state.tell("persistence", call.name, call.name)
    ran(call, call.stdin, call.name)
    if call.stdin.known and call.stdin.text:
        call.run(call.state, call.stdin.text, Value(), "sh")
    return Value()


def runner(call: Call) -> Value:
    """Judge the set-up of a runner of GitHub: whoever owns the repository runs what he likes here."""
    if call.has("--url") and call.has("--token", "--pat"):
        call.state.tell("persistence", "CI runner", call.name)
    return Value()


def debugger(call: Call) -> Value:
    """Judge a debugger that is tied to the process of a runner."""
    if (
        any("Runner" in value.text or "/proc/" in value.text for value in call.arguments)
        or "Runner" in call.state.text
    ):
        call.state.tell("credentials", "memory of the runner", call.name)
    return Value("$()", known=False)


def registry(call: Call) -> Value:
    """Judge `reg add` of what starts by itself; `reg save` of the accounts takes credentials."""
    text = " ".join(call.texts())
    verb = call.arguments[0].text.lower() if call.arguments else ""
    if verb in {"add", "copy"} and places.DEFENCE_KEY.search(text):
        call.state.tell("process", "reg", sensitive.DEFENCE_OFF)
    elif verb in {"add", "import", "copy"} and places.RUN_KEY.search(text):
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
    if call.name == "netsh" and "wlan" in given and any(text.startswith("key") for text in given):
        call.state.tell("credentials", "Wi-Fi passwords", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", "Wi-Fi passwords")]))
    if call.name == "netsh" and {"add", "helper"} <= given:
        call.state.tell("persistence", "helper of netsh", call.name)
    if not words or given & set(words):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    return Value("$()", known=False)


def look(call: Call) -> Value:
    """Note what asks who and where one is. `uname -m` and `uname -s` choose a download."""
    name = call.name
    if name == "history" and call.has("-c", "-cw", "-wc"):
        call.state.tell("obfuscation", "shell history off", "history -c")
    if (name == "uname" and not call.has("-a", "-n", "--all")) or (
        name == "id" and call.arguments and not any("n" in text for text in call.texts())
    ):
        return Value("$()", known=False)
    if (name == "ip" and not call.has("a", "addr", "address", "neigh", "r", "route")) or (
        name == "net" and not call.arguments
    ):
        return Value("$()", known=False)
    state = call.state
    state.looked.setdefault(name, (state.here(), state.text))
    if len(state.looked) == _LOOKS_LIMIT:
        state.tell("system-information", ", ".join(state.looked), "several in one script")
    return Value("$()", known=False, origins=frozenset([("system", name)]))


def forgotten(call: Call) -> Value:
    """Judge `unset HISTFILE`."""
    if call.has("HISTFILE"):
        call.state.tell("obfuscation", "shell history off", "unset HISTFILE")
    return Value()


def whole_environment(call: Call) -> Value:
    """Return all variables, where a program prints them."""
    if call.name == "set" and call.has("+o") and call.has("history"):
        call.state.tell("obfuscation", "shell history off", "set +o history")
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
    if prints:
        call.state.dumped.setdefault(call.name, (call.state.here(), call.state.text))
    return Value("$()" if prints else "", known=not prints, origins=origins)


def filtered(call: Call) -> Value:
    """Judge `env | grep TOKEN`: all variables are looked through for secrets. `awk` runs commands."""
    if call.name in {"awk", "gawk", "mawk"}:
        foreign.awk(call)
        printed = foreign.printed_by_awk(call)
        if printed is not None:
            return printed
    if call.stdin.origin("environment-bulk") and any(_SECRET_WORD.search(text) for text in call.texts()):
        call.state.tell_bulk(call.stdin.origin("environment-bulk"), f"| {call.name}")
    found = passed(call)
    if any(_OF_RUNNER.search(text) for text in call.texts()):
        call.state.tell("credentials", "secrets of a runner", call.name)
    if any(_OF_KEYS.search(text) for text in call.texts()):
        found = found._replace(origins=found.origins | {("secret", "what looks like a key")})
    return found


def mines(call: Call) -> None:
    """Tell a program that is given the options of miners, whatever its name."""
    if any(value.text.startswith("-") for value in call.arguments):
        text = " ".join(call.texts()[:40])
        if _MINES.search(text):
            call.state.tell("process", "miner", call.name)


def system_tool(call: Call) -> Value:
    """Tell a tool of the system that is seldom started for good reasons."""
    call.state.tell("process", call.name, call.name)
    return unknown(call.stdin)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(PASSING, passed),
    **dict.fromkeys(LOOKS, look),
    **dict.fromkeys(sensitive.TOOLS, system_tool),
    **dict.fromkeys(DEFENCES, defence),
    **dict.fromkeys(("env", "printenv", "set", "export", "declare", "typeset", "compgen"), whole_environment),
    **dict.fromkeys(("grep", "egrep", "fgrep", "rg", "awk", "gawk", "mawk"), filtered),
    **dict.fromkeys(
        ("systemctl", "launchctl", "schtasks", "update-rc.d", "chkconfig", "rc-update", "sc"), service
    ),
    **dict.fromkeys(("at", "batch"), at_time),
    "loginctl": lingering,
    **dict.fromkeys(("read", "mapfile", "readarray"), read),
    **dict.fromkeys(_KILLERS, killed),
    **dict.fromkeys(AGENTS, agent),
    **dict.fromkeys(("service", "initctl", "rc-service", "invoke-rc.d"), killed),
    "net": accounts,
    "unset": forgotten,
    "config.sh": runner,
    **dict.fromkeys(("gdb", "gcore", "lldb"), debugger),
    "crontab": crontab,
    "reg": registry,
}
