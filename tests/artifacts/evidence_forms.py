"""Every form of evidence, made to say whatever it is to say: good ones, and what an attacker would have.

A form makes its core (a bundle, an envelope, a document or a signature), which can be damaged, and puts that
into what a file of it looks like.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import json
import struct
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from fimci.attest import roots, statements
from fimci.attest.dsse import pae
from fimci.attest.identity import Signer
from tests.artifacts import battery
from tests.artifacts.second_log import moved
from tests.artifacts.sigstore_instance import (
    BUILDER,
    COMMIT,
    IN_TOTO,
    ISSUER,
    REPOSITORY,
    TAG,
    Instance,
    b64,
    signed,
    spki,
)

Family = Literal["statement", "early", "private", "message", "publish", "registry", "envelope", "file", "ssh"]
PATH = ".github/workflows/release.yml"
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generic.yml"
PUBLISH = "https://docs.index.org/attestations/publish/v1"
WHEEL, PACKAGE = battery.wheel(), battery.npm(battery.PACKAGE)
RELEASE = "demo@1.0.0"
HINT = "SHA256:ours"


class Facts(NamedTuple):
    """What evidence is to say: of which job, about what, and when."""

    repository: str = REPOSITORY
    path: str = PATH
    ref: str = TAG
    issuer: str = ISSUER
    generator: str = GENERATOR
    about: bytes | None = None
    name: str = ""
    age: int = 0
    delay: int = 5
    change: Callable[[dict[str, Any]], None] | None = None

    def said(self, statement: dict[str, Any]) -> dict[str, Any]:
        """Return the statement, changed before it is signed: its job writes whatever it likes."""
        if self.change is not None:
            self.change(statement)
        return statement

    @property
    def workflow(self) -> str:
        return f"{self.repository}/{self.path}@{self.ref}"


class Keys(NamedTuple):
    """Keys that belong to no instance: of a registry, of whoever signs envelopes, and of SSH."""

    registry: ec.EllipticCurvePrivateKey
    envelope: ed25519.Ed25519PrivateKey
    ssh: ed25519.Ed25519PrivateKey

    @property
    def pem(self) -> bytes:
        return self.envelope.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def allowed(self, options: str = "") -> bytes:
        public = self.ssh.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        return f"releases@fimci.example {options}".encode() + public + b"\n"

    def of_registry(self, end: dt.datetime | None = None) -> roots.Key:
        return roots.Key(b64(spki(self.registry)), end)


def keys() -> Keys:
    return Keys(
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        ed25519.Ed25519PrivateKey.generate(),
    )


class Form(NamedTuple):
    """A form of evidence: what it is about, who is expected to have made it, and how it is made."""

    title: str
    family: Family
    make: Callable[[Instance, Keys, Facts], Any]
    wrap: Callable[[Any], bytes]
    signer: Signer | None
    file: str = battery.WHEEL
    data: bytes = WHEEL
    #: Times come from an authority, not from the log.
    stamped: bool = False
    #: The statement says how it was built.
    built: bool = False
    root: Callable[[Instance], bytes] = Instance.trusted_root


def _digests(facts: Facts, whole: bytes, kind: str = "sha256") -> dict[str, str]:
    return {kind: hashlib.new(kind, facts.about if facts.about is not None else whole).hexdigest()}


def _subject(facts: Facts, *, npm: bool = False) -> list[dict[str, Any]]:
    if npm:
        name = facts.name or f"pkg:npm/{RELEASE}"
        return [{"name": name, "digest": _digests(facts, PACKAGE, "sha512")}]
    return [{"name": facts.name or battery.WHEEL, "digest": _digests(facts, WHEEL)}]


def _v1(facts: Facts, builder: str = BUILDER, build: str = "", *, npm: bool = False) -> dict[str, Any]:
    workflow = {"repository": facts.repository, "ref": facts.ref, "path": facts.path}
    definition = {
        "buildType": build or "https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters": {"workflow": workflow},
        "resolvedDependencies": [
            {"uri": f"git+{facts.repository}@{facts.ref}", "digest": {"gitCommit": COMMIT}}
        ],
    }
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": _subject(facts, npm=npm),
        "predicateType": statements.SLSA_V1,
        "predicate": {"buildDefinition": definition, "runDetails": {"builder": {"id": builder}}},
    }


def _v02(facts: Facts, builder: str) -> dict[str, Any]:
    source = {
        "uri": f"git+{facts.repository}@{facts.ref}",
        "digest": {"sha1": COMMIT},
        "entryPoint": facts.path,
    }
    return {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": _subject(facts),
        "predicateType": statements.SLSA_V02,
        "predicate": {
            "builder": {"id": builder},
            "buildType": "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
            "invocation": {"configSource": source, "parameters": {}},
        },
    }


def _claims(facts: Facts, signer: str = "") -> dict[int, str]:
    job = {8: facts.issuer, 9: signer or facts.workflow, 12: facts.repository, 14: facts.ref}
    return {**job, 18: facts.workflow}


def _attested(
    instance: Instance, _: Keys, facts: Facts, *, version: str = "0.3", kind: str = "dsse", npm: bool = False
) -> Any:
    return instance.attested(
        facts.said(_v1(facts, npm=npm)),
        _claims(facts),
        identity=facts.workflow,
        kind=kind,
        age=facts.age,
        delay=facts.delay,
        version=version,
    )


def _generated(instance: Instance, _: Keys, facts: Facts, *, old: bool) -> Any:
    """Make what a workflow of somebody else makes, which the one of the project calls."""
    signer = f"{facts.generator}@refs/tags/v2.0.0"
    build = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
    made = facts.said(_v02(facts, signer) if old else _v1(facts, signer, build))
    claims = _claims(facts, signer)
    return instance.attested(made, claims, identity=signer, age=facts.age, delay=facts.delay)


def _for_an_index(instance: Instance, _: Keys, facts: Facts) -> Any:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": _subject(facts),
        "predicateType": PUBLISH,
        "predicate": None,
    }
    return instance.attested(
        facts.said(statement), _claims(facts), identity=facts.workflow, age=facts.age, delay=facts.delay
    )


def _signed_file(instance: Instance, _: Keys, facts: Facts, *, version: str = "0.3") -> Any:
    whole = facts.about if facts.about is not None else WHEEL
    return instance.signed_file(
        whole,
        version=version,
        claims=_claims(facts),
        identity=facts.workflow,
        age=facts.age,
        delay=facts.delay,
    )


def _stamped(
    make: Callable[[Instance, Keys, Facts], Any], instance: Instance, held: Keys, facts: Facts
) -> Any:
    when = instance.now + dt.timedelta(seconds=facts.delay)
    return moved(instance, make(instance, held, facts), when)


def _unlogged(instance: Instance, held: Keys, facts: Facts) -> Any:
    """Make what the job of a private repository has: a timestamp, and no entry of a log."""
    bundle = _stamped(_attested, instance, held, facts)
    bundle["verificationMaterial"]["tlogEntries"] = []
    return bundle


def _early(instance: Instance, held: Keys, facts: Facts) -> Any:
    """Make what npm had until the middle of 2023: the log's promise of an entry, and no proof of it yet."""
    bundle = _attested(instance, held, facts, version="0.1", kind="intoto", npm=True)
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"] = None
    return bundle


