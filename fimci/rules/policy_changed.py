"""The policy of fimci itself was changed.

A change is checked by the policy of its base, so that it cannot excuse itself; but what it loosens applies to
every later change. The effective policy is compared: `fimci.toml`, or else `[tool.fimci]` of
`pyproject.toml`, so that moving it between the two is not reported, and an empty `fimci.toml` that hides the
table is.

High where it is loosened: `fail-on` raised, paths ignored, a rule disabled or given a lower severity, an
acceptance added or extended, critical paths removed, a host no longer checked or checked in another way, less
recorded about files, findings delivered or runs recorded elsewhere, or the policy removed. Low where it is
only made stricter, info for a first policy that loosens nothing.

Not reported: reasons, order, formatting, and acceptances that end.

Fix: let somebody who did not write the change confirm each decision, then accept the finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fimci import profiles
from fimci.findings import SEVERITIES, Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH

#: The first of these that has a policy is the one in force.
_FILES = ("fimci.toml", "pyproject.toml")
_LISTS = {
    "ignore": "ignored",
    "critical": "critical",
    "generated": "declared as generated",
    "persistence": "a persistence location",
    "writes": "writable for a guarded command",
}
#: Lists of which each pattern asks for more.
_TIGHTEN = frozenset({"critical", "persistence"})
_SHOWN = 3
_LENGTH = 200
_GATE = Severity.HIGH


class _Decision(NamedTuple):
    """One decision that is different, and in which direction."""

    change: Change
    text: str
    loosens: bool


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield at most one objection: to what is loosened or, if nothing is, to what else changed."""
    touched = [change for change in changes if _is_policy(change.record)]
    if not touched:
        return
    old = {record.key: record for record in before if isinstance(record, Setting) and _is_policy(record)}
    new = dict(old)
    for change in touched:
        new.pop(change.record.key, None)
        if isinstance(change.after, Setting):
            new[change.after.key] = change.after
    was, now = _in_force(old.values()), _in_force(new.values())
    if was and not now:
        gone = Change(before=was["policy"], after=None)
        yield _objection([_Decision(gone, "the policy was removed", loosens=True)], Severity.HIGH)
        return
    decisions = [
        decision for name in sorted(was | now) for decision in _decided(name, was.get(name), now.get(name))
    ]
    decisions += _recorded(was, now)
    loosened = [decision for decision in decisions if decision.loosens]
    if loosened:
        yield _objection(loosened, Severity.HIGH)
    elif not was and now:
        first = Change(before=None, after=now["policy"])
        yield _objection(
            [_Decision(first, "a first policy, which loosens nothing", loosens=False)], Severity.INFO
        )
    elif decisions:
        yield _objection(decisions, Severity.LOW)


def _is_policy(record: Record) -> bool:
    return (
        isinstance(record, Setting)
        and record.path in _FILES
        and bool(re.match(r"policy(?:\.|$)", record.name))
    )


def _in_force(settings: Iterable[Setting]) -> dict[str, Setting]:
    """Return the policy that counts: its decisions by name."""
    policies: dict[str, dict[str, Setting]] = {path: {} for path in _FILES}
    for setting in settings:
        policies[setting.path][setting.name] = setting
    return next((policies[path] for path in _FILES if "policy" in policies[path]), {})


