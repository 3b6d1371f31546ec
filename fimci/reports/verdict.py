"""What every report says at its end, in the same words: what was looked at, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable

from fimci.findings import ReleaseChange, Report, Severity
from fimci.model import Unread
from fimci.printable import plural

#: The age of a release is told up to this many hours.
_HOURS = 24 * 14
#: And in hours up to this.
_FRESH = 72
_RANKS = ("critical", "high", "medium", "not looked at", "low", "info", "ok")


def verdict(report: Report) -> str:
    """Return the outcome in a phrase that fits the exit code.

    `2 findings at or above high`, `incomplete: 1 thing could not be looked at`,
    `passed: 3 findings, none at or above high`, `clean`.
    """
    missed = f"{plural(len(report.unread), 'thing')} could not be looked at"
    if report.failing:
        failed = f"{plural(len(report.failing), 'finding')} at or above {report.fail_on}"
        if any(finding.severity < report.fail_on for finding in report.failing):
            failed += ", or about the check itself"
        return failed if report.complete else f"{failed}; {missed}"
    if not report.complete:
        return f"incomplete: {missed}"
    still_open = sum(counted(report).values())
    if still_open:
        return f"passed: {plural(still_open, 'finding')}, none at or above {report.fail_on}"
    return "clean"


def counted(report: Report) -> dict[Severity, int]:
    """Count the findings that nobody has accepted, by severity, worst first, zeros included."""
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in report.findings:
        if finding.accepted is None:
            counts[finding.severity] += 1
    return counts


def tally(report: Report) -> str:
    """Return `1 critical, 2 high, 3 accepted`; nothing where there are no findings."""
    numbers = {str(severity): number for severity, number in counted(report).items()}
    numbers["accepted"] = len(report.findings) - sum(numbers.values())
    return ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)


def reason(unread: Unread) -> str:
    """Return why something could not be looked at, after the part of the file that it is about. Raw."""
    return f"{unread.part}: {unread.why}" if unread.part and unread.part != unread.why else unread.why


def release(one: ReleaseChange) -> str:
    """Return `left 1.0.0 → 1.0.1 (patch, 3 hours old): gains network (import)`. Raw."""
    versions = f"{one.before} → {one.after}" if one.before else one.after
    about = [one.bump] + ([f"through {one.through}"] if one.through else [])
    about += [plural(one.age, "hour") + " old"] if one.age is not None and one.age < _HOURS else []
    told = f"{one.name} {versions} ({', '.join(about)})"
    if one.gained:
        told += f": {'gains' if one.before else 'has'} {', '.join(one.gained)}"
    return f"{told}: {one.why}" if one.why else told


def ranked(releases: Iterable[ReleaseChange]) -> list[ReleaseChange]:
    """Return releases as they need a look: the worst first, those that gained nothing last."""
    return sorted(releases, key=lambda one: (_RANKS.index(one.verdict), not one.gained))


def is_quiet(one: ReleaseChange) -> bool:
    """Tell whether there is nothing to say of a release."""
    return one.verdict == "ok" and not one.gained


def cells(one: ReleaseChange) -> tuple[str, str, str, str]:
    """Return the kind of update, its age, its provenance and the verdict, raw; what is not known as such."""
    age = "unstated"
    if one.age is not None:
        age = plural(one.age, "hour") if one.age < _FRESH else plural(one.age // 24, "day")
    told = f"{one.verdict}: {one.why}" if one.why else one.verdict
    return one.bump, age, one.provenance or "unstated", told


def looked_at(report: Report) -> str:
    """Return `4,175 files, 1,204 packages, 12 changes`."""
    counts = report.counts
    return ", ".join(
        (plural(counts.files, "file"), plural(counts.packages, "package"), plural(counts.changes, "change"))
    )
