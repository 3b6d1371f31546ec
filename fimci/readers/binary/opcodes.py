"""The opcodes of a pickle, followed as its loader follows them, without an object being made.

No reader itself. What is on the stack is kept as far as it is constant: texts, bytes, tuples and lists of
them, globals, and what a call would give; everything else is nothing. What cannot be parsed ends the pickle.
Of the rest, globals are told that stand there as picklers write them: a loader may be more lenient than this.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

#: Opcodes that are followed, bytes of a constant that are kept, and of a call as it is put down.
_OPCODES, _LONG, _TEXT = 1_000_000, 1 << 20, 4000
_ITEMS = 200
#: A name as Python would write it.
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_BUILT_IN = re.compile(r"(?:__builtin__|builtins)\.")
#: How picklers write a global, from the first protocol on, and from the fourth.
_WRITTEN = re.compile(
    rb"[ci]([\w.]{1,80})\n([\w.]{1,80})\n"
    rb"|\x8c.([\w.]{1,80})(?:\x94|q.)?\x8c.([\w.]{1,80})(?:\x94|q.)?\x93"
)
_BEGINS = re.compile(rb"\x80[\x00-\x05]|c[\w.]{1,80}\n[\w.]{1,80}\n|\(d[pq.]|\(lp")


class Global(NamedTuple):
    """Something that is imported, by its dotted name."""

    name: str
    modules: tuple[str, ...]


class Result(NamedTuple):
    """What a call would give, as an expression."""

    text: str
    modules: tuple[str, ...]


_Value: TypeAlias = "str | bytes | int | float | tuple[Any, ...] | Global | Result | None"


class Call(NamedTuple):
    """A call that loading makes: the place of its opcode, what is called, as Python, and its imports."""

    at: int
    name: str
    text: str
    modules: tuple[str, ...]


class _Mark:
    """Stands on the stack where a `MARK` was met."""


_MARK = _Mark()


@dataclass
class Program:
    """What one pickle does. `broken` says why it could not be followed to its end, at `end`.

    `globals` are by their names where they are met first, `called` those of them that a call is made of;
    `constants` are bytes in it, `loaded` those that are given to a loader of pickles.
    """

    end: int = 0
    broken: str = ""
    unnamed: int = -1
    globals: dict[str, int] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)
    loaded: list[bytes] = field(default_factory=list)
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)


def begins(data: bytes, at: int) -> bool:
    """Tell whether a pickle begins there."""
    return _BEGINS.match(data, at) is not None


def program(data: bytes, begin: int) -> Program:
    """Follow the pickle that begins there."""
    found = Program()
    stream = io.BytesIO(data)
    stream.seek(begin)
    number = 0
    try:
        for opcode, argument, position in pickletools.genops(stream):
            number += 1
            if number > _OPCODES:
                found.broken = f"more than {_OPCODES:,} opcodes"
                break
            _step(found, opcode, argument, position or 0)
    except ValueError:  # whatever it does not like, with an excerpt of the bytes
        found.broken = "it is damaged, or ends too early"
    found.end = stream.tell()
    if found.broken:
        _rest(found, data, found.end)
    found.stack.clear()
    found.memo.clear()
    return found


def _rest(found: Program, data: bytes, begin: int) -> None:
    """Note the globals that stand behind the place up to which it could be followed."""
    for match in _WRITTEN.finditer(data, max(begin - _ITEMS, 0)):
        module, name = match[1] or match[3], match[2] or match[4]
        text = f"{module.decode('ascii', 'replace')}.{name.decode('ascii', 'replace')}"
        found.globals.setdefault(text, match.start())
        found.called.add(text)


def _step(found: Program, opcode: Any, argument: Any, at: int) -> None:
    special = _SPECIAL.get(opcode.name)
    if special is not None:
        special(found, argument, at)
        return
    effect = _EFFECTS[opcode.name]
    if effect.to_mark:
        _to_mark(found)
    for _ in range(effect.takes):
        _pop(found)
    kept = None if effect.to_mark or effect.takes else argument
    for _ in range(effect.leaves):
        found.stack.append(_constant(found, kept))


def _constant(found: Program, value: Any) -> _Value:
    if isinstance(value, (bytes, bytearray)):  # (a tuple is faster, and texts come by the million)
        kept = bytes(value[:_LONG])
        if len(kept) > 1:
            found.constants.append(kept)
        return kept
    return value if isinstance(value, (str, int, float)) else None


def _pop(found: Program) -> _Value:
    return found.stack.pop() if found.stack and found.stack[-1] is not _MARK else None


def _to_mark(found: Program) -> list[_Value]:
    """Take what lies above the last mark, and the mark."""
    taken: list[_Value] = []
    while found.stack:
        value = found.stack.pop()
        if value is _MARK:
            break
        taken.append(value)
    return taken[::-1]


def _global(found: Program, module: Any, name: Any, at: int) -> _Value:
    if not isinstance(module, str) or not isinstance(name, str):
        if found.unnamed < 0:
            found.unnamed = at
        return None
    dotted = f"{module}.{name}"
    found.globals.setdefault(dotted, at)
    return Global(dotted, (module,) if _NAME.fullmatch(module) else ())


def _named(found: Program, argument: Any, at: int) -> None:
    module, _, name = argument.partition(" ")
    found.stack.append(_global(found, module, name, at))


def _stack_global(found: Program, _: Any, at: int) -> None:
    name, module = _pop(found), _pop(found)
    found.stack.append(_global(found, module, name, at))


def _reduce(found: Program, _: Any, at: int) -> None:
    arguments, callee = _pop(found), _pop(found)
    found.stack.append(_call(found, callee, arguments if type(arguments) is tuple else (None,), at))


def _instance(found: Program, argument: Any, at: int) -> None:
    module, _, name = argument.partition(" ")
    arguments = tuple(_to_mark(found))
    found.stack.append(_call(found, _global(found, module, name, at), arguments, at))


def _object(found: Program, _: Any, at: int) -> None:
    taken = _to_mark(found)
    found.stack.append(_call(found, taken[0] if taken else None, tuple(taken[1:]), at))


def _call(found: Program, callee: _Value, arguments: tuple[_Value, ...], at: int) -> _Value:
    """Note a call; return what it would give."""
    if isinstance(callee, Global):
        found.called.add(callee.name)
        if callee.name.rpartition(".")[2] in {"loads", "_loads"}:
            found.loaded += [one for one in arguments if isinstance(one, bytes)]
    if not isinstance(callee, Global | Result):
        return None
    pieces = [_text(one) for one in arguments[:_ITEMS]]
    name = callee.name if isinstance(callee, Global) else callee.text
    text = f"{_text(callee)}({', '.join(pieces)})"
    modules = dict.fromkeys(module for one in (callee, *arguments) for module in _imports(one))
    if len(text) > _TEXT:
        return None
    found.calls.append(Call(at, name, text, tuple(modules)))
    return Result(text, tuple(modules))


def _imports(value: _Value) -> tuple[str, ...]:
    if isinstance(value, Global | Result):
        return value.modules
    if isinstance(value, tuple):
        return tuple(module for one in value[:_ITEMS] for module in _imports(one))
    return ()


def _text(value: _Value) -> str:
    """Put down a value as Python; what is not known as something that stands for nothing."""
    if isinstance(value, Global):
        return _BUILT_IN.sub("", value.name) if _NAME.fullmatch(value.name) else "None"
    if isinstance(value, Result):
        return value.text
    if isinstance(value, tuple):
        inner = ", ".join(_text(one) for one in value[:_ITEMS])
        return f"[{inner}]"
    if isinstance(value, str | bytes):
        return repr(value[:_TEXT])
    return repr(value)


def _tuple(number: int) -> Callable[[Program, Any, int], None]:
    def made(found: Program, _: Any, __: int) -> None:
        items = [_pop(found) for _ in range(number)]
        found.stack.append(_bounded(tuple(items[::-1])))

    return made


def _bounded(items: tuple[_Value, ...]) -> _Value:
    """Return a tuple that is not deep: a loader's are as deep as somebody likes."""
    plain = [one for one in items if type(one) is tuple]  # a global and a result are none of these
    deep = any(type(one) is tuple for inner in plain for one in inner)
    return tuple(None if type(one) is tuple else one for one in items) if deep else items


