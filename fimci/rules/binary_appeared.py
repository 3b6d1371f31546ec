"""A program that cannot be reviewed appeared: native code or bytecode.

A binary in a repository or package does what its bytes say, not what the source next to it says. The xz back
door (2024) came as a "test file", that of eslint-config-prettier (2025) as a Windows library, because nobody
reads those.

High for a new program, for a text file that became one, and above all for one with the extension of something
else (`elf named .png`). Medium for compiled Python next to its source: an import may have left it there, but
it runs in place of the source. Not reported: a program that was there before and changed, and bytecode
without a source (see `bytecode-without-source`). Low where the same bytes existed elsewhere before, where a
program of the same kind was removed from the same folder, because builds get new names, and in a release of a
package that had programs of this kind and extension before. Measured on 10,000 commits of nine repositories:
no findings. In 218 pairs of adjacent releases of popular npm packages, wheels and sdists, two were high
(prebuilt libraries in place of a build, a new compiled module), and three low, for builds under a new name.
In the update of a project with 58 wheels, most of them by a major version, numpy, scipy and five others had
new compiled modules next to dozens of old ones: low.

Fix: build it from reviewed source instead; if it has to be there, verify its origin and accept the finding.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Capability, Change, Digest, File, Record
from fimci.packages.bytecode import sourceless
from fimci.printable import and_more

SEVERITY = Severity.HIGH

#: The kinds that `fimci.readers.binary` tells apart; a script that loads native code is none.
KINDS = frozenset(
    (
        *("elf", "pe", "dos", "mach-o", "wasm", "static library", "llvm bitcode", "dyld shared cache"),
        *("lnk", "coff", "pyc", "java class", "jar", "dex", "lua bytecode", "beam", "v8 cache"),
    )
)
_UNCHECKED = "never checked"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new programs; alike ones of a folder make one finding, and caches of Python."""
    appeared = [(program, change) for change in changes if (program := _new_program(change)) is not None]
    if not appeared:
        return
    old = {change.before.path: change.before for change in changes if isinstance(change.before, File)}
    files = {change.record.path: change for change in changes if isinstance(change.record, File)}
    known = {file.digest for file in old.values() if isinstance(file.digest, Digest)}
    gone = Counter(_like(c.before) for c in changes if c.removed and isinstance(c.before, Capability))
    usual = {(one.package, *_like(one)[1:]) for one in before if isinstance(one, Capability)}
    groups: dict[tuple[str | None, Severity, str], list[Change]] = {}
    for program, change in appeared:
        file = files[program.path].after if program.path in files else None
        replaced = change.added and program.path in old and old[program.path].kind == "file"
        moved = isinstance(file, File) and file.digest in known and not replaced and program.subject in KINDS
        if change.added and sourceless(program) and not moved and not replaced:
            continue  # bytecode-without-source speaks of it
        renamed = change.added and not (replaced or moved) and gone[_like(program)] > 0
        gone[_like(program)] -= renamed
        expected = change.added and not replaced and program.package is not None
        expected = expected and (program.package, *_like(program)[1:]) in usual
        verb = "file became" if replaced else "renamed" if renamed else "known" if moved else "new"
        severity = _grade(program, moved=moved or renamed or expected)
        folder = None if severity == Severity.MEDIUM else posixpath.dirname(program.path)
        groups.setdefault((folder, severity, f"{verb} {program.subject}"), []).append(change)
    for (folder, severity, message), alike in groups.items():
        yield _finding(alike, severity, message, files, "" if folder is None else "in this folder")


def _like(program: Capability) -> tuple[str, ...]:
    """Return what a program has in common with its next build under another name."""
    path = program.path
    return posixpath.dirname(path), path[path.rfind(".") :], program.name, program.subject, program.detail


def _new_program(change: Change) -> Capability | None:
    """Return a program that was not there, or that Python stopped to compare with its source."""
    program = change.after
    if not isinstance(program, Capability) or program.subject.partition(" named ")[0] not in KINDS:
        return None
    loosened = "detail" in change.differs and _UNCHECKED in program.detail
    return program if change.added or loosened else None


def _grade(program: Capability, *, moved: bool) -> Severity:
    if moved:
        return Severity.LOW
    # What an import leaves: whoever packs one folder of those packs them all.
    cached = program.subject == "pyc" and "/__pycache__/" in f"/{program.path}"
    return Severity.MEDIUM if cached and _UNCHECKED not in program.detail else SEVERITY


def _finding(
    group: list[Change], severity: Severity, message: str, files: Mapping[str, Change], where: str
) -> Finding:
    """Make one finding, bound to the bytes of every program that it tells of."""
    detail = getattr(group[0].record, "detail", "")
    message += f": {detail}" if detail else ""
    paths = (seen_at(change.record).path for change in group)
    return grouped(
        [*group, *(files[path] for path in paths if path in files)],
        rule="binary-appeared",
        severity=severity,
        message=message + and_more(len(group) - 1, where),
    )
