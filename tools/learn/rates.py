"""Count how many real updates gained each capability, for `fimci.capabilities.gains.surprise`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import page
from fimci.capabilities.gains import subject_class
from fimci.printable import plural
from tools.learn.choose import STEPS
from tools.learn.gained import updates
from tools.learn.reading import Told, capability

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "fimci" / "capabilities" / "rates.json"
PAGE = ROOT / "docs" / "decisions" / "learned-rates.md"
#: Rows of the summary on that page.
_ROWS = 25
_WHEN = {"install": "at installation", "import": "when imported", "call": "when called"}


def write(folder: Path, date: str) -> None:
    """Write the table; print how much it was made from."""
    gains: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    seen: Counter[tuple[str, str, str]] = Counter()
    packages = set()
    for pair, gained in updates(folder, "learning"):
        kind = f"{pair.new.ecosystem} {pair.step}"
        pairs[kind] += 1
        packages.add((pair.new.ecosystem, pair.new.package))
        gains.update({f"{pair.new.ecosystem} {_class(told)} {pair.step}" for told in gained})
        seen.update({(told.name, told.phase, pair.step) for told in gained})
    table = {
        "date": date,
        "packages": len(packages),
        "updates": dict(sorted(pairs.items())),
        "gained": dict(sorted(gains.items())),
    }
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="ascii")
    head = f"{pairs.total():,} updates of {plural(len(packages), 'package')}, {date}"
    print(f"{head}, {len(gains):,} kinds of gain")
    page.put("learned", "\n".join([f"{head}.", "", *_summary(pairs, seen)]), PAGE)


def _summary(pairs: Counter[str], seen: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a Markdown table: the gains of most updates, both ecosystems and all subjects together."""
    of = {step: sum(n for kind, n in pairs.items() if kind.endswith(step)) for step in STEPS}
    yield f"| gained in | {' | '.join(f'{step}, of {of[step]:,}' for step in STEPS)} |"
    yield "| --- | --: | --: | --: |"
    rows: Counter[tuple[str, str]] = Counter()
    for (name, phase, _), count in seen.items():
        rows[name, phase] += count
    for (name, phase), _ in rows.most_common(_ROWS):
        cells = (str(seen[name, phase, step]) for step in STEPS)
        yield f"| {name}, {_WHEN[phase]} | {' | '.join(cells)} |"


def _class(told: Told) -> str:
    """Return name, kind of subject and phase."""
    return f"{told.name} {subject_class(capability(told))} {told.phase}"
