"""Chains: what several uses amount to together.

A chain is told where a value flows from one use into the next, and, more weakly, where both ends stand in
one function. The same function weighs more than the same file (RogueOne 2024; the measured base rates are
in docs/decisions/capabilities.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.capabilities import addresses, command_lines, gathered, owners, private_keys, sensitive, written
from fimci.capabilities.uses import RUNS, STARTS, Api, Flow, Use, Value, flows, known, roles
from fimci.model import CapabilityName

_LEAKS: tuple[tuple[Flow, str], ...] = (
    ("secret", "secret"),
    ("environment-bulk", "environment"),
    ("clipboard", "clipboard"),
    ("typed", "keyboard"),
)
#: Lines on which keys go to a screen elsewhere.
_REMOTE = re.compile(r"(?:ws|WebSocket|socket\.io-client|RTC\w+|simple-peer)\b")
#: Waits for others, with its own key: nothing is sent.
_SERVING = ("createServer", "createSecureServer", ".Server", ".serve", ".listen")
#: Members of a request that say who asks.
SIGNED = frozenset(("headers", "auth", "authorization", "token", "password", "credentials", "accessToken"))
#: Headers by which services learn who asks.
_PROOF = re.compile(r"auth|token|key|secret|sign|csrf|xsrf|session|credential|password|user", re.IGNORECASE)
#: A parameter that may be anything: of the name of a module, where it is from says nothing.
_ANYTHING: frozenset[Flow] = frozenset({"input", "unsure"})
#: A name under a domain, of which only the domain is known.
SUFFIX = re.compile(r"(?:\*|\d{1,9})?\.{0,4}\*?((?:\.[A-Za-z0-9-]+){2,})")
_SECRETS = frozenset(("credentials", "crypto-wallet"))
#: Functions of Python that are given a host by its name alone.
_CONNECTS = frozenset(
    (
        *("HTTPConnection", "HTTPSConnection", "HTTPConnectionPool", "HTTPSConnectionPool", "FTP", "FTP_TLS"),
        *("SMTP", "SMTP_SSL", "Telnet", "connect", "create_connection", "open_connection"),
        *("createConnection", "gethostbyname", "gethostbyname_ex", "getaddrinfo"),
    )
)
_NAME = re.compile(r"(?=.{4,253}\Z)(?:[A-Za-z0-9_-]{1,63}\.){1,9}[A-Za-z]{2,24}")

#: What makes of a file what its owner cannot read any more.
_ENCRYPTS = re.compile(r"\.(?:encrypt|createCipheriv|createCipher)(?:\(|\Z)")
_HOME = re.compile(r"~/?|/|/(?:home|root|Users)/?|[A-Za-z]:[\\/]*|%USERPROFILE%[\\/]*")
#: Packages by which messages go to one service.
_MESSENGERS = (
    *(("telegraf", "Telegram"), ("node-telegram-bot-api", "Telegram"), ("grammy", "Telegram")),
    *(("discord.js", "Discord"), ("@slack/", "Slack"), ("nodemailer", "mail")),
)
_WORD = re.compile(r"\w")
#: What stands around a text of which nothing is known.
_AROUND = "*();\n "

#: The address of a script that a page loads; that of a picture runs nothing.
_SCRIPT = "document.createElement(script).src"

#: What fetches, packs and lists what it is told to, and subcommands that do; `tar` and others have options
#: that start programs.
_TAKES = frozenset(("curl", "wget", "unzip", "mkdir", "ffprobe"))
_OF_GIT = frozenset(
    (
        *("add", "branch", "checkout", "commit", "describe", "diff", "log", "merge", "push", "reset"),
        *("rev-parse", "show", "switch", "tag"),
    )
)

#: Makes something that can send.
_MADE = frozenset(
    ("XMLHttpRequest", "axios.create", "requests.Session", "httpx.Client", "aiohttp.ClientSession")
)
#: Secrets of a page that its own code reads for its own requests (tokens against forged ones).
_EVERYDAY = frozenset(("document.cookie", "localStorage", "localStorage.getItem", "sessionStorage.getItem"))

#: The same with their members.
_OF_A_PAGE = ("document.cookie", "localStorage", "sessionStorage")
#: Said of such a one where no host is named: a page speaks to its own.
OF_THE_PAGE = "of the page, to no host that is named"


class Chain(NamedTuple):
    """A chain, with the use at its end as the evidence."""

    name: CapabilityName
    subject: str
    detail: str
    use: Use


def rank(code: Value | None, module: Value | None) -> str:
    """Say where code that is run comes from: `fetched`, `decoded`, `built`, `configured`, or nowhere odd."""
    value = code if code is not None else module
    if value is None:
        return "built"
    if "network" in value.flows and (code is not None or not value.flows >= _ANYTHING):
        return "fetched"
    if {"decoded", "payload"} & value.flows:
        return "decoded"
    if value.text is not None and value.name != "open" and "unsure" not in value.flows:
        return ""  # it stands there; of a file that was opened, the text is its path
    return "built" if code is not None else "configured"


def chains(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield the chains of one file."""
    facts = {use.name for use, api in told if "identity" in api.gives}
    facts |= {word for use, api in told for word in command_lines.asks(command_lines.line(use, api))}
    clouds = {id(use) for use, api in told if api.name == "network" and asks_cloud(address(use))}
    page = _only_of_the_page(told)
    for use, api in told:
        carried = flows(use)
        starts = api.name in STARTS and "decoded" in _command(use, api).flows
        if starts or (api.evaluates and rank(*code(use, api)) == "decoded"):
            yield Chain("encoded-payload", f"decoded -> {use.name}", "what was decoded is run", use)
        if api.name in RUNS and "network" in carried and _runs_fetched(use, api):
            yield Chain("download-and-run", f"fetched -> {use.name}", "what was fetched is run", use)
        if use.name == _SCRIPT and {"decoded", "network"} & carried:
            yield Chain("download-and-run", f"{_target(use)} -> script", "its address is hidden", use)
        if api.name == "network" and not use.name.endswith(_SERVING):
            for flow, word in _LEAKS:
                if flow in carried and (
                    (flow == "typed" and not _REMOTE.match(use.name))
                    or flow not in {"secret", "typed"}
                    or addresses.collects(address(use))
                    or (_leaks(use) and not _is_own_address(use, told))
                    or _strays(use, told)
                ):
                    own = page and flow == "secret" and not address(use)
                    how = OF_THE_PAGE if own else "it flows into the request"
                    yield Chain("exfiltration", f"{word} -> {_target(use)}", how, use)
            if clouds and "network" in carried and id(use) not in clouds:
                yield Chain(
                    "exfiltration", f"cloud credentials -> {_target(use)}", "it flows into the request", use
                )
            if "identity" in carried and (len(facts) > 1 or addresses.collects(address(use))):
                yield Chain(
                    "exfiltration", f"host and user -> {_target(use)}", "it flows into the request", use
                )
    yield from _keys(told)
    yield from _together(told)
    yield from (Chain(*one) for one in written.and_run(told))
    yield from asked(told)
    yield from destroyed(told)
    yield from (Chain(*one) for one in gathered.chains(told, lambda use, _api: flows(use), _target))


