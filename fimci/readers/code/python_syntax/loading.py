"""Which other files and modules a program loads or runs, beyond its import statements."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from fimci.capabilities import commanded
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_names import NAMES
from fimci.capabilities.uses import Reference, Use, Value, known

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
_PYTHON = re.compile(r"(?:\S*[\\/])?(?:python|pypy)[\d.]*(?:\.exe)?\Z")
#: Words of one command.
_WORDS, _LONGEST = 40, 2000


def references(uses: Sequence[Use]) -> Iterator[Reference]:
    """Yield what is loaded by functions, by interpreters that are started, and what is read and then run."""
    for use in uses:
        if use.form == "call":
            for target in _targets(use, uses):
                yield Reference(target, use.line, use.phase)


def _targets(use: Use, uses: Sequence[Use]) -> Iterator[str]:
    if use.name in _MODULES:
        yield from filter(None, (_text(use, 0),))
    elif use.name in _FILES:
        yield from filter(None, (_file(_text(use, _FILES[use.name])),))
    elif use.name in _FOLDERS:
        path = _file(_text(use, _FOLDERS[use.name]))
        yield from (f"./{path}",) if path.endswith(_ARCHIVES) else ()
    elif use.name in _RUNS:
        yield from _read(use, uses)
    else:
        api = find(NAMES, use.name)
        if api is not None and api.name in {"process", "shell"} and use.arguments:
            yield from _started(use.arguments[0])


def _text(use: Use, place: int) -> str:
    return known(use.arguments[place]) if place < len(use.arguments) else ""


def _file(path: str) -> str:
    """Return a path below the folder of the file itself; nothing for one that is not known."""
    return path.replace("\\", "/").rpartition("*/")[2].strip("*") if len(path) < _LONGEST else ""


def _read(use: Use, uses: Sequence[Use]) -> Iterator[str]:
    """Yield the files that are read in the function that runs what it read: `exec(open("x").read())`."""
    if not any("file" in value.flows for value in use.arguments[:1]):
        return
    for other in uses:
        if other.function == use.function and other.line <= use.line and other.name.endswith(_OPENS):
            path = _file(_text(other, 0))
            if path.endswith((".py", ".pyw", ".txt")):
                yield path


_OPENS = ("open", ".read_text", ".read_bytes")


def _started(command: Value) -> Iterator[str]:
    """Yield what `python x.py` and `python -m x` run."""
    words = [commanded.text_of(item) for item in command.items[:_WORDS]] or _split(commanded.text_of(command))
    if not words or _PYTHON.match(words[0]) is None:
        return
    for index, word in enumerate(words[1:], 1):
        if word == "-m":
            yield from words[index + 1 : index + 2]
            return
        if not word.startswith("-"):
            found = _file(word.replace("$UNKNOWN", "*"))
            if found:
                yield found
            return
        if word == "-c":
            return


def _split(text: str) -> list[str]:
    if len(text) > _LONGEST:
        return []
    try:
        return shlex.split(text)[:_WORDS]
    except ValueError:
        return text.split()[:_WORDS]
