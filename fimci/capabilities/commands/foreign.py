"""Texts in other languages that are given to their interpreters: `node -e TEXT`, `perl -e TEXT`.

JavaScript and Python are handed on, to be read by their own readers. Of all of them, what words tell is
told here: that something is fetched, decoded or connected to, and run.
"""

from __future__ import annotations

import itertools
import re
from typing import Literal

from fimci.capabilities import addresses, sensitive
from fimci.capabilities.commands import decoders
from fimci.capabilities.commands.call import Call, ran, sent
from fimci.capabilities.commands.state import Value

_EVALUATES = re.compile(
    r"\b(?:exec\w*|eval|Function|system|passthru|shell_exec|popen|proc_open|subprocess|spawn\w*|loadstring|load"
    r"|qx|require\(['\"](?:node:)?child_process|os\.execute"
    r"|dup2|fdopen|Invoke|instance_eval|do shell script)\b"
)
_DECODES = re.compile(
    r"b64decode|base64|Base64|fromhex|unhexlify|decode64|atob|pack\(|\.pack\b|zlib|marshal|codecs\.decode|fromCharCode"
)
#: A file that PHP runs.
_INCLUDES = re.compile(r"\b(?:include|require)(?:_once)?[ (]{0,3}['\"$]")
#: In languages that are read by readers of their own, only what is told in one breath.
_DECODED = re.compile(
    r"\b(?:exec\w*|eval|Function|system|spawn\w*|popen|run|call)\b[^;\n]{0,200}(?:b64decode|base64|fromhex|unhexlify|atob"
    r"|zlib|marshal|codecs\.decode|fromCharCode|['\"]hex)"
)
_FETCHES = re.compile(
    r"https?['\"]\)\.(?:get|request)|urlopen|urllib|requests|https?\.(?:get|request)|fetch\(|LWP|net/http|open-uri"
    r"|axios|file_get_contents|(?:readfile|copy)\(\s*['\"]https?"
    r"|fopen\(['\"]https?|URI\.open|\bget[ (]+['\"]https?|\bcurl_exec|HTTP::Tiny"
)
_CONNECTS = re.compile(
    r"\b(?:socket|fsockopen|TCPSocket|IO::Socket|stream_socket_client|create_connection|net['\"]\)\.|/inet/)",
    re.IGNORECASE,
)
_PEER = re.compile(
    r"['\"]((?:[\w-]{1,63}\.){1,6}[A-Za-z][\w-]{1,23}|\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?['\"]"
)
_INET = re.compile(r"/inet/(?:tcp|udp)/\d+/([\w.-]+)/(\d+)")
_AWK_RUNS = re.compile(
    r"\bsystem\(\s*\"((?:[^\"\\]|\\.){1,4000})\"|\"((?:[^\"\\]|\\.){1,4000})\"\s*\|\s*getline"
)
#: Texts that other languages give to a shell.
_GIVES = re.compile(
    r"\b(?:system|exec|shell_exec|passthru|popen|proc_open|execute|spawn|run)\b\s{0,9}[({]?\s{0,9}"
    r"(?:\"((?:[^\"\\]|\\.){3,4000})\"|'((?:[^'\\]|\\.){3,4000})')"
    r"|`([^`]{3,4000})`|(?:\bqx|%x)(?:\{([^}\n]{3,4000})|\(([^)\n]{3,4000})|\[([^\]\n]{3,4000}))"
)
_AWK_PRINTS = re.compile(r"\bprintf\s*\(?\s*\"(?:%c)+\"\s*,\s*([\d,\s]{2,4000})")
_CHARACTERS = 0xD800
_GIVEN = 50
_ENCODED = re.compile(r"['\"]([A-Za-z0-9+/=_-]{16,100000})['\"]")
#: Reads its input, and runs a text or a file.
_READS = re.compile(r"\bSTDIN\b|<>|\bstdin\b|\bgets\b|readlines?\b|php://input|/dev/fd/0|\binput\(\)")
_RUNS = re.compile(r"\b(?:exec\w*|eval|system|popen|subprocess|spawn\w*|Function|os\.execute|loadstring)\b")
_LOOKS_UP = re.compile(r"\b(?:nslookup|dig|host|ping|curl|wget|dns['\"]\)?\.\w+)\b")
_QUOTED = re.compile(r"['\"]([^'\"\n]{3,200})['\"]")
_LIMIT = 20_000

