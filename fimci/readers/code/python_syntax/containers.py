"""What is put into tables and lists and taken out again: by methods, and by functions that go through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fimci.capabilities import choices
from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.python_syntax.folding import MOST, PACKED, decoded, integer

#: What gives one of those that are in what it is given, and what gives them all.
_ONE = frozenset({"next", "max", "min", "random.choice", "secrets.choice"})
_ALL = frozenset(
    (
        *("list", "tuple", "set", "sorted", "iter", "frozenset", "copy.copy", "copy.deepcopy", "reversed"),
        *(
            "collections.deque",
            "itertools.cycle",
            "itertools.islice",
            "random.sample",
            "collections.UserList",
        ),
    )
)
_MADE = frozenset(
    (
        *("dict", "types.SimpleNamespace", "argparse.Namespace", "collections.OrderedDict"),
        *("collections.UserDict", "types.MappingProxyType", "collections.defaultdict"),
    )
)
_LOOKED_UP = frozenset({"get", "pop", "setdefault", "popleft", "get_nowait", "popitem", "__getitem__"})
_JSON = frozenset({"json.loads", "orjson.loads", "simplejson.loads", "ujson.loads", "yaml.safe_load"})
#: What is read like a file, and what its methods give all of, or line by line.
_FILES = frozenset({"io.StringIO", "io.BytesIO"})
_WHOLE, _LINES = frozenset({"read", "getvalue", "getbuffer"}), frozenset({"readlines", "readline"})
#: A function that goes through others, and where what it goes through stands.
_THROUGH = {"filter": 1, "itertools.filterfalse": 1, "itertools.takewhile": 1, "itertools.dropwhile": 1}
#: What holds the sections of files.
SETTINGS = frozenset(("configparser.ConfigParser", "configparser.RawConfigParser"))
#: Lines of a file with sections.
_LONGEST = 100_000
_PAIR = 2
#: What gives what it is given, or something like it.
SAME = frozenset(
    (
        *("copy.copy", "copy.deepcopy", "weakref.proxy", "importlib.reload", "contextlib.nullcontext"),
        *("contextlib.closing", "contextlib.aclosing"),
    )
)
HANDLED = frozenset(
    (
        *(*_ONE, *_ALL, *_MADE, *_JSON, *_FILES, *_THROUGH, *SAME),
        *("contextvars.ContextVar", "itertools.chain", "collections.ChainMap", "enumerate", "zip"),
        *("itertools.chain.from_iterable", *PACKED),
    )
)


def called(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    """Return what a function gives of a list or a table; `None` where nothing is known of it."""
    if name not in HANDLED:
        return None
    first = arguments[0] if arguments else Value()
    if name in SAME and first.name:
        return first._replace(literal=False)
    if name in _MADE:
        return _table(first, keywords)
    if name in _JSON and isinstance(first.text, str):
        found = choices.parsed(first.text)
        return found._replace(flows=first.flows) if found is not None else None
    if name in _FILES and arguments:
        return Value(name=name, items=(first,), flows=first.flows)
    if name in PACKED:
        return _unpacked(PACKED[name], keywords.get("fileobj", first))
    if name == "contextvars.ContextVar":
        return Value(items=tuple(value for key, value in keywords.items() if key == "default"))
    if name in {"itertools.chain", "collections.ChainMap"} and any(
        one.items or one.fields for one in arguments
    ):
        items = tuple(item for one in arguments for item in one.items)[:MOST]
        fields = tuple(pair for one in reversed(arguments) for pair in one.fields)[-choices.FIELDS :]
        return Value(items=items, fields=fields, flows=_flows(arguments))
    if name in _THROUGH and len(arguments) > 1:
        return arguments[1]._replace(literal=False)
    return _of_one(name, first, arguments) if first.items or first.fields else None


def _unpacked(how: str, file: Value) -> Value | None:
    """Return a file that is packed, as what is in it."""
    if file.name not in _FILES or not file.items:
        return None
    content, _ = decoded(how, file.items[0])
    return Value(name=file.name, items=(content,), flows=content.flows)


def _of_one(name: str, first: Value, arguments: Sequence[Value]) -> Value | None:
    if name in _ONE and len(arguments) <= 1 + (name == "next"):
        return _without(choices.held(first), first)
    if name == "reversed" and first.items:
        return first._replace(items=first.items[::-1], literal=False)
    if name in _ALL:
        return first._replace(literal=False) if first.items else None
    if name == "itertools.chain.from_iterable":
        return Value(items=tuple(item for row in first.items for item in row.items)[:MOST], flows=first.flows)
    if name == "enumerate":
        return Value(items=tuple(Value(items=(Value(), item)) for item in first.items), flows=first.flows)
    if name == "zip":
        rows = zip(*(value.items for value in arguments if value.items), strict=False)
        return Value(items=tuple(Value(items=row) for row in rows), flows=_flows(arguments))
    return None


def _table(first: Value, keywords: Mapping[str, Value]) -> Value | None:
    """Return what `dict` makes of a table, of pairs, and of what is named."""
    pairs = [item.items for item in first.items[: choices.FIELDS] if len(item.items) == _PAIR]
    listed = tuple((key.text if isinstance(key.text, str) else "", value) for key, value in pairs)
    named = tuple((key, value) for key, value in keywords.items() if key != "**")
    fields = (*first.fields, *listed, *named)
    return Value(flows=_flows((first, *keywords.values())), fields=fields) if fields else None


def method(name: str, owner: Value, arguments: Sequence[Value]) -> Value | None:
    """Return what a method gives of a list or a table; `None` where nothing is known of it."""
    if owner.name in _FILES and owner.items and name in _WHOLE | _LINES:
        return _read(name, owner)
    if name == "values" and owner.fields:
        return Value(items=tuple(value for _, value in owner.fields), flows=owner.flows)
    if name == "keys" and owner.fields:
        return Value(items=tuple(Value(text=key) for key, _ in owner.fields), flows=owner.flows)
    if name == "items" and owner.fields:
        pairs = (Value(items=(Value(text=key), value)) for key, value in owner.fields)
        return Value(items=tuple(pairs), flows=owner.flows)
    if name in {"copy", "_asdict"} and (owner.fields or owner.items):
        return owner
    named = owner.name and owner.name not in SETTINGS
    if name not in _LOOKED_UP or named or not (owner.fields or owner.items):
        return None
    key, *others = arguments or (Value(),)
    if name == "__getitem__" or (owner.items and key.text is not None):
        return item(owner, key) or _without(choices.held(owner), owner)
    found = choices.field(owner, key.text) if isinstance(key.text, str) else None
    if found is not None and others and isinstance(others[0].text, str) and found.fields:
        return choices.field(found, others[0].text) or found  # of a file with sections
    if isinstance(key.text, str):
        return found or (others[0] if others else None)
    return _without(choices.held(owner), owner) or (others[0] if others else None)


def _read(name: str, owner: Value) -> Value | None:
    texts = [item.text for item in owner.items]
    if name in _LINES:
        lines = [line for text in texts if isinstance(text, str) for line in text.splitlines()]
        listed = Value(items=tuple(Value(text=line) for line in lines[:MOST]), flows=owner.flows)
        return listed if name == "readlines" else _without(choices.held(listed), owner)
    if all(isinstance(text, bytes) for text in texts):
        return Value(text=b"".join(text for text in texts if isinstance(text, bytes)), flows=owner.flows)
    if all(isinstance(text, str) for text in texts):
        return Value(text="".join(text for text in texts if isinstance(text, str)), flows=owner.flows)
    return None


def item(owner: Value, index: Value) -> Value | None:
    """Return what stands at a place of a list or a text, or under a name; `None` where that is not known."""
    number = integer(index)
    if number is not None and -len(owner.items) <= number < len(owner.items):
        return owner.items[number]
    if number is not None and owner.text is not None and -len(owner.text) <= number < len(owner.text):
        return Value(text=str(owner.text[number]), flows=owner.flows)
    found = choices.field(owner, index.text) if isinstance(index.text, str) else None
    if found is None and index.text is None and not owner.name and (owner.items or owner.fields):
        return _without(choices.held(owner), owner)
    return found


def taken(value: Value, places: Sequence[int]) -> Value:
    """Return what stands at a place of a list, of the list there and so on; all behind it before a -1."""
    for number, place in enumerate(places):
        if places[number + 1 :] == (-1,):
            return Value(items=value.items[place:], flows=value.flows)
        value = value.items[place] if place < len(value.items) else Value(flows=value.flows)
    return value


#: What puts its arguments into what it is a method of.
_PUTS = frozenset(
    ("append", "appendleft", "add", "insert", "put", "put_nowait", "write", "set", "extend", "writelines")
)
_ALL_OF = frozenset(("extend", "writelines"))


def filled(whole: Value, added: Iterable[tuple[str, Value, Value]]) -> Value:
    """Return a list, a table or an object with what is put into it: by which method, key and value."""
    items, fields = list(whole.items), list(whole.fields)
    open_ = not whole.name or whole.name in _FILES
    flows = whole.flows
    for how, key, value in added:
        flows |= value.flows
        if how == "[]":
            if isinstance(key.text, str):
                fields.append((key.text, value))
        elif how in {"update", "read_dict"}:
            fields += value.fields
        elif how == "read_string":
            fields += _sections(value)
        elif open_ and how in _PUTS:
            items += value.items if how in _ALL_OF and value.items else (value,)
    if len(items) == len(whole.items) and len(fields) == len(whole.fields):
        return whole._replace(flows=flows)
    text = None if whole.text == "" or fields else whole.text
    return whole._replace(
        text=text, items=tuple(items[:MOST]), fields=_merged(fields)[-choices.FIELDS :], flows=flows
    )


def _merged(fields: Sequence[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    """Return each name once, with all that is put under it."""
    found: dict[str, list[Value]] = {}
    for key, value in fields:
        found.setdefault(key, []).append(value)
    return tuple((key, choices.one(values)) for key, values in found.items())


def _sections(given: Value) -> list[tuple[str, Value]]:
    """Return what a file with sections holds, `[here]` and `name = value`."""
    if not isinstance(given.text, str) or len(given.text) > _LONGEST:
        return []
    found: dict[str, list[tuple[str, Value]]] = {}
    section = ""
    for line in given.text.splitlines():
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            section = text[1:-1]
            continue
        at = min((place for sign in "=:" if (place := text.find(sign)) > 0), default=0)
        if at and not text.startswith(("#", ";")):
            value = Value(text=text[at + 1 :].strip(), flows=given.flows)
            found.setdefault(section, []).append((text[:at].strip().lower(), value))
    return [(name, Value(fields=tuple(those[: choices.FIELDS]))) for name, those in found.items()]


def _without(found: Value, owner: Value) -> Value:
    """Return one of several: what stands where is not known."""
    return found._replace(flows=found.flows | owner.flows, literal=False)


def _flows(values: Sequence[Value]) -> frozenset[Flow]:
    return frozenset().union(*(value.flows for value in values))
