"""An artifact asks for a dependency, or registers an entry point, that its source does not declare.

The metadata of a wheel is written by the build and is in no commit. Whoever can change the build needs to
touch no code: a line `Requires-Dist` installs a package of theirs beside this one, and an entry point of the
group `pytest11` is imported by each run of the tests. Of the same kind is a version that is not that of the
source.

High where `[project]` in the `pyproject.toml` of the source states these things, and states others. Medium
where the source states them by code or in another form, and names them nowhere in the files that direct the
build. Silent for what the source declares and the artifact leaves out, and for other spellings of the same.

Fix: build again from a clean clone and compare; if the build adds it on purpose, call it `dynamic`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting
from fimci.printable import cut

SEVERITY = Severity.HIGH
_LONGEST = 80


def check(change: Change) -> Iterator[Finding]:
    """Object to a statement that the source does not make, or makes otherwise."""
    fact = change.after
    if not isinstance(fact, Setting):
        return
    how, _, name = fact.name.partition(".")
    if how not in {"declared", "mentioned"} or not (change.added or "value" in change.differs):
        return
    before = change.before.value if isinstance(change.before, Setting) else ""
    severity = SEVERITY if how == "declared" else Severity.MEDIUM
    message = _message(name, fact.value, before, declared=how == "declared", added=change.added)
    yield finding(change, rule="artifact-metadata-unsourced", severity=severity, message=message)


def _message(name: str, value: str, before: str, *, declared: bool, added: bool) -> str:
    kind, _, rest = name.partition(".")
    shown, own = cut(value, _LONGEST), cut(before, _LONGEST)
    if kind == "version":
        return f"is version {shown}, and the source is {own}"
    where = "the source does not declare" if declared else "no file that directs the build names"
    if kind == "requires":
        told = cut(f"{rest} {value}".strip(), _LONGEST)
        return (
            f"asks for {told}, which {where}" if added else f"asks for {told}; the source for {own or 'any'}"
        )
    if added:
        return f"registers {cut(rest, _LONGEST)} = {shown}, which {where}"
    return f"registers {cut(rest, _LONGEST)} = {shown}; the source has {own}"
