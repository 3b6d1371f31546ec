"""A file gained text that a reviewer does not see as the computer does.

Characters that reorder a line show code as a comment or the other way round (Trojan Source,
CVE-2021-42574); invisible ones make two names or a payload of what looks like nothing (the
GlassWorm incidents of 2025 kept whole programs in variation selectors); look-alike letters make
a second function with the name of the first (CVE-2021-42694). No review catches them.

Medium in a range of a pattern's characters, as parsers have them.

Silent where such characters belong (joiners, emoji, right-to-left strings and data, formulas,
names and prose in any alphabet), for text that was there before, and for a file that moved.
Measured: 12 of 80,600 real source files of packages and repositories have such text, 11 of
them tests of parsers; of 10,000 commits of nine repositories it spoke in 2 (a name in a list of
authors that begins with U+202E).

Fix: retype the line, or write the character as an escape; if it is meant (a test of a parser), accept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Record
from fimci.printable import and_more, cut

SEVERITY = Severity.HIGH
_SPELT = 60
#: A range of characters in a class of a pattern, with one end that is not seen.
_UNSEEN = "\\u00ad\\u200b-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\U000e0100-\\U000e01ef"
_RANGE = re.compile(rf"\[[^\]\n]{{0,80}}(?:[{_UNSEEN}]-[^\s\w]|[^\s\w]-[{_UNSEEN}])")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each file with new hidden text, at the first line that has it."""
    del before  # what was there before is in the changes only where it went away
    moved = {_what(change.before) for change in changes if change.removed}
    files: dict[str, list[tuple[Capability, Change]]] = {}
    for change in changes:
        text = change.after
        if not isinstance(text, Capability) or text.name != "hidden-text" or _what(text) in moved:
            continue
        if change.added or "detail" in change.differs:
            files.setdefault(text.path, []).append((text, change))
    for group in files.values():
        yield _finding(group)


def _what(record: Record | None) -> tuple[str, str] | None:
    return (record.subject, record.detail) if isinstance(record, Capability) else None


def _finding(group: list[tuple[Capability, Change]]) -> Finding:
    group = sorted(group, key=lambda item: (-_severity(item[0]), item[0].at.line))
    worst, _ = group[0]
    message = f"hidden text: {worst.subject}"
    if worst.detail:
        message += f', which spells "{cut(worst.detail, _SPELT)}"'
    return grouped(
        [change for _, change in group],
        rule="hidden-text",
        severity=_severity(worst),
        message=message + and_more(len(group) - 1, "in this file"),
    )


def _severity(text: Capability) -> Severity:
    """Grade what reorders code as critical: nobody writes that by accident, but in a table of characters."""
    if _RANGE.search(text.at.text):
        return Severity.MEDIUM
    return Severity.CRITICAL if text.subject.startswith("bidi ") else SEVERITY
