"""What the uses of a program text amount to: capabilities with subject, phase and evidence.

One record for each name and subject, at the first line that has it, in the earliest phase. Chains of several
uses (a secret that is sent, a download that is run) are found by `fimci.capabilities.chains`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci.capabilities import chains, commanded, decoding, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.uses import Api, Program, Use, Value, known
from fimci.model import Capability, CapabilityName, Phase, Place, Unread

#: Stands for a subject that the text does not tell.
ANY = "*"
_EXCERPT = 200
_DETAIL = 100
_PHASES: tuple[Phase, ...] = ("install", "import", "call")
_TOLD_HOSTS = frozenset(
    ("messenger", "out-of-band", "paste", "tunnel", "shortener", "discovery", "metadata", "mining", "onion")
)
#: Roots of paths that do not lie beside the program: elsewhere on the machine.
_ELSEWHERE = ("/", "~", "\\", "../", "..\\", "%", "$HOME")


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


def judge(path: str, program: Program, names: Mapping[str, Api]) -> Iterator[Capability | Unread]:
    """Yield what a program text can do. `names` is the catalogue of its language."""
    install = path.rpartition("/")[2] == "setup.py"
    told: dict[tuple[str, str], Fact] = {}
    for fact in _facts(program, names):
        first = told.get((fact.name, fact.subject))
        if first is None:
            told[fact.name, fact.subject] = fact
        elif _PHASES.index(fact.phase) < _PHASES.index(first.phase):
            told[fact.name, fact.subject] = first._replace(phase=fact.phase)
    for fact in told.values():
        phase: Phase = "install" if install and fact.phase == "import" else fact.phase
        yield Capability(
            path=path,
            name=fact.name,
            subject=fact.subject[:_EXCERPT],
            phase=phase,
            detail=fact.detail[:_DETAIL],
            at=Place(path, fact.line, fact.text[:_EXCERPT]),
        )
    if program.capped:
        yield Unread(path=path, why=program.capped, part="code")


def _facts(program: Program, names: Mapping[str, Api]) -> Iterator[Fact]:
    told = [(use, api) for use in program.uses if (api := find(names, use.name)) is not None]
    for use, api in told:
        yield from _of(use, api)
        yield from _commands(use, api)
    yield from _words(program)
    for line, how, data in program.decoded:
        kind = decoding.kind(data)
        if kind in {"python", "javascript", "shell", "binary"} and not data.startswith(_ARCHIVES):
            shown = repr(data[:_DETAIL].decode("utf-8", "replace"))
            yield Fact("encoded-payload", f"{how} -> {kind}", shown, line, shown, "import")
    for chain in chains.chains(told):
        yield Fact(chain.name, chain.subject, chain.detail, chain.use.line, chain.use.text, chain.use.phase)


def _of(use: Use, api: Api) -> Iterator[Fact]:
    """Yield what one use means by itself."""
    if api.name and (use.form != "import" or api.subject):
        for subject in _subjects(use, api):
            detail = f"{use.name}, not written as it is" if use.indirect else use.name
            yield Fact(api.name, subject, detail, use.line, use.text, use.phase)
    for role, value in chains.roles(use, api):
        text = known(value)
        found = sensitive.spot(text) if role == "path" and text else None
        if found is not None:
            written = found.name == "persistence" and api.name == "filesystem-write"
            if found.name != "persistence" or written:
                yield Fact(found.name, found.label, use.name, use.line, use.text, use.phase)


def _commands(use: Use, api: Api) -> Iterator[Fact]:
    """Yield what the commands mean that a use starts, as far as they are known.

    To publish when it is asked to is what many a tool of a project does.
    """
    if api.name not in {"process", "shell"} or use.form != "call":
        return
    for role, value in chains.roles(use, api):
        for fact in commanded.facts(value) if role == "command" and (value.items or known(value)) else ():
            if fact.name != "self-propagation" or use.phase != "call":
                yield Fact(
                    fact.name, fact.subject, f"{use.name}: {fact.detail}", use.line, use.text, use.phase
                )


def _subjects(use: Use, api: Api) -> Iterator[str]:
    roles = dict(chains.roles(use, api))
    match api.name:
        case "network":
            yield chains.address(use, api) or ANY
        case "process" | "shell":
            yield _program(roles.get("command")) or ANY
        case "dynamic-code":
            rank = chains.rank(roles.get("code"), roles.get("module"))
            yield from (rank,) if rank else ()
        case "filesystem-write" | "filesystem-delete":
            text = known(roles.get("path", Value()))
            yield text if text.startswith(_ELSEWHERE) else ANY
        case "environment":
            yield known(roles.get("variable", Value())) or api.subject or ANY
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
    """Yield what constant texts name wherever they stand: places of secrets, hosts that mean something."""
    for line, text in program.texts:
        found = sensitive.spot(text)
        if found is not None and found.name in {"credentials", "crypto-wallet"}:
            yield Fact(found.name, found.label, "named in a text", line, text, "import")
        for host in sensitive.hosts(text) if "://" in text else ():
            if host.kind in _TOLD_HOSTS:
                yield Fact("network", host.name, f"{host.kind} host named in a text", line, text, "import")
        kind = decoding.encoded(text)
        if kind:
            yield Fact(
                "obfuscation", "encoded literal", f"{len(text):,} characters of {kind}", line, text, "import"
            )
