"""Real evidence, as it ships inside a public package: what others signed, held against the public root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from fimci.attest.identity import Signer
from fimci.findings import Report
from fimci.verify import Request, verify
from tests.test_verify_signatures import TODAY, said

pytestmark = [pytest.mark.network, pytest.mark.client]
NAME = "pypi_attestations-0.0.19.tar.gz"
TRAIL = "https://github.com/trailofbits"
SIGNER = Signer(identity=f"{TRAIL}/pypi-attestations/.github/workflows/release.yml@refs/tags/v*")
PINNED = Signer(
    repository=f"{TRAIL}/pypi-attestations",
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v0.0.19",
    trigger="release",
)


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch the source archive of a package by a client that builds nothing; skip where none answers."""
    folder = tmp_path_factory.mktemp("vectors")
    venv.create(folder / "venv", with_pip=True)
    tools = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    there = {**os.environ, "REQUESTS_CA_BUNDLE": os.environ.get("PIP_CERT", "")}
    steps = (
        [str(tools / "python"), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "unearth"],
        [str(tools / "unearth"), "--no-binary", "--download", str(folder), "pypi-attestations==0.0.30"],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, env=there, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"no index answers: {done.stderr.decode(errors='replace')[-200:]}")
    with tarfile.open(folder / "pypi_attestations-0.0.30.tar.gz") as archive:
        for member in archive:
            source = archive.extractfile(member) if "/test/assets/" in member.name else None
            if source is not None:
                (folder / member.name.rpartition("/")[2]).write_bytes(source.read())
    return folder


def verified(assets: Path, name: str, bundle: str, signer: Signer = SIGNER) -> Report:
    return verify(
        Request(artifacts=(str(assets / name),), bundles=(str(assets / bundle),), signer=signer, today=TODAY)
    )


@pytest.mark.parametrize("kind", ["provenance", "publish.attestation", "slsa.attestation"])
@pytest.mark.parametrize("signer", [SIGNER, PINNED], ids=["identity", "pinned"])
def test_attestations_of_an_index_hold(assets: Path, kind: str, signer: Signer) -> None:
    assert said(verified(assets, NAME, f"{NAME}.{kind}", signer)) == []


def test_a_bundle_of_sigstore_holds(assets: Path) -> None:
    name = "pypi_attestation_models-0.0.4a2.tar.gz"
    workflow = f"{TRAIL}/pypi-attestation-models/.github/workflows/release.yml"
    report = verified(assets, name, f"{name}.sigstore", Signer(identity=f"{workflow}@refs/tags/v*"))
    assert not [one for one in said(report) if one.startswith(("signature-invalid", "signer-unexpected"))]


def test_what_the_staging_instance_signed_does_not_hold(assets: Path) -> None:
    name = "rfc8785-0.1.2-py3-none-any.whl"
    report = verified(assets, name, f"{name}.attestation")
    assert any(one.startswith("signature-invalid") for one in said(report))


def test_another_workflow_and_another_file_are_told(assets: Path, tmp_path: Path) -> None:
    other = Signer(identity=f"{TRAIL}/pypi-attestations/.github/workflows/tests.yml@refs/tags/v*")
    report = verified(assets, NAME, f"{NAME}.provenance", other)
    assert {one.partition(":")[0] for one in said(report)} == {"signer-unexpected", "signature-missing"}
    shutil.copy(assets / f"{NAME}.provenance", tmp_path)
    (tmp_path / NAME).write_bytes((assets / NAME).read_bytes() + bytes(512))
    rules = {one.partition(":")[0] for one in said(verified(tmp_path, NAME, f"{NAME}.provenance"))}
    assert rules >= {"signature-invalid", "signature-missing"}


def test_a_document_without_evidence_is_none(assets: Path, tmp_path: Path) -> None:
    from fimci.errors import UsageError  # noqa: PLC0415  (here alone)

    document = json.loads((assets / f"{NAME}.provenance").read_text())
    document["attestation_bundles"][0]["attestations"] = []
    (tmp_path / "empty.json").write_text(json.dumps(document))
    with pytest.raises(UsageError, match="empty list"):
        verified(assets, NAME, str(tmp_path / "empty.json"))
