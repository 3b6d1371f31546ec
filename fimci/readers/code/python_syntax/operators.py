"""Functions of the standard library that make a text, a list or a record of others (`operator`, `re`).

A record is what `namedtuple` and its like make: the names of its fields are those of its own.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urljoin

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax import computing, containers, folding, texts
from fimci.readers.code.python_syntax.folding import LARGEST, MOST, flows_of, joined

#: What makes records, what is a text with places in it, and what gives an item of what it is called with.
RECORD, TEMPLATE, ITEM = "<record>", "<template>", "<item>"
_RECORDS = frozenset(
    (
        *("collections.namedtuple", "typing.NamedTuple", "dataclasses.make_dataclass", "enum.Enum"),
        *("enum.StrEnum", "enum.IntEnum", "typing_extensions.NamedTuple"),
    )
)
#: With what the names of others begin that are handled here.
_OTHERS = frozenset((*(name.partition(".")[0] for name in _RECORDS), "string", "str", "bytes"))
_PLAIN = re.compile(r"[\w\s/:@#%&!~`'\",;<>=-]+")
_CLASS = re.compile(r"\[([^\]\[\\^-]+)\]\+?")
#: Letters of a command that is taken apart; parts of an address.
_LONGEST, _PARTS = 2_000, 5
_TWO, _THREE = 2, 3


def called(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    """Return what a function makes of constants; `None` where that is not known."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return _other(name, arguments, keywords) if name.partition(".")[0] in _OTHERS else None
    try:
        found = function(arguments)
    except ValueError:
        return None
    return found._replace(flows=found.flows | flows_of(arguments)) if found is not None else None


def _other(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    if name == "dataclasses.field":
        return keywords.get("default")
    if name == "string.Template" and arguments:
        return Value(name=TEMPLATE, items=(arguments[0],), flows=arguments[0].flows)
    if name in _RECORDS and len(arguments) > 1:
        return _record(name, arguments[1])
    kind, dot, method = name.partition(".")
    if dot and kind in {"str", "bytes"} and arguments and method not in {"maketrans", "fromhex"}:
        if method == "format":
            return folding.formatted(arguments[0], arguments[1:], dict(keywords))
        made = texts.method(method, arguments[0], arguments[1:])
        return made if made.text is not None or made.items else None
    return None


def _record(name: str, given: Value) -> Value | None:
    """Return a class of records, or the members of an enumeration with what they are."""
    if name.startswith("enum."):
        pairs = containers.called("dict", (given,), {})
        return Value(fields=pairs.fields, flows=given.flows) if pairs is not None else None
    if isinstance(given.text, str):
        names = given.text.replace(",", " ").split()
    else:
        names = [str((one.items or (one,))[0].text or "") for one in given.items]
    return Value(name=RECORD, fields=tuple((one, Value()) for one in names[: choices.FIELDS]))


def record(fields: Sequence[str], arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """Return a record with what its fields are given."""
    given = dict(zip(fields, arguments, strict=False))
    given.update((name, value) for name, value in keywords.items() if name in fields)
    return Value(
        items=tuple(given.get(name, Value()) for name in fields) if given else (),
        flows=flows_of(given.values()),
        fields=tuple(given.items()),
    )


def _operated(sign: str) -> Callable[[Sequence[Value]], Value | None]:
    return lambda given: computing.operated(sign, *given) if len(given) == _TWO else None


def _sum(given: Sequence[Value]) -> Value | None:
    return joined(given) if len(given) == _TWO else None


def _item(given: Sequence[Value]) -> Value | None:
    return containers.item(*given) if len(given) == _TWO else None


def _substituted(given: Sequence[Value]) -> Value | None:
    """Return `re.sub(…)` for what is no pattern but a text, or some letters."""
    pattern, by, text = (one.text for one in (*given, Value(), Value(), Value())[:_THREE])
    if not (isinstance(pattern, str) and isinstance(by, str) and isinstance(text, str)):
        return None
    if len(by) * len(text) > LARGEST or "\\" in by:
        return None
    some = _CLASS.fullmatch(pattern)
    if some is not None and not by:
        return folding.constant(text.translate(dict.fromkeys(map(ord, some[1]))))
    return folding.constant(text.replace(pattern, by)) if _PLAIN.fullmatch(pattern) else None


def _divided(given: Sequence[Value]) -> Value | None:
    pattern = given[0].text if len(given) == _TWO else None
    plain = isinstance(pattern, str) and _PLAIN.fullmatch(pattern)
    return texts.method("split", given[1], given[:1]) if plain else None


def _words(given: Sequence[Value]) -> Value | None:
    text = given[0].text if given else None
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    return Value(items=tuple(Value(text=word) for word in shlex.split(text)[:MOST]))


def _line(given: Sequence[Value]) -> Value | None:
    words = [word.text for word in given[0].items] if given else []
    known = [shlex.quote(word) for word in words if isinstance(word, str)]
    return folding.constant(" ".join(known)) if known and len(known) == len(words) else None


def _joined(given: Sequence[Value]) -> Value | None:
    base, way = (one.text for one in (*given, Value(), Value())[:_TWO])
    return Value(text=urljoin(base, way)) if isinstance(base, str) and isinstance(way, str) else None


def _address(given: Sequence[Value]) -> Value | None:
    """Return an address of its parts, as far as they are known: scheme, host, path."""
    parts = given[0].items if given else ()
    if len(parts) < _PARTS:
        return None
    scheme, host, path = parts[:_THREE]
    return joined(
        (scheme, Value(text="://"), host, Value(text="/"), texts.method("lstrip", path, (Value(text="/"),)))
    )


_FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value | None]] = {
    **dict.fromkeys(("operator.add", "operator.iadd", "operator.concat", "operator.iconcat"), _sum),
    "operator.mod": _operated("%"),
    "operator.mul": _operated("*"),
    "operator.xor": _operated("^"),
    "operator.or_": _operated("|"),
    "operator.getitem": _item,
    "re.sub": _substituted,
    "re.split": _divided,
    "shlex.split": _words,
    "shlex.join": _line,
    "subprocess.list2cmdline": _line,
    "urllib.parse.urljoin": _joined,
    **dict.fromkeys(("urllib.parse.urlunsplit", "urllib.parse.urlunparse"), _address),
}
