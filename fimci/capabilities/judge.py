"""What the uses of a program text amount to: capabilities with subject, phase and evidence.

One record for each name and subject, at the first line that has it, in the earliest phase. Chains of several
uses (a secret that is sent, a download that is run) are found by `fimci.capabilities.chains`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fimci.capabilities import (
    addresses,
    agents,
    chains,
    command_lines,
    commanded,
    constants,
    decoding,
    laid_down,
    python_chains,
    sensitive,
    spreading,
)
from fimci.capabilities import halves as halved
from fimci.capabilities.catalogue import find
from fimci.capabilities.gains import NAMED, PHASES
from fimci.capabilities.uses import Api, Program, Use, Value, known, roles
from fimci.model import Capability, CapabilityName, Function, Half, Phase, Place, Reference, Unread

#: Stands for a subject that the text does not tell.
ANY, _EXCERPT = "*", 200
#: Written into many programs on purpose, and run in a box.
_WASM = b"\0asm"
_DETAIL = 100
#: What may write the file whose path it is given.
_WRITES = frozenset(("filesystem-write", "network"))
#: Arguments that name a file; `saved` is where a download goes.
_PLACES = frozenset(("path", "source", "saved"))
_LAYS = frozenset((("path", "filesystem-write"), ("saved", "network")))
#: Run while a project is built, or at every start of Python, as lines of a `.pth` are.
_AT_INSTALL = frozenset(("setup.py", "sitecustomize.py", "usercustomize.py"))
#: So many of these in one file are no example.
_SEVERAL = 3
#: Roots of paths that do not lie beside the program: elsewhere on the machine.
_ELSEWHERE = ("/", "~", "\\", "../", "..\\", "%", "$HOME")


#: Where a program lays down what it runs a moment later.
_LAID_DOWN = ("/tmp/", "/var/tmp/", "/dev/shm/", "~", "%TEMP%", "%APPDATA%", "$HOME", "$TMPDIR")  # noqa: S108  (that is it)
_DESERIALISED = "deserialised"
#: What nobody calls by a name in pieces in good faith.
_CALLED = frozenset(("process", "shell"))


#: What is packed is unpacked, and no code by itself.
_ARCHIVES = (b"PK", b"\x1f\x8b")


class Fact(NamedTuple):
    """A capability before it has a path and before equal ones became one."""

    name: CapabilityName
    subject: str
    detail: str
    line: int
    text: str
    phase: Phase
    #: The number of the function that it is in (`Use.function`).
    function: int = 0


#: Reads a text in a language that stands in another one, at a depth; what it can do.
Inside: TypeAlias = Callable[[str, bytes, int], Iterable[Fact]]


def unread(language: str, data: bytes, depth: int) -> Iterable[Fact]:  # noqa: ARG001  (whatever it is)
    """Read no text inside of another one."""
    return ()


def judge(
    path: str,
    program: Program,
    names: Mapping[str, Api],
    inside: Inside = unread,
    more: Iterable[Fact] = (),
) -> Iterator[Capability | Function | Reference | Unread]:
    """Yield what a program text can do. `names` is the catalogue of its language.

    `inside` reads what it decodes or hands to another interpreter, `more` are facts of other sources.
    """
    install = path.rpartition("/")[2] in _AT_INSTALL or path.endswith(".pth")
    told: dict[tuple[CapabilityName, str], Fact] = {}
    within: dict[str, set[tuple[CapabilityName, str]]] = {
        name: set() for name in (*program.calls, *(name for name, those in program.passes.items() if those))
    }
    for found in (*facts(program, names, inside), *more):
        fact = found._replace(subject=found.subject[:_EXCERPT])
        for name in program.entries.get(fact.function, ()) if fact.phase == "call" else ():
            within.setdefault(name, set()).add((fact.name, fact.subject))
        first = told.get((fact.name, fact.subject))
        if first is None:
            told[fact.name, fact.subject] = fact
            continue
        if fact.name == "network" and _says_more(fact, first):
            first = first._replace(text=fact.text)
        if fact.detail.endswith(sensitive.DEFENCE_OFF):
            first = first._replace(detail=fact.detail)
        earlier = min(fact.phase, first.phase, key=PHASES.index)
        told[fact.name, fact.subject] = first._replace(phase=earlier)
    for fact in _collected(told.values()):
        phase: Phase = "install" if install and fact.phase == "import" else fact.phase
        yield Capability(
            path=path,
            name=fact.name,
            subject=fact.subject,
            phase=phase,
            detail=fact.detail[:_DETAIL],
            at=Place(path, fact.line, fact.text[:_EXCERPT]),
        )
    yield from _functions(path, program, names, within)
    yield from _references(path, program, names)
    why = program.capped or command_lines.cut(_told(program, names))
    if why:
        yield Unread(path=path, why=why, part="code")


def _functions(
    path: str,
    program: Program,
    names: Mapping[str, Api],
    within: Mapping[str, set[tuple[CapabilityName, str]]],
) -> Iterator[Function]:
    """Yield what functions do that others may call, and what is called of others."""
    halves: dict[str, set[Half]] = {}
    passes = {name: set(those) for name, those in program.passes.items()}
    for use in program.uses:
        api = find(names, use.name)
        if api is None:
            continue
        half, sunk = set(halved.halves(use, api)), set(halved.sunk(use, api, by_roles=program.by_roles))
        for name in program.entries.get(use.function, ()) if use.phase == "call" else ("",):
            halves.setdefault(name, set()).update(half)
            passes.setdefault(name, set()).update(sunk)
    told = {
        *within,
        *(name for name, those in passes.items() if those and (within or name or halves.get(name))),
    }
    for name in sorted(told):
        does = within.get(name, set())
        yield Function(
            path=path,
            name=name,
            does=tuple(sorted(does)),
            halves=tuple(sorted(halves.get(name, ()))),
            calls=tuple(sorted(program.calls.get(name, ()))),
            passes=tuple(sorted(passes.get(name, ()))),
        )


def _says_more(one: Fact, other: Fact) -> bool:
    """Tell whether the text of one shows what kind of place a host is, and the other's does not."""
    kind = addresses.named(one.subject, one.text)
    return bool(kind) and not addresses.named(one.subject, other.text)


