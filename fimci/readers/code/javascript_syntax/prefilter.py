"""Whether a text can tell anything at all, and where in it: without parsing, since most files cannot.

The reader finds names of the outside world, and each of them comes through a gate: a module that is loaded
by its name, a loader whose argument is no plain text, or a global name. A text without any gate has no
capability; what it loads of its own package is found here too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Reference
from fimci.readers.code import sought
from fimci.readers.code.javascript_syntax import words
from fimci.readers.code.javascript_syntax.loads import calls_at_once

#: The global names of the catalogue; all others in it are modules and packages.
GLOBALS_TEXT = (
    "ActiveXObject Array AsyncFunction AsyncGeneratorFunction Blob Buffer Bun Deno EventSource FormData "
    "Function GeneratorFunction Image JSON Object Promise RTCPeerConnection Request String URL "
    "URLSearchParams WebAssembly WebSocket WebTransport Worker XMLHttpRequest atob browser btoa chrome "
    "cookieStore decodeURI decodeURIComponent document encodeURI encodeURIComponent escape ethereum "
    "eval execScript fetch import importScripts localStorage navigator phantom process require "
    "sessionStorage setImmediate setInterval setTimeout solana structuredClone tronWeb unescape unisat"
)
GLOBALS = frozenset(GLOBALS_TEXT.split())
#: Packages with a dot in their name.
_DOTTED = ("discord.js", "@solana/web3.js")


def module_of(name: str) -> str:
    """Return the module or global that a dotted name begins with."""
    dotted = next((package for package in _DOTTED if name.startswith(package)), "")
    return dotted or re.split(r"[.(]", name, maxsplit=1)[0]


#: Modules and packages of the catalogue.
MODULES = frozenset(module_of(name) for name, api in NAMES.items() if api.name) - GLOBALS
_MODULE_WORDS = frozenset(name.encode() for name in MODULES)

#: What is loaded by a plain name.
_LOADED = re.compile(
    rb"""(?:require(?:[\w$]{0,24}|\.resolve)\s*(?:\?\.)?\(|from|import\s*\(|import)\s*["'`]([^"'`\\\s<>]{1,200})["'`]"""
)
#: How browserify loads modules of Node.js, after names were shortened: `e("fs")`.
CORE_TEXT = (
    "child_process fs fs/promises http https http2 net tls dns dgram vm worker_threads cluster zlib os"
)
CORE = frozenset(CORE_TEXT.split())
SHORT = re.compile(rb"(?<![\w$.])[\w$]{1,3}\([\"'](?:" + "|".join(sorted(CORE)).encode() + rb")[\"']\)")
BROWSERIFY = b"MODULE_NOT_FOUND"

_PLAIN = rb"(?:[\"'][^\"'`\\\n]*[\"']|`[^`$\\\n]*`)"


def _gate(word: str, behind: str = r"(?![\w$])", before: str = "") -> tuple[bytes, re.Pattern[bytes]]:
    return word.encode(), re.compile(f"{before}{re.escape(word)}{behind}".encode())


#: What fetches something in a command line, which another file may be given to run.
FETCHES = r"\b(?:curl|wget|iwr|irm|certutil|bitsadmin|Invoke-WebRequest)\s"
#: Names that are a gate wherever they stand alone or behind a global object.
_NAMES_TEXT = (
    b"fetch Deno XMLHttpRequest WebSocket EventSource RTCPeerConnection webkitRTCPeerConnection WebTransport "
    b"importScripts WebAssembly execScript ActiveXObject localStorage sessionStorage tronWeb cookieStore"
)
_NAMES = tuple(_NAMES_TEXT.split())
#: Before a name: no quote, no path, no tag of a comment, no key of a table.
_QUOTED = frozenset((b'"', b"'", b"`", b"@", b"/", b"-", b"{"))
#: What stands behind a brace is used where the brace begins a block: `()=>{fetch(`.
_BEGINS_BLOCK = re.compile(rb"\{[\w$]+[(.\[]")
_NOT_USED = re.compile(
    rb"\s*[:\"'`]|\s+(?:is|are|or|and|the|to|API|request|implementation|instance|server|client)\b"
)
#: Words that every text with such a gate contains, and what shows that it is one.
_GATES: tuple[tuple[bytes, re.Pattern[bytes]], ...] = (
    _gate("eval", r"\s*(?:\(|[,;)\]}]|\?\.|\.\s*(?:call|apply|bind)\b|[\"'`]\s*\])", r"(?<![\w$@-])"),
    _gate(
        "Function",
        r"\s*(?:\((?!\s*[\"'`]return this[\"'`]\s*\)\s*\(\s*\)(?!\s*[\[.]))"
        r"|[;,)=](?!=)|\.\s*(?:call|apply|bind)\s*\((?!\.))",
        r"(?<![\w$@{|<\"'`\]])(?<!instanceof )(?<!object )",
    ),
    _gate(
        "constructor",
        r"[\"'`]?\s*\]?\s*(?:\(\s*(?:[\"'`]|decodeURI|unescape|atob|String\.|Buffer\.)|\.\s*(?:constructor|_load)|\[|\)?\s*\(\s*[\w$]+\s*\)\s*\()",
        r"(?<=[.\"'`])",
    ),
    _gate("constructor", r"(?![\w$])", r"(?<=[})]\.)"),
    _gate("setTimeout", r"\s*\(\s*(?:[\"'`]|atob|String\b|Buffer\b)", r"(?<![\w$])"),
    _gate("setInterval", r"\s*\(\s*(?:[\"'`]|atob|String\b|Buffer\b)", r"(?<![\w$])"),
    *(_gate(name, r"(?![\w$])", r"(?:(?<=\} = )|(?<=\}=))") for name in ("globalThis", "window", "global")),
    _gate(
        "process",
        r"(?:\s*(?:\?\.|\.)\s*(?:env(?![\w$])(?!\.NODE_ENV\b)|binding|_linkedBinding|dlopen|mainModule|cwd|platform|arch"
        r"|getuid|geteuid|ppid|report|getBuiltinModule)(?![\w$])|\s*(?:\[|[;,)}])|[\"'`]\s*\])",
        r"(?:(?<![\w$.@/-])|(?<=\.\.\.)|(?<=globalThis\.)|(?<=global\.)|(?<=window\.))",
    ),
    _gate(
        "require",
        rf"\s*(?:\(\s*(?!\s|{_PLAIN.decode()}\s*\))[^)]|\.\s*(?:cache|extensions|main|call|apply|bind)\b|\[|[;}}]|,(?!\s*(?:module|exports)))",
        r"(?<![\w$@\"'`-])(?<!typeof )",
    ),
    _gate(
        "import",
        rf"\s*(?:\(\s*(?!\s|{_PLAIN.decode()}\s*[,)])[^)]|\.\s*meta\s*\.\s*(?:env|require)\b)",
        r"(?<![\w$.])",
    ),
    _gate("require", r"\s*\)", r"(?<=\()(?<!function \()(?<!function\()(?<!typeof \()(?<!if \()"),
    _gate("module", rf"\s*\[\s*(?!\d|{_PLAIN.decode()}\s*\])", r"(?<![\w$.\"'`@/-])"),
    _gate("createRequire", ""),
    _gate("mainModule", r"\s*(?:\?\.|\.|\[)"),
    _gate("getBuiltinModule", ""),
    _gate("_load", r"(?![\w$])", r"(?<=odule\.)"),
    _gate("_compile", r"\s*\(", r"(?<=\.)"),
    _gate("Bun.", r"", r"(?<![\w$.])"),
    _gate("sendBeacon", r"\s*(?:\(|\.)"),
    _gate("document", r"\s*(?:\.\s*(?:cookie|write|writeln)(?![\w$])|\[\s*[\"'`](?:cookie|write))"),
    _gate("createElement", r"\s*(?:\(\s*[\"'`]script[\"'`]\s*\)|\.\s*(?:bind|call|apply)\b)", r"(?<=\.)"),
    *(
        _gate(
            name,
            r"\s*(?:\?\.|\.)\s*(?:eval|fetch|Function|XMLHttpRequest|WebSocket|localStorage|sessionStorage)\b"
            r"|\s*\[\s*(?!\d)",
            r"(?<=\.)",
        )
        for name in ("defaultView", "contentWindow")
    ),
    _gate(
        "navigator",
        r"\s*\.\s*(?:userAgent|platform|plugins|hardwareConcurrency|geolocation|clipboard|credentials|mediaDevices)(?![\w$])",
    ),
    _gate("chrome.cookies", ""),
    _gate("ethereum", r"\s*(?:\.|\?\.|\[|\))", r"(?<![\w$.\"'`@/-])|(?<=window\.)"),
    _gate("ethereum", r"(?![\w$])", r"(?<=window\.)"),
    _gate("solana", r"\s*(?:\.|\?\.|\[|\))", r"(?<=window\.)"),
    _gate("JSON.parse", r"\s*=(?!=)"),
    _gate("JSON.stringify", r"\s*=(?!=)"),
    _gate(
        "defineProperty", r"\s*\(\s*(?:window|globalThis|global|self)\s*,\s*[\"'`](?:fetch|XMLHttp|WebSocket)"
    ),
    _gate("new Worker", ""),
    *(_gate(name, r"\s*\(\s*[\"'`][^\"'`\n]{0,400}?" + FETCHES) for name in ("exec", "execSync")),
    _gate("new Image", r"(?![\w$])"),
    # a member whose name is put together of pieces: `g["fet" + "ch"]`
    *(_gate(sign, rf"\w{{1,30}}{sign[0]}\s*\]") for sign in ('"+"', '" + "', "'+'", "' + '")),
    _gate(".node", r"[\"'`]\s*\)"),
)
#: Members of a global object whose names are put together, and a global object that gets another name.
_CONCEALED = tuple(
    _gate(name, behind, r"(?<![\w$.])")
    for name, behind in (
        *((name, rf"\s*\[\s*(?!\d|{_PLAIN.decode()}\s*\])") for name in ("window", "globalThis", "global")),
        *(
            (name, rf"\s*\[\s*(?=[\"'`]|String\b|atob\b)(?!{_PLAIN.decode()}\s*\])")
            for name in ("this", "self")
        ),
    )
)
_RENAMED = tuple(
    _gate(name, r"\s*[;,)]", r"(?<!function \()(?<!function\()(?:(?<=[=(,])|(?<=[=(,] ))")
    for name in ("window", "globalThis", "global")
)
_NAMED = (
    *(
        _gate(name, r"\s*[;,\n]", r"(?:(?<==)|(?<== ))")
        for name in ("window", "globalThis", "global", "self")
    ),
    *(_gate(name, r"\s*[;,\n)|]", r"(?<=\.)") for name in ("defaultView", "contentWindow")),
)
_MEMBERS = (b".fetch", b".eval", b".process", b".XMLHttpRequest", b".WebSocket", b".Function", b".require")
_BUILDERS = (
    b"fromCharCode",
    b"atob",
    b"\\x",
    b"base64",
    b".reverse()",
    b"_0x",
    b"'+'",
    b'"+"',
    b"' + '",
    b'" + "',
)


_GATES_OF: dict[bytes, list[re.Pattern[bytes]]] = {}
for _word, _pattern in _GATES:
    _GATES_OF.setdefault(_word, []).append(_pattern)
_SOUGHT = sought.sought((*_GATES_OF, *_NAMES))
_SOUGHT_BUILDERS = sought.sought(_BUILDERS)
_SOUGHT_MEMBERS = sought.sought(_MEMBERS)


class Finding(NamedTuple):
    """What a first look tells: whether to parse, and what is loaded otherwise."""

    parse: bool
    references: tuple[Reference, ...] = ()


def look(data: bytes) -> Finding:
    """Look at a text."""
    loaded = list(_LOADED.finditer(data))
    if any(weighty(match[1]) for match in loaded) or _gated(data):
        return Finding(parse=True)
    if next(decodes(data), None) is not None or next(commands(data), None) is not None:
        return Finding(parse=True)
    references: list[Reference] = []
    line, seen = 1, 0
    for match in loaded:
        at = match.start()
        line, seen = line + data.count(b"\n", seen, at), at
        references.append(Reference(match[1].decode(errors="replace"), line))
    if any(one.target.startswith(".") for one in references) and calls_at_once(data):
        return Finding(parse=True)
    return Finding(parse=False, references=tuple(references))


#: So many of these are looked at.
_DECODED = 200
#: What decodes, in a text that gives something to others.
_DECODES = re.compile(rb"(?<![\w$.])atob\s{0,9}\(|[\"']base64(?:url)?[\"']\s{0,9}\)|fromCharCode\s{0,9}\(")


def decodes(data: bytes) -> Iterator[int]:
    """Yield where a text decodes something that functions of other files may run, if it has any for them."""
    if b"export" in data and any(word in data for word in (b"atob", b"base64", b"fromCharCode")):
        yield from (found.start() for found in itertools.islice(_DECODES.finditer(data), _DECODED))


_COMMAND = re.compile(f"[\"'`]\\s{{0,9}}(?=[^\"'`\n]{{0,200}}{FETCHES}[^\"'`\n]{{0,400}}[|;&])".encode())


def commands(data: bytes) -> Iterator[int]:
    """Yield where a text has a command that fetches something, if it has anything for other files."""
    if b"export" in data and any(word in data for word in (b"curl", b"wget", b"iwr ", b"irm ")):
        yield from (found.end() for found in itertools.islice(_COMMAND.finditer(data), _DECODED))


def weighty(target: bytes) -> bool:
    """Tell whether a module is in the catalogue, or is of a kind that runs what is no JavaScript."""
    name = target.removeprefix(b"node:")
    parts = name.split(b"/", 2)
    whole = b"/".join(parts[:2]) if name.startswith(b"@") else parts[0]
    return (
        whole in _MODULE_WORDS
        or name.endswith(b".node")
        or name.startswith((b"data:", b"https://", b"http://", b"/tmp/", b"/var/tmp/", b"/dev/shm/"))
        or name in {b"module", b"process", b"timers"}
    )


def _gated(data: bytes) -> bool:
    if any(_is_gate(data, word, at) for word, at in sought.places(data, _SOUGHT)):
        return True
    if sought.any_of(data, _SOUGHT_BUILDERS) and any(
        next(words.matches(data, word, pattern), None) is not None
        for word, pattern in (*_CONCEALED, *_RENAMED)
    ):
        return True
    if sought.any_of(data, _SOUGHT_MEMBERS) and any(
        next(words.matches(data, word, pattern), None) is not None for word, pattern in _NAMED
    ):
        return True
    return BROWSERIFY in data and SHORT.search(data) is not None


def _is_gate(data: bytes, word: bytes, at: int) -> bool:
    """Tell whether a word is a gate where it stands: by a pattern, or a name by itself."""
    if any(pattern.match(data, at) for pattern in _GATES_OF.get(word, ())):
        return True
    length = len(word)
    return (
        word in _NAMES
        and words.free_or_global(data, at, length)
        and (
            data[at - 1 : at] not in _QUOTED or _BEGINS_BLOCK.match(data, at - 1, at + length + 1) is not None
        )
        and not _NOT_USED.match(data, at + length)
    )
