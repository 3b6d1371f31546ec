"""Code modifies other code: loaded modules, built-in functions, or installed packages.

Code that replaces `fetch`, the loader of a module or a file of another package sees and changes everything
that goes through it: the attack on chalk and debug (2025) wrapped `fetch` and wallets. Test runners, tracers
and polyfills legitimately do this, so that only a gain is reported.

High at installation, medium at import, low where the code has to be called; less where real updates of the
same kind sometimes gain it. High at import for files of other packages, and where a patch release of a
package that modified nothing before puts itself between the program and all its requests or payments.

Not reported: chains of the same kind with the same target that the package had before, in any file, and moved
code.

Measured on 424 real updates of 140 randomly selected packages: no findings.

Fix: check what is replaced, and by what; if it is intended, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "module-tampering", "modifies other code: ")
