"""The packages of a `node_modules`, with what the tree shows of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fimci.chains.subject import Subject, locked, objections
from fimci.findings import Cell, Finding
from fimci.model import Package
from fimci.trees.node_files import Held
from fimci.trees.node_tree import NodeTree
from fimci.trees.published import Artifact

_UNLOCKED, _NO_LOCK = "no lockfile names it", "there is no lockfile"
_ABSENT = "no archive at hand"


def subjects(
    here: NodeTree, both: Held, findings: Sequence[tuple[str, Sequence[Finding]]]
) -> Iterator[Subject]:
    """Yield the packages; `findings` are those of each subtraction, by what the left side was."""
    folders = sorted({*here.disk.files, *here.disk.exact})
    owner = _owner(frozenset(folders))
    against = {kind: objections(said, owner) for kind, said in findings}
    why = _UNLOCKED if here.lock is not None else _NO_LOCK
    for folder in folders:
        manifest = here.manifests.get(folder)
        entry = here.match.owned.get(folder)
        outer = here.match.bundled.get(folder)
        name = entry.name if entry is not None else manifest.name if manifest is not None else folder
        version = (
            manifest.version if manifest is not None else str(entry.version) if entry is not None else ""
        )
        first = Cell("not verified", f"came inside of {outer}") if outer else locked(entry, why)
        wrong = against.get("lock", {}).get(folder)
        artifact = _artifact(here, both, outer or folder)
        yield Subject(
            "npm",
            name,
            version,
            folder,
            entry,
            Cell("failed", wrong[0].rule) if wrong else first,
            artifact,
            _installed(here, both, outer or folder, artifact, against.get("artifact", {}).get(folder)),
        )


def _owner(folders: frozenset[str]) -> Callable[[str], str | None]:
    """Return what says in which of the packages a path is."""

    def owner(path: str) -> str | None:
        while path and path not in folders:
            path = path.rpartition("/")[0]
        return path or None

    return owner


def _artifact(here: NodeTree, both: Held, folder: str) -> Cell | None:
    """Return what the tree knows of the archive that a package came from."""
    if folder in here.disk.exact:
        return Cell("verified")
    entry = here.match.owned.get(folder)
    found = _found(both.found, entry)
    if found is None or (found.files is None and not found.why):
        return None
    if found.files is None:
        return Cell("not verified", found.why)
    return Cell("verified") if found.vouched else Cell("not verified", "the word of pnpm's store alone")


def _found(found: Mapping[str, Artifact], entry: Package | None) -> Artifact | None:
    return found.get(entry.place) if entry is not None else None


def _installed(
    here: NodeTree, both: Held, folder: str, artifact: Cell | None, wrong: Sequence[Finding] | None
) -> Cell:
    if wrong:
        return Cell("failed", wrong[0].rule)
    if folder in both.verified:
        return Cell("verified")
    if artifact is not None and artifact.state == "verified":
        return Cell("verified", "but for what is explained by scripts and patches")
    found = _found(both.found, here.match.owned.get(folder))
    if found is not None and found.files is not None:
        return Cell("not verified", "as pnpm's store has it, for which no lockfile vouches")
    return Cell("not verified", _ABSENT)
