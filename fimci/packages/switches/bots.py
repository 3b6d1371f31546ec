"""Settings of the bots that propose updates: how long they wait, and what they may run."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import gained, less, shortened, switched, turned
from fimci.packages.switches.switch import Switch

_RULE = r"updates\.(?:rules\[.*\]\.)?"

ROWS = (
    Switch(
        r"updates\.minimumReleaseAge|updates\..+\.cooldown\.default-days",
        "new releases are proposed sooner",
        less,
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\.rules\[.*\]\.minimumReleaseAge|updates\..+\.cooldown\.semver-\w+-days",
        "new releases are proposed sooner",
        shortened,
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\..+\.cooldown\.exclude\.(?P<element>.+)",
        "a package is exempt from a check",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        rf"{_RULE}internalChecksFilter",
        "new releases are proposed sooner",
        switched("none"),
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\.minimumReleaseAgeBehaviour",
        "releases of unknown age are proposed",
        turned("timestamp-optional"),
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\.rules\[.*\]\.minimumReleaseAgeBehaviour",
        "releases of unknown age are proposed",
        switched("timestamp-optional"),
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\..+\.insecure-external-code-execution",
        "packages run code where updates are made",
        switched("allow"),
        Severity.MEDIUM,
    ),
    Switch(
        rf"{_RULE}ignoreScripts",
        "packages run code where updates are made",
        switched("false"),
        Severity.MEDIUM,
    ),
    Switch(
        rf"{_RULE}(?:allowScripts|exposeAllEnv)",
        "packages run code where updates are made",
        switched("true"),
        Severity.MEDIUM,
    ),
    Switch(
        rf"{_RULE}(?:automerge|platformAutomerge|ignoreTests)",
        "updates are merged without review",
        switched("true"),
        Severity.LOW,
    ),
    Switch(
        rf"{_RULE}(?:osvVulnerabilityAlerts|vulnerabilityAlerts\.enabled)",
        "advisories are ignored",
        switched("false"),
        Severity.LOW,
    ),
)

#: What is no protection: where updates are looked for, and what runs when one is made.
MORE = (
    Switch(
        rf"{_RULE}postUpgradeTasks\.commands\..+",
        "a command runs where updates are made",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        rf"updates\.registries\..+|{_RULE}(?:registryUrls|defaultRegistryUrls|registryAliases)\..+",
        "updates come from elsewhere",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"updates\.extends\.(?P<element>.+)", "settings come from another repository", gained, Severity.LOW
    ),
)
