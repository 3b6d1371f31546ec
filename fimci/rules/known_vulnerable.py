"""A change adds a release with a known vulnerability that was not here before.

Vulnerable releases are listed in a file of OSV records, named by the policy (`osv`) or `--osv`; no service is
queried. What a change brings in is being decided on now, and a fixed version is only a line away.
Vulnerabilities that were here before are not repeated: `fimci inspect --osv` lists all of them.

The severity is that of the record: the worst of its CVSS scores, else the rating of its database, else
medium. There is one finding per package, with the version that fixes all of them, if there is one.

Not reported: vulnerabilities that any version of the package had here before, installed trees, withdrawn
records, and several records of the same vulnerability.

Fix: update to the fixed version; if the vulnerable part is not used, accept the finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import SEVERITIES, Finding, Severity, grouped
from fimci.model import Advisory, Change, Record
from fimci.packages.advised import about
from fimci.printable import listed, plural

SEVERITY = Severity.MEDIUM
_RULE = "known-vulnerable"
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each package that brings vulnerabilities."""
    del before  # the changes say what is new
    found: dict[tuple[str, str], list[tuple[Advisory, Change]]] = {}
    for change in changes:
        new = change.after
        if isinstance(new, Advisory) and _is_new(change) and not new.malicious and not new.why:
            found.setdefault((new.ecosystem, new.name), []).append((new, change))
    for _, alike in sorted(found.items()):
        alike.sort(key=lambda one: (-SEVERITIES[one[0].severity], one[0].id))
        yield _finding([one for one, _ in alike], [change for _, change in alike])


def _is_new(change: Change) -> bool:
    return change.added or (isinstance(change.before, Advisory) and bool(change.before.why))


def _finding(told: Sequence[Advisory], changes: Sequence[Change]) -> Finding:
    first = told[0]
    ids = [f"{one.id} ({one.summary})" if one.summary else one.id for one in told]
    versions = sorted({version for one in told for version in one.versions})
    noun = plural(len(told), "known vulnerability", "known vulnerabilities")
    message = f"{first.name} {listed(versions)} has {noun}: {listed(ids, _SHOWN, ';')}"
    alike = {one.fixed for one in told}
    mended = first.fixed if len(alike) == 1 else ()
    if mended:
        message += f"; fixed in {listed(mended)}"
    severity = SEVERITIES[first.severity]
    return about(grouped(changes, rule=_RULE, severity=severity, message=message, part="version"), first)
