"""Texts inside of others: what a program decodes, or hands to another interpreter, is read in its language.

No reader itself. The readers of languages are imported by their names in a closed table, for they use this.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from fimci.capabilities import commands
from fimci.capabilities.commands.state import Dialect
from fimci.capabilities.judge import Fact

#: Texts in texts in texts.
DEPTH_LIMIT = 5
_DIALECTS: dict[str, Dialect] = {"shell": "sh", "batch": "batch", "powershell": "powershell"}
_FOREIGN = frozenset(("VBScript", "AppleScript"))
_READERS = {"javascript": "fimci.readers.code.javascript", "python": "fimci.readers.code.python"}


def facts(language: str, data: bytes, depth: int) -> Iterator[Fact]:
    """Yield what a text can do; beyond the depth, and in languages that nobody reads, nothing."""
    if depth > DEPTH_LIMIT:
        return
    if language in _DIALECTS:
        judged = commands.judge(data.decode("utf-8", "replace"), _DIALECTS[language])
        for fact in judged.facts:
            yield Fact(fact.name, fact.subject, fact.detail, fact.line, fact.text, "import")
        for one in judged.inner:
            yield from facts(one.language, one.text.encode("utf-8", "replace"), depth + 1)
    elif language in _FOREIGN:
        yield from importlib.import_module("fimci.readers.code.foreign").facts(language, data)
    elif language in _READERS:
        yield from importlib.import_module(_READERS[language]).facts(data, depth)
