"""A program that nobody can review appeared: native code, or bytecode without its source.

A binary in a repository or a package does what its bytes say and not what the source beside it
says. The xz back door (2024) came as a "test file", eslint-config-prettier (2025) as a library
for Windows, fshec2 (2023) as Python bytecode without source, because nobody reads those.

Loud for a new program, for a text that became one, and above all for one under the name of
something else (`elf named .png`). Silent for a program that was there and changed, for
compiled Python beside its source. Low where the same bytes were elsewhere before.
Measured on 10,000 commits of nine repositories: it spoke in none.

Fix: build it from reviewed source instead; if it must be there, check where it comes from and accept it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

import msgspec

from fimci.findings import Finding, Severity, facts, finding
from fimci.model import Capability, Change, Digest, File, Record

SEVERITY = Severity.HIGH

#: The kinds that `fimci.readers.binary` tells apart; a script that loads native code is none.
KINDS = frozenset(
    {
        "elf",
        "pe",
        "dos",
        "mach-o",
        "wasm",
        "static library",
        "llvm bitcode",
        "dyld shared cache",
        "lnk",
        "coff",
    }
    | {"pyc", "java class", "jar", "dex", "lua bytecode", "beam", "v8 cache"}
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new programs; those of one folder that are alike make one finding."""
    appeared = [change for change in changes if change.added and _is_program(change.record)]
    if not appeared:
        return
    old = {record.path: record for record in before if isinstance(record, File)}
    new = {change.record.path: change.after for change in changes if isinstance(change.record, File)}
    known = {file.digest for file in old.values()}
    groups: dict[tuple[str, Severity, str], list[Change]] = {}
    for change in appeared:
        program = change.after
        assert isinstance(program, Capability)  # noqa: S101  (for the type checker: `_is_program` has looked)
        if _accompanies_source(program, old, new):
            continue
        file = new.get(program.path)
        same = isinstance(file, File) and isinstance(file.digest, Digest) and file.digest in known
        severity = Severity.LOW if same and " named " not in program.subject else SEVERITY
        verb = (
            "known" if severity is Severity.LOW else "text became" if _was_text(program.path, old) else "new"
        )
        groups.setdefault(
            (posixpath.dirname(program.path), severity, f"{verb} {program.subject}"), []
        ).append(change)
    for (_, severity, message), group in groups.items():
        yield _finding(group, severity, message)


def _is_program(record: Record) -> bool:
    return isinstance(record, Capability) and record.subject.partition(" named ")[0] in KINDS


def _accompanies_source(program: Capability, old: dict[str, File], new: dict[str, Record | None]) -> bool:
    """Tell whether Python would compare this bytecode with a source that is there."""
    if program.subject != "pyc" or "never checked" in program.detail:
        return False
    folder, name = posixpath.split(program.path)
    module = name.partition(".")[0] + ".py"
    source = posixpath.join(folder.removesuffix("__pycache__").rstrip("/"), module)
    return new[source] is not None if source in new else source in old


def _finding(group: list[Change], severity: Severity, message: str) -> Finding:
    detail = getattr(group[0].record, "detail", "")
    message += f": {detail}" if detail else ""
    if len(group) > 1:
        message += f", and {len(group) - 1:,} more in this folder"
    found = finding(group[0], rule="binary-appeared", severity=severity, message=message)
    return msgspec.structs.replace(found, content="\n".join(facts(change.after) for change in group))
