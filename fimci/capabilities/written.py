"""What a program writes into a file and runs from there: what it fetched, and what it decoded.

Where both name the same file, nobody has to follow what leads from the one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from fimci.capabilities.uses import RUNS, Api, Flow, Use, flows, known, roles
from fimci.model import CapabilityName

#: A chain: its name, its subject, its detail, and the use at its end (`fimci.capabilities.chains.Chain`).
Written: TypeAlias = tuple[CapabilityName, str, str, Use]
#: What an argument is that names a file that is written.
_FILES = frozenset(("path", "saved"))
#: What comes out of what nobody reads, and what runs the script that is named behind it.
_DECODED: frozenset[Flow] = frozenset({"decoded", "payload"})
_BY = re.compile(
    r"(?:\S*[\\/])?(?:(?:ba|z|da|k)?sh|pythonw?[\d.]*|node|wscript|cscript|start|\*)(?:\.exe)?\Z"
)


def and_run(told: Sequence[tuple[Use, Api]]) -> Iterator[Written]:
    """Yield what was fetched, or decoded, into a file that is run, anywhere in the text."""
    fetched: set[str] = set()
    decoded: set[str] = set()
    for use, api in told:
        if api.name not in {"network", "filesystem-write"}:
            continue
        carried = flows(use)
        files = {known(value) for role, value in roles(use, api) if role in _FILES and known(value)}
        if api.name == "network" or "network" in carried:
            fetched |= files
        elif _DECODED & carried:
            decoded |= files
    for use, api in told if fetched or decoded else ():
        if api.name not in RUNS or use.form != "call":
            continue
        given = tuple(_given(use, api))
        path = next((path for path in sorted(fetched) if _within(path, given)), "")
        if path:
            yield "download-and-run", f"{path} -> {use.name}", "fetched, written, run", use
        elif decoded & set(_programs(use, api)):
            yield "encoded-payload", f"decoded -> {use.name}", "decoded, written, run", use


def _within(path: str, given: Sequence[str]) -> bool:
    """Tell whether one of these is a file, or one in a folder, that was written."""
    return path in given or any(one.startswith(f"{path}/") for one in given)


def _given(use: Use, api: Api) -> Iterator[str]:
    """Yield the programs, files and words that are given to what runs something."""
    for _, value in roles(use, api):
        for one in (value, *value.items):
            text = known(one)
            yield text
            yield from text.split()[:64]


def _programs(use: Use, api: Api) -> Iterator[str]:
    """Yield what is run by a use: a program, the script of an interpreter, a module that is loaded.

    A file that is merely given to a program, such as a key that was kept in base64, is none.
    """
    for role, value in roles(use, api):
        if role == "command":
            words = [known(one) for one in value.items[:2]] if value.items else known(value).split()[:2]
            behind = 2 if words and _BY.match(words[0]) else 1
            yield from (word.strip("'\"") for word in words[:behind])
        elif role in {"module", "path"}:
            yield known(value)
