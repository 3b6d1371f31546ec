"""What a report of 20,000 findings becomes in each format and place: size, time, memory.

    python benchmarks/sinks.py [FINDINGS] [--write]

Memory is what Python allocates at most while a report is written, the report itself aside.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import islice
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine  # noqa: E402  (the same)
from fimci import reports, rules  # noqa: E402  (the same)
from fimci.findings import Counts, Finding, Report, Severity  # noqa: E402  (the same)
from fimci.forge import check_run, comment, summary  # noqa: E402  (the same)
from fimci.forge.job import Job  # noqa: E402  (the same)
from fimci.model import Place  # noqa: E402  (the same)


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    number = next((int(word) for word in arguments if word.isdecimal()), 20_000)
    text = table(report(number))
    print(text)
    if "--write" in arguments:
        page.put("sinks", text)
    return 0


def report(number: int) -> Report:
    """Return a report of so many findings, of every grade in turn, the worst of which fails."""
    pages = rules.pages()
    names = list(pages)
    return Report(
        left="git:0000000",
        right="git:1111111",
        counts=Counts(number, number, number),
        findings=tuple(
            Finding(
                rule=names[at % len(names)],
                severity=Severity(at % len(Severity)),
                message=f"left-{at}@1.0.0 has another hash at the same version: {at:012x} → {at + 1:012x}",
                path=f"packages/{at % 97}/package-lock.json",
                line=at + 1,
                package=f"pkg:npm/left-{at}@1.0.0",
                evidence=(
                    Place(f"packages/{at % 97}/package-lock.json", at + 1, f'"integrity": "{at:064x}"'),
                ),
                fix=pages[names[at % len(names)]].fix,
                fingerprint=f"{at:020x}",
            )
            for at in range(number)
        ),
        unread=(),
        fail_on=Severity.HIGH,
        pages=pages,
    )


def table(written: Report) -> str:
    """Return the Markdown table of every format and place."""
    job = Job(head="0" * 40, key="0" * 12, page="https://github.com/left/left/actions/runs/1")
    makers: dict[str, Callable[[], str]] = {
        f"`--format {name}`": lambda name=name: reports.render(name, written)  # type: ignore[misc]
        for name in reports.ALL
    }
    makers["the job's summary (1 MiB)"] = lambda: summary.summary(written)
    makers["the comment (65,536 characters)"] = lambda: comment.body(written, job)
    makers["annotations of the check run (500)"] = lambda: str(
        list(islice(check_run.noted(written), check_run.MOST))
    )
    lines = [
        f"{machine()}; {len(written.findings):,} findings.",
        "",
        "| | MB | seconds | MB of memory |",
        "| --- | --: | --: | --: |",
    ]
    for name, make in makers.items():
        size = len(make().encode())
        start = time.perf_counter()
        make()
        seconds = time.perf_counter() - start
        tracemalloc.start()
        make()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        lines.append(f"| {name} | {size / 1e6:.2f} | {seconds:.2f} | {peak / 1e6:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
