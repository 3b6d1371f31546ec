"""How often an attack is found that is put into a real package: each pair has a harmless one.

    python benchmarks/implants.py FOLDER [--packages N] [--each N] [--seed N] [--log FILE] [--write]

FOLDER is what `python -m tools.learn fetch FOLDER` filled. Of the newest release of each package (of
sources: of any) the next patch is made, with a payload of `fixtures/implants` at a place that the package
has (`benchmarks/planting`), and `fimci compare archive:OLD archive:NEW` is asked, in this process. Which
spelling comes to which place of which package is drawn by `--seed`, so that a run can be repeated. What is
told counts if it is the right thing: a rule or a capability that is named beside the payload. `--log` keeps
what was said, `--keep FOLDER` the archives of those that were not found.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine, own_cache  # noqa: E402  (the same)
from benchmarks.planting import javascript, packages, payloads, python, whole  # noqa: E402  (the same)
from benchmarks.planting.packages import Package  # noqa: E402  (the same)
from benchmarks.planting.payloads import Payload  # noqa: E402  (the same)
from benchmarks.planting.places import Place  # noqa: E402  (the same)
from fimci.between import between  # noqa: E402  (the same)
from fimci.findings import Report, Severity  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.sources.locator import Locator  # noqa: E402  (the same)
from tools.learn import releases  # noqa: E402  (the same)
from tools.learn.releases import Release  # noqa: E402  (the same)

PLACES = {
    "javascript": (*javascript.PLACES, *whole.NODE),
    "python": (*python.PLACES, *whole.PYTHON),
}
#: How an attempt may end, from the best. `else`: something at medium or above, but not what it is.
OUTCOMES = ("high", "medium", "lower", "else", "missed", "unread", "crashed")
_LARGEST = 800_000


class Attempt(NamedTuple):
    """A payload at a place of a package, how it ended, and what was said."""

    release: Release
    payload: Payload
    place: Place
    outcome: str
    said: tuple[str, ...]
    seconds: float

    @property
    def weak(self) -> bool:
        """Tell whether it should have been found with more weight."""
        medium = self.payload.least == "medium" or self.place.phase == "call"
        return self.outcome not in ({"high", "medium"} if medium else {"high"})


def main(arguments: list[str]) -> int:
    """Make the updates, judge them, print the tables, and write them where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/implants.py", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--packages", default=80, type=int, metavar="N", help="so many packages at most")
    parser.add_argument("--each", default=8, type=int, metavar="N", help="implants in a package")
    parser.add_argument("--seed", default=1, type=int, metavar="N")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the archives of what was not found")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    if given.log is not None:
        given.log.write_text("", encoding="utf-8")
    done = []
    with own_cache():
        for attempt in attempts(given.folder, given.packages, given.each, given.seed, given.keep):
            done.append(attempt)
            if sys.stderr.isatty():
                print(f"\r{len(done)} implants", end="", file=sys.stderr, flush=True)
            if given.log is not None:
                with given.log.open("a", encoding="utf-8") as log:
                    log.writelines(f"{line}\n" for line in told(attempt))
    text = "\n".join(tables(done))
    print(text)
    if given.write:
        page.put("implants", text)
    return 0


def attempts(folder: Path, count: int, each: int, seed: int, keep: Path | None) -> Iterator[Attempt]:
    """Yield what became of each implant, package by package."""
    rng = random.Random(seed)
    spellings = _Spellings(rng)
    for release in chosen(folder, count, rng):
        package = packages.opened(release, folder)
        places = PLACES[package.language]
        kept = 0
        for place in rng.sample(places, len(places)):
            payload = spellings.next(package.language, halves=place.halves)
            # A draw of its own: what one place takes must not change what the next one gets.
            drawn = random.Random(rng.random())
            if kept < each and (attempt := judged(package, payload, place, drawn, folder=folder, keep=keep)):
                spellings.used(payload)
                kept += 1
                yield attempt


