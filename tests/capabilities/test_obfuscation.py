"""Marks that obfuscators leave, and what looks like them and is none."""

from __future__ import annotations

import string

import pytest

from fimci.capabilities import obfuscation

_SIGNS = [sign for sign in string.printable[:94] if sign not in "\"'\\"]


def kinds(text: str) -> list[str]:
    return [fact.subject for fact in obfuscation.marks(text.encode())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f(a[0x1],0x3)," * 12, ["hex numbers"]),
        ("f(-0x2c6,a=-0x1f)," * 40, ["hex numbers"]),
        ("f(a[0x1],0x3)," * 4, []),
        ("f(a[0x1]);\n" + "some(other, words);\n" * 9, []),
        ("[0x0, 0x1, 0x2c6, 0x4a4],\n" * 40, []),
        ("x = (a & 0xff) << 0x10;\n" * 40, []),
    ],
)
def test_small_numbers_in_hex_are_those_of_a_tool(text: str, found: list[str]) -> None:
    assert kinds(text) == found


def shuffled(signs: list[str], step: int) -> str:
    """Return the signs in another order, each once where the step divides no number of them."""
    return "".join(signs[at * step % len(signs)] for at in range(len(signs)))


@pytest.mark.parametrize("step", [2, 5, 11, 17, 23, 37, 45, 61])
def test_an_alphabet_in_no_order_decodes_texts(step: int) -> None:
    alphabet = shuffled(_SIGNS, step)
    assert kinds(f'var a="{alphabet}";a.indexOf(b)') == ["own alphabet"]
    # As it stands in a text that is made a function of.
    assert kinds(f'Function("var a=\\"{alphabet}\\";a.indexOf(b)")') == ["own alphabet"]


def test_an_alphabet_in_order_is_everybodys() -> None:
    assert not kinds(f'var a="{"".join(_SIGNS)}";a.indexOf(b)')
    some = shuffled(_SIGNS[:70], 3)
    assert not kinds(f'var a="{some}{some[:25]}";a.indexOf(b)')


def test_escapes_count_where_they_stand_in_a_text_of_code_too() -> None:
    escaped = "".join(f"\\x{ord(letter):02x}" for letter in "require('left').run()" * 2)
    assert kinds(f'eval("{escaped}")') == ["escapes"]
    inner = escaped.replace("\\", "\\\\")
    assert kinds(f'Function("a(\\"{inner}\\")")') == ["escapes"]
