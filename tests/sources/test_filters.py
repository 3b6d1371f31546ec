"""The conversions of git, held against git itself on content of every kind."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from fimci.sources import filters
from fimci.sources.filters import Attributes
from tests import repository

CONTENTS = {
    "unix": b"one\ntwo\n",
    "dos": b"one\r\ntwo\r\n",
    "mixed": b"one\r\ntwo\n",
    "mac": b"one\rtwo\r",
    "lone": b"one\r\ntwo\rthree\r\n",
    "binary": b"\x00one\r\ntwo\r\n",
    "controls": b"\x01\x02\x03\r\n" * 50,
    "ident": b"$Id: something $ and $Id$\r\n",
    "empty": b"",
}
LINES = [
    "",
    "text",
    "text=auto",
    "-text",
    "eol=lf",
    "eol=crlf",
    "text eol=crlf",
    "crlf",
    "-crlf",
    "ident",
    "text ident",
]


@pytest.mark.client
@pytest.mark.parametrize(("line", "autocrlf"), list(itertools.product(LINES, ["false", "true", "input"])))
def test_what_git_stores_is_what_fimci_reads(tmp_path: Path, line: str, autocrlf: str) -> None:
    where = repository.create(tmp_path, {".gitattributes": f"* {line}\n" if line else ""})
    repository.git(where, "config", "core.autocrlf", autocrlf)
    repository.write(where, {**CONTENTS})
    found = {name: attributes(where, name, autocrlf) for name in CONTENTS}
    for name, data in CONTENTS.items():
        stored = repository.git(where, "hash-object", "-t", "blob", "--path", name, name).strip()
        clean = filters.cleaner(found[name], lambda: b"")
        cleaned = b"".join(clean([data])) if clean is not None else data
        assert blob_id(cleaned) == stored, name


@pytest.mark.client
def test_a_file_that_was_stored_with_returns_keeps_them(tmp_path: Path) -> None:
    where = repository.create(tmp_path, {"dos": CONTENTS["dos"]})
    repository.write(where, {".gitattributes": "* text=auto\n", "dos": b"one\r\nTWO\r\n"})
    clean = filters.cleaner(attributes(where, "dos", "false"), lambda: CONTENTS["dos"])
    assert clean is not None
    repository.git(where, "add", "dos")  # unlike `hash-object`, it looks at what the index has
    stored = repository.git(where, "rev-parse", ":dos").strip()
    assert blob_id(b"".join(clean([b"one\r\nTWO\r\n"]))) == stored


@pytest.mark.client
def test_another_encoding_is_stored_as_utf_8(tmp_path: Path) -> None:
    line = "*.txt text working-tree-encoding=UTF-16LE\n"
    where = repository.create(tmp_path, {".gitattributes": line, "a.txt": "grüße\r\n".encode("utf-16-le")})
    clean = filters.cleaner(attributes(where, "a.txt", "false"), lambda: b"")
    assert clean is not None
    assert b"".join(clean(["grüße\r\n".encode("utf-16-le")])) == "grüße\n".encode()
    assert repository.git(where, "show", "HEAD:a.txt") == "grüße\n"


def test_a_large_file_becomes_its_pointer() -> None:
    clean = filters.cleaner(Attributes(driver="lfs"), lambda: b"")
    assert clean is not None
    pointer = b"".join(clean([b"large", b" file"]))
    digest = hashlib.sha256(b"large file").hexdigest()
    assert pointer.decode().splitlines() == [
        "version https://git-lfs.github.com/spec/v1",
        f"oid sha256:{digest}",
        "size 10",
    ]
    assert b"".join(clean([pointer])) == pointer
    assert b"".join(clean([])) == b""


def test_a_filter_that_is_a_command_is_not_run() -> None:
    clean = filters.cleaner(Attributes(driver="crypt"), lambda: b"")
    assert clean is not None
    with pytest.raises(OSError, match="'crypt'"):
        list(clean([b"data"]))


def test_content_that_is_not_in_its_encoding_cannot_be_read() -> None:
    clean = filters.cleaner(Attributes(encoding="UTF-16LE"), lambda: b"")
    assert clean is not None
    with pytest.raises(OSError, match="UTF-16LE"):
        list(clean([b"odd"]))


def attributes(where: Path, name: str, autocrlf: str) -> Attributes:
    """Ask git for the attributes, so that this test does not lean on what it tests."""
    names = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"]
    words = {"set": True, "unset": False, "unspecified": None}
    told: dict[str, bool | str | None] = {}
    for row in repository.git(where, "check-attr", *names, "--", name).splitlines():
        _, attribute, value = row.split(": ")
        told[attribute] = words.get(value, value)
    return Attributes(
        text=told["text"] if told["text"] is not None else told["crlf"],
        eol=told["eol"],
        ident=told["ident"],
        driver=told["filter"],
        encoding=told["working-tree-encoding"],
        autocrlf=autocrlf,
    )


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
