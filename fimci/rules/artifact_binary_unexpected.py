"""An artifact contains a program where its name does not suggest one.

The xz back door (2024) was hidden in a source archive as a "test file". Native code in a wheel for any
platform, and programs with the extension of something else, are there to be overlooked; bytecode runs in
place of the source next to it, and nobody reads it.

High for native code in a wheel that claims to run anywhere (`none-any`), for a program named like a picture,
a text or an archive, and for Python bytecode without its source, of a source other than the one next to it,
or of a different Python version than the one running this check, which cannot verify it. Low for bytecode
that is exactly what the source next to it compiles to, for native code under its own name in a source
archive, and for an `.exe` in a wheel, which no import loads. Not reported: native code in a wheel for a
platform, and in npm packages and other archives unless it is disguised. Measured on 256 wheels and 72 source
archives of popular projects: one above low, an sdist with the bytecode of its own build program, which runs
in its place.

Fix: build what is shipped from reviewed source, for the platforms that it targets, and leave bytecode out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Record
from fimci.packages.artifacts import flags
from fimci.printable import and_more

SEVERITY = Severity.HIGH
#: Bytecode, by what became of comparing it with the source beside it (`fimci.compiled`).
_BYTECODE = {
    "pyc of the source beside it": (Severity.LOW, "is bytecode that matches the source next to it"),
    "pyc of another source than the one beside it": (
        SEVERITY,
        "is bytecode that does not match the source next to it",
    ),
    "pyc of another Python": (
        SEVERITY,
        "is bytecode of another Python version: verify it with that version to compare it with its source",
    ),
    "pyc that is never compared with its source": (
        SEVERITY,
        "is bytecode that Python runs without validating it against its source",
    ),
}


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each kind of program that should not be there."""
    kinds = flags(before)
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for change in changes:
        program = change.after
        if change.added and isinstance(program, Capability) and program.name in {"native-code", "bytecode"}:
            fault = _fault(program, kinds)
            if fault is not None:
                alike.setdefault(fault, []).append(change)
    for (grade, what), same in alike.items():
        message = what + and_more(len(same) - 1, "alike")
        yield grouped(same, rule="artifact-binary-unexpected", severity=grade, message=message)


def _fault(program: Capability, kinds: Sequence[str]) -> tuple[Severity, str] | None:
    kind, disguised, name = program.subject.partition(" named ")
    if disguised:
        return SEVERITY, f"is a program ({kind}) under a misleading name ({name})"
    if kind.startswith("pyc") and {"wheel", "sdist"}.intersection(kinds):
        return _BYTECODE.get(kind, (SEVERITY, "is bytecode, which runs in place of a source"))
    if program.name == "native-code" and "pure" in kinds:
        grade = Severity.LOW if program.path.endswith(".exe") else SEVERITY
        return grade, f"is native code ({kind}) in a wheel that claims to run on any platform"
    if program.name == "native-code" and "sdist" in kinds:
        return Severity.LOW, f"is native code ({kind}) in an archive of sources"
    return None
