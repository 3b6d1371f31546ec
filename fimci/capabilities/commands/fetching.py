"""Programs that talk to other machines: what they fetch, and what they send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from fimci.capabilities import addresses, sensitive
from fimci.capabilities.commands import decoders, losses, transfer_options
from fimci.capabilities.commands.call import (
    Call,
    Handler,
    fetched,
    file_of,
    host_of,
    network,
    options,
    read_file,
    sent,
    write_file,
)
from fimci.capabilities.commands.state import Value

_AUTHORISING = re.compile(
    r"\A['\"]?(?:authorization|proxy-authorization|private-token|job-token|[\w-]*(?:token|key|auth)[\w-]*)\s*:",
    re.IGNORECASE,
)
#: Where a cloud lends its machines credentials.
_LENT = re.compile(
    r"(?:169\.254\.169\.254|metadata\.google\.internal)/.*(?:security-credentials|token|identity)"
    r"|169\.254\.170\.2|AWS_CONTAINER_CREDENTIALS|ECS_CONTAINER_METADATA|ACTIONS_ID_TOKEN_REQUEST"
)
#: A form that asks for a token (OAuth), and a password in front of a host.
_LOGIN = re.compile(r"(?:client_id|client_secret|refresh_token|grant_type)=\S*\Z")
_USER = re.compile(r"[a-z]+://[^/@?]*\$[^/@?]*@")
#: A line of a configuration of curl, and as many as are looked at.
_OPTION = re.compile(r"\s*-{0,2}([a-z-]{2,30})\s*(?:=|:|\s)\s*(.{1,2000})")
_CONFIGURED = 100
#: Options that say who asks, or anything else; the others say who asks.
_HEADERS = ("-H", "header")
_HOOK = re.compile(r"\$\w")
_FILE = re.compile(r"(?:\A|=)[@<](.+)")
_NAMED_FILE = re.compile(r"\A[\w-]{0,60}@(.+)")
_REMOTE = re.compile(r"(?:[\w.$-]+@)?([\w$.-]+\.[\w.$-]+):")
_SOCKET = re.compile(r"/dev/(?:tcp|udp)/([^/\s'\"]+)(?:/([^\s'\"]+))?")


def curl(call: Call) -> Value:
    """Read `curl` and `wget` and those that are called alike."""
    valued = transfer_options.WGET_VALUED if call.name in {"wget", "wget2"} else transfer_options.CURL_VALUED
    given = list(options(call.arguments, valued))
    addresses = [value for name, value in given if name in {"", "--url"}]
    hosts = network(call, addresses)
    _engine(
        call, [value.text for name, value in given if name in {"--unix-socket", "--abstract-unix-socket"}]
    )
    given += _configured(call, given)
    addresses += [value for name, value in given if name == "url"]
    hosts = list(dict.fromkeys([*hosts, *network(call, [value for name, value in given if name == "url"])]))
    bodies = [_body(call, name, value) for name, value in given if name in transfer_options.BODY]
    headers = [value for name, value in given if name in transfer_options.SHOWN]
    shown = [
        value
        for name, value in given
        if name in transfer_options.SHOWN and value.origins
        if not name.endswith(_HEADERS) or ":" not in value.text or _AUTHORISING.match(value.text)
    ]
    login = [value for value in bodies if _LOGIN.search(value.text)]
    named = [value for value in addresses if not _HOOK.match(value.text)]  # a hook is a secret by itself
    owned = [value for value in named if _USER.match(value.text)]
    sent(call, hosts, [*shown, *login, *owned], shown=True)
    away = [value for value in (*bodies, *headers, *named) if value not in shown + login + owned]
    sent(call, hosts, away)
    content = fetched(hosts) if hosts else Value("$()", known=False)
    call.state.fetched = addresses[-1].text if addresses else ""
    if any(_LENT.search(value.text) for value in addresses):
        label = (
            "identity token" if any("ACTIONS_ID" in value.text for value in addresses) else "cloud metadata"
        )
        call.state.tell("credentials", label, call.name)
        content = content._replace(origins=content.origins | {("secret", label)})
    return _saved(call, given, addresses, content)


def _configured(call: Call, given: list[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """Return the options that stand in what `-K` reads, where that is known."""
    found: list[tuple[str, Value]] = []
    for name, value in given:
        if name not in {"-K", "--config"}:
            continue
        content = call.stdin if value.text == "-" else file_of(call.state, value.text) or Value()
        for line in content.text.splitlines()[:_CONFIGURED]:
            option = _OPTION.match(line)
            if option is not None:
                known = Value(option[2].strip("\"' "), known=content.known, origins=content.origins)
                found.append(("url" if option[1] == "url" else f"--{option[1]}", known))
    return found


def _engine(call: Call, texts: Iterable[str]) -> None:
    """Tell a connection to the socket of an engine of containers."""
    for text in texts:
        if engine := sensitive.engine(text):
            call.state.tell("process", engine, call.name)


def _saved(call: Call, given: list[tuple[str, Value]], addresses: list[Value], content: Value) -> Value:
    """Put what was fetched where the options say; return what is printed."""
    names = {name for name, _ in given}
    targets = [value for name, value in given if name in transfer_options.SAVED and value.text]
    wget = call.name in {"wget", "wget2", "aria2c"}
    if (wget and not targets) or (not wget and names & {"-O", "--remote-name"}):
        targets = [
            value._replace(text=value.text.rpartition("/")[2].partition("?")[0]) for value in addresses
        ]
    targets = [value for value in targets if value.text not in {"/dev/null", "NUL"}]
    folders = [value.text for name, value in given if name in {"-P", "--directory-prefix", "--output-dir"}]
    for value in targets:
        if value.text not in {"-", "/dev/stdout"}:
            place = f"{folders[0].rstrip('/')}/{value.text}" if folders else value.text
            write_file(call, value._replace(text=place), content)
    if not targets or any(value.text in {"-", "/dev/stdout"} for value in targets):
        return content
    return Value()


def _body(call: Call, name: str, value: Value) -> Value:
    """Return what a body holds: the input, a file, or the text itself."""
    found = (_NAMED_FILE if name == "--data-urlencode" else _FILE).search(value.text)
    if name in {"-T", "--upload-file", "--post-file", "--body-file"}:
        path = value.text
    elif found is not None and name not in {"--data-raw", "--form-string"}:
        path = found[1].partition(";")[0]
    else:
        return value
    return call.stdin if path in {"-", "/dev/stdin", "."} else read_file(call, value._replace(text=path))


def connection(call: Call) -> Value:
    """Read `nc` and its like: a connection both ways, and what it is tied to."""
    given = list(options(call.arguments, transfer_options.CONNECTION_VALUED))
    words = [value for name, value in given if not name]
    listens = any(name in {"-l", "--listen"} for name, _ in given)
    hosts = [] if listens else network(call, words[:1])
    run = [value for name, value in given if name in {"-e", "-c", "--exec", "--sh-exec"} and value.text]
    text = " ".join(call.texts())
    _engine(call, call.texts())
    if call.name == "socat":
        hosts = network(
            call,
            [
                Value(text=part)
                for part in re.findall(
                    r"(?:TCP|TCP4|TCP6|UDP|SSL|OPENSSL)[\w-]*:([^:,\s]+)", text, re.IGNORECASE
                )
            ],
        )
        read = re.findall(r"\b(?:FILE|OPEN|GOPEN):([^,\s]+)", text, re.IGNORECASE)
        sent(call, hosts, [read_file(call, Value(path)) for path in read])
        run = [Value("exec")] if re.search(r"\b(?:EXEC|SYSTEM):", text, re.IGNORECASE) else []
    if run:
        call.state.tell("download-and-run", f"{(hosts or ['*'])[0]} -> shell", call.name)
    if listens and not run:
        call.state.tell("network", "*", call.name)
    sent(call, hosts, [call.stdin])
    return fetched(hosts)


def zsh_connection(call: Call) -> Value:
    """Read `ztcp HOST PORT` of zsh, which leaves the connection's number in a variable."""
    hosts = network(call, [value for value in call.arguments if not value.text.startswith("-")][:1])
    for host in hosts[:1]:
        call.state.sockets["$REPLY"] = host
    return Value()


