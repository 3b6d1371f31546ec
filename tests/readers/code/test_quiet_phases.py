"""What runs when a file is loaded, and what is only kept, extended or spoken of there."""

from __future__ import annotations

import pytest

from fimci.model import Capability, Phase
from fimci.readers.code import javascript, python
from tests import growth

_PYTHON = "import subprocess\ndef run(*given):\n    subprocess.run(['left'])\n"
_MADE = "class A:\n    def __init__(self):\n        run()\n"
_JAVASCRIPT = "const cp = require('child_process');\n"


def phases(path: str, code: str) -> set[Phase]:
    """Return when programs are started."""
    module = python if path.endswith(".py") else javascript
    found = module.read(path, code.encode())
    return {one.phase for one in found if isinstance(one, Capability) and one.name == "process"}


@pytest.mark.parametrize(
    "code",
    [
        "import atexit\natexit.register(run)\n",
        "from atexit import register\nregister(run)\n",
        "import codecs\ncodecs.register(run)\n",
        "import os\nos.register_at_fork(before=run)\n",
        "import weakref\nweakref.finalize(object(), run)\n",
        "import threading\nthreading.Thread(target=run).start()\n",
        "import functools\n@functools.singledispatch\ndef f(x): pass\nf.register(int, run)\nf(1)\n",
        "def register(given): given()\nregister(run)\n",
        "class Bus:\n    def register(self, given): given()\nBus().register(run)\n",
        "from .core import register\nregister(run)\n",
        "isinstance = lambda one, other: other()\nisinstance(1, run)\n",
        "import other\nother.go(run)\n",
        f"{_MADE}class B(A): pass\nB()\n",
        f"{_MADE}class B(A): pass\nclass C(B): pass\nC()\n",
        "class A:\n    def __init_subclass__(cls): run()\nclass B(A): pass\n",
        "class A(type):\n    def __new__(c, *a): run()\nclass B(metaclass=A): pass\n",
    ],
)
def test_python_runs(code: str) -> None:
    assert phases("left/x.py", _PYTHON + code) == {"import"}


@pytest.mark.parametrize(
    "code",
    [
        "import app\napp.register(run)\n",
        "import app\napp.register_format('left', run)\n",
        "import argparse\np = argparse.ArgumentParser()\np.set_defaults(func=run)\n",
        f"{_MADE}isinstance(1, A)\n",
        f"{_MADE}class B(A): pass\n",
        f"{_MADE}from typing import cast\ncast(A, 1)\n",
    ],
)
def test_python_keeps(code: str) -> None:
    assert phases("left/x.py", _PYTHON + code) == {"call"}


@pytest.mark.parametrize(
    ("code", "phase"),
    [
        ("class R { action(f) { f() } }; new R().action(RUN)", "import"),
        ("const o = { action: (f) => f() }; o.action(RUN)", "import"),
        ("o.action = function (f) { f() }; o.action(RUN)", "import"),
        ("x.go(RUN)", "import"),
        ("(RUN)()", "import"),
        ("process.on('exit', RUN)", "import"),
        ("program.command('x').action(RUN)", "call"),
        ("vscode.commands.registerCommand('a', RUN)", "call"),
    ],
)
def test_javascript(code: str, phase: Phase) -> None:
    text = _JAVASCRIPT + code.replace("RUN", "() => cp.execFileSync('left')")
    assert phases("x.js", text) == {phase}


def test_many_that_keep_take_linear_time() -> None:
    """Whether a file has hooks, and says itself what a name does, is looked up once."""
    code = _PYTHON + "import app\n"
    growth.is_linear(
        lambda text: phases("left/x.py", text), lambda size: code + "app.register(run)\n" * size, 150
    )
