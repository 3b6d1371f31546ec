from __future__ import annotations

import base64

import pytest

from fimci.model import Capability
from fimci.readers import with_code
from fimci.readers.binary import disguise

SCRIPT = b"const c = require('child_process');\nfunction f(a) { return c.exec(a); }\nmodule.exports = f;\n"
PAYLOAD = b"const x = '" + base64.b64encode(bytes(range(256)) * 3) + b"';\n" + SCRIPT


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + bytes(4)


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"IEND" * 9) + chunk(b"IEND")


def told(path: str, data: bytes) -> list[tuple[str, str]]:
    if not disguise.wants(path, data[:4096]):
        return []
    return [(one.name, one.subject) for one in disguise.read(path, data) if isinstance(one, Capability)]


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a/logo.png", PNG + b"MZ" + bytes(80), [("native-code", "pe behind the end of a picture")]),
        ("a/logo.png", PNG + bytes(3) + b"\x7fELF", [("native-code", "elf behind the end of a picture")]),
        ("a/logo.png", PNG + b"PK\x03\x04", [("obfuscation", "zip archive behind the end of a picture")]),
        ("a/font.woff", SCRIPT, [("obfuscation", "javascript named .woff")]),
        ("a/note.txt", PAYLOAD, [("obfuscation", "javascript named .txt")]),
        ("a/logo.png", PNG, []),
        ("a/logo.png", PNG + bytes(40), []),
        ("a/logo.png", PNG[:30], []),
        ("a/note.txt", SCRIPT, []),
        ("a/note.txt", b"Use it as any other licence.\n" * 40, []),
        ("a/keys.txt", base64.b64encode(bytes(range(256)) * 9), []),
        ("a/font.woff", b"wOFF" + bytes(90), []),
        ("a/empty.png", b"", []),
    ],
)
def test_what_is_disguised(path: str, data: bytes, expected: list[tuple[str, str]]) -> None:
    assert told(path, data) == expected


def test_chunks_without_end() -> None:
    assert told("a.png", b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt") * 150_000) == []
    assert "disguise" in [reader.name for reader in with_code("a/b.png")]