def resolver(call: Call) -> Value:
    """Read `dig`, `nslookup`, `host`, `ping`: a computed label carries data out."""
    words = [value for name, value in options(call.arguments, transfer_options.RESOLVER_VALUED) if not name]
    names = [value for value in words if not value.text.startswith(("@", "+")) and "." in value.text]
    hosts = network(call, names)
    filled = [
        after for before, after in pairwise(call.arguments) if call.name == "ping" and before.text == "-p"
    ]
    sent(call, hosts, [*names, *filled])
    return fetched(hosts)


def copy(call: Call) -> Value:
    """Read `scp`, `rsync`, `sftp`: what is before the last word goes there, or comes from there."""
    words = [
        value for name, value in options(call.arguments, {"-i", "-P", "-e", "-o", "-F", "-J"}) if not name
    ]
    if call.has("--delete", "--delete-before", "--delete-after") and words:
        losses.emptied(call, words[-1])
    hosts = [host for value in words if (host := _remote(value))]
    for host in hosts:
        call.state.tell("network", host, call.name)
    if words and _remote(words[-1]):
        sent(call, hosts, [read_file(call, value) for value in words[:-1]])
    elif hosts and words:
        target = words[-1].text
        if target in {".", "./"} or target.endswith("/"):
            target += "/" + words[0].text.rpartition(":")[2].rpartition("/")[2]
        write_file(call, words[-1]._replace(text=target.removeprefix("./")), fetched(hosts))
    return Value("$()", known=False)


