"""Functions and operators that only compute, applied to constants: `chr`, `reversed`, `^` in loops."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

from tree_sitter import Node

from fimci.capabilities.choices import FIELDS
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax import folding, texts
from fimci.readers.code.python_syntax.folding import LARGEST, MOST, flows_of, integer, joined

_BOUNDS = re.compile(r"\s*(-?\d{0,9})\s*:\s*(-?\d{0,9})\s*(?::\s*(-?\d{0,9})\s*)?\Z")
_BYTE, _CODES = 0x100, 0x110000
#: Expressions in one another in the body of a comprehension.
_NESTED = 8
#: Digits of a text that is made a number.
_DIGITS = 1000
#: Arguments of `int(x, 16)` and of `map`.
_TWO = 2
#: Bits of numbers in between.
_WIDTH = 1 << 64
#: Letters of a text that is encoded.
_ENCODED = 100_000


def bounds(text: str) -> tuple[int | None, int | None, int | None]:
    """Return the numbers of a slice, `::-1`; a step of 0 where they are not constants."""
    found = _BOUNDS.match(text)
    if found is None:
        return (None, None, 0)
    first, second, third = (int(part) if part and part != "-" else None for part in found.groups())
    return first, second, third


def added(values: Sequence[Value]) -> Value:
    """Return a sum: of texts, lists or small numbers."""
    return joined(values)


def operated(sign: str, left: Value, right: Value) -> Value:
    """Return what another operator than `+` makes."""
    if sign == "%":
        return folding.interpolated(left, right)
    if sign == "|" and (left.fields or right.fields):
        return Value(flows=flows_of((left, right)), fields=(left.fields + right.fields)[-FIELDS:])
    if sign == "/" and left.name == "pathlib.Path":
        return _path([left, right])._replace(name="pathlib.Path")
    if sign == "*":
        text, count = (
            (left.text, integer(right)) if integer(right) is not None else (right.text, integer(left))
        )
        if (
            text is not None
            and count is not None
            and 0 <= count * len(text) <= LARGEST
            and integer(left) is None
        ):
            return folding.constant(text * count, left.flows)
    one, two = integer(left), integer(right)
    if one is not None and two is not None and sign in _ARITHMETIC and max(abs(one), abs(two)) < _WIDTH:
        return Value(text=str(_ARITHMETIC[sign](one, two)), flows=left.flows | right.flows)
    return Value(name=left.name if left.name == right.name else "", flows=left.flows | right.flows)


def _modulo(one: int, two: int) -> int:
    return one % two if two else 0


_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "^": lambda one, two: one ^ two,
    "-": lambda one, two: one - two,
    "&": lambda one, two: one & two,
    "|": lambda one, two: one | two,
    "//": lambda one, two: one // two if two else 0,
}


def _path(values: Sequence[Value]) -> Value:
    """Join parts of a path with slashes, as far as they are known."""
    between = Value(text="/")
    kept = [
        value._replace(text=value.text.strip("/") if index and isinstance(value.text, str) else value.text)
        for index, value in enumerate(values)
    ]
    return joined([piece for value in kept for piece in (between, value)][1:])


def called(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    """Return what a built-in function computes; `None` where it is no such function."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return None
    flows = flows_of((*arguments, *keywords.values()))
    result = function(arguments)
    return (
        result._replace(flows=result.flows | flows)
        if result is not None
        else Value(flows=flows, parts=arguments[0].parts if arguments else ())
    )


def _chr(arguments: Sequence[Value]) -> Value | None:
    return folding.character(arguments[0]) if arguments else None


def _ord(arguments: Sequence[Value]) -> Value | None:
    text = arguments[0].text if arguments else None
    return Value(text=str(ord(text))) if isinstance(text, (str, bytes)) and len(text) == 1 else None


def _int(arguments: Sequence[Value]) -> Value | None:
    text = arguments[0].text if arguments else None
    base = integer(arguments[1]) if len(arguments) > 1 else 10
    if not isinstance(text, str) or len(text) > _DIGITS or base is None:
        return None
    try:
        return Value(text=str(int(text, base)))
    except ValueError:
        return None


