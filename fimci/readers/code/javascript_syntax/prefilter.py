"""Whether a text can tell anything at all, and where in it: without parsing, since most files cannot.

The reader finds names of the outside world, and each of them comes through a gate: a module that is loaded
by its name, a loader whose argument is no plain text, or a global name. A text without any gate has no
capability; what it loads of its own package is found here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Reference

#: The global names of the catalogue; all others in it are modules and packages.
GLOBALS = frozenset(
    "Array AsyncFunction AsyncGeneratorFunction Blob Buffer Bun Deno EventSource FormData Function "
    "GeneratorFunction Image JSON Object Promise RTCPeerConnection Request String URL URLSearchParams "
    "WebAssembly WebSocket WebTransport Worker XMLHttpRequest atob browser btoa chrome cookieStore decodeURI "
    "decodeURIComponent document encodeURI encodeURIComponent escape ethereum eval execScript fetch import "
    "importScripts localStorage navigator phantom process require sessionStorage setImmediate setInterval "
    "setTimeout solana structuredClone tronWeb unescape unisat".split()
)
#: Packages with a dot in their name.
_DOTTED = ("discord.js", "@solana/web3.js")


def module_of(name: str) -> str:
    """Return the module or global that a dotted name begins with."""
    dotted = next((package for package in _DOTTED if name.startswith(package)), "")
    return dotted or re.split(r"[.(]", name, maxsplit=1)[0]


#: Modules and packages of the catalogue.
MODULES = frozenset(module_of(name) for name in NAMES) - GLOBALS
_MODULE_WORDS = frozenset(name.encode() for name in MODULES)

#: A quoted text behind a parenthesis, a blank, `from` or `import`, that may be what is loaded.
_QUOTED = re.compile(rb"""["'`](?<=[(\smt]["'`])([^"'`\\\s<>]{1,200})(?=["'`])""")
_LOADERS = (b"(", b"from", b"import")
_LOADING = re.compile(rb"(?:require[\w$]*|import)\s*\($|(?:\bfrom|\bimport)$")
_CALLED = re.compile(rb"""(?<!\.)\b[\w$]{1,3}\($""")
#: Names that are too common as plain words to be taken for a module in `e("…")`.
_CORE = frozenset(
    b"child_process fs fs/promises http https http2 net tls dns dgram vm worker_threads cluster zlib".split()
)

_GLOBAL_OBJECT = rb"(?:window|self|globalThis|global|top|parent|frames)"
#: What is not looked for in the middle of a name, behind a dot or within quotes.
_FREE = rb"(?:(?<![\w$.\"'`@/-])|(?<=" + _GLOBAL_OBJECT[3:-1].join((rb"(?:", rb"")) + rb"\.))"


def _free(words: bytes, behind: bytes = rb"") -> re.Pattern[bytes]:
    """Return a pattern of names that stand alone or behind a global object."""
    objects = rb"|".join(rb"(?<=\b" + name + rb"\.)" for name in (b"window", b"self", b"globalThis", b"global"))
    return re.compile(rb"(?:(?<![\w$.\"'`@/\-])|(?<=\.\.\.)|" + objects + rb")(?:" + words + rb")\b" + behind)


#: Words that every text with such a gate contains, and what shows that it is one.
_GATES: tuple[tuple[bytes, re.Pattern[bytes]], ...] = (
    (b"eval", re.compile(rb"(?<![\w$@\-\"'`])eval\s*(?:\(|[,;)\]}]|\?\.|\.)|\[\s*[\"'`]eval")),
    (b"Function", re.compile(rb"(?<![\w$@{|<\"'`])(?<!instanceof )Function\s*(?:\(|[;,)\]}=]|\.(?!prototype))")),
    (b"constructor", re.compile(rb"[.\"'`]constructor[\"'`]?\s*\]?\s*(?:\(|\.\s*(?:constructor|_load|\w+\s*\()|\[)")),
    (b"fetch", _free(rb"fetch", rb"(?!\s*:)")),
    (b"process", re.compile(
        rb"(?<![\w$.\"'`@/-])process\s*(?:\?\.|\.)\s*(?:env(?!\.NODE_ENV\b)|binding|_linkedBinding|dlopen|mainModule"
        rb"|cwd|platform|arch|getuid|geteuid|title|ppid|report|getBuiltinModule)\b"
        rb"|(?<![\w$.\"'`@/-])process\s*(?:\[|[;,)}])|\[\s*[\"'`]process[\"'`]"
    )),
    (b"require", re.compile(
        rb"(?<![\w$@\"'`-])(?:\w+\.)?require\s*(?:\(\s*(?![\"'`][^\"'`\\\n]*[\"'`]\s*\))(?!\))|\.(?:cache|extensions|main|call|apply|bind)|\["
        rb"|[;,}](?!\s*(?:module|exports)))(?<!typeof require.)"
    )),
    (b"import", re.compile(rb"(?<![\w$.])import\s*(?:\(\s*(?![\"'`][^\"'`\\\n]*[\"'`]\s*[,)])|\.\s*meta\s*\.\s*env)")),
    (b"createRequire", re.compile(rb"createRequire")),
    (b"getBuiltinModule", re.compile(rb"getBuiltinModule")),
    (b"_load", re.compile(rb"\b_load\b")),
    (b"_compile", re.compile(rb"\b_compile\b")),
    (b"Deno", _free(rb"Deno")),
    (b"Bun", _free(rb"Bun", rb"\s*\.")),
    (b"XMLHttpRequest", _free(rb"XMLHttpRequest")),
    (b"WebSocket", _free(rb"WebSocket")),
    (b"EventSource", _free(rb"EventSource")),
    (b"RTCPeerConnection", _free(rb"\w*RTCPeerConnection")),
    (b"WebTransport", _free(rb"WebTransport")),
    (b"importScripts", _free(rb"importScripts")),
    (b"sendBeacon", re.compile(rb"sendBeacon")),
    (b"WebAssembly", _free(rb"WebAssembly")),
    (b"execScript", _free(rb"execScript")),
    (b"document", re.compile(rb"\bdocument\s*(?:\.\s*(?:cookie|write|writeln)\b|\[\s*[\"'`](?:cookie|write))")),
    (b"localStorage", _free(rb"localStorage")),
    (b"sessionStorage", _free(rb"sessionStorage")),
    (b"navigator", re.compile(
        rb"\bnavigator\s*\.\s*(?:userAgent|platform|plugins|hardwareConcurrency|geolocation|clipboard|credentials|mediaDevices)\b"
    )),
    (b"cookie", re.compile(rb"\bcookieStore\b|\b(?:chrome|browser)\.cookies\b")),
    (b"ethereum", _free(rb"ethereum", rb"\s*(?:\.|\?\.|\[|\))")),
    (b"solana", _free(rb"solana", rb"\s*(?:\.|\?\.|\[|\))")),
    (b"tronWeb", _free(rb"tronWeb")),
    (b"phantom", _free(rb"phantom", rb"\s*(?:\.|\?\.|\[|\))")),
    (b"Worker", re.compile(rb"\bnew\s+Worker\b")),
    (b".prototype.", re.compile(rb"\bXMLHttpRequest\.prototype\.\w+\s*=[^=]")),
    (b".node", re.compile(rb"\.node[\"'`]\s*\)")),
)
#: Names put together: what is hidden behind them needs a global object or a loader.
_COMPUTED = re.compile(rb"\b" + _GLOBAL_OBJECT + rb"\s*\[\s*(?![\"'`][\w$ -]*[\"'`]\s*\])")
_BUILDERS = (b"fromCharCode", b"atob", b"\\x", b"base64", b".reverse()", b"_0x")
_BARE_GLOBAL = re.compile(rb"[=(,]\s*" + _GLOBAL_OBJECT + rb"\s*[;,)]")


class Finding(NamedTuple):
    """What a first look tells: whether to parse, and what is loaded otherwise."""

    parse: bool
    references: tuple[Reference, ...] = ()


def look(data: bytes) -> Finding:
    """Look at a text."""
    loaded = list(_loaded(data))
    if any(_weighty(target, sure) for _, target, sure in loaded) or _gate(data):
        return Finding(parse=True)
    references: list[Reference] = []
    line, seen = 1, 0
    for at, target, sure in loaded:
        if sure:
            line, seen = line + data.count(b"\n", seen, at), at
            references.append(Reference(target.decode(errors="replace"), line))
    return Finding(parse=False, references=tuple(references))


def _loaded(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Yield what seems to be loaded: where, what, and whether a loader is named."""
    for match in _QUOTED.finditer(data):
        at = match.start()
        before = data[max(0, at - 40) : at].rstrip()
        if before.endswith(_LOADERS):
            sure = _LOADING.search(before) is not None
            if sure or _CALLED.search(before):
                yield at, match[1], sure


def _weighty(target: bytes, sure: bool) -> bool:  # noqa: FBT001  (a column of what was found)
    """Tell whether a module is in the catalogue or is one of the kinds that run what is not JavaScript."""
    name = target.removeprefix(b"node:")
    if not sure:
        return name in _CORE
    parts = name.split(b"/")
    whole = b"/".join(parts[:2]) if name.startswith(b"@") else parts[0]
    return name in _MODULE_WORDS or whole in _MODULE_WORDS or name.endswith(b".node") or name.startswith(b"data:") or name == b"module"


def _gate(data: bytes) -> bool:
    if any(word in data and pattern.search(data) for word, pattern in _GATES):
        return True
    if _COMPUTED.search(data):
        return True
    return any(word in data for word in _BUILDERS) and _BARE_GLOBAL.search(data) is not None
