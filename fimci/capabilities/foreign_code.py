"""Code in languages that no reader understands: by which names it goes, and what single words of it tell.

Such a file is `unanalyzed`, whatever is told of it: nobody shall take silence for a verdict.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.capabilities import foreign_words as words
from fimci.model import Capability, CapabilityName
from fimci.printable import listed, plural

_NAMES: Mapping[str, str] = {
    "Ada": "adb ads",
    "AppleScript": "applescript scpt scptd",
    "Assembler": "s S asm nasm",
    "AutoHotkey": "ahk",
    "AutoIt": "au3",
    "Awk": "awk",
    "C": "c",
    "C#": "cs csx",
    "C++": "cc cpp cxx c++",
    "CMake": "cmake",
    "CoffeeScript": "coffee",
    "Crystal": "cr",
    "CUDA": "cu",
    "CUE": "cue",
    "Cython": "pyx",
    "D": "d",
    "Dart": "dart",
    "Elixir": "ex exs",
    "Erlang": "erl escript",
    "F#": "fs fsx",
    "fish": "fish",
    "Fortran": "f f77 f90 f95 f03 f08",
    "Go": "go",
    "Groovy": "groovy gradle Jenkinsfile jenkinsfile",
    "Haskell": "hs lhs",
    "Java": "java",
    "JScript": "hta jse wsf wsh",
    "Julia": "jl",
    "Kotlin": "kt kts",
    "Lisp": "lisp el clj cljs scm rkt",
    "Lua": "lua",
    "MSBuild": "targets props csproj vbproj fsproj vcxproj",
    "Nim": "nim nims",
    "Nix": "nix",
    "Nushell": "nu",
    "Objective-C": "mm",
    "OCaml": "ml opam",
    "Pascal": "pas dpr",
    "Perl": "pl pm PL",
    "PHP": "php php3 php4 php5 php7 phtml phps inc",
    "R": "r R",
    "registry file": "reg",
    "Ruby": "rb rake gemspec ru podspec",
    "Rust": "rs",
    "Scala": "scala sc sbt",
    "Snakemake": "smk",
    "Starlark": "bzl bazel star",
    "server page": "asp aspx ashx jsp jspx cfm",
    "Swift": "swift",
    "Tcl": "tcl",
    "Terraform": "tf tofu hcl nomad",
    "csh": "csh tcsh",
    "VBScript": "vbs vbe vba bas cls",
    "Vim script": "vim",
    "Visual Basic": "vb",
    "Zig": "zig",
    "archive": "7z rar asar phar crx",
}
#: What is said of a document for tests that cannot be parsed, in a release: that is what it is for.
DAMAGED, DAMAGED_ONES = "document for tests that is not valid", "documents for tests that are not valid"
#: Languages by the endings of names.
LANGUAGES: Mapping[str, str] = {
    f".{ending}": language for language, endings in _NAMES.items() for ending in endings.split()
}
#: The same by whole names.
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("Appfile", "Brewfile", "Dangerfile", "Fastfile", "Gemfile", "Guardfile"), "Ruby"),
    **dict.fromkeys(("Podfile", "Rakefile", "Vagrantfile", ".irbrc", ".pryrc"), "Ruby"),
    **dict.fromkeys(("Berksfile", "Capfile", "Puppetfile"), "Ruby"),
    **dict.fromkeys(("BUILD", "WORKSPACE", "Tiltfile"), "Starlark"),
    **dict.fromkeys((".exrc", ".gvimrc", ".lvimrc", ".nvimrc", ".vimrc"), "Vim script"),
    "CMakeLists.txt": "CMake",
    "Jenkinsfile": "Groovy",
    "Snakefile": "Snakemake",
    "build.xml": "Ant",
    "dune": "OCaml",
    "meson.build": "Meson",
    ".Rprofile": "R",
}
#: The same by the interpreters in a first line.
_INTERPRETERS: Mapping[str, str] = {
    "awk": "Awk",
    "escript": "Erlang",
    "fish": "fish",
    "csh": "csh",
    "groovy": "Groovy",
    "julia": "Julia",
    "lua": "Lua",
    "luajit": "Lua",
    "nu": "Nushell",
    "osascript": "AppleScript",
    "perl": "Perl",
    "php": "PHP",
    "rscript": "R",
    "ruby": "Ruby",
    "swift": "Swift",
    "tclsh": "Tcl",
    "tcsh": "csh",
    "wish": "Tcl",
}
_FIRST = re.compile(
    rb"#![ \t]{0,9}(?:/\S{0,200}/)?(?:env[ \t]{1,9}(?:-\S{1,40}[ \t]{1,9}){0,5})?"
    rb"([A-Za-z]{1,20})[0-9.]{0,9}(?:\s|\Z)"
)


class Sign(NamedTuple):
    """What words of a language tell in one statement: a chain, from a call to what it is given."""

    name: CapabilityName
    subject: str
    call: re.Pattern[str]
    given: re.Pattern[str]


#: Statements that are looked at for each sign, and letters of one.
_CALLS, _STATEMENT = 2_000, 120


_EVALUATES = r"eval|assert|create_function|instance_eval|class_eval|loadstring|load|execute|executeglobal"
_RUNS = rf"{_EVALUATES}|system|exec|shell_exec|passthru|popen|proc_open|os\.execute|exec\.Command"
_DECODES = (
    r"base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|hex2bin|decode_base64|base64decode|base64\.decode\w*"
    r"|Base64\.(?:strict_|urlsafe_)?decode64|unpack1?\(|Zlib(?:::|\.)\w*[Ii]nflate|FromBase64String|b64decode"
)
_FETCHES = (
    r"file_get_contents\(\s*['\"]https?|curl_exec|LWP|HTTP::Tiny|\bget\(\s*['\"]https?|Net::HTTP|URI\.open|open-uri"
    r"|http\.request\(|responseText|responseBody|DownloadString"
)
_ASKED = r"\$_(?:GET|POST|REQUEST|COOKIE)\b|php://input|params\[|request\.(?:form|querystring|params)\b"


def _called(names: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$>.:])(?:{names})[ \t]{{0,9}}[( \t]", re.IGNORECASE)


_SHELLED, _EVALUATED = _called(_RUNS), _called(_EVALUATES)
SIGNS: tuple[Sign, ...] = (
    Sign("encoded-payload", "decoded -> eval", _EVALUATED, re.compile(_DECODES, re.IGNORECASE)),
    Sign("download-and-run", "fetched -> eval", _SHELLED, re.compile(_FETCHES, re.IGNORECASE)),
    Sign("download-and-run", "request -> eval", _SHELLED, re.compile(_ASKED, re.IGNORECASE)),
    Sign(
        "credentials",
        "password dialogue",
        re.compile(r"\bdisplay dialog\b", re.IGNORECASE),
        re.compile(r"\bhidden answer\b", re.IGNORECASE),
    ),
    Sign(
        "persistence",
        r"CurrentVersion\Run",
        re.compile(r"\b(?:RegWrite|RegSetValueEx\w?|RegWriteStringValue|Registry::\w{1,40}|SetValue)\b"),
        re.compile(r"\\CurrentVersion\\{1,2}Run(?:Once)?\b", re.IGNORECASE),
    ),
    Sign(
        "persistence",
        r"CurrentVersion\Run",
        re.compile(r"^\[HKEY[^\]\n]{0,200}\\CurrentVersion", re.IGNORECASE | re.MULTILINE),
        re.compile(r"\\Run(?:Once)?\]", re.IGNORECASE),
    ),
)


def language(path: str, head: bytes) -> str | None:
    """Return the language of a file that no reader understands, `None` for all others."""
    name = path.rpartition("/")[2]
    if name in NAMES:
        return NAMES[name]
    dot = name.rfind(".")
    if dot > 0:
        return LANGUAGES.get(name[dot:])
    found = _FIRST.match(head)
    return _INTERPRETERS.get(found[1].decode().lower()) if found is not None else None


def signs(text: str) -> Iterator[tuple[Sign, int, str]]:
    """Yield each sign with where its first statement stands, and that."""
    for sign in SIGNS:
        if sign.given.search(text) is None:
            continue
        for found in itertools.islice(sign.call.finditer(text), _CALLS):
            rest = _END.split(text[found.end() : found.end() + _STATEMENT], maxsplit=1)[0]
            if sign.given.search(rest) is not None and (
                found[0][:6].lower() != "assert" or words.PHP.search(rest)
            ):
                yield sign, found.start(), found[0] + rest
                break


_END = re.compile(r"[;\n]")


def is_foreign(capability: Capability) -> bool:
    """Tell whether it says that a whole language is not understood, and not that a file is odd.

    A document that is damaged on purpose is of the kind.
    """
    known = capability.subject in _NAMES or capability.subject in {DAMAGED, "Meson"}
    return capability.name == "unanalyzed" and known


def sentences(unanalyzed: Iterable[Capability]) -> Iterator[str]:
    """Say which languages are there that nobody judges, and in how many files."""
    files: dict[str, set[str]] = {}
    for one in unanalyzed:
        files.setdefault(one.subject, set()).add(one.path)
    damaged = len(files.pop(DAMAGED, ()))
    if damaged:
        yield f"{plural(damaged, DAMAGED, DAMAGED_ONES)}: left out"
    if files:
        those = [f"{name} ({plural(len(paths), 'file')})" for name, paths in sorted(files.items())]
        yield f"no reader judges what it can do: {listed(those)}"
