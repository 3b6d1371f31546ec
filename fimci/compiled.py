"""Bytecode in an artifact against the source beside it: is it what that source compiles to?

Nothing of the bytecode is loaded. The source is compiled in a process of its own, as installed bytecode is
checked (`fimci.trees.bytecode`), and both are compared by their bytes (`fimci.trees.code_form`).
"""

from __future__ import annotations

import re
from importlib.util import MAGIC_NUMBER

import msgspec

from fimci.artifacts import members
from fimci.artifacts.members import Members
from fimci.installed.python.stated import source_of
from fimci.model import Capability, Setting
from fimci.trees import bytecode, code_form

#: What the rules are told of bytecode, beside that it is some.
OWN, FOREIGN, OTHER_PYTHON, UNCHECKED = (
    "pyc of the source beside it",
    "pyc of another source than the one beside it",
    "pyc of another Python",
    "pyc that is never compared with its source",
)
_HEADER = 16
_LIMIT = 4 << 20
_MOST = 2000
_LEVEL = re.compile(r"\.opt-([12])\.pyc$")


def told(found: Members) -> list[Setting | Capability]:
    """Return the facts of an artifact; bytecode beside a source says what became of comparing them."""
    programs = {f.path: f for f in found.facts if isinstance(f, Capability) and f.subject == "pyc"}
    pairs = {path: source for path in programs if (source := _source(path)) in found.files}
    if not pairs:
        return found.facts
    # Members that are there twice, and what is too large, stay what they are: bytecode.
    there = members.contents(found.path, {*pairs, *pairs.values()} - _doubled(found), _LIMIT)
    whole = [(path, there[path], there[at]) for path, at in pairs.items() if path in there and at in there]
    words = dict(zip([path for path, _, _ in whole], _compared(whole[:_MOST]), strict=False))
    return [
        msgspec.structs.replace(fact, subject=words[fact.path])
        if isinstance(fact, Capability) and fact.path in words and fact.subject == "pyc"
        else fact
        for fact in found.facts
    ]


def own(found: Members) -> frozenset[str]:
    """Return the bytecode of an artifact that is what the source beside it compiles to."""
    return frozenset(
        fact.path for fact in found.facts if isinstance(fact, Capability) and fact.subject == OWN
    )


def _source(path: str) -> str:
    """Return where the source of bytecode is: of what is in no `__pycache__` beside it, under its name."""
    return source_of(path) or (f"{path[:-1]}" if path.endswith(".pyc") else "")


def _doubled(found: Members) -> set[str]:
    return {fact.path for fact in found.facts if isinstance(fact, Setting) and fact.name == "archive.second"}


def _compared(whole: list[tuple[str, bytes, bytes]]) -> list[str]:
    """Say of each pair what it is."""
    levels = [_LEVEL.search(path) for path, _, _ in whole]
    sources = [
        (source if code[:4] == MAGIC_NUMBER else b"", int(level[1]) if level else 0)
        for level, (_, code, source) in zip(levels, whole, strict=True)
    ]
    made = bytecode.compiled(sources)
    return [_word(code, one) for (_, code, _), one in zip(whole, made, strict=True)]


def _word(code: bytes, made: bytes) -> str:
    """Say what bytecode is beside what its source compiles to."""
    if int.from_bytes(code[4:8], "little") == 1:  # PEP 552
        return UNCHECKED
    if code[:4] != MAGIC_NUMBER:
        return OTHER_PYTHON
    try:
        same = bool(made) and code_form.form(code[_HEADER:]) == code_form.form(made)
    except ValueError:
        same = False
    return OWN if same else FOREIGN
