r"""What kind of text a file is, and which stretches of a source file are strings and comments.

No parser: one regular expression per family of languages tells names from texts. Every
alternative that has begun also ends (an unclosed string with its line, an unclosed comment with
the file) and never gives a character back, so that a scan is linear whatever the bytes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

#: Families of source languages by how they write comments; `data` and `prose` are text throughout.
Family: TypeAlias = Literal[
    "slash", "hash", "python", "php", "dash", "semicolon", "percent", "apostrophe", "data", "prose"
]

_SUFFIXES: dict[Family, str] = {
    "slash": "js mjs cjs jsx ts mts cts tsx vue svelte astro c h cc cpp cxx hpp hh hxx m mm java kt kts scala"
    " groovy gradle go rs swift cs fs dart css scss sass less proto zig v sol hcl tf glsl wgsl d jsonnet nix",
    "hash": "rb rake gemspec sh bash zsh fish ksh pl pm r jl ex exs cr nim tcl awk mk cmake ps1 psm1 psd1"
    " coffee bzl star gd",
    "python": "py pyi pyw pyx pxd pth",
    "php": "php phtml",
    "dash": "lua sql hs elm adb ads vhd vhdl applescript",
    "semicolon": "lisp el clj cljs cljc scm rkt asm s nasm",
    "percent": "tex sty cls erl hrl",
    "apostrophe": "vbs vb bas",
    "data": "json json5 jsonc yaml yml toml ini cfg conf config env properties xml html htm xhtml svg po pot"
    " arb xlf xliff strings ftl resx plist editorconfig npmrc gitconfig gitattributes gitmodules service"
    " desktop bat cmd csproj props targets gyp gypi",
    "prose": "md mdx markdown rst txt adoc mdc cursorrules windsurfrules clinerules",
}
_BY_SUFFIX: dict[str, Family] = {
    suffix: family for family, suffixes in _SUFFIXES.items() for suffix in suffixes.split()
}
_BY_NAME: dict[str, Family] = {
    **dict.fromkeys(("jenkinsfile",), "slash"),
    **dict.fromkeys(
        ("makefile", "gnumakefile", "dockerfile", "containerfile", "gemfile", "rakefile"), "hash"
    ),
    **dict.fromkeys(("vagrantfile", "brewfile", "justfile", "build", "workspace", "procfile"), "hash"),
    **dict.fromkeys((".bashrc", ".profile", ".bash_profile", ".zshrc", ".envrc"), "hash"),
    **dict.fromkeys(("sconstruct", "sconscript"), "python"),
    **dict.fromkeys((".env", ".npmrc", ".yarnrc", ".babelrc", ".eslintrc", ".prettierrc"), "data"),
    **dict.fromkeys(("pipfile", "codeowners", ".gitconfig", ".gitmodules", ".gitattributes"), "data"),
    **dict.fromkeys(("readme", "license", "changelog"), "prose"),
}
#: Families that are text throughout, so that nothing in them is a name of code.
WITHOUT_CODE: frozenset[Family] = frozenset({"data", "prose"})
#: Generated, large, and read by the readers of lockfiles.
_LOCKS = """
    package-lock.json npm-shrinkwrap.json .package-lock.json yarn.lock pnpm-lock.yaml bun.lock deno.lock
    poetry.lock uv.lock pdm.lock pipfile.lock cargo.lock composer.lock gemfile.lock go.sum
"""
_GENERATED = frozenset(_LOCKS.split())
_SHEBANG = 256
_SHEBANGS: tuple[tuple[bytes, Family], ...] = ((b"python", "python"), (b"node", "slash"), (b"deno", "slash"))

#: Escapes in one string that are followed; `re` keeps a note of each.
_ESCAPES = "{0,10000}"
#: A quote has been met (`"`, `'`): the rest of the string, to its end or to the end of the line.
_QUOTED = "".join(
    rf"|(?<={quote})[^{quote}\\\n]*(?:\\.[^{quote}\\\n]*){_ESCAPES}(?P<closed_{name}>{quote})?(?P<{name}>)"
    for name, quote in (("double", '"'), ("single", "'"))
)
_DOUBLE_QUOTED = _QUOTED.partition("|(?<=')")[0]
_BACKTICKED = rf"|(?<=`)[^`\\]*(?:\\.[^`\\]*){_ESCAPES}`?"
_TRIPLED = "".join(rf"|(?<={quote}){quote * 2}.*?(?:{quote * 3}|\Z)" for quote in "\"'")
_BLOCK = r"|(?<=/)(?P<block>\*.*?(?:\*/|\Z))"
#: A pattern of JavaScript, which may hold quotes: a slash where a value is expected.
_BEFORE_VALUE = r"=(,:;!&|?{}\["
_PATTERN = (
    rf"|(?:(?<=[{_BEFORE_VALUE}])|(?<=return))\s{{0,100}}/(?![/*])"
    r"[^/\\\n\[]*(?:(?:\\.|\[(?:[^\]\\\n]|\\.){0,200}\])[^/\\\n\[]*){0,1000}/"
)


def _lexer(first: str, line: str, rest: str) -> str:
    """Begin with one class of characters, for which alone `re` has a fast search."""
    return rf"[{first}](?:{line}(?P<line>[^\n]*){rest})"


_LEXERS: dict[Family, str] = {
    "slash": _lexer(rf"/\"'`n{_BEFORE_VALUE}", "(?<=/)/", _BLOCK + _QUOTED + _BACKTICKED + _PATTERN),
    "php": _lexer("/\"'#", "(?:(?<=/)/|(?<=#))", _BLOCK + _QUOTED),
    "hash": _lexer("\"'#", r"(?<=#)(?<![$\{]#)", _QUOTED),
    "python": _lexer("\"'#", "(?<=#)", _TRIPLED + _QUOTED),
    "dash": _lexer("/\"'-", "(?<=-)-", _BLOCK + _QUOTED),
    "semicolon": _lexer('";', "(?<=;)", _DOUBLE_QUOTED),
    "percent": _lexer('"%', "(?<=%)", _DOUBLE_QUOTED),
    "apostrophe": _lexer("\"'", "(?<=')", _DOUBLE_QUOTED),
}


@functools.cache
def _compiled(family: Family) -> re.Pattern[str]:
    """Compile a lexer once there is text for it: few runs meet text that is not ASCII."""
    return re.compile(_LEXERS[family], re.DOTALL)


class Span(NamedTuple):
    """A stretch of text that is no code: a string, or a comment."""

    start: int
    end: int
    comment: bool


def family(path: str, head: bytes) -> Family | None:
    """Return the family of a text file by its name or shebang; `None`: not looked at."""
    name = path.rpartition("/")[2].lower()
    if name in _GENERATED:
        return None
    _, dot, suffix = name.rpartition(".")
    found = _BY_NAME.get(name) or (_BY_SUFFIX.get(suffix) if dot else None)
    if found is None and name.startswith(("dockerfile.", "makefile.")):
        return "hash"
    if found is None and head.startswith(b"#!"):
        first = head[:_SHEBANG].partition(b"\n")[0]
        return next((family for word, family in _SHEBANGS if word in first), "hash")
    return found


def texts(text: str, family: Family) -> Iterator[Span]:
    """Yield the strings and comments of source text, in order."""
    for match in _compiled(family).finditer(text):
        quote = match.lastgroup
        if quote in {"double", "single"} and match[f"closed_{quote}"] is None:
            continue  # an apostrophe, or a string that only a parser understands: taken for code
        yield Span(match.start(), match.end(), quote in {"line", "block"})
