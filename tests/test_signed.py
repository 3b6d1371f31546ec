"""States that are signed: a baseline, a manifest, and everything that must be refused."""

from __future__ import annotations

import base64
import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci import signed, summary
from fimci.attest import ssh, state
from fimci.attest.refusal import Refusal
from fimci.attest.state import Demand
from tests import signing
from tests.artifacts import battery
from tests.signing import git, run, two_commits

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen here"),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signing.keys_in(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return signing.tree_in(tmp_path)


def baseline(tree: Path, key: Path, *more: str) -> None:
    signing.baseline(tree, "--sign", key, *more)


def check(tree: Path, keys: Path, *more: str) -> int:
    return signing.check(tree, "--allowed-signers", keys / "allowed", *more)


def test_a_signed_baseline_is_used(tree: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline(tree, keys / "good")
    assert check(tree, keys) == 0
    assert "the baseline is number 1, signed by releases@fimci.example" in capsys.readouterr().out
    (tree / "a.txt").write_text("b\n")
    assert check(tree, keys) == 1


def test_what_is_not_signed_is_refused(tree: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("baseline", tree, "--output", tree / "fimci.baseline") == 0
    assert check(tree, keys) == 3
    said = capsys.readouterr().err
    assert "is not signed, but a signature is required" in said
    assert "sign it with --sign KEY" in said


def edited(tree: Path, keys: Path) -> None:
    del keys
    text = (tree / "fimci.baseline").read_bytes()
    (tree / "fimci.baseline").write_bytes(text + b"\n")


def by_another(tree: Path, keys: Path) -> None:
    (tree / "fimci.baseline.dsse").unlink()
    baseline(tree, keys / "evil")


def with_other_facts(tree: Path, keys: Path) -> None:
    del keys
    file = tree / "fimci.baseline.dsse"
    value = json.loads(file.read_text())
    statement = json.loads(base64.b64decode(value["payload"]))
    statement["predicate"]["sequence"] = 99
    value["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    file.write_text(json.dumps(value))


def of_another_file(tree: Path, keys: Path) -> None:
    other = tree.parent / "other"
    other.mkdir()
    (other / "a.txt").write_text("other\n")
    baseline(other, keys / "good")
    shutil.copy(other / "fimci.baseline.dsse", tree)


def without_json(tree: Path, keys: Path) -> None:
    del keys
    (tree / "fimci.baseline.dsse").write_text("{")


def for_other_ends(tree: Path, keys: Path) -> None:
    file = tree / "fimci.baseline.dsse"
    value = json.loads(file.read_text())
    message = state.message(base64.b64decode(value["payload"]))
    (tree.parent / "m").write_bytes(message)
    words = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(keys / "good"), "-n", "git", str(tree.parent / "m")]
    subprocess.run(words, check=True, capture_output=True)
    lines = (tree.parent / "m.sig").read_text().splitlines()
    value["signatures"][0]["sig"] = "".join(lines[1:-1])
    file.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (edited, "is about other contents"),
        (by_another, "nobody allows"),
        (with_other_facts, "is not a signature of this"),
        (of_another_file, "is about other contents"),
        (without_json, "is not JSON"),
        (for_other_ends, "was made for 'git'"),
    ],
)
def test_what_was_changed_or_replayed_is_refused(
    tree: Path, keys: Path, change: Callable[[Path, Path], None], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, keys / "good")
    change(tree, keys)
    assert check(tree, keys) == 3
    said = capsys.readouterr().err
    assert why in said
    assert "do not use it" in said


