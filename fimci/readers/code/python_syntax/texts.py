"""What methods of texts give: what a text is once it is split, joined, replaced, stripped or translated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from fimci.capabilities import choices
from fimci.capabilities.uses import Value
from fimci.readers.code.python_syntax.folding import (
    LARGEST,
    MOST,
    constant,
    flows_of,
    formatted,
    integer,
    joined,
    pieces,
)

#: Methods that leave most of a text as it is, also of one that is known in part.
KEEPING = frozenset(
    ("strip", "lstrip", "rstrip", "encode", "decode", "removeprefix", "removesuffix", "lower")
)
#: How far a text is filled up.
_WIDEST = 10_000
#: `$name`, `${name}` and `$$` in a template.
_PLACE = re.compile(r"\$(?:(\$)|([_a-zA-Z]\w*)|\{([_a-zA-Z]\w*)\})")


def method(name: str, value: Value, arguments: Sequence[Value]) -> Value:
    """Return what a method of a text gives; where that is not known, its flows and pieces."""
    flows = flows_of((value, *arguments))
    function = _METHODS.get(name)
    try:
        result = function(value, arguments) if function is not None else None
    except (ValueError, LookupError, OverflowError):
        result = None
    if isinstance(result, Value):
        return result._replace(flows=result.flows | flows)
    if result is not None:
        return constant(result, flows)
    made = choices.each(value, lambda one: method(name, one, arguments)) if function is not None else ()
    return Value(parts=pieces(value), flows=flows, choices=made)


_Outcome = str | bytes | Value | None


def _argument(arguments: Sequence[Value], otherwise: str) -> str:
    text = arguments[0].text if arguments else None
    return text if isinstance(text, str) else otherwise


def _decode(value: Value, arguments: Sequence[Value]) -> _Outcome:
    return value.text.decode(_plain(_argument(arguments, "utf-8"))) if isinstance(value.text, bytes) else None


def _encode(value: Value, arguments: Sequence[Value]) -> _Outcome:
    return value.text.encode(_plain(_argument(arguments, "utf-8"))) if isinstance(value.text, str) else None


def _listed(parts: Sequence[str | bytes]) -> Value:
    return Value(items=tuple(Value(text=part) for part in parts[:MOST]))


def _divided(name: str) -> Callable[[Value, Sequence[Value]], _Outcome]:
    """Return a method that cuts a text into a list, by a text and up to a number if there are any."""

    def divide(value: Value, arguments: Sequence[Value]) -> _Outcome:
        given = [argument.text for argument in arguments[:2]]
        kind = type(value.text)
        if value.text is None or (given and given[0] is not None and not isinstance(given[0], kind)):
            return None
        if name == "splitlines":
            return _listed(value.text.splitlines())
        if name.endswith("partition"):
            return _listed(getattr(value.text, name)(given[0])) if given and given[0] else None
        most = integer(arguments[1]) if len(arguments) > 1 else None
        return _listed(getattr(value.text, name)(given[0] or None if given else None, most or -1))

    return divide


def _replace(value: Value, arguments: Sequence[Value]) -> _Outcome:
    given = [argument.text for argument in arguments[:2]]
    text = value.text
    if len(given) < 2 or text is None or any(item is None for item in given):  # noqa: PLR2004  (what, by what)
        return None
    old, new = given
    if len(new or "") > 1 and len(text) * len(new or "") > LARGEST:
        return None
    if isinstance(text, str) and isinstance(old, str) and isinstance(new, str):
        return text.replace(old, new)
    if isinstance(text, bytes) and isinstance(old, bytes) and isinstance(new, bytes):
        return text.replace(old, new)
    return None


def _translated(value: Value, arguments: Sequence[Value]) -> _Outcome:
    """Translate by what `str.maketrans` was given, one table or two texts and one that is left out."""
    table = _table(arguments[0]) if arguments else None
    if not table or not isinstance(value.text, str):
        return None
    widest = max((len(to) for to in table.values() if isinstance(to, str)), default=1)
    return value.text.translate(table) if widest * len(value.text) <= LARGEST else None


def _table(given: Value) -> dict[int, str | int | None] | None:
    if given.fields:
        named = ((ord(key) if len(key) == 1 else int(key), to) for key, to in given.fields if key)
        return {key: _letter(to) for key, to in named}
    texts = [item.text for item in given.items]
    if len(texts) not in {2, 3} or not all(isinstance(text, str) for text in texts):
        return None
    return dict(str.maketrans(*map(str, texts)))


def _letter(to: Value) -> str | int | None:
    """Return what a letter becomes: a text, or another letter by its number; `None` leaves it out."""
    number = integer(to) if to.literal and isinstance(to.text, str) and len(to.text) > 1 else None
    return number if number is not None else to.text if isinstance(to.text, str) else None


def _hex(value: Value, _arguments: Sequence[Value]) -> _Outcome:
    return value.text.hex() if isinstance(value.text, bytes) else None


def _changed(name: str) -> Callable[[Value, Sequence[Value]], _Outcome]:
    """Return a method that gives a text back, without arguments or with one of the same kind."""

    def change(value: Value, arguments: Sequence[Value]) -> _Outcome:
        given = [argument.text for argument in arguments]
        if value.text is None or any(type(one) is not type(value.text) for one in given):
            return None
        made: str | bytes = getattr(value.text, name)(*given)
        return made

    return change


def _filled(name: str) -> Callable[[Value, Sequence[Value]], _Outcome]:
    """Return a method that fills a text up to a width."""

    def fill(value: Value, arguments: Sequence[Value]) -> _Outcome:
        width = integer(arguments[0]) if arguments else None
        if not isinstance(value.text, str) or width is None or width > _WIDEST:
            return None
        made: str = getattr(value.text, name)(width, *(str(one.text) for one in arguments[1:2]))
        return made

    return fill


def _added(value: Value, arguments: Sequence[Value]) -> _Outcome:
    return joined((value, *arguments[:1]))


def _formatted(value: Value, arguments: Sequence[Value]) -> _Outcome:
    return formatted(value, (), dict(arguments[0].fields)) if arguments else None


def substituted(template: Value, given: Mapping[str, Value]) -> Value:
    """Return what a template of `string` is with these names put in."""
    text = template.text
    if not isinstance(text, str):
        return Value(parts=template.parts, flows=flows_of((template, *given.values())))
    values: list[Value] = [Value(text="", flows=template.flows)]
    end = 0
    for found in _PLACE.finditer(text):
        values.append(Value(text=text[end : found.start()]))
        end = found.end()
        name = found[2] or found[3]
        values.append(Value(text="$") if found[1] else given.get(name, Value(text=found[0])))
    values.append(Value(text=text[end:]))
    return joined(values)


def _plain(encoding: str) -> str:
    return encoding if encoding.lower().replace("_", "-") in _ENCODINGS else "utf-8"


_ENCODINGS = frozenset(
    (
        *("utf-8", "utf8", "ascii", "latin-1", "latin1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
        "cp1252",
    )
)


def _join(separator: Value, arguments: Sequence[Value]) -> _Outcome:
    items = arguments[0].items if arguments else ()
    if not items or separator.text is None or len(separator.text) * len(items) > LARGEST:
        return Value(parts=arguments[0].parts if arguments else ())
    return joined([piece for item in items for piece in (separator, item)][1:])


_METHODS: Mapping[str, Callable[[Value, Sequence[Value]], _Outcome]] = {
    "join": _join,
    "decode": _decode,
    "encode": _encode,
    "replace": _replace,
    "hex": _hex,
    "translate": _translated,
    "format_map": _formatted,
    "__add__": _added,
    **{name: _divided(name) for name in ("split", "rsplit", "splitlines", "partition", "rpartition")},
    **{name: _changed(name) for name in ("strip", "lstrip", "rstrip", "removeprefix", "removesuffix")},
    **{name: _changed(name) for name in ("lower", "upper", "swapcase", "title", "capitalize", "casefold")},
    **{name: _filled(name) for name in ("zfill", "ljust", "rjust", "center")},
}
