"""The first look lets nothing pass by, and little through."""

from __future__ import annotations

import pytest

from fimci.capabilities.javascript_names import NAMES
from fimci.readers.code.javascript_syntax import prefilter, words


@pytest.mark.parametrize("module", sorted(prefilter.MODULES))
@pytest.mark.parametrize(
    "form", ["require('{}')", "require ( `{}` )", 'import x from "{}"', "import('{}/x')"]
)
def test_every_module_of_the_catalogue_is_a_gate(module: str, form: str) -> None:
    assert prefilter.look(form.format(module).encode()).parse


def test_what_is_no_module_is_a_global() -> None:
    assert {prefilter.module_of(name) for name in NAMES} >= prefilter.MODULES
    assert prefilter.module_of("discord.js.Client") == "discord.js"
    assert prefilter.module_of("Image().src") == "Image"


@pytest.mark.parametrize(
    "code",
    [
        "exports.a = 1",
        "const a = require('./a'), b = require('left-pad')",
        "/** @param {Function} f the function that is called */",
        "class A { constructor() { this.eval = 1 } prefetch() { isFunction(a) } }",
        "if (process.env.NODE_ENV !== 'production') warn()",
        "var g = Function('return this')()",
        "x instanceof Function && typeof require",
        "(function (global, factory) { factory(global) })(this, f)",
    ],
)
def test_what_tells_nothing_is_not_parsed(code: str) -> None:
    assert not prefilter.look(code.encode()).parse


@pytest.mark.parametrize(
    "code",
    [
        "form.addEventListener('submit',()=>{fetch('https://left.example/f')})",
        "function g(){fetch(u)}",
        "if(a){localStorage.getItem('token')}",
    ],
)
def test_a_block_without_a_blank_is_a_use(code: str) -> None:
    assert prefilter.look(code.encode()).parse


@pytest.mark.parametrize("code", ["/** @type {fetch} */", "const {fetch} = a", "export {fetch}"])
def test_a_brace_that_begins_no_block(code: str) -> None:
    assert not prefilter.look(code.encode()).parse


def test_words() -> None:
    data = b"fetch(); prefetch(); a.fetch(); window.fetch(); f(...fetch); fetched"
    assert [at for at in words.hits(data, b"fetch") if words.free(data, at, 5)] == [0, 53]
    assert [at for at in words.hits(data, b"fetch") if words.free_or_global(data, at, 5)] == [0, 39, 53]
