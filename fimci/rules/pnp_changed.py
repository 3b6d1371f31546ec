"""Code or tables that yarn loads into every process (Plug'n'Play) changed without a cause.

`.pnp.cjs` is loaded by every process that yarn starts, before the first line of the program. It is half a
megabyte of generated code and a table of package locations: one row in it puts a folder of the repository in
place of a package, while `yarn.lock` and its hashes are unchanged. yarn only rewrites the code with another
version of itself, and the table when packages, manifests or its configuration change.

High where the code changed although the client that the repository names is the same, or the table although
lockfile, manifests and configuration are. Medium for the code in a repository that names no client.

Not reported: changes together with their cause, new files, and removed files.

Fix: discard the change and run `yarn install`; the same client generates the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File, Record, Setting

SEVERITY = Severity.HIGH

_CLIENT = re.compile(r"yarnPath|yarn-path|packageManager|devEngines\.packageManager.*")
#: Another version of the lockfile's format is the work of another client.
_FORMAT = "lockfileVersion"
_RELEASES = re.compile(r"(?:.*/)?\.yarn/releases/[^/]+", re.DOTALL)
#: Names of files whose changes yarn carries over into the table.
_CAUSES = frozenset({"yarn.lock", "package.json", ".yarnrc.yml"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to code and tables that changed by themselves."""
    told = [change for change in changes if _changed(change)]
    if not told:
        return
    touched = {change.record.path for change in changes if isinstance(change.record, File) and change.real}
    causes = any(path.rpartition("/")[2] in _CAUSES for path in touched)
    renewed = any(_RELEASES.fullmatch(path) for path in touched) or any(
        isinstance(change.record, Setting)
        and change.real
        and (change.record.name == _FORMAT or _CLIENT.fullmatch(change.record.name))
        for change in changes
    )
    named = any(isinstance(one, Setting) and _CLIENT.fullmatch(one.name) for one in before)
    for change in told if not renewed else ():
        if isinstance(change.after, Setting) and change.after.name == "pnp.code":
            severity = SEVERITY if named else Severity.MEDIUM
            what = "code that every process loads changed, although yarn did not"
            yield finding(change, rule="pnp-changed", severity=severity, message=what)
        elif not causes:
            what = "package locations changed, although neither lockfile nor manifest did"
            yield finding(change, rule="pnp-changed", severity=SEVERITY, message=what)


def _changed(change: Change) -> bool:
    old, new = change.before, change.after
    return (
        isinstance(old, Setting) and isinstance(new, Setting) and new.name.startswith("pnp.") and change.real
    )
