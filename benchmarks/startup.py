"""What a developer feels at each commit: start-up, and a check of what is staged.

    python benchmarks/startup.py [ROUNDS] [--write]

Everything is run in turn, several times; the figures are medians. Nothing passes or fails here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.integrity import trees  # noqa: E402  (the same)
from benchmarks.measure import Command, Cost, environment, fimci, machine, median, run  # noqa: E402  (the same)

_FILES = 2_000
_LIMIT = 60
_BARE = "`python -c pass`"


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    rounds = next((int(word) for word in arguments if word.isdecimal()), 9)
    with tempfile.TemporaryDirectory(prefix="fimci-bench-") as folder:
        commands = {
            _BARE: Command((sys.executable, "-c", "pass")),
            "`fimci --version`": Command(fimci("--version")),
            "`fimci check --staged`, 3 files": staged(Path(folder) / "few", 3),
            "`fimci check --staged`, 50 files": staged(Path(folder) / "many", 50),
        }
        text = table(commands, rounds)
    print(text)
    if "--write" in arguments:
        page.put("startup", text)
    return 0


def table(commands: dict[str, Command], rounds: int) -> str:
    """Run all commands in turn; return the Markdown table of their times and memory."""
    peaks = {name: run(command, _LIMIT, memory=True).peak for name, command in commands.items()}
    taken: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(run(command, _LIMIT))
    lines = [
        f"{machine()}; a repository of {_FILES:,} files; medians of {rounds} rounds in turn.",
        "",
        "| | times bare Python | seconds | peak MB |",
        "| --- | --: | --: | --: |",
    ]
    bare = [cost.seconds for cost in taken[_BARE]]
    for name, costs in taken.items():
        times = [cost.seconds for cost in costs]
        ratio = median([one / other for one, other in zip(times, bare, strict=True)])
        fault = next((f" ({cost.fault})" for cost in costs if cost.fault), "")
        lines.append(f"| {name}{fault} | {ratio:.2f} | {median(times):.3f} | {peaks[name] / 1e6:.0f} |")
    return "\n".join(lines)


def staged(root: Path, changed: int) -> Command:
    """Commit a repository and stage changes to so many of its files; return the check of those."""
    tree = trees.small(root, _FILES)
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    _git(
        root,
        "-c",
        "user.name=author",
        "-c",
        "user.email=author@fimci.example",
        "commit",
        "--quiet",
        "-mstart",
    )
    trees.touch(tree, changed / _FILES)
    _git(root, "add", "--all")
    return Command(fimci("check", "--staged"), root)


def _git(where: Path, *words: str) -> None:
    subprocess.run(("git", *words), cwd=where, check=True, env=environment(), stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
