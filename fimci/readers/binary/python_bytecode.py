"""What is inside a `.pyc`: what its code uses, and the hosts and paths among its constants.

    names of the catalogue of Python     Capability   `process`, `network`, ..., detail the name
    constants that are hosts or paths    Capability   `network`, `credentials`, ...
    code in a constant                   Capability   `encoded-payload`

Nothing of it is loaded: `fimci.readers.binary.marshalled` reads the bytes. A name is put together from the
modules and members that a code object has, as they follow each other there; what is given to a function is
not told, as that would need a disassembler for each version. What is older than Python 3.4 is `unanalyzed`.
Bytecode in `__pycache__` never runs without its source, which is read instead.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import addresses, sensitive
from fimci.capabilities.catalogue import find
from fimci.capabilities.judge import ANY
from fimci.capabilities.python_aliases import canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import Api
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Place
from fimci.readers.binary.marshalled import Broken, Contents, contents

_HEADER, _OLD_HEADER = 16, 12
#: The magic numbers of 3.4, of the first with the long header (3.7), and beyond the last that is known.
_FIRST, _LONG, _LAST = 3300, 3390, 3700
#: How a code object begins, with and without the mark of a reference.
_CODE = (b"\xe3", b"\x63")
_SMALL = 64
#: Built-in functions that run what they are given; `compile` is a method of `re`, too.
_RUNS = frozenset(("exec", "eval", "execfile", "__import__"))
#: What can be told of a use without its arguments, where a subject would be one of them.
_BY_ARGUMENT = frozenset(
    (
        *("network", "process", "shell", "dynamic-code", "environment", "environment-bulk"),
        *("filesystem-write", "filesystem-delete"),
    )
)
#: Modules and members that are open at once in one code object.
_OPEN = 12


class Told(NamedTuple):
    """A capability before it has a place: `text` is the evidence."""

    name: CapabilityName
    subject: str
    detail: str
    text: str


def wants(path: str, head: bytes) -> bool:
    """Want compiled Python, by its name and its header."""
    named = path.lower().endswith((".pyc", ".pyo")) and "/__pycache__/" not in f"/{path}"
    return named and len(head) > _HEADER and head[2:4] == b"\r\n"


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield one capability a thing; damage is `unanalyzed`."""
    magic = int.from_bytes(data[:2], "little")
    try:
        if not _FIRST <= magic < _LAST:
            raise Broken("of a version of Python that is not known")  # noqa: TRY301  (told as any other damage)
        found = contents(data, _HEADER if magic >= _LONG else _OLD_HEADER, magic)
    except Broken as error:
        why = f"bytecode: {error}"
        detail = hashlib.sha256(data).hexdigest()
        yield Capability(path=path, name="unanalyzed", subject=why, detail=detail, at=Place(path, 1, why))
        return
    seen = set()
    for name, subject, detail, text in told(found, magic):
        if (name, subject) not in seen:
            seen.add((name, subject))
            at = Place(path, 1, excerpt(text))
            yield Capability(path=path, name=name, subject=subject, phase="import", detail=detail, at=at)


def told(found: Contents, magic: int) -> Iterator[Told]:
    """Yield what code objects use and name."""
    for names in found.names:
        for used, api in _resolved(names):
            # What is looked up in the environment by a key is one variable, and which one is not told.
            kind = "environment" if used in {"os.environ", "os.environb"} else api.name
            if kind:
                subject = ANY if kind in _BY_ARGUMENT else api.subject or used
                yield Told(kind, subject, used, used)
    for text in found.texts:
        host = addresses.host(text) if " " not in text else None
        if host is not None:
            yield Told("network", host.name, "constant in bytecode", text)
        spot = sensitive.spot(text)
        if spot is not None:
            yield Told(spot.name, spot.label, "constant in bytecode", text)
    for blob in found.blobs:
        if len(blob) > _SMALL and blob.startswith(_CODE) and _is_code(blob, magic):
            yield Told("encoded-payload", "marshalled code", f"{len(blob):,} bytes", "code in a constant")


def _resolved(names: tuple[str, ...]) -> Iterator[tuple[str, Api]]:
    """Yield what a code object uses, by the order in which it meets the names: a module, then its members.

    A name belongs to the last module before it that has such a member. What got another name by an import
    (`import os as o`) is not followed.
    """
    open_: list[str] = []
    for name in names:
        if name in _RUNS and name in NAMES:
            yield name, NAMES[name]
        elif name.partition(".")[0] in ROOTS:
            open_.insert(0, canonical(name))
            if "." in name:
                open_.insert(0, canonical(name.partition(".")[0]))
        else:
            used = next((one for before in open_ if _leads(one := canonical(f"{before}.{name}"))), "")
            if used:
                open_.insert(0, used)
                api = find(NAMES, used)
                if api is not None:
                    yield used, api
        del open_[_OPEN:]


def _leads(name: str) -> bool:
    """Tell whether the catalogue has a name, or members of it."""
    return name in _prefixes() or find(NAMES, name) is not None


@functools.cache
def _prefixes() -> frozenset[str]:
    parts = [name.partition(":")[0].split(".") for name in NAMES]
    return frozenset(".".join(part[:length]) for part in parts for length in range(1, len(part) + 1))


def _is_code(blob: bytes, magic: int) -> bool:
    try:
        contents(blob, 0, magic)
    except Broken:
        return False
    return True
