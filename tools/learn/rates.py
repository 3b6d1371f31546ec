"""Count how many real updates gained each capability, for `fimci.capabilities.gains.surprise`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from fimci.capabilities.gains import subject_class
from fimci.printable import plural
from tools.learn.gained import updates
from tools.learn.reading import Told, capability

TABLE = Path(__file__).resolve().parents[2] / "fimci" / "capabilities" / "rates.json"


def write(folder: Path, date: str) -> None:
    """Write the table; print how much it was made from."""
    gains: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    packages = set()
    for pair, gained in updates(folder, "learning"):
        kind = f"{pair.new.ecosystem} {pair.step}"
        pairs[kind] += 1
        packages.add((pair.new.ecosystem, pair.new.package))
        gains.update({f"{pair.new.ecosystem} {_class(told)} {pair.step}" for told in gained})
    table = {
        "date": date,
        "packages": len(packages),
        "updates": dict(sorted(pairs.items())),
        "gained": dict(sorted(gains.items())),
    }
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="ascii")
    print(f"{pairs.total():,} updates of {plural(len(packages), 'package')}, {len(gains):,} kinds of gain")


def _class(told: Told) -> str:
    """Return name, kind of subject and phase."""
    return f"{told.name} {subject_class(capability(told))} {told.phase}"
