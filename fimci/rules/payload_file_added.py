"""A new code file looks like a payload: it is large, and obfuscated or encoded.

The worms on npm added one bundle of several megabytes (`bundle.js`, `bun_environment.js`) next to sources
that had nothing of the kind. A release that adds a bundle is nothing unusual, but one that adds an obfuscated
file is.

High where a new file of more than 20 kB has a trace of an obfuscator or decodes code (`obfuscation-jump`,
`encoded-payload`), and nothing in the package had one before; critical where it runs at installation.

Not reported: minified and bundled code without such traces, moved files, tests and examples.

Measured on 424 real updates of 140 randomly selected packages: no findings.

Fix: do not install it before you know what generated the file, and from which source.
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
