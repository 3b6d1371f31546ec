"""What was verified, as a statement of its own: a verification summary of SLSA about all artifacts of a run.

Whoever trusts the one that signs it need not verify again. A level stands in it if every artifact has it.
https://slsa.dev/spec/v1.0/verification_summary
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fimci import __version__
from fimci import signed as states
from fimci.attest import state, statements
from fimci.custody import COLUMNS, Column
from fimci.errors import SourceError
from fimci.findings import Cell
from fimci.model import Digest, File
from fimci.policy import Policy
from fimci.snapshot import reason

TYPE = statements.SUMMARY
NAMESPACE = statements.SUMMARIES


def statement(  # noqa: PLR0913  (what was judged, and by what)
    files: Iterable[File],
    cells: Mapping[str, Mapping[Column, Cell]],
    *,
    passed: bool,
    inputs: Iterable[str],
    policy: Policy,
    origin: str,
    now: dt.datetime,
) -> bytes:
    """Return the statement; `inputs` are the files of evidence and manifest that were used.

    `policy` is what was asked for, wherever it comes from (`origin`), its hash that of all that it says.
    """
    subjects = [
        {"name": file.path, "digest": {file.digest.algorithm: file.digest.hex}}
        for file in files
        if isinstance(file.digest, Digest)
    ]
    levels = [
        f"FIMCI_{column.upper()}"
        for column in COLUMNS
        if cells and all(row[column].state == "verified" for row in cells.values())
    ]
    predicate: dict[str, Any] = {
        "verifier": {"id": "urn:fimci", "version": {"fimci": __version__}},
        "timeVerified": state.moment(now),
        "resourceUri": ", ".join(sorted(cells)),
        "policy": {
            "uri": origin,
            "digest": {"sha256": hashlib.sha256(msgspec.json.encode(policy, order="sorted")).hexdigest()},
        },
        "slsaVersion": "1.0",
        "inputAttestations": [_input(path) for path in inputs],
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": levels,
        "custody": {path: {name: str(one) for name, one in row.items()} for path, row in cells.items()},
    }
    value = {"_type": state.STATEMENT, "subject": subjects, "predicateType": TYPE, "predicate": predicate}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def signed(data: bytes, key: str, services: str | None = None) -> bytes:
    """Return the statement, signed with an SSH key, or as the job that runs (`keyless`)."""
    return states.attested(data, states.own(key), services, NAMESPACE)


def _input(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {reason(error)}", "verify again") from None
    return {"uri": os.path.basename(path), "digest": {"sha256": digest}}
