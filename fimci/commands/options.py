"""What several verbs have in common: the options of a report, and how it is written."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from fimci import reports
from fimci.errors import FimciError, UsageError
from fimci.findings import SEVERITIES, Report

if TYPE_CHECKING:
    from fimci.releases.obtain import Sources

#: What a report goes to when no `--format` says otherwise.
_DEFAULT = "text"


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of every verb that reports."""
    describe_formats(parser, reports.ALL)
    parser.add_argument(
        "--fail-on",
        choices=[*SEVERITIES],
        metavar="SEVERITY",
        help=f"the lowest grade that fails: {', '.join(SEVERITIES)} (default: policy, or high)",
    )


def describe_formats(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Add the option that says how to write."""
    parser.add_argument(
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"how to report: {', '.join(names)}; with =FILE into a file; may be repeated "
        f"(default: {_DEFAULT})",
    )


def describe_list(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that can tell all that changed."""
    parser.add_argument(
        "-v", "--list", action="store_true", help="tell every change, not only the sum and the objections"
    )


def describe_offline(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that may ask registries."""
    parser.add_argument(
        "--offline",
        action="store_true",
        help="ask no registry: releases come from caches alone (also: FIMCI_OFFLINE=1)",
    )


def where(given: argparse.Namespace) -> Callable[[], Sources]:
    """Return what says where releases come from, by the configuration of this user."""

    def found() -> Sources:
        from fimci.releases import obtain  # noqa: PLC0415  (most runs name no release)

        return obtain.sources(os.environ, offline=given.offline)

    return found


def publish(report: Report, options: argparse.Namespace) -> int:
    """Write the report in every format that was asked for; return the exit code of the run."""
    if options.fail_on is not None:
        report = msgspec.structs.replace(report, fail_on=SEVERITIES[options.fail_on])
    write(options.format, reports.ALL, lambda name: reports.render(name, report))
    return report.exit_code


def write(formats: Sequence[str] | None, names: Sequence[str], render: Callable[[str], str]) -> None:
    """Write in every format that was asked for, or as text. Raises `UsageError` for one that is not known."""
    for name, file in [_wanted(text, names) for text in formats or [_DEFAULT]]:
        text = render(name)
        if file:
            _write(file, text)
        else:
            from fimci.commands import terminal  # noqa: PLC0415  (not for reports that go to files)

            terminal.show(text, coloured=name == _DEFAULT)


def _wanted(text: str, names: Sequence[str]) -> tuple[str, str]:
    name, _, file = text.partition("=")
    if name not in names:
        raise UsageError(f"{name!r} is no format", f"known are {', '.join(names)}")
    return name, file


def _write(file: str, text: str) -> None:
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        raise FimciError(
            f"{file} could not be written: {error.strerror}", "name a file you may write"
        ) from error
