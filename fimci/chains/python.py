"""The distributions of an environment, with what it shows of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fimci.chains.subject import Subject, locked, objections
from fimci.contents import contents
from fimci.environment import Environment
from fimci.findings import Cell, Finding
from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import inside
from fimci.model import Package
from fimci.names import canonical
from fimci.trees import wheel_names
from fimci.trees.published import Artifact
from fimci.trees.python_artifacts import tags
from fimci.trees.python_files import Held
from fimci.trees.python_locks import Locked
from fimci.trees.wheel_names import Release

_SMALL = 1 << 20
_ABSENT = "no archive at hand"


def entries(here: Environment, said: Locked) -> dict[str, tuple[Package, frozenset[str]]]:
    """Return the locked entry of each distribution, and the platforms that it says it is for."""
    by_release: dict[Release, Package] = {}
    for package in said.packages:
        if isinstance(package.version, str):
            key = wheel_names.release(package.name, package.version)
            known = by_release.get(key)
            if known is None or not known.integrity:
                by_release[key] = package
    ours = [one for one in here.distributions if one.ecosystem == "pypi"]
    wheels, _ = contents(here.root, (inside(one.info, "WHEEL") for one in ours), _SMALL)
    found = {}
    for one in ours:
        entry = by_release.get(wheel_names.release(one.name, one.version))
        if entry is not None:
            stated = tags(wheels.get(inside(one.info, "WHEEL"), b""))
            found[one.info] = entry, frozenset(tag.decode("ascii", "replace") for tag in stated)
    return found


def subjects(
    here: Environment, said: Locked, both: Held, findings: Sequence[tuple[str, Sequence[Finding]]]
) -> Iterator[Subject]:
    """Yield the distributions; `findings` are those of each subtraction, by what the left side was."""
    owner = _owner(here.distributions)
    against = {kind: objections(told, owner) for kind, told in findings}
    known = entries(here, said)
    names = {canonical(package.name) for package in said.packages}
    for one in here.distributions:
        entry, stated = known.get(one.info, (None, frozenset[str]()))
        found = both.found.get(one.info)
        first = locked(entry, "no lockfile names it" if said.files else "there is no lockfile")
        if entry is None and canonical(one.name) in names:
            first = Cell("failed", "another version is locked")
        wrong = [*against.get("artifact", {}).get(one.info, ()), *against.get("record", {}).get(one.info, ())]
        yield Subject(
            one.ecosystem,
            canonical(one.name) if one.ecosystem == "pypi" else one.name,
            one.version,
            one.info,
            entry,
            first,
            _artifact(found),
            _installed(one, found, wrong),
            stated,
        )


def _owner(distributions: Sequence[Distribution]) -> Callable[[str], str | None]:
    """Return what says whose a path is: by the lists of files, and the folders of metadata."""
    owners: Mapping[str, str] = {path: one.info for one in distributions for path in one.files}
    infos = {one.info for one in distributions}

    def owner(path: str) -> str | None:
        if path in owners:
            return owners[path]
        folder = path
        while folder and folder not in infos:
            folder = folder.rpartition("/")[0]
        return folder or None

    return owner


def _artifact(found: Artifact | None) -> Cell | None:
    """Return what caches show of the archive."""
    if found is None or not found.vouched or (found.files is None and not found.why):
        return None
    return Cell("verified") if found.files is not None else Cell("not verified", found.why)


def _installed(one: Distribution, found: Artifact | None, wrong: Sequence[Finding]) -> Cell:
    if wrong:
        return Cell("failed", wrong[0].rule)
    if one.origin.editable:
        return Cell("not verified", "is a folder of its own (editable)")
    if found is None or found.files is None:
        return Cell("not verified", _ABSENT)
    if not found.vouched:
        return Cell("not verified", "as its installer keeps it, for which no lockfile vouches")
    return Cell("verified")
