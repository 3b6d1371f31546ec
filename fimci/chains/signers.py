"""Who signed an archive and what built it, by what its registry has of that.

Nobody says who is expected: anybody can sign. What is told is who did, that what they state is borne out by
their certificate, and whether the repository is one that the archive itself names.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TypeAlias

from fimci.artifacts import evidence
from fimci.artifacts.evidence import Means
from fimci.attest import roots, statements
from fimci.attest.certificate import Claims
from fimci.attest.identity import Signer
from fimci.attest.keyless import Verifier
from fimci.attest.logged import REGISTRY
from fimci.attest.materials import Material
from fimci.attest.refusal import Refusal
from fimci.attest.statements import Artifact
from fimci.chains.archives import wanted_of
from fimci.chains.subject import Proof, Subject
from fimci.findings import Cell
from fimci.packages.origins import repository
from fimci.registries.registry import Offered, UnobtainableError
from fimci.releases.attested import attested
from fimci.releases.obtain import Sources

_COMMIT = 12


class Judge:
    """The root of trust, read once there is something to verify: that takes half a second."""

    def __init__(self, root: str | None = None) -> None:
        """Name a root in the place of the one that comes with fimci."""
        self._root, self._means, self._lock = root, Means(Signer(), None, b"", ()), threading.Lock()

    def means(self) -> Means:
        """Return what evidence is verified with. Raises `Refusal` for a root that cannot be used."""
        with self._lock:
            if self._means.verifier is None:
                self._means = self._means._replace(verifier=Verifier(roots.trusted_root(self._root)))
            return self._means


#: What was fetched: pieces of evidence, or both cells where there are none.
Fetched: TypeAlias = "Sequence[Material] | tuple[Cell, Cell]"


def fetched(where: Sources, subject: Subject, proof: Proof) -> Fetched:
    """Ask for the evidence about an archive."""
    if subject.entry is None or not proof.source:
        return _unknown("its archive is not at hand" if subject.entry is not None else "no lockfile names it")
    try:
        return attested(where, wanted_of(subject.entry), Offered(proof.file, "", ()))
    except UnobtainableError as error:
        return _unknown(str(error))
    except Refusal as refusal:
        return _failed(str(refusal))


def cells(subject: Subject, proof: Proof, found: Fetched, judge: Judge) -> tuple[Cell, Cell]:
    """Return the cells of signer and builder."""
    if isinstance(found, tuple):
        return found
    what = Artifact(proof.file, dict(proof.digests), f"{subject.name}@{subject.version}")
    return judged(found, what, proof.repositories, judge)


def judged(
    pieces: Sequence[Material], what: Artifact, repositories: frozenset[str], judge: Judge
) -> tuple[Cell, Cell]:
    """Verify every piece; one that does not hold is worse than none."""
    jobs: list[Claims] = []
    for piece in pieces:
        try:
            claims = _verified(piece, what, judge)
        except Refusal as refusal:
            return _failed(f"{piece.where}: {refusal}")
        if claims.identity != REGISTRY:
            jobs.append(claims)
    if not jobs:
        told = "only the registry signed it"
        return Cell("verified", "the registry alone"), Cell("not verified", told)
    return _of_job(jobs[0], repositories)


def _verified(piece: Material, what: Artifact, judge: Judge) -> Claims:
    means = judge.means() if piece.form == "bundle" else Means(Signer(), None, b"", ())
    found, statement = evidence.proved("", what, piece, means)
    if statement is not None:
        if piece.predicate and piece.predicate != statement.get("predicateType"):
            raise Refusal("subject", "is of another type than the document around it says")
        facts = {} if found.claims.identity == REGISTRY else found.claims.facts
        for fault in statements.borne_out(statement, facts):
            raise Refusal("subject", fault)
    return found.claims


def _of_job(claims: Claims, repositories: frozenset[str]) -> tuple[Cell, Cell]:
    facts = claims.facts
    who = claims.identity.removeprefix("https://")
    built = repository(facts.get("repository", ""))
    if not built:
        return Cell("verified", who), Cell("not verified", "its certificate is that of no job")
    job = f"{facts.get('runner') or 'unknown'} runner, {built} at {facts.get('commit', '')[:_COMMIT]}"
    if repositories and built not in repositories:
        why = f"signed by a job of {built}, its metadata name {', '.join(sorted(repositories))}"
        return Cell("not verified", why), Cell("verified", job)
    return Cell("verified", who), Cell("verified", job)


def _unknown(why: str) -> tuple[Cell, Cell]:
    return Cell("not verified", why), Cell("not verified", why)


def _failed(why: str) -> tuple[Cell, Cell]:
    return Cell("failed", why), Cell("failed", why)
