"""Places in packages for JavaScript."""

from __future__ import annotations

import functools
import json
import posixpath
import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import tree_sitter
import tree_sitter_javascript

from benchmarks.planting.packages import Files, Package
from benchmarks.planting.payloads import Payload
from benchmarks.planting.places import Place

if TYPE_CHECKING:
    from tree_sitter import Node

_BLANKS = " " * 300
_NEW = ("compat", "runtime", "telemetry", "vendor-check")
_ENDS = ("", ".js", ".cjs", ".mjs", "/index.js", "/index.cjs", "/index.mjs")
_LOADS = re.compile(r"""(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*)["'](\.{1,2}/[^"']+)["']""")
_MODULE = re.compile(r"^(?:export|import)\b", re.MULTILINE)
_LONG = 3000


def top(package: Package, path: str, text: str, rng: random.Random) -> Files:
    """Put a text where the first statement of a file may stand."""
    return _inserted(package, path, _first(package, path), _alone(text, rng))


def _top(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    return top(package, path, payload.text, rng) if path else None


def _end(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    return _inserted(package, path, len(package.files[path]), _alone(payload.text, rng)) if path else None


def _middle(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = max(loaded(package), key=lambda one: len(package.files[one]), default=None)
    return _inserted(package, path, _mid(package, path), _alone(payload.text, rng)) if path else None


def _called_function(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    text = rng.choice(
        ("function prepare() {{\n{0}\n}}\nprepare();", "const prepare = () => {{\n{0}\n}};\nprepare();")
    )
    return _inserted(package, path, _mid(package, path), text.format(payload.text)) if path else None


def _function(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _in_body(package, payload, rng, ("function_declaration", "arrow_function", "function_expression"))


def _method(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _in_body(package, payload, rng, ("method_definition",))


def _in_body(package: Package, payload: Payload, rng: random.Random, kinds: tuple[str, ...]) -> Files | None:
    for path in _shuffled(package, rng):
        bodies = [body for one in _nodes(package, path, kinds) if (body := one.child_by_field_name("body"))]
        bodies = [body for body in bodies if body.type == "statement_block" and body.named_child_count > 1]
        if bodies:
            return _inserted(package, path, rng.choice(bodies).start_byte + 1, f"{{ {payload.text} }}")
    return None


def _class_body(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        bodies = _nodes(package, path, ("class_body",))
        if bodies:
            return _inserted(
                package, path, rng.choice(bodies).start_byte + 1, f"static {{\n{payload.text}\n}}"
            )
    return None


def _bundle(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    """Put it on the one long line of a file that is loaded or, where none is, of any file."""
    of_entry = [path for path in loaded(package) if _is_long(package.files[path])]
    path = next(iter(of_entry), None)
    if path is None:
        return None
    middle = _mid(package, path)
    return _inserted(package, path, middle, f";{_alone(_flat(payload.text), rng)};", between="")


def _far_right(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    for path in _shuffled(package, rng):
        data = package.files[path]
        ends = [
            one.end_byte
            for one in _statements(package, path)
            if data[one.end_byte : one.end_byte + 1] == b"\n"
        ]
        if ends:
            text = f"{_BLANKS};{_alone(_flat(payload.text), rng)}"
            return _inserted(package, path, rng.choice(ends), text, between="")
    return None


def _new_file(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _beside(package, payload.text, rng, f"{rng.choice(_NEW)}.js")


def _other_ending(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _beside(package, payload.text, rng, rng.choice(_NEW) + rng.choice((".mjs", ".cjs", ".ts")))


def _tests(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    return _beside(
        package, payload.text, rng, rng.choice(("test/setup.js", "__tests__/data.js", "docs/example.js"))
    )


def _two_files(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = entry(package)
    if path is None:
        return None
    name = rng.choice(_NEW)
    esm = is_esm(package, path)
    new = posixpath.join(posixpath.dirname(path), name + (".cjs" if esm else ".js"))
    text = payload.text.replace("@@", f"./{posixpath.basename(new)}" if esm else f"./{name}")
    placed = _inserted(package, path, _mid(package, path), _alone(text, rng))
    return {**placed, new: payload.first.lstrip().encode()}


def _command(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    named = manifest(package).get("bin") or {}
    paths = [named] if isinstance(named, str) else list(named.values())
    found = [path for one in paths if (path := posixpath.normpath(one)) in package.files]
    return (
        _inserted(package, found[0], _first(package, found[0]), _alone(payload.text, rng)) if found else None
    )


def _platform(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    test = rng.choice(
        ("process.platform === 'darwin'", "process.platform === 'win32'", "process.arch === 'x64'")
    )
    return (
        _inserted(package, path, _mid(package, path), f"if ({test}) {{\n{payload.text}\n}}") if path else None
    )


def _later(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    text = rng.choice(
        (
            "setTimeout(() => {{\n{0}\n}}, 30000);",
            "Promise.resolve().then(() => {{\n{0}\n}});",
            "process.nextTick(function () {{\n{0}\n}});",
            "(async () => {{\nawait new Promise((r) => setTimeout(r, 5000));\n{0}\n}})();",
            "queueMicrotask(() => {{\n{0}\n}});",
            "process.on('exit', () => {{\n{0}\n}});",
        )
    )
    return _inserted(package, path, _mid(package, path), text.format(payload.text)) if path else None


def _handler(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    path = _any(package, rng)
    text = rng.choice(
        (
            "try {{ require('left-speedups'); }} catch (e) {{\n{0}\n}}",
            "process.on('uncaughtException', () => {{\n{0}\n}});",
            "Promise.reject(new Error('x')).catch(() => {{\n{0}\n}});",
        )
    )
    return _inserted(package, path, _mid(package, path), text.format(payload.text)) if path else None


PLACES = (
    Place("top of the entry", "import", _top),
    Place("end of the entry", "import", _end),
    Place("middle of a large module", "import", _middle),
    Place("a function that is called at once", "import", _called_function),
    Place("an existing function", "call", _function),
    Place("an existing method", "call", _method),
    Place("the body of a class", "import", _class_body),
    Place("the long line of a bundle", "import", _bundle),
    Place("behind 300 blanks", "import", _far_right),
    Place("a new file that the entry loads", "import", _new_file),
    Place("a new .mjs, .cjs or .ts", "import", _other_ending),
    Place("a file of two", "import", _two_files, halves=True),
    Place("a command's function", "call", _command),
    Place("tests or docs that are loaded", "import", _tests),
    Place("a branch for one platform", "import", _platform),
    Place("later (thread, timer, promise)", "import", _later),
    Place("a handler of errors", "import", _handler),
)


def manifest(package: Package) -> dict[str, Any]:
    """Return what package.json says."""
    found: dict[str, Any] = json.loads(package.files["package.json"])
    return found


def entry(package: Package) -> str | None:
    """Return the file that a package is loaded by."""
    said = manifest(package)
    exports = said.get("exports")
    root = exports.get(".", exports) if isinstance(exports, dict) else exports
    for wanted in (*_conditions(root), said.get("main"), "index.js"):
        found = _resolved(package, "", wanted) if isinstance(wanted, str) else None
        if found is not None:
            return found
    return None


def is_esm(package: Package, path: str) -> bool:
    """Tell whether a file is a module of the newer kind."""
    if path.endswith((".cjs", ".mjs")):
        return path.endswith(".mjs")
    return bool(_MODULE.search(package.files[path].decode(errors="replace")))


def loaded(package: Package) -> list[str]:
    """Return what the entry loads, itself first, as far as plain texts tell."""
    first = entry(package)
    if first is None:
        return []
    found, left = [first], [first]
    while left and len(found) < 100:  # noqa: PLR2004  (more are not needed to choose from)
        path = left.pop()
        for wanted in _LOADS.findall(package.files[path].decode(errors="replace")):
            other = _resolved(package, posixpath.dirname(path), wanted)
            if other is not None and other not in found:
                found.append(other)
                left.append(other)
    return found


def _conditions(root: Any) -> Iterator[str]:
    if isinstance(root, str):
        yield root
    elif isinstance(root, dict):
        for key in ("node", "require", "import", "default"):
            yield from _conditions(root.get(key))


def _resolved(package: Package, folder: str, wanted: str) -> str | None:
    base = posixpath.normpath(posixpath.join(folder, wanted))
    paths = (base + end for end in _ENDS)
    return next((path for path in paths if path in package.files and path.endswith(("js",))), None)


def _beside(package: Package, text: str, rng: random.Random, name: str) -> Files | None:
    """Put a text into a new file that the entry loads."""
    path = entry(package)
    if path is None:
        return None
    new = posixpath.join(posixpath.dirname(path), name)
    esm = is_esm(package, path)
    line = f"import './{name}';" if esm else f"require('./{name}');"
    if name.endswith(".mjs") and not esm:
        line = f"import('./{name}');"
    placed = _inserted(package, path, _first(package, path), line)
    newer = name.endswith((".mjs", ".ts")) or (esm and not name.endswith(".cjs"))
    if name.endswith(".ts"):
        text = f"export const started: number = Date.now();\n{text}"
    return {**placed, new: (_imports(text, rng) if newer else text).encode() + b"\n"}


def _alone(text: str, rng: random.Random) -> str:
    """Keep the names of a text to itself."""
    return rng.choice(("{{ {} }}", "(() => {{ {} }})();", "(async function () {{ {} }})();")).format(text)


def _flat(text: str) -> str:
    return " ".join(line.strip() for line in text.split("\n"))


def _imports(text: str, rng: random.Random) -> str:
    """Give a module of the newer kind what it needs for `require`."""
    if "require" not in text:
        return text
    names = re.findall(r"""require\(["']([^"'.][^"']*)["']\)""", text)
    if rng.random() < 0.5 and names and text.count("require") == len(names):  # noqa: PLR2004
        for number, name in enumerate(dict.fromkeys(names)):
            text = re.sub(rf"""require\(["']{re.escape(name)}["']\)""", f"_m{number}", text)
            text = f"import * as _m{number} from '{name}';\n{text}"
        return text
    return f"import {{ createRequire as _cr }} from 'module';\nconst require = _cr(import.meta.url);\n{text}"


@functools.lru_cache(maxsize=64)
def _parsed(data: bytes) -> tree_sitter.Tree:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language())).parse(data)


def _statements(package: Package, path: str) -> list[Node]:
    skipped = {"comment", "hash_bang_line", "html_comment"}
    return [one for one in _parsed(package.files[path]).root_node.named_children if one.type not in skipped]


def _first(package: Package, path: str) -> int:
    """Return the offset at which the first statement may stand: behind directives and imports."""
    data = package.files[path]
    at = data.find(b"\n") + 1 if data.startswith(b"#!") else 0
    for one in _statements(package, path):
        if one.type != "import_statement" and data[one.start_byte : one.start_byte + 4] not in {
            b'"use',
            b"'use",
        }:
            break
        at = one.end_byte
    return at


def _mid(package: Package, path: str) -> int:
    """Return the offset between two statements in the middle, in the deepest block that most of it is in."""
    statements = _statements(package, path)
    return max(_first(package, path), statements[len(statements) // 2].end_byte) if statements else 0


def _nodes(package: Package, path: str, kinds: tuple[str, ...]) -> list[Node]:
    found: list[Node] = []
    left = [_parsed(package.files[path]).root_node]
    while left and len(found) < 300:  # noqa: PLR2004  (more are not needed to choose from)
        one = left.pop()
        if one.type in kinds:
            found.append(one)
        left.extend(one.named_children)
    return found


def _is_long(data: bytes) -> bool:
    return max(map(len, data.split(b"\n"))) > _LONG


def _any(package: Package, rng: random.Random) -> str | None:
    found = loaded(package)
    return rng.choice(found) if found else None


def _shuffled(package: Package, rng: random.Random) -> list[str]:
    found = loaded(package)
    return rng.sample(found, len(found))


def _inserted(package: Package, path: str, at: int, text: str, between: str = "\n") -> Files:
    """Put a text at an offset of a file, and what it needs to load others at its beginning."""
    data = package.files[path]
    placed = data[:at] + f"{between}{text}{between}".encode() + data[at:]
    if is_esm(package, path) and "require" in text:
        head = b"import { createRequire as _cr } from 'module'; const require = _cr(import.meta.url);\n"
        start = data.find(b"\n") + 1 if data.startswith(b"#!") else 0
        placed = placed[:start] + head + placed[start:]
    return {path: placed}
