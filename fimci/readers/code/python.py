"""Python of any version, and lines of `.pth` files that are code: what it can do, from names it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities import passing
from fimci.capabilities.judge import Fact, judge
from fimci.capabilities.judge import facts as judged
from fimci.capabilities.obfuscation import marks
from fimci.capabilities.python_names import NAMES
from fimci.capabilities.uses import Program
from fimci.model import Record
from fimci.readers.code import inner
from fimci.readers.code.python_syntax import prefilter, quiet, reexports

#: `site` runs such lines of a `.pth` file at each start of the interpreter; all others are folders.
_CODE = re.compile(rb"import[ \t]")


def wants(path: str, head: bytes) -> bool:
    """Tell whether there is code in it; weights of models have the suffix `.pth`, too."""
    return not path.endswith(".pth") or b"\0" not in head


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the code can do."""
    if path.endswith(".pth"):
        data = b"\n".join(
            line if _CODE.match(line) else b"" for line in data.removeprefix(b"\xef\xbb\xbf").splitlines()
        )
    yield from judge(path, _program(path, data), NAMES, inner.facts, marks(data))


def _program(path: str, data: bytes) -> Program:
    """Return what a file uses, and what ties it to others, as far as it can have either."""
    if prefilter.tells(data):
        from fimci.readers.code.python_syntax.program import program  # noqa: PLC0415  (loads the parser)

        return program(data, path)
    imports = tuple(reexports.imports(path, data))
    related = quiet.passes(path, data)
    calls = {name: frozenset(those) for name, those in reexports.handed_on(path, imports).items()}
    used = reexports.used(data, imports)
    if used:
        calls[""] = frozenset(used)
    silent = Program(
        references=tuple(reexports.loaded(data, imports)),
        calls=calls,
        passes={**passing.handed_on(calls), passing.SOMEWHERE: related.passes},
        capped=related.capped,
    )
    if prefilter.calls_at_once(data, path):
        from fimci.readers.code.python_syntax.program import tied  # noqa: PLC0415  (the same)

        return tied(silent, data, path)
    return silent


def facts(data: bytes, depth: int) -> Iterator[Fact]:
    """Yield what a text inside of another one can do."""
    if prefilter.tells(data):
        from fimci.readers.code.python_syntax.program import program  # noqa: PLC0415  (loads the parser)

        yield from judged(program(data, "inner.py"), NAMES, inner.facts, depth)
