"""`fimci history`: what the history of runs says of a period."""

from __future__ import annotations

import argparse
import datetime as dt
import sys

from fimci.commands import options
from fimci.errors import UsageError
from fimci.history import figures, forms, store
from fimci.printable import plural


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `history`."""
    parser.add_argument("file", help="the history file written by `fimci check --history FILE`")
    parser.add_argument("--prune", type=int, metavar="DAYS", help="first delete runs older than this")
    describe_period(parser)
    options.describe_formats(parser, tuple(forms.FORMS))


def describe_period(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a period."""
    parser.add_argument(
        "--since", metavar="DATE", help="the first day, in UTC (default: day of the first run)"
    )
    parser.add_argument("--until", metavar="DATE", help="the last day, in UTC (default: day of the last run)")


def run(given: argparse.Namespace) -> int:
    """Show what there is; return 0."""
    if given.prune is not None:
        if given.prune < 1:
            raise UsageError(f"--prune is {given.prune}", "say how many days of runs are to stay")
        with store.opened(given.file):  # one that is not there is not made
            pass
        before = dt.datetime.now(dt.timezone.utc).timestamp() - given.prune * 86_400
        print(f"{plural(store.prune(given.file, before), 'run')} removed", file=sys.stderr)
    with store.opened(given.file) as database:
        past = figures.past(database, period(given))
    options.write(given.format, tuple(forms.FORMS), lambda name: forms.FORMS[name](past))
    return 0


def period(given: argparse.Namespace) -> figures.Period:
    """Return the period that is asked for. Raises `UsageError`."""
    found = figures.Period(_day(given.since), _day(given.until))
    if found.since is not None and found.until is not None and found.until < found.since:
        raise UsageError(f"{found.until} is before {found.since}", "name the earlier day with --since")
    return found


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", "write it like 2027-01-31") from error
