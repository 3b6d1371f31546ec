from __future__ import annotations

import base64
import io
import json
import marshal
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Capability
from fimci.readers import with_code
from fimci.readers.binary import keras_model

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(88)


def marshalled(source: str) -> str:
    (code,) = (one for one in compile(source, "a", "exec").co_consts if hasattr(one, "co_code"))
    return base64.encodebytes(marshal.dumps(code)).decode()


def newer(code: str) -> dict[str, Any]:
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "a", "function": function}}
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "left", "layers": [layer]}}


def older(code: str) -> dict[str, Any]:
    layer = {"class_name": "Lambda", "config": {"name": "a", "function": [code, None, None]}}
    return {"class_name": "Sequential", "config": {"name": "left", "layers": [layer]}}


def told(path: str, data: bytes) -> set[tuple[str, str, str]]:
    found = (r for reader in with_code(path) if reader.wants(path, data) for r in reader.read(path, data))
    return {(one.name, one.subject, one.phase) for one in found if isinstance(one, Capability)}


def packed(document: dict[str, Any]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        archive.writestr("config.json", json.dumps(document))
    return held.getvalue()


STARTS = marshalled("f = lambda x: __import__('os').system('id') or x")
FETCHES = marshalled(
    "def f(x):\n    import urllib.request\n    return urllib.request.urlopen('https://left.example/')"
)
HARMLESS = marshalled("f = lambda x: x / 255.0")


@pytest.mark.parametrize("document", [newer(STARTS), older(STARTS)], ids=["newer", "older"])
@pytest.mark.parametrize("form", ["zip", "hdf5"])
def test_code_in_a_model_is_told(document: dict[str, Any], form: str) -> None:
    if form == "zip":
        found = told("left.keras", packed(document))
    else:
        found = told("left.h5", HDF5 + json.dumps(document).encode() + bytes(64))
    assert ("encoded-payload", "Lambda layer that calls __import__", "import") in found
    assert ("bytecode", "Lambda layer", "import") in found


def test_what_it_uses_is_told() -> None:
    found = told("config.json", json.dumps(newer(FETCHES)).encode())
    assert {("network", "*", "import"), ("network", "left.example", "import")} <= found


def test_a_layer_that_computes_is_told_as_code_and_nothing_else() -> None:
    assert told("config.json", json.dumps(newer(HARMLESS)).encode()) == {
        ("bytecode", "Lambda layer", "import")
    }


def test_functions_of_others_are_known_by_their_names() -> None:
    for module, name, grave in (("os", "system", True), ("keras.activations", "relu", False)):
        document = {"module": module, "class_name": "function", "config": name}
        found = told("config.json", json.dumps({"config": [document]}).encode())
        assert bool(found) == grave


def test_other_descriptions_say_nothing() -> None:
    data = json.dumps({"class_name": "Dense", "config": {"units": 3}, "module": "keras.layers"}).encode()
    assert not told("config.json", data)
    assert not keras_model.wants("config.json", b'{"model_type": "left"}')


@given(st.binary(max_size=200))
def test_any_bytes_are_read(noise: bytes) -> None:
    text = json.dumps(newer(base64.b64encode(noise).decode())).encode()
    for data in (HDF5 + noise + text, text + noise, text[: len(noise)]):
        list(keras_model.read("left.h5", data))
