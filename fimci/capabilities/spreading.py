"""Requests and writes by which a program spreads, or changes what is not its own.

Registries are asked who owns a token and what else its owner maintains before packages are published
(Shai-Hulud, 2025); repositories and workflows are made in the name of a stolen token.
"""

from __future__ import annotations

import re

from fimci.capabilities.uses import Api, Use, Value, known, roles

_ASKED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/-/(?:npm/v1/)?(?:whoami|user|tokens)\b"), "asks who owns a token"),
    (re.compile(r"\bmaintainer:"), "searches packages of a maintainer"),
    (re.compile(r"/contents/\.github/workflows/"), "writes workflows"),
    (re.compile(r"/actions/runners/registration-token"), "registers runners"),
)
#: Told only where something is made of it.
_MADE = re.compile(r"(?:^|api\.[\w.-]+(?::\d+)?|POST )/user/repos\b")
_CALLS = {".createForAuthenticatedUser": "creates repositories"}
_OTHERS = re.compile(r"(?:^|/)node_modules/((?:@[\w.-]+/)?[\w-][\w.-]*)/")

#: The same of Python: a module of an installed package, or one of Python itself.
_MODULES = re.compile(r"(?:^|/)((?:site|dist)-packages|lib/python[\d.]*)/(\w[\w.-]*)(?:/[\w./*-]*)?\w\.py\Z")
#: Letters of a path of a module.
_LONGEST = 1000
#: Code of applications where these are installed: of macOS, and of Windows for one user or for all.
_INSTALLED = re.compile(
    r"\A(?:~)?/Applications/([\w .-]{1,60})\.app/Contents/(?:Resources|MacOS|Frameworks)/"
    r"|(?:LOCALAPPDATA%?|AppData/Local|Program Files(?: \(x86\))?|Programs)/([\w .-]{1,60})/"
    r"(?:app-[\w.*-]{1,20}/)?(?:resources|modules/discord_\w+)/(?:[\w./*-]*\w\.(?:asar|[cm]?js|json|node|dll)\Z|\*?\Z)"
)
#: Libraries of Windows that programs look for in their own folder first.
_SEARCHED = re.compile(
    r"(?:amsi|apphelp|credui|crypt(?:base|sp)|cscapi|d3d(?:9|1[01])|dbg(?:core|help)|dinput8|dnsapi|dpapi|dsound"
    r"|dwmapi|dwrite|dxgi|iphlpapi|msimg32|mswsock|netapi32|ntmarta|oleacc|powrprof|profapi|propsys|rasapi32"
    r"|secur32|sspicli|textshaping|uiautomationcore|umpdc|userenv|usp10|uxtheme|version|wbemcomn|wer|win(?:http"
    r"|inet|mm|trust)|wkscli|wlanapi|wlbsctrl|wsock32|wtsapi32)\.dll\Z",
    re.IGNORECASE,
)
_STARTS = frozenset(("sitecustomize.py", "usercustomize.py"))
#: The same where its name is not known.
_ANY_OTHER = re.compile(r"(?:^|/)node_modules/\*?/[\w./-]*\w\.[cm]?js(?:on)?\Z")


def asked(use: Use) -> str:
    """Return what a request does to spread, as far as its address tells; nothing for all others."""
    for ending, what in _CALLS.items():
        if use.name.endswith(ending):
            return what
    texts = [known(value)[:2000] for value in (*use.arguments[:2], *use.keywords.values())]
    for text in texts:
        for pattern, what in _ASKED:
            if pattern.search(text):
                return what
        if _MADE.search(text) and (text.startswith("POST") or "POST" in texts):
            return "creates repositories"
    return ""


#: What the loader of a system puts into every program that is started with it.
_LOADED_FIRST = frozenset(("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES"))
#: What interpreters and shells run first, and options of node that load something.
_RUN_FIRST = frozenset(("PYTHONSTARTUP", "BASH_ENV", "PROMPT_COMMAND", "PERL5OPT", "RUBYOPT"))
_LOADING = re.compile(r"--(?:require|import|loader|experimental-loader)\b|(?:^|\s)-r\s")
#: Allocators and sanitizers are loaded so.
_HARMLESS = re.compile(r"lib(?:[alt]san|ubsan|clang_rt|jemalloc|tcmalloc|mimalloc|gomp|iomp)")


def preloaded(use: Use, api: Api) -> str:
    """Return the variable that a use sets, by which a library gets into all that this process starts."""
    if use.name not in {"os.environ.__setitem__", "os.putenv"} and not (
        use.form == "write" and use.name.startswith("process.env")
    ):
        return ""
    given = dict(roles(use, api))
    name = known(given.get("variable") or given.get("set-variable") or Value()) or use.name.rpartition(".")[2]
    texts = " ".join(known(value) for value in use.arguments)
    if name in _RUN_FIRST or (name == "NODE_OPTIONS" and _LOADING.search(texts)):
        return name
    return name if name in _LOADED_FIRST and not _HARMLESS.search(texts) else ""


#: A program of a folder beside its package, from one of its own folders; and folders that are its own.
_BESIDE = re.compile(r"\./(?:\.\./){2,6}((?:@[\w.-]+/)?([\w-][\w.-]*))/(?:[\w.-]+/)*[\w.-]+\.[cm]?js\Z")
_OWN = frozenset(
    ("build", "demo", "dist", "docs", "es", "examples", "lib", "out", "packages", "public", "src", "test")
)
#: What a program says that stands for its own file, and its manifest in the folder of the file.
_ITSELF = frozenset(("__filename", "__file__"))
_MANIFEST = "./package.json"


def turned_on_itself(value: Value, *, deletes: bool) -> str:
    """Return what of its own a program removes or replaces, which hides what it was; nothing for the rest."""
    if value.name in _ITSELF:
        return "removes itself" if deletes else "rewrites itself"
    return "replaces its own package.json" if known(value) == _MANIFEST and not deletes else ""


def patched(path: str) -> str:
    """Return what a file that is written belongs to: another package, an application; else nothing."""
    path = path.replace("\\", "/")
    beside = _BESIDE.match(path)
    if beside is not None and beside[2] not in _OWN:
        return f"node_modules/{beside[1]}"
    if "/" in path and len(path) <= _LONGEST and _SEARCHED.match(path.rpartition("/")[2]):
        return f"library of Windows {path.rpartition('/')[2]}"
    found = _OTHERS.search(path)
    if found is not None:
        return f"node_modules/{found[1]}"
    module = _MODULES.search(path) if path.endswith(".py") and len(path) <= _LONGEST else None
    if module is not None and path.rpartition("/")[2] not in _STARTS:
        return f"{module[1]}/{module[2]}"
    if _ANY_OTHER.search(path):
        return "node_modules/*"
    installed = _INSTALLED.search(path) if len(path) <= _LONGEST else None
    if installed is not None:
        return f"application {installed[1] or installed[2]}"
    return "app.asar" if path.endswith("/app.asar") else ""
