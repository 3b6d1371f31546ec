"""Chains through variables of languages that no reader understands: what names hold, and who gets it.

    my $c = get('https://…'); eval $c;              fetched, run
    s = TCPSocket.new(…); while l = s.gets …        what comes through a connection, run
    post(url, File.read('~/.ssh/id_rsa'))           a secret, sent

Names are followed from the top of a text to its end, through assignments alone: no calls, no branches. Each
statement is looked at once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import addresses, sensitive
from fimci.capabilities import foreign_words as words
from fimci.model import CapabilityName

#: Statements that are looked at, and letters of one.
_MOST, _LETTERS = 20_000, 600
_SECRETS: frozenset[CapabilityName] = frozenset(("credentials", "crypto-wallet", "filesystem-read-sensitive"))


#: What Perl has between its code for people.
_DOCUMENTED = re.compile(r"^=[a-z]\w{2,20}\b.*?(?:^=cut\b|\Z)", re.MULTILINE | re.DOTALL)
_LETTER = re.compile(r"[^\n]")
#: How lines begin that only say something.
_REMARKS = ("#", "//", "/*", "*", "--", "=", "'", '"""', ";;")
#: What is told of a statement by its words.
_SIGNS = (
    ("decoded", words.DECODES),
    ("fetched", words.FETCHES),
    ("asked", words.ASKED),
    ("secret environment", words.ENVIRONMENT),
    ("secret password of a form", words.TYPED),
    ("secret private keys", words.KEYS),
    *((f"identity {at}", one) for at, one in enumerate(words.IDENTITY)),
)
#: Names that are remembered at once.
_HELD = 300


class Flow(NamedTuple):
    """A chain, with where its last statement stands, and that."""

    name: CapabilityName
    subject: str
    at: int
    statement: str


def flows(text: str, language: str, *, built: bool = False) -> Iterator[Flow]:
    """Yield the chains of a text, each subject once.

    `built`: it runs where something is built. Nobody there needs to be told whose machine that is.
    """
    own: frozenset[str] = frozenset((f"identity {words.HARDWARE}",) if built else ())
    lowered = text.lower()
    if not any(word in lowered for word in words.WORDS):
        return
    evaluates = language in words.EVALUATING
    held: dict[str, frozenset[str]] = {}
    opened: dict[str, str] = {}
    hosts = sorted({host.name for host in addresses.hosts(text)})
    told: set[str] = set()
    for found in itertools.islice(words.STATEMENT.finditer(text), _MOST):
        statement = found[0][:_LETTERS]
        low = statement.lower()
        if not any(word in low for word in words.WORDS) and not any(
            name.removeprefix("file ") in statement for name in held
        ):
            continue
        if remarks(statement):
            continue
        kinds = _kinds(statement, held)
        kinds |= own if any(kind.startswith("identity") for kind in kinds) else frozenset()
        files = any(f"file {quoted}" in held for quoted in words.QUOTED.findall(statement))
        for flow in _said(found.start(), statement, kinds, hosts, saved=files):
            if flow.subject not in told and (evaluates or not flow.subject.endswith("-> eval")):
                told.add(flow.subject)
                yield flow
        _keep(statement, kinds, held)
        _lay_down(statement, kinds, opened, held)
    tied = words.SOCKET_SHELL.search(text) if words.TIES.search(text) else None
    if tied is not None and "fetched" in {kind for kinds in held.values() for kind in kinds} | _near(
        text, tied
    ):
        yield Flow("download-and-run", "connection -> shell", tied.start(), tied[0])


def code(text: str, language: str) -> str:
    """Return a text without what Perl has between its code for people; all else stands where it did."""
    if language != "Perl" or "\n=" not in f"\n{text}":
        return text
    return _DOCUMENTED.sub(lambda found: _LETTER.sub(" ", found[0]), text)


def remarks(line: str) -> bool:
    """Tell whether a line only says something."""
    return line.lstrip().startswith(_REMARKS)


def _near(text: str, found: re.Match[str]) -> set[str]:
    """Tell whether a connection is made shortly before."""
    before = text[max(0, found.start() - _LETTERS) : found.start()]
    return {"fetched"} if re.search(r"sockaddr_in|\bconnect\(|Socket", before) else set()


