"""What is said of many releases in the same words, said once: a project that moved has forty packages.

Of one release what the same rule says again and again; of several releases what is the same to the letter.
The evidence of all is kept, as far as a finding may have any, and the first stands for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fimci.findings import EVIDENCE_LIMIT, Finding, fingerprint
from fimci.printable import listed, plural

#: As many findings are told one by one.
_ONE_BY_ONE = 3
_SHOWN = 4


class Said(NamedTuple):
    """A finding about a release: the name of its package, and what is said after the name of the update."""

    finding: Finding
    package: str
    words: str


def together(said: Iterable[Said]) -> tuple[list[Finding], Mapping[str, str]]:
    """Return what is left to say, and the fingerprint of what each finding is said in, by its own."""
    within: dict[tuple[str, str, str, str], list[Said]] = {}
    for one in said:
        found = one.finding
        key = (found.path, str(found.package), found.rule, str(found.severity))
        within.setdefault(key, []).append(one)
    across: dict[tuple[str, str, str, str], list[Said]] = {}
    told: dict[str, str] = {}
    for key, group in within.items():
        if len(group) > _ONE_BY_ONE:
            made = _grouped(group, f", and {len(group) - 1:,} more of this kind")
            told.update((one.finding.fingerprint, made.fingerprint) for one in group)
            group[:] = [Said(made, group[0].package, f"{group[0].words} {made.fingerprint}")]
        for one in group:
            across.setdefault((key[0], key[2], key[3], one.words), []).append(one)
    found_: list[Finding] = []
    for group in across.values():
        if len({one.package for one in group}) <= _ONE_BY_ONE:
            found_ += [one.finding for one in group]
            continue
        others = list(dict.fromkeys(one.package for one in group if one.package != group[0].package))
        more = f"; the same of {plural(len(others), 'more package')}: {listed(others, _SHOWN)}"
        made = _grouped(group, more)
        told.update((one.finding.fingerprint, made.fingerprint) for one in group)
        found_.append(made)
    return found_, told


def _grouped(group: Sequence[Said], more: str) -> Finding:
    findings = [one.finding for one in group]
    first = findings[0]
    evidence = [place for one in findings for place in one.evidence]
    made = msgspec.structs.replace(
        first,
        message=first.message + more,
        evidence=tuple(evidence[:EVIDENCE_LIMIT]),
        content="\n".join(sorted(f"{one.package} {one.content}" for one in findings)),
    )
    return msgspec.structs.replace(made, fingerprint=fingerprint(made))
