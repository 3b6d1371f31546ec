"""Code changes other code: modules that are loaded, built-in functions, installed packages.

Who replaces `fetch`, a module's loader or a file of another package sees and changes all that goes through
them: the attack on chalk and debug (2025) wrapped `fetch` and wallets. Test runners, tracers and polyfills
do it for a living, so that only the gain is told.

High at installation, medium at import, low where somebody has to call it; less where real updates of the
same kind gain it now and then. High at import for files of other packages, and where a patch puts a package
that changed nothing of others between them and what all requests or payments go through.

Silent: chains of the same kind towards the same that the package had before, wherever in it, and what
moves.

Measured on 424 real updates of 140 packages that were drawn at random: silent in all of them.

Fix: look what is replaced and by what; if it is meant, accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "module-tampering", "changes other code: ")
