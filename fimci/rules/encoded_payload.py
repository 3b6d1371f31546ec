"""An encoded constant decodes to code.

Nobody writes a program in base64 to be read. Bundlers embed fonts, images and WebAssembly that way, but not
programs that are decoded and evaluated. fimci decodes constants through the usual layers (base64, hex,
compression, XOR, character codes), reads the result as code, and reports what that code can do. Machine code
that Python places in memory and runs (`VirtualAlloc` and similar, executable memory mappings) counts as well,
and so does a pickle that would run, download or delete something when loaded: its opcodes are read, not
executed.

High at installation and import, medium where the code has to be called.

Not reported: chains of the same kind with the same target that the package had before, in any file, and moved
code.

Measured on 424 real updates of 140 randomly selected packages: no findings.

Fix: read the decoded content; if it is intended, ask for it in plain text, or accept it with `fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "encoded-payload", "hides code: ")