def _str(arguments: Sequence[Value]) -> Value | None:
    if arguments and isinstance(arguments[0].text, bytes) and len(arguments) > 1:
        return texts.method("decode", arguments[0], arguments[1:])
    return (
        arguments[0]._replace(literal=False, name="")
        if arguments and isinstance(arguments[0].text, str)
        else None
    )


def _bytes(arguments: Sequence[Value]) -> Value | None:
    if not arguments:
        return None
    text = arguments[0].text
    if isinstance(text, str) and len(arguments) > 1:
        return texts.method("encode", arguments[0], arguments[1:])
    if isinstance(text, bytes):
        return arguments[0]
    codes = [integer(item) for item in arguments[0].items]
    if codes and all(code is not None and 0 <= code < _BYTE for code in codes):
        return folding.constant(bytes(code for code in codes if code is not None))
    return None


def _reversed(arguments: Sequence[Value]) -> Value | None:
    if not arguments:
        return None
    value = folding.sliced(arguments[0], (None, None, -1))
    return (
        Value(items=tuple(Value(text=char) for char in value.text[:MOST]), text=None)
        if isinstance(value.text, str)
        else value
    )


def _same(arguments: Sequence[Value]) -> Value | None:
    if not arguments:
        return None
    return arguments[0]._replace(literal=False, name="__file__" if arguments[0].name == "__file__" else "")


def _map(arguments: Sequence[Value]) -> Value | None:
    how = folding.DECODERS.get(arguments[0].name) if len(arguments) == _TWO else None
    if how is not None:
        pieces = tuple(folding.decoded(how, item)[0] for item in elements(arguments[1]))
        return Value(items=pieces, flows=arguments[1].flows | {"decoded"})
    if len(arguments) < _TWO or arguments[0].name not in _FUNCTIONS or arguments[0].name == "map":
        return None
    function = _FUNCTIONS[arguments[0].name]
    items = [function((item,)) for item in elements(arguments[1])]
    return (
        Value(items=tuple(item for item in items if item is not None))
        if items and None not in items
        else None
    )


def elements(value: Value) -> tuple[Value, ...]:
    """Return what iterating over a constant gives."""
    if isinstance(value.text, bytes):
        return tuple(Value(text=str(byte)) for byte in value.text[:MOST])
    if isinstance(value.text, str) and not value.items:
        return tuple(Value(text=char) for char in value.text[:MOST])
    return value.items


def _join(arguments: Sequence[Value]) -> Value | None:
    return _path(arguments) if arguments else None


def _table(arguments: Sequence[Value]) -> Value | None:
    """Keep what `str.maketrans` is given, for `translate`."""
    if len(arguments) == 1 and arguments[0].fields:
        return arguments[0]
    return Value(items=tuple(arguments)) if len(arguments) in {_TWO, _TWO + 1} else None


def _unquoted(arguments: Sequence[Value]) -> Value | None:
    text = arguments[0].text if arguments else None
    return folding.constant(unquote(text)) if isinstance(text, str) and len(text) <= LARGEST else None


def _home(_arguments: Sequence[Value]) -> Value | None:
    return Value(text="~", name="pathlib.Path")


def _packages(_arguments: Sequence[Value]) -> Value | None:
    return Value(parts=("*", "/site-packages"))


def _installed(_arguments: Sequence[Value]) -> Value | None:
    return Value(items=(Value(parts=("*", "/site-packages")),) * _TWO)


def file_of(module: str) -> Value:
    """Return the file of a module that is somebody else's: of an installed package, or of Python itself."""
    first = module.partition(".")[0]
    folder = "/lib/python3/" if first in sys.stdlib_module_names else "/site-packages/"
    path = module.replace(".", "/") if "." in module else f"{module}/__init__"
    return Value(name=f"{module}.__file__", parts=("*", f"{folder}{path}.py"))


def _found(arguments: Sequence[Value]) -> Value | None:
    module = arguments[0].text if arguments else None
    if not isinstance(module, str) or not module:
        return None
    return Value(fields=(("origin", file_of(module)._replace(name="")),))


def _paths(_arguments: Sequence[Value]) -> Value | None:
    places = ("purelib", "platlib")
    return Value(fields=tuple((place, Value(parts=("*", "/site-packages"))) for place in places))


