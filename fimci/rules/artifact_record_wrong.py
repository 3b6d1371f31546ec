"""The list of a wheel's files does not hold: files are not in it, not as it says, or not there.

`RECORD` says what a wheel consists of, and by it an installed package is checked later. pip, uv and
installer do not compare it with what they unpack: a wheel whose list has other hashes installs without a
word, and a file that no list has stays when the package is removed.

High for a file that is not as the list says, is in no list, or is listed and missing; for a list that is
missing, that states no hash or a weak one, that states one file twice or names a file outside.
Measured on 256 wheels of popular projects: it spoke in none.

Fix: build the wheel again; whatever changed its files after the build must write the list anew
(`wheel unpack`, then `wheel pack`).
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
        return "is in the wheel and not in its RECORD"
    if change.removed:
        return "is in the RECORD and not in the wheel"
    if {"digest", "size", "kind"} & set(change.differs):
        return "is not as the RECORD of the wheel states it"
    return ""


def _fault(fact: Setting) -> str:
    name = fact.name.removeprefix(_PREFIX)
    return fact.value if name == "missing" else f"a row of the RECORD {fact.value}"
