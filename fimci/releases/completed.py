"""A report on a release of Python, completed by what its files have beyond each other."""

from __future__ import annotations

import datetime as dt

import msgspec

from fimci import policy as policies
from fimci import sides
from fimci.errors import SourceError
from fimci.findings import Finding, Report, fingerprint
from fimci.model import Unread
from fimci.policy import Policy
from fimci.printable import plural
from fimci.registries.registry import TamperedError, UnobtainableError
from fimci.releases import siblings, take
from fimci.releases.obtain import INSTALLED, Obtained, Sources, Wanted, alone, obtain, offers
from fimci.releases.siblings import Pair
from fimci.sources.locator import Locator


def completed(report: Report, where: Sources, locator: Locator, policy: Policy, today: dt.date) -> Report:
    """Add what is said of the files of a release beside each other; nothing where one of them is named."""
    wanted = take.asked_for(locator)
    if wanted.ecosystem != "pypi" or wanted.file or not policy.siblings:
        return report
    try:
        held, left, others = _held(where, wanted, policy.siblings)
        pairs = _differences(held)
    except (UnobtainableError, SourceError, OSError) as error:
        return _noted(report, f"its files are not compared with each other: {error}")
    known = {finding.fingerprint for finding in report.findings}
    found = [_told(pair) for pair in pairs if pair.found.fingerprint not in known]
    together = (*report.findings, *policies.judge(found, policy, today))
    worst = sorted(together, key=lambda f: (-f.severity, f.path, f.line, f.rule, f.message))
    told = f"compared {siblings.short(held[0].name)} with {told_of(len(held) - 1, left)}"
    more = msgspec.structs.replace(report, findings=tuple(worst), unread=(*report.unread, *others))
    return _noted(more, told)


def told_of(held: int, left: int) -> str:
    """Say against how many files one was held, and against how many it was not."""
    return f"{plural(held, 'other file')} of its release, and not against {left:,} more"


def _held(where: Sources, wanted: Wanted, most: int) -> tuple[list[Obtained], int, list[Unread]]:
    """Obtain the file that would be installed, and those beside it; say how many more there are.

    What is served with other bytes than the registry states is unread.
    """
    news = offers(where, wanted)
    chosen = alone(news, INSTALLED)
    found = [obtain(where, wanted, chosen)]
    others: list[Unread] = []
    for one in siblings.others(news, chosen, most):
        try:
            found.append(obtain(where, wanted, one))
        except TamperedError as error:
            others.append(Unread(path=one.name, why=str(error)))
        except UnobtainableError:  # one more that is not at hand
            continue
    return found, len(news) - len(found), others


def _differences(held: list[Obtained]) -> list[Pair]:
    how = sides.recipe((".git/",), directories=False, code=True)
    mine = take.snapshot(held[0], held[0].name, how)
    return list(siblings.differences(held[0], list(mine.records), held[1:], how))


def _told(pair: Pair) -> Finding:
    """Return a finding as one about a member of a file of the release, with the name of the other file."""
    found = pair.found
    told = msgspec.structs.replace(
        found,
        message=f"{siblings.short(pair.name)} beside {siblings.short(pair.beside)}: {found.message}",
        path=f"{pair.name}!/{found.path}",
        evidence=tuple(
            msgspec.structs.replace(one, path=f"{pair.name}!/{one.path}") for one in found.evidence
        ),
    )
    return msgspec.structs.replace(told, fingerprint=fingerprint(told))


def _noted(report: Report, sentence: str) -> Report:
    return msgspec.structs.replace(report, notes=(*report.notes, sentence))
