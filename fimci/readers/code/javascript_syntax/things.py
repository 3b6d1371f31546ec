"""Names, members and items while pure functions are computed; constants of the file and back."""

from __future__ import annotations

from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax.library import Digits, Env, Thing, text, whole
from fimci.readers.code.pure import Stop

#: Items of a list that comes from outside.
_ITEMS = 20_000


def looked_up(env: Env, name: str) -> Thing:
    """Return what a name is, here or around."""
    while name not in env:
        if "" not in env:
            raise Stop
        env = env[""]
    return env[name]


def put_name(env: Env, name: str, value: Thing) -> None:
    """Give a value to a name where it is known, else here."""
    held = env
    while name not in held:
        if "" not in held:
            env[name] = value
            return
        held = held[""]
    held[name] = value


def put_item(owner: Thing, index: Thing, value: Thing) -> None:
    """Put a value into a list, bytes or a table."""
    if isinstance(owner, dict):
        owner[text(index)] = value
        return
    at = whole(index)
    if isinstance(owner, bytearray):
        if 0 <= at < len(owner):
            owner[at] = whole(value) & 0xFF
    elif isinstance(owner, list) and 0 <= at <= len(owner):
        owner[at : at + 1] = [value]
    else:
        raise Stop


def size_of(owner: Thing) -> int:
    """Return how long a value is."""
    if not isinstance(owner, (str, list, bytearray)):
        raise Stop
    return len(owner)


def of_table(owner: Thing, key: str) -> Thing:
    """Return the entry of a table."""
    if not isinstance(owner, dict):
        raise Stop
    return owner.get(key)


def item_of(owner: Thing, index: Thing) -> Thing:
    """Return the part of a value at an index."""
    if isinstance(owner, dict):
        return owner.get(text(index))
    if isinstance(index, str) and not index.strip().lstrip("-").isdigit():
        return size_of(owner) if index == "length" else of_table(owner, index)
    at = whole(index)
    return owner[at] if 0 <= at < size_of(owner) else None


def native(value: Value) -> Thing:
    """Return a constant as a value of the language."""
    if isinstance(value.text, bytes):
        return bytearray(value.text)
    if isinstance(value.text, str):
        digits = value.text.lstrip("-")[:16]
        return Digits(value.text) if digits.isdigit() or digits[:2] == "0x" else value.text
    if value.items:
        return [native(item) for item in value.items[:_ITEMS]]
    raise Stop


def told(thing: Thing) -> Value | None:
    """Return a value of the language as a constant; `None` where it is none."""
    if isinstance(thing, bytearray):
        return Value(text=bytes(thing))
    if isinstance(thing, list):
        items = [told(item) for item in thing[:_ITEMS]]
        return Value(items=tuple(item for item in items if item is not None)) if None not in items else None
    if isinstance(thing, (str, int, float)) and not isinstance(thing, bool):
        return Value(text=text(thing))
    return None
