"""How long a zip of 200,000 OSV records takes: the first time, and once its index is kept.

python benchmarks/advisories.py [RECORDS]
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from fimci.advisories import databases
from fimci.registries.kept import Kept

#: Packages that are asked about, as in a large lockfile.
_ASKED = 2_000


def main(arguments: list[str]) -> int:
    """Make a zip, open it twice, and print the seconds of CPU."""
    number = int(arguments[0]) if arguments else 200_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "all.zip")
        _write(path, number)
        print(f"{number:,} records, {path.stat().st_size / 1e6:,.0f} MB packed")
        kept = Kept(str(Path(folder, "kept")), b"benchmark".ljust(32))
        names = [("npm", f"package-{at}") for at in range(_ASKED)]
        for title in ("without an index", "with the index"):
            start = time.process_time()
            found = databases.opened(str(path), kept)
            records = sum(1 for _ in found.about(names))
            took = time.process_time() - start
            print(f"{title}: {took:.1f} s, {records:,} records about {_ASKED:,} packages")
    return 0


def _write(path: Path, number: int) -> None:
    chance = random.Random(7)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(number):
            identity = f"MAL-2026-{at}" if at % 2 else f"GHSA-{at:012}"
            archive.writestr(f"{identity}.json", json.dumps(_record(identity, at, chance), indent=2))


def _record(identity: str, at: int, chance: random.Random) -> dict[str, object]:
    return {
        "schema_version": "1.7.0",
        "id": identity,
        "modified": f"2026-11-{at % 24 + 1:02}T10:00:00Z",
        "summary": "Malicious code in a package",
        "details": " ".join(f"{chance.getrandbits(20):x}" for _ in range(150)),
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": f"package-{chance.randrange(number_of_names(at))}"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.9"}]}],
                "versions": [f"1.0.{patch}" for patch in range(9)],
            }
        ],
        "references": [{"type": "WEB", "url": f"https://registry.example/{n}"} for n in range(8)],
    }


def number_of_names(at: int) -> int:
    """Return among how many names a record chooses: a few have many records."""
    return 1_000 if at % 10 == 0 else 150_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
