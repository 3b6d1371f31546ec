"""Shared by this room: scripts that stand in something else, judged together at the lines around them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from fimci.capabilities.uses import Program
from fimci.model import Record
from fimci.readers.code.merging import merged, moved
from fimci.readers.code.page import Script

#: Bytes of a script that is remembered until the next pages.
_SMALL = 32 * 1024


def judged(path: str, scripts: Sequence[Script]) -> Iterator[Record]:
    """Yield what scripts can do. Each is parsed alone, so that none hides another."""
    if scripts:
        from fimci.capabilities.javascript_names import NAMES  # noqa: PLC0415  (most pages have no script)
        from fimci.capabilities.judge import judge  # noqa: PLC0415  (as above)

        yield from judge(path, merged(_one(script) for script in scripts), NAMES)


def _one(script: Script) -> Program:
    parse = _small if len(script.data) <= _SMALL else _parsed
    return moved(parse(script.data, script.language), lambda line: line + script.line - 1)


def _parsed(script: bytes, language: str) -> Program:
    from fimci.readers.code.javascript_syntax import program as javascript  # noqa: PLC0415  (as above)

    return javascript.program(script, f"script.{language}")


#: The pages of a documentation have the same scripts, in each of them.
_small = functools.lru_cache(maxsize=64)(_parsed)
