"""What a reader of a language tells of a program text: which names are used, with what, where.

Everything is told in the order of the text. Values are what folding found out without running anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, NewType, TypeAlias

from fimci.model import CapabilityName, Phase

#: What a file exports that exports one thing.
DEFAULT = "default"
#: Letters of the name of something of another file.
_LONGEST = 300
#: What a function of another file gives: `./lib/x#read`. What that is, `fimci.passing` finds out.
Given = NewType("Given", str)
#: Between what is loaded and the function there; what else a name of another file has behind it.
MARK = "#"
#: Where a value comes from, as far as it matters what is done with it.
#: `environment` one variable, `environment-bulk` all of them, `secret` a credential (file, store or
#: variable), `system` facts about host or user, `identity` those that tell one machine or user from
#: others (names, addresses), `file` what was read from a file, `network` what was
#: fetched, `decoded` what came out of base64 and its like, `payload` is a long encoded literal, `input` is
#: a parameter of a function, `default` what one is unless it is given, `key` a private key (by its name),
#: `clipboard`, `output` of a process that was started, `unsure` a text that may be anything else besides,
#: `asked` what somebody sent to a server with a request, `typed` the keys that are pressed on a page.
Flow: TypeAlias = Literal[
    "environment", "environment-bulk", "secret", "system", "file", "network", "decoded", "payload",
    "input", "clipboard", "output", "identity", "default", "key", "unsure", "asked", "typed",
] | Given  # fmt: skip


#: What starts a program, and what runs code of any kind.
STARTS: frozenset[CapabilityName] = frozenset(("process", "shell"))
RUNS: frozenset[CapabilityName] = STARTS | {"dynamic-code", "native-code"}


class Value(NamedTuple):
    """What is known of an expression.

    `text` is the constant that it is. `parts` are the constant pieces, in order, of a text that is known
    only in part (`"https://" + host + "/x"` has two). `name` is the dotted name that it refers to
    (`os.system`, `child_process.exec`, `process.env.HOME`). `items` are the values of a list. `flows` tells
    where it comes from, through assignments, calls and concatenations. `literal`: it stands there as it is,
    nothing had to be folded or followed. `choices` are texts of which it is one, if it is none of the
    unknown: what its name is set to in turn, or what a function is given by its calls. `fields` are the
    members of an object or the entries of a table, by their names.
    """

    text: str | bytes | None = None
    parts: tuple[str, ...] = ()
    name: str = ""
    items: tuple[Value, ...] = ()
    flows: frozenset[Flow] = frozenset()
    literal: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[tuple[str, Value], ...] = ()


class Use(NamedTuple):
    """One use of a name of the outside world.

    `name` is what it resolves to after aliases, imports, destructuring and computed members: the module's
    public name and the members (`subprocess.Popen`, `os.environ.get`, `child_process.exec`, `fetch`,
    `process.env.NPM_TOKEN`); without the scheme `node:`. `arguments` and `keywords` (in JavaScript, the
    members of an object that is given) are those of a call or `new`; of a `write` the value that is assigned.
    `receiver` is the value whose method is called where that is no module (`flows` of a response whose
    `.text()` is asked for). `function` numbers the innermost function around it, 0 outside all. `phase` is
    `import` where it runs when the file is loaded (also in functions that are called there at once).
    `indirect`: the name was not written as it is (`getattr(os, "sys" + "tem")`, `global["ev" + "al"]`).
    """

    name: str
    form: Literal["call", "read", "write", "import"]
    line: int
    text: str
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = {}
    receiver: Value = Value()
    function: int = 0
    phase: Phase = "import"
    indirect: bool = False


class Reference(NamedTuple):
    """A file that another one loads: `target` as it is written (`./lib/x`, `.models`, `left-pad`)."""

    target: str
    line: int
    phase: Phase = "import"


class Constant(NamedTuple):
    """A text that is written out, or put together of such; when and in which function, as of a use."""

    line: int
    text: str
    phase: Phase = "import"
    function: int = 0


class Program(NamedTuple):
    """All that a reader of a language found in one file.

    `texts` are the constant texts that are used as values, folded, outside of comments and docstrings: hosts
    and paths are looked for there. `decoded` are payloads that folding decoded, each with its line and by
    what (`base64`, `hex`, `base64+zlib`), to be read again. `broken` is the line of the first syntax error, 0
    for none. `capped` says which cap was hit.
    `entries`: by which names those of a number (`Use.function`) are called in the end. `calls`: by
    such a name (`""`: at once), which functions of other files are called, by target and name. `passes`:
    which values go where, as `Function.passes` has them.
    `by_roles`: the catalogue of the language tells which arguments of a request are sent (`data`), so that
    chains need not guess it (`python_chains`).
    """

    uses: tuple[Use, ...] = ()
    references: tuple[Reference, ...] = ()
    texts: tuple[Constant, ...] = ()
    decoded: tuple[tuple[int, str, bytes], ...] = ()
    broken: int = 0
    capped: str = ""
    entries: Mapping[int, frozenset[str]] = {}
    calls: Mapping[str, frozenset[tuple[str, str]]] = {}
    passes: Mapping[str, frozenset[tuple[str, str]]] = {}
    by_roles: bool = False


def quoted(found: Program, use: Use) -> Program:
    """Return a program that stands as a text in another one, as if it stood where that text is used."""
    return Program(
        uses=tuple(
            one._replace(line=use.line, text=use.text, function=use.function, phase=use.phase, indirect=True)
            for one in found.uses
        ),
        texts=tuple(Constant(use.line, one.text, use.phase, use.function) for one in found.texts),
        decoded=tuple((use.line, how, data) for _, how, data in found.decoded),
    )


class Api(NamedTuple):
    """A row of a catalogue: what using a name means.

    `name` is the capability it has when it is called (or read, for names that are no functions), empty
    for names that only pass something on. `gives` are the flows of its result (`network` for a fetched
    body, `decoded` for a decoder); with `passes` the flows of arguments and receiver go on into the
    result. `takes` tells what an argument is by its position or keyword: `url`, `path`, `command`,
    `code`, `variable`, `data`, `module`; `words` are all from there on, which are one `command`. `evaluates`:
    its argument `code` is run.
    """

    name: CapabilityName | Literal[""] = ""
    gives: frozenset[Flow] = frozenset()
    takes: tuple[tuple[int | str, str], ...] = ()
    passes: bool = False
    evaluates: bool = False
    subject: str = ""


def origin(name: str) -> Given | None:
    """Return what a call gives of a function of another file, by the name of that; `None` for others.

    Of `./x#.Post().send` it is `./x#send`: names are taken at their word, whatever they are members of.
    """
    target, mark, member = name.partition(MARK)
    if not mark or len(name) > _LONGEST:
        return None
    return Given(f"{target}{MARK}{member.rpartition('.')[2].removesuffix('()') or DEFAULT}")


def of_module(name: str) -> Given | None:
    """Return what a call gives of a function of another module, by its name; `None` for others.

    `pkg#.x.send` is `send` in `pkg.x`, or where `pkg.x.send` leads to; a method is where its class is.
    """
    if MARK not in name:
        return None
    dotted = name.replace(MARK, "")
    return Given(f"{dotted.partition('()')[0]}{MARK}{dotted.removesuffix('()').rpartition('.')[2]}")


def known(value: Value) -> str:
    """Return the constant text of a value, or its constant pieces run together."""
    if isinstance(value.text, bytes):
        return value.text.decode("utf-8", "replace")
    return value.text if value.text is not None else "".join(value.parts)


def flows(use: Use) -> frozenset[Flow]:
    """Return where all that a use is given comes from."""
    values = (*use.arguments, *use.keywords.values(), use.receiver)
    return frozenset().union(*(value.flows for value in values), *(i.flows for v in values for i in v.items))


def weight(values: Iterable[Value]) -> int:
    """Return how many letters and items there are in values, as far as they are looked at."""
    return sum(
        len(value.text or "")
        + sum(map(len, value.choices))
        + len(value.items)
        + sum(len(item.text or "") for item in value.items[:64])
        for value in values
    )


def roles(use: Use, api: Api) -> Iterator[tuple[str, Value]]:
    """Yield the arguments of a use that the catalogue says something about, by what they are."""
    for key, role in api.takes:
        if isinstance(key, str):
            value = use.keywords.get(key)
        else:
            value = use.arguments[key] if key < len(use.arguments) else None
            if role == "words":
                value = _words(use.arguments[key:])
        if value is not None:
            yield "command" if role == "words" else role, value


def _words(values: tuple[Value, ...]) -> Value | None:
    """Return the words of one command that are given one by one, or as a list behind the first."""
    items = tuple(word for value in values for word in (value.items or (value,)))
    if len(items) < 2:  # noqa: PLR2004  (a single one is the command as a whole)
        return next(iter(values), None)
    return Value(items=items, flows=frozenset().union(*(value.flows for value in values)))
