"""`fimci compare`: subtract any two sources."""

from __future__ import annotations

import argparse
import datetime as dt

import msgspec

from fimci import advice, between
from fimci.commands import options, terminal
from fimci.policy import Policy
from fimci.request import named_policy
from fimci.sources.locator import parse

_KINDS = (
    "dir:PATH, git:REF, git:PATH@REF, git::index, git::worktree, archive:FILE, baseline:FILE, "
    "python:PREFIX, node:DIR, ssh://HOST/PATH, pkg:npm/NAME@VERSION, pkg:pypi/NAME@VERSION"
)


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `compare`."""
    parser.add_argument("left", help=f"the trusted side: {_KINDS}, or a path or ref alone")
    parser.add_argument("right", help="the side to check, in the same forms")
    parser.add_argument("--config", metavar="FILE", help="the policy (default: the built-in one)")
    options.describe(parser)
    options.describe_list(parser)
    options.describe_places(parser)
    options.describe_history(parser)
    options.describe_offline(parser)
    options.describe_osv(parser, "default: none")


def run(given: argparse.Namespace) -> int:
    """Compare, report, and return the exit code."""
    left, right = parse(given.left), parse(given.right)
    policy = named_policy(given.config) if given.config else Policy()
    today = dt.datetime.now(dt.timezone.utc).date()
    known = options.known(given, policy)
    with terminal.progress("comparing") as progress:
        report = between.between(
            left,
            right,
            policy,
            today=today,
            listed=given.list,
            progress=progress,
            where=options.where(given, policy),
            known=advice.answers(known),
        )
    if left.scheme == right.scheme == "archive":
        from fimci.artifacts import builds  # noqa: PLC0415  (few sides are two archives)

        report = msgspec.structs.replace(
            report, notes=(*report.notes, *builds.explained(left.path, right.path))
        )
    return options.publish(advice.told(report, known, today), given)
