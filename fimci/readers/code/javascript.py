"""JavaScript, JSX and TypeScript: what a file can do, from the names of the outside world that it uses."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.judge import Fact, judge
from fimci.capabilities.judge import facts as judged
from fimci.capabilities.obfuscation import marks
from fimci.model import Record
from fimci.readers.code import inner
from fimci.readers.code.javascript_syntax.program import program

_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether there is code in it: declarations of types are none."""
    return not path.endswith(_DECLARATIONS)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the code can do."""
    yield from judge(path, program(data, path), NAMES, inner.facts, marks(data))


def facts(data: bytes, depth: int) -> Iterator[Fact]:
    """Yield what a text inside of another one can do."""
    yield from judged(program(data, "inner.js"), NAMES, inner.facts, depth)