def test_states_stand_in_a_row_and_older_ones_are_refused(
    tree: Path, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, keys / "good")
    for name in ("fimci.baseline", "fimci.baseline.dsse"):
        shutil.copy(tree / name, tmp_path)
    first = state.parsed((tree / "fimci.baseline.dsse").read_bytes())[0]
    (tree / "a.txt").write_text("b\n")
    baseline(tree, keys / "good")
    second = state.parsed((tree / "fimci.baseline.dsse").read_bytes())[0]
    assert (first.sequence, first.previous) == (1, None)
    assert (second.sequence, second.previous) == (2, first.sha256)
    assert check(tree, keys, "--least", "2") == 0
    for name in ("fimci.baseline", "fimci.baseline.dsse"):
        shutil.copy(tmp_path / name, tree)
    assert check(tree, keys, "--least", "2") == 3
    assert "it is replayed" in capsys.readouterr().err


def test_a_policy_can_demand_a_signature(tree: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = (keys / "allowed").read_text().strip()
    (tree / "fimci.toml").write_text(f'[state]\nallowed-signers = ["{line}"]\n')
    file = tree / "fimci.baseline"
    assert run("baseline", tree, "--output", file) == 0
    assert run("check", tree, "--baseline", file) == 3
    assert "a signature is required" in capsys.readouterr().err
    baseline(tree, keys / "good")
    assert run("check", tree, "--baseline", file) == 0
    assert "signed by releases@fimci.example" in capsys.readouterr().out
    (tree.parent / "trusted.toml").write_text(f'[state]\nallowed-signers = ["{line}"]\nleast = 2\n')
    assert run("check", tree, "--baseline", file, "--config", tree.parent / "trusted.toml") == 3
    assert "it is replayed" in capsys.readouterr().err
    for text in (
        "[state]\n",
        "state = 1\n",
        "[state]\nallowed-signers = []\n",
        "[state]\nallowed-signers = ['x']\n",
    ):
        (tree.parent / "bad.toml").write_text(text)
        assert run("check", tree, "--baseline", file, "--config", tree.parent / "bad.toml") == 2
    (tree.parent / "bad.toml").write_text('[state]\nallowed-signers = ["a"]\nleast = true\n')
    assert run("check", tree, "--baseline", file, "--config", tree.parent / "bad.toml") == 2


def test_a_state_ends(tree: Path, keys: Path) -> None:
    baseline(tree, keys / "good", "--days", "30")
    text = (tree / "fimci.baseline.dsse").read_bytes()
    made = state.parsed(text)[0]
    demand = Demand(allowed=tuple(ssh.allowed((keys / "allowed").read_bytes())))
    now = dt.datetime.now(dt.timezone.utc)
    for days in (0, 29):
        state.demanded(text, made.name, made.sha256, demand, now + dt.timedelta(days=days))
    with pytest.raises(Refusal, match="expired at"):
        state.demanded(text, made.name, made.sha256, demand, now + dt.timedelta(days=31))
    other = Demand(allowed=demand.allowed, repository="https://github.com/acme/other")
    state.demanded(text, made.name, made.sha256, other, now)  # it says of no repository that it is its own


def test_a_state_of_another_repository_is_refused() -> None:
    made = state.State(
        name="n", sha256="aa", root="r", sequence=1, created="c", tool="t", repository="https://a.example"
    )
    text = state.payload(made)
    assert json.loads(text)["predicateType"] == state.TYPE
    assert state.State(**json.loads(text)["predicate"], name="n", sha256="aa") == made


@pytest.mark.parametrize("text", ["", "# nobody\n", "somebody\n"])
def test_a_file_that_allows_nobody_is_an_error(tree: Path, keys: Path, tmp_path: Path, text: str) -> None:
    baseline(tree, keys / "good")
    (tmp_path / "allowed").write_text(text)
    file = tree / "fimci.baseline"
    assert run("check", tree, "--baseline", file, "--allowed-signers", tmp_path / "allowed") == 2
    assert run("check", tree, "--baseline", file, "--least", "2") == 2
    assert run("check", tree, "--baseline", file, "--allowed-signers", tmp_path / "none") == 2


def test_a_key_that_is_none_is_an_error(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key\n")
    assert run("baseline", tree, "--output", tree / "fimci.baseline", "--sign", tmp_path / "key") == 2
    assert run("baseline", tree, "--output", tree / "fimci.baseline", "--sign", tmp_path / "none") == 2


def released(tmp_path: Path, keys: Path) -> Path:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / battery.WHEEL).write_bytes(battery.wheel())
    (dist / battery.SDIST).write_bytes(battery.sdist())
    assert run("manifest", dist, "--sign", keys / "good") == 0
    return dist


def test_what_is_published_is_what_was_built(
    tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = released(tmp_path, keys)
    expect = ("--expect", f"{dist}.manifest", "--allowed-signers", keys / "allowed")
    assert run("verify", dist / battery.WHEEL, dist / battery.SDIST, *expect) == 0
    assert "the manifest is number 1, signed by releases@fimci.example" in capsys.readouterr().out
    assert run("verify", dist / battery.WHEEL, *expect) == 0
    assert f"in the manifest and not given: {battery.SDIST}" in capsys.readouterr().out
    (dist / battery.WHEEL).write_bytes(battery.wheel({"demo/extra.py": b"evil = 1\n"}))
    assert run("verify", dist / battery.WHEEL, *expect) == 1
    assert "artifact-unexpected" in capsys.readouterr().out
    (dist / "data.zip").write_bytes(battery.evil_zip())
    assert run("verify", dist / "data.zip", *expect) == 1
    assert "is in no manifest" in capsys.readouterr().out


def test_what_was_verified_is_a_statement_of_its_own(tmp_path: Path, keys: Path) -> None:
    dist = released(tmp_path, keys)
    expect = ("--expect", f"{dist}.manifest", "--allowed-signers", keys / "allowed")
    out = tmp_path / "summary.json"
    assert run("verify", dist / battery.WHEEL, *expect, "--summary", out) == 0
    statement = json.loads(out.read_text())
    predicate = statement["predicate"]
    assert statement["predicateType"] == summary.TYPE
    assert [one["name"] for one in statement["subject"]] == [battery.WHEEL]
    assert predicate["verificationResult"] == "PASSED"
    assert predicate["verifiedLevels"] == ["FIMCI_CONTENTS", "FIMCI_LIST", "FIMCI_MANIFEST"]
    assert predicate["custody"][battery.WHEEL]["signer"] == "not verified (no signer was asked for)"
    assert [one["uri"] for one in predicate["inputAttestations"]] == ["dist.manifest", "dist.manifest.dsse"]
    assert predicate["policy"]["uri"] == "urn:fimci:policy:built-in"
    before = predicate["policy"]["digest"]
    (tmp_path / "fimci.toml").write_text('fail-on = "low"\n')
    assert run("verify", dist / battery.WHEEL, "--config", tmp_path / "fimci.toml", "--summary", out) == 0
    policy = json.loads(out.read_text())["predicate"]["policy"]
    assert policy["uri"] == "fimci.toml"
    assert policy["digest"] != before
    (dist / battery.WHEEL).write_bytes(battery.wheel({"demo/extra.py": b"evil = 1\n", "a.pyc": battery.PYC}))
    assert run("verify", dist / battery.WHEEL, *expect, "--summary", out, "--sign", keys / "good") == 1
    envelope = json.loads(out.read_text())
    payload = base64.b64decode(envelope["payload"])
    assert json.loads(payload)["predicate"]["verificationResult"] == "FAILED"
    assert json.loads(payload)["predicate"]["verifiedLevels"] == ["FIMCI_LIST"]
    blob = base64.b64decode(envelope["signatures"][0]["sig"])
    armoured = b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(blob) + b"\n-----END SSH SIGNATURE-----"
    allowed = ssh.allowed((keys / "allowed").read_bytes())
    assert ssh.verified(state.message(payload), ssh.parse(armoured), allowed, summary.NAMESPACE)


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path, keys: Path) -> None:
    dist = released(tmp_path, keys)
    (dist / "more.txt").write_text("more\n")
    assert run("manifest", dist) == 0  # a new manifest, and the old signature
    expect = ("--expect", f"{dist}.manifest", "--allowed-signers", keys / "allowed")
    assert run("verify", dist / battery.WHEEL, *expect) == 3
    assert run("verify", dist / battery.WHEEL, "--expect", f"{dist}.manifest") == 0


def test_the_statement_is_followed_only_if_it_is_one(tree: Path, keys: Path) -> None:
    (tree / "fimci.baseline.dsse").write_text("{}")
    assert run("baseline", tree, "--output", tree / "fimci.baseline", "--sign", keys / "good") == 3
    assert signed.SUFFIX == ".dsse"


def committed(tree: Path, keys: Path) -> str:
    """Make a repository of two commits, with a baseline that was signed at the second."""
    two_commits(tree)
    baseline(tree, keys / "good")
    return git(tree, "rev-parse", "HEAD")


def test_what_is_checked_comes_after_the_commit_of_its_baseline(
    tree: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = committed(tree, keys)
    assert check(tree, keys) == 0
    git(tree, "commit", "-q", "--allow-empty", "-m", "later")
    capsys.readouterr()
    assert check(tree, keys) == 0
    assert "not verified" not in capsys.readouterr().out
    git(tree, "reset", "-q", "--soft", f"{commit}~1")
    assert check(tree, keys) == 3
    said = capsys.readouterr().err
    assert f"is of commit {commit[:12]}, which is not an ancestor" in said
    assert "sign a baseline again" in said


def test_a_shallow_clone_cannot_tell_ancestors_and_says_so(
    tree: Path, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(tree, keys)
    git(tree, "commit", "-q", "--allow-empty", "-m", "later")
    clone = tmp_path / "clone"
    git(tree, "clone", "-q", "--depth", "1", tree.as_uri(), str(clone))
    git(clone, "remote", "remove", "origin")
    for name in ("fimci.baseline", "fimci.baseline.dsse"):
        shutil.copy(tree / name, clone)
    assert check(clone, keys) == 0
    assert "the clone is shallow" in " ".join(capsys.readouterr().out.split())
    shutil.rmtree(clone / ".git")
    assert check(clone, keys) == 0
    assert "there is no repository" in " ".join(capsys.readouterr().out.split())


def test_a_release_comes_after_the_commit_of_its_manifest(
    tree: Path, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_commits(tree)
    dist = released(tree, keys)
    wheel, commit = dist / battery.WHEEL, git(tree, "rev-parse", "HEAD")
    expect = ("--expect", f"{dist}.manifest", "--allowed-signers", keys / "allowed")
    assert run("verify", wheel, *expect) == 0
    assert "not verified that it follows" not in capsys.readouterr().out
    git(tree, "tag", "v1.0")
    git(tree, "commit", "-q", "--allow-empty", "-m", "later")
    assert run("verify", wheel, *expect) == 0
    git(tree, "reset", "-q", "--soft", f"{commit}~1")
    assert run("verify", wheel, *expect) == 3
    said = capsys.readouterr().err
    assert f"the manifest is of commit {commit[:12]}, which is not an ancestor" in said
    assert "sign a manifest again" in said
    # With a source, it is the commit of the source that counts, wherever the manifest lies.
    for name in ("dist.manifest", "dist.manifest.dsse"):
        shutil.copy(tree / name, tmp_path)
    expect = ("--expect", f"{tmp_path}/dist.manifest", "--allowed-signers", keys / "allowed")
    assert run("verify", wheel, *expect, "--source", f"git:{tree}@v1.0~1") == 3
    assert run("verify", wheel, *expect, "--source", f"git:{tree}@v1.0") == 1  # none of it is in the source
    capsys.readouterr()
    assert run("verify", wheel, *expect) == 0
    assert "there is no repository" in " ".join(capsys.readouterr().out.split())


def test_without_a_key_the_user_signs_with_the_own_one(
    tree: Path,
    keys: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: None)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    file = tree / "fimci.baseline"
    assert run("baseline", tree, "--output", file, "--sign") == 2
    assert "there is nothing to sign with" in capsys.readouterr().err
    assert not file.exists()
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    shutil.copy(keys / "good", tmp_path / "home" / ".ssh" / "id_ed25519")
    assert run("baseline", tree, "--output", file, "--sign") == 0
    assert "number 1, signed with" in " ".join(capsys.readouterr().out.split())
    assert check(tree, keys) == 0


def test_a_policy_says_who_signs_and_the_command_line_what_was_seen(
    tree: Path, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline(tree, keys / "good")
    shutil.copy(tree / "fimci.baseline.dsse", tmp_path / "last.dsse")
    line = (keys / "allowed").read_text().strip()
    policy = tmp_path / "trusted.toml"
    policy.write_text(f'[state]\nallowed-signers = ["{line}"]\n')
    words = ("check", tree, "--baseline", tree / "fimci.baseline", "--config", policy)
    assert run(*words, "--last", tmp_path / "last.dsse", "--least", "1") == 0
    assert run(*words, "--least", "2") == 3
    (tree / "fimci.baseline.dsse").unlink()
    (tree / "a.txt").write_text("b\n")
    baseline(tree, keys / "good")
    assert run(*words, "--last", tmp_path / "last.dsse") == 3
    assert "the row was forked" in capsys.readouterr().err
    policy.write_text("")
    assert run(*words, "--last", tmp_path / "last.dsse") == 2


def test_a_policy_demands_that_a_manifest_is_signed(
    tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = released(tmp_path, keys)
    line = (keys / "allowed").read_text().strip()
    policy = tmp_path / "trusted.toml"
    policy.write_text(f'[state]\nallowed-signers = ["{line}"]\n')
    words = ("verify", dist / battery.WHEEL, "--expect", f"{dist}.manifest", "--config", policy)
    assert run(*words) == 0
    assert "signed by releases@fimci.example" in capsys.readouterr().out
    assert run(*words, "--least", "2") == 3
    shutil.move(f"{dist}.manifest.dsse", tmp_path / "aside")
    assert run(*words) == 3
    assert "is not signed, but a signature is required" in capsys.readouterr().err


def test_a_summary_of_a_key_can_be_verified_in_turn(
    tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, out = tmp_path / battery.WHEEL, tmp_path / "summary.json"
    wheel.write_bytes(battery.wheel())
    allowed = ("--allowed-signers", keys / "allowed")
    assert run("verify", wheel, "--summary", out, "--sign", keys / "good") == 0
    assert run("verify", wheel, "--bundle", out, *allowed) == 0
    assert "verified: releases@fimci.example" in " ".join(capsys.readouterr().out.split())
    assert run("verify", wheel, "--bundle", out) == 1  # nobody is allowed
    assert run("verify", wheel, "--summary", out, "--sign", keys / "evil") == 0
    assert run("verify", wheel, "--bundle", out, *allowed) == 1
    wheel.write_bytes(battery.wheel({"a.pyc": battery.PYC}))
    assert run("verify", wheel, "--summary", out, "--sign", keys / "good") == 1
    capsys.readouterr()
    assert run("verify", wheel, "--bundle", out, *allowed) == 1
    assert "the verification was not passed: FAILED" in " ".join(capsys.readouterr().out.split())
    # A state is signed for another end than a summary.
    assert run("manifest", tmp_path, "--output", tmp_path / "m", "--sign", keys / "good") == 0
    assert run("verify", wheel, "--bundle", tmp_path / "m.dsse", *allowed) == 1
    assert "was made for 'fimci-state'" in " ".join(capsys.readouterr().out.split())