#: The languages that are handed on, by the programs that read them.
LANGUAGES: dict[str, Literal["javascript", "python"]] = {
    **dict.fromkeys(("node", "nodejs", "bun", "deno", "electron", "tsx", "ts-node"), "javascript"),
    **dict.fromkeys(("python", "python2", "python3", "pypy", "pypy3", "py", "ipython"), "python"),
}


def judge(call: Call, code: Value, before: str) -> Value:
    """Look at a text of another language as far as words tell; `before` are options that load modules."""
    language = LANGUAGES.get(call.name)
    if language is not None and code.text:
        call.state.hand(language, code.text)
    text = code.text[:_LIMIT]
    piped = _of_input(call, text)
    for given in itertools.islice(_GIVES.finditer(text), _GIVEN) if language is None else ():
        written = next(filter(None, given.groups()))
        call.run(call.state, written.replace('\\"', '"').replace("\\'", "'"), Value(), "sh")
    looked = f"{before} {text}"
    hosts = list(dict.fromkeys(host.name for host in addresses.hosts(text)))
    fetches, connects = _FETCHES.search(looked), _CONNECTS.search(looked)
    if connects:
        hosts += [
            f"{peer}:{port}" if port else peer
            for peer, port in _PEER.findall(text)
            if not peer.endswith((".js", ".py"))
        ]
    for host in hosts if fetches or connects else ():
        call.state.tell("network", host, f"{call.name} -e")
    if _EVALUATES.search(text) or (call.name.startswith("php") and _INCLUDES.search(text)):
        if (_DECODED if language is not None else _DECODES).search(looked):
            call.state.tell(
                "encoded-payload", f"{'base64' if '64' in looked else 'encoded'} -> {call.name}", call.name
            )
        if fetches or connects:
            call.state.tell("download-and-run", f"{(hosts or ['*'])[0]} -> {call.name}", call.name)
    asked = frozenset(origin for origin in code.origins if origin[0] == "system")
    if asked and (fetches or connects or _LOOKS_UP.search(text)):
        # The shell puts it in before the other language reads it.
        sent(call, hosts or ["*"], [code._replace(origins=asked)])
    secrets = _secrets(call, text)
    came = frozenset(("network", host) for host in hosts if fetches)
    if piped or _EVALUATES.search(text) or not _DECODES.search(looked):
        return Value("$()", known=False, origins=code.origins | secrets | came)
    return _printed(text, code.origins | secrets | came)


def _printed(text: str, origins: frozenset[tuple[str, str]]) -> Value:
    """Return what a text prints that decodes one that stands in it, as far as that is found out."""
    origins |= {("decoded", "base64" if "64" in text else "encoded")}
    for found in itertools.islice(_ENCODED.finditer(text), _GIVEN):
        codec = "hex" if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", found[1]) else "base64"
        plain = decoders.decode(found[1], codec)
        if plain and plain.isprintable():
            return Value(plain, origins=origins)
    return Value("$()", known=False, origins=origins)


def _of_input(call: Call, text: str) -> bool:
    """Tell what is piped into a text that runs what it reads; whether it does."""
    if not call.pipe or not call.stdin.origins or not (_READS.search(text) and _RUNS.search(text)):
        return False
    return ran(call, call.stdin, call.name)


def _secrets(call: Call, text: str) -> frozenset[tuple[str, str]]:
    found = set()
    for quoted in _QUOTED.findall(text):
        spot = sensitive.spot(quoted)
        if spot is not None and spot.name != "persistence":
            call.state.tell(spot.name, spot.label, call.name)
            found.add(("secret", spot.label))
    return frozenset(found)


def printed_by_awk(call: Call) -> Value | None:
    """Return what `awk 'BEGIN{printf "%c%c",99,117}'` prints: characters by their numbers."""
    found = _AWK_PRINTS.search(call.arguments[0].text[:_LIMIT]) if call.arguments else None
    if found is None:
        return None
    numbers = [int(one) for one in re.findall(r"\d{1,6}", found[1])[:_LIMIT]]
    return Value("".join(chr(one) for one in numbers if 0 < one < _CHARACTERS), assembled=True)


def awk(call: Call) -> None:
    """Read `system("…")`, `"…" | getline` and the sockets of awk."""
    for value in call.arguments[:20]:
        text = value.text[:_LIMIT]
        for found in _AWK_RUNS.finditer(text):
            call.run(call.state, (found[1] or found[2]).replace('\\"', '"'), Value(), "sh")
        for host, port in _INET.findall(text):
            call.state.tell("network", f"{host}:{port}", call.name)
            if "getline" in text:
                call.state.tell("download-and-run", f"{host}:{port} -> {call.name}", call.name)
