from __future__ import annotations

import importlib.util
import marshal
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability
from fimci.readers import with_code
from fimci.readers.binary import python_bytecode
from fimci.readers.binary.marshalled import Broken, contents

MAGIC = int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
HEADER = importlib.util.MAGIC_NUMBER + bytes(12)


def compiled(source: str) -> bytes:
    return HEADER + marshal.dumps(compile(source, "left.py", "exec"))


def told(data: bytes) -> set[tuple[str, str]]:
    assert python_bytecode.wants("left.pyc", data)
    return {(record.name, record.subject) for record in python_bytecode.read("left.pyc", data)}


def names(code: types.CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*(names(one) for one in inner))


SOURCE = '''
"""See https://docs.example/ and ~/.npmrc for more."""
import subprocess, socket as s
from urllib.request import urlopen
HOSTS = ("https://relay.example/x", {"deep": ["~/.aws/credentials"]})
BIG, SMALL, FLOAT, SLICE = 2 ** 80, -1, 1.5j, slice(1, 2)
def f(a, *, b=frozenset({1, 2})):
    """Look at https://docs.example/."""
    return lambda: [x[1:2] for x in a if x in {"k", "l"}]
'''


def test_modules_and_constants() -> None:
    found = list(python_bytecode.read("left.pyc", compiled(SOURCE)))
    assert {(one.name, one.subject) for one in found} == {
        ("network", "*"),
        ("network", "relay.example"),
        ("credentials", ".aws/credentials"),
    }
    assert {one.phase for one in found} == {"import"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\ndef f(x): os.system(x)", {("shell", "*")}),
        ("from os import system as s\ns('id')", {("shell", "*")}),
        ("import requests, os\nrequests.post(U, os.environ['X'])", {("network", "*"), ("environment", "*")}),
        ("import os\ndef f(): return os.getenv('X'), os.path.join('a')", {("environment", "*")}),
        (
            "import os, json\njson.dumps(dict(os.environ.items()))",
            {("environment", "*"), ("environment-bulk", "*")},
        ),
        ("import urllib.request\nurllib.request.urlopen(U)", {("network", "*")}),
        ("import subprocess\nsubprocess.run(X)", {("process", "*")}),
        ("exec(x)", {("dynamic-code", "*")}),
        ("import os, platform\nplatform.system()\nos.getcwd()", {("system-information", "platform.system")}),
        ("import subprocess, os, socket", set()),
        ("x.system()\ny.run()\nz.environ", set()),
    ],
)
def test_names_are_put_together(source: str, expected: set[tuple[str, str]]) -> None:
    assert told(compiled(source)) == expected


def test_code_in_a_constant() -> None:
    inner = marshal.dumps(compile(SOURCE, "x", "exec"))
    assert ("encoded-payload", "marshalled code") in told(
        compiled(f"import marshal\nexec(marshal.loads({inner!r}))")
    )


def test_names_are_those_that_python_reads() -> None:
    paths = sorted(Path(types.__file__).parent.glob("[a-d]*.py"))
    assert paths
    for path in paths:
        code = compile(path.read_bytes(), "x", "exec")
        assert set().union(*contents(marshal.dumps(code), 0, MAGIC).names) == names(code)


def test_what_is_not_looked_at() -> None:
    data = compiled("import subprocess")
    assert not python_bytecode.wants("left/__pycache__/left.cpython-311.pyc", data)
    assert not python_bytecode.wants("left.pyc", b"left")
    assert "python-bytecode" in {reader.name for reader in with_code("left.pyc")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it ends too early"),
        (b"\xe3", "it ends too early"),
        (b"?", "an object of an unknown kind"),
        (b"0", None),
        (b"r\x05\0\0\0", "a reference to nothing"),
        (b"(\xff\xff\xff\xff", "a size beyond the end"),
        (b"(\xff\xff\xff\x7f", "a size beyond the end"),
        (b"l\xff\xff\xff\x7f", "it ends too early"),
        (b")\x01" * 600 + b"N", "nested too deeply"),
        (b")\x010", "an end where there is nothing to end"),
        (b"{NN0", None),
        (b":NNN", None),
    ],
)
def test_damage(data: bytes, why: str | None) -> None:
    if why is None:
        contents(data, 0, MAGIC)
    else:
        with pytest.raises(Broken, match=why):
            contents(data, 0, MAGIC)


def test_references_that_multiply_are_counted() -> None:
    """Each list has the one before it twice: a kilobyte that stands for more texts than there is memory."""
    lists = b"".join(b"\xa9\x02r" + bytes((n, 0, 0, 0)) + b"r" + bytes((n, 0, 0, 0)) for n in range(60))
    body = b")\x3d" + b"\xfa\x01a" + lists
    code = b"c" + bytes(20) + b"s\0\0\0\0" + body + b")\0" * 6 + bytes(4) + b"NN"
    with pytest.raises(Broken, match="more than"):
        contents(code, 0, 3495)


def test_damage_is_told_and_bound_to_the_bytes() -> None:
    whole = compiled("x = 1")
    (one,), (other,) = (list(python_bytecode.read("a.pyc", data)) for data in (whole[:40], whole[:41]))
    assert one.name == "unanalyzed"
    assert one.key == other.key
    assert one != other
    assert told(b"\x03\xf3\r\n" + bytes(40)) == {
        ("unanalyzed", "bytecode: of a version of Python that is not known")
    }


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damage_raises_nothing(data: st.DataObject) -> None:
    changed = bytearray(compiled(SOURCE))
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(16, len(changed) - 1))] = data.draw(st.integers(0, 255))
    for record in python_bytecode.read("a.pyc", bytes(changed[: data.draw(st.integers(20, len(changed)))])):
        assert isinstance(record, Capability)