def _decided(name: str, was: Setting | None, now: Setting | None) -> Iterator[_Decision]:
    """Yield what a decision that is not the same any more means; nothing if it means nothing."""
    old, new = was.value if was else None, now.value if now else None
    if old == new:
        return
    change = Change(before=was, after=now, differs=("value",) if was and now else ())
    key, _, subject = name.removeprefix("policy.").partition(".")
    match key:
        case "fail-on":
            looser = _rank(new, "high") > _rank(old, "high")
            yield _Decision(change, f"fail-on is {new or 'high'}, was {old or 'high'}", looser)
        case "ignore" | "critical" | "generated" | "persistence" | "writes" if (
            subject
        ):  # an empty list says nothing
            verb = "is" if now else "is no longer"
            word = _LISTS[key]
            # A pattern that begins with `!` takes back what another one said.
            looser = (now is not None) == ((key not in _TIGHTEN) != subject.startswith("!"))
            yield _Decision(change, f"{subject} {verb} {word}", looser)
        case "hosts" | "offline" | "releases":
            yield _of_releases(change, key, subject or str(new or old))
        case _ if (
            key.removesuffix("-order") in _LISTS
            and key.endswith("-order")
            and was
            and now
            and sorted(_items(old)) == sorted(_items(new))
        ):
            yield _Decision(
                change, f"the patterns of {key.removesuffix('-order')} are in another order", loosens=True
            )
        case "rules":
            yield _Decision(
                change,
                f"{subject} is {new or 'as by default'}, was {old or 'as by default'}",
                _lower(old, new),
            )
        case "history" | "remote" | "signer" | "state":
            yield _Decision(change, _demanded(key, subject, old, new), old is not None)
        case _ if key.startswith("deliver["):
            looser = old is not None or subject == "unnotified"
            yield _Decision(change, f"{key}.{subject} is {new or 'not set'}, was {old or 'not set'}", looser)
        case "accept" if new is not None and _expiry(new) > _expiry(old):
            yield _Decision(change, f"{subject} is accepted {new}", loosens=True)


def _demanded(key: str, subject: str, old: str | None, new: str | None) -> str:
    if key == "remote":
        return f"{subject} is {new or 'no longer checked'}, was {old or 'not checked'}"
    return f"{key}.{subject} is {new or 'not required'}, was {old or 'not required'}"


def _of_releases(change: Change, key: str, subject: str) -> _Decision:
    """Return what is decided about releases: whether they are looked into, and who is asked for them."""
    if key == "hosts":
        verb = "may serve releases" if change.after is not None else "may no longer serve releases"
        return _Decision(change, f"{subject} {verb}", loosens=change.after is not None)
    on = isinstance(change.after, Setting) and change.after.value == "true"
    if key == "offline":
        told = "releases only come from caches" if on else "releases may come from registries"
        return _Decision(change, told, loosens=False)
    told = "releases are checked" if on else "releases are no longer checked"
    return _Decision(change, told, loosens=not on)


def _recorded(was: dict[str, Setting], now: dict[str, Setting]) -> Iterator[_Decision]:
    """Yield what is recorded otherwise: by the profile for all, by a rule for paths, or by their order."""
    for step in profiles.steps(_values(was), _values(now)):
        before, after = was.get(f"policy.{step.name}"), now.get(f"policy.{step.name}")
        change = Change(before=before, after=after, differs=("value",) if before and after else ())
        yield _Decision(change, step.text, step.looser)


def _values(policy: dict[str, Setting]) -> dict[str, str]:
    return {name.removeprefix("policy."): setting.value for name, setting in policy.items()}


def _rank(severity: str | None, default: str) -> int:
    """Return a grade as a number; a rule that is off, or graded in no known word, is below all."""
    return SEVERITIES.get(severity or default, -1)


def _lower(old: str | None, new: str | None) -> bool:
    """Tell whether a rule is graded lower.

    Its grade by default is not known here: leaving it for one that blocks by default is no lower.
    """
    if old is None:
        return _rank(new, "info") < _GATE
    if new is None:
        return _rank(old, "info") >= _GATE
    return _rank(new, "info") < _rank(old, "info")


def _items(text: str | None) -> list[str]:
    return (text or "").split("\n")


def _expiry(acceptance: str | None) -> str:
    """Return the date in `until 2027-01-31: reason`, empty if there is none."""
    found = re.match(r"until (\d{4}-\d{2}-\d{2}):", acceptance or "")
    return found[1] if found else ""


def _objection(decisions: list[_Decision], severity: Severity) -> Finding:
    texts = [cut(decision.text, _LENGTH) for decision in decisions]
    return grouped(
        [decision.change for decision in decisions],
        rule="policy-changed",
        severity=severity,
        message=listed(texts, _SHOWN, ";"),
    )
