"""Which entries of lockfiles are fetched from a file that has the name or version of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from fimci.model import Change, Package, Record, Setting
from fimci.packages.file_names import contradicts, file_name
from fimci.packages.origins import address, npm_tarball
from fimci.packages.releases import Known, bare_version, hosts, locked, named, present

#: How readers state files that are not named after their release.
FILE_NAME = "file-name."


def misnamed(
    changes: Sequence[Change], before: Sequence[Record], left: Known
) -> Iterator[tuple[Change, str]]:
    """Yield each entry whose URL names another release than before, with that release."""
    spelling = _spelling(changes, before)
    for change in changes:
        package = change.after
        spelt = _elsewhere(package, spelling) if locked(package) else ""
        if spelt and locked(package) and not _stood(package, left):
            yield change, spelt


def misnamed_files(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[tuple[Change, Setting]]:
    """Yield what is said of files with another name, but of projects whose files were named so before."""
    olds = [record for record in before if _names_a_file(record)]
    had, values = {_project(old) for old in olds}, {old.value for old in olds}
    for change in changes:
        setting = change.after
        if not _names_a_file(setting) or setting.value in values:
            continue
        if not change.added or _project(setting) not in had:
            yield change, setting


def _names_a_file(record: Record | None) -> TypeGuard[Setting]:
    return isinstance(record, Setting) and record.name.startswith(FILE_NAME)


def _project(setting: Setting) -> str:
    return setting.name.partition("@")[0]


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
