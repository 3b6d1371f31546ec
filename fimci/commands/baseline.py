"""`fimci baseline`: write or refresh the known good state of a folder, or of the trees installed in it."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys

from fimci import durable, packing, seal, together
from fimci.commands import options, terminal
from fimci.errors import BaselineError
from fimci.printable import plural, printable
from fimci.sources.locator import folder, is_elsewhere


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `baseline`."""
    parser.add_argument(
        "path",
        nargs="*",
        help="a folder (default: the current one), or installed trees below it: python:PREFIX, node:DIR; with"
        " --output also ssh://HOST/PATH",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="the file to write (default: fimci.baseline, or installed.baseline for installed trees); "
        "compressed if it ends with .zst or is large",
    )
    parser.add_argument("--config", metavar="FILE", help="the policy (default: fimci.toml in the folder)")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="PATTERN",
        help="update only these paths and keep the rest (gitignore syntax)",
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="show what would change and ask for confirmation; without a terminal, only show it (exit 1 if "
        "anything would change)",
    )
    parser.add_argument(
        "--remote",
        nargs="*",
        metavar="NAME",
        help="write the baselines of all [[remote]] entries of the policy (hosts, images), or of those named",
    )
    options.describe_signing(parser)
    parser.add_argument("--yes", action="store_true", help="with --diff: write without asking")


def run(given: argparse.Namespace) -> int:
    """Take each baseline that is asked for; return the worst exit code."""
    names = [folder(name) for name in given.path] or ["."]
    if given.remote is not None:
        return max(_one(request, given) for request in _remotes(names[0], given))
    trees = together.patterns(names) if together.is_meant(names) else ()
    request = seal.Request(
        path="." if trees else names[0],
        trees=trees,
        output=given.output,
        config=given.config,
        only=tuple(given.only),
    )
    return _one(request, given)


def _remotes(path: str, given: argparse.Namespace) -> list[seal.Request]:
    """Return a request for each source that the policy lists, or those that are named."""
    from fimci import hosts  # noqa: PLC0415  (few baselines are of another machine)

    policy, beside = hosts.listed(path, given.config)
    return [
        seal.Request(path=remote.at, output=os.path.join(beside, remote.baseline), policy=policy)
        for remote in hosts.selected(policy, tuple(given.remote))
    ]


def _one(request: seal.Request, given: argparse.Namespace) -> int:
    """Take the snapshot as a draft, show and ask if that is wanted, and put it in place."""
    file = seal.target(request)
    with durable.draft(file) as new:
        with terminal.progress("reading") as progress:
            sealed = seal.fill(new, request, progress)
        _warn(file, sealed)
        done = 3 if sealed.unread else 0
        if given.diff and seal.same(file, new):
            print("nothing would change")
            return done
        if given.diff and not _agreed(new, request, assume=given.yes):
            return 1
        options.commit(new, given, os.curdir if is_elsewhere(request.path) else request.path)
    size = os.path.getsize(file)
    carried = f" ({sealed.carried:,} carried over)" if request.only else ""
    print(f"{printable(file)}: {plural(sealed.entries, 'entry', 'entries')}{carried}, {size:,} bytes")
    if request.trees:
        print(f"to see what changed since: fimci check --baseline {printable(file)}")
    if size > seal.LARGE and not file.endswith((packing.SUFFIX, packing.EITHER)):
        packed = printable(file + packing.SUFFIX)
        print(f"large for a review: to have it packed, delete it and name {packed} with --output")
    return done


def _warn(file: str, sealed: seal.Sealed) -> None:
    """Say what could not be read, and what the new baseline no longer sees."""
    for record in sealed.unread:
        print(f"unread: {printable(record.path)}: {printable(record.why)}")
    for note in sealed.notes:
        print(f"note: {note}")
    try:
        old = seal.previous(file)
    except BaselineError as error:
        print(f"fimci: the previous one: {printable(error.message)}", file=sys.stderr)
        return
    if old is not None:
        for sentence in seal.weaker(old, sealed.recipe, os.path.basename(file)):
            print(f"fimci: WEAKER than the baseline before: {printable(sentence)}", file=sys.stderr)


def _agreed(new: durable.Draft, request: seal.Request, *, assume: bool) -> bool:
    """Show the difference; tell whether the draft is to take the place of the previous baseline."""
    if new.before is None:
        print(f"{printable(new.path)} is not there yet: everything would be new")
    else:
        from fimci import reports  # noqa: PLC0415  (most baselines are written without a look)

        report = seal.difference(new, request, dt.datetime.now(dt.timezone.utc).date())
        terminal.show(reports.render("text", report), coloured=True)
    if assume:
        return True
    if not _watched():
        print("nothing was written: look at the changes, then run again with --yes")
        return False
    return _asked("accept this as the known good state? [y/N] ")


def _watched() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _asked(question: str) -> bool:
    try:
        answer = input(question)
    except EOFError:
        answer = ""
    if answer.strip().lower() in {"y", "yes"}:
        return True
    print("nothing was written")
    return False
