"""What commands can do: `judge` reads a text for a shell and tells its capabilities. Nothing is run.

    text → statements (`shell_syntax`, `batch`) or tokens (`powershell`) → `engine`, in order → facts

Known texts that are handed on (`sh -c`, `eval`, decoded payloads, `powershell -enc`) are read again, to a
depth. Where a text is not known, what is told is where it comes from: fetched, decoded, a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from fimci.capabilities.commands.facts import Fact, Inner
from fimci.capabilities.commands.state import DEPTH_LIMIT, MARKS, Dialect, State, Value

#: Characters of one text; more is no script that people write.
SIZE_LIMIT = 1 << 20
_FUNCTION = re.compile(r"(?m)^[ \t]{0,40}(?:function[ \t]+([\w:.-]{1,60})|([\w:.-]{1,60})[ \t]?\([ \t]?\))")
_SOURCES = re.compile(r"(?m)(?:^|[;&|{]|then|do)[ \t]{0,40}(?:\.|source)[ \t]")
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<inside>[^}]{0,200}?)\s*\}\}")
_WHOLE = re.compile(r"toJSON\(\s*(secrets|env)\s*\)", re.IGNORECASE)
_SECRET = re.compile(r"secrets\s*(?:\.\s*(\w+)|\[\s*['\"](\w+)['\"]\s*\])|(github\.token)")


class Judged(NamedTuple):
    """The facts of a text in its order; `whole`: nothing was left out for its size or depth.

    `references` are files of the own package that are run, as they are written, each with the line of the
    command. `inner` are texts in other languages, for whoever reads those.
    """

    facts: tuple[Fact, ...] = ()
    whole: bool = True
    references: tuple[tuple[str, int], ...] = ()
    inner: tuple[Inner, ...] = ()


def judge(text: str, dialect: Dialect, secrets: Collection[str] = ()) -> Judged:
    """Return what commands can do. `secrets` are variables that hold one, whatever their names."""
    text, named = _expressions(text)
    state = State(script=text, dialect=dialect, secrets=frozenset((*secrets, *named)))
    state.capped = len(text) > SIZE_LIMIT
    _again(state, text[:SIZE_LIMIT], Value(), dialect)
    facts = sorted(state.facts.values(), key=lambda fact: (fact.line, fact.name, fact.subject))
    inner = [_placed(text, one) for one in state.inner.values()]
    facts = [_unmarked(fact) for fact in facts] if named or MARKS[0] in text else facts
    return Judged(tuple(facts), not state.capped, tuple(state.references.items()), tuple(inner))


def _unmarked(fact: Fact) -> Fact:
    """Write what a workflow puts in as it writes it itself."""
    text = fact.text.replace(f"{MARKS[0]}EXPRESSION{MARKS[1]}", "${{ … }}")
    return fact._replace(text=text.replace(MARKS[0], "${{ ").replace(MARKS[1], " }}"))


def _placed(text: str, inner: Inner) -> Inner:
    """Return a text at the line on which it begins, where it stands in the script as it is."""
    at = text.find(inner.text) if "\n" in inner.text.strip() else -1
    return inner if at < 0 else inner._replace(line=text.count("\n", 0, at), whole=True)


def _again(state: State, text: str, stdin: Value, dialect: str) -> Value:
    """Judge a text that stands in a file or is handed to a shell by one."""
    if state.depth >= DEPTH_LIMIT:
        state.capped = True
        return Value("$()", known=False)
    outer = state.dialect, state.base, state.line, state.text, state.pinned
    state.depth += 1
    if state.depth > 1:
        _move(state, text)
    try:
        return _read(state, text, stdin, dialect)
    finally:
        state.depth -= 1
        state.dialect, state.base, state.line, state.text, state.pinned = outer


def _move(state: State, text: str) -> None:
    """Count lines from where a text stands in the script; of one that was decoded, all are the command's."""
    state.base, state.line = state.here(), 0
    if "\n" not in text.strip() or state.pinned:
        return
    state.work += len(state.script) // 8
    at = state.script.find(text.rstrip("\n"))
    if at < 0:
        state.pinned = True
    else:
        state.base = state.script.count("\n", 0, at)


def _read(state: State, text: str, stdin: Value, dialect: str) -> Value:
    from fimci.capabilities.commands import batch, engine, powershell_judge, shell_syntax  # noqa: PLC0415  (where there are commands)

    if dialect == "powershell":
        state.dialect = "powershell"
        return powershell_judge.run(state, text, _again)
    state.dialect = "batch" if dialect == "batch" else "sh"
    for defined in _FUNCTION.finditer(text):
        state.functions.setdefault(defined[1] or defined[2], False)
    state.sources = state.sources or _SOURCES.search(text) is not None
    found, whole = batch.parse(text) if dialect == "batch" else shell_syntax.parse(text)
    state.capped = state.capped or not whole
    return engine.run(state, found, _again, stdin if stdin.text or stdin.origins else None)


def _expressions(text: str) -> tuple[str, set[str]]:
    """Put marks in place of `${{ secrets.X }}`, which a workflow replaces whatever quotes are around it.

    Also return the secrets' names.
    """
    if "${{" not in text:
        return text, set()
    named: set[str] = set()

    def replaced(found: re.Match[str]) -> str:
        secret = _SECRET.search(found["inside"])
        whole = _WHOLE.search(found["inside"])
        if whole is not None:
            named.add(f"all_{whole[1]}")
            return f"{MARKS[0]}all_{whole[1]}{MARKS[1]}" + "\n" * found[0].count("\n")
        if secret is None:
            return f"{MARKS[0]}EXPRESSION{MARKS[1]}" + "\n" * found[0].count("\n")
        name = secret[1] or secret[2] or "GITHUB_TOKEN"
        named.add(name)
        return f"{MARKS[0]}{name}{MARKS[1]}" + "\n" * found[0].count("\n")

    return _EXPRESSION.sub(replaced, text), named
