"""Reads statements in order, as a shell would, and tells what their commands can do. Nothing is run."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from fimci.capabilities.commands import (
    clients,
    decoders,
    effects,
    fetching,
    files,
    losses,
    machine,
    running,
    services,
    windows,
    wrapping,
)
from fimci.capabilities.commands.call import (
    Call,
    Handler,
    Run,
    fetched,
    network,
    ran,
    read_file,
    write_file,
)
from fimci.capabilities.commands.everyday import QUIET
from fimci.capabilities.commands.folding import Run as Inside
from fimci.capabilities.commands.folding import folded, unknown, words
from fimci.capabilities.commands.redirects import Target, redirected, tied, written
from fimci.capabilities.commands.script import Command, Group, Stage, Statement
from fimci.capabilities.commands.state import DEPTH_LIMIT, PARAMETER, State, Value, joined
from fimci.capabilities.commands.wrapping import WRAPPERS

HANDLERS: dict[str, Handler] = {
    **effects.HANDLERS,
    **losses.HANDLERS,
    **machine.HANDLERS,
    **decoders.HANDLERS,
    **files.HANDLERS,
    **fetching.HANDLERS,
    **clients.HANDLERS,
    **services.HANDLERS,
    **running.HANDLERS,
    **windows.HANDLERS,
}
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_DURATION = re.compile(r"\d+(?:\.\d+)?[smhd]?\Z")
_START_OPTION = re.compile(
    r"/(?:b|i|min|max|wait|low|normal|high|realtime|separate|shared|d\S*)\Z", re.IGNORECASE
)
_HIDING = frozenset(("nohup", "setsid", "start"))
#: Nobody names a program by three variables.
_PIECES = re.compile(r"\S{0,40}\$[^\s$/]{1,40}\$[^\s$/]{1,40}\$[^\s/]{1,80}")
#: What a program puts into a name between hyphens and the like: a version, a platform (`command_lines`).
_NAMED_PARTS = re.compile(r"\$UNKNOWN(?=[-_.@+\\])")
_GLOB = re.compile(r"[/\w?*\[\].-]{2,80}")
#: What a function of the same name only wraps.
_CORE = frozenset((*running.HANDLERS, "curl", "wget", "nc", "base64", "git", "npm"))
#: What is told although `npx` or `poetry run` starts it.
_RUN_BY_RUNNERS = frozenset((*running.HANDLERS, *fetching.HANDLERS, *services.HANDLERS, "base64"))
_PATTERN = re.compile(r"[?*]|\[[^\]\s]+\]")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,60}\Z")
_SET_TO_RUN_WORDS = """
BASH_ENV DYLD_INSERT_LIBRARIES GIT_SSH_COMMAND LD_AUDIT LD_PRELOAD PROMPT_COMMAND PYTHONSTARTUP
"""
_SET_TO_RUN = frozenset(_SET_TO_RUN_WORDS.split())
#: Sanitizers and allocators are loaded first, and `ssh` with options is `ssh`.
_HARMLESS = re.compile(
    r"lib(?:[alt]san|ubsan|clang_rt|jemalloc|tcmalloc|mimalloc|gomp|faketime|eatmydata)|=?['\"]?ssh -"
)
#: Characters of a pipeline up to the command that is told.
_EVIDENCE = 300
#: Programs that Windows starts from the folder that one is in.
#: Programs that a pattern is written for, where nobody shall see which.
_MEANT = ("curl", "wget", "bash", "sh", "nc", "base64", "python3", "perl", "cat", "chmod")
_OF_WINDOWS = (".exe", ".bat", ".cmd", ".com", ".msi", ".scr")
#: The loader of Linux, by whatever processor it is named after.
_LOADER = re.compile(r"(?:\A|/)ld-(?:linux|musl|2)[\w.-]{0,30}\.so(?:\.\d)?\Z")
_THIS_SHELL = frozenset(("$0", "$SHELL", "$BASH"))
#: What joins commands in an alias.
_OPERATORS = re.compile(r"[|;&$`<>]")
_NO_HISTORY = frozenset((("HISTSIZE", "0"), ("HISTFILESIZE", "0"), ("SAVEHIST", "0")))
_QUIET_PIPES_WORDS = """
awk cat cut egrep fgrep grep head less more rg sed sort tail tee uniq wc
"""
_QUIET_PIPES = frozenset(_QUIET_PIPES_WORDS.split())


def run(state: State, statements: tuple[Statement, ...], judge: Run, stdin: Value | None = None) -> Value:
    """Judge statements and return what they print together."""
    printed: list[Value] = []
    for statement in statements:
        if not state.step():
            break
        printed.append(_pipeline(state, statement, judge, stdin))
    if len(printed) == 1:
        return printed[0]
    whole = joined([value for value in printed if value.text or value.origins], "\n")
    return whole._replace(known=whole.known and len(printed) < 50)  # noqa: PLR2004  (echo by echo, not more)


def _pipeline(state: State, statement: Statement, judge: Run, stdin: Value | None) -> Value:
    value = stdin
    before = ""
    for number, stage in enumerate(statement.stages):
        if number and value is not None and value.origin("environment-bulk") and not _quiet(stage):
            state.tell_bulk(value.origin("environment-bulk"), "|")
        if not state.step():
            break
        value = _stage(state, stage, judge, value, before)
        before = f"{before}{stage.text} | "[-_EVIDENCE:] if isinstance(stage, Command) else ""
    return value if value is not None else Value()


def _quiet(stage: Stage) -> bool:
    """Tell whether a stage only shows what it is given."""
    if isinstance(stage, Group) or not stage.words or not stage.words[0]:
        return False
    first = stage.words[0][0]
    return getattr(first, "text", "") in _QUIET_PIPES


def _stage(state: State, stage: Stage, judge: Run, stdin: Value | None, before: str) -> Value:
    def inner(state: State, statements: tuple[Statement, ...]) -> Value:
        return run(state, statements, judge)

    if isinstance(stage, Group):
        return _group(state, stage, judge, stdin, inner)
    evidence = (before + stage.text)[-_EVIDENCE:]
    state.line, state.text = stage.line, evidence
    for name, word in stage.assigned:
        value = folded(state, word, inner)
        _assigned(state, name, value)
    given, targets = redirected(state, stage.redirects, stdin, judge, inner)
    arguments = [value for word in stage.words for value in words(state, word, inner)]
    state.line, state.text = stage.line, evidence
    if arguments:
        result = _started(state, arguments, given, targets, judge)
    else:  # `$(< FILE)` is what is in the file
        result = given if given is not None and stage.redirects else Value()
    for target in targets:
        written(state, target, result if target.takes else Value(), judge)
    return result if not any(target.takes for target in targets) else Value()


def _group(state: State, stage: Group, judge: Run, stdin: Value | None, inner: Inside) -> Value:
    """Judge statements that share their input and output; the body of a function prints nothing there."""
    if stage.redirects:
        state.line, state.text = stage.line, stage.text
    given, targets = redirected(state, stage.redirects, stdin, judge, inner)
    fetches, around = state.fetches, state.within
    state.within = stage.function or around
    result = run(state, stage.statements, judge, given)
    state.within = around
    if stage.function:
        state.functions[stage.function] = state.fetches > fetches
        if _runs_given(stage.statements):
            state.bodies[stage.function] = stage.statements
    if stage.redirects:
        state.line, state.text = stage.line, stage.text
    for target in targets:
        written(state, target, result if target.takes else Value(), judge)
    return result if not stage.function else Value()


def _assigned(state: State, name: str, value: Value) -> None:
    harmless = _HARMLESS.search(value.text) or _HARMLESS.search(state.text)
    if name in _SET_TO_RUN and value.text and not harmless:
        state.tell("module-tampering", name, f"{name}=")
    if (name == "HISTFILE" and value.text in {"", "/dev/null"}) or (name, value.text) in _NO_HISTORY:
        state.tell("obfuscation", "shell history off", f"{name}=")
    if name == "NODE_TLS_REJECT_UNAUTHORIZED":
        return
    state.assign(name, value)


def _started(
    state: State, arguments: list[Value], given: Value | None, targets: list[Target], judge: Run
) -> Value:
    """Judge a program: first what wraps it, then itself."""
    stdin, given_arguments = given if given is not None else Value(), arguments
    arguments, wrappers = _bare(state, arguments)
    first = arguments[0]
    name = program(state, first.text)
    if wrappers & _HIDING:
        state.tell("process", name or "*", "detached")
    if "xargs" in wrappers:
        arguments = wrapping.filled(given_arguments, arguments, stdin)
    call = Call(state, name, arguments[1:], stdin, judge, pipe=given is not None)
    tied(state, name, stdin, targets, judge)
    result = _judged(call, first)
    if "coproc" in wrappers and (host := result.origin("network")):
        state.sockets["$COPROC"] = host
    for inside in wrapping.carried(state, name, arguments[1:], program):
        if state.step():
            _started(state, inside, given, [], judge)
    return result


def _bare(state: State, arguments: list[Value]) -> tuple[list[Value], set[str]]:
    """Take programs that only start another one from before it; also return their names."""
    wrappers: set[str] = set()
    alias = state.aliases.get(arguments[0].text, "")
    if alias and _OPERATORS.search(alias):
        del state.aliases[arguments[0].text]  # an alias that names itself is not replaced again
        arguments = [Value("eval"), Value(alias), *arguments[1:]]
    elif alias:
        arguments = [*map(Value, alias.split()), *arguments[1:]]
    for _ in range(8):
        name = program(state, arguments[0].text)
        tool = wrapping.runs_tool(name, arguments[1:])
        if tool and program(state, tool[0].text) in _RUN_BY_RUNNERS:
            arguments = tool
            continue
        valued = WRAPPERS.get(name)
        split = wrapping.split_string(name, arguments[1:])
        if split:
            arguments = [Value("sh"), Value("-c"), split]
            break
        if valued is None or (name == "command" and arguments[1:2] and arguments[1].text[:2] in {"-v", "-V"}):
            break
        rest = _unwrapped(state, _of_start(arguments[1:]) if name == "start" else arguments[1:], valued)
        if not rest:
            break
        wrappers.add(name)
        arguments = rest
    return arguments, wrappers


def _of_start(values: list[Value]) -> list[Value]:
    """Leave out the title and the options that Windows' `start` takes, in any shell."""
    at = 0
    while at < len(values) - 1 and (not values[at].text or _START_OPTION.match(values[at].text)):
        at += 1
    return values[at:]


