"""`fimci watch`: folders in real time, or one command and all that it writes."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import re
import signal
import sys
from collections.abc import Iterator

import msgspec

from fimci import reports, watch
from fimci.commands import options, terminal
from fimci.errors import UsageError
from fimci.events.opened import SOURCES
from fimci.findings import SEVERITIES, Report
from fimci.history.schema import SWEPT, WATCHING
from fimci.printable import printable
from fimci.request import Request
from fimci.sources.locator import folder

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LINES = "jsonl"
#: Characters of a line that is told while a command runs.
_LINE = 400


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `watch`."""
    parser.usage = "fimci watch [OPTIONS] [PATH...] [-- COMMAND...]"
    parser.add_argument("path", nargs="*", help="folders that have a baseline; with COMMAND, its workspace")
    parser.add_argument("--baseline", metavar="FILE", help="compare the folder with this baseline")
    parser.add_argument(
        "--every",
        default="1d",
        metavar="TIME",
        help="interval of full checks in the background (6h, 1d; 0: never; default: 1d)",
    )
    parser.add_argument(
        "--budget",
        type=int,
        default=10,
        metavar="PERCENT",
        help="share of one core that the full check may use (default: 10)",
    )
    parser.add_argument(
        "--for", dest="seconds", default="0", metavar="TIME", help="stop after this time (30s, 5m)"
    )
    parser.add_argument(
        "--source", choices=SOURCES, help="source of events (default: the most detailed one available)"
    )
    parser.add_argument(
        "--may-write",
        action="append",
        metavar="PATTERN",
        help="files that the command may write, besides those that the policy allows and git ignores; may be"
        " repeated",
    )
    parser.add_argument("--config", metavar="FILE", help="the policy to use instead of the trusted side's")
    options.describe_signed(parser)
    options.describe_root(parser)
    options.describe_formats(parser, (*reports.ALL, _LINES))
    parser.add_argument(
        "--fail-on",
        choices=[*SEVERITIES],
        metavar="SEVERITY",
        help="the lowest severity that fails the run (default: from the policy, or high)",
    )
    options.describe_list(parser)
    options.describe_history(parser)
    options.describe_places(parser)


def run(given: argparse.Namespace) -> int:
    """Watch until interrupted, or over; return the exit code."""
    given.path = [folder(name) for name in given.path]
    if given.command:
        return _guarded(given)
    if given.to or given.may_write:
        raise UsageError("--to and --may-write are for a command", "put it behind --")
    if given.baseline and len(given.path) > 1:
        raise UsageError("--baseline is for one folder", "give each folder a fimci.baseline of its own")
    requests = [_request(path, given) for path in given.path or ["."]]
    orders = watch.Orders(
        every=_seconds(given.every, "--every"),
        budget=min(max(given.budget, 1), 100) / 100,
        seconds=_seconds(given.seconds, "--for"),
        source=given.source or "",
    )
    codes = {0}
    with _ended(), contextlib.suppress(_Ended), terminal.progress("checking") as progress:
        for number, found in enumerate(watch.watch(requests, orders, progress)):
            report = found
            if given.fail_on is not None:
                report = msgspec.structs.replace(
                    found, fail_on=SEVERITIES[given.fail_on], trusted=found.fail_on
                )
            # The first of each folder is of everything.
            verb = SWEPT if report.swept else "watch" if number < len(requests) else WATCHING
            report = options.recorded(report, given, verb)
            if report.swept and not report.notes:
                continue  # what it found was told; a history that cannot be written is told too
            _tell(report, given.format or ["text"])
            codes.add(report.exit_code)
    return 1 if 1 in codes else max(codes)


def _guarded(given: argparse.Namespace) -> int:
    """Run a command under guard; its own exit code counts, unless findings fail."""
    from fimci import guard  # noqa: PLC0415  (git is asked there, which a folder with a baseline needs not)

    if len(given.path) > 1 or given.baseline:
        raise UsageError("a command works in one folder, which needs no baseline", "name the workspace alone")
    given.path = path = given.path[0] if given.path else "."
    status, report = guard.guard(
        _request(path, given), given.command, given.may_write or (), given.source or "", _say
    )
    given.verb = WATCHING  # for the history: it tells what happened, and is no look at everything
    with contextlib.redirect_stdout(sys.stderr):  # standard output is the command's
        code = options.publish(report, given, guarded=True)
    return code if code == 1 or not status else status


def _say(line: str) -> None:
    """Tell what happens while the command runs; a stream that is closed gets nothing."""
    with contextlib.suppress(OSError):
        print(f"fimci: {printable(line, _LINE)}", file=sys.stderr, flush=True)


def _request(path: str, given: argparse.Namespace) -> Request:
    return Request(
        path=path,
        baseline=given.baseline,
        config=given.config,
        environment=os.environ,
        listed=given.list,
        allowed=given.allowed_signers,
        least=given.least,
        last=given.last,
        signer=options.state_signer(given),
        root=given.trusted_root,
        today=dt.datetime.now(dt.timezone.utc).date(),
    )


def _tell(report: Report, formats: list[str]) -> None:
    """Write one report, behind those before it; JSON as one line of a stream."""
    for wanted in formats:
        name, _, file = wanted.partition("=")
        if name not in (*reports.ALL, _LINES):
            raise UsageError(f"{name!r} is no format", f"known are {', '.join((*reports.ALL, _LINES))}")
        if name in {_LINES, "json"}:
            text = msgspec.json.format(reports.render("json", report).encode(), indent=-1).decode() + "\n"
        else:
            text = reports.render(name, report) + "\n"
        if file:
            with open(file, "a", encoding="utf-8", newline="\n") as opened:
                opened.write(text)
        else:
            terminal.show(text, coloured=name == "text")


def _seconds(text: str, option: str) -> float:
    """Read `90`, `30s`, `5m`, `6h` or `1d`. Raises `UsageError`."""
    found = re.fullmatch(r"(\d{1,9})([smhd]?)", text)
    if found is None:
        raise UsageError(f"{option} is {text!r}", "say it like 30s, 5m, 6h or 1d")
    return float(int(found[1]) * _UNITS[found[2] or "s"])


class _Ended(BaseException):
    """Somebody asked for the end: the service manager, or Ctrl-C."""


@contextlib.contextmanager
def _ended() -> Iterator[None]:
    """Make the signals that end a service an orderly end."""

    def end(*_: object) -> None:
        raise _Ended

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        sys.stdout.flush()
