"""`fimci verify`: the release gate for wheels, sdists, npm packages and other archives."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
from collections.abc import Iterator

from fimci import verify
from fimci.attest.identity import Signer
from fimci.commands import options, terminal
from fimci.errors import UsageError
from fimci.packages import pairs
from fimci.policy import Policy
from fimci.request import named_policy
from fimci.sources.locator import Locator, parse

#: How the name of a release begins.
_RELEASE = "pkg:"
#: Endings of lockfiles, none of which an archive has.
_TEXTS = (".json", ".lock", ".toml", ".txt", ".yaml", ".lockb")


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    parser.add_argument(
        "artifact",
        nargs="+",
        help="a wheel, sdist, npm package, zip or tar; pkg:pypi/NAME@VERSION or pkg:npm/NAME@VERSION for"
        " every file of a published release; or node:DIR, python:PREFIX or a lockfile for the chain of"
        " custody of each package in it",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="LOCATOR",
        help="the source it was built from: git:REF, git:PATH@REF, or archive:FILE; NAME=LOCATOR for a"
        " package of a tree or lockfile (may be repeated)",
    )
    parser.add_argument(
        "--releases",
        action="store_true",
        help="for chains of custody: fetch archives and signatures from the registries (default: only from"
        " caches)",
    )
    parser.add_argument(
        "--generated",
        action="append",
        default=[],
        metavar="PATTERN",
        help="members that the build generates and no source has (gitignore syntax); may be repeated",
    )
    parser.add_argument(
        "--previous",
        action="append",
        default=[],
        metavar="RELEASE",
        help="report what it can do that this release could not: archive:FILE, pkg:npm/NAME@VERSION,"
        " pkg:pypi/NAME@VERSION; may be repeated, the first one of the same kind of artifact is used",
    )
    parser.add_argument(
        "--wait",
        type=int,
        default=0,
        metavar="SECONDS",
        help="with pkg:…: how long to retry if the registry does not list the release yet",
    )
    options.describe_offline(parser)
    _describe_evidence(parser)
    options.describe(parser)
    options.describe_places(parser)
    options.describe_history(parser)


def _describe_evidence(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bundle",
        action="append",
        default=[],
        metavar="FILE",
        help="signatures and attestations (may be repeated)",
    )
    parser.add_argument(
        "--identity",
        default="",
        help="the identity that must have signed: a workflow with its ref, or an email address",
    )
    parser.add_argument(
        "--issuer", default="", help="the issuer of the identity (default for workflows: GitHub)"
    )
    options.describe_root(parser)
    parser.add_argument("--key", metavar="FILE", help="a public key (PEM) that may have signed envelopes")
    parser.add_argument(
        "--expect",
        metavar="FILE",
        help="a manifest (`fimci manifest`) that must list each artifact with the same hash",
    )
    options.describe_signed(parser)
    parser.add_argument("--summary", metavar="FILE", help="write a SLSA verification summary to this file")
    options.describe_signer(
        parser, "with --summary: sign it with an SSH key, or with the identity of the CI job (`keyless`)"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the policy (default: that of the source, else the built-in one)"
    )


def run(given: argparse.Namespace) -> int:
    """Verify, report, and return the exit code."""
    if any(_has_packages(text) for text in given.artifact):
        return _custody(given)
    if given.releases:
        raise UsageError("--releases is for trees and lockfiles", "leave it out")
    if given.sign is not None and given.summary is None:
        raise UsageError("there is nothing to sign", "name the file of the summary (--summary)")
    if len(given.source) > 1:
        raise UsageError("artifacts are compared with one source", "name --source once")
    with tempfile.TemporaryDirectory() as folder:
        return _verified(given, folder)


def _verified(given: argparse.Namespace, folder: str) -> int:
    """Verify artifacts; those of releases are put into a folder."""
    policy = named_policy(given.config) if given.config else None
    served = any(text.startswith(_RELEASE) for text in given.artifact)
    request = verify.Request(
        artifacts=tuple(_served(given, policy or Policy(), folder) if served else given.artifact),
        whole=served,
        source=parse(given.source[0]) if given.source else None,
        generated=tuple(given.generated),
        bundles=tuple(given.bundle),
        signer=Signer(identity=given.identity, issuer=given.issuer) if given.identity else None,
        root=given.trusted_root,
        key=given.key,
        allowed=given.allowed_signers,
        expected=given.expect,
        least=given.least,
        last=given.last,
        state_signer=options.state_signer(given),
        previous=tuple(parse(one) for one in given.previous),
        where=lambda policy: options.where(given, policy)(),
        policy=policy,
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    with terminal.progress("verifying") as progress:
        outcome = verify.verified(request, progress)
    code = options.publish(outcome.report, given)
    if given.summary is not None:
        _summarise(given, outcome, passed=code == 0)
    return code


def _served(given: argparse.Namespace, policy: Policy, folder: str) -> Iterator[str]:
    """Yield the paths of artifacts; the files of releases are fetched first."""
    from fimci.releases import served  # noqa: PLC0415  (most artifacts are files)

    for number, text in enumerate(given.artifact):
        if text.startswith(_RELEASE):
            own = os.path.join(folder, str(number))
            os.mkdir(own)
            yield from served.files(options.where(given, policy)(), parse(text), own, float(given.wait))
        else:
            yield text


def _summarise(given: argparse.Namespace, outcome: verify.Outcome, *, passed: bool) -> None:
    from fimci import durable, summary  # noqa: PLC0415  (few runs are told to others)

    inputs = [*given.bundle, *_manifest(given.expect)]
    data = summary.statement(
        outcome.files,
        outcome.cells,
        passed=passed,
        inputs=inputs,
        policy=outcome.policy,
        origin=_origin(given),
        now=dt.datetime.now(dt.timezone.utc),
    )
    if given.sign is not None:
        data = summary.signed(data, given.sign, given.sigstore)
    durable.write(given.summary, [data])


def _manifest(file: str | None) -> list[str]:
    """Return the files of a manifest: itself, and the statement about it, if there is one."""
    return [] if file is None else [one for one in (file, f"{file}.dsse") if os.path.isfile(one)]


def _origin(given: argparse.Namespace) -> str:
    """Say where the policy comes from."""
    if given.config is not None:
        return os.path.basename(str(given.config))
    return str(given.source[0]) if given.source else "urn:fimci:policy:built-in"


def _has_packages(text: str) -> bool:
    """Tell whether this names packages rather than an artifact: a tree, or a lockfile."""
    if text.startswith(("node:", "python:")):
        return True
    name = os.path.basename(text)
    return pairs.is_of_packages(name) and name.endswith(_TEXTS) and os.path.isfile(text)


def _custody(given: argparse.Namespace) -> int:
    """Report on the chain of custody of every package in a tree or lockfile."""
    from fimci.chains import table  # noqa: PLC0415  (artifacts are verified without)
    from fimci.releases import obtain  # noqa: PLC0415  (the same)

    if len(given.artifact) > 1:
        raise UsageError("one tree or lockfile is verified at a time", "name one")
    text = given.artifact[0]
    named = dict(options.named_source(one) for one in given.source)
    policy = named_policy(given.config) if given.config else Policy()
    offline = policy.offline or not given.releases
    asked = table.Asked(
        target=parse(text) if text.startswith(("node:", "python:")) else Locator("lock", text),
        where=obtain.sources(os.environ, offline=offline, allowed=policy.hosts),
        named=named,
        policy=policy,
        root=given.trusted_root,
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    with terminal.progress("verifying") as progress:
        report = table.verified(asked, progress)
    return options.publish(report, given)
