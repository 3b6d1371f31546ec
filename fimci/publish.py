"""One report, told in several places: the files of the runner, and the API of the code host.

A place that is refused never costs a finding or changes the verdict: it is said which permission was
missing, and the summary gets the report in its stead.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.errors import FimciError
from fimci.findings import Report
from fimci.forge import outputs, summary
from fimci.forge.job import Job, job
from fimci.printable import printable
from fimci.request import read

#: Where a report can go, and what a token needs for it.
PERMISSIONS: Mapping[str, str] = {
    "outputs": "",
    "summary": "",
    "comment": "pull-requests: write",
    "check-run": "checks: write",
    "review": "pull-requests: write",
}
#: How a place may be asked for beyond its name: `comment=always`.
MANNERS: Mapping[str, tuple[str, ...]] = {"comment": ("on-findings", "always")}
_REFUSED = {401, 403, 404}


class Asked(NamedTuple):
    """What was asked for: places with their manner, the files that were written, and where git is."""

    places: Mapping[str, str]
    files: Mapping[str, str]
    path: str


def publish(report: Report, asked: Asked, environment: Mapping[str, str]) -> Iterator[str]:
    """Tell the report in each place; yield a sentence for each that did not get it, or got it by the API."""
    here = job(environment, read)
    refused = False
    told = {name: how for name, how in asked.places.items() if name in {"comment", "check-run", "review"}}
    for line, failed in _by_api(report, told, here, asked.path) if told else ():
        refused |= failed
        yield line
    if "summary" in asked.places or refused:
        yield from _summary(report, here)
    if "outputs" in asked.places and here.outputs:
        yield from _appended(here.outputs, outputs.written(outputs.outputs(report, asked.files)), "outputs")


def _by_api(report: Report, places: Mapping[str, str], here: Job, path: str) -> Iterator[tuple[str, bool]]:
    from fimci.forge import api, check_run, comment, review  # noqa: PLC0415  (only where a host is told)

    host: api.Host | None = None
    for name, how in places.items():
        try:
            host = host or api.Host(here)
            if name == "comment":
                done = comment.comment(host, report, always=how == "always")
            elif name == "check-run":
                done = check_run.check_run(host, report)
            else:
                done = review.review(host, report, functools.partial(_blob, path))
        except api.RefusedError as error:
            yield f"{name}: not written: {_why(name, error.status, error.message)}", True
        else:
            yield f"{name}: {done}", False


def _why(name: str, status: int, message: str) -> str:
    """Say what the host answered, and what the job lacks."""
    words = f"{printable(message, 200)} ({status})" if status else printable(message, 200)
    if status not in _REFUSED:
        return f"{words}; the job's summary has the report"
    permission = PERMISSIONS[name]
    return (
        f"{words}; the token needs `{permission}`, which jobs for forks and Dependabot never have; "
        "the job's summary has the report"
    )


def _blob(path: str, name: str) -> str | None:
    """Return git's id of a file as the job's commit has it; `path` is in the repository."""
    from fimci import bases  # noqa: PLC0415  (the check has imported it, where there is git)
    from fimci.sources import git  # noqa: PLC0415  (the same)

    try:
        repository = git.open_(path)
        commit = git.commit(repository, bases.MERGE if bases.MERGE in repository.references else "HEAD")
    except FimciError:
        return None
    leaf = git.find(commit.tree, name)
    return leaf.id if leaf is not None else None


def _summary(report: Report, here: Job) -> Iterator[str]:
    if not here.summary:
        yield "summary: this job has none; the log has the report"
        return
    try:
        already = os.path.getsize(here.summary) if os.path.exists(here.summary) else 0
    except OSError:
        already = 0
    text = summary.summary(report, already)
    if not text:
        yield "summary: there is no room left in it; the log has the report"
        return
    yield from _appended(here.summary, text, "summary")


def _appended(file: str, text: str, name: str) -> Iterator[str]:
    try:
        with open(file, "a", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        yield f"{name}: {printable(file)} cannot be written: {error.strerror}"


def places(words: Iterable[str]) -> dict[str, str]:
    """Return places by name from `NAME` or `NAME=HOW`. Raises `ValueError` with the word that is none."""
    found: dict[str, str] = {}
    for word in words:
        name, _, how = word.partition("=")
        if name not in PERMISSIONS or (how and how not in MANNERS.get(name, ())):
            raise ValueError(word)
        found[name] = how
    return found
