"""Shared by this room: what of a `setup.py` runs, beyond a plain call of `setup` with literals.

A bump of the version or a requirement changes literals and is silent; a function, a class, a call
or the import of a module of the tree is code that runs on the machine of whoever builds.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import warnings
from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.model import Capability
from fimci.readers.manifests import settings

#: Calls that a detail names, and characters of each.
_CALLS, _LENGTH = 8, 60
#: What every such file does: it looks for the packages to install.
_USUAL = frozenset({"find_packages", "find_namespace_packages", "setuptools.find_packages"})
_SETUP = frozenset({"setup", "setuptools.setup", "core.setup", "distutils.core.setup"})
#: Names that must mean what they say, or another function is called under them.
_TAKEN = frozenset({"setup", "core", "setuptools", "distutils", "find_packages", "find_namespace_packages"})
#: Named first: what can do anything.
_GRAVE = (
    "exec",
    "eval",
    "compile",
    "__import__",
    "os",
    "subprocess",
    "urllib",
    "requests",
    "socket",
    "base64",
)
#: Imports that run nothing of the tree.
_LIBRARY = frozenset({*sys.stdlib_module_names, "distutils", "setuptools", "wheel"})


def script(path: str, subject: str, detail: str, line: int) -> Capability:
    """Return code that runs while the project is built."""
    at = settings.place(path, line, f"{subject}: {detail}")
    return Capability(
        path=path, name="install-script", subject=subject, phase="install", detail=detail, at=at
    )


def parsed(text: str) -> tuple[ast.Module, list[bytes]]:
    """Return the statements and the lines of a program. Raises `Malformed` where it is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the text are its author's business
            return ast.parse(text), text.encode().split(b"\n")
    except SyntaxError as error:
        raise Malformed(str(error.msg).lower(), error.lineno or 1) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Malformed(str(error).lower() or "nested too deeply") from None


def written(lines: list[bytes], node: ast.stmt | ast.expr) -> str:
    """Return the text of a node as it stands: `ast.unparse` says it differently in each Python."""
    start, end = node.lineno - 1, node.end_lineno or node.lineno
    found = lines[start:end]
    found[-1] = found[-1][: node.end_col_offset]
    found[0] = found[0][node.col_offset :]
    return b"\n".join(line.rstrip() for line in found if line.strip()).decode("utf-8", "replace")


def code(path: str, tree: ast.Module, lines: list[bytes]) -> Iterator[Capability]:
    """Yield all that runs besides a plain `setup`, as one script: its calls, and a hash of its text.

    Raises `RecursionError` for an expression that nests without end.
    """
    pieces = [piece for statement in tree.body for piece in _active(statement)]
    if not pieces:
        return
    texts = [written(lines, piece) for piece in pieces]
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
    nodes = (node for piece in pieces for node in ast.walk(piece))
    calls = {
        _short(written(lines, node)) for node in nodes if isinstance(node, ast.Call) and not _is_usual(node)
    }
    shown = sorted(calls, key=_rank)[:_CALLS] or [_short(texts[0])]
    more = f", {len(calls) - _CALLS} more" if len(calls) > _CALLS else ""
    yield script(path, "setup.py", f"{', '.join(shown)}{more} [{digest}]", pieces[0].lineno)


def called(function: ast.expr) -> str:
    """Return the dotted name of what is called, as far as it is one."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute) and len(parts) < _CALLS:
        parts.append(function.attr)
        function = function.value
    parts.append(function.id if isinstance(function, ast.Name) else "…")
    return ".".join(reversed(parts))


def is_setup(value: ast.expr) -> bool:
    """Tell the call that the file is there for."""
    return isinstance(value, ast.Call) and called(value.func) in _SETUP


def _active(statement: ast.stmt) -> Iterator[ast.stmt | ast.expr]:
    """Yield what of a statement is more than an import of a library, a literal, or a plain `setup`."""
    if isinstance(statement, ast.If | ast.Try):
        if isinstance(statement, ast.If) and not _is_plain(statement.test):
            yield statement.test
        for inner in _inside(statement):
            yield from _active(inner)
    elif (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and is_setup(statement.value)
    ):
        values = [*statement.value.args, *(keyword.value for keyword in statement.value.keywords)]
        yield from (value for value in values if not _is_plain(value))
    elif not _is_idle(statement):
        yield statement


def _inside(statement: ast.If | ast.Try) -> Iterator[ast.stmt]:
    yield from statement.body
    if isinstance(statement, ast.Try):
        for handler in statement.handlers:
            yield from handler.body
        yield from statement.finalbody
    yield from statement.orelse


def _is_idle(statement: ast.stmt) -> bool:
    """Tell a statement that runs nothing of the tree and changes nothing of the interpreter."""
    if isinstance(statement, ast.Import):
        return all(_is_library(alias.name) and alias.asname not in _TAKEN for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return statement.level == 0 and _is_known(statement.module or "", statement.names)
    if isinstance(statement, ast.Assign):
        names = [target.id if isinstance(target, ast.Name) else "setup" for target in statement.targets]
        return not _TAKEN & set(names) and _is_plain(statement.value)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)


def _is_library(module: str) -> bool:
    return module.partition(".")[0] in _LIBRARY


def _is_known(module: str, names: list[ast.alias]) -> bool:
    """Tell an import from a library that gives none of the names to something else."""
    ours = module.partition(".")[0] in {"distutils", "setuptools"}
    renamed = any(alias.asname in _TAKEN for alias in names)
    return _is_library(module) and not renamed and (ours or not _TAKEN & {alias.name for alias in names})


def _is_plain(value: ast.expr) -> bool:
    """Tell values that run nothing: literals, names, and a search for packages."""
    return not any(isinstance(node, ast.Call) and not _is_usual(node) for node in ast.walk(value))


def _is_usual(call: ast.Call) -> bool:
    return called(call.func) in _USUAL


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def _rank(call: str) -> tuple[bool, str]:
    return not call.startswith(_GRAVE), call