def _published(instance: Instance, held: Keys, facts: Facts) -> Any:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": _subject(facts, npm=True),
        "predicateType": statements.NPM_PUBLISH,
        "predicate": {"name": "demo", "version": "1.0.0"},
    }
    good = _attested(instance, held, Facts(), version="0.2", kind="intoto", npm=True)
    return instance.published(facts.said(statement), held.registry, HINT) | {"beside": good}


def _of_registry(_: Instance, held: Keys, facts: Facts) -> Any:
    whole = facts.about if facts.about is not None else PACKAGE
    name, version = (facts.name or RELEASE).split("@")
    integrity = f"sha512-{b64(hashlib.sha512(whole).digest())}"
    sig = b64(signed(held.registry, f"{name}@{version}:{integrity}".encode()))
    dist = {"integrity": integrity, "signatures": [{"keyid": HINT, "sig": sig}]}
    return {"name": name, "version": version, "dist": dist, "time": {version: "2026-01-01T00:00:00.000Z"}}


def _envelope(_: Instance, held: Keys, facts: Facts) -> Any:
    payload = json.dumps(facts.said(_v1(facts))).encode()
    sig = b64(held.envelope.sign(pae(IN_TOTO, payload)))
    return {"payload": b64(payload), "payloadType": IN_TOTO, "signatures": [{"sig": sig}]}


def _keyed(instance: Instance, held: Keys, facts: Facts) -> Any:
    """Make a bundle with a key in the place of a certificate, as `cosign sign-blob --key` does."""
    made = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "ours"}, "tlogEntries": []},
    }
    return made | {"dsseEnvelope": _envelope(instance, held, facts)}


def _keyed_file(_: Instance, held: Keys, facts: Facts) -> Any:
    whole = facts.about if facts.about is not None else WHEEL
    message = {
        "messageDigest": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(whole).digest())},
        "signature": b64(held.envelope.sign(whole)),
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "ours"}},
        "messageSignature": message,
    }


def _ssh(_: Instance, held: Keys, facts: Facts) -> Any:
    def text(*parts: bytes) -> bytes:
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)

    whole = facts.about if facts.about is not None else WHEEL
    raw = held.ssh.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    space, algorithm = b"file", b"sha512"
    message = b"SSHSIG" + text(space, b"", algorithm, hashlib.sha512(whole).digest())
    made = text(b"ssh-ed25519", held.ssh.sign(message))
    return b"SSHSIG\0\0\0\x01" + text(text(b"ssh-ed25519", raw), space, b"", algorithm, made)


