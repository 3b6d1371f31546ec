"""What is no folder of this machine, held against baselines: hosts, images, hives; one, or all of a list.

A host that cannot be reached is unread, and nothing else is said of it: what was there before is not gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from fimci import check, rules, sides, trees, verdict
from fimci.errors import FimciError, UsageError
from fimci.findings import Counts, Finding, Report
from fimci.look import Progress
from fimci.model import Unread
from fimci.policy import FILES, Policy, Remote
from fimci.request import Request, named_policy, own_policy
from fimci.sources.locator import Locator, parse

#: Hosts that are asked at once.
_ABREAST = 16


def judged(request: Request, progress: Progress | None = None) -> Report:
    """Judge what the request names, or what its policy lists as `[[remote]]`."""
    if request.remote is None:
        if request.baseline is None:
            raise UsageError(f"{request.path} has no baseline of its own", "name one with --baseline FILE")
        policy, _ = listed(os.curdir, request.config)
        return _one(parse(request.path), request.baseline, policy, request, progress)
    policy, folder = listed(request.path, request.config)
    chosen = selected(policy, request.remote)

    def one(remote: Remote) -> Report:
        file = os.path.join(folder, remote.baseline)
        return _named(_one(parse(remote.at), file, policy, request, progress), remote.name)

    with ThreadPoolExecutor(_ABREAST) as pool:
        reports = list(pool.map(one, chosen))
    joined = trees.joined(reports[0], reports[1:])
    names = ", ".join(remote.name for remote in chosen)
    return msgspec.structs.replace(joined, left="baselines", right=names)


def listed(path: str, config: str | None) -> tuple[Policy, str]:
    """Return the policy that lists what is elsewhere, and the folder that its baselines are in.

    It is that of this machine, and never one that is found over there.
    """
    if config is not None:
        return named_policy(config), os.path.dirname(config)
    return own_policy(path), "" if path == os.curdir else path


def selected(policy: Policy, names: tuple[str, ...]) -> tuple[Remote, ...]:
    """Return what a policy lists, all or by name. Raises `UsageError` where there is no such thing."""
    known = {remote.name: remote for remote in policy.remotes}
    if not known:
        raise UsageError(
            f"no policy lists anything to check elsewhere ({' or '.join(FILES)})", "write [[remote]] tables"
        )
    for name in names:
        if name not in known:
            raise UsageError(f"no [[remote]] is named {name!r}", f"known are {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def _one(locator: Locator, file: str, policy: Policy, request: Request, progress: Progress | None) -> Report:
    """Hold one source against its baseline; where that cannot be, say so in the report."""
    try:
        left, notes = check.baselined(request, file, policy)
        how = left.recipe
        left = msgspec.structs.replace(left, records=list(left.records))  # for what follows asks twice
        right = sides.snapshot(locator, how, progress, sides.sizes(left), left)
    except FimciError as error:
        why = error.message.removeprefix(f"{locator} ")
        return Report(
            left=f"baseline:{file}",
            right=str(locator),
            counts=Counts(0, 0, 0),
            findings=(),
            unread=(Unread(path="" if request.remote is not None else str(locator), why=why),),
            fail_on=policy.fail_on,
            pages=rules.pages(),
        )
    report = verdict.judge(
        left, right, policy, today=request.today, sealed=True, listed=request.listed, notes=notes
    )
    return _with_trees(report, locator, policy, request, progress) if request.installed else report


def _with_trees(
    report: Report, locator: Locator, policy: Policy, request: Request, progress: Progress | None
) -> Report:
    """Judge the trees that are installed in an image too; a host's are not read as a whole."""
    if locator.scheme != "oci":
        return report
    from fimci import images  # noqa: PLC0415  (most of what is elsewhere is a host)

    return trees.joined(report, images.judged(locator, policy, today=request.today, progress=progress))


def _named(report: Report, name: str) -> Report:
    """Return a report in which each path and sentence says whose it is. Fingerprints stay.

    What was accepted on one host is accepted on all that changed in the same way.
    """
    return msgspec.structs.replace(
        report,
        findings=tuple(_of(finding, name) for finding in report.findings),
        unread=tuple(msgspec.structs.replace(one, path=_below(name, one.path)) for one in report.unread),
        packages=tuple(one._replace(file=_below(name, one.file)) for one in report.packages),
        files=tuple(one._replace(path=_below(name, one.path)) for one in report.files),
        summary=_each(name, report.summary),
        notes=_each(name, report.notes),
    )


def _of(finding: Finding, name: str) -> Finding:
    evidence = (msgspec.structs.replace(one, path=_below(name, one.path)) for one in finding.evidence)
    return msgspec.structs.replace(finding, path=_below(name, finding.path), evidence=tuple(evidence))


def _below(name: str, path: str) -> str:
    return f"{name}/{path}" if path else name


def _each(name: str, sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}: {sentence}" for sentence in sentences)
