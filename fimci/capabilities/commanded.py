"""What the commands mean that a program hands to a shell or starts: judged as if they stood in a script."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from fimci.capabilities import command_lines, sensitive
from fimci.capabilities.commands import judge, lines
from fimci.capabilities.commands.facts import Fact
from fimci.capabilities.commands.state import Dialect
from fimci.capabilities.uses import Flow, Value, known
from fimci.model import CapabilityName

#: Characters of a command that a program puts together; more is a script of its own.
_LONGEST = 400_000
#: Commands that are remembered.
_JUDGED = 16
#: What the use itself tells already.
_TOLD = frozenset(("process", "shell"))
#: `python -m twine upload` is `twine upload`.
_MODULE = re.compile(r"\A\S*\bpython[\d.]*\s+-m\s+(?=twine\s)")
_PRINTS: dict[CapabilityName, Flow] = {
    "environment-bulk": "environment-bulk",
    "credentials": "secret",
    "system-information": "system",
    "clipboard": "clipboard",
}
#: Commands that print it without being given anything.
_SYSTEM = ("whoami", "hostname", "systeminfo", "ifconfig", "ipconfig", "ip")
_BULK = frozenset(("env", "printenv", "set"))
_FETCHING = frozenset(("curl", "wget"))
_FETCHED: frozenset[Flow] = frozenset({"network"})


def text_of(command: Value) -> str:
    """Return a command as a shell would read it; what is not known of it as a variable."""
    if command.items:
        return " ".join(_quoted(_one(item)) for item in command.items)
    return _one(command)


def _one(value: Value) -> str:
    if value.name == "sys.executable":
        return "python"
    if isinstance(value.text, bytes):
        return value.text.decode("utf-8", "replace")
    if value.text is not None:
        return value.text
    return "".join("$UNKNOWN" if part == "*" else part for part in value.parts) or "$UNKNOWN"


def _quoted(word: str) -> str:
    if word.replace("-", "").replace("/", "").replace(".", "").replace("$", "").isalnum():
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def whole(given: Iterable[tuple[str, Value]]) -> Iterator[tuple[str, Value]]:
    """Yield arguments by what they are; a program of Windows with its parameters as one line."""
    said = list(given)
    behind = next((value for role, value in said if role == "parameters"), None)
    for role, value in said:
        if role == "command" and behind is not None and known(value):
            program = known(value) if "." in known(value) else f"{known(value)}.exe"
            yield role, Value(text=f"{program} {_one(behind)}")
        else:
            yield role, value


def facts(command: Value) -> Iterator[Fact]:
    """Yield what a command can do beyond being started."""
    text = _MODULE.sub("", text_of(command), count=1)
    if len(text) <= _LONGEST and not text.startswith("$UNKNOWN"):
        found = list(_judged(text, "sh"))
        if command_lines.WINDOWS.search(text):
            found += (fact for fact in _judged(text, "batch") if fact.name in command_lines.CHAINS)
        plain, dialect = lines.dialect(text)
        if dialect == "powershell" and "(" in plain:  # which no other shell reads as it does
            found += (fact for fact in _judged(plain, dialect) if fact.name in command_lines.CHAINS)
        yield from (fact for fact in found if fact.name not in _TOLD or _grave(fact))


@functools.lru_cache(_JUDGED)
def _judged(text: str, dialect: Dialect) -> tuple[Fact, ...]:
    """Judge a command; a program that runs one runs it in several places, or asks what it prints."""
    return judge(text, dialect).facts


def _grave(fact: Fact) -> bool:
    """Tell whether it matters which program it is that is started."""
    return (
        fact.detail == sensitive.DEFENCE_OFF
        or fact.subject in sensitive.TOOLS
        or fact.subject.endswith(sensitive.INSTALLS)
    )


def asks(command: Value) -> frozenset[str]:
    """Return the programs of a command that ask who and where this is."""
    text = text_of(command)
    return frozenset(name for name in _SYSTEM if name in text and name in text.replace(";", " ").split())


def prints(command: Value) -> frozenset[Flow]:
    """Return what a command's output holds that is worth stealing."""
    text = text_of(command)
    words = text.split()
    if not words or len(text) > _LONGEST or text.startswith("$UNKNOWN"):
        return frozenset()
    name = words[0].rpartition("/")[2]
    if len(words) == 1 or name in _SYSTEM:
        found: tuple[Flow, ...] = ("environment-bulk",) if name in _BULK else ()
        return frozenset(("system",) if name in _SYSTEM else found)
    facts = _judged(text, "sh")
    fetched = any(fact.name == "network" and fact.detail in _FETCHING for fact in facts)
    printed = frozenset(_PRINTS[fact.name] for fact in facts if fact.name in _PRINTS)
    return printed | _FETCHED if fetched else printed
