"""Programs that run a text: shells, interpreters, `eval`, `source`."""

from __future__ import annotations

import re
from itertools import pairwise

from fimci.capabilities import addresses
from fimci.capabilities.commands import clients, decoders, effects, foreign, services
from fimci.capabilities.commands.call import Call, Handler, file_of, normal, ran, write_file
from fimci.capabilities.commands.everyday import INTERPRETERS, SHELLS
from fimci.capabilities.commands.state import OTHERS, UNKNOWN, State, Value, joined

_ENCODED = re.compile(r"-e(?:c|n[a-z]*)?\Z", re.IGNORECASE)
_COMMAND = re.compile(r"-c(?:o[a-z]*)?\Z", re.IGNORECASE)
_POWERSHELL_VALUED = re.compile(
    r"-(?:ex[a-z]*|ep|[io][a-z]{2,}|w[a-z]*|v[a-z]*|psc[a-z]*|configurationname)\Z", re.IGNORECASE
)
_STDIN = frozenset(("-", "-s", "/dev/stdin", "/dev/fd/0", "-i"))
_SHELL_CODE = re.compile(r"-[a-z]{0,6}c\Z")
_JOINED_CODE = re.compile(r"-[a-zA-Z0-9]{0,6}[eE]\Z")
#: Letters of an option before a text that is joined to it: `ruby -eTEXT`.
_LETTERS = 4
_WITH_VERBS = frozenset(("bun", "deno"))
#: Options of `node` that load a file first, and those of shells and Python that take a word.
_LOADS = frozenset(("-r", "--require", "--import", "--loader", "--experimental-loader"))
_VALUED = frozenset(
    (*_LOADS, "-o", "+o", "-O", "+O", "--rcfile", "--init-file", "-W", "-X", "-C", "--conditions")
)
_INTERPRETED = re.compile(r"#!\s*\S*?(?:/env\s+(?:-S\s+)?)?([\w.]+)(?:\s|\Z)")
#: A path that leads to a file of one's own: no option, address, pattern or word of another kind.
_OWN = re.compile(r"[\w.@/-]{1,200}\Z")
#: A parameter of a function, and nothing else.
_PARAMETER = re.compile(r"\s*\$\{?([1-9@*])\}?\s*")
_LOOKS_AROUND = frozenset(("configure", "config", "autogen.sh", "bootstrap", "bootstrap.sh", "buildconf"))
_ELSEWHERE = ("/", "~", "-")


def interpreter(call: Call) -> Value:
    """Read `sh -c TEXT`, `python -c TEXT`, `node FILE`, `… | sh`."""
    base = call.name
    codes = INTERPRETERS[base]
    if base in _WITH_VERBS and call.arguments:
        verb = call.arguments[0].text
        if verb in {"run", "test"}:
            call = call._replace(arguments=call.arguments[1:])
        elif verb.isalpha() and verb != "eval":
            return services.package_manager(call)
    for at, value in enumerate(call.arguments):
        option = value.text
        if option in codes or (base in SHELLS and _SHELL_CODE.match(option)) or _joined_code(base, option):
            rest = call.arguments[at + 1 :]
            before = " ".join(one.text for one in call.arguments[:at])
            return _code(call, rest[0], rest[1:], before) if rest else Value()
        if base not in SHELLS and option.startswith("-") and (code := _attached(call, at, codes)) is not None:
            return code
        if base in foreign.LANGUAGES:
            _loaded(call.state, value, call.arguments[at + 1 : at + 2])
        if not option.startswith(("-", "+")) or option in _STDIN:
            if option in _STDIN or (at and call.arguments[at - 1].text in _VALUED):
                continue
            return _file(call, value)
    return _input(call)


def _module(call: Call, rest: list[Value]) -> Value:
    """Read `python -m pip install NAME`; other modules are not known."""
    if rest and rest[0].text == "pip":
        return services.package_manager(call._replace(name="pip", arguments=rest[1:]))
    if rest and rest[0].text in {"http.server", "SimpleHTTPServer", "pyftpdlib", "uploadserver"}:
        return clients.served(call._replace(name=rest[0].text, arguments=rest[1:]))
    return Value("$()", known=False)


def _loaded(state: State, option: Value, following: list[Value]) -> None:
    """Note what `node --require FILE` and `--import=FILE` load first."""
    name, _, given = option.text.partition("=")
    if name in _LOADS:
        for value in [option._replace(text=given)] if given else following:
            if value.text.startswith("."):
                _refer(state, value)