def chosen(folder: Path, count: int, rng: random.Random) -> list[Release]:
    """Draw packages: sources and the newest releases, a third of each kind as far as there are so many."""
    listed = [one for one in releases.load(folder) if one.file]
    small = [one for one in listed if (folder / one.file).stat().st_size < _LARGEST]
    sources = list({one.package: one for one in small if one.form == "sdist"}.values())
    newest = [one for one in small if one.use == "newest" and one.form != "sdist"]
    drawn = [*rng.sample(sources, min(len(sources), count // 6)), *rng.sample(newest, len(newest))]
    return drawn[:count]


class _Spellings:
    """All spellings of payloads, each language in an order of its own, again and again."""

    def __init__(self, rng: random.Random) -> None:
        found = payloads.load()
        self.left: dict[tuple[str, bool], list[Payload]] = {}
        for language in payloads.LANGUAGES:
            for halves in (False, True):
                mine = [one for one in found if one.language == language and bool(one.first) == halves]
                self.left[language, halves] = rng.sample(mine, len(mine))

    def next(self, language: str, *, halves: bool) -> Payload:
        return self.left[language, halves][0]

    def used(self, payload: Payload) -> None:
        mine = self.left[payload.language, bool(payload.first)]
        mine.append(mine.pop(0))


def judged(  # noqa: PLR0913  (the implant, and where its archives are)
    package: Package, payload: Payload, place: Place, rng: random.Random, *, folder: Path, keep: Path | None
) -> Attempt | None:
    """Make the update and compare it with what was there; nothing where the package has no such place."""
    changed = place.plant(package, payload, rng)
    if changed is None:
        return None
    start = time.process_time()
    with tempfile.TemporaryDirectory(prefix="fimci-implants-") as scratch:
        new = packages.written(package, changed, Path(scratch))
        left, right = (Locator("archive", str(path)) for path in (folder / package.release.file, new))
        try:
            report = between(left, right, Policy(), today=dt.datetime.now(dt.timezone.utc).date())
        except Exception as error:  # noqa: BLE001  (what crashes is counted)
            said: tuple[str, ...] = (f"{type(error).__name__}: {error}",)
            found = "crashed"
        else:
            found, said = outcome(report, payload, place), tuple(_said(report))
        attempt = Attempt(package.release, payload, place, found, said, time.process_time() - start)
        if keep is not None and attempt.weak:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(new, keep / f"{found}-{payload.name.replace(' ', '_')}-{payload.number}-{new.name}")
        return attempt


def outcome(report: Report, payload: Payload, place: Place) -> str:
    """Say how an attempt ended."""
    wanted = place.told if place.only else payload.told
    by_place = {one.severity for one in report.findings if _matches(f"{one.rule} {one.message}", place.told)}
    right = {
        one.severity for one in report.findings if _matches(f"{one.rule} {one.message}", wanted)
    } | by_place
    worst = max(right, default=None)
    if worst is not None and worst >= Severity.MEDIUM:
        return "high" if worst >= Severity.HIGH else "medium"
    if any(one.severity >= Severity.MEDIUM for one in report.findings):
        return "unread" if all(one.rule == "unread" for one in report.findings) else "else"
    return "lower" if worst is not None else "unread" if report.unread else "missed"


def _matches(said: str, patterns: Sequence[str]) -> bool:
    return Payload("", 0, "", "", tuple(patterns)).is_told(said)


def _said(report: Report) -> Iterator[str]:
    for unread in report.unread:
        yield f"unread: {unread.path}: {unread.why}"
    for one in report.findings:
        shown = one.evidence[0].text if one.evidence else ""
        yield f"{one.severity}: {one.rule}: {one.message}  {one.path}:{one.line} | {shown}"


def told(one: Attempt) -> Iterator[str]:
    """Yield a line for an attempt, and one for each thing that was said of it."""
    mark = "WEAK" if one.weak else "ok"
    name = f"{one.release.ecosystem} {one.release.package} {one.release.version}"
    yield printable(
        f"{mark} {one.outcome}  {name}  {one.payload.name} #{one.payload.number}  at {one.place.name}"
    )
    for line in one.said:
        yield printable(f"    {line}")


def tables(done: list[Attempt]) -> Iterator[str]:
    """Yield the lines of two Markdown tables: by payload, and by place."""
    names = len({(one.release.ecosystem, one.release.package) for one in done})
    seconds = sum(one.seconds for one in done)
    yield f"{machine()}; {len(done):,} implants in {names} packages; {seconds:,.0f} s of processor time."
    yield ""
    yield from _table("payload", ((one.payload.name, one) for one in done if not one.place.only))
    yield ""
    yield from _table("place", ((f"{one.place.name} ({one.place.phase})", one) for one in done))


def _table(what: str, named: Iterable[tuple[str, Attempt]]) -> Iterator[str]:
    rows: dict[str, list[Attempt]] = {}
    for name, one in sorted(named, key=lambda pair: pair[0]):
        rows.setdefault(name, []).append(one)
    yield f"| {what} | implants | {' | '.join(OUTCOMES)} | weaker than it should be |"
    yield f"| --- | --: |{' --: |' * len(OUTCOMES)} --: |"
    for name, mine in [*rows.items(), ("all", [one for row in rows.values() for one in row])]:
        counts = (str(sum(one.outcome == outcome for one in mine)) for outcome in OUTCOMES)
        yield f"| {name} | {len(mine)} | {' | '.join(counts)} | {sum(one.weak for one in mine)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
