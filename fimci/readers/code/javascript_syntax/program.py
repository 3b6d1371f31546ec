"""One file of JavaScript or TypeScript, as a `Program`."""

from __future__ import annotations

from fimci.capabilities.uses import Program
from fimci.readers.code.javascript_syntax import parsing, prefilter, string_arrays
from fimci.readers.code.javascript_syntax.following import follow
from fimci.readers.code.javascript_syntax.reading import Reading
from fimci.readers.code.javascript_syntax.scopes import scopes
from fimci.readers.code.javascript_syntax.texts import texts
from fimci.readers.code.javascript_syntax.values import evaluate


def program(data: bytes, path: str) -> Program:
    """Return what a file uses, loads and names. `path` tells the language."""
    first = prefilter.look(data)
    if not first.parse:
        return Program(references=first.references)
    parsed = parsing.parse(data, path)
    if parsed is None:
        return Program(references=first.references, broken=1, capped="not in the syntax of JavaScript")
    source, kind = parsed
    reading = Reading(source, scopes(source, kind), evaluate, string_arrays.words(source.data))
    made = follow(reading)
    told = tuple(dict.fromkeys(texts(reading)))
    error = parsing.first_error(source.tree)
    return Program(
        uses=tuple(made.uses[held] for held in sorted(made.uses)),
        references=tuple(made.references[held] for held in sorted(made.references)),
        texts=tuple(sorted(told)),
        decoded=tuple(reading.decoded),
        broken=0 if error < 0 else source.line(error),
        capped=_capped(source, reading),
    )


def _capped(source: parsing.Source, reading: Reading) -> str:
    if source.cut >= 0:
        return f"longer than {parsing.LARGEST:,} bytes: only its beginning and its end are read as code"
    if reading.deep:
        return "nested too deep to be followed"
    return "more names than are followed in one file" if reading.left[0] <= 0 else ""