def _attached(call: Call, at: int, codes: tuple[str, ...]) -> Value | None:
    """Judge a text that is joined to its option (`ruby -eTEXT`), and `python -m NAME`."""
    option = call.arguments[at].text
    if len(option) > _LETTERS and option[:2] in codes:
        return _code(call, call.arguments[at]._replace(text=option[2:]), call.arguments[at + 1 :], "")
    if option == "-m" and call.name == "python":
        return _module(call, call.arguments[at + 1 :])
    return None


def _joined_code(base: str, option: str) -> bool:
    """Tell whether letters in one word end in the one that carries code: `perl -lane`, `ruby -ne`."""
    return base in {"perl", "ruby"} and _JOINED_CODE.match(option) is not None


def _code(call: Call, code: Value, rest: list[Value], before: str) -> Value:
    """Judge a text that is given to an interpreter; `before` are the options that load modules."""
    if ran(call, code, call.name) and not code.known:
        return Value("$()", known=False, origins=code.origins)
    if call.name in SHELLS:
        if rest:
            call.state.variables["0"] = rest[0]
            call.state.give(rest[1:])
        return shell_text(call, code)
    return foreign.judge(call, code, before)


def shell_text(call: Call, code: Value) -> Value:
    """Judge a text that a shell is given; what is not known of it is told as such."""
    if code.assembled and code.known and call.state.depth <= 1:
        call.state.tell("obfuscation", "assembled command", call.name)
    if not code.known:
        _of_parameter(call.state, code)
    if len(code.others) == OTHERS:
        call.state.capped = True
    for other in code.others:
        if call.state.step():
            call.run(call.state, other, call.stdin, "sh")
    return call.run(call.state, code.text, call.stdin, "sh")


def _of_parameter(state: State, code: Value) -> None:
    """Note that a function runs one of its parameters, or all of them."""
    found = _PARAMETER.fullmatch(code.text)
    if found is not None and state.within:
        state.running.setdefault(state.within, set()).add(found[1])


def given(call: Call) -> None:
    """Judge what a function is given that it runs as a text."""
    for name in sorted(call.state.running[call.name]):
        values = call.arguments if name in "@*" else call.arguments[int(name) - 1 : int(name)]
        code = joined(values, " ")
        if not ran(call, code, call.name) and code.known and code.text:
            shell_text(call._replace(stdin=Value()), code)


def _file(call: Call, value: Value) -> Value:
    """Judge the file that is run: one that was fetched, or what other commands print."""
    if file(call, value, call.name):
        return Value("$()", known=False, origins=value.origins)
    host = addresses.host(value.text) if "://" in value.text else None
    if host is not None:
        call.state.tell("network", host.name, call.name)
        call.state.tell("download-and-run", f"{host.name} -> {call.name}", call.name)
    else:
        _refer(call.state, value)
    return Value("$()", known=False, origins=value.origins)


def file(call: Call, value: Value, what: str) -> bool:
    """Judge the content of a file that the script wrote or fetched itself; whether it did."""
    known = file_of(call.state, value.text)
    if call.state.unpacked:
        _from_archive(call, normal(value.text), what)
    ran(call, value._replace(origins=value.origins | (known.origins if known else frozenset())), what)
    copied = known.origin("own") if known else ""
    if copied:
        _refer(call.state, Value(copied))
    if known is None:
        if what == "executable":
            _refer(call.state, value)
        return False
    if known.known and known.text:
        first = known.text.partition("\n")[0]
        named = _INTERPRETED.match(first) if first.startswith("#!") else None
        language = named[1].rstrip("0123456789.") if named else call.name
        inner = call._replace(name=language, stdin=Value())
        if language in foreign.LANGUAGES or (language in INTERPRETERS and language not in SHELLS):
            foreign.judge(inner, known, "")
        elif call.state.dialect == "sh":
            shell_text(inner, known)
        else:
            call.run(call.state, known.text, Value(), call.state.dialect)
    return True


def _from_archive(call: Call, file_: str, what: str) -> None:
    """Note that archives are run of which a file may come, and tell what does come from one.

    Archives of sources bring the script that looks around before they are built.
    """
    for archive, folders in call.state.unpacked.items():
        _refer(call.state, Value(archive))
        inside = any(file_.startswith(f"{folder}/") for folder in folders)
        if inside and file_.rpartition("/")[2] not in _LOOKS_AROUND:
            call.state.tell("process", f"{archive} -> {what}", call.name)


def _refer(state: State, value: Value) -> None:
    """Note a file of the own package that is run, as it is written."""
    text = value.text.replace("\\", "/")
    if value.known and not value.origins and _OWN.match(text) and not text.startswith(_ELSEWHERE):
        state.refer(text)


