"""Code is fetched from elsewhere and run.

What is fetched is not what was published, reviewed and locked, and it may be another thing for every
machine: the second stage of most attacks arrives so, and `curl | sh` is its shortest form.

Critical at installation of a package, high at import and in what people run unasked, medium in build files
and workflows of a repository, where installers are fetched every day: pin what is fetched by its hash
there. Code that is fetched and evaluated in one go, or that a request to a server says, is high whenever it
runs: that is what the program does. High instead of medium where the same file gained a sign of another
kind as well (a name that is put together of pieces, a secret that is sent, something that stays): each has
its honest cases, both together have none. High, too, in instructions that agents load (`SKILL.md`,
`AGENTS.md`), where it is hidden, comes from an odd host or without TLS, or is demanded; there is nothing to
say of how a tool is installed.

Silent: chains of the same kind towards the same that the package had before, wherever in it, and what
moves.

Measured on 424 real updates of 140 packages that were drawn at random: medium in 2. Of the 4,768 files of 36
repositories that keep commands in ways of their own (manifests of clusters, plays, recipes, Nix, specs), it
speaks in 4 at medium, in each of what is fetched and run.

Fix: put what is run into the package, or check its hash before it runs; if it is meant, accept it with
`fimci accept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.grading import chained
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to chains that are new."""
    yield from chained(changes, before, "download-and-run", "runs what it fetches: ")
