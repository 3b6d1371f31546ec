"""setup.py: what is stated, what is computed, and what runs; nothing is executed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Package, Record, Unread
from fimci.readers.manifests import setup_py
from tests.readers import seen

PLAIN = """\
from setuptools import setup, find_packages

VERSION = "1.0.0"
NEEDED = ["requests>=2", "tomli; python_version < '3.11'"]

setup(
    name="left",
    version=VERSION,
    packages=find_packages(),
    install_requires=NEEDED,
    setup_requires="wheel\\n# no more\\n",
    extras_require={"test": ["pytest"], "docs": ["sphinx @ https://files.example/sphinx.tar.gz"]},
)
"""


def records(text: str) -> list[Record]:
    return list(setup_py.read("setup.py", text.encode("utf-8", "surrogatepass")))


def scripts(text: str) -> dict[str, str]:
    return {one.subject: one.detail for one in records(text) if isinstance(one, Capability)}


def requirements(text: str) -> dict[str, tuple[object, int]]:
    return {
        one.place.partition("#")[2]: (one.version, one.at.line)
        for one in records(text)
        if isinstance(one, Package)
    }


def test_wants_what_setuptools_would_run() -> None:
    assert setup_py.wants("setup.py", b"")
    assert setup_py.wants("tools/setup.py", b"")
    assert not setup_py.wants("node_modules/x/setup.py", b"")
    assert not setup_py.wants("my_setup.py", b"")


def test_literals_are_stated_with_their_lines_and_nothing_runs() -> None:
    assert requirements(PLAIN) == {
        "install_requires/requests": (">=2", 4),
        "install_requires/tomli": ('; python_version < "3.11"', 4),
        "setup_requires/wheel": ("", 11),
        "optional/test/pytest": ("", 12),
        "optional/docs/sphinx": ("", 12),
    }
    assert scripts(PLAIN) == {}
    assert len(records(PLAIN)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "from setuptools import setup\nsetup()\n",
        '"""Says what it is."""\nimport os, sys\nfrom distutils.core import setup\nsetup(name="x")\n',
        'if __name__ == "__main__":\n    import setuptools\n    setuptools.setup(version="1.0")\n',
        "try:\n from setuptools import setup\nexcept ImportError:\n import distutils\nsetup()",
    ],
)
def test_a_plain_call_runs_nothing(text: str) -> None:
    assert scripts(text) == {}


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("import os\nos.system('true')", "os.system('true')"),
        ("exec(open('v.py').read())", "exec(open('v.py').read())"),
        ("import build_helper", "import build_helper ["),
        ("from . import helper", "from . import helper ["),
        ("import sys\nsys.path[0:0] = ['tools']", "sys.path[0:0] = ['tools'] ["),
        ("def read():\n    return 1", "def read(): return 1 ["),
        ("X = __import__('os')", "__import__('os')"),
        ("from os import system as setup", "from os import system as setup ["),
        ("from distutils.dir_util import remove_tree as find_packages", "from distutils.dir_util "),
        ("import os as setuptools", "import os as setuptools ["),
        ("import os\nsetup = os.system", "setup = os.system ["),
        ("import os\nsetup, x = os.system, 1", "setup, x = os.system, 1 ["),
        ("for x in []:\n    pass", "for x in []: pass ["),
    ],
)
def test_what_runs_is_one_script(code: str, shown: str) -> None:
    detail = scripts(f"{code}\n{PLAIN}")["setup.py"]
    assert detail.startswith(shown)
    assert scripts(f"# other words\n{code}  # here\n{PLAIN.replace('1.0.0', '2.0.0')}")["setup.py"] == detail
    assert scripts(f"{code}\nopen('x')\n{PLAIN}")["setup.py"] != detail


def test_a_computed_argument_runs() -> None:
    assert scripts(PLAIN.replace("VERSION,", "read('V'),"))["setup.py"].startswith("read('V') [")


def test_the_worst_calls_are_named_first() -> None:
    calls = "".join(f"a{n}()\n" for n in range(20)) + "import subprocess\nsubprocess.run(['true'])\n"
    detail = scripts(calls + PLAIN)["setup.py"]
    assert detail.startswith("subprocess.run(['true']), a0(), ")
    assert ", 13 more [" in detail


@pytest.mark.parametrize(
    "argument",
    [
        "cmdclass={'install': Evil}",
        "cmdclass=dict(install=Evil)",
        "cmdclass=COMMANDS",
        "**{'cmdclass': {'install': Evil}}",
    ],
)
def test_replaced_commands_are_told_by_name(argument: str) -> None:
    text = f"from setuptools import setup\nCOMMANDS = {{'install': Evil}}\nsetup(\n    {argument})\n"
    assert scripts(text)["cmdclass install"] == "Evil"


def test_computed_commands_are_told_too() -> None:
    assert scripts("from setuptools import setup\nsetup(cmdclass=versioneer.get_cmdclass())\n")[
        "cmdclass"
    ] == ("versioneer.get_cmdclass()")


def test_what_is_computed_is_said_not_stated() -> None:
    text = "from setuptools import setup\nsetup(install_requires=open('r').read(),\n extras_require=E,\n"
    assert seen.switches(records(text + " tests_require=[x])\n")) == {
        "install_requires": ("(computed)", 2),
        "extras_require": ("(computed)", 3),
        "tests_require": ("(computed)", 4),
    }


def test_where_else_it_is_told_to_look() -> None:
    text = "from setuptools import setup\nsetup(dependency_links=['https://u:p@evil.example/'])\n"
    assert seen.switches(records(text)) == {"dependency_links": ("['https://***@evil.example/']", 2)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("setup(\n", 1),
        ("x = 1\n<<<<<<< ours\n", 2),
        ("from setuptools import setup\nsetup(install_requires=['?'])\n", 2),
        ("\ud800", 1),
        ("x = " + "(" * 5000, 1),
        ("#" * 600_000, 1),
        ("x = " + "-" * 20_000 + "1\n", 1),
        ("a" + ".b" * 5000 + "()\n", 1),
    ],
)
def test_what_cannot_be_read_is_unread(text: str, line: int) -> None:
    found = [one for one in records(text) if isinstance(one, Unread)]
    assert [one.line for one in found] == [line] or (not found and scripts(text))


FRAGMENTS = st.sampled_from(
    [
        *("setup(", ")", "cmdclass=", "{", "}", "'a'", ":", "lambda: 0", "install_requires=", "[", "]"),
        *(",", "\n", "if x:\n ", "import os\n", "X = ", "X", "**", "dict(", "f'{x}'", "try:\n "),
        *("except:\n ", "pass\n", "\0", "\x0c", "1", "="),
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(FRAGMENTS, max_size=20))
def test_never_raises(parts: list[str]) -> None:
    found = records("from setuptools import setup\n" + "".join(parts))
    keys = [record.key for record in found]
    assert len(set(keys)) == len(keys)