def _collected(told: Collection[Fact]) -> Iterator[Fact]:
    """Yield facts; who names the credential files of several tools does not do so by chance."""
    named = [fact for fact in told if fact.name == "credentials" and fact.detail == NAMED]
    for fact in told:
        several = len(named) >= _SEVERAL and fact in named
        yield fact._replace(detail=f"{NAMED}, with {len(named) - 1} others") if several else fact


def _references(path: str, program: Program, names: Mapping[str, Api]) -> Iterator[Reference]:
    """Yield what the text loads and runs, each once, in the earliest phase."""
    found: dict[str, tuple[Phase, int]] = {}
    told = _told(program, names)
    runs = ((target, use.phase, use.line) for use, target in command_lines.files(told))
    for target, phase, line in (*((one.target, one.phase, one.line) for one in program.references), *runs):
        first = found.get(target)
        if first is None or PHASES.index(phase) < PHASES.index(first[0]):
            found[target] = phase, line
    for target, (phase, line) in found.items():
        yield Reference(path=path, target=target, phase=phase, at=Place(path, line))


def _told(program: Program, names: Mapping[str, Api]) -> list[tuple[Use, Api]]:
    """Return the uses that mean something, with what they mean."""
    return [(use, api) for use in program.uses if (api := find(names, use.name)) is not None]


def facts(program: Program, names: Mapping[str, Api], inside: Inside, depth: int = 0) -> Iterator[Fact]:
    """Yield what a program text can do, in its order, repetitions included."""
    told = _told(program, names)
    for use, api in told:
        for fact in _of(use, api):
            yield fact._replace(function=use.function)
    yield from _started(program, told)
    yield from _handed_on(program)
    yield from _words(program)
    for use, language, text in command_lines.inner(told):
        for fact in inside(language, text.encode("utf-8", "replace"), depth + 1):
            yield fact._replace(line=use.line, text=use.text, phase=use.phase, function=use.function)
    for use, language, written in laid_down.programs(told):
        for fact in inside(language, written, depth + 1):
            if fact.name in laid_down.TOLD:
                detail = f"{fact.detail} (in a file that it writes)"
                yield Fact(fact.name, fact.subject, detail, use.line, use.text, use.phase, use.function)
    for line, how, data in program.decoded:
        yield from _decoded(line, how, data, inside, depth)
    for chain in python_chains.chains(told) if program.by_roles else chains.chains(told):
        use = chain.use
        yield Fact(chain.name, chain.subject, chain.detail, use.line, use.text, use.phase, use.function)


