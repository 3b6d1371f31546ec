"""Settings that put something else in the place of a package: overrides, patches, extensions."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import appeared, gained, redirected, replaced, replaced_locally
from fimci.packages.switches.switch import ITEM, Switch

_OVERRIDE = (
    r"(?:pnpm\.|tool\.pdm\.resolution\.)?"
    r"(?:overrides|resolutions|packageExtensions|(?:workspaces\.)?catalogs?)\..+"
)

ROWS = (
    Switch(_OVERRIDE, "a package is replaced", replaced),
    Switch(r"tool\.uv\.override-dependencies\..+@.+", "a package is replaced", gained),
    Switch(_OVERRIDE, "a package is replaced by a local one", replaced_locally, Severity.MEDIUM),
    Switch(
        r"(?:pnpm\.)?patchedDependencies\..+|patched\..+|patch\.digest",
        "a package is patched",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.)?packageExtensions\..+\.(?:optionalD|d)ependencies\..+"
        rf"|tool\.uv\.dependency-metadata{ITEM}\.requires-dist\..+",
        "a package is given a dependency that it does not require",
        appeared,
        Severity.LOW,
    ),
    Switch(r"(?:replace|patch)\..+", "a package is replaced", redirected),
    Switch(
        r"(?:replace|patch)\..+",
        "a package is replaced by a local one",
        replaced_locally,
        Severity.MEDIUM,
    ),
    Switch(r"replaced\..+", "a package is replaced", gained),
    Switch(
        r"(?:paths|links)\..+|BUNDLE_LOCAL__.+",
        "a package is replaced by a local one",
        gained,
        Severity.MEDIUM,
    ),
)