def _marked_tuple(found: Program, _: Any, __: int) -> None:
    found.stack.append(_bounded(tuple(_to_mark(found))))


def _appended(found: Program, _: Any, __: int) -> None:
    _extended(found, [_pop(found)])


def _appends(found: Program, _: Any, __: int) -> None:
    _extended(found, _to_mark(found))


def _extended(found: Program, items: list[_Value]) -> None:
    """Add to a list, which is kept as a tuple; where it is memoised, the memo keeps what it was."""
    held = _pop(found)
    if type(held) is tuple and len(held) + len(items) <= _ITEMS:
        new = _bounded((*held, *items))
        for key in (
            [key for key, value in found.memo.items() if value is held] if len(found.memo) < _ITEMS else ()
        ):
            found.memo[key] = new
        held = new
    found.stack.append(held)


def _empty(found: Program, _: Any, __: int) -> None:
    found.stack.append(())


def _put(found: Program, argument: Any, _: int) -> None:
    key = len(found.memo) if argument is None else argument
    value = found.stack[-1] if found.stack else None
    found.memo[key] = None if value is _MARK else value


def _get(found: Program, argument: Any, _: int) -> None:
    found.stack.append(found.memo.get(argument))


def _dup(found: Program, _: Any, __: int) -> None:
    found.stack.append(found.stack[-1] if found.stack else None)


def _drop(found: Program, _: Any, __: int) -> None:
    if found.stack:
        found.stack.pop()


def _mark(found: Program, _: Any, __: int) -> None:
    found.stack.append(_MARK)


#: Opcodes that more is known of than how many objects they take and leave.
_SPECIAL: Mapping[str, Callable[[Program, Any, int], None]] = {
    "GLOBAL": _named,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "INST": _instance,
    "OBJ": _object,
    "MARK": _mark,
    "TUPLE": _marked_tuple,
    "EMPTY_TUPLE": _empty,
    "EMPTY_LIST": _empty,
    "LIST": _marked_tuple,
    "APPEND": _appended,
    "APPENDS": _appends,
    **{f"TUPLE{number}": _tuple(number) for number in (1, 2, 3)},
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    "DUP": _dup,
    "POP": _drop,
}


class _Effect(NamedTuple):
    """What an opcode does to the stack: what it takes, from the last mark on or so many, and leaves."""

    to_mark: bool
    takes: int
    leaves: int


def _effect(opcode: pickletools.OpcodeInfo) -> _Effect:
    before = opcode.stack_before
    to_mark = pickletools.markobject in before
    takes = before.index(pickletools.markobject) if to_mark else len(before)
    return _Effect(to_mark, takes, len(opcode.stack_after))


_EFFECTS: Mapping[str, _Effect] = {opcode.name: _effect(opcode) for opcode in pickletools.opcodes}
