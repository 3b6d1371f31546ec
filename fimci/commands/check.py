"""`fimci check`: judge a change."""

from __future__ import annotations

import argparse
import datetime as dt
import os

from fimci import check
from fimci.commands import options, terminal
from fimci.errors import UsageError
from fimci.request import Request
from fimci.sources.locator import folder, is_elsewhere


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check`."""
    parser.add_argument(
        "path",
        nargs="?",
        default=".",
        help="a folder (default: the current one); with --baseline also ssh://HOST/PATH",
    )
    parser.add_argument("--staged", action="store_true", help="check what `git commit` would record")
    parser.add_argument("--base", metavar="REF", help="compare the worktree with its merge base with REF")
    parser.add_argument("--baseline", metavar="FILE", help="compare the folder with a baseline, not git")
    parser.add_argument(
        "--quick",
        action=argparse.BooleanOptionalAction,
        help="skip files whose size and timestamps are unchanged, and do not compile sources to compare"
        " bytecode (default: in git, outside of CI)",
    )
    parser.add_argument(
        "--installed",
        action=argparse.BooleanOptionalAction,
        help="also check node_modules and Python environments (default: yes, but not with --staged)",
    )
    parser.add_argument(
        "--lockfiles",
        action="store_true",
        help="check only manifests, lockfiles and package manager settings",
    )
    parser.add_argument(
        "--releases",
        action=argparse.BooleanOptionalAction,
        help="download the releases that lockfile changes select, and report what they can do that the"
        " previous ones could not (default: from the policy; never with --staged)",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME=LOCATOR",
        help="with --releases: a clone of a package (git:PATH@REF), to check that its releases are tagged",
    )
    parser.add_argument(
        "--remote",
        nargs="*",
        metavar="NAME",
        help="check all [[remote]] entries of the policy (hosts, images), or those named",
    )
    options.describe_offline(parser)
    options.describe_osv(parser)
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the policy to use instead of the trusted side's (base:PATH: a file on that side)",
    )
    options.describe_signed(parser)
    options.describe_root(parser)
    options.describe(parser)
    options.describe_list(parser)
    options.describe_history(parser)
    options.describe_places(parser)


def run(given: argparse.Namespace) -> int:
    """Check, report, and return the exit code."""
    if given.staged and given.releases:
        raise UsageError("--releases takes longer than a commit may", "leave out --staged or --releases")
    if given.source and given.releases is not True:
        raise UsageError("--source is for --releases", "add --releases")
    given.path = folder(given.path)
    request = Request(
        path=given.path,
        staged=given.staged,
        base=given.base,
        baseline=given.baseline,
        remote=None if given.remote is None else tuple(given.remote),
        quick=given.quick,
        config=given.config,
        installed=not given.staged if given.installed is None else given.installed,
        releases=False if given.staged else given.releases,
        sources=dict(options.named_source(one) for one in given.source),
        offline=given.offline,
        environment=os.environ,
        lockfiles=given.lockfiles,
        osv=given.osv,
        listed=given.list,
        allowed=given.allowed_signers,
        least=given.least,
        last=given.last,
        signer=options.state_signer(given),
        root=given.trusted_root,
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    with terminal.progress("checking") as progress:
        if given.remote is not None or is_elsewhere(given.path):
            from fimci import hosts  # noqa: PLC0415  (few checks leave this machine)

            report = hosts.judged(request, progress)
        else:
            report = check.check(request, progress)
    return options.publish(report, given, guarded=True)
