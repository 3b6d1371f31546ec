"""One file of JavaScript or TypeScript, as a `Program`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fimci.capabilities import choices, constants, passing, private_keys
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Constant, Program, Use, known, quoted, roles
from fimci.readers.code import read_and_run
from fimci.readers.code.javascript_syntax import linking, parsing, prefilter, quiet, reexports, string_arrays
from fimci.readers.code.javascript_syntax.calling import results
from fimci.readers.code.javascript_syntax.following import follow
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.reading import Reading
from fimci.readers.code.javascript_syntax.scopes import scopes
from fimci.readers.code.javascript_syntax.spreading import NAMES_CUT
from fimci.readers.code.javascript_syntax.texts import TEXTS_CUT, texts
from fimci.readers.code.javascript_syntax.values import evaluate
from fimci.readers.code.nesting import Nested
from fimci.readers.code.pure import LISTED_CUT, Spent
from fimci.readers.code.unwritten import Unwritten

#: Code in code in code is read to here.
_NESTED = 3
_READS = frozenset(("fs.readFileSync", "fs.readFile", "fs.promises.readFile", "fs/promises.readFile"))


def program(data: bytes, path: str, depth: int = 0) -> Program:
    """Return what a file uses, loads and names. `path` tells the language.

    Code that it runs from a constant is read, too, as if it stood there.
    """
    first = prefilter.look(data)
    if not first.parse:
        calls = reexports.reexports(data)
        related = quiet.passes(data)
        passes = {**passing.handed_on(calls), passing.SOMEWHERE: related.passes}
        return Program(
            references=first.references, calls=_frozen(calls), passes=passes, capped=related.capped
        )
    parsed = parsing.parse(data, path)
    if parsed is None:
        return Program(references=first.references, broken=1, capped="not in the syntax of JavaScript")
    source, kind = parsed
    words, keys = string_arrays.words(source.data), private_keys.spoken_of(source.data)
    reading = Reading(source, scopes(source, kind), kind, evaluate, results, words, keys)
    made = follow(reading)
    told = tuple(dict.fromkeys(_texts(reading, made)))
    error = parsing.first_error(source.tree)
    unwritten = Unwritten(data, NAMES)
    found = (made.uses[held] for held in sorted(made.uses))
    whole = tuple(unwritten.decoded(use) if use.form == "call" else use for use in found)
    uses, many = choices.spread(whole)
    nested = Nested(lambda code: program(code, "inner.js", depth + 1), len(data), depth)
    inner = [found for use in uses for found in _inside(use, nested)] if depth < _NESTED else []
    capped = _capped(source, reading) or unwritten.capped or nested.capped
    capped = capped or many
    tied = (
        linking.linked(reading, made, (*uses, *constants.saying(told)))
        if not depth
        else linking.Linked({}, {}, {})
    )
    capped = capped or tied.capped
    calls = reexports.reexports(data) if not depth else {}
    passes = passing.handed_on(calls)
    for name, those in tied.calls.items():
        calls.setdefault(name, set()).update(those)
    return Program(
        uses=(*uses, *(use for one in inner for use in one.uses)),
        references=(
            *(made.references[held] for held in sorted(made.references)),
            *read_and_run.references(uses, _evaluates, _opened),
        ),
        texts=(*sorted(told), *(text for one in inner for text in one.texts)),
        decoded=(*reading.decoded, *(item for one in inner for item in one.decoded)),
        broken=0 if error < 0 else source.line(error),
        capped=capped,
        entries=tied.entries,
        calls=_frozen(calls),
        passes={
            name: passes.get(name, frozenset()) | tied.passes.get(name, frozenset())
            for name in {*passes, *tied.passes}
        },
    )


def _evaluates(use: Use) -> bool:
    api = find(NAMES, use.name) if use.form == "call" else None
    return api is not None and api.evaluates


def _opened(use: Use) -> str:
    """Return the path of a file that is read, below the folder of the text."""
    path = known(use.arguments[0]) if use.name in _READS and use.arguments else ""
    return path.rpartition("*/")[2].removeprefix("./").strip("*")


def _texts(reading: Reading, made: Made) -> Iterator[Constant]:
    reading.scopes.work.begin()
    try:
        for at, text in texts(reading):
            yield Constant(reading.source.line(at), text, *made.stands(at))
    except Spent:
        reading.spent(TEXTS_CUT)


def _frozen(calls: Mapping[str, set[tuple[str, str]]]) -> dict[str, frozenset[tuple[str, str]]]:
    return {name: frozenset(those) for name, those in calls.items()}


def _inside(use: Use, nested: Nested) -> Iterator[Program]:
    """Yield the program that a use runs, where its code is known: its lines are those of the use."""
    api = find(NAMES, use.name)
    if api is None or not api.evaluates or use.form != "call":
        return
    code = next((value.text for role, value in roles(use, api) if role == "code"), None)
    if not isinstance(code, str):
        return
    found = nested.program(code.encode("utf-8", "replace"))
    if found is not None:
        yield quoted(found, use)


def _capped(source: parsing.Source, reading: Reading) -> str:
    if source.cut >= 0:
        return f"longer than {parsing.LARGEST:,} bytes: only its beginning and its end are read as code"
    if reading.words is string_arrays.TOO_MANY:
        return "more arrays of texts than are put in order"
    if reading.deep:
        return "nested too deep to be followed"
    if reading.left[0] <= 0:
        return NAMES_CUT
    return min(reading.cut, default=LISTED_CUT if reading.scopes.work.cut else "")
