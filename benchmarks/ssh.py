"""A folder on another machine: fimci over ssh beside `ssh HOST find … -exec sha256sum`, in one run.

    python benchmarks/ssh.py [FILES] [--write]

The other machine is this one: a daemon on loopback with keys of its own (it needs Debian's openssh-server),
so that both share its processors. fimci takes a baseline, and checks against it: it lists, hashes, brings
over the files that readers want, and compares. Wall seconds, the best of some rounds in turn; the last line
is the ratio of a check.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.integrity import trees  # noqa: E402  (the same)
from benchmarks.measure import fimci, machine  # noqa: E402  (the same)
from tests import sshd  # noqa: E402  (the same)

_ROUNDS = 3


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    words = [word for word in arguments if word != "--write"]
    files = int(words[0]) if words else 50_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = trees.small(folder / "tree", files)
        with sshd.running(folder / "daemon") as host:
            os.environ["PATH"] = sshd.client(folder / "client", host)
            commands = _commands(folder, host)
            taken = [[_seconds(command) for command in commands.values()] for _ in range(_ROUNDS)]
    best = [min(column) for column in zip(*taken, strict=True)]
    rows = [
        f"| {title} | {seconds:.1f} | {seconds / best[0]:.2f} |"
        for title, seconds in zip(commands, best, strict=True)
    ]
    head = "| | seconds | ratio |\n| --- | --: | --: |\n"
    text = f"{machine()}; {tree.files:,} files; best of {_ROUNDS} rounds in turn.\n\n{head}" + "\n".join(rows)
    print(text)
    print(f"ratio {best[-1] / best[0]:.2f}")
    if "--write" in arguments:
        page.put("ssh", text)
    return 0


def _commands(folder: Path, host: sshd.Host) -> dict[str, list[str]]:
    tree, baseline = folder / "tree", str(folder / "tree.baseline")
    return {
        "`ssh HOST find … -exec sha256sum`": [
            *("ssh", "fimci-test", f"find {tree} -type f -exec sha256sum {{}} +"),
        ],
        "fimci baseline": [*fimci("baseline", host.at(tree), "--output", baseline)],
        "fimci check": [*fimci("check", host.at(tree), "--baseline", baseline)],
    }


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
