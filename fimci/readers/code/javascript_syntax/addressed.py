"""Code that stands in a text where a file is expected: in an address, or as the text of a worker."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

from fimci.capabilities import decoding
from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.javascript_syntax import folding

WORKERS = frozenset(("Worker", "SharedWorker", "worker_threads.Worker"))
_ADDRESS, _PACKED = "data:", ";base64"
#: Letters of an address that holds code.
_LARGEST = 1_000_000


def code(value: Value) -> Value | None:
    """Return the code that an address of the kind `data:` holds; `None` for any other text."""
    if not isinstance(value.text, str) or not value.text.startswith(_ADDRESS):
        return None
    kind, _, data = value.text.partition(",")
    packed = kind.endswith(_PACKED)
    plain: bytes | str | None = unquote(data[:_LARGEST])
    if packed and isinstance(plain, str):
        plain = decoding.DECODERS["base64"](plain.encode("latin-1", "replace"))
    flows: frozenset[Flow] = frozenset({"decoded"}) if packed else frozenset()
    text = plain.decode("utf-8", "replace") if isinstance(plain, bytes) else plain
    return Value(text=text or None, flows=value.flows | flows)


def of_worker(value: Value, keywords: Mapping[str, Value]) -> Value | None:
    """Return the code that a worker is started with; `None` where it is a file."""
    return value if "eval" in keywords else code(value)


def made(name: str, first: Value) -> Value | None:
    """Return a file that only stands in memory, or its address, which holds the text of it."""
    if name == "Blob" and first.items:
        return Value(text=folding.joined(first.items).text, name="Blob()", flows=first.flows)
    if name == "URL.createObjectURL" and first.name == "Blob()" and isinstance(first.text, str):
        return Value(text=f"{_ADDRESS}text/javascript,{quote(first.text)}", flows=first.flows)
    return None


def part(address: Value, key: str) -> Value:
    """Return a part of an address: its host, where it begins, or the whole."""
    text = address.text if isinstance(address.text, str) else ""
    begin, mark, rest = text.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2] if mark else ""
    parts = {"host": host, "hostname": host.partition(":")[0], "origin": f"{begin}://{host}"}
    return Value(text=parts.get(key, text), flows=address.flows)
