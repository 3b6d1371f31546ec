"""A module has the name of another one and may be imported in its place.

`import json` means the standard library, `import requests` the package of that name. A folder filled by `pip
install --target` comes first on the path, and so does one added by a `.pth`: a `json.py` in it captures every
import. A distribution may also put files into the package of another one.

High where the folder comes before the standard library, where a package named after another distribution gets
files, and where an editable package is imported from a folder other than the one it was installed from
(`MAPPING` of setuptools, a path in a `.pth`). Low among site-packages, which come after the standard library,
and where several distributions own the same path (`opencv-python` and its variants): the one installed last
wins. Measured on ten environments made by pip, uv and pipenv: no findings.

Fix: find out which package added it, and remove that one; a module of your own needs another name.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Capability, Change

SEVERITY = Severity.HIGH
_SUBJECTS = (
    "name of the standard library",
    "in the package of another distribution",
    "claimed by several distributions",
    "imported from outside of its project",
)
_LOUD = ("in the package of another distribution", "imported from outside of its project")


def check(change: Change) -> Iterator[Finding]:
    """Object to a module that stands in the way of another one."""
    module = change.after
    if not isinstance(module, Capability) or module.name != "module-tampering":
        return
    if module.subject in _SUBJECTS and (change.added or "detail" in change.differs):
        loud = module.subject in _LOUD or "first on the path" in module.detail
        severity = SEVERITY if loud else Severity.LOW
        message = f"{module.subject}: {module.detail}"
        yield finding(change, rule="module-shadowed", severity=severity, message=message)
