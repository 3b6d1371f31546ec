"""`setup.py`: the requirements that it states, and the code that runs when the project is built.

The file is a program, and whoever installs from source runs it. It is parsed, never run: what
stands in literals is stated, what is computed is said to be (`(computed)`). All that is not a
plain call of `setup` with literals is one capability, an install script, whose detail names the
calls in it; commands that replace setuptools' own (`cmdclass`) are told by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fimci.marked.document import Malformed, text_of
from fimci.model import Record, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import requirement, settings, setup_code
from fimci.readers.manifests.setup_code import called, is_setup, script, written

#: No build script is longer; parsing takes memory of a hundred times the text.
_SIZE_LIMIT = 512 * 1024
#: Characters of a command class.
_LENGTH = 60
#: Characters of another argument.
_LONGEST = 2000
_REQUIREMENTS = {"install_requires": (), "setup_requires": ("dev",), "tests_require": ("dev",)}
_COMPUTED = "(computed)"
#: Arguments whose value decides what runs or is fetched, computed or not.
_SETTINGS = ("dependency_links", "ext_modules", "entry_points", "scripts", "use_scm_version", "cffi_modules")


class _Call(NamedTuple):
    """The call of `setup`: its arguments, and the names that were bound to literals before."""

    arguments: Mapping[str, ast.expr]
    bound: Mapping[str, ast.expr]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether setuptools would run this file."""
    return path.rpartition("/")[2] == "setup.py" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements, the commands that are replaced, and the code that runs."""
    if len(data) > _SIZE_LIMIT:
        yield Unread(path=path, why=f"larger than {_SIZE_LIMIT:,} bytes")
        return
    try:
        tree, lines = setup_code.parsed(text_of(data))
    except Malformed as error:
        yield unparsed(path, error, "Python")
        return
    call = _call(tree)
    if call is not None:
        yield from settings.bounded(path, _stated(path, call, lines))
    try:
        yield from setup_code.code(path, tree, lines)
    except RecursionError:
        yield Unread(path=path, part="code", why="nested too deeply")


def _call(tree: ast.Module) -> _Call | None:
    """Return the last call of `setup` at the top or in `if __name__ == "__main__"`."""
    bound: dict[str, ast.expr] = {}
    calls = []
    for statement in _top(tree.body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                bound[target.id] = statement.value
        if isinstance(statement, ast.Expr) and is_setup(statement.value):
            calls.append(statement.value)
    if not calls or not isinstance(calls[-1], ast.Call):
        return None
    arguments: dict[str, ast.expr] = {}
    for keyword in calls[-1].keywords:
        if keyword.arg is not None:
            arguments[keyword.arg] = keyword.value
        else:
            arguments.update(_spread(keyword.value, bound))
    return _Call(arguments, bound)


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from statement.body


def _spread(value: ast.expr, bound: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """Return the items of `**{...}`, `**dict(...)` or a name for one."""
    value = bound.get(value.id, value) if isinstance(value, ast.Name) else value
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return {str(key.value): item for key, item in pairs if isinstance(key, ast.Constant)}
    if isinstance(value, ast.Call) and called(value.func) == "dict":
        return {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg is not None}
    return {}


def _literal(value: ast.expr, bound: Mapping[str, ast.expr]) -> Any:
    """Return a literal or one that a name stands for. Raises `ValueError` where it is computed."""
    value = bound.get(value.id, value) if isinstance(value, ast.Name) else value
    try:
        return ast.literal_eval(value)
    except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _stated(path: str, call: _Call, lines: list[bytes]) -> Iterator[Record]:
    for name, flags in _REQUIREMENTS.items():
        if name in call.arguments:
            yield from _requirements(path, name, flags, call.arguments[name], call.bound)
    if "extras_require" in call.arguments:
        yield from _extras(path, call.arguments["extras_require"], call.bound)
    if "cmdclass" in call.arguments:
        yield from _commands(path, call.arguments["cmdclass"], call.bound, lines)
    for name in _SETTINGS:
        if name in call.arguments:
            value = call.arguments[name]
            yield settings.setting(path, name, written(lines, value)[:_LONGEST], value.lineno)


def _requirements(
    path: str, section: str, flags: tuple[str, ...], value: ast.expr, bound: Mapping[str, ast.expr]
) -> Iterator[Record]:
    """Yield the requirements of a list or a text with one a line."""
    line = value.lineno
    try:
        found = _literal(value, bound)
    except ValueError:
        yield settings.setting(path, section, _COMPUTED, line)
        return
    texts = found.splitlines() if isinstance(found, str) else found
    source = bound.get(value.id, value) if isinstance(value, ast.Name) else value
    items = source.elts if isinstance(source, ast.List | ast.Tuple) else []
    counts: dict[str, int] = {}
    for index, text in enumerate(texts if isinstance(texts, list | tuple) else ()):
        where = items[index].lineno if index < len(items) else source.lineno
        yield from requirement.stated(path, section, text, counts, flags=flags, line=where)


def _extras(path: str, value: ast.expr, bound: Mapping[str, ast.expr]) -> Iterator[Record]:
    source = bound.get(value.id, value) if isinstance(value, ast.Name) else value
    if not isinstance(source, ast.Dict):
        yield settings.setting(path, "extras_require", _COMPUTED, value.lineno)
        return
    for key, item in zip(source.keys, source.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from _requirements(path, f"optional/{key.value}", ("optional",), item, bound)
        else:
            yield settings.setting(path, "extras_require", _COMPUTED, item.lineno)


def _commands(
    path: str, value: ast.expr, bound: Mapping[str, ast.expr], lines: list[bytes]
) -> Iterator[Record]:
    """Yield one install script for each command of setuptools that code of the project replaces."""
    commands = _spread(value, bound)
    for name, item in commands.items():
        yield script(path, f"cmdclass {name}", written(lines, item)[:_LENGTH], item.lineno)
    if not commands:
        yield script(path, "cmdclass", written(lines, value)[:_LENGTH], value.lineno)
