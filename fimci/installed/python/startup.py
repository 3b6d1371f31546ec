"""What runs in an environment before any program does: each start of Python, each activation.

`site` runs every line of a `.pth` that begins with `import`, then `sitecustomize` and `usercustomize`;
`pyvenv.cfg` and `bin/python` decide which interpreter that is; `activate` is read by a shell. What every
fresh environment has of these is passed over here; all else is told, whoever put it there.
https://docs.python.org/3/library/site.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from fimci.installed.python.layout import Layout, inside
from fimci.model import Capability, File
from fimci.model import Place as At
from fimci.printable import cut

#: Bytes of a file that is read here. Interpreters are larger, and none of them is a script.
LIMIT = 1 << 20
_TEXT = 200
#: Written into environments by virtualenv and uv for some versions of Python, in many versions of its own.
VIRTUALENV = "module that virtualenv writes"
CUSTOMIZE = re.compile(
    r"(sitecustomize|usercustomize)(?:/__init__)?(?:\.[\w.-]+)?\.(?:py|pyc|so|pyd)", re.ASCII
)
#: What setuptools, virtualenv and uv let every start run.
_PARTS, _DOTTED = r"\*\('\w+'(?:, ?'\w+')*,?\)", r"'[\w.]+'"
#: What setuptools wrote for namespace packages: it makes a module and runs none (`*-nspkg.pth`).
_NAMESPACE = (
    rf"import sys, types, os;(?:has_mfs = sys\.version_info > \(3, 5\);)?"
    rf"p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], {_PARTS}\);"
    rf"importlib = (?:has_mfs and )?__import__\('importlib\.util'\);"
    rf"(?:has_mfs and )?__import__\('importlib\.machinery'\);"
    rf"m = (?:has_mfs and )?sys\.modules\.setdefault\({_DOTTED}, importlib\.util\.module_from_spec\("
    rf"importlib\.machinery\.PathFinder\.find_spec\({_DOTTED}, \[os\.path\.dirname\(p\)\]\)\)\);"
    rf"m = m or sys\.modules\.setdefault\({_DOTTED}, types\.ModuleType\({_DOTTED}\)\);"
    r"mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__',\[\]\);\(p not in mp\) and mp\.append\(p\)"
    rf"(?:;m and setattr\(sys\.modules\[{_DOTTED}\], '\w+', m\))?"
    rf"|import sys, types, os;(?:pep420 = sys\.version_info > \(3, 3\);)?"
    rf"p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], {_PARTS}\);"
    rf"ie = os\.path\.exists\(os\.path\.join\(p,'__init__\.py'\)\);"
    rf"m = not ie (?:and not pep420 )?"
    rf"and sys\.modules\.setdefault\({_DOTTED}, types\.ModuleType\({_DOTTED}\)\);"
    r"mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__',\[\]\);\(p not in mp\) and mp\.append\(p\)"
    rf"(?:;m and setattr\(sys\.modules\[{_DOTTED}\], '\w+', m\))?"
)
KNOWN = re.compile(
    r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; "
    r"enabled = os\.environ\.get\(var, '(?:local|stdlib)'\) == 'local'; "
    r"enabled and __import__\('_distutils_hack'\)(?:\.add_shim\(\))?;? *"
    r"|import (__editable___\w+_finder); \1\.install\(\)|import _virtualenv"
    rf"|{_NAMESPACE}",
    re.ASCII,
)
#: Variables that let Python or the loader run something else, and words that no activation needs.
_LOADS = re.compile(
    r"\b(?P<name>PYTHON(?:STARTUP|PATH|INSPECT|BREAKPOINT|WARNINGS|USERBASE|EXECUTABLE|PYCACHEPREFIX|PLATLIBDIR)"
    r"|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_\w+|PROMPT_COMMAND|BASH_ENV|NODE_OPTIONS)\b"
    r"|(?<![\w.-])(?P<command>curl|wget|base64|nc|ncat|eval|nohup|crontab|osascript|certutil|mshta"
    r"|Invoke-Expression|iex|Invoke-WebRequest|iwr|DownloadString|DownloadFile|FromBase64String)(?![\w.-])",
    re.ASCII,
)
_ACTIVATE = re.compile(r"(?:de)?activate(?:\.\w+)?|activate_this\.py", re.IGNORECASE)
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*t?", re.ASCII)
_NATIVE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")


def wanted(where: Layout, there: Mapping[str, File]) -> Iterator[str]:
    """Yield the paths of the files that `hooks` looks into."""
    sites = {inside(site, "") for site in where.sites}
    commands, configuration = where.commands, inside(where.start, "pyvenv.cfg")
    for path, file in there.items():
        if path.startswith(commands):
            name = path.rpartition("/")[2]
            here = path.count("/") == commands[0].count("/")
            found = here and bool(_ACTIVATE.fullmatch(name) or _PYTHON.fullmatch(name))
        else:
            found = path == configuration or (path.endswith(".pth") and path[: path.rfind("/") + 1] in sites)
        if found and file.kind == "file" and not (isinstance(file.size, int) and file.size > LIMIT):
            yield path


def hooks(where: Layout, there: Mapping[str, File], contents: Mapping[str, bytes]) -> Iterator[Capability]:
    """Yield what runs at a start, but for what every environment has."""
    for site in where.sites:
        below = inside(site, "")
        for path in there:
            if path.startswith(below) and CUSTOMIZE.fullmatch(path, len(below)):
                yield _hook(path, 1, "module of every start", posixpath.basename(path))
            elif path == below + "_virtualenv.py":
                yield _hook(path, 1, VIRTUALENV, "_virtualenv.py")
    for path, data in contents.items():
        name = path.rpartition("/")[2]
        text = data.decode("utf-8", "surrogateescape")
        if name.endswith(".pth"):
            yield from lines_that_run(path, text)
        elif name == "pyvenv.cfg":
            yield from _configuration(where, path, text, there)
        elif _ACTIVATE.fullmatch(name):
            yield from _activation(path, text)
        elif not data.startswith(_NATIVE):
            yield _hook(path, 1, "interpreter that is a script", text.partition("\n")[0])


def at_every_start(name: str) -> bool:
    """Tell whether a file of this name, on the path, is a module that Python imports by itself."""
    return CUSTOMIZE.fullmatch(name) is not None


def lines_that_run(path: str, text: str) -> Iterator[Capability]:
    """Yield the lines of a `.pth` that `site` runs, but for those that every environment has.

    A byte order mark is no part of the first line for `site` of Python 3.13 and later.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.startswith(("import ", "import\t")) and not KNOWN.fullmatch(line):
            yield _hook(path, number, f"line of {path.rpartition('/')[2]}", line)


