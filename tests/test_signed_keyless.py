"""States that are signed by the identity of a job, at a Sigstore of our own, and what must be refused."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import signing
from tests.artifacts import attacks_on_evidence as attacks
from tests.artifacts import battery, sigstore_server
from tests.artifacts.sigstore_instance import TAG, WORKFLOW, Instance
from tests.artifacts.timestamp_authority import Stamp
from tests.signing import IDENTITY, run


@pytest.fixture
def instance() -> Instance:
    return Instance()


@pytest.fixture
def services(instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with signing.job(instance, tmp_path, monkeypatch) as config:
        yield config


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return signing.tree_in(tmp_path)


def baseline(tree: Path, services: Path, *more: str) -> None:
    signing.baseline(tree, "--sign", "keyless", "--sigstore", services, *more)


def check(tree: Path, identity: str = IDENTITY, *more: str | Path) -> int:
    root = ("--trusted-root", tree.parent / "root.json")
    return signing.check(tree, "--state-identity", identity, *root, *more)


def test_a_baseline_that_the_job_signed_is_used(
    tree: Path, services: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, services)
    baseline(tree, services)
    capsys.readouterr()
    assert check(tree) == 0
    said = "".join(capsys.readouterr().out.split())  # lines are wrapped
    assert f"thebaselineisnumber2,signedby{WORKFLOW}@{TAG}" in said
    (tree / "a.txt").write_text("b\n")
    assert check(tree) == 1


def edited(bundle: Any) -> None:
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    statement["predicate"]["sequence"] = 99
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()


FORGED: dict[str, Callable[[Any], None]] = {
    "other facts": edited,
    "signature": attacks.with_signature,
    "no signature": attacks.without_signature,
    "log entry": attacks.with_body,
    "proof": attacks.with_proof,
    "checkpoint": attacks.with_checkpoint,
    "no entry": attacks.without_entry,
    "time": attacks.with_time,
    "no time": attacks.without_time,
}


@pytest.mark.parametrize("second", [False, True], ids=["first-log", "second-log"])
def test_what_was_forged_is_refused(  # noqa: PLR0913  (fixtures)
    tree: Path,
    instance: Instance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    second: bool,
) -> None:
    with signing.job(instance, tmp_path, monkeypatch, second=second) as services:
        baseline(tree, services)
    file = tree / "fimci.baseline.dsse"
    good = json.loads(file.read_text())
    for title, change in FORGED.items():
        forged = copy.deepcopy(good)
        change(forged)
        file.write_text(json.dumps(forged))
        assert check(tree) == 3, title
        assert "do not use it: fetch the last one that was signed" in capsys.readouterr().err, title
    file.write_text(json.dumps(good))
    assert check(tree) == 0


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ((f"{WORKFLOW}@refs/heads/*",), "another ref of the signer"),
        ((f"{WORKFLOW.replace('acme', 'evil')}@refs/tags/v*",), "another identity"),
        ((IDENTITY, "--state-issuer", "https://issuer.example"), "another issuer"),
        (("releases@acme.example",), "another issuer"),
    ],
)
def test_another_identity_or_issuer_is_refused(
    tree: Path, services: Path, who: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, services)
    assert check(tree, *who) == 3
    assert why in capsys.readouterr().err


def test_older_states_other_roots_and_other_contents_are_refused(
    tree: Path, services: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    baseline(tree, services)
    assert check(tree, IDENTITY, "--least", "2") == 3
    assert "it is replayed" in capsys.readouterr().err
    (tmp_path / "root.json").write_bytes(Instance().trusted_root())
    assert check(tree) == 3
    assert run("check", tree, "--baseline", tree / "fimci.baseline", "--state-identity", IDENTITY) == 3
    baseline(tree, services, "--days", "-1")
    (tmp_path / "root.json").write_text(json.dumps(json.loads(services.read_text())["trustedRoot"]))
    capsys.readouterr()
    assert check(tree) == 3
    assert "expired at" in capsys.readouterr().err
    baseline(tree, services)
    (tree / "fimci.baseline").write_bytes((tree / "fimci.baseline").read_bytes() + b"\n")
    assert check(tree) == 3
    assert "is about other contents" in capsys.readouterr().err


def test_a_key_and_an_identity_are_not_taken_for_one_another(
    tree: Path, services: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, services)
    key = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)).decode()
    (tmp_path / "allowed").write_text(f"releases@fimci.example ssh-ed25519 {key}\n")
    file = tree / "fimci.baseline"
    assert run("check", tree, "--baseline", file, "--allowed-signers", tmp_path / "allowed") == 3
    assert "a key is demanded" in capsys.readouterr().err
    signed = json.loads((tree / "fimci.baseline.dsse").read_text())
    (tree / "fimci.baseline.dsse").write_text(json.dumps(signed["dsseEnvelope"]))
    assert check(tree) == 3
    assert "an identity is demanded" in capsys.readouterr().err
    assert run("check", tree, "--baseline", file, "--state-issuer", "https://issuer.example") == 2


def test_a_policy_can_demand_an_identity(
    tree: Path, services: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, services)
    named = ("--baseline", tree / "fimci.baseline", "--trusted-root", tmp_path / "root.json")
    policy = tmp_path / "trusted.toml"
    policy.write_text(f'[state]\nidentity = "{IDENTITY}"\n')
    assert run("check", tree, *named, "--config", policy) == 0
    policy.write_text(f'[state]\nidentity = "{IDENTITY}"\nissuer = "https://issuer.example"\n')
    assert run("check", tree, *named, "--config", policy) == 3
    assert "another issuer" in capsys.readouterr().err
    policy.write_text('[state]\nissuer = "https://issuer.example"\n')
    assert run("check", tree, *named, "--config", policy) == 2


def test_a_manifest_that_the_job_signed(tmp_path: Path, services: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / battery.WHEEL).write_bytes(battery.wheel())
    assert run("manifest", dist, "--sign", "keyless", "--sigstore", services) == 0
    words = ("--expect", f"{dist}.manifest", "--trusted-root", tmp_path / "root.json")
    assert run("verify", dist / battery.WHEEL, *words, "--state-identity", IDENTITY) == 0
    other = IDENTITY.replace("tags", "heads")
    assert run("verify", dist / battery.WHEEL, *words, "--state-identity", other) == 3
    shutil.move(f"{dist}.manifest.dsse", tmp_path / "gone")
    assert run("verify", dist / battery.WHEEL, *words, "--state-identity", IDENTITY) == 3


def test_a_job_without_an_identity_signs_nothing(
    tree: Path, services: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: None)
    file = tree / "fimci.baseline"
    assert run("baseline", tree, "--output", file, "--sign", "keyless", "--sigstore", services) == 2
    assert "id-token: write" in capsys.readouterr().err
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: "x.y.z")
    assert run("baseline", tree, "--output", file, "--sign", "keyless", "--sigstore", services) == 2
    assert run("baseline", tree, "--output", file, "--sign", "keyless", "--sigstore", file) == 2
    assert not (tree / "fimci.baseline.dsse").exists()


def test_a_log_without_times_needs_a_timestamp(
    tree: Path, instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signing.job(instance, tmp_path, monkeypatch, second=True) as services:
        baseline(tree, services)
        assert check(tree) == 0
        file = tree / "fimci.baseline.dsse"
        bundle = json.loads(file.read_text())
        entry = bundle["verificationMaterial"]["tlogEntries"][0]
        assert "integratedTime" not in entry
        assert entry["kindVersion"] == {"kind": "hashedrekord", "version": "0.0.2"}
        del bundle["verificationMaterial"]["timestampVerificationData"]
        file.write_text(json.dumps(bundle))
        assert check(tree) == 3


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_timestamp_of_another_time_is_not_handed_out(
    tree: Path, instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """An authority whose clock is wrong makes signatures that nobody can verify."""
    answer = instance.authority.answer

    def wrong(digest: bytes, stamp: Stamp) -> bytes:
        return answer(digest, stamp._replace(when=stamp.when + dt.timedelta(hours=hours)))

    monkeypatch.setattr(instance.authority, "answer", wrong)
    with signing.job(instance, tmp_path, monkeypatch, second=True) as services:
        words = ("--sign", "keyless", "--sigstore", services)
        assert run("baseline", tree, "--output", tree / "fimci.baseline", *words) == 2
    assert not (tree / "fimci.baseline").exists()


def verified(tmp_path: Path, *more: str | Path) -> int:
    root = ("--trusted-root", tmp_path / "root.json")
    return run("verify", tmp_path / battery.WHEEL, *root, "--identity", IDENTITY, *more)


def test_what_was_verified_is_signed_by_the_job_and_can_be_verified_in_turn(
    tmp_path: Path, services: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, out = tmp_path / battery.WHEEL, tmp_path / "summary.json"
    wheel.write_bytes(battery.wheel())
    words = ("--summary", out, "--sign", "keyless", "--sigstore", services)
    assert run("verify", wheel, *words) == 0
    bundle = json.loads(out.read_text())
    assert bundle["mediaType"].endswith("v0.3+json")
    assert verified(tmp_path, "--bundle", out) == 0
    assert verified(tmp_path, "--bundle", out, "--identity", IDENTITY.replace("acme", "evil")) == 1
    assert "signer-unexpected" in capsys.readouterr().out
    # Once more, of a wheel that does not pass: the summary says so, and so it vouches for nothing.
    wheel.write_bytes(battery.wheel({"demo/evil.pth": b"import os\n", "a.pyc": battery.PYC}))
    assert run("verify", wheel, *words) == 1
    capsys.readouterr()
    assert verified(tmp_path, "--bundle", out) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "the statement says that the verification was not passed: FAILED" in said
    assert "signature-missing" in said


def test_a_summary_that_cannot_be_signed_is_not_written(tmp_path: Path, services: Path) -> None:
    (tmp_path / battery.WHEEL).write_bytes(battery.wheel())
    words = ("verify", tmp_path / battery.WHEEL, "--sign", "keyless", "--sigstore")
    assert run(*words, tmp_path / "none", "--summary", tmp_path / "summary.json") == 2
    assert not (tmp_path / "summary.json").exists()
    assert run(*words, services) == 2  # nothing to sign


def test_a_root_in_the_cache_of_a_user_signs_no_state(
    tree: Path, services: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instance: Instance
) -> None:
    baseline(tree, services)
    attacks.planted(tmp_path / "home", instance.trusted_root(), monkeypatch)
    assert signing.check(tree, "--state-identity", IDENTITY) == 3
    assert check(tree) == 0


def test_without_a_key_a_job_signs_as_itself(
    tree: Path, services: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signing.baseline(tree, "--sigstore", services, "--sign")
    assert "number 1, signed as the job that runs" in " ".join(capsys.readouterr().out.split())
    assert check(tree) == 0


def test_a_job_of_a_code_host_asks_for_its_token_itself(
    tree: Path, instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the variables of the job to a statement that holds, with nothing of the client put aside."""
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    with sigstore_server.served(instance) as config:
        (tmp_path / "sigstore.json").write_bytes(config)
        url = json.loads(config)["signingConfig"]["caUrls"][0]["url"]
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        words = ("--sign", "keyless", "--sigstore", tmp_path / "sigstore.json")
        monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
        assert run("baseline", tree, "--output", tree / "fimci.baseline", *words) == 2  # no permission
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", sigstore_server.BEARER)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{url}/token?version=1")
        signing.baseline(tree, *words)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "another")
        assert run("baseline", tree, "--output", tree / "fimci.baseline", *words) == 2
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert check(tree) == 0
