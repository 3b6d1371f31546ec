"""Chains of custody: real shapes of trees, a registry on loopback, signatures of a self-made instance."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fimci import cli
from fimci.attest import roots
from tests import environments, node_trees, repository
from tests.artifacts.sigstore_instance import COMMIT, WORKFLOW, Instance, provenance
from tests.loopback import Registry, Said, serving
from tests.test_verify_signatures import pep740

LINKS = ("locked", "artifact", "installed", "source", "signer", "builder")
BUILT = f"github-hosted runner, github.com/acme/demo at {COMMIT[:12]}"
WHO = f"{WORKFLOW.removeprefix('https://')}@refs/tags/v1.0"
PUBLISH = "https://docs.index.org/attestations/publish/v1"


@pytest.fixture(scope="module")
def instance() -> Instance:
    return Instance()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repository.seal(monkeypatch)
    place = tmp_path / "home"
    place.mkdir()
    for name, folder in (("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")):
        monkeypatch.setenv(name, str(place / folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 1)
    for name in (
        "FIMCI_OFFLINE",
        "FIMCI_CACHE_DIR",
        "FIMCI_HOSTS",
        "npm_config_registry",
        "npm_config_cache",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with serving() as one:
        (home / ".npmrc").write_text(f"registry={one.url}\n")
        monkeypatch.setenv("PIP_INDEX_URL", f"{one.url}simple/")
        yield one


def verified(folder: Path, target: str, *arguments: str) -> tuple[int, dict[str, dict[str, str]], Any]:
    """Run the verb; return its exit code, the cells by package and link, and the whole report."""
    file = folder / "report.json"
    code = cli.main(["verify", target, "--format", f"json={file}", *arguments])
    report = json.loads(file.read_text())
    cells = {
        row["package"].removeprefix("pkg:"): {
            link: row[link]["state"] + (f": {row[link]['why']}" if row[link]["why"] else "") for link in LINKS
        }
        for row in report["custody"]
    }
    return code, cells, report


def published(server: Registry, release: node_trees.Release, **dist: Any) -> bytes:
    """Publish a release of npm as `node_trees` packs it; return the archive."""
    data = node_trees.tarball(release)
    quoted = release.name.replace("/", "%2F")
    path = f"/{release.name}/-/{release.name.rpartition('/')[2]}-{release.version}.tgz"
    manifest = {
        "name": release.name,
        "version": release.version,
        "dist": {"tarball": server.url[:-1] + path, "integrity": node_trees.sri(data), **dist},
    }
    server.say(f"/{quoted}/{release.version}", Said(json.dumps(manifest).encode()))
    server.say(path, Said(data))
    return data


def statement(release: node_trees.Release, data: bytes) -> dict[str, Any]:
    name = f"pkg:npm/{release.name.replace('@', '%40', 1)}@{release.version}"
    return provenance(name, {"sha512": hashlib.sha512(data).hexdigest()})


def attest(server: Registry, release: node_trees.Release, bundle: Any, data: bytes) -> None:
    """Serve a document of npm with the provenance of a release."""
    there = f"/-/npm/v1/attestations/{release.name}@{release.version}"
    published(server, release, attestations={"url": f"https://registry.example{there}"})
    kind = statement(release, data)["predicateType"]
    server.say(
        there, Said(json.dumps({"attestations": [{"predicateType": kind, "bundle": bundle}]}).encode())
    )


def test_a_pristine_tree_offline_is_verified_by_what_npm_keeps(tmp_path: Path, home: Path) -> None:
    project = node_trees.npm(tmp_path / "a")
    node_trees.cached(home)
    code, cells, report = verified(tmp_path, f"node:{project.root}")
    assert code == 0
    assert set(cells) == {"npm/left@1.0.1", "npm/%40scope/right@2.0.0", "npm/inner@0.1.0"}
    for row in cells.values():
        assert row["locked"] == "verified: sha512"
        assert row["artifact"] == "verified: npm"
        assert row["installed"] == "verified"
        assert row["source"] == "not verified: no source was named (--source NAME=LOCATOR)"
        assert row["signer"] == "not verified: is in no cache, and nobody is to be asked (offline)"
    assert "installed: verified of 3 of 3 packages" in report["notes"]


def test_without_an_archive_nothing_is_called_verified(tmp_path: Path, home: Path) -> None:
    project = node_trees.npm(tmp_path / "a")
    _, cells, _ = verified(tmp_path, f"node:{project.root}")
    assert home.exists()
    assert {row["artifact"].partition(":")[0] for row in cells.values()} == {"not verified"}
    assert {row["installed"] for row in cells.values()} == {"not verified: no archive at hand"}


def test_what_is_changed_on_the_disk_fails_in_its_own_row(tmp_path: Path, home: Path) -> None:
    project = node_trees.npm(tmp_path / "a")
    node_trees.cached(home)
    project.write("node_modules/left/index.js", b"module.exports = (text) => text + 1\n")
    code, cells, _ = verified(tmp_path, f"node:{project.root}")
    assert code == 1
    assert cells["npm/left@1.0.1"]["installed"] == "failed: installed-file-changed"
    assert cells["npm/left@1.0.1"]["artifact"].startswith("verified")
    assert cells["npm/inner@0.1.0"]["installed"] == "verified"


def test_a_package_that_no_lockfile_names_is_said_to_be_one(tmp_path: Path, home: Path) -> None:
    project = node_trees.npm(tmp_path / "a")
    node_trees.cached(home)
    project.write("node_modules/extra/package.json", node_trees.manifest("extra", "1.0.0"))
    _, cells, _ = verified(tmp_path, f"node:{project.root}")
    assert cells["npm/extra@1.0.0"]["locked"] == "not verified: no lockfile names it"
    assert cells["npm/extra@1.0.0"]["artifact"] == "not verified: no lockfile vouches for it"


def test_other_bytes_at_the_registry_are_a_finding(tmp_path: Path, server: Registry) -> None:
    project = node_trees.npm(tmp_path / "a")
    for release in (node_trees.LEFT, node_trees.RIGHT, node_trees.INNER):
        published(server, release)
    other = node_trees.LEFT._replace(files={**node_trees.LEFT.files, "README.md": b"# other\n"})
    server.say("/left/-/left-1.0.1.tgz", Said(node_trees.tarball(other)))
    for target in (f"node:{project.root}", str(project.root / "package-lock.json")):
        code, cells, report = verified(tmp_path, target, "--releases")
        assert code == 1
        assert cells["npm/left@1.0.1"]["artifact"] == (
            "failed: 127.0.0.1 serves other bytes than the lockfile vouches for"
        )
        (found,) = (one for one in report["findings"] if one["rule"] == "release-not-as-locked")
        assert found["message"].startswith("left@1.0.1: ")
        assert (found["path"], found["severity"]) == ("package-lock.json", "critical")
        assert cells["npm/inner@0.1.0"]["artifact"].startswith("verified")


def test_provenance_of_npm_fills_signer_and_builder(
    tmp_path: Path, server: Registry, instance: Instance
) -> None:
    project = node_trees.npm(tmp_path / "a")
    for release in (node_trees.RIGHT, node_trees.INNER):
        published(server, release)
    data = node_trees.tarball(node_trees.LEFT)
    bundle = instance.attested(statement(node_trees.LEFT, data), kind="intoto")
    attest(server, node_trees.LEFT, bundle, data)
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    root = ("--trusted-root", str(tmp_path / "root.json"))
    code, cells, _ = verified(tmp_path, f"node:{project.root}", "--releases", *root)
    assert code == 0
    left = cells["npm/left@1.0.1"]
    assert left == {
        "locked": "verified: sha512",
        "artifact": "verified: 127.0.0.1",
        "installed": "verified",
        "source": "not verified: no source was named (--source NAME=LOCATOR)",
        "signer": f"verified: {WHO}",
        "builder": f"verified: {BUILT}",
    }
    assert cells["npm/inner@0.1.0"]["signer"] == "not verified: the registry serves none"
    # Offline the same, by what was kept.
    server.answers.clear()
    assert (
        verified(tmp_path, f"node:{project.root}", *root)[1]["npm/left@1.0.1"]["signer"] == f"verified: {WHO}"
    )


def test_provenance_that_does_not_hold_fails_and_is_a_finding(
    tmp_path: Path, server: Registry, instance: Instance
) -> None:
    project = node_trees.npm(tmp_path / "a")
    for release in (node_trees.RIGHT, node_trees.INNER):
        published(server, release)
    data = node_trees.tarball(node_trees.LEFT)
    attest(server, node_trees.LEFT, instance.attested(statement(node_trees.LEFT, data + b"x")), data)
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    code, cells, report = verified(
        tmp_path, f"node:{project.root}", "--releases", "--trusted-root", str(tmp_path / "root.json")
    )
    assert code == 1
    assert cells["npm/left@1.0.1"]["signer"].startswith("failed: attestations of left@1.0.1")
    assert cells["npm/left@1.0.1"]["builder"].startswith("failed")
    (found,) = report["findings"]
    assert found["rule"] == "signature-invalid"
    # Signed by another instance than the one that is trusted.
    attest(server, node_trees.LEFT, Instance().attested(statement(node_trees.LEFT, data)), data)
    assert verified(
        tmp_path, f"node:{project.root}", "--releases", "--trusted-root", str(tmp_path / "root.json")
    )[1]["npm/left@1.0.1"]["signer"].startswith("failed")


def test_a_job_of_another_repository_than_the_manifest_names_is_not_verified(
    tmp_path: Path, server: Registry, instance: Instance
) -> None:
    manifest = node_trees.manifest("one", "1.0.0", repository={"url": "git+https://github.com/other/one.git"})
    release = node_trees.Release("one", "1.0.0", {"package.json": manifest})
    data = node_trees.tarball(release)
    attest(server, release, instance.attested(statement(release, data)), data)
    lock = {
        "name": "a",
        "lockfileVersion": 3,
        "packages": {"node_modules/one": {"version": "1.0.0", "integrity": node_trees.sri(data)}},
    }
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    _, cells, _ = verified(
        tmp_path,
        str(tmp_path / "package-lock.json"),
        *("--releases", "--trusted-root", str(tmp_path / "root.json")),
    )
    assert cells["npm/one@1.0.0"]["signer"] == (
        "not verified: signed by a job of github.com/acme/demo, its metadata name github.com/other/one"
    )
    assert cells["npm/one@1.0.0"]["builder"] == f"verified: {BUILT}"
    assert cells["npm/one@1.0.0"]["installed"] == "not verified: a lockfile alone: nothing is installed"


def test_a_signature_of_the_registry_says_no_more_than_that(
    tmp_path: Path, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    monkeypatch.setattr(roots, "NPM_KEYS", {"SHA256:k": roots.Key(base64.b64encode(spki).decode(), None)})
    project = node_trees.npm(tmp_path / "a")
    for release in node_trees.ALL:
        data = node_trees.tarball(release)
        text = f"{release.name}@{release.version}:{node_trees.sri(data)}".encode()
        if release is node_trees.INNER:
            text += b"x"
        made = base64.b64encode(key.sign(text, ec.ECDSA(hashes.SHA256()))).decode()
        published(server, release, signatures=[{"keyid": "SHA256:k", "sig": made}])
    _, cells, _ = verified(tmp_path, f"node:{project.root}", "--releases")
    assert cells["npm/left@1.0.1"]["signer"] == "verified: the registry alone"
    assert cells["npm/left@1.0.1"]["builder"] == "not verified: only the registry signed it"
    assert cells["npm/inner@0.1.0"]["signer"].startswith("failed: signature of inner@0.1.0")


FILES = {"left/__init__.py": "def trim(text):\n    return text.strip()\n"}


def environment(folder: Path, data: bytes, version: str = "1.0.1") -> Path:
    """Install a wheel by hand, and lock it with its hash."""
    prefix = environments.create(folder / ".venv")
    environments.unpacked(data, prefix / environments.SITE, installer="pip")
    locked = hashlib.sha256(data).hexdigest()
    (folder / "requirements.txt").write_text(f"left=={version} \\\n    --hash=sha256:{locked}\n")
    return prefix


def serve(server: Registry, file: str, data: bytes, provenance_url: str | None = None) -> None:
    page = {
        "meta": {"api-version": "1.3"},
        "name": "left",
        "files": [
            {
                "filename": file,
                "url": f"../../files/{file}",
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                "provenance": provenance_url,
            },
            {"filename": "left-1.0.1.tar.gz", "url": "../../files/x", "hashes": {"sha256": "0" * 64}},
        ],
    }
    kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    server.say("/simple/left/", Said(json.dumps(page).encode(), headers=kind))
    server.say(f"/files/{file}", Said(data))


def test_a_python_environment_with_provenance_of_pep_740(
    tmp_path: Path, server: Registry, instance: Instance
) -> None:
    data, file = environments.wheel(FILES, "left", "1.0.1"), "left-1.0.1-py3-none-any.whl"
    prefix = environment(tmp_path, data)
    said = provenance(file, {"sha256": hashlib.sha256(data).hexdigest()})
    signed = instance.attested(said | {"predicateType": PUBLISH, "predicate": None})
    document = {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": [pep740(signed)]}]}
    serve(server, file, data, f"{server.url}integrity/left/1.0.1/{file}/provenance")
    server.say(f"/integrity/left/1.0.1/{file}/provenance", Said(json.dumps(document).encode()))
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    root = ("--trusted-root", str(tmp_path / "root.json"))
    code, cells, _ = verified(tmp_path, f"python:{prefix}", "--releases", *root)
    assert code == 0
    assert cells["pypi/left@1.0.1"] == {
        "locked": "verified: sha256",
        "artifact": "verified: 127.0.0.1",
        "installed": "verified",
        "source": "not verified: no source was named (--source NAME=LOCATOR)",
        "signer": f"verified: {WHO}",
        "builder": f"verified: {BUILT}",
    }
    edited = prefix / environments.SITE / "left/__init__.py"
    edited.write_text("import os\n")
    code, cells, _ = verified(tmp_path, f"python:{prefix}", *root)
    assert code == 1
    assert cells["pypi/left@1.0.1"]["installed"] == "failed: installed-file-changed"


def test_a_wheel_for_another_platform_is_not_the_one_that_was_installed(
    tmp_path: Path, server: Registry
) -> None:
    data = environments.wheel(FILES, "left", "1.0.1", tag="cp312-cp312-win_amd64")
    file = "left-1.0.1-cp312-cp312-win_amd64.whl"
    prefix = environment(tmp_path, environments.wheel(FILES, "left", "1.0.1"))
    locked = hashlib.sha256(data).hexdigest()
    (tmp_path / "requirements.txt").write_text(f"left==1.0.1 --hash=sha256:{locked}\n")
    serve(server, file, data)
    _, cells, _ = verified(tmp_path, f"python:{prefix}", "--releases")
    assert cells["pypi/left@1.0.1"]["artifact"] == (
        "not verified: no locked archive fits this platform: it was built here"
    )
    assert cells["pypi/left@1.0.1"]["installed"] == "not verified: no archive at hand"


def test_another_version_than_locked_fails(tmp_path: Path, home: Path) -> None:
    prefix = environment(tmp_path, environments.wheel(FILES, "left", "1.0.1"), "1.0.0")
    assert home.exists()
    _, cells, _ = verified(tmp_path, f"python:{prefix}")
    assert cells["pypi/left@1.0.1"]["locked"] == "failed: another version is locked"


def test_a_source_that_is_named_is_held_against_the_archive(tmp_path: Path, home: Path) -> None:
    project = node_trees.npm(tmp_path / "a")
    node_trees.cached(home)
    files: dict[str, str | bytes] = dict(node_trees.LEFT.files)
    source = repository.create(tmp_path / "source", files)
    named = ("--source", f"left=git:{source}@HEAD")
    code, cells, _ = verified(tmp_path, f"node:{project.root}", *named)
    assert (code, cells["npm/left@1.0.1"]["source"]) == (0, f"verified: git:{source}@HEAD")
    repository.write(source, {"index.js": "// another one\n"})
    repository.commit(source)
    code, cells, report = verified(tmp_path, f"node:{project.root}", *named)
    assert (code, cells["npm/left@1.0.1"]["source"]) == (1, "failed: artifact-source-differs")
    assert report["findings"][0]["path"] == "pkg:npm/left@1.0.1#package/index.js"
    assert cells["npm/inner@0.1.0"]["source"].startswith("not verified")


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "node:{0}"],
        ["verify", "python:{0}"],
        ["verify", "{0}/package-lock.json"],
        ["verify", "node:{0}", "python:{0}"],
        ["verify", "node:{0}", "--source", "git:HEAD"],
        ["verify", "{0}/a.whl", "--releases"],
    ],
)
def test_what_cannot_be_verified_is_a_usage_error(arguments: list[str], tmp_path: Path, home: Path) -> None:
    assert home.exists()
    (tmp_path / "package-lock.json").write_text("{}")
    assert cli.main([one.format(tmp_path) for one in arguments]) in {2, 3}


def test_every_report_shows_the_table(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = node_trees.npm(tmp_path / "a")
    node_trees.cached(home)
    project.write("node_modules/left/index.js", b"// changed\n")
    cli.main(["verify", f"node:{project.root}"])
    text = capsys.readouterr().out
    assert "custody: package" in text
    assert "custody: npm/left@1.0.1          ok     ok       FAILED    -      -      -" in text
    assert "custody: installed failed: installed-file-changed (1 package: npm/left@1.0.1)" in text
    cli.main(["verify", f"node:{project.root}", "--format", "markdown"])
    assert (
        "| package | locked | artifact | installed | source | signer | builder |" in capsys.readouterr().out
    )
    cli.main(["verify", f"node:{project.root}", "--format", "html"])
    assert "<h2>Custody of 3 packages</h2>" in capsys.readouterr().out