def _configuration(where: Layout, path: str, text: str, there: Mapping[str, File]) -> Iterator[Capability]:
    """Tell where the interpreter is not where `home` says, or `home` is in the environment itself."""
    home = ""
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = line.partition("=")
        key, value = key.strip().lower(), value.strip()
        if key == "home":
            home = value.rstrip("/\\")
            if not posixpath.isabs(home) and not re.match(r"[A-Za-z]:|\\\\", home):
                yield _hook(path, number, "home of the interpreter", value)
        elif key == "include-system-site-packages" and value.lower() == "true":
            yield _hook(path, number, "packages of the system", line.strip())
    for folder in where.commands:
        for link in (file for file in there.values() if file.kind == "link"):
            leads = link.target or ""
            if not link.path.startswith(folder) or not _PYTHON.fullmatch(link.path, len(folder)):
                continue
            if "/" in leads and posixpath.dirname(leads) != home:
                yield _hook(link.path, 1, "interpreter that is not of the home in pyvenv.cfg", leads)


def _activation(path: str, text: str) -> Iterator[Capability]:
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        match = None if bare.startswith(("#", "REM ", "::")) else _LOADS.search(line)
        if match is not None and not (match["name"] == "PROMPT_COMMAND" and path.endswith(".nu")):
            found.setdefault(match["name"] or match["command"], (number, bare))
    for word, (number, line) in found.items():
        yield _hook(path, number, f"{word} at activation", line)


def _hook(path: str, line: int, subject: str, text: str) -> Capability:
    shown = cut(text, _TEXT)
    return Capability(
        path=path,
        name="persistence",
        subject=subject,
        phase="import",
        detail=shown,
        at=At(path, line, shown),
    )
