"""What no line calls by its name: when properties, items of tables and finders run, and when they do not."""

from __future__ import annotations

import pytest

from fimci.model import Capability
from fimci.readers.code import javascript, python

_RUNS = "os.system('id')"
_SHELL = "require('child_process').execSync('id')"


def _phase(path: str, text: str) -> str:
    reader = javascript if path.endswith(".js") else python
    found = [one for one in reader.read(path, text.encode()) if isinstance(one, Capability)]
    return next(one.phase for one in found if one.name in {"shell", "process"})


_BOX = f"import os\nclass Box:\n    @property\n    def size(self):\n        {_RUNS}\n"
_GO = f"    return f\n@keep\ndef go():\n    {_RUNS}\n"
_TABLE = "import os\nT = {}\ndef keep(f):\n    T[f.__name__] = f\n" + _GO
_LIST = "import os\nL = []\ndef keep(f):\n    L.append(f)\n" + _GO
_FINDER = f"import os, sys\nclass Finder:\n    def find_spec(self, name):\n        {_RUNS}\n"
_CLASS = f"class Box {{ get size() {{ return {_SHELL} }} }}\n"
_OBJECT = f"const box = {{ get size() {{ return {_SHELL} }} }};\n"


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        (_BOX + "Box().size", "import"),
        (_BOX + "box = Box()\nprint(box.size)", "import"),
        (_BOX + "    def __init__(self):\n        self.size\nBox()", "import"),
        (_BOX, "call"),
        (_BOX + "box = Box()\ndef show():\n    return box.size", "call"),
        (_BOX + "    def __repr__(self):\n        return f'{self.size}'\nbox = Box()", "call"),
        (_TABLE + "T['go']()", "import"),
        (_TABLE + "T.get('go', None)()", "import"),
        (_TABLE + "for one in T.values(): one()", "import"),
        (_TABLE + "def main(name):\n    T[name]()", "call"),
        (_TABLE + "NAMES = sorted(T)", "call"),
        (_TABLE + "for one in T: print(one)", "call"),
        (_LIST + "[one() for one in L]", "import"),
        (_LIST + "def main():\n    [one() for one in L]", "call"),
        (_FINDER + "sys.meta_path.insert(0, Finder())", "import"),
        (_FINDER + "def install():\n    sys.meta_path.insert(0, Finder())", "call"),
    ],
)
def test_of_python(text: str, phase: str) -> None:
    assert _phase("pkg/a.py", text) == phase


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        (_OBJECT + "box.size;", "import"),
        (_OBJECT + "box['size'];", "import"),
        (_OBJECT + "const {size} = box;", "import"),
        (_OBJECT + "box.sizes;", "call"),
        (_OBJECT + "exports.show = () => box.size;", "call"),
        (_CLASS + "new Box().size;", "import"),
        (_CLASS + "exports.show = box => box.size;", "call"),
        (_CLASS + "document.size;", "call"),
        (_CLASS.replace("get", "static get") + "Box.size;", "import"),
        (_CLASS + "new Box(); exports.size = 1;", "call"),
    ],
)
def test_of_javascript(text: str, phase: str) -> None:
    assert _phase("a.js", text) == phase
