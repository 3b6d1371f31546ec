"""How often well-known packages are objected to when there is nothing to subtract: `fimci inspect --rules`.

    python benchmarks/alone.py FOLDER [--log FILE] [--write]

FOLDER is what `python -m tools.learn fetch FOLDER` filled; the newest release of each of a hundred
packages is judged, in this process. Each objection here is taken for a false one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine, own_cache  # noqa: E402  (the same)
from fimci import inspect  # noqa: E402  (the same)
from fimci.findings import Report, Severity  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.sources.locator import Locator  # noqa: E402  (the same)
from tools.learn import releases  # noqa: E402  (the same)
from tools.learn.releases import Release  # noqa: E402  (the same)


def main(arguments: list[str]) -> int:
    """Judge the releases, print the tables, and write them into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/alone.py", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    wanted = [one for one in releases.load(given.folder) if one.use == "newest" and one.file]
    start = time.process_time()
    with own_cache():
        judged = [(one, judge(given.folder / one.file)) for one in wanted]
    text = "\n".join(tables(judged, time.process_time() - start))
    print(text)
    if given.log is not None:
        lines = [line for release, report in judged for line in told(release, report)]
        given.log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if given.write:
        page.put("alone", text)
    return 0


def judge(file: Path) -> Report:
    """Hold an archive against the bar for packages without a predecessor."""
    found = inspect.taken(Locator("archive", str(file)), None)
    return inspect.risks(found, Policy(), dt.datetime.now(dt.timezone.utc).date())


def told(release: Release, report: Report) -> Iterator[str]:
    """Yield a line for each finding."""
    for one in report.findings:
        shown = one.evidence[0].text if one.evidence else ""
        words = f"{one.rule}: {one.message}  {one.path}:{one.line} | {shown}"
        yield printable(f"{one.severity}  {release.ecosystem} {release.package} {release.version}  {words}")


def tables(judged: list[tuple[Release, Report]], seconds: float) -> Iterator[str]:
    """Yield the lines of two Markdown tables: by form, and by rule."""
    yield f"{machine()}; {len(judged)} packages; {seconds:,.0f} s of processor time."
    yield ""
    yield "| | packages | medium or above | high or above |"
    yield "| --- | --: | --: | --: |"
    for form in ("tarball", "wheel", "sdist", ""):
        reports = [report for release, report in judged if form in {release.form, ""}]
        grades = (_count(reports, least) for least in (Severity.MEDIUM, Severity.HIGH))
        yield f"| {form or 'all'} | {len(reports)} | {' | '.join(map(str, grades))} |"
    yield ""
    yield "| rule | packages |"
    yield "| --- | --: |"
    rules = Counter(rule for _, report in judged for rule in {one.rule for one in report.findings})
    for rule, count in rules.most_common():
        yield f"| `{rule}` | {count} |"


def _count(reports: list[Report], least: Severity) -> int:
    return sum(any(one.severity >= least for one in report.findings) for report in reports)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
