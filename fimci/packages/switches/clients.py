"""Settings that say which package manager runs."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import (
    another_manager,
    another_toolchain,
    gained,
    not_a_release,
    other_bytes,
    switched,
    went_back,
)
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
    Switch(
        r"pmOnFail|(?:manage-?package-?manager-?versions|managePackageManagerVersions)"
        r"|package-?manager-?strict(?:-?version)?|packageManagerStrict(?:Version)?",
        "another release of the client may run",
        switched("ignore", "warn", "false"),
        Severity.MEDIUM,
    ),
    # The client of Go and of Rust comes with the compiler.
    Switch(r"toolchain", "another toolchain builds the project", another_toolchain),
    Switch(r"toolchain\.path", "a folder has the toolchain that builds the project", gained),
    Switch(r"bundled-with", "an older release of the client runs", went_back, Severity.MEDIUM),
)
