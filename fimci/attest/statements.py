"""In-toto statements: what they are about, and whether the job that signed could say so.

A job writes its own statement. What it says about the repository, ref, commit and workflow counts only where
the certificate says the same, and what is not known to the check fails: SLSA asks for that of parameters.
https://github.com/in-toto/attestation/tree/main/spec and https://slsa.dev/spec/v1.0/verifying-artifacts
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from fimci.attest.identity import GITHUB
from fimci.attest.materials import IN_TOTO
from fimci.attest.refusal import Refusal

_STATEMENTS = frozenset({"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"})
SLSA_V1, SLSA_V02 = "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"
#: A summary of what somebody else has verified, fimci's own among them.
SUMMARY = "https://slsa.dev/verification_summary/v1"
#: For what the SSH signatures of fimci's own summaries are made.
SUMMARIES = "fimci-summary"
NPM_PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
_PUBLISH = re.compile(r"https://docs\.[a-z]+\.org/attestations/publish/v1", re.ASCII)
_RELEASE = re.compile(r"https://in-toto\.io/attestation/release/v0\.[12]", re.ASCII)
_BUILD_TYPES = frozenset(
    {
        "https://actions.github.io/buildtypes/workflow/v1",
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    }
)
#: Of older statements: npm's, and those of the builders of the SLSA project.
_OLD_BUILD_TYPE = re.compile(
    r"https://github\.com/(?:npm/cli/gha(?:/v[12])?|slsa-framework/slsa-github-generator/[\w./@-]+)", re.ASCII
)
_HOST = "https://github.com/"
_RUNNERS = f"{_HOST}actions/runner"
_STRONG = ("sha256", "sha512", "sha384")
_NPM = re.compile(r"pkg:npm/(?P<name>.+)@(?P<version>[^@]+)", re.DOTALL)


class Artifact(NamedTuple):
    """What a statement must be about: the name of the file, its hashes, and of npm its release."""

    file: str
    digests: dict[str, str]
    release: str = ""


def parsed(kind: str, payload: bytes) -> dict[str, Any]:
    """Read a statement. Raises `Refusal` for any other payload."""
    if kind != IN_TOTO:
        raise Refusal("form", f"signs a payload of another type: {kind[:80]}")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        raise Refusal("form", "signs what is not JSON") from None
    if not isinstance(value, dict) or str(value.get("_type")) not in _STATEMENTS:
        raise Refusal("form", "signs no in-toto statement of a known version")
    return value


def about(statement: dict[str, Any], artifact: Artifact) -> None:
    """Check that a statement is about an artifact: by name and by a strong hash. Raises `Refusal`."""
    subjects = statement.get("subject")
    if not isinstance(subjects, list) or not subjects:
        raise Refusal("subject", "the statement is about nothing")
    found = [one for one in subjects if isinstance(one, dict)]
    matching = [one for one in found if _has_hash(one, artifact)]
    if not matching:
        names = ", ".join(str(one.get("name", ""))[:60] for one in found[:3])
        weak = any(
            isinstance(one.get("digest"), dict) and not set(one["digest"]) & set(_STRONG) for one in found
        )
        why = "states weak hashes alone" if weak else f"is about other files ({names})"
        raise Refusal("subject", f"the statement {why}")
    if not any(_has_name(one, artifact) for one in matching):
        name = str(matching[0].get("name", ""))[:80]
        raise Refusal("subject", f"the statement calls this file {name!r}")


def _has_hash(subject: dict[str, Any], artifact: Artifact) -> bool:
    digests = subject.get("digest")
    if not isinstance(digests, dict):
        return False
    stated = [(name, str(digests[name]).lower()) for name in _STRONG if name in digests]
    return bool(stated) and all(artifact.digests.get(name) == value for name, value in stated)


def _has_name(subject: dict[str, Any], artifact: Artifact) -> bool:
    name = subject.get("name")
    if not isinstance(name, str):
        return False
    npm = _NPM.fullmatch(name)
    if npm is not None and artifact.release:
        return f"{unquote(npm['name'])}@{npm['version']}" == artifact.release
    return name.rpartition("/")[2] == artifact.file


def borne_out(statement: dict[str, Any], facts: dict[str, str], named: Sequence[str] = ()) -> Iterator[str]:
    """Yield what a statement says that the certificate does not bear out, or that is not known.

    `named` are types that are asked for, and so are known.
    """
    kind = statement.get("predicateType")
    predicate = statement.get("predicate")
    if kind == SLSA_V1:
        yield from _v1(predicate, builder(statement), facts)
    elif kind == SLSA_V02:
        yield from _v02(predicate, builder(statement), facts)
    elif kind == SUMMARY:
        yield from failed(statement)
    elif not isinstance(kind, str) or not (_known(kind) or kind in named):
        yield f"is of a type that is not known: {str(kind)[:80]}"


def failed(statement: dict[str, Any]) -> Iterator[str]:
    """Yield that a verification summary says that something was not passed, whoever signed it."""
    if statement.get("predicateType") == SUMMARY:
        predicate = statement.get("predicate")
        result = predicate.get("verificationResult") if isinstance(predicate, dict) else None
        if result != "PASSED":
            yield f"says that the verification was not passed: {str(result)[:40]}"


def _known(kind: str) -> bool:
    return kind == NPM_PUBLISH or bool(_PUBLISH.fullmatch(kind) or _RELEASE.fullmatch(kind))


def _v1(predicate: Any, built_by: str, facts: dict[str, str]) -> Iterator[str]:
    try:
        definition = predicate["buildDefinition"]
        kind, parameters = definition["buildType"], definition["externalParameters"]
        dependencies = definition.get("resolvedDependencies", [])
        commits = {one["digest"].get("gitCommit", one["digest"].get("sha1")) for one in dependencies}
        workflow = parameters.get("workflow", {})
        stated = (workflow.get("repository"), workflow.get("ref"))
        started = f"{workflow.get('repository')}/{workflow.get('path')}@{workflow.get('ref')}"
    except (KeyError, TypeError, AttributeError):
        yield "is no provenance of SLSA"
        return
    if str(kind) not in _BUILD_TYPES or facts.get("issuer") != GITHUB:
        yield f"is of a build that is not known: {str(kind)[:80]}"
        return
    unknown = sorted(set(parameters) - {"workflow"})
    if unknown:
        yield f"has parameters that are not known: {', '.join(unknown)[:80]}"
    yield from _against(stated, started, facts)
    yield from _built_by(built_by, facts)
    if facts.get("commit") not in commits:
        yield f"does not say that commit {facts.get('commit', '')[:12]} was built"


def builder(statement: dict[str, Any]) -> str:
    """Return the builder that a provenance of SLSA names; empty where it names none."""
    details = statement.get("predicate")
    if statement.get("predicateType") == SLSA_V1 and isinstance(details, dict):
        details = details.get("runDetails")
    found = details.get("builder") if isinstance(details, dict) else None
    return str(found.get("id", "")) if isinstance(found, dict) else ""


def _built_by(stated: str, facts: dict[str, str]) -> Iterator[str]:
    """Yield that the builder is neither the workflow that signed nor the runner that it ran on."""
    signer, runner = facts.get("signer", "none"), f"{_RUNNERS}/{facts.get('runner', '')}"
    if stated not in {signer, runner}:
        yield f"says builder {stated[:120] or 'none'}, the certificate {signer} on {runner}"


def _against(stated: tuple[Any, Any], started: str, facts: dict[str, str]) -> Iterator[str]:
    for name, said in zip(("repository", "ref"), stated, strict=True):
        if said != facts.get(name):
            yield f"says {name} {str(said)[:80]}, the certificate {facts.get(name, 'none')}"
    if started != facts.get("workflow"):
        yield f"says workflow {started[:120]}, the certificate {facts.get('workflow', 'none')}"


def _v02(predicate: Any, built_by: str, facts: dict[str, str]) -> Iterator[str]:
    try:
        kind = predicate["buildType"]
        invocation = predicate["invocation"]
        source = invocation["configSource"]
        uri, commit = str(source["uri"]), source["digest"]["sha1"]
        started, parameters = source.get("entryPoint"), invocation.get("parameters")
    except (KeyError, TypeError, AttributeError):
        yield "is no provenance of SLSA"
        return
    if not _OLD_BUILD_TYPE.fullmatch(str(kind)) or facts.get("issuer") != GITHUB:
        yield f"is of a build that is not known: {str(kind)[:80]}"
        return
    if parameters:
        told = ", ".join(map(str, parameters)) if isinstance(parameters, dict) else str(parameters)
        yield f"has parameters that are not known: {told[:80]}"
    repository, _, ref = uri.removeprefix("git+").rpartition("@")
    for name, said in (("repository", repository), ("ref", ref), ("commit", commit)):
        if said != facts.get(name):
            yield f"says {name} {str(said)[:80]}, the certificate {facts.get(name, 'none')}"
    named = {f"{repository}/{started}@{ref}", f"{_HOST}{started}"}  # builders of SLSA; npm
    if started is not None and facts.get("workflow") not in named:
        yield f"says workflow {str(started)[:120]}, the certificate {facts.get('workflow', 'none')}"
    if built_by != _RUNNERS:  # npm's, before it told who owns the runner
        yield from _built_by(built_by, facts)
