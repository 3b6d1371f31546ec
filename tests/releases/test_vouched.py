"""Who built the releases of an update: evidence of a self-made instance, from registries of both kinds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.artifacts.sigstore_instance import REPOSITORY, WORKFLOW, Instance, provenance
from tests.loopback import Registry, Said, sri, wheel
from tests.releases.projects import QUIET, Project, lock
from tests.test_verify_signatures import pep740

_TAG = "refs/tags/v1.0"
_OTHER = f"{REPOSITORY}/.github/workflows/ci.yml"
_FALSE = b"other bytes"
_FORK = "https://github.com/mallory/demo"


@pytest.fixture(scope="module")
def instance() -> Instance:
    return Instance()


def job(repository: str = REPOSITORY, workflow: str = WORKFLOW, ref: str = _TAG) -> dict[str, Any]:
    """Return what a certificate says of a job."""
    return {
        "claims": {9: f"{workflow}@{ref}", 12: repository, 14: ref, 18: f"{workflow}@{ref}"},
        "identity": f"{workflow}@{ref}",
    }


def of_npm(version: str, data: bytes) -> dict[str, Any]:
    """Return the statement about a release of npm that every job here makes."""
    name = "left" if data == _FALSE else f"pkg:npm/left@{version}"
    statement = provenance(name, {"sha512": hashlib.sha512(data).hexdigest()})
    return statement | {
        "predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
        "predicate": {},
    }


def serve(server: Registry, bundles: dict[str, Any]) -> None:
    """Serve the document of npm about `left`, and the evidence of each version."""
    versions = {}
    for version, bundle in bundles.items():
        there = f"/-/npm/v1/attestations/left@{version}"
        manifest = json.loads(server.answers[f"/left/{version}"][0].body)
        manifest["dist"]["attestations"] = {"url": f"https://registry.example{there}"}
        versions[version] = manifest
        server.say(f"/left/{version}", Said(json.dumps(manifest).encode()))
        server.say(there, Said(json.dumps({"attestations": [{"bundle": bundle}]}).encode()))
    server.say("/left", Said(json.dumps({"name": "left", "versions": versions}).encode()))


def updated(
    project: Project, server: Registry, instance: Instance, jobs: list[dict[str, Any]]
) -> tuple[int, Any]:
    """Update `left` from 1.0.0 to 1.0.1, of which these jobs vouch; return what is said."""
    bundles = {}
    for version, one in zip(("1.0.0", "1.0.1"), jobs, strict=True):
        data = server.npm("left", version, QUIET)
        project.write("package-lock.json", lock({"left": (version, sri(data), {})}))
        if version == "1.0.0":
            project.commit()
        said = of_npm(version, _FALSE if one.pop("false", False) else data)
        bundles[version] = instance.attested(said, **one)
    serve(server, bundles)
    root = project.folder.parent / "root.json"
    root.write_bytes(instance.trusted_root())
    return project.check("--trusted-root", str(root))


def told(report: Any) -> list[tuple[str, str, str]]:
    return [(f["rule"], f["severity"], f["message"].partition(" → 1.0.1: ")[2]) for f in report["findings"]]


@pytest.mark.parametrize(
    ("now", "grade", "words"),
    [
        (job(), None, ""),
        (
            job(workflow=_OTHER),
            "medium",
            "was built by another workflow (.github/workflows/release.yml → .github/workflows/ci.yml)",
        ),
        (job(ref="refs/heads/fix"), "low", "was built by another ref (refs/tags/v1.0 → refs/heads/fix)"),
        (
            job(_FORK, WORKFLOW.replace(REPOSITORY, _FORK)),
            "high",
            "was built by another repository (github.com/acme/demo → github.com/mallory/demo)",
        ),
        (
            {**job(), "false": True},
            "high",
            "the evidence of where it was built is not valid: the statement is about other files (left)",
        ),
    ],
)
def test_a_release_of_npm_by_another_job(  # noqa: PLR0913, PLR0917  (a case, and where it is tried)
    now: dict[str, Any],
    grade: str | None,
    words: str,
    project: Project,
    server: Registry,
    instance: Instance,
) -> None:
    code, report = updated(project, server, instance, [job(), dict(now)])
    assert told(report) == ([("release-builder-changed", grade, words)] if grade else [])
    assert code == (1 if grade == "high" else 0)
    assert report["releases"][0]["provenance"] == "stated"


def test_by_another_root_nobody_knows(project: Project, server: Registry, instance: Instance) -> None:
    updated(project, server, instance, [job(), job(workflow=_OTHER)])
    code, report = project.check()
    assert (code, report["findings"], report["unread"]) == (0, [], [])


def test_evidence_that_is_not_served(project: Project, server: Registry, instance: Instance) -> None:
    updated(project, server, instance, [job(), job(workflow=_OTHER)])
    for version in ("1.0.0", "1.0.1"):
        server.say(f"/-/npm/v1/attestations/left@{version}", Said(status=404))
    code, report = project.check("--trusted-root", str(project.folder.parent / "root.json"))
    assert (code, report["findings"], report["unread"]) == (0, [], [])


def test_a_release_of_python_by_another_workflow(
    project: Project, server: Registry, instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    listed = []
    for version, one in (("1.0", job()), ("1.1", job(workflow=_OTHER))):
        file = f"left-{version}-py3-none-any.whl"
        data = wheel("left", version, {"left.py": ""})
        digest = hashlib.sha256(data).hexdigest()
        statement = provenance(file, {"sha256": digest}) | {
            "predicateType": "https://docs.index.org/attestations/publish/v1",
            "predicate": None,
        }
        bundle = instance.attested(statement, **one)
        document = {
            "version": 1,
            "attestation_bundles": [{"publisher": {}, "attestations": [pep740(bundle)]}],
        }
        there = f"/integrity/{file}"
        server.say(there, Said(json.dumps(document).encode()))
        server.say(f"/files/{file}", Said(data))
        listed.append(
            {
                "filename": file,
                "url": f"../../files/{file}",
                "hashes": {"sha256": digest},
                "provenance": f"{server.url[:-1]}{there}",
            }
        )
        project.write("requirements.txt", f"left=={version} --hash=sha256:{digest}\n")
        if version == "1.0":
            project.commit()
    kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    page = {"meta": {"api-version": "1.3"}, "name": "left", "files": listed}
    server.say("/simple/left/", Said(json.dumps(page).encode(), headers=kind))
    root = tmp_path / "root.json"
    root.write_bytes(instance.trusted_root())
    code, report = project.check("--trusted-root", str(root))
    assert (code, [(f["rule"], f["severity"]) for f in report["findings"]]) == (
        0,
        [("release-builder-changed", "medium")],
    )
