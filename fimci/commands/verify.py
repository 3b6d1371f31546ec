"""`fimci verify`: the release gate for wheels, sdists, npm packages and other archives."""

from __future__ import annotations

import argparse
import datetime as dt

from fimci import verify
from fimci.attest.identity import Signer
from fimci.commands import options, terminal
from fimci.request import named_policy
from fimci.sources.locator import parse


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    parser.add_argument("artifact", nargs="+", help="a wheel, sdist, npm package, zip or tar")
    parser.add_argument(
        "--source", metavar="LOCATOR", help="what it is built from: git:REF, git:PATH@REF, or archive:FILE"
    )
    parser.add_argument(
        "--generated",
        action="append",
        default=[],
        metavar="PATTERN",
        help="members that the build makes, which no source has (gitignore syntax); may be repeated",
    )
    parser.add_argument(
        "--bundle",
        action="append",
        default=[],
        metavar="FILE",
        help="evidence of who made it (repeatable)",
    )
    parser.add_argument(
        "--identity", default="", help="who must have signed: a workflow with its ref, or an address"
    )
    parser.add_argument(
        "--issuer", default="", help="who vouches for the identity (default, for workflows: GitHub)"
    )
    parser.add_argument(
        "--trusted-root", metavar="FILE", help="a root of trust in the place of the one that comes with fimci"
    )
    parser.add_argument("--key", metavar="FILE", help="a public key in PEM, for envelopes signed with it")
    parser.add_argument(
        "--expect",
        metavar="FILE",
        help="a manifest (`fimci manifest`) in which each artifact must be as it is",
    )
    options.describe_signed(parser)
    parser.add_argument(
        "--summary", metavar="FILE", help="write what was verified: a SLSA verification summary"
    )
    parser.add_argument("--sign", metavar="KEY", help="with --summary: sign it with an SSH key")
    parser.add_argument(
        "--config", metavar="FILE", help="a policy (default: that of the source, else the built-in one)"
    )
    options.describe(parser)
    options.describe_places(parser)


def run(given: argparse.Namespace) -> int:
    """Verify, report, and return the exit code."""
    request = verify.Request(
        artifacts=tuple(given.artifact),
        source=parse(given.source) if given.source else None,
        generated=tuple(given.generated),
        bundles=tuple(given.bundle),
        signer=Signer(identity=given.identity, issuer=given.issuer) if given.identity else None,
        root=given.trusted_root,
        key=given.key,
        allowed=given.allowed_signers,
        expected=given.expect,
        least=given.least,
        policy=named_policy(given.config) if given.config else None,
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    with terminal.progress("verifying") as progress:
        outcome = verify.verified(request, progress)
    code = options.publish(outcome.report, given)
    if given.summary is not None:
        _summarise(given, outcome, passed=code == 0)
    return code


def _summarise(given: argparse.Namespace, outcome: verify.Outcome, *, passed: bool) -> None:
    from fimci import durable, summary  # noqa: PLC0415  (few runs are told to others)

    inputs = [*given.bundle, *(one for one in (given.config, given.expect) if one is not None)]
    now = dt.datetime.now(dt.timezone.utc)
    data = summary.statement(outcome.files, outcome.cells, passed=passed, inputs=inputs, now=now)
    durable.write(given.summary, [data if given.sign is None else summary.signed(data, given.sign)])
