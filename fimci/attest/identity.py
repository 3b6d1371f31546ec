"""Who is expected to have signed: what can be pinned, and how it is held against a certificate.

Everything is compared whole. A ref may have `*` in it, which stands for anything but a `/`; it is anchored
at both ends, so that `refs/tags/v*` never takes a branch named `refs/heads/refs/tags/v1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from fimci.attest.certificate import Claims

GITHUB = "https://token.actions.githubusercontent.com"
_HOST = "https://github.com/"


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """What must be so; an empty text asks for nothing, but something must be asked for (`is_asked`).

    `identity` is the subject of the certificate, a workflow with its ref (`…/release.yml@refs/tags/v*`),
    which must be there, or an address. `repository` is a URL, `workflow` the path of the workflow that signs
    (of a reusable one with its repository), `ref` the ref that the release was built from, `builder` what a
    provenance of SLSA names so (a runner, or the workflow that signs): with it, nothing but such a provenance
    will do.
    """

    identity: str = ""
    issuer: str = ""
    repository: str = ""
    workflow: str = ""
    ref: str = ""
    commit: str = ""
    trigger: str = ""
    runner: str = ""
    builder: str = ""
    repository_id: str = ""
    owner_id: str = ""
    #: Types of statements of which each must be there; none: any statement will do.
    predicates: tuple[str, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Tell whether anybody in particular is expected: a signature of just anybody proves nothing."""
        return bool(self.identity or self.repository)


def faults(signer: Signer, claims: Claims) -> Iterator[tuple[str, str, str]]:
    """Yield what is otherwise: which fact, what was expected, and what it is."""
    facts = claims.facts
    issuer = signer.issuer or (
        GITHUB if signer.repository.startswith(_HOST) or _HOST in signer.identity else ""
    )
    if not issuer and "://" in signer.identity:
        issuer = GITHUB
    # An address without its issuer could be claimed at another one.
    yield from _differs("issuer", issuer or "one that is named (--issuer)", facts.get("issuer", ""))
    if signer.identity:
        path, ref = _split(signer.identity)
        there, there_ref = _split(claims.identity)
        yield from _differs("identity", path, there)
        named = ref or (f"one that is named ({path}@refs/tags/…)" if there_ref else "")
        yield from _matches("ref of the signer", named, there_ref)
    if signer.workflow:
        path, ref = _split(facts.get("signer", ""))
        expected = signer.workflow if "://" in signer.workflow else f"{signer.repository}/{signer.workflow}"
        wanted, wanted_ref = _split(expected)
        yield from _differs("workflow", wanted, path)
        yield from _matches(
            "ref of the workflow",
            wanted_ref or ("" if path.startswith(f"{signer.repository}/") else "refs/tags/*"),
            ref,
        )
    yield from _differs("repository", signer.repository, facts.get("repository", ""))
    yield from _matches("ref", signer.ref, facts.get("ref", ""))
    runner = signer.runner or ("github-hosted" if issuer == GITHUB else "")
    for name, expected in (
        ("commit", signer.commit),
        ("trigger", signer.trigger),
        ("runner", runner),
        ("repository-id", signer.repository_id),
        ("owner-id", signer.owner_id),
    ):
        yield from _differs(name, expected, facts.get(name, ""))


def _split(identity: str) -> tuple[str, str]:
    """Split `URL@REF` at its last `@`; an address has none."""
    path, at, ref = identity.rpartition("@")
    return (path, ref) if at and "://" in identity else (identity, "")


def _differs(name: str, expected: str, actual: str) -> Iterator[tuple[str, str, str]]:
    if expected and expected != actual:
        yield name, expected, actual or "not stated"


def _matches(name: str, pattern: str, actual: str) -> Iterator[tuple[str, str, str]]:
    if pattern and not re.fullmatch("[^/]*".join(map(re.escape, pattern.split("*"))), actual):
        yield name, pattern, actual or "not stated"
