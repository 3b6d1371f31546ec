"""Code runs at every start of Python, or whenever the environment is activated.

A line of a `.pth` that begins with `import` runs before the first line of any program, and so do
`sitecustomize` and `usercustomize`, in every process of the environment: the tests, the build, `pip` itself.
The same goes for an interpreter that `pyvenv.cfg` or `bin/python` takes from elsewhere, and for what
`activate` exports. litellm 1.82.8 (2026) stole credentials from a `.pth`.

Critical for `sitecustomize` and `usercustomize`, and for an interpreter that is a script or not from the home
that `pyvenv.cfg` names. High for a line of a `.pth` that is in no package's file list, or was modified after
installation, and for what an activation loads; low where a package's file list vouches for it, and where an
environment includes the system's packages. Not reported: what setuptools, editable installs, `venv`,
virtualenv and uv write. In an artifact, a `.pth` that imports a module of the same wheel and calls it is low,
and any other line high. Measured on ten environments made by pip, uv and pipenv: one line of a `.pth`, which
coverage installs, at low.

Fix: read what it runs, and find out what wrote it; then remove it, or reinstall from the lockfile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Capability, Change, File, Record
from fimci.packages.owners import about, owner, owners

SEVERITY = Severity.HIGH
_QUIET = ("packages of the system", "module that virtualenv writes", "call of its own module")
_CRITICAL = ("module of every start", "interpreter", "home of the interpreter")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to what runs at a start and was not known to."""
    known = owners(before)
    doubtful = {c.record.path for c in changes if isinstance(c.record, File) and _doubtful(c)}
    for change in changes:
        hook = change.after
        if not isinstance(hook, Capability) or hook.name != "persistence":
            continue
        if change.added or "detail" in change.differs:
            severity = _grade(hook, vouched=hook.path not in doubtful)
            shown = f": {hook.detail}" if hook.detail else ""
            message = f"{hook.subject}{shown}"
            package = owner(hook.path, known)
            yield about(package, [change], rule="start-up-hook", severity=severity, message=message)


def _doubtful(change: Change) -> bool:
    """Tell whether no list vouches for the bytes of a file."""
    return change.real or "digest" in change.unstated


def _grade(hook: Capability, *, vouched: bool) -> Severity:
    if hook.subject.startswith(_QUIET):
        return Severity.LOW
    if hook.subject.startswith(_CRITICAL):
        return Severity.HIGH if vouched else Severity.CRITICAL
    return Severity.LOW if vouched else SEVERITY