def _unwrapped(state: State, values: list[Value], valued: frozenset[str]) -> list[Value]:
    """Leave out options, their values, variables that are set, and a duration."""
    at = 0
    while at < len(values):
        text = values[at].text
        if text.startswith("-") or (text.startswith("/") and len(text) <= 5 and state.dialect == "batch"):  # noqa: PLR2004  (`/wait`)
            at += 2 if text in valued else 1
        elif _ASSIGNED.match(text):
            name, _, value = text.partition("=")
            _assigned(state, name, values[at]._replace(text=value))
            at += 1
        elif _DURATION.match(text) or not text:
            at += 1
        else:
            break
    return values[at:]


def program(state: State, text: str) -> str:
    """Return the base name of a program, without what Windows puts at its end."""
    if text in _THIS_SHELL:
        return "sh"
    if _LOADER.search(text):
        return "ld.so"
    name = text.replace("\\", "/").rpartition("/")[2] if text not in {"/", "."} else text
    if state.dialect == "batch" and name.startswith("echo"):
        return "echo"
    if state.dialect != "sh" or name.lower().endswith((".exe", ".cmd", ".bat")):
        name = re.sub(r"\.(?:exe|cmd|bat|com)\Z", "", name.lower())
    name = name.lstrip("@-") if len(name) > 1 else name
    if text.startswith("/") and _PATTERN.search(name) and _GLOB.fullmatch(name):
        name = next((one for one in _MEANT if fnmatchcase(one, name)), name)
    versioned = re.fullmatch(r"(python|pip|ruby|perl|php|lua)[23]?(?:\.\d+)*", name)
    return versioned[1] if versioned else name