#: What there is for starting programs and nothing else, and types that it has, too.
_FOR_STARTING = frozenset(("child_process", "node-pty", "execa", "cross-spawn"))
_TYPES = re.compile(r"import\s*\{\s*(?:type\s+\w+|[A-Z]\w*)(?:\s*,\s*(?:type\s+\w+|[A-Z]\w*))*\s*,?\s*\}")


def _handed_on(program: Program) -> Iterator[Fact]:
    """Yield what is loaded for starting programs, where nothing is seen of what becomes of it."""
    loaded = [use for use in program.uses if use.form == "import" and use.name in _FOR_STARTING]
    used = {use.name.partition(".")[0] for use in program.uses if use.form != "import"}
    for use in loaded:
        if use.name not in used and not _TYPES.search(use.text):
            yield Fact("process", ANY, f"{use.name}, handed on", use.line, use.text, use.phase, use.function)


def _started(program: Program, told: Sequence[tuple[Use, Api]]) -> Iterator[Fact]:
    """Yield what the commands can do that are started."""
    for use, name in agents.unasked(told):
        yield Fact("process", name, sensitive.DEFENCE_OFF, use.line, use.text, use.phase, use.function)
    if program.by_roles:
        for use, api in told:
            for fact in _commands(use, api):
                yield fact._replace(function=use.function)
    commands = command_lines.together if program.by_roles else command_lines.told
    for use, name, subject, detail in commands(told):
        yield Fact(name, subject, detail, use.line, use.text, use.phase, use.function)


def _decoded(line: int, how: str, data: bytes, inside: Inside, depth: int) -> Iterator[Fact]:
    """Yield what was decoded, if it is code, and what that can do."""
    kind = decoding.kind(data)
    if data.startswith(_WASM):
        yield Fact("bytecode", "wasm", f"{how}, {len(data):,} bytes", line, how, "import")
    elif kind in {"python", "javascript", "shell", "binary"} and not data.startswith(_ARCHIVES):
        shown = repr(data[:_DETAIL].decode("utf-8", "replace"))
        yield Fact("encoded-payload", f"{how} -> {kind}", shown, line, shown, "import")
        for fact in inside(kind, data, depth + 1):
            yield fact._replace(detail=f"{fact.detail} (decoded: {how})", line=line)


def _of(use: Use, api: Api) -> Iterator[Fact]:
    """Yield what one use means by itself."""
    if api.name and (use.form != "import" or api.subject):
        for subject in _subjects(use, api):
            detail = f"{use.name}, not written as it is" if use.indirect else use.name
            yield Fact(api.name, subject, detail, use.line, use.text, use.phase)
    veiled = use.indirect or _ESCAPED.search(use.text) is not None or "binding()." in use.name
    if veiled and use.form == "call" and (api.name in _CALLED or api.evaluates) and _is_hidden(use):
        yield Fact("obfuscation", "hidden name", use.name, use.line, use.text, use.phase)
    engine = _engine(use) if api.name == "network" and use.form == "call" else ""
    if engine:
        yield Fact("process", engine, use.name, use.line, use.text, use.phase)
    spreads = spreading.asked(use) if api.name == "network" else ""
    if spreads:
        yield Fact("self-propagation", spreads, use.name, use.line, use.text, use.phase)
    preloaded = spreading.preloaded(use, api)
    if preloaded:
        yield Fact("module-tampering", preloaded, use.name, use.line, use.text, use.phase)
    yield from _touched(use, api)


def _starts_python(given: Mapping[str, Value]) -> bool:
    """Tell whether a file is written from which Python runs a line whenever it starts."""
    return known(given.get("path", Value())).endswith(".pth") and known(
        given.get("data", Value())
    ).lstrip().startswith("import")


def _engine(use: Use) -> str:
    """Return the socket of an engine of containers that a connection is made to."""
    given = (known(value) for value in (*use.arguments, *use.keywords.values()))
    return next((found for text in given if (found := sensitive.engine(text))), "")


