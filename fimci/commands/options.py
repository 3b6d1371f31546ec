"""What several verbs have in common: the options of a report, and how it is written."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from fimci import reports
from fimci.attest.identity import Signer
from fimci.errors import FimciError, UsageError
from fimci.findings import SEVERITIES, Keep, Report, Run
from fimci.printable import printable

if TYPE_CHECKING:
    from fimci.advisories.known import Known
    from fimci.destinations import Destination
    from fimci.durable import Draft
    from fimci.policy import Policy
    from fimci.releases.obtain import Sources
    from fimci.sources.locator import Locator

#: What a report goes to when no `--format` says otherwise.
_DEFAULT = "text"
#: The exit code of a run without findings whose events wait.
_UNDELIVERED = 3


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of every verb that reports."""
    describe_formats(parser, reports.ALL)
    parser.add_argument(
        "--fail-on",
        choices=[*SEVERITIES],
        metavar="SEVERITY",
        help=f"the lowest severity that fails the run: {', '.join(SEVERITIES)} (default: from the policy,"
        " or high)",
    )


def describe_formats(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Add the option that says how to write."""
    parser.add_argument(
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"report format: {', '.join(names)}; =FILE writes it to a file; may be repeated "
        f"(default: {_DEFAULT})",
    )


def describe_signed(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that use a baseline or manifest, and may demand that it is signed."""
    parser.add_argument(
        "--allowed-signers",
        metavar="FILE",
        help="SSH keys that may sign (in the format of `ssh-keygen -Y verify`); a state that none of them "
        "signed is refused",
    )
    parser.add_argument(
        "--least",
        type=int,
        default=0,
        metavar="NUMBER",
        help="the sequence number last seen; older states are refused",
    )
    parser.add_argument(
        "--last",
        metavar="FILE",
        help="the statement (FILE.dsse) last seen; only that state and its direct successor are accepted",
    )
    parser.add_argument(
        "--state-identity",
        metavar="IDENTITY",
        default="",
        help="the identity that must have signed it (--sign keyless): a workflow with its ref, or an email"
        " address",
    )
    parser.add_argument(
        "--state-issuer",
        metavar="URL",
        default="",
        help="the issuer of that identity (default for workflows: GitHub)",
    )


def describe_root(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that verify identities."""
    parser.add_argument(
        "--trusted-root", metavar="FILE", help="a Sigstore trusted root to use instead of the built-in one"
    )


def state_signer(given: argparse.Namespace) -> Signer | None:
    """Return the identity that must have signed a baseline or manifest, if one is named."""
    if not given.state_identity:
        if given.state_issuer:
            raise UsageError("an issuer vouches for anybody", "name --state-identity too")
        return None
    return Signer(identity=given.state_identity, issuer=given.state_issuer)


def describe_signing(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that write such a state."""
    describe_signer(
        parser, "sign it with an SSH key, or with the identity of the CI job (`keyless`), into FILE.dsse"
    )
    parser.add_argument("--days", type=int, metavar="NUMBER", help="with --sign: how many days it is valid")


def describe_signer(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Add the options of verbs that sign."""
    parser.add_argument(
        "--sign",
        nargs="?",
        const="",
        metavar="KEY",
        help=f"{purpose}; without KEY: the identity of the job if it has one, else the user's SSH key",
    )
    parser.add_argument(
        "--sigstore",
        metavar="FILE",
        help="with --sign keyless: the client trust configuration of a Sigstore instance to use instead of "
        "the public one",
    )


def commit(new: Draft, given: argparse.Namespace, folder: str) -> None:
    """Give the draft of a state its name; where it is to be signed, together with the statement about it."""
    if given.sign is None:
        from fimci import durable  # noqa: PLC0415  (few verbs write states)

        durable.commit(new)
        return
    from fimci import signed  # noqa: PLC0415  (few states are signed)

    how = signed.Signing(key=signed.own(given.sign), services=given.sigstore, days=given.days, folder=folder)
    made = signed.commit(new, how, dt.datetime.now(dt.timezone.utc))
    by = "as the job that runs" if how.key == signed.KEYLESS else f"with {how.key}"
    print(f"{printable(new.path)}{signed.SUFFIX}: number {made.sequence}, signed {printable(by)}")


def describe_list(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that can tell all that changed."""
    parser.add_argument(
        "-v", "--list", action="store_true", help="list every change, not only the summary and the findings"
    )


def describe_history(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that judge, and can keep a history."""
    parser.add_argument(
        "--history",
        metavar="FILE",
        help="record the run in this SQLite file (default: none)",
    )


def describe_places(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs whose report may be told elsewhere."""
    parser.add_argument(
        "--to",
        action="append",
        metavar="PLACE",
        help="also send the report to: syslog://HOST:PORT, syslog+tcp://…, syslog+tls://…, webhook+https://…;"
        " in a GitHub job also: summary, comment[=always], check-run, review, outputs; may be repeated",
    )


def describe_offline(parser: argparse.ArgumentParser) -> None:
    """Add the option of verbs that may ask registries."""
    parser.add_argument(
        "--offline",
        action="store_true",
        help="contact no registry: take releases only from caches (also: FIMCI_OFFLINE=1)",
    )


def describe_osv(parser: argparse.ArgumentParser, more: str = "default: from the policy") -> None:
    """Add the option of verbs that may be told what is known of releases."""
    parser.add_argument(
        "--osv",
        metavar="PATH",
        help=f"OSV records of malicious and vulnerable packages: a zip, folder, JSON or JSON lines ({more})",
    )


def where(given: argparse.Namespace, policy: Policy) -> Callable[[], Sources]:
    """Return what says where releases come from, by the configuration of this user and a policy."""

    def found() -> Sources:
        from fimci.releases import obtain  # noqa: PLC0415  (most runs name no release)

        offline = given.offline or policy.offline
        return obtain.sources(os.environ, offline=offline, allowed=policy.hosts)

    return found


def known(given: argparse.Namespace, policy: Policy) -> Known | None:
    """Open what is known of releases, for verbs without a trusted side to read files of."""
    if given.osv is None and not policy.osv:
        return None
    from fimci import advice  # noqa: PLC0415  (most runs ask nothing of known releases)

    return advice.advice(advice.Asked(given.osv, policy, lambda _: None, os.environ))


def publish(report: Report, options: argparse.Namespace, *, guarded: bool = False) -> int:
    """Write the report in every format that was asked for; return the exit code of the run.

    `guarded`: the policy's own `fail-on` still counts for findings about the check itself.
    """
    asked = getattr(options, "to", None) or []
    places = _places([word for word in asked if "://" not in word]) if asked else {}
    # Nobody's SIEM wants every commit of everybody, and no commit waits for one.
    named = () if getattr(options, "staged", False) else report.deliver
    ends = [*named, *(_destination(word) for word in asked if "://" in word)]
    if options.fail_on is not None:
        trusted = report.fail_on if guarded else None
        report = msgspec.structs.replace(report, fail_on=SEVERITIES[options.fail_on], trusted=trusted)
    report = recorded(report, options, getattr(options, "verb", "check"))
    files = write(options.format, reports.ALL, lambda name: reports.render(name, report))
    if places:
        _tell(report, places, files, getattr(options, "path", "."))
    if ends and not _delivered(report, ends):
        return report.exit_code or _UNDELIVERED
    return report.exit_code


def recorded(report: Report, options: argparse.Namespace, verb: str) -> Report:
    """Write the run into the history that the command line or policy names, if any.

    A history that cannot be written changes no verdict, and is told. Policy has no commit kept (`--staged`).
    """
    keep = None if getattr(options, "staged", False) else report.keep
    if (file := getattr(options, "history", None)) is not None:
        keep = Keep(file, keep.days if keep is not None and keep.file == file else 0)
    return report if keep is None else _recorded(report, keep, verb)


def _recorded(report: Report, keep: Keep, verb: str) -> Report:
    import socket  # noqa: PLC0415  (few runs keep a history)

    from fimci.history import figures, store  # noqa: PLC0415  (as above)

    try:
        now = dt.datetime.now(dt.timezone.utc)
        report = msgspec.structs.replace(report, run=Run(os.urandom(16).hex(), now, socket.gethostname()))
        store.record(keep.file, report, verb)
        if keep.days:
            store.prune(keep.file, now.timestamp() - keep.days * 86_400)
        with store.opened(keep.file) as database:
            past = figures.past(database, figures.Period())
    except FimciError as error:
        said = f"this run is NOT in the history: {error.message}"
        return msgspec.structs.replace(report, notes=(*report.notes, said))
    return msgspec.structs.replace(report, past=past)


def write(
    formats: Sequence[str] | None, names: Sequence[str], render: Callable[[str], str]
) -> dict[str, str]:
    """Write in every format that was asked for, or as text; return the files, by format.

    Raises `UsageError` for a format that is not known.
    """
    wanted = [_wanted(text, names) for text in formats or [_DEFAULT]]
    for name, file in wanted:
        text = render(name)
        if file:
            _write(file, text)
        else:
            from fimci.commands import terminal  # noqa: PLC0415  (not for reports that go to files)

            terminal.show(text, coloured=name == _DEFAULT)
    return {name: file for name, file in wanted if file}


def _places(words: list[str]) -> dict[str, str]:
    from fimci import publish as composer  # noqa: PLC0415  (only in jobs of a code host)

    try:
        return composer.places(words)
    except ValueError as error:
        known = ", ".join(composer.PERMISSIONS)
        raise UsageError(f"{str(error)!r} is no place to tell it", f"known are {known}") from error


def _destination(word: str) -> Destination:
    from fimci import destinations  # noqa: PLC0415  (few runs deliver)

    try:
        return destinations.parse(word)
    except ValueError as error:
        raise UsageError(f"--to {word}: {error}", "docs/siem.md has the destinations") from error


def _delivered(report: Report, ends: Sequence[Destination]) -> bool:
    """Deliver the events of a report; say on the other stream what did not arrive."""
    from fimci import delivery  # noqa: PLC0415  (few runs deliver)

    notes = delivery.deliver(report, ends, os.environ, delivery.PATIENCE)
    for note in notes:
        print(f"fimci: {note}", file=sys.stderr)
    return not notes


def _tell(report: Report, places: dict[str, str], files: dict[str, str], path: str) -> None:
    from fimci import publish as composer  # noqa: PLC0415  (the same)

    for line in composer.publish(report, composer.Asked(places, files, path), os.environ):
        print(f"fimci: {line}")


def _wanted(text: str, names: Sequence[str]) -> tuple[str, str]:
    name, _, file = text.partition("=")
    if name not in names:
        raise UsageError(f"{name!r} is no format", f"known are {', '.join(names)}")
    if text.endswith("="):
        raise UsageError(f"{text} names no file", f"write {name}=FILE, or {name} alone for standard output")
    return name, file


def _write(file: str, text: str) -> None:
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        raise FimciError(
            f"{file} could not be written: {error.strerror}", "name a file you may write"
        ) from error


def named_source(text: str) -> tuple[str, Locator]:
    """Read `NAME=LOCATOR`, the source of a package. Raises `UsageError`."""
    from fimci.sources.locator import parse  # noqa: PLC0415  (few runs name one)

    name, equals, locator = text.partition("=")
    if not equals or not name or not locator:
        raise UsageError(f"--source {text}: of which package?", "write --source NAME=LOCATOR")
    return name, parse(locator)
