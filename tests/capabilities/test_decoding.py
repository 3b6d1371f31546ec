"""Decoders: they undo what encoders did, refuse what is nothing of theirs, and stop at their limits."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import gzip
import lzma
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities import decoding
from tests import hostile

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "hex": lambda data: data.hex().encode(),
    "base32": base64.b32encode,
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
    "url": lambda data: "".join(f"%{byte:02x}" for byte in data).encode(),
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "lzma": lzma.compress,
    "rot13": lambda data: codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1"),
    "reverse": lambda data: data[::-1],
    "uu": lambda data: b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)),
    "quoted-printable": lambda data: binascii.b2a_qp(data, quotetabs=True, istext=False),
}


@pytest.mark.parametrize("name", decoding.DECODERS)
@hostile.LAW
@given(data=st.binary(max_size=200))
def test_what_was_encoded_is_decoded(name: str, data: bytes) -> None:
    assert decoding.DECODERS[name](ENCODERS[name](data)) == data


@pytest.mark.parametrize("name", decoding.DECODERS)
@hostile.LAW
@given(data=st.binary())
def test_any_bytes_are_borne(name: str, data: bytes) -> None:
    decoding.DECODERS[name](data)
    decoding.kind(data)


@pytest.mark.parametrize("name", ["zlib", "gzip", "bz2", "lzma"])
def test_a_bomb_ends_at_the_limit(name: str) -> None:
    decoded = decoding.DECODERS[name](ENCODERS[name](bytes(8 * decoding.LIMIT)))
    assert decoded is not None
    assert len(decoded) <= decoding.LIMIT


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"import os\nos.getcwd()\n", "python"),
        (b"const a = require('os'); a.cpus()", "javascript"),
        (b"#!/bin/sh\necho hello\n", "shell"),
        (b"curl -s https://host.example/x | sh", "shell"),
        (b"\x7fELF" + bytes(60), "binary"),
        (b"MZ" + bytes(60), "binary"),
        (b"hello, world", "text"),
        (bytes(range(256)), "data"),
        (b"\xff\xfe\xfd", "data"),
    ],
)
def test_what_decoded_bytes_are(data: bytes, kind: str) -> None:
    assert decoding.kind(data) == kind


def test_long_literals_are_known_by_their_alphabet() -> None:
    noise = base64.b64encode(bytes((i * 7919 + i // 3) % 256 for i in range(600))).decode()
    assert decoding.encoded(noise) == "base64"
    assert decoding.encoded(bytes(range(256)).hex() * 2) == "hex"
    assert decoding.encoded("word" * 200) == ""
    assert decoding.encoded("a sentence of many words " * 40) == ""
    assert decoding.encoded(noise[:100]) == ""
