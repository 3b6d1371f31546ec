"""The file list of a wheel is wrong: files are missing from it, differ from it, or do not exist.

`RECORD` lists what a wheel consists of, and an installed package is later verified against it. pip, uv and
installer do not compare it with what they unpack: a wheel whose list has other hashes installs without a
message, and a file that is not listed remains when the package is removed.

High for a file that differs from the list, is not listed, or is listed but missing; for a list that is
missing, that states no hash or a weak one, that lists a file twice or names a file outside of the wheel.
Measured on 256 wheels of popular projects: no findings.

Fix: rebuild the wheel; a tool that changes its files after the build must also rewrite the list (`wheel
unpack`, then `wheel pack`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record, Setting
from fimci.printable import and_more

SEVERITY = Severity.HIGH
_PREFIX = "list."


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each way in which the list is wrong."""
    del before  # what the list states is in the changes where it is wrong
    alike: dict[str, list[Change]] = {}
    missing = any(isinstance(c.after, Setting) and c.after.name == f"{_PREFIX}missing" for c in changes)
    for change in changes:
        what = _what(change, missing=missing)
        if what:
            alike.setdefault(what, []).append(change)
    for what, same in alike.items():
        message = what + and_more(len(same) - 1, "alike")
        yield grouped(same, rule="artifact-record-wrong", severity=SEVERITY, message=message)


def _what(change: Change, *, missing: bool) -> str:
    fact = change.after
    if isinstance(fact, Setting):
        return _fault(fact) if change.added and fact.name.startswith(_PREFIX) else ""
    if not isinstance(change.record, File) or missing:
        return ""
    if change.added:
        return "is in the wheel but not in its RECORD"
    if change.removed:
        return "is in the RECORD but not in the wheel"
    if {"digest", "size", "kind"} & set(change.differs):
        return "differs from the RECORD of the wheel"
    return ""


def _fault(fact: Setting) -> str:
    name = fact.name.removeprefix(_PREFIX)
    return fact.value if name == "missing" else f"a row of the RECORD {fact.value}"
