"""One call of a program: its arguments and options, and the facts that several programs share."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from fimci.capabilities import addresses, sensitive
from fimci.capabilities.commands import places
from fimci.capabilities.commands.state import State, Value, joined

_BARE_HOST = re.compile(
    r"(?:[\w$-]{1,63}\.)+[A-Za-z][\w-]{1,23}(?::\d{1,5})?(?=[/?#]|$)|\d{1,3}(?:\.\d{1,3}){3}"
)
_HIDDEN = re.compile(r"\A[a-z+]{2,12}://(?:[^/@\s]*@)?([^/?#\s]*)", re.IGNORECASE)
#: Who a well-known secret belongs to, by the beginning of its name, and whom it may be shown.
_OWNERS = (
    (("GITHUB_", "GH_"), ("github.com", "githubusercontent.com", "ghcr.io")),
    (("GITLAB_", "CI_JOB_"), ("gitlab.com",)),
    (("NPM_", "NODE_AUTH_"), ()),
    (("PYPI_", "TWINE_", "UV_PUBLISH_"), ()),
    (("CARGO_", "AWS_", "AZURE_", "ARM_", "ACTIONS_"), ()),
)
_NEVER_SENT = frozenset(("network", "decoded", "encoded", "pipe", "own", "everything"))
#: Files of a project that are read on any day, and matter where they are sent; at home they are secrets.
_CONFIGURES = re.compile(r"(?:\.{1,2}/)*(?:\{[\w.,-]{1,80}\}|\.npmrc|\.yarnrc\.yml|\.env(?:\.\w+)?)\Z")
#: Folders above a file that are looked for among those that were fetched.
#: So many names that one variable holds are looked at.
_NAMES = 20
#: How scripts name the folder that they are in.
_HERE = ("$PWD/", "$cd/", "$CD/", "$pwd/", "$PSScriptRoot/")
_DEEPEST = 8
#: A folder that whoever works on the machine fills.
_ANYBODYS = re.compile(r"(?m)^[\"']?/(?:tmp|var/tmp|dev/shm)/")
#: A share by its path: its host has a name with dots, or is an address.
_SHARE = re.compile(r"\\\\([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})(?:@\w{1,9})?\\")
#: Files that were written, of which a pattern may mean some.
_FILES = 200
#: Hosts that no secret is shown to, not even as a password.
_FOREIGN = frozenset(("out-of-band", "paste", "tunnel", "shortener", "messenger", "address", "onion"))


class Call(NamedTuple):
    """A program that is started. `run` judges a text in a dialect: `sh -c TEXT`."""

    state: State
    name: str
    arguments: list[Value]
    stdin: Value
    run: Run
    pipe: bool = False

    def texts(self) -> list[str]:
        """Return the arguments as texts."""
        return [value.text for value in self.arguments]

    def has(self, *words: str) -> bool:
        """Tell whether one of these words is among the arguments."""
        return any(value.text in words for value in self.arguments)


#: Judges a text in a dialect, with what it reads, and returns what it prints.
Run: TypeAlias = Callable[[State, str, Value, str], Value]
Handler: TypeAlias = Callable[[Call], Value]


def options(values: Iterable[Value], valued: Collection[str]) -> Iterator[tuple[str, Value]]:
    """Yield options and their values, and words that are none (with an empty name).

    `valued` are the options that take one: `-o`, `--output`. Single letters may be joined (`-fsSLo FILE`).
    """
    name = ""
    ended = False
    for value in values:
        text = value.text
        if name:
            yield name, value
            name = ""
        elif ended or not text.startswith("-") or text == "-":
            yield "", value
        elif text == "--":
            ended = True
        else:
            name, found = _option(value, valued)
            yield from found


def _option(value: Value, valued: Collection[str]) -> tuple[str, list[tuple[str, Value]]]:
    """Return the options of one word, and the name of the last if its value is the next word."""
    text = value.text
    if text.startswith("--") or text in valued:
        word, equals, rest = text.partition("=")
        if equals:
            return "", [(word, value._replace(text=rest))]
        return (word, []) if word in valued else ("", [(word, Value())])
    found: list[tuple[str, Value]] = []
    for at, letter in enumerate(text[1:100], 2):
        option = f"-{letter}"
        if option in valued:
            return (
                (option, found)
                if at == len(text)
                else ("", [*found, (option, value._replace(text=text[at:]))])
            )
        found.append((option, Value()))
    return "", found


def host_of(value: Value) -> str | None:
    """Return the host of a URL or of a bare name; `*` where it is not known, `None` for this machine."""
    text = value.text.strip().strip("\"'")
    found = addresses.host(text)
    if found is not None:
        return found.name
    scheme = _HIDDEN.match(text)
    if scheme is not None:
        other = addresses.host(f"https://{scheme[1]}")
        return _partly(scheme[1]) if "$" in scheme[1] else other.name if other is not None else None
    if text.startswith("$()"):
        return _partly(text.partition("/")[0])
    if text.startswith(("$", "<")) or not text:
        return "*"
    bare = _BARE_HOST.match(text)
    if bare is None:
        return None if text.partition("/")[0].partition(":")[0] in {"localhost", ""} else "*"
    other = addresses.host(f"https://{bare[0]}")
    return other.name if other is not None else _partly(bare[0]) if "$" in bare[0] else None


def _partly(host: str) -> str:
    """Return what is known of a host: `$(id).a.example` is `*.a.example`."""
    known = host.rpartition("$")[2].partition(".")[2]
    return f"*.{known.lower()}" if "." in known else "*"


def network(call: Call, values: Iterable[Value], detail: str = "") -> list[str]:
    """Tell the hosts of some addresses and return them."""
    call.state.fetches += 1
    hosts = [host for value in values if (host := host_of(value)) is not None]
    for host in dict.fromkeys(hosts):
        call.state.tell("network", host, detail or call.name)
    return hosts


def fetched(hosts: list[str]) -> Value:
    """Return what comes from hosts."""
    return Value("$()", known=False, origins=frozenset(("network", host) for host in hosts or ["*"]))


def sent(call: Call, hosts: list[str], values: Iterable[Value], *, shown: bool = False) -> None:
    """Tell what leaves the machine. `shown`: as a password, which is what a token is for."""
    whole = joined(list(values))
    for kind, name in sorted(whole.origins):
        if kind in _NEVER_SENT:
            continue
        for host in dict.fromkeys(hosts or ["*"]):
            if kind == "secret" and shown and not _stolen(name, host):
                continue
            _tell_source(call.state, kind, name)
            call.state.tell("exfiltration", f"{name} -> {host}", call.name)


def _stolen(name: str, host: str) -> bool:
    """Tell whether a secret is shown to a host that it is not for."""
    if host == "*":
        return False
    found = addresses.host(f"https://{host}")
    if found is not None and found.kind in _FOREIGN:
        return True
    for prefixes, homes in _OWNERS:
        if name.upper().startswith(prefixes):
            return not any(host == home or host.endswith(f".{home}") for home in homes)
    return "/" in name


def _tell_source(state: State, kind: str, name: str) -> None:
    if kind == "environment-bulk":
        state.tell_bulk(name)
    elif kind == "system":
        state.tell("system-information", name, name)


def read_file(call: Call, value: Value) -> Value:
    """Return what reading a file gives, and tell if that is a place of secrets."""
    text = value.text.removeprefix("@")
    if text == "/dev/null":
        return Value()
    known = file_of(call.state, text)
    if known is not None:
        return known._replace(origins=known.origins | value.origins)
    if text.startswith(("/run/secrets/", "/var/run/secrets/")) and "serviceaccount" not in text:
        return Value("$()", known=False, origins=value.origins | {("secret", text)})
    spot = sensitive.spot(text) if 1 < len(text) < 300 else None  # noqa: PLR2004  (no path is longer)
    if spot is None or spot.name == "persistence":
        return Value("$()", known=False, origins=value.origins)
    if not _CONFIGURES.match(text):
        call.state.tell(spot.name, spot.label, call.name)
    return Value("$()", known=False, origins=value.origins | {("secret", spot.label)})


def write_file(call: Call, value: Value, content: Value, *, adds: bool = False) -> None:
    """Remember what is in a file, and tell if that starts programs, or is no file but a disk."""
    state, text = call.state, value.text
    if not text:
        return
    _tell_place(call, text, content)
    before = state.files.get(normal(text)) if adds else None
    whole = joined([before, content], "\n") if before is not None else content
    state.work += len(whole.text)
    if whole.text or whole.origins:
        state.files[normal(text)] = whole


def _tell_later(call: Call, text: str, content: Value) -> None:
    """Tell what later steps of a workflow load or start by what one writes for them."""
    if "=" not in content.text:  # a version that is looked up is what `NAME=$(curl …)` holds
        ran(call, content, text.rpartition("/")[2].lstrip("$"))
    loaded = places.LOADED.search(content.text) if text.endswith("ENV") else None
    if loaded is not None:
        call.state.tell("module-tampering", loaded[1], "GITHUB_ENV")
    elif text.endswith("PATH") and _ANYBODYS.search(content.text):
        call.state.tell("persistence", "GITHUB_PATH", call.name)


def _tell_place(call: Call, text: str, content: Value) -> None:
    """Tell what a file means that is written."""
    state = call.state
    label = places.persistent(text)
    if label:
        # In a loop over names, a variable holds all of them.
        others = [places.persistent(one) for one in text.split(" ")[:_NAMES]] if " " in text else []
        for one in dict.fromkeys((label, *filter(None, others))):
            state.tell("persistence", one, call.name)
        if content.known and content.text and state.dialect == "sh":
            call.run(state, places.commands(label, content.text), Value(), "sh")
    elif text.endswith(("GITHUB_ENV", "GITHUB_PATH")):
        _tell_later(call, text, content)
    elif content.known and (label := places.starts_by(text, content.text)):
        state.tell("persistence", label, call.name)
    elif places.is_trace(text) and not content.text:
        state.tell("obfuscation", "traces removed", call.name)
    elif text in places.DEFENCE_FILES:
        state.tell("process", call.name, sensitive.DEFENCE_OFF)
    elif places.is_disk(text):
        state.tell("filesystem-delete", text, call.name)
    elif places.is_other_package(text):
        state.tell("module-tampering", f"writes {places.other_package(text)}", call.name)


def file_of(state: State, path: str) -> Value | None:
    """Return what is known to be in a file; what comes out of a fetched folder is fetched."""
    name = normal(path)
    if path.startswith("\\\\"):
        return shared(state, path)
    known = state.files.get(name)
    if known is not None:
        return known
    if name in state.pipes:
        return Value("$()", known=False, origins=frozenset([("pipe", name)]))
    if state.inside and not name.startswith(("/", "~", "$", "../")):
        return Value("$()", known=False, origins=state.inside)
    if "*" in name or name.endswith("/"):
        return _among(state, name.partition("*")[0])
    folder = name.rpartition("/")[0]
    for _ in range(_DEEPEST):
        if folder in state.folders:
            return Value("$()", known=False, origins=state.folders[folder])
        folder = folder.rpartition("/")[0]
        if not folder:
            break
    return None


def shared(state: State, path: str) -> Value | None:
    """Return what comes from a share of Windows on a host that is somewhere else, and tell the host."""
    found = _SHARE.match(path) if state.dialect != "sh" else None
    if found is None:
        return None
    state.tell("network", found[1].lower(), "a share")
    return Value("$()", known=False, origins=frozenset([("network", found[1].lower())]))


def _among(state: State, folder: str) -> Value | None:
    """Return what is known of the files that a pattern means, as far as that is where they come from."""
    folder = folder.rstrip("/")
    origins = state.folders.get(folder, frozenset())
    for name in itertools.islice(state.files, _FILES):
        if folder and name.startswith(folder):
            origins |= state.files[name].origins
    return Value("$()", known=False, origins=origins) if origins else None


def normal(path: str) -> str:
    """Return a path as it is compared: `./x`, `"x"` and `x` are one file."""
    name = path.strip("\"'").replace("\\", "/").removeprefix("./")
    for here in _HERE if name.startswith("$") else ():
        name = name.removeprefix(here)
    return name


def ran(call: Call, value: Value, what: str) -> bool:
    """Tell that what comes from the network or a decoder is run; whether it does."""
    host, codec = value.origin("network"), value.origin("decoded")
    if host:
        call.state.tell("download-and-run", f"{host} -> {what}", call.name)
    if codec:
        call.state.tell("encoded-payload", f"{codec} -> {what}", call.name)
    return bool(host or codec)
