"""Code that is run and that does not stand in its file; and texts that make readers look for too long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fimci import readers, sides
from fimci.capabilities.python_names import NAMES
from fimci.capabilities.uses import Use, Value
from fimci.look import take
from fimci.model import Capability, Unread
from fimci.readers.code.unwritten import _READ, Unwritten
from fimci.snapshot import Entry
from tests import growth

#: One text as people write it in a line: ends of lines and quotes are escaped, and no word is hidden.
WRITTEN = {
    "a.py": 'exec("a=1\\nb=2\\nc=3\\nd=4\\n")\nexec("f(\\"a\\",\\"b\\",\\"c\\")")\n',
    "b.py": "exec('f(\\'a\\',\\'b\\',\\'c\\')')\n",
    "a.js": 'eval("x=1\\ny=2\\nz=3\\nw=4\\n");\nnew Function("f(\\"a\\",\\"b\\",\\"c\\")")();\n',
    "b.js": "eval('f(\\'a\\',\\'b\\',\\'c\\')');\n",
}
HIDDEN = {
    "a.py": "exec('\\x66\\x28\\x22\\x61\\x22\\x2c\\x22\\x62\\x22\\x29')\n",
    "b.py": 'exec(")4(d;)3(c;)2(b;)1(a"[::-1])\n',
    "a.js": 'eval("\\x66\\x28\\x22\\x61\\x22\\x2c\\x22\\x62\\x22\\x29");\n',
    "b.js": 'eval(")4(d;)3(c;)2(b;)1(a".split("").reverse().join(""));\n',
}


def records(path: str, text: str) -> list[object]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    return list(take([entry], sides.recipe(code=True), readers.ALL))


def payloads(path: str, text: str) -> list[Capability]:
    return [r for r in records(path, text) if isinstance(r, Capability) and r.name == "encoded-payload"]


@pytest.mark.parametrize("path", WRITTEN)
def test_a_text_with_escaped_ends_of_lines_is_not_hidden(path: str) -> None:
    assert not payloads(path, WRITTEN[path])


@pytest.mark.parametrize("path", HIDDEN)
def test_a_text_of_which_nothing_stands_there_is(path: str) -> None:
    assert payloads(path, HIDDEN[path])


def test_what_is_no_longer_looked_for_is_said() -> None:
    use = Use("exec", "call", 1, "exec(…)", (Value(text="nowhere to be found"),))
    looked = Unwritten(b"x" * 1_000_000, NAMES)
    assert "decoded" in looked.decoded(use).arguments[0].flows
    assert not looked.capped
    for _ in range(_READ // 1_000_000):
        looked.decoded(use)
    assert looked.capped
    assert looked.decoded(use) is use


#: Texts that are small, and of which patterns with two ways to divide a run make minutes or hours.
LONG: dict[str, Callable[[int], str]] = {
    "blanks.js": lambda size: "require('./a'); a();\nimport" + " " * size + "x",
    "exports.js": lambda size: (
        "const cp = require('child_process');\nfunction go() { cp.execSync('id'); }\nexports.go = go;\n"
        + ("export {" + "a" * 1000 + " " * 980 + "-};\n") * (size // 2_000)
    ),
    "imports.py": lambda size: "import " * size,
    "members.py": lambda size: (
        "import os\ndef go():\n  os.system('id')\na." + "b" * size + "\n" + "from . import a\n" * 200
    ),
    "macros.m4": lambda size: ("X([| sh]" + "[a]" * 1300 + ")\n") * (size // 2_000),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("path", LONG)
def test_hostile_texts_are_read_in_linear_time(path: str) -> None:
    growth.is_linear(lambda text: records(f"pkg/{path}", text), LONG[path], 100_000)
    found = records(f"pkg/{path}", LONG[path](400_000))
    if path.endswith(".m4"):
        assert any(isinstance(one, Unread) for one in found)
