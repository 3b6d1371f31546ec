"""What a pickle does when it is loaded, read as the program that it is, and never loaded.

    a global that runs, fetches, deletes       Capability   `encoded-payload`, `pickle that calls os.system`
    what its calls do, with their arguments    Capability   as the same calls in Python
    a global without a constant name           Capability   `obfuscation`
    damage, more than is read                  Capability   `unanalyzed`

Pickles are told by their first bytes (protocol 2 and later; of the older ones, a global that no honest pickle
begins with), older and compressed ones by their names (`pickled_named`), arrays of numpy by theirs. One loop
over the opcodes with the stack and the memo, under caps; a pickle in a constant of another is read, too. What
an ordinary pickle calls to make its objects anew (numpy, scikit-learn, torch) is not told.

Source: `Lib/pickletools.py`; https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from fimci.capabilities import pickle_names
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Phase, Place
from fimci.readers.binary import opcodes
from fimci.readers.binary.opcodes import Call, Program
from fimci.readers.code import inner

_NUMPY = b"\x93NUMPY"
#: First bytes: of protocols with a mark, of arrays, and of globals that no honest pickle begins with.
BEGINS = (
    *(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", _NUMPY),
    *(b"cos\n", b"cposix\n", b"cnt\n", b"csubprocess\n", b"c__builtin__\n", b"cbuiltins\n"),
)
_MARKED = re.compile(rb"\x80[\x02-\x05]")
#: Pickles in pickles, of one file, and calls of one that are put down as Python.
_DEPTH, _MANY, _CALLS = 4, 64, 2000
#: Distinct globals that are told one by one, and letters of a detail.
_MOST, _DETAIL = 20, 100
#: Endings by which people call pickles, whatever their first bytes.
NAMED = (".pkl", ".pickle", ".pck", ".joblib", ".dill", ".pkl.gz", ".pickle.gz", ".pt", ".ckpt")
#: What cannot be told of such a text, or is told better of the pickle as a whole.
_PLAIN = frozenset((("dynamic-code", "built"), ("dynamic-code", "configured"), ("dynamic-code", "*")))
_WHEN: Phase = "import"  # loading it runs it, as importing a module does
#: What joblib writes the bytes of an array behind, in the middle of a pickle.
_ARRAYS, _BETWEEN = "ArrayWrapper", "arrays stand between its opcodes"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (they are known by their bytes)
    """Want pickles that say so, and arrays that hold objects."""
    return not head.startswith(_NUMPY) or b"'|O'" in head[:256]


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what loading it does."""
    if data.startswith(_NUMPY):
        data = data[_behind_header(data) :]
    yield from records(path, data, sure=path.endswith((*NAMED, ".npy")))


def read_part(path: str, head: bytes, tail: bytes, size: int) -> Iterator[Capability]:  # noqa: ARG001  (is data)
    """Yield what the beginning of a large pickle does, and that it was looked at in part."""
    found = list(read(path, head))
    yield from (one for one in found if one.name != "unanalyzed")
    if found or path.endswith(NAMED):
        yield _unanalyzed(path, head, f"pickle: the first {len(head) >> 20} MiB of {size:,} bytes")


def records(path: str, data: bytes, *, sure: bool) -> Iterator[Capability]:
    """Yield what the pickles of a file do; `sure`: by its name it is one, so that damage is worth a word."""
    programs = _programs(data)
    if not sure and not any(program.calls for program in programs):
        return  # any other bytes that begin so
    grave: dict[str, int] = {}
    for program in programs:
        for name, at in program.globals.items():
            if pickle_names.grave(name, called=name in program.called):
                grave.setdefault(name, at)
    told: dict[tuple[str, str], Capability] = {}
    for name, at in sorted(grave.items(), key=lambda one: one[1])[:_MOST]:
        call = next((call.text for p in programs for call in p.calls if call.name == name), name)
        found = _told(path, "encoded-payload", f"pickle that calls {name}", name, f"byte {at:,}: {call}")
        told[found.name, found.subject] = found
    if grave:
        for program in programs:
            for found in _inside(path, program.calls[:_CALLS]):
                told.setdefault((found.name, found.subject), found)
    yield from told.values()
    yield from _doubts(path, data, programs)


def _doubts(path: str, data: bytes, programs: list[Program]) -> Iterator[Capability]:
    """Yield what could not be told of them."""
    unnamed = next((p.unnamed for p in programs if p.unnamed >= 0), -1)
    if unnamed >= 0:
        why = "pickle whose global has no constant name"
        yield _told(path, "obfuscation", why, "", f"byte {unnamed:,}")
    broken = next((p.broken for p in programs if p.broken), "")
    if broken:
        arrays = any(_ARRAYS in name for p in programs for name in p.globals)
        yield _unanalyzed(path, data, f"pickle: {_BETWEEN if arrays else broken}")


def _unanalyzed(path: str, data: bytes, why: str) -> Capability:
    detail = hashlib.sha256(data).hexdigest()
    return Capability(path=path, name="unanalyzed", subject=why, detail=detail, at=Place(path, 1, why))


def _programs(data: bytes) -> list[Program]:
    """Return the pickles that follow each other, and those in constants of others."""
    found: list[Program] = []
    waiting = [(data, 0)]
    while waiting and len(found) < _MANY:
        held, depth = waiting.pop(0)
        at = 0
        while len(found) < _MANY:
            program = opcodes.program(held, at)
            found.append(program)
            if depth < _DEPTH:
                waiting += [(one, depth + 1) for one in program.constants if _MARKED.match(one)]
                waiting += [(one, depth + 1) for one in program.loaded]
            at = program.end
            if program.broken or not opcodes.begins(held, at):
                break
    return found


def _inside(path: str, calls: list[Call]) -> Iterator[Capability]:
    """Yield what the calls of a pickle do, read as Python: one call a line."""
    text = "\n".join([f"import {', '.join(_modules(calls))}", *(call.text for call in calls)])
    for fact in inner.facts("python", text.encode("utf-8", "replace"), 1):
        if (fact.name, fact.subject) in _PLAIN:
            continue
        call = calls[min(max(fact.line - 2, 0), len(calls) - 1)]
        yield _told(path, fact.name, fact.subject, fact.detail, f"byte {call.at:,}: {call.text}")


def _told(path: str, name: CapabilityName, subject: str, detail: str, text: str) -> Capability:
    at = Place(path, 1, excerpt(f"opcode at {text}"))
    subject, detail = excerpt(subject), excerpt(detail)[:_DETAIL]
    return Capability(path=path, name=name, subject=subject, phase=_WHEN, detail=detail, at=at)


def _modules(calls: list[Call]) -> list[str]:
    found = {module for call in calls for module in call.modules}
    return sorted(found) or ["os"]


def _behind_header(data: bytes) -> int:
    """Return where the objects of an array begin."""
    wide = data[6:7] != b"\x01"
    size = int.from_bytes(data[8 : 12 if wide else 10], "little")
    return min((12 if wide else 10) + size, len(data))
