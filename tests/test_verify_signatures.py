"""Who vouches for an artifact: good evidence passes, and everything that was forged is told as what it is."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from fimci.attest import dsse, roots
from fimci.attest.identity import Signer
from fimci.errors import UsageError
from fimci.findings import Report
from fimci.verify import Request, verify
from tests.artifacts import battery, sigstore_instance
from tests.artifacts.sigstore_instance import CLAIMS, REPOSITORY, TAG, WORKFLOW, Instance, b64, provenance

TODAY = dt.date(2026, 11, 26)
DATA = battery.wheel()
DIGESTS = {"sha256": hashlib.sha256(DATA).hexdigest()}
GOOD = provenance(battery.WHEEL, DIGESTS)
SIGNER = Signer(identity=f"{WORKFLOW}@refs/tags/v*")
PINNED = Signer(
    repository=REPOSITORY,
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v*",
    commit=sigstore_instance.COMMIT,
    trigger="push",
    repository_id="1001",
    owner_id="2002",
    predicates=("https://slsa.dev/provenance/v1",),
)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return Instance()


def verified(
    folder: Path, instance: Instance, evidence: Any, signer: Signer = SIGNER, data: bytes = DATA
) -> Report:
    (folder / "root.json").write_bytes(instance.trusted_root())
    (folder / "bundle.json").write_text(evidence if isinstance(evidence, str) else json.dumps(evidence))
    (folder / battery.WHEEL).write_bytes(data)
    return verify(
        Request(
            artifacts=(str(folder / battery.WHEEL),),
            bundles=(str(folder / "bundle.json"),),
            signer=signer,
            root=str(folder / "root.json"),
            today=TODAY,
        )
    )


def said(report: Report) -> list[str]:
    return [f"{finding.rule}: {finding.message}" for finding in report.findings]


def pep740(bundle: dict[str, Any]) -> dict[str, Any]:
    material, envelope = bundle["verificationMaterial"], bundle["dsseEnvelope"]
    return {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {"statement": envelope["payload"], "signature": envelope["signatures"][0]["sig"]},
    }


PUBLISH = "https://docs.index.org/attestations/publish/v1"
FORMS: dict[str, Callable[[Instance], Any]] = {
    "v0.3": lambda i: i.attested(GOOD),
    "v0.2": lambda i: i.attested(GOOD, version="0.2"),
    "v0.1": lambda i: i.attested(GOOD, version="0.1"),
    "v0.3 of a file": lambda i: i.signed_file(DATA),
    "v0.2 of a file": lambda i: i.signed_file(DATA, version="0.2"),
    "an entry of the kind intoto": lambda i: i.attested(GOOD, kind="intoto", version="0.2"),
    "JSON Lines": lambda i: f"{json.dumps(i.attested(GOOD))}\n{json.dumps(i.signed_file(DATA))}\n",
    "PEP 740": lambda i: {
        "version": 1,
        "attestation_bundles": [
            {
                "publisher": {"kind": "GitHub", "repository": "somebody/else", "workflow": "x.yml"},
                "attestations": [pep740(i.attested(GOOD | {"predicateType": PUBLISH, "predicate": None}))],
            }
        ],
    },
    "an attestation of PEP 740": lambda i: pep740(i.attested(GOOD)),
    "the document of a code host": lambda i: {"attestations": [{"bundle": i.attested(GOOD)}]},
    "the document of npm": lambda i: {
        "attestations": [{"predicateType": GOOD["predicateType"], "bundle": i.attested(GOOD, kind="intoto")}]
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_good_evidence_passes_in_every_form(tmp_path: Path, instance: Instance, form: str) -> None:
    report = verified(tmp_path, instance, FORMS[form](instance))
    assert (said(report), report.exit_code) == ([], 0)
    assert any(f"verified: {WORKFLOW}@{TAG}" in note for note in report.notes)


def test_all_that_can_be_pinned_can_hold(tmp_path: Path, instance: Instance) -> None:
    assert said(verified(tmp_path, instance, instance.attested(GOOD), PINNED)) == []


def tampered(bundle: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    other = copy.deepcopy(bundle)
    change(other)
    return other


def with_payload(bundle: dict[str, Any]) -> None:
    evil = GOOD | {"predicate": {}}
    bundle["dsseEnvelope"]["payload"] = b64(json.dumps(evil).encode())


def with_body(bundle: dict[str, Any]) -> None:
    entry = bundle["verificationMaterial"]["tlogEntries"][0]
    body = json.loads(base64.b64decode(entry["canonicalizedBody"]))
    body["spec"]["payloadHash"] = {"algorithm": "sha256", "value": "00" * 32}
    entry["canonicalizedBody"] = b64(sigstore_instance.compact(body))


def with_time(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"][0]["integratedTime"] = "1700000000"


def with_proof(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["rootHash"] = b64(bytes(32))


def without_entry(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def without_signature(bundle: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["signatures"] = []


def with_other_signature(bundle: dict[str, Any]) -> None:
    sig = bytearray(base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]))
    sig[-1] ^= 1
    bundle["dsseEnvelope"]["signatures"] = [{"sig": b64(bytes(sig))}]


def about(**subject: Any) -> dict[str, Any]:
    return GOOD | {"subject": [{"name": battery.WHEEL, "digest": DIGESTS} | subject]}


FORGED: dict[str, tuple[Callable[[Instance], Any], str]] = {
    "a tampered payload": (lambda i: tampered(i.attested(GOOD), with_payload), "signature-invalid"),
    "a tampered entry": (lambda i: tampered(i.attested(GOOD), with_body), "signature-invalid"),
    "another time": (lambda i: tampered(i.attested(GOOD), with_time), "signature-invalid"),
    "another proof": (lambda i: tampered(i.attested(GOOD), with_proof), "signature-invalid"),
    "no entry": (lambda i: tampered(i.attested(GOOD), without_entry), "signature-invalid"),
    "a stripped signature": (lambda i: tampered(i.attested(GOOD), without_signature), "signature-invalid"),
    "another signature": (lambda i: tampered(i.attested(GOOD), with_other_signature), "signature-invalid"),
    "intoto: a tampered payload": (
        lambda i: tampered(i.attested(GOOD, kind="intoto"), with_payload),
        "signature-invalid",
    ),
    "intoto: another proof": (
        lambda i: tampered(i.attested(GOOD, kind="intoto"), with_proof),
        "signature-invalid",
    ),
    "intoto: another signature": (
        lambda i: tampered(i.attested(GOOD, kind="intoto"), with_other_signature),
        "signature-invalid",
    ),
    "intoto: logged too late": (lambda i: i.attested(GOOD, kind="intoto", delay=900), "signature-invalid"),
    "another instance": (lambda _: Instance().attested(GOOD), "signature-invalid"),
    "intoto: another instance": (lambda _: Instance().attested(GOOD, kind="intoto"), "signature-invalid"),
    "an expired certificate": (lambda i: i.attested(GOOD, age=60), "signature-invalid"),
    "logged too late": (lambda i: i.attested(GOOD, delay=900), "signature-invalid"),
    "another payload type": (lambda i: i.attested(GOOD, payload_type="text/plain"), "signature-invalid"),
    "the signature of another file": (lambda i: i.signed_file(b"other"), "signature-invalid"),
    "a statement about another file": (
        lambda i: i.attested(about(digest={"sha256": "00" * 32})),
        "signature-invalid",
    ),
    "a statement about nothing": (lambda i: i.attested(GOOD | {"subject": []}), "signature-invalid"),
    "another name": (lambda i: i.attested(about(name="other.whl")), "signature-invalid"),
    "a weak hash alone": (lambda i: i.attested(about(digest={"sha1": "00" * 20})), "signature-invalid"),
    "one right hash and a wrong one": (
        lambda i: i.attested(about(digest=DIGESTS | {"sha512": "00" * 64})),
        "signature-invalid",
    ),
    "no statement": (lambda i: i.attested({"hello": 1}), "signature-invalid"),
    "a branch": (lambda i: i.attested(GOOD, identity=f"{WORKFLOW}@refs/heads/main"), "signer-unexpected"),
    "a branch that looks like a tag": (
        lambda i: i.attested(GOOD, identity=f"{WORKFLOW}@refs/heads/refs/tags/v1.0"),
        "signer-unexpected",
    ),
    "another workflow": (
        lambda i: i.attested(GOOD, identity=f"{REPOSITORY}/.github/workflows/test.yml@{TAG}"),
        "signer-unexpected",
    ),
    "a workflow with a longer name": (
        lambda i: i.attested(GOOD, identity=f"{WORKFLOW}.evil.yml@{TAG}"),
        "signer-unexpected",
    ),
    "a fork": (
        lambda i: i.attested(GOOD, identity=f"{WORKFLOW.replace('acme', 'evil')}@{TAG}"),
        "signer-unexpected",
    ),
    "another case": (
        lambda i: i.attested(GOOD, identity=f"{WORKFLOW.replace('acme', 'Acme')}@{TAG}"),
        "signer-unexpected",
    ),
    "another issuer": (lambda i: i.attested(GOOD, {8: "https://issuer.invalid"}), "signer-unexpected"),
    "somebody's own machine": (lambda i: i.attested(GOOD, {11: "self-hosted"}), "signer-unexpected"),
    "a commit that the certificate does not have": (
        lambda i: i.attested(GOOD, {13: "cd" * 20}),
        "provenance-mismatch",
    ),
    "a repository that the certificate does not have": (
        lambda i: i.attested(GOOD, {12: "https://github.com/evil/demo"}),
        "provenance-mismatch",
    ),
    "a ref that the certificate does not have": (
        lambda i: i.attested(GOOD, {14: "refs/heads/main"}),
        "provenance-mismatch",
    ),
    "a workflow that the certificate does not have": (
        lambda i: i.attested(GOOD, {18: f"{REPOSITORY}/.github/workflows/test.yml@{TAG}"}),
        "provenance-mismatch",
    ),
    "a type that is not known": (
        lambda i: i.attested(GOOD | {"predicateType": "https://evil.invalid/v1"}),
        "provenance-mismatch",
    ),
    "a build that is not known": (
        lambda i: i.attested(changed(buildType="https://evil.invalid/build")),
        "provenance-mismatch",
    ),
    "a parameter that is not known": (
        lambda i: i.attested(
            changed(
                externalParameters=GOOD["predicate"]["buildDefinition"]["externalParameters"]
                | {"inputs": {"a": 1}}
            )
        ),
        "provenance-mismatch",
    ),
    "a document that says another type": (
        lambda i: {"attestations": [{"predicateType": "https://other.invalid", "bundle": i.attested(GOOD)}]},
        "provenance-mismatch",
    ),
}


def changed(**definition: Any) -> dict[str, Any]:
    predicate = copy.deepcopy(GOOD["predicate"])
    predicate["buildDefinition"] |= definition
    return GOOD | {"predicate": predicate}


@pytest.mark.parametrize("title", FORGED)
def test_forged_evidence_is_told_as_what_it_is(tmp_path: Path, instance: Instance, title: str) -> None:
    make, rule = FORGED[title]
    report = verified(tmp_path, instance, make(instance))
    rules = {finding.rule for finding in report.findings}
    assert {rule, "signature-missing"} <= rules <= {rule, "signature-missing", "provenance-mismatch"}
    assert report.exit_code == 1
    assert all(finding.fix for finding in report.findings)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", "https://github.com/acme/other"),
        ("workflow", ".github/workflows/other.yml"),
        ("ref", "refs/tags/w*"),
        ("commit", "cd" * 20),
        ("trigger", "workflow_dispatch"),
        ("repository_id", "9"),
        ("owner_id", "9"),
        ("issuer", "https://issuer.invalid"),
        ("runner", "self-hosted"),
        ("builder", "https://github.com/acme/demo/.github/workflows/other.yml@refs/tags/v1.0"),
        ("identity", f"{WORKFLOW}@refs/heads/*"),
        ("identity", WORKFLOW),
        ("identity", f"{WORKFLOW}@"),
        ("identity", "*"),
        ("ref", "refs/tags/v"),
        ("ref", "tags/v*"),
        ("ref", "refs/tags/v.*"),
        ("repository", "https://github.com/acme"),
        ("repository", "https://github.com/Acme/demo"),
        ("repository", "https://github.com/acme/demo/"),
        ("repository", "https://github.com/acme/*"),
        ("workflow", ".github/workflows/release"),
        ("workflow", ".github/workflows/*"),
        ("commit", sigstore_instance.COMMIT[:12]),
        ("repository_id", "100"),
    ],
)
def test_each_pin_holds_by_itself(tmp_path: Path, instance: Instance, field: str, value: str) -> None:
    signer = msgspec.structs.replace(PINNED, **{field: value})
    rules = {
        finding.rule for finding in verified(tmp_path, instance, instance.attested(GOOD), signer).findings
    }
    assert {"signer-unexpected", "signature-missing"} <= rules


def test_a_required_statement_must_be_there(tmp_path: Path, instance: Instance) -> None:
    signer = Signer(repository=REPOSITORY, predicates=("https://slsa.dev/provenance/v1",))
    report = verified(tmp_path, instance, instance.signed_file(DATA), signer)
    assert said(report) == [
        "signature-missing: no verified statement of the type https://slsa.dev/provenance/v1"
    ]


@pytest.mark.parametrize("depth", [5, 400, 900])
def test_documents_in_documents_have_a_bound(tmp_path: Path, instance: Instance, depth: int) -> None:
    good = json.dumps(instance.attested(GOOD))
    assert said(verified(tmp_path, instance, '{"bundle":' * 3 + good + "}" * 3)) == []
    with pytest.raises(UsageError, match="nested too deeply"):
        verified(tmp_path, instance, '{"bundle":' * depth + good + "}" * depth)


@pytest.mark.parametrize(
    "evidence", ["", "[]", '{"attestation_bundles": []}', '{"attestations": []}', "{}", "1", "x\ny"]
)
def test_empty_evidence_is_refused(tmp_path: Path, instance: Instance, evidence: str) -> None:
    with pytest.raises(UsageError, match="evidence cannot be used"):
        verified(tmp_path, instance, evidence)


def test_a_signature_of_just_anybody_is_refused(tmp_path: Path, instance: Instance) -> None:
    with pytest.raises(UsageError, match="anybody can"):
        verified(tmp_path, instance, instance.attested(GOOD), Signer())


def test_who_asks_for_a_signer_and_gives_no_evidence_is_told(tmp_path: Path) -> None:
    (tmp_path / battery.WHEEL).write_bytes(DATA)
    report = verify(Request(artifacts=(str(tmp_path / battery.WHEEL),), signer=SIGNER, today=TODAY))
    assert said(report) == ["signature-missing: nothing that could be verified vouches for it"]


def test_evidence_is_given_to_the_artifact_that_it_is_about(tmp_path: Path, instance: Instance) -> None:
    files = {battery.WHEEL: DATA, battery.SDIST: battery.sdist()}
    bundles = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        made = instance.attested(provenance(name, {"sha256": hashlib.sha256(data).hexdigest()}))
        (tmp_path / f"{name}.json").write_text(json.dumps(made))
        bundles.append(str(tmp_path / f"{name}.json"))
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    request = Request(
        artifacts=tuple(str(tmp_path / name) for name in files),
        bundles=tuple(bundles),
        signer=SIGNER,
        root=str(tmp_path / "root.json"),
        today=TODAY,
    )
    assert said(verify(request)) == []


def test_a_root_planted_in_the_cache_of_a_user_is_not_read(
    tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("tuf-repo-cdn.sigstore.dev", "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"):
        place = tmp_path / "cache" / "sigstore-python" / "tuf" / folder
        place.mkdir(parents=True)
        (place / "trusted_root.json").write_bytes(instance.trusted_root())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "cache"))
    (tmp_path / battery.WHEEL).write_bytes(DATA)
    (tmp_path / "b.json").write_text(json.dumps(instance.attested(GOOD)))
    request = Request(
        artifacts=(str(tmp_path / battery.WHEEL),),
        bundles=(str(tmp_path / "b.json"),),
        signer=SIGNER,
        today=TODAY,
    )
    report = verify(request)
    assert {finding.rule for finding in report.findings} == {"signature-invalid", "signature-missing"}
    assert any("root of trust is that of" in note for note in report.notes)


def test_the_shipped_root_is_the_one_that_was_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fimci.attest.refusal import Refusal  # noqa: PLC0415  (here alone)

    assert hashlib.sha256(roots.trusted_root()).hexdigest() == roots.SHA256
    (tmp_path / roots.FILE).write_bytes(b"{}")
    monkeypatch.setattr(roots, "__file__", str(tmp_path / "roots.py"))
    with pytest.raises(Refusal, match="was changed"):
        roots.trusted_root()


def test_nothing_of_sigstore_is_imported_where_no_signature_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / battery.WHEEL).write_bytes(DATA)
    program = (
        "import sys; from fimci.cli import main; main(['verify', sys.argv[1]]);"
        "sys.exit(any(n.split('.')[0] in {'sigstore', 'cryptography', 'pydantic'} for n in sys.modules))"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / battery.WHEEL)], check=True, capture_output=True
    )


def test_every_claim_is_one_that_can_be_read() -> None:
    from fimci.attest.certificate import NAMES  # noqa: PLC0415  (here alone)

    assert set(NAMES) == set(CLAIMS)


def test_an_envelope_needs_the_key_that_is_named(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  (here alone)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    key = ed25519.Ed25519PrivateKey.generate()
    payload = json.dumps(GOOD).encode()
    sig = key.sign(dsse.pae(sigstore_instance.IN_TOTO, payload))
    envelope = {
        "payload": b64(payload),
        "payloadType": sigstore_instance.IN_TOTO,
        "signatures": [{"sig": b64(sig)}],
    }
    (tmp_path / "envelope.json").write_text(json.dumps(envelope))
    (tmp_path / "key.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / battery.WHEEL).write_bytes(DATA)
    request = Request(
        artifacts=(str(tmp_path / battery.WHEEL),), bundles=(str(tmp_path / "envelope.json"),), today=TODAY
    )
    assert [one.partition(":")[0] for one in said(verify(request))] == [
        "signature-invalid",
        "signature-missing",
    ]
    named = msgspec.structs.replace(request, key=str(tmp_path / "key.pem"))
    assert said(verify(named)) == []
    # A key says nothing of the job that is expected.
    expected = msgspec.structs.replace(named, signer=SIGNER)
    assert said(verify(expected)) == ["signature-missing: nothing that could be verified vouches for it"]


def test_evidence_about_other_files_is_passed_over_beside_evidence_about_this_one(
    tmp_path: Path, instance: Instance
) -> None:
    other = instance.attested(about(name="other.whl", digest={"sha256": "00" * 32}))
    good = instance.attested(GOOD)
    assert said(verified(tmp_path, instance, f"{json.dumps(other)}\n{json.dumps(good)}\n")) == []
    bad = tampered(instance.attested(GOOD), with_proof)
    rules = [one.partition(":")[0] for one in said(verified(tmp_path, instance, [good, bad]))]
    assert rules == ["signature-invalid"]


PUBLISHED = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"


def test_the_document_of_npm_holds_with_both_of_its_parts(
    tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    hint = "SHA256:fake"
    data = battery.npm(battery.PACKAGE)
    subject = [{"name": "pkg:npm/demo@1.0.0", "digest": {"sha512": hashlib.sha512(data).hexdigest()}}]
    built = GOOD | {"subject": subject}
    published = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": subject,
        "predicateType": PUBLISHED,
        "predicate": {"name": "demo", "version": "1.0.0"},
    }
    document = {
        "attestations": [
            {"predicateType": PUBLISHED, "bundle": instance.published(published, key, hint)},
            {"predicateType": GOOD["predicateType"], "bundle": instance.attested(built, kind="intoto")},
        ]
    }
    (tmp_path / battery.NPM).write_bytes(data)
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    (tmp_path / "document.json").write_text(json.dumps(document))
    request = Request(
        artifacts=(str(tmp_path / battery.NPM),),
        bundles=(str(tmp_path / "document.json"),),
        signer=msgspec.structs.replace(SIGNER, predicates=(PUBLISHED, GOOD["predicateType"])),
        root=str(tmp_path / "root.json"),
        today=TODAY,
    )
    rules = [one.partition(":")[0] for one in said(verify(request))]
    assert rules == ["signature-invalid", "signature-missing"]  # nobody knows the key
    spki = b64(sigstore_instance.spki(key))
    monkeypatch.setitem(roots.NPM_KEYS, hint, roots.Key(spki, None))
    assert said(verify(request)) == []
    ended = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
    monkeypatch.setitem(roots.NPM_KEYS, hint, roots.Key(spki, ended))
    assert "had ended" in said(verify(request))[0]
    document["attestations"] = document["attestations"][:1]
    (tmp_path / "document.json").write_text(json.dumps(document))
    monkeypatch.setitem(roots.NPM_KEYS, hint, roots.Key(spki, None))
    alone = [one.partition(":")[0] for one in said(verify(request))]
    assert alone == ["signature-missing", "signature-missing"]  # that it was served says not who made it
