"""A wheel contains an undeclared module that has the name of another package.

Whatever is at the top level of a wheel is imported by its name, regardless of the name of the wheel: a
`requests/` inside of `demo` captures every `import requests`, or overwrites the real one. `top_level.txt`
says which modules a package intends to provide.

High for an undeclared module with the name of a widely used package or of the standard library, low for other
undeclared ones. Not reported: wheels that declare nothing (only setuptools does), and the library folders
that repair tools add (`*.libs`). Measured on 256 wheels of popular projects: nothing above low.

Fix: remove the module, or declare it and explain why it is there; build from a clean folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, Setting
from fimci.names import canonical
from fimci.packages.popular import popular

SEVERITY = Severity.HIGH
_PREFIX = "module."


def check(change: Change) -> Iterator[Finding]:
    """Object to a module that the wheel does not declare."""
    fact = change.after
    if not change.added or not isinstance(fact, Setting) or not fact.name.startswith(_PREFIX):
        return
    name = fact.name.removeprefix(_PREFIX)
    owner = "the standard library" if name in sys.stdlib_module_names else ""
    if not owner and canonical(name) in popular("pypi").known:
        owner = f"the package {canonical(name)}"
    whose = f", and belongs to {owner}" if owner else ""
    yield finding(
        change,
        rule="artifact-module-foreign",
        severity=SEVERITY if owner else Severity.LOW,
        message=f"the module {name} is not declared in top_level.txt{whose}",
    )