def _input(call: Call) -> Value:
    """Judge what is piped into an interpreter."""
    if not call.pipe:
        return Value("$()", known=False)
    if ran(call, call.stdin, call.name):
        if call.stdin.known and call.name in SHELLS:
            call.run(call.state, call.stdin.text, Value(), "sh")
        elif call.stdin.known:
            foreign.judge(call, call.stdin, "")
        return Value("$()", known=False, origins=call.stdin.origins)
    if call.name in SHELLS and call.stdin.known:
        return shell_text(call._replace(stdin=Value()), call.stdin)
    if call.stdin.known:
        return foreign.judge(call, call.stdin, "")
    if call.name in SHELLS and not call.stdin.origin("pipe"):
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
    _of_parameter(call.state, code)
    return call.run(call.state, code.text, call.stdin, "sh")


def source(call: Call) -> Value:
    """Judge `.` and `source`."""
    for value in call.arguments[:1]:
        _file(call._replace(name="source"), value)
        if call.pipe and value.text in _STDIN:
            ran(call, call.stdin, "source")
    return Value("$()", known=False)


def set_(call: Call) -> Value:
    """Keep what `set -- WORD…` makes the parameters of."""
    if call.arguments and call.arguments[0].text == "--":
        words = call.arguments[1:]
        call.state.give(words if all(value.known and value.text for value in words) else None)
        return Value()
    return effects.whole_environment(call)


def alias(call: Call) -> Value:
    """Keep other names of commands."""
    for value in call.arguments:
        name, equals, text = value.text.partition("=")
        if equals and text and value.known:
            call.state.aliases[name] = text
    return Value()


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
    if call.pipe:
        ran(call, call.stdin, call.name)
    return Value("$()", known=False)


def parts(call: Call) -> Value:
    """Judge `run-parts FOLDER`, which runs all that is in it."""
    for value in call.arguments:
        if not value.text.startswith("-"):
            file(call, value._replace(text=f"{value.text.rstrip('/')}/*"), "executable")
    return Value("$()", known=False)


def loader(call: Call) -> Value:
    """Judge the loader of the system, which is given the program that it starts."""
    for value in call.arguments[:1]:
        file(call, value, "executable")
    return Value("$()", known=False)


def made(call: Call) -> Value:
    """Judge `make -f FILE` and `make -C FOLDER`, and where a plain `cmake` or `make` finds its commands."""
    folder, name = ".", "CMakeLists.txt" if call.name.startswith("cmake") else "Makefile"
    builds = call.has("--build", "-E", "-P", "--install", "--version") and call.name == "cmake"
    for before, value in pairwise([Value(), *call.arguments]):
        if before.text in {"-f", "--file", "--makefile", "-P"} or value.text == "-":
            content = call.stdin if value.text in {"-", "/dev/stdin"} else file_of(call.state, value.text)
            if content is not None:
                ran(call, content, call.name)
            _refer(call.state, value)
            name = ""
        elif before.text in {"-C", "--directory", "-S", "-d"} or (
            call.name == "cmake" and not value.text.startswith("-") and not before.text.startswith("-")
        ):
            folder = value.text
    if name and not builds:
        _refer(call.state, Value(f"{folder.rstrip('/')}/{name}".removeprefix("./")))
    return Value("$()", known=False)


def compiled(call: Call) -> Value:
    """Note that what a compiler makes of a fetched text is as much fetched as that."""
    target = next(
        (after for before, after in pairwise(call.arguments) if before.text == "-o"), Value("a.out")
    )
    given = [value for value in call.arguments if value is not target and not value.text.startswith("-")]
    sources = [call.stdin, *filter(None, (file_of(call.state, value.text) for value in given))]
    origins = frozenset(one for value in sources for one in value.origins if one[0] in {"network", "decoded"})
    if origins:
        write_file(call, target, Value("$()", known=False, origins=origins))
    return Value()


HANDLERS: dict[str, Handler] = {
    "run-parts": parts,
    "ld.so": loader,
    **dict.fromkeys(("make", "gmake", "nmake", "cmake", "cmake-js"), made),
    **dict.fromkeys(("cc", "gcc", "g++", "c++", "clang", "clang++", "tcc", "rustc"), compiled),
    **dict.fromkeys(INTERPRETERS, interpreter),
    "eval": evaluate,
    ".": source,
    "source": source,
    "set": set_,
    "alias": alias,
    "powershell": powershell,
    "pwsh": powershell,
    "cmd": cmd,
}
