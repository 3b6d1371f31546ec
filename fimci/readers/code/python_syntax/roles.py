"""What the arguments of a call say: where it goes, and whether what it gives is a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import choices, decoding, sensitive
from fimci.capabilities.uses import Api, Flow, Value, known

SECRET: frozenset[Flow] = frozenset({"secret"})
_DECODED: frozenset[Flow] = frozenset({"decoded"})
_PRIVATE = frozenset({"credentials", "crypto-wallet"})
#: What an argument is that says where to.
_PLACES = frozenset(("url", "host"))


class Call(NamedTuple):
    """A call: what is called, and with what."""

    callee: Value
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    receiver: Value


def addresses(api: Api, call: Call) -> Iterator[Value]:
    """Yield what a request or a connection is made for, which it carries on."""
    for key, role in api.takes:
        if role in _PLACES and isinstance(key, str) and key in call.keywords:
            yield call.keywords[key]
        elif role in _PLACES and isinstance(key, int) and key < len(call.arguments):
            yield call.arguments[key]


def secrets(api: Api, call: Call) -> frozenset[Flow]:
    """Return `secret` where a variable or a file with a credential is read, `decoded` for what hides code."""
    shown = False
    for key, role in api.takes:
        given = call.arguments[key : key + 1] if isinstance(key, int) else ()
        value = call.keywords.get(key) if isinstance(key, str) else next(iter(given), None)
        if value is None or role not in {"variable", "path"}:
            continue
        text = value.text if isinstance(value.text, str) else "".join(value.parts)
        if role == "path" and "secret" in value.flows and "environment" not in value.flows:
            return SECRET
        shown = shown or ("file" in api.gives and role == "path" and decoding.shown(text))
        place = sensitive.spot(text) if role == "path" and text else None
        if (place is not None and place.name in _PRIVATE) or (
            role == "variable" and any(map(sensitive.secret, (*choices.texts(value), text)))
        ):
            return SECRET
    if call.receiver.name == "pathlib.Path" and api.gives:
        place = sensitive.spot(known(call.receiver))
        if place is not None and place.name in _PRIVATE:
            return SECRET
        shown = shown or ("file" in api.gives and decoding.shown(known(call.receiver)))
    return _DECODED if shown else frozenset()
