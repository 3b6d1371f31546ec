"""Which other files and modules a program loads or runs, beyond its import statements."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from fimci.capabilities import commanded
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_names import NAMES
from fimci.capabilities.uses import Reference, Use, Value, known
from fimci.readers.code import read_and_run

_MODULES = frozenset(
    (
        "importlib.import_module",
        "importlib.__import__",
        "__import__",
        "runpy.run_module",
        "pkgutil.resolve_name",
    )
)
#: Functions that run a file, and which argument names it.
_FILES = {
    "runpy.run_path": 0,
    "execfile": 0,
    "imp.load_source": 1,
    "imp.load_compiled": 1,
    "importlib.util.spec_from_file_location": 1,
    "importlib.machinery.SourceFileLoader": 1,
    "importlib.machinery.SourcelessFileLoader": 1,
}
#: Functions that are given where modules are, by which argument, and what is loaded from as from a folder.
_FOLDERS = {"sys.path.insert": 1, "sys.path.append": 0, "zipimport.zipimporter": 0, "site.addsitedir": 0}
_ARCHIVES = (".zip", ".whl", ".egg", ".pyz")
_RUNS = frozenset(("exec", "eval", "compile"))
#: What runs a file that is named to it.
_INTERPRETER = re.compile(
    r"(?:\S*[\\/])?(?:python|pypy|(?:ba|z|da|k)?sh|node|bun|perl|ruby|php|osascript)[\d.]*(?:\.exe)?\Z"
)
_PYTHON = re.compile(r"(?:\S*[\\/])?(?:python|pypy)[\d.]*(?:\.exe)?\Z")
#: Words of one command.
_WORDS, _LONGEST = 40, 2000


def references(uses: Sequence[Use]) -> Iterator[Reference]:
    """Yield what is loaded by functions, by interpreters that are started, and what is read and then run."""
    for use in uses:
        if use.form == "call":
            for target in _targets(use):
                yield Reference(target, use.line, use.phase)
    yield from read_and_run.references(uses, lambda use: use.name in _RUNS, _opened)


def _targets(use: Use) -> Iterator[str]:
    if use.name in _MODULES:
        yield from filter(None, (_text(use, 0),))
    elif use.name in _FILES:
        path = _file(_text(use, _FILES[use.name]))
        yield from (f"./{path}",) if path and not path.startswith("/") else ()
    elif use.name in _FOLDERS:
        path = _file(_text(use, _FOLDERS[use.name]))
        yield from (f"./{path}",) if path.endswith(_ARCHIVES) else ()
    else:
        api = find(NAMES, use.name)
        if api is not None and api.name in {"process", "shell"} and use.arguments:
            yield from _started(use.arguments[0])


def _text(use: Use, place: int) -> str:
    return known(use.arguments[place]) if place < len(use.arguments) else ""


def _file(path: str) -> str:
    """Return a path below the folder of the file itself; nothing for one that is not known."""
    return path.replace("\\", "/").rpartition("*/")[2].strip("*") if len(path) < _LONGEST else ""


def _opened(use: Use) -> str:
    """Return the path that is read: the second of what a reader of a package's files is given."""
    if use.form != "call" or not use.name.endswith(_OPENS):
        return ""
    return _file(_text(use, int(use.name.startswith(_OF_PACKAGES))) or known(use.receiver))


_OPENS = ("open", ".read_text", ".read_bytes", ".get_data", ".read_binary")
_OF_PACKAGES = ("pkgutil.", "importlib.resources.")


def _started(command: Value) -> Iterator[str]:
    """Yield what `python x.py`, `python -m x` and `sh ./x` run."""
    words = [commanded.text_of(item) for item in command.items[:_WORDS]] or _split(commanded.text_of(command))
    words = [word.replace("$UNKNOWN", "*") for word in words]
    if words and words[0].startswith("*/") and (own := _file(words[0])):
        yield f"./{own}"
    if not words or _INTERPRETER.match(words[0]) is None:
        return
    python = _PYTHON.match(words[0]) is not None
    for index, word in enumerate(words[1:], 1):
        if word == "-m" and python:
            yield from words[index + 1 : index + 2]
            return
        if not word.startswith("-"):
            found = _file(word)
            if found and (python or "*/" in word):
                yield found if python else f"./{found}"
            return
        if word in {"-c", "-e"}:
            return


def _split(text: str) -> list[str]:
    if len(text) > _LONGEST:
        return []
    try:
        return shlex.split(text)[:_WORDS]
    except ValueError:
        return text.split()[:_WORDS]
