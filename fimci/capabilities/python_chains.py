"""Chains of Python, whose catalogue tells which arguments of a request are sent.

As in `chains`, which is for languages in which a request is told by the members of an object: what is sent is
followed by the roles of arguments, and a secret of the environment is only stolen where its name and the host
belong to different people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.capabilities import addresses, commanded, gathered, owners, private_keys, sensitive, written
from fimci.capabilities import chains as common
from fimci.capabilities.chains import Chain, code, rank
from fimci.capabilities.uses import RUNS, STARTS, Api, Flow, Use, Value, flows, known, roles

_LEAKS: tuple[tuple[Flow, str], ...] = (
    ("environment-bulk", "environment"),
    ("clipboard", "clipboard"),
)
#: Roles of arguments that carry what is sent. What goes into headers is mostly what a service asks for.
_SENT = frozenset(("url", "data", "path", "command"))
#: Hosts that nothing of a machine is sent to in good faith.
_FOREIGN = frozenset(("messenger", "out-of-band", "paste", "tunnel", "shortener", "address", "onion"))
#: What a program reads that is started, as if it were typed.
_TYPED = ("stdin", "input")
#: Variables that tell who and where this is.
_OF_USERS = frozenset(("USER", "USERNAME", "LOGNAME", "USERDOMAIN", "COMPUTERNAME", "HOSTNAME"))
#: How many ways of asking who and where this is make a profile.
_PROFILE = 2
_NAME = re.compile(r"[a-z0-9.*_-]{3,253}\Z")
_SENDERS = frozenset(("post", "put", "sendall", "sendmail"))
#: Programs that send what they are given.
_WHO = frozenset(("os.getlogin", "getpass.getuser"))
_CARRIERS = frozenset(("curl", "wget", "nc", "ncat", "nslookup", "dig"))
_INTERPRETER = re.compile(
    r"(?:\S*[\\/])?(?:(?:ba|z|da|k)?sh|python[\d.]*|node|perl|ruby|php|cmd|powershell|pwsh)(?:\.exe)?(?:\s|\Z)|\*"
)
_INTERACTIVE = re.compile(r"(?:\S*/)?(?:ba|z|da|k)?sh(?:\s+-i)?\Z|(?:\S*\\)?(?:cmd|powershell)(?:\.exe)?\Z")
_LOOKS_UP = frozenset(("getaddrinfo", "gethostbyname", "gethostbyname_ex"))
_WATCHED = frozenset(("screen", "keyboard"))
_MINE: frozenset[Flow] = frozenset({"file", "secret", "decoded", "output", "system"})
_SECRETS = frozenset(("credentials", "crypto-wallet"))
_PRIVATE = frozenset(("filesystem-read-sensitive",))


#: Functions of Windows by which bytes become a program in memory, of this process or another one.
_MEMORY = frozenset(
    (
        *(
            "VirtualAlloc",
            "VirtualAllocEx",
            "VirtualProtect",
            "VirtualProtectEx",
            "RtlMoveMemory",
            "RtlCopyMemory",
        ),
        *("WriteProcessMemory", "NtAllocateVirtualMemory", "NtWriteVirtualMemory", "NtProtectVirtualMemory"),
        *(
            "CreateThread",
            "CreateRemoteThread",
            "CreateRemoteThreadEx",
            "NtCreateThreadEx",
            "RtlCreateUserThread",
        ),
        *("QueueUserAPC", "EnumSystemLocalesA", "EnumSystemLocalesW", "SetThreadContext", "memmove"),
    )
)
#: So many of these make a loader; one alone protects memory or starts a thread.
_LOADS = 2


def chains(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield the chains of one file."""
    clouds = {id(use) for use, api in told if api.name == "network" and common.asks_cloud(address(use, api))}
    for use, api in told:
        carried = flows(use)
        if api.evaluates and rank(*code(use, api)) == "decoded":
            yield Chain("encoded-payload", f"decoded -> {use.name}", "what was decoded is run", use)
        if api.name in RUNS and "network" in carried and _is_run(use, api, "network"):
            yield Chain("download-and-run", f"fetched -> {use.name}", "what was fetched is run", use)
        if api.name in STARTS and "decoded" in carried and _is_run(use, api, "decoded"):
            yield Chain("encoded-payload", f"decoded -> {use.name}", "what was decoded is run", use)
        if api.name == "network":
            if clouds and id(use) not in clouds and "network" in sent_by(use, api):
                subject = f"cloud credentials -> {_target(use, api)}"
                yield Chain("exfiltration", subject, "it flows into the request", use)
            for word in _leaks(use, api, told):
                target = _target(use, api)
                yield Chain("exfiltration", f"{word} -> {target}", "it flows into the request", use)
        if api.name in {"process", "shell"} and _CARRIERS & set(
            commanded.text_of(_command(use, api)).split()
        ):
            for word in _leaks(use, api, told):
                yield Chain("exfiltration", f"{word} -> {_target(use)}", "it is given to the command", use)
    yield from _machine_code(told)
    yield from _together(told)
    yield from (Chain(*one) for one in written.and_run(told))
    yield from common.asked(told)
    yield from common.destroyed(told)
    yield from (Chain(*one) for one in gathered.chains(told, sent_by, _target))


