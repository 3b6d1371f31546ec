"""Who built a release, by evidence of its registry that holds: the certificate of a job, and its statement.

Nobody says who is expected, and anybody can sign: what counts is whether two releases of one package were
built by the same.
"""

from __future__ import annotations

import hashlib
import threading

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
from fimci.registries.registry import Offered, UnobtainableError
from fimci.releases.attested import attested
from fimci.releases.obtain import Obtained, Sources


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


def verified(piece: Material, what: Artifact, judge: Judge) -> Claims:
    """Return who signed a piece of evidence about an artifact. Raises `Refusal` where it does not hold."""
    means = judge.means() if piece.form == "bundle" else Means(Signer(), None, b"", ())
    found, statement = evidence.proved("", what, piece, means)
    if statement is not None:
        if piece.predicate and piece.predicate != statement.get("predicateType"):
            raise Refusal("subject", "is of another type than the document around it says")
        facts = {} if found.claims.identity == REGISTRY else found.claims.facts
        for fault in statements.borne_out(statement, facts):
            raise Refusal("subject", fault)
    return found.claims


def built(where: Sources, found: Obtained, offered: Offered, judge: Judge) -> tuple[str, ...] | str:
    """Return by what an archive was built, as `fimci.model.Release.built` has it; a text says why not.

    Raises `UnobtainableError` where there is no evidence to be had, or none of a job.
    """
    digests = {name: hashlib.new(name, found.data).hexdigest() for name in ("sha256", "sha512")}
    wanted = found.wanted
    what = Artifact(found.name, digests, f"{wanted.name}@{wanted.version}")
    try:
        every = [verified(piece, what, judge) for piece in attested(where, wanted, offered)]
    except Refusal as refusal:
        return str(refusal)
    jobs = [claims.facts for claims in every if claims.facts.get("repository")]
    if not jobs:
        raise UnobtainableError("no job signed it")
    facts = jobs[0]
    repository = facts["repository"]
    workflow = facts.get("workflow", "").rpartition("@")[0].removeprefix(f"{repository}/")
    return (
        facts.get("issuer", ""),
        repository.removeprefix("https://"),
        workflow.removeprefix("https://"),
        facts.get("ref", ""),
        facts.get("runner", ""),
    )
