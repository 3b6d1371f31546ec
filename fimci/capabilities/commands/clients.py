"""Lesser clients, each with a syntax of its own: what they are told to put somewhere, and what to get.

    lwp-download URL FILE    GET URL           http POST URL name=@FILE     finger TEXT@HOST
    ftp, lftp, tftp, sftp, smbclient           `put FILE`, `get FILE` among their words or what they read
    logger -n HOST -f FILE   whois -h HOST TEXT                             cancel -h HOST TEXT

They are known from GTFOBins, and from payloads that look for whatever is installed.
"""

from __future__ import annotations

import itertools
import re
from itertools import pairwise

from fimci.capabilities import sensitive
from fimci.capabilities.commands.call import (
    Call,
    Handler,
    fetched,
    file_of,
    host_of,
    network,
    read_file,
    sent,
    write_file,
)
from fimci.capabilities.commands.state import UNKNOWN, Value

_PUTS = re.compile(r"\b(?:m?put|send|upload)\s+[\"']?([^\s\"';]{1,300})")
_GETS = re.compile(r"\b(?:m?get|recv|download|pget)\s+[\"']?([^\s\"';]{1,300})(?:[ \t]+([\w./~$-]{1,300}))?")
_OPENS = re.compile(r"\bopen\s+([\w.-]{1,200})")
_AT = re.compile(r"(?:\A|[=@:])@(.+)|\A[\w-]{1,60}:?=@(.+)")
_ADDRESS = re.compile(
    r"(?:\w{2,8}://)?(?:[^@\s/]{0,4000}@)?((?:[\w-]{1,63}\.){1,8}[A-Za-z][\w-]{1,23}|\d{1,3}(?:\.\d{1,3}){3})"
)
_SHARE = re.compile(r"(?://|\\\\)([\w.-]{1,200})[/\\]")
_NAMES_HOST = frozenset(("-h", "-H", "-n", "--server", "--host", "-s"))
_NAMES_FILE = frozenset(("-f", "--file", "-a"))
#: Those that read a file by its plain name.
_READ_WORDS = frozenset(("certreq", "ncftpput", "lp"))
_SAVES = frozenset(("-o", "-O", "--output", "-l"))
#: Files that one script of such a client puts or gets.
_MOST = 50


def client(call: Call) -> Value:
    """Judge a client: whom it talks to, what it is given, and the files that it reads and writes."""
    pairs = list(pairwise(call.arguments))
    told = [value.text[3:] for value in call.arguments if value.text.lower().startswith("-s:")]
    files = [known.text for path in told if (known := file_of(call.state, path)) is not None]
    script = " \n".join([*call.texts(), call.stdin.text if call.stdin.known else "", *files])
    hosts = _hosts(call, pairs, script)
    read = [after for before, after in pairs if before.text in _NAMES_FILE and after.text[:1] != "-"]
    read += [Value(found[1]) for found in itertools.islice(_PUTS.finditer(script), _MOST)]
    read += [value for value in call.arguments if call.name in _READ_WORDS and sensitive.spot(value.text)]
    read += [value._replace(text=path) for value in call.arguments if (path := _attached(value.text))]
    sent(call, hosts, [call.stdin, *call.arguments, *(read_file(call, value) for value in read)])
    content = fetched(hosts)
    saves = [after for before, after in pairs if before.text in _SAVES]
    if call.has("-g", "--get"):  # of BusyBox
        saves += [after for before, after in pairs if before.text == "-r"]
    elif call.has("-p", "--put"):
        put = [after for before, after in pairs if before.text == "-l"]
        sent(call, hosts, [read_file(call, value) for value in put])
    if call.name == "lwp-download":
        saves += call.arguments[1:2]
    for found in itertools.islice(_GETS.finditer(script), _MOST):
        saves.append(Value(found[2] or found[1].rpartition("/")[2]))
    for value in saves:
        write_file(call, value, content)
    return content if hosts else UNKNOWN


def _attached(text: str) -> str:
    """Return the file that `name=@FILE` and `name@FILE` attach, empty for all else."""
    name, at, path = text.partition("@")
    if (
        not at
        or "://" in text
        or not path
        or "." in name
        or (name and not re.fullmatch(r"[\w-]{1,60}:?=?", name))
    ):
        return ""
    return path if name.endswith("=") or path.startswith(("/", "~", ".", "$")) else ""


def _hosts(call: Call, pairs: list[tuple[Value, Value]], script: str) -> list[str]:
    """Tell the hosts that the words of a client name, and return them."""
    named = [
        after for before, after in pairs if before.text in _NAMES_HOST and host_of(after) not in {None, "*"}
    ]
    if not named:
        files = {id(after) for before, after in pairs if before.text in _NAMES_FILE | _SAVES}
        for value in call.arguments:
            share = _SHARE.match(value.text)
            found = share or (_ADDRESS.match(value.text) if not value.text.startswith("-") else None)
            if found is not None and id(value) not in files and not _attached(value.text):
                whole = share is None and "://" in value.text
                named.append(value if whole else value._replace(text=found[1]))
    named += [Value(found[1]) for found in itertools.islice(_OPENS.finditer(script), _MOST)]
    hosts = network(call, named[:_MOST])
    if not hosts and call.arguments and call.name not in _LOCAL:
        call.state.tell("network", "*", call.name)
        hosts = ["*"]
    return hosts


#: Those that mostly talk to this machine.
_LOCAL = frozenset(("logger", "cancel", "lp", "http", "https", "fetch"))


def named(call: Call) -> Value:
    """Judge `getent hosts NAME`: a name that is asked for is sent."""
    if call.arguments and call.arguments[0].text in {"hosts", "ahosts", "ahostsv4", "ahostsv6"}:
        asked = [value for value in call.arguments[1:] if "." in value.text]
        sent(call, network(call, asked), asked)
    return Value("$()", known=False)


def served(call: Call) -> Value:
    """Tell that a folder is given to whoever asks: `python -m http.server`."""
    folders = [after for before, after in pairwise(call.arguments) if before.text in {"-d", "--directory"}]
    for value in folders:
        read_file(call, value)
    call.state.tell("network", "*", call.name)
    return Value("$()", known=False)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("ftp", "tftp", "lftp", "ncftpput", "ncftpget", "smbclient", "curlftpfs"), client),
    **dict.fromkeys(("lynx", "links", "elinks", "w3m", "GET", "POST", "lwp-download", "lwp-request"), client),
    **dict.fromkeys(
        ("http", "https", "xh", "fetch", "whois", "finger", "cancel", "lp", "logger", "ipfs", "certreq"),
        client,
    ),
    "getent": named,
}
