"""`fimci inspect`: what can this package, tree or artifact do?"""

from __future__ import annotations

import argparse
import datetime as dt

from fimci import advice, inspect, reports, tables
from fimci.commands import options, terminal
from fimci.errors import UsageError
from fimci.findings import SEVERITIES
from fimci.policy import Policy
from fimci.request import named_policy
from fimci.sources.locator import parse

_KINDS = (
    "a folder, an archive (wheel, sdist, npm tarball), python:PREFIX, node:DIR, git:REF, baseline:FILE, "
    "pkg:npm/NAME@VERSION, pkg:pypi/NAME@VERSION"
)


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `inspect`."""
    parser.add_argument("target", nargs="+", help=_KINDS)
    parser.add_argument(
        "--rules",
        action="store_true",
        help="also report what honest packages hardly ever do, as for a package without an earlier release",
    )
    names = [*tables.ALL, *(name for name in reports.ALL if name not in tables.ALL)]
    options.describe_formats(parser, names)
    options.describe_offline(parser)
    options.describe_history(parser)
    options.describe_osv(parser, "reports the packages it lists, as --rules does")
    parser.add_argument(
        "--config", metavar="FILE", help="with --rules: the policy (default: the built-in one)"
    )
    parser.add_argument(
        "--fail-on",
        choices=[*SEVERITIES],
        metavar="SEVERITY",
        help="with --rules: the lowest severity that fails the run (default: from the policy, or high)",
    )


def run(given: argparse.Namespace) -> int:
    """Inspect each target; return 1 if one of them fails, else 3 if something of one is unread."""
    given.rules = given.rules or given.osv is not None
    if not given.rules and (given.config or given.fail_on or given.history):
        raise UsageError("--config, --fail-on and --history need findings", "add --rules")
    codes = [_one(text, given) for text in given.target]
    return 1 if 1 in codes else max(codes)


def _one(text: str, given: argparse.Namespace) -> int:
    if given.rules:
        policy = named_policy(given.config) if given.config else Policy()
        today = dt.datetime.now(dt.timezone.utc).date()
        known = options.known(given, policy)
        with terminal.progress("inspecting") as progress:
            found = inspect.taken(parse(text), progress, options.where(given, policy))
            report = inspect.risks(found, policy, today, advice.answers(known))
            report = inspect.with_trees(report, parse(text), policy, today, progress)
        return options.publish(advice.told(report, known, today), given)
    with terminal.progress("inspecting") as progress:
        inspection = inspect.inspect(inspect.taken(parse(text), progress, options.where(given, Policy())))
    options.write(given.format, tables.ALL, lambda name: tables.render(name, inspection))
    return inspection.exit_code
