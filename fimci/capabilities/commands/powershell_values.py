"""What the words of a PowerShell statement are worth: variables, texts in double quotes, hosts, requests."""

from __future__ import annotations

import re

from fimci.capabilities import sensitive
from fimci.capabilities.commands.call import Call, host_of, sent
from fimci.capabilities.commands.folding import expression
from fimci.capabilities.commands.powershell import Token
from fimci.capabilities.commands.state import TEXT_LIMIT, Origin, State, Value

_FETCH = re.compile(
    r"(?:^|\.|-)(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod|start-bitstransfer|downloadstring(?:async)?"
    r"|downloadfile(?:async)?|downloaddata|openread|getstringasync|getstreamasync|getbytearrayasync|uploadstring"
    r"|uploaddata|uploadfile|uploadvalues|postasync|resolve-dnsname|tcpclient|webclient|httpclient|webrequest"
    r"|send-mailmessage|\.open)$"
)
_SENDS = re.compile(r"-body$|-infile$|-method$|upload|postasync|sendasync|send-mailmessage")
SYSTEM = re.compile(
    r"^(?:whoami|hostname|systeminfo|ipconfig|get-computerinfo|get-netipaddress|get-process|get-localuser)$"
)
_SECRET_VARIABLE = re.compile(r"^env:(.+)$")
_HOLE = re.compile(r"\$\(\s*(?P<command>[^()\s]{1,60})[^()]{0,200}\)|\$\{?(?P<name>(?:env:)?\w{1,60})\}?")
#: What Windows keeps in variables of who and where one is.
_WHO = frozenset(("env:computername", "env:userdnsdomain", "env:userdomain", "env:username"))
_HEADS = re.compile(r"-(?:headers?|token|credential|authentication|bearer)\Z")
_PARAMETER = re.compile(r"-[a-z]{2,30}\Z")
_BARE_HOST = re.compile(r"\w\.[A-Za-z\d]")


def substituted(state: State, tokens: list[Token]) -> list[Value]:
    """Return the values of tokens: texts as they are, variables as they were set."""
    values: list[Value] = []
    for token in tokens:
        if token.kind == "variable":
            value = state.variables.get(token.text)
            name = _SECRET_VARIABLE.match(token.text)
            if name is not None and value is None and sensitive.secret(name[1]):
                state.tell("environment", name[1].upper(), f"$env:{name[1]}")
                value = Value(f"${token.text}", known=False, origins=frozenset([("secret", name[1].upper())]))
            asked = frozenset([("system", token.text)] if token.text in _WHO else ())
            values.append(value or Value(f"${token.text}", known=False, origins=asked))
        elif token.expands:
            values.append(_interpolated(state, token))
        else:
            values.append(expression(state, token.text)._replace(assembled=token.assembled))
    return values


def _interpolated(state: State, token: Token) -> Value:
    """Return a text in double quotes with what is known of the variables and commands in it."""
    origins: set[Origin] = set()

    def filled(found: re.Match[str]) -> str:
        if found["command"]:
            origins.update(
                [("system", found["command"].lower())] if SYSTEM.match(found["command"].lower()) else []
            )
            return "$()"
        name = found["name"].lower()
        if name in _WHO:
            origins.add(("system", name))
        value = state.variables.get(name)
        secret = _SECRET_VARIABLE.match(name)
        if value is None and secret is not None and sensitive.secret(secret[1]):
            state.tell("environment", secret[1].upper(), f"$env:{secret[1]}")
            origins.add(("secret", secret[1].upper()))
        if value is not None:
            origins.update(value.origins)
        return value.text if value is not None and value.known else found[0]

    text = _HOLE.sub(filled, token.text)
    return Value(
        text[:TEXT_LIMIT], known=not _HOLE.search(text) and "$()" not in text, origins=frozenset(origins)
    )


def sends(
    call: Call, hosts: list[str], words: list[str], known: list[Value], origins: frozenset[Origin]
) -> None:
    """Tell what a request carries; what stands in its headers is shown, and not sent."""
    if not hosts:
        return
    shown: set[Origin] = set()
    heads = False
    for word, value in zip(words, known, strict=True):
        heads = bool(_HEADS.match(word)) or (heads and not _PARAMETER.match(word))
        if heads:
            shown |= value.origins
    away = Value(origins=origins - shown)
    asks = "resolve-dnsname" in words or "nslookup" in words
    if any(_SENDS.search(word) for word in words) or _carried(known) or asks:
        sent(call, hosts, [away])
    sent(call, hosts, [Value(origins=frozenset(shown))], shown=True)


def network_of(call: Call, tokens: list[Token], values: list[Value], words: list[str]) -> list[str]:
    """Return the hosts that a statement talks to, where a name in it does."""
    names = [word for word in words if _FETCH.search(word.strip("[]()"))]
    if names == [".open"] and not any("://" in value.text for value in values):
        return []
    if not names:
        return []
    texts = [
        value
        for token, value in zip(tokens, values, strict=True)
        if token.kind in {"text", "variable", "word"}
    ]
    hosts = [host for value in texts for host in _hosts(value)]
    if any(name.endswith(("tcpclient", "resolve-dnsname", "send-mailmessage")) for name in names):
        kinds = {"text", "word"} if names[0] == "send-mailmessage" else {"text"}
        plain_texts = [value for token, value in zip(tokens, values, strict=True) if token.kind in kinds]
        hosts += [host for value in plain_texts for host in _hosts(value, bare=True)]
    if hosts and any("tcpclient" in name for name in names):
        call.state.sockets["tcp"] = hosts[0]
    makes = all(name.endswith(("webclient", "httpclient")) for name in names)
    for host in dict.fromkeys(hosts or ([] if makes else ["*"])):
        call.state.tell("network", host, names[0])
    return list(dict.fromkeys(hosts)) or ([] if makes else ["*"])


def _hosts(value: Value, *, bare: bool = False) -> list[str]:
    if "://" not in value.text:
        found = host_of(value) if bare and _BARE_HOST.search(value.text) else None
        return [found] if found else []
    text = value.text[value.text.find("http") :] if "http" in value.text else value.text
    host = host_of(value._replace(text=text))
    return [host] if host else []


def _carried(values: list[Value]) -> bool:
    """Tell whether an address holds something of this machine."""
    if any(kind in {"system", "environment-bulk"} for value in values for kind, _ in value.origins):
        return True
    addresses = [at for at, value in enumerate(values) if "://" in value.text]
    return any(values[at].origin("secret") for at in addresses) or any(
        values[at + 1].text == "+" and value.origin("secret")
        for at in addresses
        if at + 2 < len(values)
        for value in values[at + 2 : at + 3]
    )