def ssh(call: Call) -> Value:
    """Read `ssh HOST COMMAND`: what is piped in leaves, what is printed comes from there."""
    valued = {"-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-W", "-b", "-c", "-E", "-w"}
    words = [value for name, value in options(call.arguments, valued) if not name]
    target = words[0].text.rpartition("@")[2] if words else ""
    if not target:
        return Value()
    hosts = network(call, [words[0]._replace(text=target)])
    sent(call, hosts or [target], [call.stdin])
    return fetched(hosts or ["*"])


def _remote(value: Value) -> str:
    found = _REMOTE.match(value.text)
    if value.text.startswith(("rsync://", "sftp://", "ftp://")):
        return host_of(value._replace(text=value.text.partition("://")[2])) or ""
    return (found[1].lower() if "$" not in found[1] else "*") if found else ""


def openssl(call: Call) -> Value:
    """Read `openssl s_client -connect HOST:PORT`; all else of it is about texts."""
    if not call.arguments or call.arguments[0].text != "s_client":
        return decoders.openssl(call)
    peers = [after for before, after in pairwise(call.arguments) if before.text in {"-connect", "-host"}]
    hosts = network(call, peers)
    sent(call, hosts, [call.stdin])
    return fetched(hosts)


def mail(call: Call) -> Value:
    """Read what is mailed, and to which domain."""
    whom = [value.text.rpartition("@")[2].lower() for value in call.arguments if "@" in value.text]
    attached = [value for before, value in pairwise(call.arguments) if before.text in {"-a", "-A"}]
    call.state.tell("process", call.name, call.name)
    sent(call, whom[:1], [call.stdin, *(read_file(call, value) for value in attached)])
    return Value()


def sockets(call: Call, text: str) -> str | None:
    """Return the host behind bash's `/dev/tcp/HOST/PORT` in a text, and tell it."""
    found = _SOCKET.search(text)
    if found is None:
        return None
    host, port = found[1], found[2] or ""
    name = "*" if "$" in host else host.lower()
    if addresses.host(f"tcp://{name}") is None and name != "*":
        return None
    name = name if "$" in port or port in {"80", "443", ""} or name == "*" else f"{name}:{port}"
    call.state.tell("network", name, "/dev/tcp")
    return name


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("curl", "wget", "wget2", "aria2c", "axel", "curlie"), curl),
    **dict.fromkeys(("nc", "ncat", "netcat", "socat", "nc.traditional", "telnet"), connection),
    **dict.fromkeys(("dig", "nslookup", "host", "ping", "drill", "resolvectl"), resolver),
    **dict.fromkeys(("scp", "rsync", "sftp"), copy),
    **dict.fromkeys(("ssh", "sshpass"), ssh),
    **dict.fromkeys(("mail", "mailx", "mutt", "sendmail", "msmtp", "ssmtp"), mail),
    "openssl": openssl,
    "ztcp": zsh_connection,
}
