"""A statement about our own state: which baseline or manifest is the good one, since when, and until when.

It is small and says where in a row of states it stands, because a valid signature on an old state is an
attack by itself (CVE-2026-44544 of gittuf). Clock and version are here, and not in the file that it is about.

    subject    name and sha256 of the file
    predicate  root (digest of its records), repository, commit, sequence, previous (sha256 of the file
               before), policy (sha256), tool, created, expires
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import msgspec

from fimci.attest import dsse, identity, roots, ssh
from fimci.attest.identity import Signer
from fimci.attest.materials import IN_TOTO, Material
from fimci.attest.refusal import Refusal
from fimci.attest.ssh import Allowed

TYPE = "urn:fimci:state:v1"
NAMESPACE = "fimci-state"
STATEMENT = "https://in-toto.io/Statement/v1"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed. Times are in UTC, to the second; what nobody knows is `None`."""

    name: str
    sha256: str
    root: str
    sequence: int
    created: str
    tool: str
    repository: str | None = None
    commit: str | None = None
    previous: str | None = None
    policy: str | None = None
    expires: str | None = None


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What a state must be: signed by one of these, not below that sequence, of that repository.

    Those are keys, or an identity whose certificate comes from `root` (default: the shipped one). `last` is
    the state that was last seen: just that one will do, or the one that follows it.
    """

    allowed: tuple[Allowed, ...] = ()
    signer: Signer | None = None
    root: str | None = None
    least: int = 0
    repository: str | None = None
    last: State | None = None


def message(data: bytes) -> bytes:
    """Return what is signed of a payload."""
    return dsse.pae(IN_TOTO, data)


def payload(state: State) -> bytes:
    """Return the statement that is signed, in canonical form."""
    predicate = msgspec.structs.asdict(state)
    subject = {"name": predicate.pop("name"), "digest": {"sha256": predicate.pop("sha256")}}
    statement = {"_type": STATEMENT, "subject": [subject], "predicateType": TYPE, "predicate": predicate}
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def envelope(data: bytes, armoured: bytes) -> bytes:
    """Return the envelope of a payload and its SSH signature."""
    signature = ssh.parse(armoured)
    blob = b"".join(line for line in armoured.split(b"\n") if line and not line.startswith(b"-----"))
    value = {
        "payloadType": IN_TOTO,
        "payload": base64.b64encode(data).decode(),
        "signatures": [{"keyid": signature.fingerprint, "sig": blob.decode()}],
    }
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def parsed(text: bytes) -> tuple[State, bytes, list[bytes]]:
    """Read an envelope, whoever signed it; return the state, what is signed, and the signatures."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("form", "is not JSON") from None
    kind, data, signatures = dsse.parts(_envelope(value))
    if kind != IN_TOTO:
        raise Refusal("form", "signs a payload of another type")
    try:
        statement = json.loads(data)
        (subject,) = statement["subject"]
        if statement["_type"] != STATEMENT or statement["predicateType"] != TYPE:
            raise Refusal("form", "is no statement about a state of fimci")
        facts = {**statement["predicate"], "name": subject["name"], "sha256": subject["digest"]["sha256"]}
        state = msgspec.convert(facts, State)
    except (ValueError, TypeError, KeyError, RecursionError, msgspec.ValidationError):
        raise Refusal("form", "is no statement about a state of fimci") from None
    return state, dsse.pae(kind, data), signatures


def _envelope(value: Any) -> Any:
    """Return the envelope, which in a bundle of Sigstore stands beside its certificate."""
    return value["dsseEnvelope"] if _is_bundle(value) else value


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and "dsseEnvelope" in value


def demanded(text: bytes, name: str, sha256: str, demand: Demand, now: dt.datetime) -> tuple[State, str]:
    """Return a state and who signed it, if it is what is demanded. Raises `Refusal`."""
    state, who = vouched(text, demand)
    if (state.name, state.sha256) != (name, sha256):
        what = "other contents" if state.name == name else f"another file, {state.name[:80]}"
        raise Refusal("subject", f"is about {what}")
    least = max(demand.least, demand.last.sequence if demand.last is not None else 0)
    if state.sequence < least:
        raise Refusal("sequence", f"is number {state.sequence}, and number {least} was seen: it is replayed")
    if demand.last is not None:
        _follows(state, demand.last)
    if state.expires is not None and _moment(state.expires) < now:
        raise Refusal("expired", f"expired at {state.expires}")
    if demand.repository is not None and state.repository not in (None, demand.repository):
        raise Refusal("repository", f"is about the repository {state.repository}")
    return state, who


def vouched(text: bytes, demand: Demand) -> tuple[State, str]:
    """Return a state and who signed it, if that is one who may; whatever it says. Raises `Refusal`."""
    state, message, signatures = parsed(text)
    bundle = json.loads(text)
    if _is_bundle(bundle):
        return state, _vouched(bundle, message, demand)
    if not demand.allowed:
        raise Refusal("identity", "is one of a key, and an identity is demanded")
    return state, _signed(message, signatures, demand.allowed)


def _follows(state: State, last: State) -> None:
    """Check that a state is the one that was last seen, or the next one in its row. Raises `Refusal`."""
    number = f"is number {state.sequence}"
    if state.sequence == last.sequence and state.sha256 != last.sha256:
        raise Refusal("sequence", f"{number}, and so was another one that was seen: the row was forked")
    if state.sequence == last.sequence + 1 and state.previous != last.sha256:
        raise Refusal("sequence", f"{number}, and follows another one than was seen: the row was forked")
    if state.sequence > last.sequence + 1:
        raise Refusal("sequence", f"{number}, and {last.sequence} was last seen: what is between was not")


def _vouched(bundle: Any, message: bytes, demand: Demand) -> str:
    """Return the identity that a bundle proves, if it is the one that is demanded. Raises `Refusal`."""
    if demand.signer is None:
        raise Refusal("identity", "is one of an identity, and a key is demanded")
    from fimci.attest.keyless import Verifier  # noqa: PLC0415  (half a second, where an identity is demanded)

    verifier = Verifier(roots.trusted_root(demand.root))
    proved = verifier.verified(Material("state", "bundle", bundle), "")
    if dsse.pae(proved.kind, proved.payload) != message:
        raise Refusal("signature", "is one of another statement")
    for what, expected, found in identity.faults(demand.signer, proved.claims):
        raise Refusal("identity", f"has another {what}: {found[:200] or 'none'}, expected: {expected[:200]}")
    return proved.claims.identity


def _signed(message: bytes, signatures: list[bytes], allowed: tuple[Allowed, ...]) -> str:
    refusal = Refusal("signature", "has no signature")
    for blob in signatures:
        try:
            return ssh.verified(message, ssh.bare(blob), list(allowed), NAMESPACE)
        except Refusal as why:
            refusal = why
    raise refusal


def moment(when: dt.datetime) -> str:
    """Return a time as it is written here."""
    return when.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.timezone.utc)
    except ValueError:
        raise Refusal("form", f"has a time that is none: {text[:40]}") from None
