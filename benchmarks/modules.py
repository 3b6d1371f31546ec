"""An installed `node_modules` against the archives that its lockfile vouches for, and a bare loop.

    python benchmarks/modules.py FOLDER [ROUNDS]

FOLDER is a project that `npm ci` has just filled, so that npm's cache has every archive. The loop hashes
the same files in two processes and does nothing else (`integrity/floor.py`). Both are run in turn; the
ratios are of the best times, as other work on the machine only ever adds to them.
"""

from __future__ import annotations

import sys
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.measure import Command, machine, run  # noqa: E402  (the line above is what finds it)

_LIMIT = 600
_VERIFY = """
import datetime, sys
from fimci import policy, trees
found = trees.node.found(sys.argv[1], "")
reports = list(trees.judged(found, policy.Policy(), today=datetime.date.today()))
print(*(note for report in reports for note in report.notes), sep="\\n", file=sys.stderr)
"""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    folder = str(Path(arguments[0]).resolve())
    rounds = int(arguments[1]) if len(arguments) > 1 else 5
    floor = Path(__file__).with_name("integrity") / "floor.py"
    loop = Command((sys.executable, str(floor), f"{folder}/node_modules"))
    root = str(Path(__file__).resolve().parent.parent)
    check = Command((sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{_VERIFY}", folder))
    taken = [(run(loop, _LIMIT).seconds, run(check, _LIMIT).seconds) for _ in range(rounds)]
    best = [min(column) for column in zip(*taken, strict=True)]
    print(f"{machine()}; loop {best[0]:.2f} s, check {best[1]:.2f} s, ratio {best[1] / best[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
