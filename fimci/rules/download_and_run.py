"""Code is downloaded and run.

What is downloaded is not what was published, reviewed and locked, and it may differ between machines: the
second stage of most attacks arrives this way, and `curl | sh` is its shortest form.

Critical during installation of a package, high at import and in code that runs automatically, medium in build
files and workflows of a repository, where installers are downloaded every day: pin the download by its hash
there. Code that is downloaded and evaluated in one step, or commands that are received from a server, are
high whenever they run. High instead of medium where the same file also gained an indicator of another kind (a
name assembled from pieces, a secret that is sent, persistence): each has legitimate uses, both together have
none. High as well in instructions that agents load (`SKILL.md`, `AGENTS.md`), where it is hidden, uses an
unusual host or no TLS, or is demanded; ordinary installation instructions are not reported.

Not reported: chains of the same kind with the same target that the package had before, in any file, and moved
code.

Measured on 424 real updates of 140 randomly selected packages: medium in 2. Of 4,768 files of 36 repositories
that contain commands in formats of their own (cluster manifests, playbooks, recipes, Nix, spec files), 4 had
a finding, each at medium and for something that is downloaded and run.

Fix: include the code in the package, or verify its hash before it runs; if it is intended, accept it with
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
    yield from chained(changes, before, "download-and-run", "downloads and runs code: ")
