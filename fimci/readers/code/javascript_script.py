"""Scripts without an ending that a first line gives to node, deno or bun: what they can do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.judge import judge
from fimci.capabilities.obfuscation import marks
from fimci.model import Record
from fimci.readers.code import inner
from fimci.readers.code.javascript_syntax.program import program

_INTERPRETER = re.compile(rb"#![^\n]*[/ ](?:node|nodejs|deno|bun|ts-node|tsx)\b")


def wants(path: str, head: bytes) -> bool:
    """Tell whether it is such a script; a file with an ending is read by that."""
    return "." not in path.rpartition("/")[2] and _INTERPRETER.match(head) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the script can do."""
    yield from judge(path, program(data, path), NAMES, inner.facts, marks(data))
