"""Programs that run a text: shells, interpreters, `eval`, `source`."""

from __future__ import annotations

import re

from fimci.capabilities import sensitive
from fimci.capabilities.commands import decoders
from fimci.capabilities.commands.call import Call, Handler, normal, ran
from fimci.capabilities.commands.everyday import INTERPRETERS, SHELLS
from fimci.capabilities.commands.state import UNKNOWN, Value, joined

_EVALUATES = re.compile(
    r"\b(?:exec|eval|Function|system|require\(['\"]child_process|subprocess|popen|execSync|spawn)\b"
)
_DECODES = re.compile(
    r"b64decode|base64|fromhex|unhexlify|decode64|atob|pack\(|zlib|marshal|codecs\.decode|fromCharCode"
)
_FETCHES = re.compile(
    r"https?['\"]\)\.(?:get|request)|urlopen|urllib|requests|https?\.(?:get|request)|fetch\(|LWP|net/http|open-uri|axios|socket"
)
_ENCODED = re.compile(r"-e(?:c|n[a-z]*)?\Z", re.IGNORECASE)
_COMMAND = re.compile(r"-c(?:o[a-z]*)?\Z", re.IGNORECASE)
_POWERSHELL_VALUED = re.compile(
    r"-(?:ex?[a-z]*p[a-z]*|ep|w[a-z]*|v[a-z]*|psc[a-z]*|configurationname)\Z", re.IGNORECASE
)
_STDIN = frozenset(("-", "-s", "/dev/stdin", "/dev/fd/0", "-i"))


def interpreter(call: Call) -> Value:
    """Read `sh -c TEXT`, `python -c TEXT`, `node FILE`, `… | sh`."""
    base = call.name
    codes = INTERPRETERS[base]
    for at, value in enumerate(call.arguments):
        option = value.text
        if option in codes or (base in SHELLS and re.fullmatch(r"-[a-z]*c", option)):
            rest = call.arguments[at + 1 :]
            return _code(call, rest[0], rest[1:]) if rest else Value()
        if not option.startswith(("-", "+")) or option in _STDIN:
            if option in _STDIN:
                continue
            return _file(call, value)
    return _input(call)


def _code(call: Call, code: Value, rest: list[Value]) -> Value:
    """Judge a text that is given to an interpreter."""
    if ran(call, code, call.name) and not code.known:
        return Value("$()", known=False, origins=code.origins)
    if call.name in SHELLS:
        for number, value in enumerate(rest[:10]):
            call.state.variables[str(number)] = value
        return shell_text(call, code)
    program_text(call, code)
    return Value("$()", known=False)


def shell_text(call: Call, code: Value) -> Value:
    """Judge a text that a shell is given; what is not known of it is told as such."""
    if code.assembled and code.known and not call.state.depth:
        call.state.tell("obfuscation", "assembled command", call.name)
    return call.run(call.state, code.text, call.stdin, "sh")


def program_text(call: Call, code: Value) -> None:
    """Look at the text of another language as far as words tell."""
    text = code.text[:20_000]
    hosts = list(dict.fromkeys(host.name for host in sensitive.hosts(text)))
    fetches = _FETCHES.search(text)
    for host in hosts if fetches else ():
        call.state.tell("network", host, f"{call.name} -e")
    if _EVALUATES.search(text):
        if _DECODES.search(text):
            call.state.tell(
                "encoded-payload", f"{'base64' if '64' in text else 'encoded'} -> {call.name}", call.name
            )
        if fetches:
            call.state.tell("download-and-run", f"{(hosts or ['*'])[0]} -> {call.name}", call.name)
    for quoted in re.findall(r"['\"]([^'\"\n]{3,200})['\"]", text):
        spot = sensitive.spot(quoted)
        if spot is not None and spot.name != "persistence":
            call.state.tell(spot.name, spot.label, call.name)