def _pathlib(arguments: Sequence[Value]) -> Value | None:
    return (
        _path(arguments)._replace(name="pathlib.Path") if arguments else Value(text=".", name="pathlib.Path")
    )


def _encoded(arguments: Sequence[Value]) -> Value | None:
    """Return what base64 makes of a text, as PowerShell is given what it runs."""
    data = arguments[0].text if arguments else None
    if not isinstance(data, bytes) or len(data) > _ENCODED:
        return None
    return Value(text=base64.b64encode(data))


_FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value | None]] = {
    "chr": _chr,
    "base64.b64encode": _encoded,
    "unichr": _chr,
    "ord": _ord,
    "int": _int,
    "str": _str,
    "bytes": _bytes,
    "bytearray": _bytes,
    "reversed": _reversed,
    "map": _map,
    "str.maketrans": _table,
    **dict.fromkeys(("urllib.parse.unquote", "urllib.parse.unquote_plus"), _unquoted),
    "os.path.join": _join,
    "pathlib.Path.home": _home,
    "site.getsitepackages": _installed,
    **dict.fromkeys(("site.getusersitepackages", "sysconfig.get_path"), _packages),
    "distutils.sysconfig.get_python_lib": _packages,
    "sysconfig.get_paths": _paths,
    "importlib.util.find_spec": _found,
    **dict.fromkeys(("list", "tuple", "iter", "memoryview", "textwrap.dedent", "sys.intern"), _same),
    **dict.fromkeys(("os.path.expanduser", "os.path.expandvars", "os.path.abspath", "os.fspath"), _same),
    **dict.fromkeys(("os.path.normpath", "os.path.realpath", "os.fsencode", "os.fsdecode"), _same),
    **dict.fromkeys(
        ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.WindowsPath"), _pathlib
    ),
}


def mapped(
    body: Node, clause: Node, source: Value, value: Callable[[Node], Value]
) -> tuple[Value, ...] | None:
    """Return the items of `body for x in source` for arithmetic on constants; `None` for anything else."""
    target = clause.child_by_field_name("left")
    items = elements(source)
    if target is None or target.type != "identifier" or not items or len(items) > MOST:
        return None
    name = target.text or b""
    results = []
    for item in items:
        result = _computed(body, name, item, value, _NESTED)
        if result is None:
            return None
        results.append(result)
    return tuple(results)


def _computed(
    node: Node, name: bytes, item: Value, value: Callable[[Node], Value], depth: int
) -> Value | None:
    """Return an expression with one variable put in."""
    if not depth:
        return None
    if node.type == "identifier" and node.text == name:
        return item
    if node.type == "binary_operator":
        left, right, sign = (node.child_by_field_name(field) for field in ("left", "right", "operator"))
        if left is None or right is None or sign is None:
            return None
        one, two = (
            _computed(left, name, item, value, depth - 1),
            _computed(right, name, item, value, depth - 1),
        )
        return _combined(sign.type, one, two)
    if node.type == "call":
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None or given.named_child_count > _TWO:
            return None
        computed = [_computed(argument, name, item, value, depth - 1) for argument in given.named_children]
        callee = _FUNCTIONS.get(value(function).name)
        known = [argument for argument in computed if argument is not None]
        return callee(known) if callee is not None and len(known) == len(computed) else None
    if node.type == "parenthesized_expression" and node.named_child_count:
        return _computed(node.named_children[0], name, item, value, depth - 1)
    if node.type in {"integer", "string", "identifier"}:
        found = value(node)
        return found if found.text is not None else None
    return None


def _combined(sign: str, one: Value | None, two: Value | None) -> Value | None:
    if one is None or two is None:
        return None
    left, right = integer(one), integer(two)
    if left is not None and right is not None and max(abs(left), abs(right)) < _WIDTH:
        if sign == "+":
            return Value(text=str(left + right))
        if sign == "%":
            return Value(text=str(_modulo(left, right)))
        function = _ARITHMETIC.get(sign)
        return Value(text=str(function(left, right))) if function is not None else None
    return joined((one, two)) if sign == "+" else None