def _kinds(statement: str, held: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return what a statement has in it: what it asks for itself, and what its names hold."""
    found = {kind for kind, sign in _SIGNS if sign.search(statement)}
    for quoted in words.QUOTED.findall(statement):
        spot = sensitive.spot(quoted)
        if spot is not None and spot.name in _SECRETS:
            found.add(f"secret {spot.label}")
    if held:
        for name in words.NAME.findall(statement):
            found |= held.get(name, frozenset())
        found |= {
            kind for quoted in words.QUOTED.findall(statement) for kind in held.get(f"file {quoted}", ())
        }
    return frozenset(found)


def _keep(statement: str, kinds: frozenset[str], held: dict[str, frozenset[str]]) -> None:
    """Remember what names and files hold from here on."""
    assigned = list(words.ASSIGNED.finditer(statement))
    names = [name for found in assigned for name in words.NAME.findall(found[1])]
    if kinds and assigned and not _grows(statement):
        kinds = _kinds(statement[_begins(statement, assigned) :], held)
    if kinds:
        names += [name for found in words.OPENED.findall(statement) for name in found if name]
        if (each := words.EACH.search(statement)) is not None:
            names += [name for name in each.groups() if name]
        for name in names if len(held) < _HELD else ():
            held[name] = held.get(name, frozenset()) | kinds if _grows(statement) else kinds
        for saved in words.SAVED.finditer(statement) if "fetched" in kinds else ():
            held[f"file {saved[1]}"] = frozenset(("fetched",))
    else:
        for name in names:
            held.pop(name, None)


def _lay_down(
    statement: str, kinds: frozenset[str], opened: dict[str, str], held: dict[str, frozenset[str]]
) -> None:
    """Remember as what a file was opened, and that what was fetched is written into one."""
    found = words.FILE.search(statement)
    if found is not None and len(opened) < _HELD:
        opened[found[1]] = found[2]
    for name in words.NAME.findall(statement) if opened and "fetched" in kinds else ():
        if name in opened:
            held[f"file {opened[name]}"] = frozenset(("fetched",))


def _begins(statement: str, assigned: list[re.Match[str]]) -> int:
    """Return where what is assigned begins: behind `a = b =`, and before what looks alike in a pattern."""
    end = assigned[0].end()
    for more in assigned[1:]:
        if statement[end : more.start()].strip():
            break
        end = more.end()
    return end


def _grows(statement: str) -> bool:
    return ".=" in statement or "+=" in statement or "<<" in statement


def _said(at: int, statement: str, kinds: frozenset[str], hosts: list[str], *, saved: bool) -> Iterator[Flow]:
    if words.NAMED_CALL.search(statement):
        yield Flow("download-and-run", "request -> call", at, statement)
    if words.LOADS.search(statement):
        yield Flow("download-and-run", "fetched -> include", at, statement)
    if not kinds:
        return
    yield from _run(at, statement, kinds, saved=saved)
    told = [kind for kind in kinds if kind.startswith("identity ")]
    asks = hosts and (words.SENDS.search(statement) or words.FETCHES.search(statement))
    if asks and (len(told) >= words.ENOUGH or f"identity {words.HARDWARE}" in told):
        yield Flow("exfiltration", f"host and user -> {hosts[0]}", at, statement)
    below = words.BELOW.search(statement) if told and words.LOOKS_UP.search(statement) else None
    if below is not None:
        yield Flow("exfiltration", f"host and user -> *{below[1].lower()}", at, statement)
    if words.SENDS.search(statement):
        for kind in sorted(kinds):
            label = kind.removeprefix("secret ")
            if label != kind:
                yield Flow("exfiltration", f"{label} -> {(hosts or ['*'])[0]}", at, statement)


def _run(at: int, statement: str, kinds: frozenset[str], *, saved: bool) -> Iterator[Flow]:
    """Yield what is given to calls that run a text, a command or a file."""
    evaluated, run = words.EVALUATES.search(statement), words.RUNS.search(statement)
    for called, what in ((evaluated, "eval"), (run, "run")):
        if called is None or not (saved or _counts(called[0], statement[called.start() :])):
            continue
        begins = called.start() if called[0].startswith("`") else called.end() - 1
        given = kinds if saved else _kinds_given(statement[begins:], kinds)
        for kind in ("fetched", "asked", *(("decoded",) if what == "eval" else ())):
            if kind in given:
                source = {"asked": "request"}.get(kind, kind)
                name: CapabilityName = "encoded-payload" if kind == "decoded" else "download-and-run"
                yield Flow(name, f"{source} -> {what}", at, statement)


def _kinds_given(rest: str, kinds: frozenset[str]) -> frozenset[str]:
    """Return what a call is given, where it is given more than a constant."""
    plain = words.QUOTED.sub("", rest)
    return kinds if words.NAME.search(plain) or "http" in rest or "php:" in rest else frozenset()


def _counts(called: str, rest: str) -> bool:
    """Tell whether a call runs something by what it is given, where that is not so of each."""
    word = called.strip(" \t($@").lower().removesuffix("_once")
    needs = words.NEEDS.get(word)
    return needs is None or needs.search(rest[:_LETTERS]) is not None
