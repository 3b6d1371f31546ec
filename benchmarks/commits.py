"""How often commits of well-known repositories are spoken of: each finding here is taken for a false one.

    python benchmarks/commits.py REPOSITORY... [--last N] [--log FILE] [--write]

Each REPOSITORY is a clone (bare ones do), which is cloned once more; nothing in it is run. Of its main line
the last N commits are checked out one after the other, and each is what `fimci check --base` its first
parent says: what a pull request would have been told, under the policy that is built in. `--log` keeps what
was said, a line for each finding at `low` or above. What git cannot clone is left out, with a line that says
so, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import environment, machine, own_cache  # noqa: E402  (the same)
from fimci.check import check  # noqa: E402  (the same)
from fimci.findings import Report, Severity  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.request import Request  # noqa: E402  (the same)


class Judged(NamedTuple):
    """A commit of a repository, and what was said of it."""

    repository: str
    commit: str
    report: Report

    def at(self, least: Severity) -> bool:
        """Tell whether anything at or above that severity was said."""
        return any(one.severity >= least for one in self.report.findings)


def main(arguments: list[str]) -> int:
    """Check the commits, print the tables, and write them into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/commits.py", description=__doc__)
    parser.add_argument("repositories", type=Path, nargs="+")
    parser.add_argument("--last", default=100, type=int, metavar="N", help="commits of each")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    judged: list[Judged] = []
    out: list[Path] = []
    with own_cache():
        for repository in given.repositories:
            try:
                judged += list(commits(repository, given.last))
            # What was judged of it before stays out too: a row tells of a whole main line.
            except subprocess.CalledProcessError as error:
                out.append(repository)
                said = error.stderr.strip().rpartition("\n")[2]
                print(printable(f"{repository}: left out, for git failed: {said}"), file=sys.stderr)
    if given.log is not None:
        given.log.write_text("".join(f"{line}\n" for one in judged for line in told(one)), encoding="utf-8")
    text = "\n".join(tables(judged))
    print(text)
    if given.write:
        page.put("commits", text)
    return 1 if out else 0


def commits(repository: Path, last: int) -> Iterator[Judged]:
    """Yield what is said of each of the last commits of a main line."""
    name = (repository.parent if repository.name in {"repo", ".git"} else repository).name.rpartition("+")[2]
    with tempfile.TemporaryDirectory(prefix="fimci-bench-") as folder:
        git("clone", "--quiet", "--no-local", str(repository.resolve()), folder)
        listed = git("-C", folder, "log", "--first-parent", "--format=%H %P", f"--max-count={last}")
        for commit, parent, *_ in (line.split() for line in listed.splitlines() if " " in line.rstrip()):
            git("-C", folder, "checkout", "--quiet", "--force", commit)
            report = check(request(folder, parent))
            yield Judged(name, commit, report)


def git(*words: str) -> str:
    """Run git as on any machine, with no configuration of this one."""
    done = subprocess.run(
        ("git", "-c", "core.hooksPath=/dev/null", *words),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
    return done.stdout


def request(folder: str, parent: str) -> Request:
    """Return the question that a pull request asks, without a CI system around it."""
    today = dt.datetime.now(dt.timezone.utc).date()
    return Request(path=folder, base=parent, environment={}, today=today)


def told(one: Judged) -> Iterator[str]:
    """Yield a line for all that was not read and for each finding."""
    name = f"{one.repository} {one.commit[:12]}"
    for unread in one.report.unread:
        yield printable(f"unread  {name}  {unread.path}: {unread.why}")
    for found in one.report.findings:
        if found.severity >= Severity.LOW:
            yield printable(
                f"{found.severity}  {name}  {found.rule}: {found.message}  {found.path}:{found.line}"
            )


def tables(judged: list[Judged]) -> Iterator[str]:
    """Yield the lines of two Markdown tables: by repository, and by rule."""
    yield f"{machine()}; {len(judged):,} commits."
    yield ""
    yield "| | commits | with unread | medium or above | high or above |"
    yield "| --- | --: | --: | --: | --: |"
    for name in (*dict.fromkeys(one.repository for one in judged), "all"):
        rows = [one for one in judged if name in {one.repository, "all"}]
        unread = sum(not one.report.complete for one in rows)
        grades = (_share([one.at(least) for one in rows]) for least in (Severity.MEDIUM, Severity.HIGH))
        yield f"| {name} | {len(rows)} | {unread} | {' | '.join(grades)} |"
    yield ""
    yield "| rule | commits | high or above | medium | low or info |"
    yield "| --- | --: | --: | --: | --: |"
    worst: dict[str, Counter[str]] = {}
    for one in judged:
        said: dict[str, Severity] = {}
        for found in one.report.findings:
            said[found.rule] = max(found.severity, said.get(found.rule, found.severity))
        for rule, severity in said.items():
            worst.setdefault(rule, Counter())[_column(severity)] += 1
    for rule, counts in sorted(worst.items(), key=lambda item: (-item[1].total(), item[0])):
        cells = " | ".join(str(counts[column]) for column in ("high", "medium", "low"))
        yield f"| `{rule}` | {counts.total()} | {cells} |"


def _column(severity: Severity) -> str:
    if severity >= Severity.HIGH:
        return "high"
    return "medium" if severity >= Severity.MEDIUM else "low"


def _share(cases: list[bool]) -> str:
    return f"{sum(cases)} ({sum(cases) / max(len(cases), 1):.1%})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
