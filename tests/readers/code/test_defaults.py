"""What a parameter is by default is what it may be: it is told, and nothing is taken for granted by it."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability
from fimci.snapshot import Entry

TOLD = {
    "function": 'exports.send = function (x, to = "https://left.example/") { fetch(to, x); };',
    "arrow": 'export const send = (to = "https://left.example/") => fetch(to);',
    "pattern": 'exports.send = ({ to = "https://left.example/" } = {}) => fetch(to);',
    "other name": 'exports.send = ({ to: where = "https://left.example/" }) => fetch(where);',
    "list": 'exports.send = ([to = "https://left.example/"]) => fetch(to);',
    "variable": (
        'exports.send = (options) => { const { to = "https://left.example/" } = options; fetch(to); };'
    ),
    "put together": 'exports.send = (host = "left" + ".example") => fetch("https://" + host + "/");',
    "decoded": 'const at = atob("aHR0cHM6Ly9sZWZ0LmV4YW1wbGUv");\nexports.send = (to = at) => fetch(to);',
    "method": 'class Line { send(x, to = "https://left.example/") { fetch(to, x); } }',
    "given to a list": (
        '[1, 2].forEach(send);\nfunction send(n, at, all, to = "https://left.example/") { fetch(to); }'
    ),
    "of a name": 'exports.send = (ask = fetch) => ask("https://left.example/");',
    "called without it": 'send();\nfunction send(to = "https://left.example/") { fetch(to); }',
}
PYTHON = {
    "function": "def send(to='https://left.example/'):\n    requests.get(to)\n",
    "typed": "def send(x, to: str = 'https://left.example/'):\n    requests.get(to)\n",
    "keyword": "def send(*, to='https://left.example/'):\n    requests.get(to)\n",
    "lambda": "send = lambda to='https://left.example/': requests.get(to)\n",
    "put together": "def send(host='left' + '.example'):\n    requests.get('https://' + host + '/')\n",
    "of a name": "def send(ask=requests.get):\n    ask('https://left.example/')\n",
}


def told(path: str, code: str) -> set[tuple[str, str]]:
    entry = Entry(path=path, read=lambda: iter([code.encode()]))
    found = take([entry], sides.recipe(code=True), readers.ALL)
    return {(r.name, r.subject) for r in found if isinstance(r, Capability)}


@pytest.mark.parametrize("code", TOLD.values(), ids=TOLD)
def test_a_host_by_default_is_told(code: str) -> None:
    assert ("network", "left.example") in told("a.js", code)


def test_so_it_is_in_typescript() -> None:
    code = 'export function send(to: string = "https://left.example/") { return fetch(to); }'
    assert ("network", "left.example") in told("a.ts", code)


@pytest.mark.parametrize("code", PYTHON.values(), ids=PYTHON)
def test_a_host_by_default_of_python_is_told(code: str) -> None:
    assert ("network", "left.example") in told("a.py", f"import requests\n\n{code}")


def test_a_short_function_that_is_not_given_it_is_folded_with_it() -> None:
    code = (
        'function plain(x, how = "base64") { return Buffer.from(x, how).toString(); }\n'
        'fetch(plain("aHR0cHM6Ly9sZWZ0LmV4YW1wbGUv"));'
    )
    assert ("network", "left.example") in told("a.js", code)


def test_what_is_given_counts_before_it() -> None:
    code = 'function send(to = "https://left.example/") { fetch(to); }\nsend("https://right.example/");'
    assert told("a.js", code) == {("network", "right.example")}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.js", 'exports.run = (code = "1") => eval(code);'),
        ("a.js", 'exports.run = (name = "./b") => require(name);'),
        ("a.py", "def run(code='1'):\n    eval(code)\n"),
    ],
)
def test_it_hides_nothing_that_others_may_give(path: str, code: str) -> None:
    assert {name for name, _ in told(path, code)} == {"dynamic-code"}


@pytest.mark.parametrize(
    ("code", "speaks"),
    [
        ('function fill(at, text = "harmless text") { WALK fs.writeFileSync(at + name, text); }', True),
        ('function fill(at = "./", text = "harmless") { WALK fs.writeFileSync(at + name, text); }', True),
        ("function fill(at, text) { WALK fs.writeFileSync(at + name, text); }", False),
        (
            'function fill(at = "./out", text = "harmless") { WALK fs.writeFileSync(at + "a.txt", text); }',
            False,
        ),
        ("function fill(at, text) { WALK fs.writeFileSync(at + name, `${text}\\n`); }", False),
    ],
)
def test_one_text_by_default_for_every_file_of_a_folder_destroys_them(code: str, speaks: object) -> None:
    walk = "for (const name of fs.readdirSync(at))"
    found = told("a.js", f'const fs = require("fs");\nexports.fill = fill;\n{code.replace("WALK", walk)}')
    assert (("filesystem-delete", "what it finds") in found) is speaks
