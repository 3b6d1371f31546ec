"""Where commands read from and write to: files, sockets of bash, named pipes, descriptors."""

from __future__ import annotations

from typing import NamedTuple

from fimci.capabilities import sensitive
from fimci.capabilities.commands import fetching
from fimci.capabilities.commands.call import Call, Run, file_of, ran, sent, write_file
from fimci.capabilities.commands.everyday import SHELLS
from fimci.capabilities.commands.folding import Run as Folding
from fimci.capabilities.commands.folding import folded
from fimci.capabilities.commands.script import Redirect
from fimci.capabilities.commands.state import State, Value

_NOWHERE = frozenset(("/dev/null", "1", "2", "&1", "&2", "-", "", "NUL", "nul", "/dev/stdout", "/dev/stderr"))


class Target(NamedTuple):
    """What a stage writes to. `takes`: its output goes there and no further, as `2>` does not."""

    value: Value
    takes: bool
    adds: bool


def redirected(
    state: State, redirects: tuple[Redirect, ...], stdin: Value | None, judge: Run, fold: Folding
) -> tuple[Value | None, list[Target]]:
    """Return the input of a stage after its redirects, and what it writes to."""
    targets: list[Target] = []
    for redirect in redirects:
        value = folded(state, redirect.word, fold)
        host = _socket(state, redirect, value, judge)
        if redirect.kind == "text":
            stdin = value
        elif redirect.kind != "in":
            targets.append(Target(value, redirect.number in {"", "1"}, redirect.kind == "add"))
        elif host:
            stdin = Value("$()", known=False, origins=frozenset([("network", host)]))
        elif redirect.number in {"", "0"}:
            stdin = _file(state, value)
    return stdin, targets


def _socket(state: State, redirect: Redirect, value: Value, judge: Run) -> str:
    """Return the host that a redirect leads to; a descriptor that is opened on it leads there as well."""
    if redirect.kind == "text":
        return ""
    host = fetching.sockets(Call(state, "<", [value], Value(), judge), value.text)
    if host is None:
        return state.sockets.get(value.text, "")
    name = redirect.number.strip("{}")
    if name.isdigit():
        state.sockets[name] = host
    elif name:
        state.sockets[name], state.variables[name] = host, Value(name)
    return host


def _file(state: State, value: Value) -> Value:
    """Return what `< FILE` reads."""
    known = file_of(state, value.text)
    if known is not None:
        return known._replace(origins=known.origins | value.origins)
    origins = value.origins
    spot = sensitive.spot(value.text) if value.text else None
    if spot is not None and spot.name != "persistence":
        state.tell(spot.name, spot.label, "<")
        origins |= {("secret", spot.label)}
    return Value("$()", known=False, origins=origins)


def tied(state: State, name: str, stdin: Value, targets: list[Target], judge: Run) -> None:
    """Tell a shell whose output goes into a socket, and note one that reads a named pipe."""
    if name not in SHELLS:
        return
    for target in targets:
        call = Call(state, name, [], Value(), judge)
        host = fetching.sockets(call, target.value.text) or state.sockets.get(target.value.text)
        if host:
            state.tell("download-and-run", f"{host} -> {name}", "/dev/tcp")
    pipe = stdin.origin("pipe")
    if pipe:
        state.pipes[pipe] = name


def written(state: State, target: Target, content: Value, judge: Run) -> None:
    """Judge what is written where."""
    text = target.value.text
    call = Call(state, ">", [target.value], content, judge)
    host = state.sockets.get(text) or fetching.sockets(call, text)
    if host is not None:
        sent(call, [host], [content])
        return
    if text in _NOWHERE:
        return
    if content.origin("environment-bulk"):
        state.tell_bulk(content.origin("environment-bulk"), ">")
    if state.pipes.get(text):
        ran(call._replace(name="a named pipe"), content, state.pipes[text])
    write_file(call, target.value, content, adds=target.adds)
