"""Functions that are called across files: what they do runs when those run that call them."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability, Phase, Record
from fimci.reach import settled
from fimci.snapshot import Entry

#: Sends something once it is called, exported in the ways that people export.
SEND = {
    "member": 'exports.send = function (x) { fetch("https://left.example/", { body: x }); };',
    "named": 'function send(x) { fetch("https://left.example/"); }\nmodule.exports = { send };',
    "renamed": 'function post(x) { fetch("https://left.example/"); }\nmodule.exports = { send: post };',
    "assigned": 'const post = (x) => fetch("https://left.example/");\nexports.send = post;',
    "helped": (
        'function post(x) { fetch("https://left.example/"); }\nexports.send = function (x) { post(x); };'
    ),
    "nested": (
        "exports.send = function (x) {\n"
        '  return new Promise((done) => { setTimeout(() => fetch("https://left.example/"), 9); });\n};'
    ),
    "method": (
        'class Post { send(x) { fetch("https://left.example/"); } }\nexports.send = (x) => new Post().send();'
    ),
    "module": 'export function send(x) { fetch("https://left.example/"); }',
    "arrow": 'export const send = async (x) => { await fetch("https://left.example/"); };',
    "listed": 'function post(x) { fetch("https://left.example/"); }\nexport { post as send };',
    "wrapped": '(function () { exports.send = function (x) { fetch("https://left.example/"); }; })();',
}
#: The same, where the function is all that the file exports.
ONLY = {
    "function": 'module.exports = function (x) { fetch("https://left.example/"); };',
    "name": 'function post(x) { fetch("https://left.example/"); }\nmodule.exports = post;',
    "arrow": 'module.exports = (x) => fetch("https://left.example/");',
    "module": 'export default function post(x) { fetch("https://left.example/"); }',
    "name of a module": 'function post(x) { fetch("https://left.example/"); }\nexport default post;',
}
CALLS = {
    "at once": 'require("./lib/send").send(1);',
    "taken out": 'const { send } = require("./lib/send");\nsend(1);',
    "another name": 'const { send: tell } = require("./lib/send");\ntell(1);',
    "whole": 'const lib = require("./lib/send");\nlib.send(1);',
    "member": 'const go = require("./lib/send").send;\ngo(1);',
    "imported": 'import { send } from "./lib/send.js";\nsend(1);',
    "imported in few bytes": 'import{send}from"./lib/send.js";\nsend(1);',
    "imported as": 'import { send as tell } from "./lib/send.js";\nvoid tell(1);',
    "imported whole": 'import * as lib from "./lib/send.js";\nlib.send(1);',
    "awaited": 'import { send } from "./lib/send.js";\nawait send(1);',
    "later": 'const { send } = require("./lib/send");\nsetTimeout(send, 10);',
    "through a function": ('const { send } = require("./lib/send");\nfunction main() { send(1); }\nmain();'),
}
CALLS_ONLY = {
    "at once": 'require("./lib/send")(1);',
    "by a name": 'const send = require("./lib/send");\nsend(1);',
    "imported": 'import anything from "./lib/send.js";\nanything(1);',
}
NOT_CALLED = {
    "loaded alone": 'const { send } = require("./lib/send");\nmodule.exports = { send };',
    "in a function": 'const { send } = require("./lib/send");\nexports.tell = (x) => send(process.env.A);',
    "another": 'const { send, init } = require("./lib/send");\ninit();\nexports.send = send;',
    "a program": '#!/usr/bin/env node\nconst { send } = require("./lib/send");\nsend(process.env.A);',
    "its own": 'require("./lib/send");\nsend(1);\nfunction send() { return process.env.A; }',
}


def entry(path: str, text: str) -> Entry:
    return Entry(path=path, read=lambda: iter([text.encode()]))


def phases(files: dict[str, str], name: str = "network") -> dict[str, Phase]:
    entries = [entry(path, text) for path, text in files.items()]
    records: list[Record] = take(entries, sides.recipe(code=True), readers.ALL)
    found = settled(records, project=False)
    return {r.path: r.phase for r in found if isinstance(r, Capability) and r.name == name}


@pytest.mark.parametrize("exported", SEND)
@pytest.mark.parametrize("called", CALLS)
def test_what_is_called_at_load_runs_at_load(exported: str, called: str) -> None:
    told = phases({"index.js": CALLS[called], "lib/send.js": SEND[exported]})
    assert told["lib/send.js"] == "import"


@pytest.mark.parametrize("exported", ONLY)
@pytest.mark.parametrize("called", CALLS_ONLY)
def test_so_does_the_one_function_that_a_file_exports(exported: str, called: str) -> None:
    told = phases({"index.js": CALLS_ONLY[called], "lib/send.js": ONLY[exported]})
    assert told["lib/send.js"] == "import"


@pytest.mark.parametrize("called", NOT_CALLED)
@pytest.mark.parametrize("exported", SEND)
def test_what_is_not_called_then_waits(exported: str, called: str) -> None:
    told = phases({"index.js": NOT_CALLED[called], "lib/send.js": SEND[exported]})
    assert told["lib/send.js"] == "call"


def test_a_script_of_an_installation_calls_at_installation_and_through_others() -> None:
    told = phases(
        {
            "package.json": '{"name": "a", "version": "1.0.0", "scripts": {"postinstall": "node tell"}}',
            "tell.js": 'require("./lib/way").go();',
            "lib/way.js": 'const { send } = require("./send");\nexports.go = () => send(process.env.A);',
            "lib/send.js": SEND["member"],
        }
    )
    assert told == {"lib/send.js": "install"}


@pytest.mark.parametrize("path", ["test/run.js", "examples/run.js", "bin/run.js", ".github/run.js"])
def test_who_only_imports_runs_no_tests_and_no_programs(path: str) -> None:
    told = phases(
        {
            "package.json": '{"name": "a", "version": "1.0.0", "main": "a.js", "bin": "bin/run.js"}',
            path: 'require("../lib/send").send(1);',
            "lib/send.js": SEND["member"],
        }
    )
    assert told == {"lib/send.js": "call"}


def test_an_editor_calls_what_its_extension_activates() -> None:
    manifest = '{"name": "a", "version": "1.0.0", "main": "a.js", "engines": {"vscode": "^1.90.0"}}'
    code = {"a.js": 'exports.activate = () => require("./lib/send").send(1);', "lib/send.js": SEND["named"]}
    assert phases({"package.json": manifest, **code}) == {"lib/send.js": "import"}
    assert phases({"package.json": manifest.replace("vscode", "node"), **code}) == {"lib/send.js": "call"}


#: The same for Python.
PYTHON = {
    "function": "def send(x):\n    requests.get('https://left.example/')\n",
    "helper": "def post():\n    requests.get('https://left.example/')\n\ndef send(x):\n    post()\n",
    "nested": "def send(x):\n    def post():\n        requests.get(1)\n    return post()\n",
    "class": "class send:\n    def __init__(self, x):\n        requests.get('https://left.example/')\n",
    "async": "async def send(x):\n    return requests.get('https://left.example/')\n",
}
PYTHON_CALLS = {
    "from": "from .lib.send import send\nsend(1)\n",
    "as": "from .lib.send import send as tell\ntell(1)\n",
    "module": "from .lib import send\nsend.send(1)\n",
    "absolute": "import os\nfrom pkg.lib.send import send\nos.getlogin()\nsend(1)\n",
    "dotted": "import os\nimport pkg.lib.send\nos.getlogin()\npkg.lib.send.send(1)\n",
    "thread": "import threading\nfrom .lib.send import send\nthreading.Thread(target=send).start()\n",
    "through a function": "from .lib.send import send\n\ndef main():\n    send(1)\n\nmain()\n",
    "in brackets": "from .lib.send import (\n    other,\n    send,\n)\n\nsend(1)\n",
}
PYTHON_NOT = {
    "in a lambda": "from .lib.send import send\nimport os\ntell = lambda: (send(1), os.getlogin())\n",
    "imported alone": "from .lib.send import send\nimport os\nos.getlogin()\n",
    "in a function": "from .lib.send import send\nimport os\n\ndef tell():\n    os.getlogin()\n    send(1)\n",
    "as a program": "from .lib.send import send\nif __name__ == '__main__':\n    send(1)\n",
    "of another package": "from other.lib.send import send\nsend(1)\nimport os; os.getlogin()\n",
}


def package(first: str, code: str) -> dict[str, str]:
    return {
        "pkg/__init__.py": first,
        "pkg/lib/__init__.py": "",
        "pkg/lib/send.py": "import requests\n\n" + code,
    }


@pytest.mark.parametrize("exported", PYTHON)
@pytest.mark.parametrize("called", PYTHON_CALLS)
def test_python_calls_at_import(exported: str, called: str) -> None:
    told = phases(package(PYTHON_CALLS[called], PYTHON[exported]))
    assert told["pkg/lib/send.py"] == "import"


@pytest.mark.parametrize("exported", PYTHON)
@pytest.mark.parametrize("called", PYTHON_NOT)
def test_python_waits_for_what_is_not_called(exported: str, called: str) -> None:
    told = phases(package(PYTHON_NOT[called], PYTHON[exported]))
    assert told["pkg/lib/send.py"] == "call"


def test_a_program_of_python_is_no_import() -> None:
    files = package("", PYTHON["function"])
    files["pkg/__main__.py"] = "from .lib.send import send\nsend(1)\n"
    assert phases(files)["pkg/lib/send.py"] == "call"


def test_functions_that_call_each_other_in_circles_end() -> None:
    one = 'const two = require("./two");\nfunction go() { two.go(); fetch("https://left.example/"); }\n'
    one += "exports.go = go;\n"
    files = {"one.js": one + "go();", "two.js": one.replace("two", "one")}
    assert phases(files) == {"one.js": "import", "two.js": "import"}
