"""What several verbs have in common: the options of a report, and how it is written."""

from __future__ import annotations

import argparse
import os

import msgspec

from fimci import reports
from fimci.errors import FimciError, UsageError
from fimci.findings import SEVERITIES, Report

#: What a report goes to when no `--format` says otherwise.
_DEFAULT = "text"


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of every verb that reports."""
    names = ", ".join(reports.ALL)
    parser.add_argument(
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"how to report: {names}; with =FILE into a file; may be repeated (default: {_DEFAULT})",
    )
    parser.add_argument(
        "--fail-on",
        choices=[*SEVERITIES],
        metavar="SEVERITY",
        help=f"the lowest grade that fails: {', '.join(SEVERITIES)} (default: policy, or high)",
    )


def describe_list(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that can tell all that changed."""
    parser.add_argument(
        "-v", "--list", action="store_true", help="tell every change, not only the sum and the objections"
    )


def describe_places(parser: argparse.ArgumentParser) -> None:
    """Add the option of the verb that runs in jobs of a code host."""
    parser.add_argument(
        "--to",
        action="append",
        metavar="PLACE",
        help="in a job on GitHub, tell it there too: summary, comment[=always], check-run, review, outputs;"
        " may be repeated",
    )


def publish(report: Report, options: argparse.Namespace, *, guarded: bool = False) -> int:
    """Write the report in every format that was asked for; return the exit code of the run.

    `guarded`: the policy's own `fail-on` still counts for findings about the check itself.
    """
    asked = getattr(options, "to", None) or []
    places = _places(asked) if asked else {}
    if options.fail_on is not None:
        trusted = report.fail_on if guarded else None
        report = msgspec.structs.replace(report, fail_on=SEVERITIES[options.fail_on], trusted=trusted)
    wanted = [_wanted(text) for text in options.format or [_DEFAULT]]
    for name, file in wanted:
        text = reports.render(name, report)
        if file:
            _write(file, text)
        else:
            from fimci.commands import terminal  # noqa: PLC0415  (not for reports that go to files)

            terminal.show(text, coloured=name == _DEFAULT)
    if places:
        _tell(report, places, {name: file for name, file in wanted if file}, options.path)
    return report.exit_code


def _places(words: list[str]) -> dict[str, str]:
    from fimci import publish as composer  # noqa: PLC0415  (only in jobs of a code host)

    try:
        return composer.places(words)
    except ValueError as error:
        known = ", ".join(composer.PERMISSIONS)
        raise UsageError(f"{str(error)!r} is no place to tell it", f"known are {known}") from error


def _tell(report: Report, places: dict[str, str], files: dict[str, str], path: str) -> None:
    from fimci import publish as composer  # noqa: PLC0415  (the same)

    for line in composer.publish(report, composer.Asked(places, files, path), os.environ):
        print(f"fimci: {line}")


def _wanted(text: str) -> tuple[str, str]:
    name, _, file = text.partition("=")
    if name not in reports.ALL:
        raise UsageError(f"{name!r} is no format", f"known are {', '.join(reports.ALL)}")
    return name, file


def _write(file: str, text: str) -> None:
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        raise FimciError(
            f"{file} could not be written: {error.strerror}", "name a file you may write"
        ) from error
