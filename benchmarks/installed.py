"""The installed trees of a project, held against lists, lockfile and archives, beside a bare loop.

    python benchmarks/installed.py FOLDER [ROUNDS] [--write]

FOLDER is a project whose `.venv` or `node_modules` was just filled, so that caches have every archive. The
loop hashes the same files and does nothing else (`integrity/floor.py`), once in one process and once in two.
Bytecode is not compiled here. All are run in turn; the ratios are of the best times, as other work on the
machine only ever adds to them.
"""

from __future__ import annotations

import sys
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import ROOT, Command, machine, run  # noqa: E402  (the same)
from fimci import trees  # noqa: E402  (the same)
from fimci.trees.tree import Tree  # noqa: E402  (the same)

_LIMIT = 600
_FLOOR = Path(__file__).with_name("integrity") / "floor.py"
_JUDGE = """
import datetime, sys
from fimci import policy, trees
found = [t._replace(thorough=False) for t in trees.found(sys.argv[1], "", {}) if t.start == sys.argv[2]]
reports = list(trees.judged(found, policy.Policy(), today=datetime.date.today()))
sys.exit(bool([one for report in reports for one in report.failing]))
"""


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    words = [word for word in arguments if word != "--write"]
    folder = str(Path(words[0]).resolve())
    rounds = int(words[1]) if len(words) > 1 else 5
    rows = [_row(folder, tree, rounds) for tree in trees.found(folder, "", {})]
    head = (
        "| | files | a loop, seconds | in two processes | the check | times the loop | of two processes |\n"
        "| --- | --: | --: | --: | --: | --: | --: |\n"
    )
    text = f"{machine()}; best of {rounds} rounds in turn.\n\n{head}" + "\n".join(rows)
    print(text)
    if "--write" in arguments:
        page.put("installed", text)
    return 0


def _row(folder: str, tree: Tree, rounds: int) -> str:
    place = f"{folder}/{tree.start}"
    one, two = (Command((sys.executable, str(_FLOOR), place, number)) for number in ("1", "2"))
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{_JUDGE}"
    check = Command((sys.executable, "-c", program, folder, tree.start))
    taken = [tuple(run(command, _LIMIT) for command in (one, two, check)) for _ in range(rounds)]
    faults = {cost.fault for costs in taken for cost in costs if cost.fault}
    single, double, judged = (min(costs[at].seconds for costs in taken) for at in range(3))
    files = sum(not path.is_symlink() and path.is_file() for path in Path(place).rglob("*"))
    told = f" ({', '.join(sorted(faults))})" if faults else ""
    times = f"{single:.2f} | {double:.2f} | {judged:.2f} | {judged / single:.2f} | {judged / double:.2f}"
    return f"| `{tree.start}`{told} | {files:,} | {times} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
