"""`fimci verify`: the release gate for wheels, sdists, npm packages and other archives."""

from __future__ import annotations

import argparse
import datetime as dt

from fimci import verify
from fimci.commands import options, terminal
from fimci.policy import Policy
from fimci.request import named_policy


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    parser.add_argument("artifact", nargs="+", help="a wheel, sdist, npm package, zip or tar")
    parser.add_argument("--config", metavar="FILE", help="a policy (default: none, the built-in one)")
    options.describe(parser)


def run(given: argparse.Namespace) -> int:
    """Verify, report, and return the exit code."""
    request = verify.Request(
        artifacts=tuple(given.artifact),
        policy=named_policy(given.config) if given.config else Policy(),
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    with terminal.progress("verifying") as progress:
        report = verify.verify(request, progress)
    return options.publish(report, given)