def _judged(call: Call, first: Value) -> Value:
    state, name, text = call.state, call.name, first.text
    if first.origins and ran(call, first, "command"):
        return Value("$()", known=False, origins=first.origins)
    if not first.known and ("$" in name or not name):
        if _PIECES.fullmatch(_NAMED_PARTS.sub("", text)):
            state.tell("obfuscation", "assembled command", "a program's name")
        handler = None
    else:
        handler = _wrapper if name in state.functions and name not in _CORE else HANDLERS.get(_kind(name))
    if first.assembled and first.known:
        state.tell("obfuscation", "assembled command", name)
    if "/" in text or state.dialect != "sh" or text.lower().endswith(_OF_WINDOWS):
        running.file(call, first, "executable")
    if text.startswith("/") and _PATTERN.search(text) and _GLOB.fullmatch(text):
        state.tell("obfuscation", "pattern as a program", text)
    _told(call, first)
    if name in state.running and name != state.within:
        running.given(call)
    if name in state.bodies and name != state.within and state.depth < DEPTH_LIMIT:
        return _called(call, state.bodies[name])
    effects.mines(call)
    losses.spoiled(call)
    if handler is not None:
        return handler(call)
    return decoders.passed(call) if call.pipe else _sensitive_words(call)


def _kind(name: str) -> str:
    """Return the name by which a program is known that has a name for each of its stores."""
    return "git-credential" if name.startswith(("docker-credential-", "git-credential-")) else name