def _file(call: Call, value: Value) -> Value:
    """Judge the file that is run: one that was fetched, or what other commands print."""
    known = call.state.files.get(normal(value.text), frozenset())
    ran(call, value._replace(origins=value.origins | known), call.name)
    if sensitive.host(value.text) is not None and "://" in value.text:
        host = sensitive.host(value.text)
        call.state.tell("download-and-run", f"{host.name if host else '*'} -> {call.name}", call.name)
    return Value("$()", known=False, origins=value.origins)


def _input(call: Call) -> Value:
    """Judge what is piped into an interpreter."""
    if not call.pipe:
        return Value("$()", known=False)
    if ran(call, call.stdin, call.name):
        if call.stdin.known and call.name in SHELLS:
            call.run(call.state, call.stdin.text, Value(), "sh")
        return Value("$()", known=False, origins=call.stdin.origins)
    if call.name in SHELLS and call.stdin.known:
        return shell_text(call._replace(stdin=Value()), call.stdin)
    if call.stdin.known:
        program_text(call, call.stdin)
    elif call.name in SHELLS:
        call.state.tell("dynamic-code", "built", f"| {call.name}")
    return Value("$()", known=False)


def evaluate(call: Call) -> Value:
    """Judge `eval`: a text that is put together is run."""
    code = joined(call.arguments, " ")
    if ran(call, code, "eval"):
        if code.known:
            call.run(call.state, code.text, call.stdin, "sh")
        return Value("$()", known=False, origins=code.origins)
    if code.known:
        return shell_text(call, code)
    if not code.text.startswith(("set -- ", "set -")):  # the idiom of getopt
        call.state.tell("dynamic-code", "built", "eval")
    return call.run(call.state, code.text, call.stdin, "sh")


def source(call: Call) -> Value:
    """Judge `.` and `source`."""
    for value in call.arguments[:1]:
        _file(call._replace(name="source"), value)
        if call.pipe and value.text in _STDIN:
            ran(call, call.stdin, "source")
    return Value("$()", known=False)


def powershell(call: Call) -> Value:
    """Judge `powershell -enc …`, `-Command …`, and what hides its window."""
    values = call.arguments
    skip = False
    for at, value in enumerate(values):
        option = value.text.replace("/", "-", 1) if value.text.startswith("/") else value.text
        if skip:
            skip = False
            if value.text.lower().startswith("h"):
                call.state.tell("process", call.name, "hidden window")
        elif _ENCODED.match(option):
            return _encoded(call, values[at + 1 :])
        elif _COMMAND.match(option):
            return _powershell_text(call, values[at + 1 :])
        elif _POWERSHELL_VALUED.match(option):
            skip = True
        elif option.lower() in {"-file", "-f"}:
            return _file(call, values[at + 1]) if at + 1 < len(values) else UNKNOWN
        elif not option.startswith("-"):
            return _powershell_text(call, values[at:])
    return _powershell_text(call, [call.stdin]) if call.pipe else Value("$()", known=False)


def _encoded(call: Call, values: list[Value]) -> Value:
    call.state.tell("encoded-payload", f"base64 -> {call.name}", f"{call.name} -enc")
    text = decoders.decode(values[0].text, "base64") if values and values[0].known else None
    return call.run(call.state, text, Value(), "powershell") if text else UNKNOWN


def _powershell_text(call: Call, values: list[Value]) -> Value:
    code = joined(values, " ")
    if code.text == "-":
        code = call.stdin
    ran(call, code, call.name)
    return call.run(call.state, code.text, Value(), "powershell")


def cmd(call: Call) -> Value:
    """Judge `cmd /c TEXT`."""
    for at, value in enumerate(call.arguments):
        if value.text.lower() in {"/c", "/k", "/r", "/q/c", "/s/c"}:
            return call.run(call.state, " ".join(call.texts()[at + 1 :]), call.stdin, "batch")
    return Value("$()", known=False)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(INTERPRETERS, interpreter),
    "eval": evaluate,
    ".": source,
    "source": source,
    "powershell": powershell,
    "pwsh": powershell,
    "cmd": cmd,
}
