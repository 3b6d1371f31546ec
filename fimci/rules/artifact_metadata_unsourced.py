"""An artifact declares a dependency or an entry point that its source does not declare.

The metadata of a wheel is written by the build and is in no commit. Whoever can change the build does not
need to touch any code: a `Requires-Dist` line installs a package of theirs next to this one, and an entry
point of the group `pytest11` is imported by every test run. A version other than that of the source falls in
the same class.

High where `[project]` in the `pyproject.toml` of the source states these facts and states others. Medium
where the source states them in code or in another form, and does not mention them in any file that directs
the build. Not reported: what the source declares and the artifact leaves out, and other spellings of the same
value.

Fix: rebuild from a clean clone and compare; if the build adds it intentionally, declare it as `dynamic`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH
_LONGEST = 80
_RULE = "artifact-metadata-unsourced"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to what the source does not state, or states otherwise; once to what is alike in a file."""
    del before  # what the source states is in the changes
    alike: dict[tuple[str, Severity, str, str], list[tuple[Change, str]]] = {}
    for change in changes:
        fact = change.after
        if not isinstance(fact, Setting):
            continue
        how, _, name = fact.name.partition(".")
        if how not in {"declared", "mentioned"} or not (change.added or "value" in change.differs):
            continue
        was = change.before.value if isinstance(change.before, Setting) else ""
        severity = SEVERITY if how == "declared" else Severity.MEDIUM
        verb, what, why = _told(name, fact.value, was, declared=how == "declared", added=change.added)
        alike.setdefault((fact.path, severity, verb, why), []).append((change, what))
    for (_, severity, verb, why), same in alike.items():
        whats = listed([what for _, what in same], separator=";" if len(same) > 1 else ",")
        message = f"{verb} {whats}{why}"
        yield grouped([change for change, _ in same], rule=_RULE, severity=severity, message=message)


def _told(name: str, value: str, before: str, *, declared: bool, added: bool) -> tuple[str, str, str]:
    """Return a verb, what it is said of, and what is wrong with it."""
    kind, _, rest = name.partition(".")
    shown, own = cut(value, _LONGEST), cut(before, _LONGEST)
    if kind == "version":
        return "is version", shown, f", but the source is {own}"
    where = f", which {'the source does not declare' if declared else 'no file that directs the build names'}"
    if kind == "requires":
        told = cut(f"{rest} {value}".strip(), _LONGEST)
        return (
            ("requires", told, where)
            if added
            else ("requires", f"{told}; the source requires {own or 'any'}", "")
        )
    if added:
        return "registers", f"{cut(rest, _LONGEST)} = {shown}", where
    return "registers", f"{cut(rest, _LONGEST)} = {shown}; the source has {own}", ""
