"""How often the files of one real release are said to differ: each finding here is taken for a false one.

    python benchmarks/siblings.py RELEASES [--most N] [--log FILE] [--write]

RELEASES is a file with a line for each release of Python: `NAME VERSION`. Of each, the file that would be
installed is held against up to `--most` wheels beside it and its sources, as `fimci check --releases` does.
All is obtained first, from caches or the index that is configured, and that is not measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine, own_cache  # noqa: E402  (the same)
from benchmarks.updates import by_rule  # noqa: E402  (the same)
from fimci import sides  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.registries.registry import Offered, UnobtainableError  # noqa: E402  (the same)
from fimci.releases import siblings, take  # noqa: E402  (the same)
from fimci.releases.obtain import INSTALLED, Obtained, Wanted, alone, obtain, offers, sources  # noqa: E402
from fimci.releases.siblings import Pair  # noqa: E402  (the same)


class Held(NamedTuple):
    """A release: how many wheels there were to choose from, what was said, and the seconds that it took."""

    title: str
    wheels: int
    beside: int
    pairs: tuple[Pair, ...]
    seconds: float


def main(arguments: list[str]) -> int:
    """Judge the releases, print the table, and write it into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/siblings.py", description=__doc__)
    parser.add_argument("releases", type=Path)
    parser.add_argument("--most", default=Policy().siblings, type=int, metavar="N", help="wheels beside it")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    lines = [line.split() for line in given.releases.read_text().splitlines() if line.strip()]
    where = sources(os.environ)
    found = []
    for name, version in lines:
        wanted = Wanted("pypi", name, version)
        try:
            news = offers(where, wanted)
            chosen = alone(news, INSTALLED)
            beside = siblings.others(news, chosen, given.most)
            obtained = [obtain(where, wanted, one) for one in (chosen, *beside)]
        except UnobtainableError as error:
            print(f"{name} {version}: {error}", file=sys.stderr)
            continue
        with own_cache():
            found.append(_held(news, obtained))
        if given.log is not None:
            with given.log.open("a", encoding="utf-8") as log:
                log.writelines(f"{line}\n" for line in _told(found[-1]))
    text = "\n".join(_table(found))
    print(text)
    if given.write:
        page.put("siblings", text)
    return 0


def _held(news: list[Offered], obtained: list[Obtained]) -> Held:
    how = sides.recipe((".git/",), directories=False, code=True)
    mine, *beside = obtained
    records = list(take.snapshot(mine, mine.name, how).records)
    started = time.process_time()
    pairs = tuple(siblings.differences(mine, records, beside, how))
    wheels = sum(one.name.endswith(".whl") for one in news)
    took = time.process_time() - started
    return Held(f"{mine.wanted.name} {mine.wanted.version}", wheels, len(beside), pairs, took)


def _told(one: Held) -> Iterator[str]:
    yield f"{one.title}: {one.beside} of {one.wheels} wheels and sources, {one.seconds:.1f} s"
    for name, beside, found in one.pairs:
        shown = found.evidence[0].text if found.evidence else ""
        yield printable(f"  {found.severity} {found.rule}: {name} | {beside}: {found.message} | {shown}")


def _table(found: list[Held]) -> Iterator[str]:
    counts = sum(one.beside for one in found)
    seconds = sum(one.seconds for one in found)
    yield f"{machine()}; {len(found)} releases, {counts} files beside those installed; {seconds:,.0f} s."
    yield ""
    yield from by_rule("releases", ([pair.found for pair in one.pairs] for one in found))
    silent = sum(not one.pairs for one in found)
    yield f"| nothing at all | {silent} | | | |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
