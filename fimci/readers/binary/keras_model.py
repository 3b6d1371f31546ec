"""Code in the description of a model of Keras, which runs when the model is loaded or called.

    marshalled code of a `Lambda` layer   Capability   `bytecode`, `Lambda layer`; what it uses, as of `.pyc`
    the same, if it starts something      Capability   `encoded-payload`, `Lambda layer that calls os.system`
    a function of others by its name      Capability   `encoded-payload`, `model that calls os.system`

A description is JSON: `config.json` of a `.keras` file, and an attribute of HDF5, where it stands as a text.
Nothing is loaded. Which Python marshalled the code is not told; the forms that there are are tried.

Source: https://keras.io/api/saving/model_saving_and_loading/, `keras/src/layers/core/lambda_layer.py` and
`keras/src/saving/serialization_lib.py`; https://docs.hdfgroup.org/hdf5/
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.capabilities import pickle_names
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Place
from fimci.readers.binary import python_bytecode
from fimci.readers.binary.marshalled import Broken, contents

_HDF5, _CLASS = b"\x89HDF\r\n\x1a\n", b'"class_name"'
#: Where a description begins, how many there are in a file, and letters of one.
_BEGIN = re.compile(rb'\{\s*"(?:module|class_name|config|name|keras_version|backend)"\s*:')
_MANY, _LARGEST = 40, 8 << 20
#: Things in a description that are looked at, and pieces of code.
_THINGS, _CODES = 200_000, 200
#: One magic number of each form of code objects: 3.7, 3.8 to 3.10, 3.11 and later.
_FORMS = (3495, 3413, 3394)
#: What a layer has no business with.
_GRAVE: frozenset[CapabilityName] = frozenset(
    (
        *("process", "shell", "network", "dynamic-code", "native-code", "filesystem-write", "credentials"),
        *("filesystem-delete", "environment-bulk", "encoded-payload", "persistence", "module-tampering"),
    )
)


class _Found(NamedTuple):
    """Marshalled code in letters, or (`code` is empty) the name of a function."""

    code: str
    name: str = ""


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (it is known by its bytes)
    """Want HDF5, and descriptions of models."""
    return head.startswith(_HDF5) or _CLASS in head


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what the code in it can do, each thing once."""
    told: dict[tuple[str, ...], Capability] = {}
    for document, at in _documents(data):
        line = 1 if data.startswith(_HDF5) else data.count(b"\n", 0, at) + 1
        for found in _inside(document):
            for one in _judged(path, line, found):
                told.setdefault(one.key, one)
    yield from told.values()


def read_part(path: str, head: bytes, tail: bytes, size: int) -> Iterator[Capability]:  # noqa: ARG001  (is data)
    """Yield the same of the beginning and the end: between them lie the weights."""
    told = {one.key: one for part in (head, tail) for one in read(path, part)}
    yield from told.values()


def _documents(data: bytes) -> Iterator[tuple[Any, int]]:
    """Yield the descriptions in a file, and where they begin."""
    if _CLASS not in data:
        return
    at, decoder = 0, json.JSONDecoder()
    for _ in range(_MANY):
        begin = _BEGIN.search(data, at)
        if begin is None:
            return
        text = data[begin.start() : begin.start() + _LARGEST].decode("latin-1")
        try:
            document, length = decoder.raw_decode(text)
        except (ValueError, RecursionError):
            at = begin.end()
            continue
        yield document, begin.start()
        at = begin.start() + length


def _inside(document: object) -> Iterator[_Found]:
    """Yield the code and the functions that a description names."""
    waiting, count = [document], 0
    for _ in range(_THINGS):
        if not waiting or count == _CODES:
            return
        thing = waiting.pop()
        if isinstance(thing, list):
            waiting += thing
        elif isinstance(thing, dict):
            waiting += thing.values()
            found = _named(thing)
            if found is not None:
                count += 1
                yield found


def _named(thing: dict[str, Any]) -> _Found | None:
    kind, config, module = thing.get("class_name"), thing.get("config"), thing.get("module")
    if kind == "__lambda__" and isinstance(config, dict) and isinstance(config.get("code"), str):
        return _Found(config["code"])
    if kind == "Lambda" and isinstance(config, dict) and isinstance(config.get("function"), list):
        first = config["function"][0] if config["function"] else None
        return _Found(first) if isinstance(first, str) else None
    member = config if kind == "function" else kind
    if isinstance(module, str) and isinstance(member, str):
        return _Found("", f"{module}.{member}")
    return None


def _judged(path: str, line: int, found: _Found) -> Iterator[Capability]:
    def capability(name: CapabilityName, subject: str, detail: str, text: str) -> Capability:
        at = Place(path, line, excerpt(text))
        return Capability(path=path, name=name, subject=subject, phase="import", detail=detail, at=at)

    if found.name:
        if pickle_names.grave(found.name, called=True):
            yield capability("encoded-payload", f"model that calls {found.name}", found.name, found.name)
        return
    try:
        code = base64.b64decode(found.code)
    except (binascii.Error, ValueError):
        code = b""
    yield capability("bytecode", "Lambda layer", f"{len(code):,} bytes", found.code[:100])
    facts = list(_uses(code))
    yield from (capability(*fact) for fact in facts)
    grave = next((fact for fact in facts if fact.name in _GRAVE), None)
    if grave is not None:
        subject = f"Lambda layer that calls {grave.detail}"
        yield capability("encoded-payload", subject, f"{len(code):,} bytes of marshalled code", grave.text)


def _uses(code: bytes) -> Iterator[python_bytecode.Told]:
    for magic in _FORMS:
        try:
            held = contents(code, 0, magic)
        except Broken:
            continue
        yield from python_bytecode.told(held, magic)
        return