def _json(core: Any) -> bytes:
    return json.dumps(core).encode()


def _lines(core: Any) -> bytes:
    return json.dumps(core).encode() + b"\n"


def _pep740(core: Any) -> bytes:
    material, envelope = core["verificationMaterial"], core["dsseEnvelope"]
    signatures = envelope["signatures"]
    attestation = {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {
            "statement": envelope["payload"],
            "signature": signatures[0]["sig"] if signatures else "",
        },
    }
    publisher = {"kind": "GitHub", "repository": "somebody/else", "workflow": "x.yml"}  # nobody believes it
    return _json(
        {"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": [attestation]}]}
    )


def _npm(core: Any) -> bytes:
    bundle = dict(core)
    beside = bundle.pop("beside", None)
    kind = statements.SLSA_V1 if beside is None else statements.NPM_PUBLISH
    listed = [{"predicateType": kind, "bundle": bundle}]
    if beside is not None:
        listed.append({"predicateType": statements.SLSA_V1, "bundle": beside})
    return _json({"attestations": listed})


def _github(core: Any) -> bytes:
    return _json({"attestations": [{"repository_id": 1001, "bundle": core}]})


def _armoured(core: Any) -> bytes:
    return b"-----BEGIN SSH SIGNATURE-----\n%b\n-----END SSH SIGNATURE-----\n" % base64.b64encode(core)


_ANY = Signer(identity=f"{REPOSITORY}/{PATH}@refs/tags/v*")
_PINNED = Signer(
    repository=REPOSITORY,
    workflow=PATH,
    ref="refs/tags/v*",
    commit=COMMIT,
    trigger="push",
    builder=BUILDER,
    repository_id="1001",
    owner_id="2002",
    predicates=(statements.SLSA_V1,),
)
_REUSED = Signer(repository=REPOSITORY, workflow=f"{GENERATOR}@refs/tags/v*", ref="refs/tags/v*")
_NPM = Signer(identity=_ANY.identity, predicates=(statements.SLSA_V1,))
_BOTH = Signer(identity=_ANY.identity, predicates=(statements.SLSA_V1, statements.NPM_PUBLISH))
_bound = functools.partial

#: The columns of the matrix, by the name that they have there.
FORMS: dict[str, Form] = {
    "m.1": Form("bundle v0.1, a file", "message", _bound(_signed_file, version="0.1"), _json, _ANY),
    "m.2": Form("bundle v0.2, a file", "message", _bound(_signed_file, version="0.2"), _json, _ANY),
    "m.3": Form("bundle v0.3, a file", "message", _signed_file, _json, _ANY),
    "m.T": Form(
        "the same with a timestamp", "message", _bound(_stamped, _signed_file), _json, _ANY, stamped=True
    ),
    "d.1": Form(
        "bundle v0.1, a statement", "statement", _bound(_attested, version="0.1"), _json, _ANY, built=True
    ),
    "d.2": Form(
        "bundle v0.2, a statement", "statement", _bound(_attested, version="0.2"), _json, _ANY, built=True
    ),
    "d.3": Form("bundle v0.3, a statement", "statement", _attested, _json, _ANY, built=True),
    "d.T": Form(
        "the same with a timestamp",
        "statement",
        _bound(_stamped, _attested),
        _json,
        _ANY,
        stamped=True,
        built=True,
    ),
    "pep": Form("provenance of PEP 740", "statement", _for_an_index, _pep740, _ANY),
    "gh": Form("attestation of GitHub", "statement", _attested, _github, _PINNED, built=True),
    "gh.p": Form(
        "the same of a private repository",
        "private",
        _unlogged,
        _github,
        _PINNED,
        stamped=True,
        built=True,
        root=Instance.root_without_logs,
    ),
    "s.1": Form("SLSA v1", "statement", _bound(_generated, old=False), _lines, _REUSED, built=True),
    "s.02": Form("SLSA v0.2", "statement", _bound(_generated, old=True), _lines, _REUSED, built=True),
    "npm": Form(
        "provenance of npm",
        "statement",
        _bound(_attested, version="0.2", kind="intoto", npm=True),
        _npm,
        _NPM,
        battery.NPM,
        PACKAGE,
        built=True,
    ),
    "old": Form("the same without a proof", "early", _early, _npm, _NPM, battery.NPM, PACKAGE, built=True),
    "pub": Form("publish attestation of npm", "publish", _published, _npm, _BOTH, battery.NPM, PACKAGE),
    "reg": Form("signature of the registry", "registry", _of_registry, _json, None, battery.NPM, PACKAGE),
    "key": Form("envelope signed with a key", "envelope", _envelope, _json, None),
    "k.d": Form("bundle with a key, a statement", "envelope", _keyed, _json, None),
    "k.m": Form("bundle with a key, a file", "file", _keyed_file, _json, None),
    "ssh": Form("signature of an SSH key", "ssh", _ssh, _armoured, None),
}
