"""Who vouches for an artifact: evidence is read once, and each artifact is held against it.

Imported only where a signature is asked for: what it needs takes half a second to import.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fimci.artifacts import evidence
from fimci.artifacts.evidence import Evidence, Means
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.attest import roots, ssh
from fimci.attest.identity import Signer
from fimci.attest.keyless import Verifier
from fimci.attest.refusal import Refusal
from fimci.errors import UsageError
from fimci.snapshot import reason

Judge: TypeAlias = Callable[[Members, Named], Evidence]
_LIMIT = 1 << 20
_OLD = 180


def prepared(  # noqa: PLR0913  (what may be named on the command line)
    bundles: Sequence[str],
    signer: Signer | None,
    *,
    root: str | None,
    key: str | None,
    allowed: str | None,
    alone: bool,
) -> Judge:
    """Return what judges an artifact by this evidence. Raises `UsageError` where it cannot be used.

    `alone`: there is one artifact, so that all evidence must be about it.
    """
    try:
        pieces = evidence.parsed(bundles)
        keyless = any(piece.form == "bundle" for piece in pieces)
        if keyless and not (signer is not None and signer.is_asked):
            raise UsageError(
                "no expected signer is given, and anybody can sign",
                "name the signer with --identity, or in [signer] of the policy",
            )
        means = Means(
            signer or Signer(),
            Verifier(roots.trusted_root(root)) if keyless else None,
            _read(key) if key is not None else b"",
            ssh.allowed(_read(allowed)) if allowed is not None else (),
        )
    except Refusal as refusal:
        raise UsageError(
            f"the evidence cannot be used: {refusal}", "fetch it again, or leave it out"
        ) from None
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {reason(error)}", "name a file") from None
    dated = _dated() if keyless and root is None else []

    def judge(found: Members, named: Named) -> Evidence:
        what = evidence.artifact(found, named)
        done = evidence.judged(found.path, what, pieces, means, alone=alone)
        notes = [*done.notes, *dated]
        dated.clear()  # once for a run
        return done._replace(notes=notes)

    return judge


def _dated() -> list[str]:
    """Say how old the root of trust is that comes with fimci: offline, nobody else would."""
    days = (dt.datetime.now(dt.timezone.utc).date() - roots.TAKEN).days
    old = ", which is old: update fimci, or name a newer one with --trusted-root" if days > _OLD else ""
    return [f"the root of trust is that of {roots.TAKEN.isoformat()}{old}"]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_LIMIT)
