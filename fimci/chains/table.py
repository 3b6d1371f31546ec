"""From a tree or a lockfile to a report with the chain of custody of each package in it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeAlias

import msgspec

from fimci import rules, trees
from fimci.chains import archives, locks, node, objections, origins, python, signers
from fimci.chains.subject import Proof, Subject
from fimci.errors import SourceError
from fimci.findings import LINKS, Cell, Chain, Counts, Report, package_url
from fimci.look import Progress
from fimci.model import Package, Place
from fimci.packages.releases import hashes
from fimci.policy import Policy
from fimci.printable import plural
from fimci.releases.obtain import Sources
from fimci.releases.vouched import Judge
from fimci.sources.locator import Locator
from fimci.trees import node as node_trees
from fimci.trees import node_locks
from fimci.trees import python as python_trees
from fimci.trees.tree import Subtraction, Tree

_AT_ONCE = 8
#: Entries of a lockfile by their places, with the platforms that an archive must fit.
_Entries: TypeAlias = Mapping[str, tuple[Package, frozenset[str]]]
_NOTHING = Proof(why="no lockfile vouches for it")


class Asked(NamedTuple):
    """What is to be verified, and by what: sources by the names of packages, a policy, a root of trust."""

    target: Locator
    where: Sources
    named: Mapping[str, Locator]
    policy: Policy
    root: str | None
    today: dt.date


class _Taken(NamedTuple):
    """The packages of a target, what was proven of their archives, and the report on the tree."""

    subjects: Sequence[Subject]
    proofs: Mapping[str, Proof]
    report: Report


def verified(asked: Asked, progress: Progress | None = None) -> Report:
    """Return a report with the chains of a target. Raises `SourceError` where that is none."""
    if asked.target.scheme == "python":
        taken = _python(asked, progress)
    elif asked.target.scheme == "node":
        taken = _node(asked, progress)
    else:
        taken = _locked(asked, progress)
    proofs = [taken.proofs.get(_key(one.entry), _NOTHING) for one in taken.subjects]
    evidence = list(_evidence(asked, taken.subjects, proofs))
    sources = [
        origins.sourced(asked.where, subject.entry, proof, asked.named.get(subject.name), asked.policy)
        for subject, proof in zip(taken.subjects, proofs, strict=True)
    ]
    chains = tuple(map(_chain, taken.subjects, proofs, (cell for cell, _ in sources), evidence))
    failed = zip(taken.subjects, proofs, (signer for signer, _ in evidence), strict=True)
    others = [report for _, report in sources if report is not None]
    report = trees.joined(taken.report, [*others, *objections.reports(failed, asked.policy, asked.today)])
    return msgspec.structs.replace(report, chains=chains, notes=(*report.notes, *_summary(chains)))


def _key(entry: Package | None) -> str:
    return entry.place if entry is not None else ""


def _chain(subject: Subject, proof: Proof, source: Cell, signed: tuple[Cell, Cell]) -> Chain:
    known = subject.artifact
    artifact = _proven(proof)
    if known is not None and artifact.state == "not verified":
        artifact = known
    return Chain(
        _purl(subject), subject.place, (subject.locked, artifact, subject.installed, source, *signed)
    )


def _proven(proof: Proof) -> Cell:
    if proof.tampered:
        return Cell("failed", proof.why)
    return Cell("verified", proof.source) if proof.source else Cell("not verified", proof.why)


def _purl(subject: Subject) -> str:
    package = Package(
        ecosystem=subject.ecosystem,
        name=subject.name,
        version=subject.version or None,
        place=subject.place,
        stated_by="disk",
        at=Place(subject.place),
    )
    return package_url(package)


def _evidence(
    asked: Asked, subjects: Sequence[Subject], proofs: Sequence[Proof]
) -> Iterator[tuple[Cell, Cell]]:
    """Fetch what there is of each archive, many at once, and verify it, one after the other."""
    judge = Judge(asked.root)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        fetched = pool.map(
            lambda pair: signers.fetched(asked.where, *pair), zip(subjects, proofs, strict=True)
        )
        for subject, proof, found in zip(subjects, proofs, fetched, strict=True):
            yield signers.cells(subject, proof, found, judge)


def _proofs(asked: Asked, entries: _Entries, progress: Progress | None) -> dict[str, Proof]:
    found = archives.proofs(asked.where, entries.values(), progress)
    return dict(zip(entries, found, strict=True))


def _node(asked: Asked, progress: Progress | None) -> _Taken:
    root = os.path.realpath(asked.target.path)
    if os.path.basename(root) == "node_modules":
        root = os.path.dirname(root)
    found = [tree for tree in node_trees.found(root, "") if tree.start == "node_modules"]
    if not found:
        raise SourceError(f"{asked.target.path} has no node_modules", "name the folder of a project that has")
    lock = node_locks.found(root, "")
    entries = {
        one.place: (one, frozenset[str]())
        for one in (lock.lock.packages if lock is not None and lock.lock is not None else ())
        if hashes(one)
    }
    proofs = _proofs(asked, entries, progress)
    here, both = node_trees.examined(found[0], progress)
    reports = _judged(found[0], node_trees.subtracted(here, both), asked)
    said = [(kind, report.findings) for kind, report in reports]
    return _Taken(list(node.subjects(here, both, said)), proofs, _joined(reports))


def _python(asked: Asked, progress: Progress | None) -> _Taken:
    place = os.path.realpath(asked.target.path)
    root, start = os.path.split(place)
    tree = Tree("python", root, start, ".")
    here, said = python_trees.looked(tree, progress)
    if not here.distributions:
        raise SourceError(f"{asked.target.path} is not an environment with packages", "name its prefix")
    entries = {entry.place: (entry, tags) for entry, tags in python.entries(here, said).values()}
    proofs = _proofs(asked, entries, progress)
    both = python_trees.against(tree, here, said)
    reports = _judged(tree, python_trees.subtracted(tree, here, said, both), asked)
    told = [(kind, report.findings) for kind, report in reports]
    return _Taken(list(python.subjects(here, said, both, told)), proofs, _joined(reports))


def _locked(asked: Asked, progress: Progress | None) -> _Taken:
    packages, unread = locks.taken(asked.target.path)
    subjects = list(locks.subjects(packages))
    entries = {one.entry.place: (one.entry, frozenset[str]()) for one in subjects if one.entry is not None}
    report = Report(
        left="(nothing)",
        right=asked.target.path,
        counts=Counts(1, len(subjects), 0),
        findings=(),
        unread=unread,
        fail_on=asked.policy.fail_on,
        pages=rules.pages(),
    )
    return _Taken(subjects, _proofs(asked, entries, progress), report)


def _judged(tree: Tree, found: Iterator[Subtraction], asked: Asked) -> list[tuple[str, Report]]:
    return [(one.against, trees.reported(tree, one, asked.policy, today=asked.today)) for one in found]


def _joined(reports: Sequence[tuple[str, Report]]) -> Report:
    first, *rest = (report for _, report in reports)
    return trees.joined(first, rest)


def _summary(chains: Sequence[Chain]) -> Iterator[str]:
    """Say of each link for how many packages it holds."""
    for at, link in enumerate(LINKS):
        states = [chain.cells[at].state for chain in chains]
        failed = f", failed of {states.count('failed'):,}" if "failed" in states else ""
        yield f"{link}: verified of {states.count('verified'):,} of {plural(len(states), 'package')}{failed}"
