"""Settings that say which package manager runs."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import another_manager, gained, not_a_release, other_bytes
from fimci.packages.switches.switch import Switch

ROWS = (
    Switch(r"yarnPath|yarn-path", "a file of the repository runs as the client", not_a_release),
    Switch(r"yarnPath|yarn-path", "another release runs as the client", gained, Severity.MEDIUM),
    Switch(r"packageManager", "the package manager has another hash at the same version", other_bytes),
    Switch(
        r"packageManager|devEngines\.packageManager(?:\[\d+\])?\.name",
        "another package manager runs",
        another_manager,
    ),
)
