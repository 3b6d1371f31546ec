"""A locked package is fetched from a file that has the name or version of another.

The name of an entry is what people review, its URL is what clients fetch. Where both disagree,
something else is installed under a familiar name, or an older release with a known hole. Measured:
with the URL and hash of another package of the same registry, npm 10 to 12, yarn 1, yarn 4, pnpm 10
and bun install that one without a word. Judged are tarballs of registries that spell the names of
their releases (`/left/-/left-1.0.1.tgz`; 3,704 of 3,704 entries of genuine lockfiles do) or are
configured, and wheels and source archives of Python lockfiles (`left_pad-1.0-py3-none-any.whl`).

Critical where the same version has no hash in common with what stood there, or no hash at all.

Silent: registries whose URLs spell nothing, a URL that stood before, aliases (the URL must name the
real package), and a Python project whose files were named in that way before. In 182 real
updates of npm and Python lockfiles it never spoke.

Fix: lock this package again from your registry, and find out who edited the lockfile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Package, Record, Setting
from fimci.packages.file_names import contradicts, file_name
from fimci.packages.origins import address, npm_tarball
from fimci.packages.releases import (
    ONE_BY_ONE,
    Known,
    altered,
    bare_version,
    hosts,
    known,
    locked,
    named,
    present,
    title,
    vouched,
)
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "name-mismatch"

#: How the readers of Python lockfiles state files that are not named after their release.
_FILE_NAME = "file-name."


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each entry whose URL or files name another release; to many of them, once."""
    changes = list(altered(changes))
    left = known(before)
    spelling = _spelling(changes, before)
    odd = []
    for change in changes:
        package = change.after
        spelt = _elsewhere(package, spelling) if locked(package) else ""
        if spelt and locked(package) and not _stood(package, left):
            odd.append((change, spelt))
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


def _spelling(changes: Sequence[Change], before: Sequence[Record]) -> frozenset[str]:
    """Return the hosts of which a tarball is named after its release, and those that are configured."""
    right = present(changes, before)
    spelt = (one for one in right if npm_tarball(one.origin) == (one.name, bare_version(one)))
    return hosts(before).canonical.union(address(one.origin).host for one in spelt)


def _elsewhere(package: Package, spelling: frozenset[str]) -> str:
    """Return the release that the URL of a package names instead, else nothing."""
    if package.ecosystem == "pypi":
        file = file_name(package.origin) if isinstance(package.origin, str) else ""
        if package.origin_kind not in {"tarball", "file"} or not file.lower().endswith(".whl"):
            return ""
        return file if contradicts(file, package.name, bare_version(package)) else ""
    spelt = npm_tarball(package.origin)
    if package.ecosystem != "npm" or spelt is None or not bare_version(package):
        return ""
    if spelt == (package.name, bare_version(package)) or address(package.origin).host not in spelling:
        return ""
    return "@".join(spelt)


def _stood(package: Package, left: Known) -> bool:
    olds = left.locked.get(named(package), ())
    return any((old.origin, old.version) == (package.origin, package.version) for old in olds)


def _files(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to files of a Python release with another name, once per release and repository."""
    had = {_project(record) for record in before if isinstance(record, Setting) and _misnamed(record)}
    values = {record.value for record in before if isinstance(record, Setting) and _misnamed(record)}
    told = set()
    for change in changes:
        setting = change.after
        if not isinstance(setting, Setting) or not _misnamed(setting) or setting.name in told:
            continue
        if setting.value in values or (change.added and _project(setting) in had):
            continue
        told.add(setting.name)
        release = setting.name.removeprefix(_FILE_NAME)
        message = f"{release}: a file of it is named {setting.value.replace(' ', ', ')}"
        yield finding(change, rule=_RULE, severity=SEVERITY, message=message)


def _misnamed(setting: Setting) -> bool:
    return setting.name.startswith(_FILE_NAME)


def _project(setting: Setting) -> str:
    return setting.name.partition("@")[0]
