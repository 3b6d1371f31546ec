"""Who signed an archive and what built it, by what its registry has of that.

Nobody says who is expected: anybody can sign. What is told is who did, that what they state is borne out by
their certificate, and whether the repository is one that the archive itself names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from fimci.attest.certificate import Claims
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
from fimci.releases.vouched import Judge, verified

_COMMIT = 12


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
            claims = verified(piece, what, judge)
        except Refusal as refusal:
            return _failed(f"{piece.where}: {refusal}")
        if claims.identity != REGISTRY:
            jobs.append(claims)
    if not jobs:
        told = "only the registry signed it"
        return Cell("verified", "the registry alone"), Cell("not verified", told)
    return _of_job(jobs[0], repositories)


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