def _runs_given(statements: tuple[Statement, ...]) -> bool:
    """Tell whether a function runs what it is given, by its name."""
    for stage in (stage for statement in statements for stage in statement.stages):
        if isinstance(stage, Group):
            if _runs_given(stage.statements):
                return True
        elif stage.words and stage.words[0] and PARAMETER.match(getattr(stage.words[0][0], "name", "")):
            return True
    return False


def _called(call: Call, body: tuple[Statement, ...]) -> Value:
    """Judge the body of a function with what it is given."""
    state = call.state
    before, numbered, given = state.parameters(), state.numbered, state.given
    around, line, text = state.within, state.line, state.text
    state.give(call.arguments)
    state.within, state.depth = call.name, state.depth + 1
    result = run(state, body, call.run, call.stdin if call.pipe else None)
    state.within, state.depth = around, state.depth - 1
    state.line, state.text = line, text
    state.give(None)
    state.variables.update(before)
    state.given, state.numbered = given, numbered
    return result


def _told(call: Call, first: Value) -> None:
    """Tell a program that is no everyday one; files of the own folder are read themselves."""
    state, name, text = call.state, call.name, first.text
    if name in state.functions or not _NAME.match(name):
        return
    if "/" in text and (text.startswith(("/tmp/", "/var/tmp/", "/dev/shm/", "~/.", "$HOME/.", "$TMPDIR/"))):  # noqa: S108  (compared with)
        state.tell("process", name, f"in {text.rpartition('/')[0]}")
    elif "/" in text and not text.startswith("/"):
        return
    elif first.known and not state.sources and _is_news(name):
        state.tell("process", name, name)


def _wrapper(call: Call) -> Value:
    """Judge a function of the script: one that fetches does so from the address that it is given."""
    addresses = [value for value in call.arguments if "://" in value.text]
    if not call.state.functions[call.name] or not addresses:
        return _sensitive_words(call)
    content = fetched(network(call, addresses))
    for value in call.arguments:
        if value not in addresses:
            write_file(call, value, content)
    return content


def _is_news(name: str) -> bool:
    """Tell whether a name is that of a program; with an underscore it is a function from elsewhere."""
    if name in QUIET or name in HANDLERS or name in WRAPPERS or name.isdigit() or "_" in name:
        return False
    return not name.endswith((".sh", ".py", ".js", ".pl", ".rb"))


def _sensitive_words(call: Call) -> Value:
    """Return what any other program may print of the files that it is given."""
    quiet = {
        "mkdir",
        "chmod",
        "chown",
        "touch",
        "test",
        "[",
        "[[",
        "cd",
        "ls",
        "ssh-keygen",
        "umask",
        "stat",
        "alias",
    }
    if call.name in quiet:
        return Value("$()", known=False)
    if call.name in {":", "true"}:
        return Value()
    read = joined([read_file(call, value) for value in call.arguments])
    return unknown(read)
