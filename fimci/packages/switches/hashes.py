"""Settings that say whether what is downloaded is held against a hash."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import changed, contains, fewer, gained, switched
from fimci.packages.switches.switch import FLAG, PIP, Switch

ROWS = (
    Switch(
        rf"{PIP}require-(?:build-)?hashes", "packages may come without a hash", switched("false", lapses=True)
    ),
    Switch(r"commands with --require-hashes", "packages may come without a hash", fewer),
    Switch(rf"{PIP}no-require-hashes", "packages may come without a hash", switched("true", "")),
    Switch(rf"{PIP}verify-hashes", "hashes are not checked", switched("false")),
    # `bun install --no-verify`
    Switch(r"verify", "hashes are not checked", switched("false")),
    Switch(rf"{PIP}no-verify-hashes", "hashes are not checked", switched("true")),
    Switch(
        rf"{FLAG}(?:skip-integrity-check|update-checksums)",
        "a hash mismatch is accepted",
        gained,
    ),
    Switch(r"maven\.checksums\..+", "a hash mismatch is accepted", switched("ignore")),
    Switch(r"mvn\.lax-checksums", "a hash mismatch is accepted", switched("true")),
    Switch(
        r"mvn\.strict-checksums",
        "a hash mismatch is accepted",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(r"nixConfig\.require-sigs", "unsigned content is accepted", switched("false")),
    Switch(
        r"locked\.cacheKey",
        "checksums of the lockfile are of another cache, and not comparable with the old ones",
        changed,
        Severity.INFO,
    ),
    Switch(
        r"checksumBehavior|unsafe-disable-integrity-migration|verify-store-integrity|verifyStoreIntegrity"
        r"|strict-store-pkg-content-check|strictStorePkgContentCheck",
        "a hash mismatch is accepted",
        switched("update", "ignore", "reset", "false"),
    ),
    Switch(
        r"verify-(?:metadata|signatures)",
        "downloads are not verified",
        switched("false", lapses=True),
    ),
    Switch(
        r"(?:systemProp\.)?org\.gradle\.dependency\.verification",
        "downloads are not verified",
        switched("off", "lenient"),
    ),
    Switch(r"BUNDLE_DISABLE_CHECKSUM_VALIDATION", "downloads are not verified", switched("true", "1")),
    Switch(
        r"(?:env\.)?HEX_(?:NO_VERIFY_REPO_ORIGIN|UNSAFE_REGISTRY)",
        "registry responses are not verified",
        gained,
    ),
    Switch(
        r"(?:env\.)?TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
        "a hash mismatch is accepted",
        gained,
    ),
    Switch(r"trusted-artifacts\.(?P<element>.+)", "an artifact is exempt from verification", gained),
    Switch(
        r"(?:env\.)?(?:GONOSUMDB|GONOSUMCHECK|GOINSECURE)",
        "modules are not verified against the checksum database",
        gained,
    ),
    Switch(r"(?:env\.)?GOSUMDB", "modules are not verified against the checksum database", switched("off")),
    Switch(
        r"(?:env\.)?GOFLAGS", "modules are not verified against the checksum database", contains("-insecure")
    ),
    Switch(
        r"(?:env\.)?GOPRIVATE",
        "modules are not verified against the checksum database",
        gained,
        Severity.MEDIUM,
    ),
)
