"""A folder on another machine: fimci over ssh beside `ssh HOST find … -exec sha256sum`, in one run.

    python benchmarks/ssh.py [FILES] [--rounds NUMBER] [--busybox] [--write]

The other machine is this one: a daemon on loopback with keys of its own (it needs Debian's openssh-server),
so that both share its processors. fimci takes a baseline, and checks against it: it lists, hashes, brings
over the files that readers want and that are not as they were, and compares. Wall seconds, the medians of
some rounds in turn, each with the ratio to what `find` took in the same round; the load of the machine is
that before the first round. `--busybox`: the other side has its tools and no others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.integrity import trees  # noqa: E402  (the same)
from benchmarks.measure import fimci, machine  # noqa: E402  (the same)
from tests import sshd  # noqa: E402  (the same)

_ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("files", nargs="?", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--busybox", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = trees.small(folder / "tree", given.files)
        path = sshd.applets(folder / "applets") if given.busybox else None
        with sshd.running(folder / "daemon", path) as host:
            os.environ["PATH"] = sshd.client(folder / "client", host)
            commands = _commands(folder, host)
            taken = [[_seconds(command) for command in commands.values()] for _ in range(given.rounds)]
    rows = []
    for at, title in enumerate(commands):
        seconds, ratio = median(row[at] for row in taken), median(row[at] / row[0] for row in taken)
        rows.append(f"| {title} | {seconds:.1f} | {ratio:.2f} |")
    tools = "BusyBox" if given.busybox else "GNU"
    head = (
        f"{machine()}, load {load:.1f}; {tools} there; {tree.files:,} files; "
        f"medians of {given.rounds} rounds in turn.\n\n| | seconds | ratio |\n| --- | --: | --: |\n"
    )
    print(head + "\n".join(rows))
    if given.write:
        page.put("ssh-busybox" if given.busybox else "ssh", head + "\n".join(rows))
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
