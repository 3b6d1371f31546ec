"""A package was installed from a source other than the one in the lockfile.

A list of installed packages shows name and version, and both may be right while the files are somebody
else's: `pip install ./requests-2.32.0.whl` replaces the locked release by an archive of the same name.
Installers leave a `direct_url.json` behind whenever a package did not come from an index.

Critical where the archive has none of the locked hashes; high for another commit, another URL, or an archive,
folder or repository in place of a release from an index. Medium for an editable folder, which somebody works
on. Not reported: packages whose origin the lockfile does not state, and the index itself, which no installer
records. Measured on three environments, made from their lockfiles by uv, pipenv and pip: no findings.

Fix: build the environment from its lockfile; if the other source is wanted, lock it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Package
from fimci.packages.owners import told

SEVERITY = Severity.HIGH
_WORDS = {"registry": "an index", "tarball": "a URL", "file": "a file", "directory": "a folder"}


def check(change: Change) -> Iterator[Finding]:
    """Object to a source, or an archive, that is not the locked one."""
    old, new = change.before, change.after
    if not isinstance(old, Package) or not isinstance(new, Package) or new.stated_by != "disk":
        return  # what npm notes beside a tree has a rule of its own
    if not {"origin", "origin_kind", "integrity"} & set(change.differs):
        return
    severity, what = SEVERITY, f"came from {_source(new)}, but the lockfile says {_source(old)}"
    if "integrity" in change.differs:
        severity, what = (
            Severity.CRITICAL,
            f"came in an archive with none of the locked hashes: {_source(new)}",
        )
    elif "editable" in new.flags:
        severity = Severity.MEDIUM
    yield finding(change, rule="installed-origin-changed", severity=severity, message=f"{told(new)}: {what}")


def _source(package: Package) -> str:
    kind = package.origin_kind if isinstance(package.origin_kind, str) else "an origin"
    word = _WORDS.get(kind, kind)
    return f"{word} {package.origin}" if isinstance(package.origin, str) and package.origin else word
