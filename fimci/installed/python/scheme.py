"""Where the files of a wheel go in an environment, as every installer does it.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/#the-data-directory
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import Layout, inside

_DATA = re.compile(r"[^/]+\.data/(purelib|platlib|scripts|data|headers)/(.+)", re.DOTALL)
#: What installers add to the name of a command: for Windows, and for a version of Python (`pip3.12`).
_ENDS = re.compile(r"-?[0-9.]*(?:-script\.pyw?|\.exe(?:\.manifest)?)?", re.DOTALL)


def place(where: Layout, one: Distribution, path: str, there: Container[str]) -> str:
    """Return where a member of a wheel is installed; of several possible places, the one that is there."""
    found = _DATA.fullmatch(path)
    if found is None:
        return inside(one.site, path)
    scheme, rest = found[1], found[2]
    if scheme == "scripts":
        return _first((folder + rest for folder in where.commands), there)
    if scheme == "headers":
        return next((own for own in one.files if own.endswith("/" + rest) and "include/" in own.lower()), "")
    return inside(where.start if scheme == "data" else one.site, rest)


def is_command(where: Layout, one: Distribution, path: str) -> bool:
    """Tell whether a file is what installers write for an entry point of a distribution."""
    for folder in where.commands:
        if path.startswith(folder):
            name = path[len(folder) :]
            return any(
                name.startswith(command) and _ENDS.fullmatch(name, len(command)) for command in one.commands
            )
    return False


def _first(places: Iterable[str], there: Container[str]) -> str:
    every = list(places)
    return next((place for place in every if place in there), every[0])
