"""How often real updates of well-known packages are spoken of: each finding here is taken for a false one.

    python benchmarks/updates.py FOLDER [--use drawn] [--every N] [--log FILE] [--write]

FOLDER is what `python -m tools.learn fetch FOLDER` filled; the pairs are those that were held out from
learning, or those that were drawn later, when rules had been mended on the former. Each is what
`fimci compare archive:OLD archive:NEW` says, in this process. `--every 5` takes each fifth pair of each kind
of update. `--log` keeps what was said, a line for each finding at `low` or above.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import ROOT, machine, own_cache  # noqa: E402  (the same)
from fimci.between import between  # noqa: E402  (the same)
from fimci.findings import Finding, Report, Severity  # noqa: E402  (the same)
from fimci.model import Unread  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.sources.locator import Locator  # noqa: E402  (the same)
from tools.learn import releases  # noqa: E402  (the same)
from tools.learn.choose import STEPS  # noqa: E402  (the same)
from tools.learn.releases import Pair  # noqa: E402  (the same)

_HELD_OUT, _DRAWN = "held-out", "drawn"


class Judged(NamedTuple):
    """A pair, what was said of it (or what went wrong), and what that took."""

    pair: Pair
    report: Report | None
    fault: str
    seconds: float

    def at(self, least: Severity) -> bool:
        """Tell whether anything at or above that severity was said."""
        return self.report is not None and any(one.severity >= least for one in self.report.findings)


def main(arguments: list[str]) -> int:
    """Judge the pairs, print the tables, and write them into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/updates.py", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--use", default=_HELD_OUT, choices=(_HELD_OUT, _DRAWN))
    parser.add_argument("--every", default=1, type=int, metavar="N", help="each N-th pair")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md and README.md")
    given = parser.parse_args(arguments)
    judged = []
    with own_cache():
        for number, pair in enumerate(chosen(given.folder, given.use, given.every), 1):
            judged.append(judge(pair, given.folder))
            if sys.stderr.isatty():
                print(f"\r{number} pairs", end="", file=sys.stderr, flush=True)
            if given.log is not None:
                with given.log.open("a", encoding="utf-8") as log:
                    log.writelines(f"{line}\n" for line in told(judged[-1]))
    text = "\n".join(tables(judged))
    print(text)
    if given.write and given.use == _DRAWN:
        page.put("updates-drawn", text)
    elif given.write:
        page.put("updates", text)
        page.put("updates", text.partition("\n\n| rule")[0], ROOT / "README.md")
    return 0


def chosen(folder: Path, use: str, every: int) -> list[Pair]:
    """Return each so-manieth pair of each kind of update."""
    pairs = list(releases.pairs(releases.load(folder), use))
    return [pair for step in STEPS for pair in [one for one in pairs if one.step == step][::every]]


def judge(pair: Pair, folder: Path) -> Judged:
    """Compare the two archives under the policy that is built in."""
    left, right = (Locator("archive", str(folder / one.file)) for one in pair)
    start = time.process_time()
    try:
        report = between(left, right, Policy(), today=dt.datetime.now(dt.timezone.utc).date())
    except Exception as error:  # noqa: BLE001  (what crashes is counted)
        return Judged(pair, None, f"{type(error).__name__}: {error}", time.process_time() - start)
    return Judged(pair, report, "", time.process_time() - start)


def told(one: Judged) -> Iterator[str]:
    """Yield a line for all that went wrong and for each finding."""
    name = f"{one.pair.step}  {one.pair.name}"
    if one.report is None:
        yield printable(f"crash  {name}  {one.fault}")
        return
    for unread in one.report.unread:
        yield printable(f"unread  {name}  {unread.path}: {unread.why}")
    for found in one.report.findings:
        if found.severity >= Severity.LOW:
            where = f"{found.path}:{found.line}"
            shown = found.evidence[0].text if found.evidence else ""
            words = f"{found.rule}: {found.message}  {where} | {shown}"
            yield printable(f"{found.severity}  {name}  {words}")


def tables(judged: list[Judged]) -> Iterator[str]:
    """Yield the lines of two Markdown tables: by kind of update, and by rule."""
    packages = len({(one.pair.new.ecosystem, one.pair.new.package) for one in judged})
    seconds = sum(one.seconds for one in judged)
    yield f"{machine()}; {len(judged):,} updates of {packages} packages; {seconds:,.0f} s of processor time."
    yield ""
    yield "| | pairs | crashed | with unread | medium or above | high or above |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for step in (*STEPS, "all"):
        rows = [one for one in judged if step in {one.pair.step, "all"}]
        unread = sum(one.report is not None and not one.report.complete for one in rows)
        grades = (_share([one.at(least) for one in rows]) for least in (Severity.MEDIUM, Severity.HIGH))
        crashed = sum(one.report is None or any(map(_is_crash, one.report.unread)) for one in rows)
        yield f"| {step} | {len(rows):,} | {crashed} | {unread} | {' | '.join(grades)} |"
    yield ""
    yield from by_rule("pairs", (one.report.findings for one in judged if one.report is not None))


def by_rule(what: str, judged: Iterable[Iterable[Finding]]) -> Iterator[str]:
    """Yield the lines of a table: of how many things a rule spoke, by the worst that it said of each."""
    those: Counter[str] = Counter()
    grades: Counter[tuple[str, Severity]] = Counter()
    for findings in judged:
        worst = {found.rule: found.severity for found in sorted(findings, key=lambda f: f.severity)}
        those.update(worst.keys())
        grades.update((rule, min(severity, Severity.HIGH)) for rule, severity in worst.items())
    yield f"| rule | {what} | high or above | medium | low or info |"
    yield "| --- | --: | --: | --: | --: |"
    for rule, count in those.most_common():
        high, medium = grades[rule, Severity.HIGH], grades[rule, Severity.MEDIUM]
        yield f"| `{rule}` | {count} | {high} | {medium} | {count - high - medium} |"


def _is_crash(unread: Unread) -> bool:
    """Tell what a reader could not say from what it fell over."""
    return f"{unread.part} failed:" in unread.why


def _share(those: list[bool]) -> str:
    return f"{sum(those)} ({sum(those) / len(those):.1%})" if those else "0"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