def _machine_code(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield what puts bytes into memory and has the processor run them."""
    uses = [use for use, api in told if api.name == "native-code" and use.form == "call"]
    mapped = next((use for use in uses if use.name == "mmap.mmap" and _is_run_from(use)), None)
    loads = {use.name.rpartition(".")[2]: use for use in uses if use.name.rpartition(".")[2] in _MEMORY}
    protected = next((use for use in uses if use.name.endswith(".mprotect")), None)
    if protected is not None and any(use.name.endswith("CFUNCTYPE") for use in uses):
        mapped = mapped or protected  # what is called is an address in memory of its own
    found = mapped or (list(loads.values())[-1] if len(loads) >= _LOADS else None)
    if found is not None:
        detail = "bytes are put into memory and run"
        yield Chain("encoded-payload", f"machine code -> {found.name}", detail, found)


def _is_run_from(use: Use) -> bool:
    """Tell whether memory is mapped to be run: the flags are names or, added up, a number with 4 in it."""
    given = use.keywords.get("prot", use.arguments[3] if len(use.arguments) > 3 else Value())  # noqa: PLR2004  (of POSIX)
    number = known(given)
    return "PROT_EXEC" in use.text or (number.isdecimal() and bool(int(number[:9]) & 4))


def _leaks(use: Use, api: Api, told: Sequence[tuple[Use, Api]]) -> Iterator[str]:
    """Yield what a request takes away that is not its own."""
    sent, carried = sent_by(use, api), flows(use)
    # Who asks for an address sends nothing, unless it is asked below somebody's domain.
    asks = use.name.rpartition(".")[2] in _LOOKS_UP
    if asks and not any("." in known(value) for value in (*use.arguments, *use.keywords.values())):
        return
    for flow, word in _LEAKS:
        if flow in (carried if flow == "environment-bulk" and api.name == "network" else sent):
            yield word
    if _takes_secret(use, api, told):
        yield "secret"
    if "key" in sent and common.sends(use, api) and not private_keys.connects(use.name):
        yield from ("private key",) if _target(use, api) != "*" else ()
    carries = not asks and any(role in {"data", "command"} for _key, role in api.takes)
    if "system" in sent and (carries or address(use, api)) and _profiles(told):
        yield "system"


def _takes_secret(use: Use, api: Api, told: Sequence[tuple[Use, Api]]) -> bool:
    """Tell whether a secret is sent that is not what the service asks for."""
    sent, carried = sent_by(use, api), flows(use)
    if "secret" in sent:
        return "environment" not in sent or _foreign(use, api, told, asked=False)
    return {"secret", "environment"} <= carried and _foreign(use, api, told, asked=True)


def _profiles(told: Sequence[tuple[Use, Api]]) -> bool:
    """Tell whether a file asks in several ways who and where this is."""
    asked: set[str] = set()
    user = any(use.name in _WHO for use, _ in told)
    for use, api in told:
        if "system" in api.gives:
            asked.add(use.name)
        elif user and use.name == "platform.platform":
            asked.add(use.name)  # which system it is, together with who uses it
        elif api.name == "environment":
            names = (known(value) for role, value in roles(use, api) if role == "variable")
            asked |= {"a variable" for name in names if name in _OF_USERS}
        elif api.name in {"process", "shell"}:
            asked |= commanded.asks(_command(use, api))
    return len(asked) >= _PROFILE


def _command(use: Use, api: Api) -> Value:
    return next((value for role, value in roles(use, api) if role == "command"), Value())


def sent_by(use: Use, api: Api) -> frozenset[Flow]:
    """Return where what is sent comes from."""
    values = [value for role, value in roles(use, api) if role in _SENT]
    values += [value for key, value in use.keywords.items() if key == "**"]
    if not any(role in {"data", "command"} for _key, role in api.takes):
        values += use.arguments
    return frozenset().union(*(value.flows for value in values), *(i.flows for v in values for i in v.items))


def _foreign(use: Use, api: Api, told: Sequence[tuple[Use, Api]], *, asked: bool) -> bool:
    """Tell whether a secret variable goes to somebody whom it does not belong to.

    `asked`: it stands where a request has what the service asks for.
    """
    host = _host(use)
    if host is not None and host.kind in _FOREIGN:
        return True
    named = [
        (one.function, known(value))
        for one, row in told
        for role, value in roles(one, row)
        if role == "variable" and sensitive.secret(known(value))
    ]
    variables = [name for function, name in named if function == use.function] or [name for _, name in named]
    owner = host.name if host is not None else address(use, api) or common.address(use) or _below(use)
    return (owners.all_astray if asked else owners.astray)(owner, variables)


def _below(use: Use) -> str:
    """Return the domain below which a command looks up a name that it computes."""
    for value in use.arguments:
        for item in value.items:
            found = common.SUFFIX.fullmatch("*" + item.parts[-1].lstrip("*")) if item.parts else None
            if found is not None:
                return found[1].lower()
    return ""


def _together(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield the chains whose ends stand in one function."""
    functions: dict[int, list[tuple[Use, Api]]] = {}
    for use, api in told:
        functions.setdefault(use.function, []).append((use, api))
    for uses in functions.values():
        sends = next((use for use, api in uses if api.name == "network" and use.form == "call"), None)
        if sends is None:
            continue
        away = next((use for use, api in uses if api.name == "network" and _gives_away(use, api)), None)
        secret = next((use for use, api in uses if _touches(use, api, _SECRETS)), None)
        if secret is not None and away is not None and secret.line <= away.line:
            yield Chain("exfiltration", f"secret -> {_target(away)}", "both in one function", away)
        read = next((use for use, api in uses if _touches(use, api, _PRIVATE)), None)
        if read is not None and away is not None and (host := _host(away)) and host.kind in _FOREIGN:
            yield Chain("exfiltration", f"private file -> {_target(away)}", "both in one function", away)
        watched = next((use for use, api in uses if api.name in _WATCHED), None)
        if watched is not None and away is not None:
            yield Chain("exfiltration", f"{watched.name} -> {_target(away)}", "both in one function", away)
        yield from _started(uses, sends)
    typed = next((use for use, api in told if api.name == "keyboard"), None)
    away = next((use for use, api in told if api.name == "network" and _gives_away(use, api)), None)
    if typed is not None and away is not None:
        yield Chain("exfiltration", f"{typed.name} -> {_target(away)}", "both in one file", away)


def _started(uses: Sequence[tuple[Use, Api]], sends: Use) -> Iterator[Chain]:
    """Yield what was fetched, saved and run in one function, and shells whose ends are at another host."""
    saved = [value for use, api in uses for role, value in roles(use, api) if role == "saved"]
    saves = any(api.name == "filesystem-write" and "network" in flows(use) for use, api in uses)
    for use, api in uses:
        if api.name not in RUNS or use.form != "call":
            continue
        command = _command(use, api)
        first = command.items[0] if command.items else command
        if saves or any(_same(value, first) or _same(value, _path(use, api)) for value in saved):
            yield Chain("download-and-run", f"{_target(sends)} -> {use.name}", "fetched, written, run", use)
            return
        tied = any(one.name == "os.dup2" for one, _ in uses)
        if _INTERACTIVE.match(commanded.text_of(command)) and (tied or _target(sends) != "*"):
            yield Chain("download-and-run", f"{_target(sends)} -> shell", "a shell for another host", use)
            return


def _is_run(use: Use, api: Api, flow: Flow) -> bool:
    """Tell whether it is the program, or code for an interpreter, that comes from there: no mere argument."""
    command = _command(use, api)
    typed = any(flow in use.keywords[key].flows for key in _TYPED if key in use.keywords)
    if not command.items:
        interpreter = _INTERPRETER.match(known(command)) is not None
        if flow in command.flows or (typed and interpreter):
            return True
        return flow == "network" and (interpreter or not known(command))
    first, *rest = command.items
    return flow in first.flows or (
        _INTERPRETER.match(known(first) or commanded.text_of(first)) is not None
        and (typed or any(flow in value.flows for value in rest))
    )


def _path(use: Use, api: Api) -> Value:
    return next((value for role, value in roles(use, api) if role == "path"), Value())


def _same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same file, as far as they are known."""
    return bool(known(one)) and known(one) == known(other)


def _gives_away(use: Use, api: Api) -> bool:
    """Tell whether a request sends something that is not written there, or is made for sending."""
    values = [value for role, value in roles(use, api) if role == "data"]
    sent = any(value.text is None and value.flows & _MINE for value in values)
    return sent or use.name.rpartition(".")[2] in _SENDERS


def _touches(use: Use, api: Api, names: frozenset[str]) -> bool:
    """Tell whether a use is given a path of one of these kinds."""
    for role, value in roles(use, api):
        text = known(value)
        found = sensitive.spot(text) if role in {"path", "sought"} and text else None
        if found is None or found.name not in names:
            continue
        if role == "path" or found.name == "crypto-wallet" or sensitive.store(found.label):
            return True
    return False


def _host(use: Use) -> addresses.Host | None:
    """Return the host in the arguments of a call."""
    for value in (*use.arguments, *use.keywords.values()):
        for text in (known(value), *(known(item) for item in value.items)):
            found = addresses.host(text) if text else None
            if found is not None:
                return found
    return None


def address(use: Use, api: Api | None = None) -> str:
    """Return the host that a call names, in its address or in the members of what it is given."""
    found = _host(use)
    if found is not None:
        return found.name
    hosts = [value for name, value in use.keywords.items() if name in {"host", "hostname"}]
    hosts += [value for role, value in roles(use, api or Api()) if role == "host"]
    for value in hosts:
        text = known(value.items[0] if value.items else value).lower()
        if "." in text.strip("*.") and _NAME.match(text):  # of `*.*` nothing is known
            return text
    return ""


def _target(use: Use, api: Api | None = None) -> str:
    return common.address(use) or address(use, api) or "*"
