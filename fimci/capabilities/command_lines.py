"""Commands that a program gives to a shell, judged like a script (`fimci.capabilities.commands`).

What is not known of a command stands in it as a mark, which tells whether it holds a secret. The commands of
one function are also judged together: what one of them fetches, the next one runs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from fimci.capabilities.uses import STARTS, Api, Flow, Use, Value, roles
from fimci.model import CapabilityName

_LONGEST = 400_000
#: Letters of a command that is read to its end, whatever they are.
_SHORT = 60
_CUT = "has more commands, or deeper ones, than people write; the rest was not read"
#: So many commands of one function are judged together.
_TOGETHER = 1_000
#: What a language calls the program that runs it.
_INTERPRETERS = {"sys.executable": "python", "process.execPath": "node", "process.argv0": "node"}
_SECRET, _UNKNOWN = "SECRET", "UNKNOWN"
_FETCHING = frozenset(("curl", "wget"))
#: A command that ends in an interpreter, to which all is piped, ends there.
_ENDS = re.compile(r"\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh|node|python3?|perl|iex)\s*\Z")
#: Words without which no command fetches anything.
FETCHES = re.compile(r"\b(?:curl|wget|iwr|irm|certutil|bitsadmin|Invoke-WebRequest|DownloadString)\b")
#: What tells of several commands.
CHAINS = frozenset(("download-and-run", "exfiltration", "encoded-payload"))
WINDOWS = re.compile(
    r"\.exe\b|%\w+%|^(?:cmd|start|certutil|bitsadmin|reg|schtasks|sc|wmic|mshta|regsvr32|rundll32)\b",
    re.IGNORECASE,
)
#: What an interpreter is told to run stands in the command.
_EVALUATES = re.compile(r"\s-{1,2}(?:c|e|p|eval|print)\b|<<")
_SPLIT = re.compile(r"[\s'\"|&;<>$`\\(){}*?#~!]")
#: A script that Windows runs by its name.
_SCRIPT = re.compile(r"[\w.-]{1,100}\.(?:bat|cmd)", re.IGNORECASE)
#: Lines of these alone ask who this is; in longer ones it is a detail.
_ASKS, _ASKED = re.compile(r"(?:^|[;&|(\s])(whoami|hostname|systeminfo|ifconfig|ipconfig)\b"), 200
#: What a program reads that is started, as if it were typed.
_TYPED = "input"
_LEAKING = frozenset(("secret", "environment-bulk", "clipboard"))


def told(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, CapabilityName, str, str]]:
    """Yield what the commands of a file do: the use, name, subject and detail of each capability."""
    for use, api in uses:
        text = line(use, api)
        for name, subject, detail, _ in _judged(text)[0] if text else ():
            yield use, name, subject, detail
    yield from together(uses)


def together(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, CapabilityName, str, str]]:
    """Yield what several commands of one function are a chain of: one fetches, a later one runs it."""
    functions: dict[int, list[tuple[Use, str]]] = {}
    for use, api in uses:
        text = line(use, api)
        if text:
            functions.setdefault(use.function, []).append((use, text))
    for lines in functions.values():
        if len(lines) > 1:
            script = "\n".join(text.replace("\n", " ") for _, text in lines[:_TOGETHER])
            for name, subject, detail, number in _judged(script)[0]:
                if name in CHAINS and number < len(lines):
                    yield lines[number][0], name, subject, detail


def inner(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, str, str]]:
    """Yield the texts in other languages that commands hand to an interpreter: use, language, text."""
    from fimci.capabilities.commands import judge  # noqa: PLC0415  (where there are commands)

    for use, api in uses:
        text = line(use, api)
        if text and _EVALUATES.search(text):
            for one in judge(text, "sh", (_SECRET,)).inner:
                yield use, one.language, one.text


def files(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, str]]:
    """Yield the files beside the program that its commands run."""
    for use, api in uses:
        text = line(use, api)
        for target in _files(text) if text else ():
            yield use, target if target.startswith((".", "/", "~")) else f"./{target}"


@functools.lru_cache(maxsize=256)
def _files(text: str) -> tuple[str, ...]:
    from fimci.capabilities.commands import judge  # noqa: PLC0415  (where there are commands)

    first = text.split(maxsplit=1)[0] if text.strip() else ""
    found = [target for target, _ in judge(text, "sh", (_SECRET,)).references]
    return tuple(dict.fromkeys([*found, first] if _SCRIPT.fullmatch(first) else found))


def cut(uses: Sequence[tuple[Use, Api]]) -> str:
    """Say why a command is not read to its end, if one is not."""
    texts = [text for use, api in uses if (text := line(use, api))]
    whole = len(texts) <= _TOGETHER and all(len(text) < _SHORT or _judged(text)[1] for text in texts)
    return "" if whole else _CUT


def prints(use: Use, api: Api) -> frozenset[Flow]:
    """Return where what a command prints comes from: `gh auth token`, `cat ~/.npmrc`, `curl …`."""
    flows: set[Flow] = set()
    text = line(use, api)
    for name, _, detail, _ in _judged(text)[0] if text else ():
        if name == "credentials":
            flows.add("secret")
        elif name == "network" and detail in _FETCHING:
            flows.add("network")
    return frozenset(flows) | ({"identity"} if asks(text) else set())


def fetches(command: Value) -> frozenset[Flow]:
    """Return `network` for a command that runs what it fetches: whoever is given it and runs it does so."""
    text = _text(command)
    if len(text) > _LONGEST or FETCHES.search(text) is None:
        return frozenset()
    runs = any(name == "download-and-run" for name, *_ in _judged(text)[0])
    return frozenset(("network",)) if runs else frozenset()


def asks(text: str) -> frozenset[str]:
    """Return the programs of a line that tell who and where this is: `whoami && hostname`."""
    return frozenset(_ASKS.findall(text)) if len(text) <= _ASKED else frozenset()


def line(use: Use, api: Api) -> str:
    """Return the command that a use starts as one writes it for a shell; nothing where none is known."""
    text, typed = _line(use, api), use.keywords.get(_TYPED)
    if text and typed is not None and _LEAKING & typed.flows:
        return f"printf %s {_text(typed._replace(text=None, parts=()))} | {text}"
    return text


def _line(use: Use, api: Api) -> str:
    if api.name not in STARTS or use.form != "call":
        return ""
    found = dict(roles(use, api))
    command = found.get("command")
    if command is None or not (
        command.text or command.parts or command.items or command.name in _INTERPRETERS
    ):
        return ""
    arguments = found.get("arguments")
    words = command.items or (command,)
    listed = arguments.items if arguments is not None and api.name == "process" else ()
    if len(words) == 1 and not listed and not command.items:
        return _text(command)[:_LONGEST]
    return " ".join(_word(_text(word)) for word in (*words, *listed))[:_LONGEST]


def _text(value: Value) -> str:
    from fimci.capabilities.commands.state import MARKS  # noqa: PLC0415  (where there are commands)

    if isinstance(value.text, str):
        return value.text
    if value.name in _INTERPRETERS:
        return _INTERPRETERS[value.name]
    if "identity" in value.flows and not _LEAKING & value.flows:
        return "$(hostname)".join((*value.parts, "")) if value.parts else "$(hostname)"
    mark = f"{MARKS[0]}{_SECRET if _LEAKING & value.flows else _UNKNOWN}{MARKS[1]}"
    if not value.parts:
        return mark
    ends = () if _ENDS.search(value.parts[-1][-40:]) else ("",)
    # A path has `*` where nothing is known: that and what is around it are one unknown, not three.
    return mark.join((*value.parts, *ends)).replace(f"{mark}*{mark}", mark)


def _word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'" if _SPLIT.search(text) or not text else text


@functools.lru_cache(maxsize=256)
def _judged(text: str) -> tuple[tuple[tuple[CapabilityName, str, str, int], ...], bool]:
    """Return what a command does, and whether all of it was read."""
    from fimci.capabilities.commands import judge  # noqa: PLC0415  (where there are commands)

    judged = judge(text, "sh", (_SECRET,))
    facts = list(judged.facts)
    if WINDOWS.search(text):
        facts += judge(text, "batch", (_SECRET,)).facts
    told = tuple(
        (fact.name, fact.subject, fact.detail, fact.line)
        for fact in facts
        if not (fact.name == "environment" and fact.subject in {_SECRET, _UNKNOWN})
    )
    return told, judged.whole
