"""What a wheel lets run at every start of Python, once it is installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from fimci.artifacts.members import Members
from fimci.installed.python import startup
from fimci.model import Capability, Place

#: What is said of a line that does nothing but call into the wheel that it comes with.
OWN = "call of its own module"
_LIBRARIES = re.compile(r"[^/]+\.data/(?:purelib|platlib)/", re.DOTALL)
_LONGEST = 4000
#: What such a line may ask the system besides: whether it is wanted.
_ASKED = frozenset({"os.getenv", "os.environ.get", "os.environ", "os", "sys", "exec"})


def hooks(found: Members) -> Iterator[Capability]:
    """Yield the lines of `.pth` files that run, and modules that Python imports by itself."""
    tops = frozenset(re.split(r"[/.]", _inner(path), maxsplit=1)[0] for path in found.files) - {"os", "sys"}
    for path in found.files:
        name = _inner(path)
        if startup.at_every_start(name):
            subject, at = "module of every start", Place(path)
            yield Capability(
                path=path, name="persistence", subject=subject, phase="import", detail=name, at=at
            )
    for path, texts in found.contents.items():
        for text in texts if path.endswith(".pth") else ():
            decoded = text.decode("utf-8", "surrogateescape")
            lines = decoded.splitlines()
            for hook in startup.lines_that_run(path, decoded):
                own = _calls_its_own(lines[hook.at.line - 1], tops)
                yield msgspec.structs.replace(hook, subject=OWN) if own else hook


def _inner(path: str) -> str:
    return _LIBRARIES.sub("", path, count=1)


def _calls_its_own(line: str, tops: frozenset[str], depth: int = 2) -> bool:
    """Tell whether a line imports, calls and names nothing but modules of the same wheel."""
    if len(line) > _LONGEST or not depth:
        return False
    try:
        tree = ast.parse(line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(_is_own(node, tops, depth) for node in ast.walk(tree))


def _is_own(node: ast.AST, tops: frozenset[str], depth: int) -> bool:
    if isinstance(node, ast.Import):
        return all(
            one.asname is None and one.name.split(".")[0] in tops | {"os", "sys"} for one in node.names
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exec":
        inner = node.args[0] if len(node.args) == 1 and not node.keywords else None
        text = inner.value if isinstance(inner, ast.Constant) else None
        return isinstance(text, str) and _calls_its_own(text, tops, depth - 1)
    if isinstance(node, ast.Attribute | ast.Name):
        name = _dotted(node)
        return name in _ASKED or name.partition(".")[0] in tops
    plain = (ast.Module, ast.Expr, ast.Call, ast.If, ast.Try, ast.ExceptHandler, ast.Pass, ast.BoolOp, ast.Or)
    more = (ast.And, ast.Constant, ast.Load, ast.alias, ast.keyword, ast.UnaryOp, ast.Not)
    return isinstance(node, (*plain, *more))


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c`, or nothing where that is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value)
        return f"{above}.{node.attr}" if above else ""
    return ""
