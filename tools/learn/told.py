"""Print what releases and updates of well-known packages have that hardly any should: mistakes show here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from fimci.capabilities.gains import CHAINS, Gain
from fimci.capabilities.grading import chain_grade, grade
from fimci.findings import Severity
from fimci.model import Change
from fimci.printable import printable
from tools.learn import read, releases
from tools.learn.choose import STEPS
from tools.learn.gained import updates
from tools.learn.reading import Reading, Told, capability
from tools.learn.releases import Pair

#: Graded by rules of their own, by more than what was gained: all are printed.
_ALWAYS = frozenset(("hidden-text", "obfuscation", "bytecode", "unanalyzed"))
_SLOWEST = 25


def show(folder: Path) -> None:
    """Print gained chains and the like, chains of the last releases, what went wrong, what is slow."""
    for use in ("learning", "held-out"):
        print(f"\n# Gained by updates ({use})")
        rows = list(updates(folder, use))
        print(f"{len(rows):,} updates; at least one gain in {sum(bool(gains) for _, gains in rows):,}")
        graded = [(pair, one, severity(pair, one)) for pair, gains in rows for one in gains]
        for least in (Severity.MEDIUM, Severity.HIGH):
            print(_share(rows, graded, least))
        for pair, one, weight in graded:
            if one.name in _ALWAYS or (weight or Severity.INFO) >= Severity.MEDIUM:
                print(f"{weight or '-'}  {pair.step}  {pair.name}  {_line(one)}")
    print("\n# Chains in the last release that was read of each package")
    found = list(read.load(folder))
    for name, reading in _last(folder, found):
        for one in reading.told:
            if one.name in CHAINS:
                print(f"{name}  {_line(one)}")
    print("\n# Failed, unread")
    print("\n".join(_unread(found)))
    print("\n# Cost")
    print("\n".join(_costs(found)))


def severity(pair: Pair, one: Told) -> Severity | None:
    """Return how the rules on gains grade a gain; here every name counts as new to the package."""
    now = capability(one, package=f"pkg:{pair.new.ecosystem}/{pair.new.package}")
    gain = Gain(Change(before=None, after=now), now, first=True, known=True, bump=pair.step)
    return chain_grade(gain) if one.name in CHAINS else grade(gain)


def _share(
    rows: list[tuple[Pair, list[Told]]], graded: list[tuple[Pair, Told, Severity | None]], least: Severity
) -> str:
    said = {pair for pair, _, weight in graded if weight is not None and weight >= least}
    parts = []
    for step in STEPS:
        among = [pair for pair, _ in rows if pair.step == step]
        parts.append(f"{step} {sum(pair in said for pair in among)} of {len(among)}")
    return f"{least} or above: {', '.join(parts)}"


def _last(folder: Path, found: Iterable[Reading]) -> Iterator[tuple[str, Reading]]:
    readings = {one.file: one for one in found}
    last: dict[tuple[str, str, str], releases.Release] = {}
    for one in releases.load(folder):
        if one.file in readings:
            last[one.ecosystem, one.package, one.form] = one
    for one in last.values():
        yield f"{one.ecosystem} {one.package} {one.version}", readings[one.file]


def _unread(found: Iterable[Reading]) -> Iterator[str]:
    """Yield what went wrong and what stayed unread, once for each file of a package."""
    told: Counter[str] = Counter()
    for reading in found:
        package = str(Path(reading.file).parent.relative_to("archives"))
        told.update({f"{package}  {path}: {why}" for path, why in reading.unread})
        if reading.failed:
            yield printable(f"CRASH {reading.file}: {reading.failed}")
    for line, count in sorted(told.items()):
        yield printable(f"{count} x  {line}")


def _line(one: Told) -> str:
    return printable(
        f"{one.name}: {one.subject} [{one.phase}] {one.path}:{one.line}  {one.detail} | {one.text}"
    )


def _costs(found: list[Reading]) -> Iterator[str]:
    by_reader: Counter[str] = Counter()
    for reading in found:
        by_reader.update(reading.by_reader)
    seconds = sum(one.seconds for one in found)
    shown, unpacked = (sum(count) / 1e6 for count in zip(*((r.shown, r.bytes) for r in found), strict=True))
    yield f"{len(found):,} releases, {unpacked:,.0f} MB, shown to readers {shown:,.0f} MB in {seconds:,.0f} s"
    yield ", ".join(f"{name} {taken:.0f} s" for name, taken in by_reader.most_common(8))
    slow = sorted((one for reading in found for one in reading.slow), reverse=True, key=lambda s: s.seconds)
    for one in slow[:_SLOWEST]:
        yield printable(f"{one.seconds:.1f} s  {one.bytes / 1e6:.2f} MB  {one.reader}  {one.path}")
