"""A new file of code is a payload by its looks: large, and made unreadable, or encoded.

The worms on npm brought one bundle of megabytes (`bundle.js`, `bun_environment.js`), beside sources that
had nothing of the kind. A release that adds a bundle is nothing strange, and one that adds an obfuscated
file is.

High where a new file of more than 20 kB has a mark of an obfuscator or decodes code (`obfuscation-jump`,
`encoded-payload`), and nothing in the package had one; critical where it runs at installation.

Silent: minified and bundled code without such marks, files that only moved, tests and examples.

Measured on 424 real updates of 140 packages that were drawn at random: silent in all of them.

Fix: do not install it before you know what made the file and from which source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.gains import gains
from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, File, Record

SEVERITY = Severity.HIGH
_RULE = "payload-file-added"
_LARGE = 20_000
_CODE = (".js", ".cjs", ".mjs", ".ts", ".py", ".pyw", ".sh", ".ps1", ".html", ".bat")
_DATA = "encoded literal"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to new files with marks that nothing had before."""
    marked = {
        gain.now.path: gain
        for gain in gains(changes, before, frozenset(("obfuscation", "encoded-payload")))
        if gain.phase != "call"
        if gain.first and gain.now.subject != _DATA and gain.now.package is not None
    }
    if not marked:
        return
    known = {c.before.digest for c in changes if isinstance(c.before, File) and c.removed}
    for change in changes:
        file = change.after
        if not change.added or not isinstance(file, File) or file.path not in marked or file.digest in known:
            continue
        if not isinstance(file.size, int) or file.size < _LARGE or not file.path.endswith(_CODE):
            continue
        now = marked[file.path].now
        severity = Severity.CRITICAL if now.phase == "install" else SEVERITY
        yield grouped(
            [change, marked[file.path].change],
            rule=_RULE,
            severity=severity,
            message=f"new file of {file.size:,} bytes, {_told(now)}",
            line=now.at.line,
        )


def _told(now: Capability) -> str:
    return f"{now.name}: {now.subject}, {now.detail}" if now.detail else f"{now.name}: {now.subject}"
