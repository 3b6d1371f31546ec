"""The registry's copy of a manifest differs from the one in the archive.

Package managers use the copy to decide what to install and which scripts exist, and people read it on the
package's page. What runs is in the archive. The npm registry does not compare the two (manifest confusion,
2023; in 2026 one release ran one script with `npm install` and another with `npm ci`).

High where a script that runs at installation differs, medium where dependencies, name or version do.

Not reported: scripts that npm itself adds for native code, optional dependencies that it repeats among the
others, registries whose copies have no scripts at all, and differences that the previous release had too.

Fix: read the manifest in the archive; stay on the old version until its authors explain it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Release
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "release-confused"


def check(change: Change) -> Iterator[Finding]:
    """Object to a release whose manifests disagree anew."""
    old, new = change.before, change.after
    if not isinstance(new, Release) or not isinstance(new.confused, tuple):
        return
    had = old.confused if isinstance(old, Release) and isinstance(old.confused, tuple) else ()
    facts = [fact for fact in new.confused if fact not in had]
    if facts:
        severity = SEVERITY if any(fact.startswith("script ") for fact in facts) else Severity.MEDIUM
        told = f"its registry and its archive disagree about {listed(facts)}"
        yield finding(change, rule=_RULE, severity=severity, message=told)