def asked(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield what runs nothing but what somebody sent with a request: a backdoor, and no mistake."""
    for use, api in told:
        if _is_asked(use, api):
            yield Chain("download-and-run", f"request -> {use.name}", "what a request says is run", use)


def _is_asked(use: Use, api: Api) -> bool:
    if use.form != "call" or api.name not in RUNS:
        return False
    given = [code(use, api)[0] if api.evaluates else None, _command(use, api) if api.name in STARTS else None]
    return any(
        one is not None and "asked" in one.flows and not known(one).strip(_AROUND) and not one.items
        for one in given
    )


def _runs_fetched(use: Use, api: Api) -> bool:
    """Tell whether what was fetched is run: no name of a module that may be any, and no mere argument."""
    if api.name in STARTS and not api.evaluates and _only_takes(use, api):
        return False
    text, module = code(use, api)
    return text is not None or module is None or rank(None, module) == "fetched"


def _only_takes(use: Use, api: Api) -> bool:
    """Tell whether a program is started that runs nothing of what a list of arguments gives it."""
    command = dict(roles(use, api)).get("command", Value())
    program, given = known(command), use.arguments[1].items if len(use.arguments) > 1 else ()
    named = command.text is not None and "unsure" not in command.flows and "network" not in command.flows
    options = use.arguments[2:]  # of which nothing is known, they may ask for a shell
    if not named or not given or "shell" in use.keywords or (options and not use.keywords):
        return False
    return program in _TAKES or (program == "git" and known(given[0]) in _OF_GIT)


def _only_of_the_page(told: Sequence[tuple[Use, Api]]) -> bool:
    """Tell whether the only secrets here are those that a page keeps for its own requests."""
    return not any(
        (api.name == "credentials" and not use.name.startswith(_OF_A_PAGE))
        or touches_secret(use, api)
        or next(_variables(use, api), None) is not None
        for use, api in told
    )


def _command(use: Use, api: Api) -> Value:
    """Return the program or line that a use starts."""
    command = dict(roles(use, api)).get("command", Value()) if use.form == "call" else Value()
    return command.items[0] if command.items else command


def asks_cloud(host: str) -> bool:
    """Tell whether a host is the service by which a machine of a cloud learns its own credentials."""
    found = addresses.host(f"tcp://{host}") if host else None
    return found is not None and found.kind == "metadata"


def destroyed(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield what lists a folder and puts one text, or a cipher, into each file that it finds (node-ipc).

    A generator writes files whose names it knows, at least by their ends. Who goes through a home or the
    whole disk and deletes what is there is told, too.
    """
    functions: dict[int, list[tuple[Use, Api]]] = {}
    for use, api in told:
        functions.setdefault(use.function, []).append((use, api))
    for uses in functions.values():
        listed = [(use, api) for use, api in uses if gathered.LISTS.match(use.name)]
        found = _of_folder(uses, home=any(_is_home(use, api) for use, api in listed)) if listed else None
        if found is not None:
            yield found


def _of_folder(uses: Sequence[tuple[Use, Api]], *, home: bool) -> Chain | None:
    """Return what a function that lists a folder does to what is in it."""
    gone = next((use for use, api in uses if _deletes(use, api)), None)
    if home and gone is not None:
        return Chain("filesystem-delete", "what it finds", "deletes the files of a home", gone)
    if home:
        for use, api in uses:
            if api.name == "filesystem-write" and use.form == "call" and _is_found(_path_of(use, api)):
                return Chain("filesystem-delete", "what it finds", "writes into the files of a home", use)
    encrypts = any(_ENCRYPTS.search(use.name) or _ENCRYPTS.search(use.text) for use, _ in uses)
    for use, api in uses:
        if api.name != "filesystem-write" or use.form != "call":
            continue
        given = dict(roles(use, api))
        data = given.get("data", Value())
        one_text = data.text or ("default" in data.flows and known(data))
        if _is_found(given.get("path")) and (encrypts or one_text):
            return Chain("filesystem-delete", "what it finds", "overwrites the files of a folder", use)
        if encrypts and gone is not None:
            return Chain("filesystem-delete", "what it finds", "puts ciphers in the place of files", use)
    return None


def _path_of(use: Use, api: Api) -> Value | None:
    return dict(roles(use, api)).get("path")


def _is_found(path: Value | None) -> bool:
    """Tell whether nothing of a path is known; where it begins by default says nothing."""
    if path is None or path.text is not None:
        return False
    return not any(_WORD.search(part) for part in path.parts["default" in path.flows :])


def _is_home(use: Use, api: Api) -> bool:
    """Tell whether it is a home or the whole disk that is listed, and not some of its files alone."""
    chosen = any(known(value).strip("*/") for value in use.arguments[1:2])
    return not chosen and gathered.is_home(use, api)


def _deletes(use: Use, api: Api) -> bool:
    """Tell whether a use deletes something of which the name is not known."""
    paths = [value for role, value in roles(use, api) if role == "path"]
    return (
        api.name == "filesystem-delete"
        and use.form == "call"
        and any(value.text is None or _HOME.fullmatch(known(value)) for value in paths)
    )


def _leaks(use: Use) -> bool:
    """Tell whether a secret stands elsewhere than where requests carry the one that they need."""
    return "secret" in flows(
        use._replace(keywords={key: value for key, value in use.keywords.items() if key not in SIGNED})
    )


def _is_own_address(use: Use, told: Sequence[tuple[Use, Api]]) -> bool:
    """Tell whether a key stands in the address of the service which asks for it there, and nowhere else."""
    rest = {key: value for key, value in use.keywords.items() if key not in {*SIGNED, "url", "path"}}
    host = address(use)
    if not host or "secret" in flows(use._replace(arguments=use.arguments[1:], keywords=rest)):
        return False
    return owners.ask_in_address(host, [name for one, api in told for name in _variables(one, api)])


def _strays(use: Use, told: Sequence[tuple[Use, Api]]) -> bool:
    """Tell whether a secret goes to somebody whom it does not belong to, where requests say who asks.

    A variable says by its name whose it is. What comes from a file or a program is stolen where no header
    would be that a service asks for.
    """
    host = address(use)
    read = [(one.function, name) for one, api in told for name in _variables(one, api)] if host else []
    near = [name for function, name in read if function == use.function] or [name for _, name in read]
    if near or not host:
        return owners.all_astray(host, near)
    headers = use.keywords.get("headers", Value()).fields
    return any("secret" in value.flows and not _PROOF.search(name) for name, value in headers)


def _variables(use: Use, api: Api) -> Iterator[str]:
    """Yield the secrets of the environment that a use asks for, by their names."""
    names = [known(value) for role, value in roles(use, api) if role == "variable"]
    if api.name == "environment":
        names.append(use.name.rpartition(".")[2])
    yield from (name for name in names if sensitive.secret(name))


def _keys(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield private keys that go to a host that stands there, and not where they say who asks."""
    for use, api in told:
        if api.name != "network" or "key" not in flows(use) or private_keys.connects(use.name):
            continue
        given = {name: value for name, value in use.keywords.items() if not private_keys.signs(name)}
        to = address(use) or next((whom for begin, whom in _MESSENGERS if use.name.startswith(begin)), "")
        if sends(use, api) and to and "key" in flows(use._replace(keywords=given)):
            yield Chain("exfiltration", f"private key -> {to}", "it flows into the request", use)


def _together(told: Sequence[tuple[Use, Api]]) -> Iterator[Chain]:
    """Yield the chains whose ends stand in one function."""
    functions: dict[int, list[tuple[Use, Api]]] = {}
    for use, api in told:
        functions.setdefault(use.function, []).append((use, api))
    for uses in functions.values():
        sender = next((use for use, api in uses if sends(use, api)), None)
        if sender is None:
            continue
        if any(touches_secret(use, api) for use, api in uses):
            yield Chain("exfiltration", f"secret -> {_target(sender)}", "both in one function", sender)
        saves = any(api.name == "filesystem-write" and "network" in flows(use) for use, api in uses)
        runs = next((use for use, api in uses if api.name in RUNS and use.form == "call"), None)
        if saves and runs is not None:
            yield Chain(
                "download-and-run", f"{_target(sender)} -> {runs.name}", "fetched, written, run", runs
            )


def sends(use: Use, api: Api) -> bool:
    """Tell whether a use asks the network for something; who makes a request object has sent nothing yet."""
    made = use.name in _MADE or use.name.endswith(_SERVING)
    return api.name == "network" and use.form == "call" and not made


def touches_secret(use: Use, api: Api) -> bool:
    """Tell whether a use names a place of secrets, or is one that nobody needs every day."""
    if api.name == "credentials" and "secret" not in api.gives:
        return use.name not in _EVERYDAY  # what gives a secret is followed
    paths = [known(value) for role, value in roles(use, api) if role in {"path", "source"}]
    if api.name == "network":  # `upload(path)` reads what it sends
        paths += [text for value in use.arguments if "://" not in (text := known(value))]
    found = (sensitive.spot(text) for text in paths if text)
    return any(spot is not None and spot.name in _SECRETS for spot in found)


def code(use: Use, api: Api) -> tuple[Value | None, Value | None]:
    """Return what a use runs: code, or a module by its name."""
    found = dict(roles(use, api))
    return found.get("code"), found.get("module")


def address(use: Use) -> str:
    """Return the host that a call names, in its address or in the members of what it is given."""
    hosts = [value for name, value in use.keywords.items() if name in {"host", "hostname"}]
    for value in (*use.arguments, *use.keywords.values()):
        for text in (known(value), *(known(item) for item in value.items)):
            found = addresses.host(text) if text else None
            if found is not None:
                return found.name
            suffix = SUFFIX.fullmatch(text) if use.name.startswith("dns.") else None
            if suffix is not None:
                return f"*{suffix[1]}".lower()
    text = known(hosts[0]).lower() if hosts else _connected(use)
    return text if "." in text else ""


def _connected(use: Use) -> str:
    """Return the host of a connection that is made, or through which something is asked."""
    if use.name.endswith(".sendto"):
        values = [item for one in use.arguments[1:3] for item in one.items[:1]]
    elif use.name.rpartition(".")[2] not in _CONNECTS:
        values = [use.receiver] if use.receiver.name else []
    else:  # Node.js names the port first
        given = [value for value in use.arguments[:2] if not known(value).isdecimal()][:1]
        values = [*given, *(value for one in given for value in one.items[:1])]
    text = next((known(value) for value in values if _NAME.fullmatch(known(value))), "")
    return text.lower()


def _target(use: Use) -> str:
    return address(use) or "*"
