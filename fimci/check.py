"""The main job: judge the change in a git repository, or a folder against its baseline.

The trusted side decides: policy comes from the base of the change, or is the very file that the
baseline saw. What the change itself brings along is judged, never obeyed.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import msgspec

from fimci import advice, rules, sides, verdict
from fimci import policy as policies
from fimci.errors import SourceError, UsageError
from fimci.findings import Report
from fimci.forge.event import NoChangeError
from fimci.look import ALGORITHMS, Progress
from fimci.model import Digest, File
from fimci.policy import Policy, Signed
from fimci.request import Request, baseline_of, found, named_policy
from fimci.snapshot import Snapshot

if TYPE_CHECKING:
    from fimci.attest.state import State
    from fimci.signed import Asked


def check(request: Request, progress: Progress | None = None) -> Report:
    """Judge the change that `request` describes, in git where there is git."""
    if request.baseline is None:
        from fimci import change  # noqa: PLC0415  (libgit2 takes 80 ms, and a baseline needs none of it)
        from fimci.sources import git  # noqa: PLC0415  (the same)

        if git.discover(request.path) is not None:
            try:
                return change.change(request, progress)
            except NoChangeError:  # a scheduled run: everything is held against the baseline, if there is one
                if not os.path.lexists(baseline_of(request.path, "--baseline")):
                    raise
    if request.staged or request.base or request.lockfiles:
        raise UsageError(
            f"{request.path} is not in a git repository", "leave out --staged, --base and --lockfiles"
        )
    return _drift(request, progress)


def _drift(request: Request, progress: Progress | None) -> Report:
    """Judge a folder against its baseline, taken alike."""
    if not os.path.isdir(request.path):
        raise SourceError(f"{request.path} is not a folder", "name a folder, or use `fimci compare`")
    file = request.baseline or baseline_of(request.path, "--baseline")
    if request.baseline is None and request.installed and not os.path.lexists(file):
        report = _installed(request, progress)
        if report is not None:
            return report
    if request.baseline is None and os.path.exists(file) and not os.path.isfile(file):
        raise SourceError(f"{file} is not a regular file", "name a baseline with --baseline")
    left, policy, notes = trusted(request, file)
    asked = advice.Asked(request.osv, policy, lambda name: _seen(request, left, name), request.environment)
    known = advice.advice(asked)
    here = os.path.relpath(file, request.path).replace(os.sep, "/")
    ours = frozenset({here, here + ".dsse"})
    sizes = sides.sizes(left)
    if request.quick:
        from fimci.quick import quick  # noqa: PLC0415  (on demand)

        (left, right, files), said = quick(request.path, left, progress, sizes, ours)
        notes += said
    else:
        from fimci.held import held  # noqa: PLC0415  (not for a change in git)

        left, right, files = held(request.path, left, progress, sizes, ours)
    report = verdict.judge(
        left,
        right,
        policy,
        today=request.today,
        files=files,
        sealed=True,
        listed=request.listed,
        notes=notes,
        known=advice.answers(known),
    )
    return advice.told(report, known, request.today)


def trusted(request: Request, file: str) -> tuple[Snapshot, Policy, list[str]]:
    """Return the baseline, signed where that is demanded, with the policy that counts, and what to say."""
    vouched, notes = _demanded(request, file)
    left = sides.baseline(file, vouched)
    policy, told = _sealed_policy(request, left)
    if policy.state is not None and vouched is None:
        vouched, notes = _by_policy(policy.state, request, file)
        left = sides.baseline(file, vouched)
        policy, told = _sealed_policy(request, left)
    _undemanded(request, vouched)
    if not sides.trusted(left.recipe):
        notes.append("the baseline is of other readers: only files are compared")
    return left, policy, [*notes, *told]


def baselined(request: Request, file: str, policy: Policy) -> tuple[Snapshot, list[str]]:
    """Return a baseline, signed where the request or a policy from elsewhere demands it, and what to say."""
    here = msgspec.structs.replace(request, path=os.curdir)
    vouched, notes = _demanded(here, file)
    if policy.state is not None and vouched is None:
        vouched, notes = _by_policy(policy.state, here, file)
    _undemanded(here, vouched)
    left = sides.baseline(file, vouched)
    if not sides.trusted(left.recipe):
        notes.append("the baseline is of other readers: only files are compared")
    return left, notes


def _demanded(request: Request, file: str) -> tuple[str | None, list[str]]:
    """Return the sha256 that a signature vouches for, where one is demanded, and who made it."""
    if request.allowed is None and request.signer is None:
        return None, []
    from fimci import signed  # noqa: PLC0415  (few checks demand a signature)

    wanted = signed.demand(_asked(request), request.path)
    if wanted is None:
        return None, []
    return _vouched(*signed.verified(file, wanted, dt.datetime.now(dt.timezone.utc)), request.path)


def _by_policy(wanted: Signed, request: Request, file: str) -> tuple[str | None, list[str]]:
    """Do the same where the policy demands it: that of --config, or the one that the baseline saw."""
    from fimci import signed  # noqa: PLC0415  (few policies demand a signature)

    demand = signed.by_policy(wanted, _asked(request), request.path)
    return _vouched(*signed.verified(file, demand, dt.datetime.now(dt.timezone.utc)), request.path)


def _undemanded(request: Request, vouched: str | None) -> None:
    """Raise `UsageError` where a state must come after another, and nobody says who may sign it."""
    if vouched is None and (request.least or request.last is not None):
        from fimci import signed  # noqa: PLC0415  (few checks demand a signature)

        signed.demand(_asked(request), request.path)


def _asked(request: Request) -> Asked:
    from fimci import signed  # noqa: PLC0415  (few checks demand a signature)

    return signed.Asked(
        allowed=request.allowed,
        signer=request.signer,
        root=request.root,
        least=request.least,
        last=request.last,
    )


def _vouched(state: State, who: str, folder: str) -> tuple[str, list[str]]:
    from fimci import signed  # noqa: PLC0415  (few baselines are signed)

    notes = [f"the baseline is number {state.sequence}, signed by {who} at {state.created}"]
    unsure = signed.followed(state, folder, "baseline")
    return state.sha256, notes if unsure is None else [*notes, unsure]


def _installed(request: Request, progress: Progress | None) -> Report | None:
    """Judge the installed trees of a folder that has neither git nor a baseline; `None` without any."""
    from fimci import trees  # noqa: PLC0415  (not for a folder that has a baseline)

    found = trees.found(os.path.realpath(request.path), "", request.environment)
    policy = named_policy(request.config) if request.config is not None else Policy()
    known = advice.advice(advice.Asked(request.osv, policy, lambda _: None, request.environment))
    answers = advice.answers(known)
    reports = list(trees.judged(found, policy, today=request.today, progress=progress, known=answers))
    if not reports:
        return None
    report = advice.told(trees.joined(reports[0], reports[1:]), known, request.today)
    said = f"neither git nor a baseline in {request.path}: only what is installed was judged"
    return msgspec.structs.replace(report, notes=(said, *report.notes))


def _sealed_policy(request: Request, left: Snapshot) -> tuple[Policy, list[str]]:
    """Read policy from the folder, if it is the very file that the baseline saw."""
    if request.config is not None:
        return named_policy(request.config), []
    for name in policies.FILES:
        file = os.path.join(request.path, name)
        if not os.path.lexists(file):
            continue
        if found(file) is None:
            return Policy(), [f"{name} is no file that can be read: built-in defaults apply"]
        data = _seen(request, left, name)
        if data is None:
            return Policy(), [f"{name} is not the one of the baseline: built-in defaults apply"]
        policy = policies.parse(data, name, rules.pages())
        if policy is not None:
            return policy, []
    return Policy(), []


def _seen(request: Request, left: Snapshot, name: str) -> bytes | None:
    """Return the bytes of a file of the folder, if they are the very ones that the baseline saw."""
    data = found(os.path.join(request.path, name))
    if data is None:
        return None
    seen = Digest(left.recipe.algorithm, ALGORITHMS[left.recipe.algorithm](data).hexdigest())
    known = any(isinstance(r, File) and r.path == name and r.digest == seen for r in left.records)
    return data if known else None
