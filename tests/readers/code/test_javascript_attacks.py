"""Malicious idioms as they are written for npm, inert: each must be told by its name, at its line.

A case file holds one kind, its cases behind each other. The line that is the evidence ends in `// <-`; a case
without one must not be told. In `capabilities.txt` the first line says what must be told (`*`: any subject).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci.model import Capability
from fimci.readers.code import javascript

_CASES = Path(__file__).parents[3] / "fixtures" / "attacks" / "javascript"
_MARK = " // <-"
_CHAINS = ("exfiltration", "download-and-run", "encoded-payload", "self-propagation", "module-tampering")


def cases(kind: str) -> list[str]:
    return [case.strip("\n") for case in (_CASES / f"{kind}.txt").read_text().split("=====\n")]


def told(code: str, path: str) -> list[Capability]:
    return [found for found in javascript.read(path, code.encode()) if isinstance(found, Capability)]


@pytest.mark.parametrize("path", ["x.js", "x.mts"])
@pytest.mark.parametrize(
    ("chain", "code"), [(chain, case) for chain in _CHAINS for case in cases(chain)], ids=lambda v: v[:40]
)
def test_a_chain_is_told_at_its_line(chain: str, code: str, path: str) -> None:
    marked = [number for number, line in enumerate(code.split("\n"), 1) if line.endswith(_MARK)]
    found = {record.at.line for record in told(code.replace(_MARK, ""), path) if record.name == chain}
    assert found >= set(marked) if marked else not found


@pytest.mark.parametrize("path", ["x.cjs", "x.ts"])
@pytest.mark.parametrize("case", cases("capabilities"), ids=lambda case: case[:40])
def test_a_capability_is_told_with_its_subject(case: str, path: str) -> None:
    head, _, code = case.partition("\n")
    name, _, subject = head.removeprefix("//: ").partition(" ")
    found = {record.subject for record in told(code, path) if record.name == name}
    assert subject in found or (subject == "*" and found), found


@pytest.mark.parametrize("code", cases("obfuscated"), ids=["plain", "base64", "rc4", "numbers"])
def test_what_an_obfuscator_took_apart_is_put_together(code: str) -> None:
    found = {(record.name, record.subject) for record in told(code, "x.js")}
    assert found >= {
        ("credentials", ".npmrc"),
        ("network", "drop.example"),
        ("exfiltration", "environment -> drop.example"),
        ("exfiltration", "secret -> drop.example"),
        ("download-and-run", "files.example -> sh"),
        ("download-and-run", "fetched -> eval"),
    }
