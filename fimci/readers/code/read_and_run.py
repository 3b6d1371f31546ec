"""Files that a program reads and runs as code: `exec(open("x").read())`, `eval(fs.readFileSync("x"))`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from fimci.capabilities.uses import Reference, Use


def references(
    uses: Sequence[Use], runs: Callable[[Use], bool], read: Callable[[Use], str]
) -> Iterator[Reference]:
    """Yield the file that is read last, in the function that runs what it read.

    `runs`: code that is not known. `read`: the path of what is read, below the folder of the program's own
    file; empty for one that is not known, or where nothing is read.
    """
    opened: dict[str | int, list[tuple[int, str]]] = {}
    for use in uses:
        path = read(use)
        if path and not path.startswith(("/", "~")):  # elsewhere on the machine
            opened.setdefault(use.function, []).append((use.line, path))
    for those in opened.values():
        those.sort(key=lambda one: one[0])
    for use in uses if opened else ():
        if not (runs(use) and any("file" in value.flows for value in use.arguments)):
            continue
        those = opened.get(use.function, [])
        at = bisect_right(those, use.line, key=lambda one: one[0]) - 1
        if at >= 0:
            yield Reference(f"./{those[at][1]}", use.line, use.phase)
