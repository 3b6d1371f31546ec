"""A locked package is downloaded from a file that has the name or version of another one.

People review the name of an entry; clients download its URL. If the two disagree, something else is installed
under a familiar name, or an older release with a known vulnerability. Measured: with the URL and hash of
another package of the same registry, npm 10 to 12, yarn 1, yarn 4, pnpm 10 and bun install that one without a
message. Checked are tarballs of registries that spell out the names of their releases
(`/left/-/left-1.0.1.tgz`; 3,704 of 3,704 entries of genuine lockfiles do) or are configured, and wheels and
source archives of Python lockfiles (`left_pad-1.0-py3-none-any.whl`).

Critical where the same version has no hash in common with what was there before, or no hash at all.

Not reported: registries whose URLs contain no names, a URL that was there before, aliases (the URL must name
the real package), and a Python project whose files were named that way before. In 182 real updates of npm and
Python lockfiles there were no findings.

Fix: lock this package again from your registry, and find out who edited the lockfile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Package, Record
from fimci.packages.misnaming import FILE_NAME, misnamed, misnamed_files
from fimci.packages.releases import ONE_BY_ONE, Known, altered, known, named, title, vouched
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "name-mismatch"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each entry whose URL or files name another release; to many of them, once."""
    changes = list(altered(changes))
    left = known(before)
    odd = list(misnamed(changes, before, left))
    if len(odd) > ONE_BY_ONE:
        names = listed([f"{_title(change)} ({spelt})" for change, spelt in odd])
        message = f"URLs of {len(odd):,} packages name others: {names}"
        yield _about([change for change, _ in odd], left, message)
    else:
        for change, spelt in odd:
            yield _about([change], left, f"{_title(change)}: its URL names {spelt}")
    yield from _files(changes, before)


def _about(changes: Sequence[Change], left: Known, message: str) -> Finding:
    news = [change.after for change in changes if isinstance(change.after, Package)]
    severity = max(vouched(left.locked.get(named(new), ()), new) for new in news)
    return grouped(changes, rule=_RULE, severity=severity, message=message, part="origin")


def _title(change: Change) -> str:
    return title(change.after) if isinstance(change.after, Package) else ""


def _files(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to files of a Python release with another name, once per release and repository."""
    told = set()
    for change, setting in misnamed_files(changes, before):
        if setting.name in told:
            continue
        told.add(setting.name)
        release = setting.name.removeprefix(FILE_NAME)
        message = f"{release}: one of its files is named {setting.value.replace(' ', ', ')}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=message)