def _touched(use: Use, api: Api) -> Iterator[Fact]:
    """Yield what the files mean that a use is given."""
    if api.name == "filesystem-write" and _starts_python(dict(roles(use, api))):
        yield Fact("persistence", ".pth", use.name, use.line, use.text, use.phase)
    for role, value in roles(use, api):
        text = known(value)
        found = sensitive.spot(text) if role in _PLACES and text else None
        if found is None and role in _PLACES and api.name in _WRITES:
            found = sensitive.started(text)
        others = spreading.patched(text) if (role, api.name) in _LAYS else ""
        if role == "path" and api.name in {"filesystem-write", "filesystem-delete"}:
            others = others or spreading.turned_on_itself(value, deletes=api.name == "filesystem-delete")
        if others:
            yield Fact("module-tampering", others, use.name, use.line, use.text, use.phase)
        if found is not None:
            written = found.name == "persistence" and api.name in _WRITES
            if found.name != "persistence" or written:
                yield Fact(found.name, found.label, use.name, use.line, use.text, use.phase)


#: Letters of a name that could stand there as they are.
_ESCAPED = re.compile(r"(?:\\(?:x|u00)(?:[46][1-9a-fA-F]|[57][0-9aA])){3}")


def _is_hidden(use: Use) -> bool:
    """Tell whether the line that uses a name does not show all of it; one that quotes code does."""
    return any(part not in use.text for part in use.name.partition(":")[0].split("."))


def _commands(use: Use, api: Api) -> Iterator[Fact]:
    """Yield what the commands mean that a use starts, as far as they are known.

    To publish when it is asked to is what many a tool of a project does.
    """
    if api.name not in {"process", "shell"} or use.form != "call":
        return
    for role, value in commanded.whole(roles(use, api)):
        for fact in commanded.facts(value) if role == "command" and (value.items or known(value)) else ():
            if fact.name != "self-propagation" or use.phase != "call":
                yield Fact(
                    fact.name, fact.subject, f"{use.name}: {fact.detail}", use.line, use.text, use.phase
                )


def _started_by(command: Value, api: Api) -> Iterator[str]:
    """Yield the program that a command starts, and that it may be another one."""
    yield _program(command) or api.subject or ANY
    if "unsure" in command.flows:
        yield ANY


def _subjects(use: Use, api: Api) -> Iterator[str]:
    given = dict(roles(use, api))
    match api.name:
        case "network":
            yield chains.address(use) or python_chains.address(use, api) or ANY
        case "process" | "shell":
            yield from _started_by(given.get("command", Value()), api)
        case "dynamic-code":
            rank = chains.rank(given.get("code"), given.get("module"))
            if rank in {"", "built"} and api.subject:
                held = given.get("code", Value())
                stands = isinstance(held.text, bytes) and api.subject == _DESERIALISED
                rank = "decoded" if stands else api.subject
            place = known(given.get("path", Value()))
            if rank in {"", "configured"} and place.startswith(_LAID_DOWN):
                rank = "elsewhere"
            elif not rank and place.startswith(_ELSEWHERE):
                rank = "configured"
            yield from (rank,) if rank else ()
        case "filesystem-write" | "filesystem-delete":
            text = known(given.get("path", Value()))
            yield text if text.startswith(_ELSEWHERE) else ANY
        case "environment":
            yield known(given.get("variable", Value())) or api.subject or ANY
        case "environment-bulk":
            yield ANY
        case _:
            yield api.subject or use.name


def _program(value: Value | None) -> str:
    if value is None:
        return ""
    words = known(value.items[0]) if value.items else known(value)
    first = words.split()[0] if words.split() else ""
    return first.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")


def _words(program: Program) -> Iterator[Fact]:
    """Yield what constant texts say, each text once for every function that it stands in."""
    seen: set[tuple[str, Phase, int]] = set()
    known_: dict[str, tuple[tuple[CapabilityName, str, str], ...]] = {}
    for line, text, phase, function in program.texts:
        if (text, phase, function) in seen:
            continue  # it names nothing new
        seen.add((text, phase, function))
        if text not in known_:
            known_[text] = tuple(constants.said(text))
        for name, subject, detail in known_[text]:
            yield Fact(name, subject, detail, line, text, phase, function)
