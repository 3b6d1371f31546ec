"""A change takes up a release with a known vulnerability that was not here before.

What is vulnerable is told by a file of OSV records that policy (`osv`) or `--osv` names; nobody is asked.
Of what a change brings in, somebody decides today, and the version that mends it is a line away. Of what was
there already this says nothing: who wants all of it asks `fimci inspect --osv`.

Graded as the record is: by the worst of its CVSS scores, else by the word of its database, else medium. One
finding a package, with the version that mends all of it where there is one.

Silent: vulnerabilities that any version of the package had here before, installed trees, records that were
withdrawn, several records of one thing.

Fix: take the version that mends it; if what is vulnerable is not used, accept the finding.
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
        message += f"; mended in {listed(mended)}"
    severity = SEVERITIES[first.severity]
    return about(grouped(changes, rule=_RULE, severity=severity, message=message, part="version"), first)
