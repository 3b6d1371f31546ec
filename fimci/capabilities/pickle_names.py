"""What a pickle has no business with: globals that run, fetch, write or delete when it is loaded.

What makes objects anew (`copyreg._reconstructor`, `numpy.core.multiarray._reconstruct`, classes of all kinds)
is no concern; what the catalogue of Python knows to do something is, and a few modules as a whole. Source:
the documentation of the standard library.
"""

from __future__ import annotations

import re

from fimci.capabilities.catalogue import find
from fimci.capabilities.python_aliases import canonical
from fimci.capabilities.python_names import NAMES
from fimci.model import CapabilityName

#: Grave wherever they stand in a pickle, and where they are called: instances of their classes are data.
_ANYWHERE: frozenset[CapabilityName] = frozenset(
    (
        *("process", "shell", "dynamic-code", "bytecode", "native-code", "filesystem-delete", "credentials"),
        *("persistence", "module-tampering", "keyboard", "screen", "clipboard", "environment-bulk"),
    )
)
_CALLED: frozenset[CapabilityName] = frozenset(("network", "filesystem-write", "environment"))
#: Modules whose functions have no place in a pickle, whichever it is.
_WHOLE = """
    os shutil subprocess pty runpy pip ensurepip venv webbrowser commands popen2 code codeop timeit pdb bdb
    pydoc profile cProfile trace ctypes _ctypes _posixsubprocess _winapi imp zipimport idlelib lib2to3 cgitb
    signal atexit gc sysconfig setuptools distutils doctest turtledemo platform
"""
_MODULES = frozenset(_WHOLE.split())
#: Members of these that are data.
_DATA = re.compile(
    r"(?:os\.(?:PathLike|fspath|sep|linesep|error|\w*_result|_make_\w+|terminal_size|DirEntry|path\.\w+)"
    r"|(?:.*\.)?\w*(?:Error|Exception|Expired|Warning)|subprocess\.CompletedProcess|signal\.(?:Signals|Handlers)"
    r"|ctypes\.c_\w+|ctypes\._(?:rebuild|unpickle|reconstruct)\w*|_ctypes\._unpickle|platform\.\w*_result"
    r"|distutils\.version\.\w+|doctest\.(?:DocTest|Example|TestResults)|trace\.CoverageResults"
    r"|setuptools\._distutils\.version\.\w+|shutil\.(?:_ntuple_diskusage|ReadError)|types\.CodeType)"
)
#: Built-in functions that change what others see; `getattr` is how bound methods are kept.
_BUILTINS = frozenset(
    ("breakpoint", "input", "globals", "locals", "vars", "setattr", "delattr", "memoryview")
)
_LOADERS = frozenset(("deserialised",))


def grave(name: str, *, called: bool) -> bool:
    """Tell whether a global, by its dotted name, is none that a pickle of data has."""
    known = canonical(name)
    if _DATA.fullmatch(known) or _DATA.fullmatch(name):
        return False
    if "." not in known and known in _BUILTINS:
        return True
    if known.partition(".")[0] in _MODULES or known.startswith(
        ("sys.modules", "sys.meta_path", "importlib.")
    ):
        return True
    api = find(NAMES, known)
    if api is None or api.name is None:
        return False
    if api.subject in _LOADERS:
        return called
    return api.name in _ANYWHERE or (called and api.name in _CALLED)
