"""Places in packages for Python."""

from __future__ import annotations

import ast
import random
import re
import textwrap
from collections.abc import Iterator
from pathlib import PurePosixPath

from benchmarks.planting.packages import Files, Package
from benchmarks.planting.payloads import Payload
from benchmarks.planting.places import Place

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLANKS = " " * 300
_NEW = ("_compat", "_runtime", "_telemetry", "_vendor_check")


def top(package: Package, path: str, text: str) -> Files:
    """Put a text where the first statement of a module may stand."""
    return _inserted(package, path, _first(_tree(package, path)), text)


def _top(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del rng
    path = entry(package)
    return top(package, path, payload.text) if path else None


def _middle(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del rng
    path = _largest(package)
    return _inserted(package, path, _mid(_tree(package, path)), payload.text) if path else None


def _called_function(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    text = f"def _prepare():\n{textwrap.indent(payload.text, '    ')}\n\n_prepare()"
    return _inserted(package, path, _mid(_tree(package, path)), text) if path else None


def _decorator(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        tree = _tree(package, path)
        plain = [one for one in tree.body if isinstance(one, _FUNCTION) and not one.decorator_list]
        if plain:
            inner = textwrap.indent(payload.text, "    ")
            text = f"def _traced(function):\n{inner}\n    return function\n\n@_traced"
            return _inserted(package, path, rng.choice(plain).lineno - 1, text)
    return None


def _function(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        found = [one for one in _tree(package, path).body if isinstance(one, _FUNCTION) and _is_open(one)]
        if found:
            return _within(package, path, rng.choice(found), payload.text)
    return None


def _method(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _in_class(package, payload, rng, constructor=False)


def _constructor(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _in_class(package, payload, rng, constructor=True)


def _in_class(package: Package, payload: Payload, rng: random.Random, *, constructor: bool) -> Files | None:
    for path in _shuffled(package, rng):
        found = [
            one
            for kind in _tree(package, path).body
            if isinstance(kind, ast.ClassDef)
            for one in kind.body
            if isinstance(one, _FUNCTION) and _is_open(one) and (one.name == "__init__") == constructor
        ]
        if found:
            return _within(package, path, rng.choice(found), payload.text)
    return None


def _class_body(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        found = [
            one for one in _tree(package, path).body if isinstance(one, ast.ClassDef) and len(one.body) > 1
        ]
        if found:
            last = rng.choice(found).body[-1]
            return _inserted(package, path, last.end_lineno or 0, payload.text, last.col_offset)
    return None


def _far_right(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        lines = package.files[path].decode().split("\n")
        plain = [
            one
            for one in _tree(package, path).body
            if isinstance(one, (ast.Assign, ast.Import)) and one.lineno == one.end_lineno
            if lines[one.lineno - 1].isascii() and len(lines[one.lineno - 1]) == one.end_col_offset
        ]
        if plain:
            lines[rng.choice(plain).lineno - 1] += f"; {_BLANKS}{_one_line(payload.text)}"
            return {path: "\n".join(lines).encode()}
    return None


def _new_module(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    if path is None or not path.endswith("/__init__.py"):
        return None
    name = rng.choice(_NEW)
    line = rng.choice(
        (f"from . import {name}", f"import {path.split('/')[-2]}.{name}", f"from .{name} import *")
    )
    if line.startswith("import") and path.count("/") > 1:
        line = f"from . import {name}"
    placed = _inserted(package, path, _first(_tree(package, path)), line)
    return {**placed, path.replace("__init__.py", f"{name}.py"): payload.text.encode() + b"\n"}


def _two_files(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    if path is None or not path.endswith("/__init__.py"):
        return None
    name = rng.choice(_NEW)
    text = payload.text.replace("import @@ as _m, ", f"from . import {name} as _m\nimport ").replace(
        "@@", f".{name}"
    )
    placed = _inserted(package, path, _mid(_tree(package, path)), text)
    return {**placed, path.replace("__init__.py", f"{name}.py"): payload.first.lstrip().encode()}


def _subpackage(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    main = entry(package)
    inner = [path for path in modules(package) if path.endswith("/__init__.py") and path != main]
    inner = [path for path in inner if main and path.startswith(main.replace("__init__.py", ""))]
    if not inner:
        return None
    path = rng.choice(inner)
    return _inserted(package, path, _first(_tree(package, path)), payload.text)


def _command(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for name, data in package.files.items():
        if name.endswith(".dist-info/entry_points.txt"):
            block = data.decode().partition("[console_scripts]")[2].partition("\n[")[0]
            for module, function in rng.sample(found := re.findall(r"=\s*([\w.]+):(\w+)", block), len(found)):
                base = module.replace(".", "/")
                for path in (f"{base}.py", f"{base}/__init__.py"):
                    for one in _tree(package, path).body if path in package.files else ():
                        if isinstance(one, _FUNCTION) and one.name == function and _is_open(one):
                            return _within(package, path, one, payload.text)
    return None


def _tests(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    if path is None or not path.endswith("/__init__.py"):
        return None
    folder = path.replace("__init__.py", "")
    where, line = rng.choice((("tests", "from .tests import _data"), ("docs", "from .docs import _data")))
    placed = _inserted(package, path, _first(_tree(package, path)), line)
    return {**placed, f"{folder}{where}/__init__.py": b"", f"{folder}{where}/_data.py": payload.text.encode()}


def _platform(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    test = rng.choice(('sys.platform == "darwin"', 'os.name == "nt"', 'sys.platform.startswith("linux")'))
    text = f"import os, sys\nif {test}:\n{textwrap.indent(payload.text, '    ')}"
    return _inserted(package, path, _mid(_tree(package, path)), text) if path else None


def _later(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    start = rng.choice(
        (
            "import threading\nthreading.Thread(target=_later, daemon=True).start()",
            "import threading\nthreading.Timer(30, _later).start()",
            "import atexit\natexit.register(_later)",
            "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor().submit(_later)",
        )
    )
    text = f"def _later(*_):\n{textwrap.indent(payload.text, '    ')}\n{start}"
    return _inserted(package, path, _mid(_tree(package, path)), text) if path else None


def _handler(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        found = [
            one
            for one in _tree(package, path).body
            if isinstance(one, ast.Try) and one.handlers and one.handlers[0].body
            if one.handlers[0].body[0].lineno > one.handlers[0].lineno
        ]
        if found:
            first = rng.choice(found).handlers[0].body[0]
            return _inserted(package, path, first.lineno - 1, payload.text, first.col_offset)
    path_ = entry(package)
    text = f"try:\n    import _left_speedups\nexcept ImportError:\n{textwrap.indent(payload.text, '    ')}"
    return _inserted(package, path_, _first(_tree(package, path_)), text) if path_ else None


def _setup(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del rng
    if package.release.form != "sdist" or "setup.py" not in package.files:
        return None
    return _inserted(package, "setup.py", _first(_tree(package, "setup.py")), payload.text)


def _command_class(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    data = package.files.get("setup.py", b"")
    if package.release.form != "sdist" or b"cmdclass" in data or data.count(b"\nsetup(") != 1:
        return None
    base = rng.choice(("install", "develop", "build_py", "egg_info"))
    inner = textwrap.indent(payload.text, " " * 8)
    kind = (
        f"\nfrom setuptools.command.{base} import {base} as _Base\n\nclass _Command(_Base):\n"
        f"    def run(self):\n{inner}\n        super().run()\n\nsetup(cmdclass={{{base!r}: _Command}}, "
    )
    return {"setup.py": data.replace(b"\nsetup(", kind.encode())}


def _setup_helper(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del rng
    if package.release.form != "sdist" or "setup.py" not in package.files:
        return None
    lines = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport _build_helper"
    placed = _inserted(package, "setup.py", _first(_tree(package, "setup.py")), lines)
    return {**placed, "_build_helper.py": payload.text.encode()}


PLACES = (
    Place("top of the entry", "import", _top),
    Place("middle of a large module", "import", _middle),
    Place("a function that is called at once", "import", _called_function),
    Place("a decorator", "import", _decorator),
    Place("an existing function", "call", _function),
    Place("an existing method", "call", _method),
    Place("an existing constructor", "call", _constructor),
    Place("the body of a class", "import", _class_body),
    Place("behind 300 blanks", "import", _far_right),
    Place("a new file that the entry loads", "import", _new_module),
    Place("a file of two", "import", _two_files, halves=True),
    Place("the beginning of a subpackage", "import", _subpackage),
    Place("a command's function", "call", _command),
    Place("tests or docs that are loaded", "import", _tests),
    Place("a branch for one platform", "import", _platform),
    Place("later (thread, timer, promise)", "import", _later),
    Place("a handler of errors", "import", _handler),
    Place("setup.py", "install", _setup),
    Place("a command class of setup.py", "install", _command_class),
    Place("what setup.py imports", "install", _setup_helper),
)


def modules(package: Package) -> list[str]:
    """Return the modules of a package that parse, in order."""
    source = "src/" if any(path.startswith("src/") for path in package.files) else ""
    return [
        path
        for path, data in sorted(package.files.items())
        if path.startswith(source) and path.endswith(".py") and "test" not in path and _parses(data)
    ]


def entry(package: Package) -> str | None:
    """Return the module that `import` of the package loads first, as far as names tell."""
    plain = package.release.package.replace("-", "_").lower()
    tops = [path for path in modules(package) if len(PurePosixPath(path.removeprefix("src/")).parts) <= 2]  # noqa: PLR2004
    named = [
        path for path in tops if path.lower().removeprefix("src/") in {f"{plain}/__init__.py", f"{plain}.py"}
    ]
    packages = [path for path in tops if path.endswith("/__init__.py")]
    return next(iter([*named, *packages]), None)


def loaded(package: Package) -> list[str]:
    """Return what the entry loads, itself first, as far as plain imports at the top tell."""
    first = entry(package)
    if first is None:
        return []
    known = frozenset(modules(package))
    found, left = [first], [first]
    while left and len(found) < 200:  # noqa: PLR2004  (more are not needed to choose from)
        for path in _imported(package, left.pop()):
            if path in known and path not in found:
                found.append(path)
                left.append(path)
    return found


def _imported(package: Package, path: str) -> Iterator[str]:
    source = "src/" if path.startswith("src/") else ""
    parts = list(PurePosixPath(path.removeprefix(source)).parts[:-1])
    for node in _tree(package, path).body:
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = [*base, *(node.module or "").split(".")] if node.module else base
            names = ["/".join(module), *("/".join([*module, one.name]) for one in node.names)]
        elif isinstance(node, ast.Import):
            names = [one.name.replace(".", "/") for one in node.names]
        for name in names:
            yield from (f"{source}{name}.py", f"{source}{name}/__init__.py")


def _parses(data: bytes) -> bool:
    try:
        ast.parse(data)
        data.decode()
    except (SyntaxError, ValueError):
        return False
    return True


def _tree(package: Package, path: str) -> ast.Module:
    return ast.parse(package.files[path])


def _first(tree: ast.Module) -> int:
    """Return behind which line what is first may stand: behind the docstring and imports of the future."""
    line = 0
    for node in tree.body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = node.end_lineno or 0
    return line


def _mid(tree: ast.Module) -> int:
    ends = [node.end_lineno or 0 for node in tree.body]
    return max(_first(tree), ends[len(ends) // 2]) if ends else 0


def _largest(package: Package) -> str | None:
    return max(loaded(package), key=lambda path: len(package.files[path]), default=None)


def _any(package: Package, rng: random.Random) -> str | None:
    found = loaded(package)
    return rng.choice(found) if found else None


def _shuffled(package: Package, rng: random.Random) -> list[str]:
    found = loaded(package)
    return rng.sample(found, len(found))


def _is_open(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a line can be put before the last statement of a function."""
    return function.body[-1].lineno > function.body[0].lineno > function.lineno


def _within(
    package: Package, path: str, function: ast.FunctionDef | ast.AsyncFunctionDef, text: str
) -> Files:
    last = function.body[-1]
    decorated = getattr(last, "decorator_list", [])
    line = decorated[0].lineno if decorated else last.lineno
    return _inserted(package, path, line - 1, text, last.col_offset)


def _inserted(package: Package, path: str, line: int, text: str, indent: int = 0) -> Files:
    """Put a text behind so many lines of a module."""
    lines = package.files[path].decode().split("\n")
    lines[line:line] = textwrap.indent(text, " " * indent).split("\n")
    return {path: "\n".join(lines).encode()}


def _one_line(text: str) -> str:
    """Write statements on one line: as they are, or, where that cannot be, as a text that is run."""
    joined = "; ".join(text.split("\n"))
    try:
        ast.parse(joined)
    except SyntaxError:
        return f"exec({text!r})"
    return joined
