"""Settings that keep code from running at install, and releases from being taken on trust."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import (
    came,
    dropped,
    fewer,
    gained,
    lifted,
    lost,
    reached_sooner,
    shortened,
    sooner,
    switched,
    unlocks,
    without,
)
from fimci.packages.switches.switch import FLAG, ITEM, LISTED, PIP, Switch

ROWS = (
    # What may run
    Switch(
        rf"{FLAG}?ignore-scripts|ignoreScripts|install\.ignoreScripts",
        "install scripts run",
        switched("false", lapses=True),
    ),
    Switch(
        r"enableScripts|dangerously-?allow-?all-?(?:scripts|builds)"
        r"|(?:pnpm\.)?dangerouslyAllowAll(?:Scripts|Builds)",
        "install scripts of every package run",
        switched("true"),
    ),
    Switch(
        r"(?:pnpm\.|lavamoat\.)?(?:allowScripts|allow-scripts|onlyBuiltDependencies|allowBuilds|trustedDependencies)"
        r"(?:\[\d+\]|\.(?P<element>.+))|dependenciesMeta\.(?P<built>.+)\.built",
        "a package may run its install scripts",
        gained,
    ),
    Switch(
        r"enableScripts",
        "install scripts of every package run, where that is the client's default",
        switched("true", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(r"allowScripts", "install scripts of every package run", switched("true")),
    Switch(r"denyScripts\..+", "a package may run its install scripts", lifted),
    Switch(
        r"(?:pnpm\.)?onlyBuiltDependenciesFile",
        "another file decides which packages run install scripts",
        gained,
    ),
    Switch(
        r"(?:pnpm\.)?neverBuiltDependencies(?:\[\d+\]|\..+)",
        "a package that must not run install scripts may do so",
        lifted,
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.)?(?:strictDepBuilds|strict-dep-builds)|strict-allow-scripts",
        "install scripts without a decision are not an error",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        rf"{PIP}only-binary(?:\[\d+\])?|installer\.only-binary",
        "packages are built locally, which runs their code",
        lost(":all:"),
        Severity.MEDIUM,
    ),
    Switch(
        rf"{PIP}no-build",
        "packages are built locally, which runs their code",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:gradle|maven|msbuild)\.floating\..+",
        "every build may use another release",
        came,
        Severity.MEDIUM,
    ),
    Switch(r"nixConfig\.sandbox", "builds reach all that the machine does", switched("false", "relaxed")),
    Switch(r"commands with --ignore-scripts", "install scripts run", fewer),
    Switch(
        r"commands with --only-binary :all:",
        "packages are built locally, which runs their code",
        fewer,
        Severity.MEDIUM,
    ),
    Switch(
        rf"{PIP}no-binary(?:-package)?{LISTED}|installer\.no-binary(?:\.(?P<built>.+))?",
        "packages are built from source, which runs their code",
        gained,
        Severity.MEDIUM,
    ),
    # Where packages may come from
    Switch(
        r"allow-(?:git|remote|file|directory)",
        "packages may come from outside the registry",
        switched("all", "root", "true"),
    ),
    Switch(r"approvedGitRepositories\.(?P<element>.+)", "packages may come from repositories", gained),
    Switch(
        r"blockExoticSubdeps|block-exotic-subdeps",
        "packages may come from outside the registry",
        switched("false", lapses=True),
    ),
    Switch(rf"{PIP}no-index", "packages are fetched from an index", switched("false", lapses=True)),
    # How old a release must be, and what its publisher proves
    Switch(
        r"(?:install\.)?(?:minimumReleaseAge|minimum-release-age|min-release-age|npmMinimalAgeGate)"
        r"|solver\.min-release-age|BUNDLE_COOLDOWN",
        "new releases are installed sooner",
        shortened,
    ),
    Switch(
        rf"{PIP}(?:exclude-newer|uploaded-prior-to)|before|minimumDependencyAge(?:\.age)?",
        "new releases are installed sooner",
        sooner,
    ),
    Switch(r"locked\.exclude-newer", "fresh releases were locked sooner", sooner, Severity.MEDIUM),
    Switch(
        rf"{PIP}exclude-newer-package\.(?P<uv>.+)",
        "a package is exempt from a check",
        without,
        Severity.MEDIUM,
    ),
    Switch(
        r"locked\.exclude-newer-package\.(?P<uv>.+)",
        "a package was locked without a check",
        came,
        Severity.MEDIUM,
    ),
    Switch(
        rf"{PIP}(?:prerelease|pre)|locked\.prerelease|pipenv\.allow_prereleases|minimum-stability"
        r"|(?:tool\.pdm\.)?resolution\.allow-prereleases",
        "pre-releases are installed",
        switched("allow", "true", "dev", "alpha", "beta"),
        Severity.LOW,
    ),
    Switch(r"commands with --(?:exclude-newer|min-release-age)", "new releases are installed sooner", fewer),
    Switch(
        r"minimumReleaseAgeStrict|minimum-release-age-strict",
        "new releases are installed where there is no older one",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.)?(?:minimumReleaseAgeExcludes?|trustPolicyExclude|npmPreapprovedPackages)\.(?P<element>.+)"
        r"|install\.minimumReleaseAgeExcludes\.(?P<bun>.+)|min-release-age-exclude(?:\[\d+\]|\.(?P<npm>.+))?"
        rf"|{PIP}exclude-newer-package\.(?P<uv>.+)|minimumDependencyAge\.exclude\.(?P<deno>.+)"
        r"|ignored-keys\..+|msbuild\.RestoreAdditionalProjectFallbackFolders\..+|fallbackPackageFolders\..+|solver\.min-release-age-exclude(?:-source)?(?:\.(?P<poetry>.+))?",
        "a package is exempt from a check",
        gained,
        Severity.MEDIUM,
    ),
    Switch(r"trustPolicy|trust-policy", "releases may lose their provenance", switched("off", lapses=True)),
    Switch(
        r"trustPolicyIgnoreAfter|trust-policy-ignore-after",
        "releases of some age may lack provenance",
        reached_sooner,
        Severity.MEDIUM,
    ),
    Switch(
        r"config\.signatureValidationMode", "signatures are not required", switched("accept", lapses=True)
    ),
    Switch(
        r"trustedSigners\..+|trusted-keys\..+", "somebody else may sign packages", gained, Severity.MEDIUM
    ),
    Switch(r"exclude\..+@.+", "a version that was excluded is let in again", dropped, Severity.MEDIUM),
    # Whether the lockfile decides
    Switch(r"trust-?lockfile|trustLockfile", "the lockfile is believed unchecked", switched("true")),
    Switch(r"enableHardenedMode", "the lockfile is believed unchecked", switched("false", lapses=True)),
    Switch(
        rf"package-lock|lockfile|(?:{FLAG}|prefer-?)?frozen-?lockfile|frozenLockfile|preferFrozenLockfile"
        r"|enableImmutable(?:Installs|Cache)",
        "installs may deviate from the lockfile",
        switched("false"),
    ),
    Switch(
        r"commands with a lockfile that decides",
        "installs may deviate from the lockfile",
        fewer,
        Severity.MEDIUM,
    ),
    Switch(rf"{FLAG}(?:no|pure)-lockfile", "installs may deviate from the lockfile", gained),
    Switch(
        r"npmAudit(?:ExcludePackages|IgnoreAdvisories)\..+|(?:pnpm\.)?auditConfig\.ignore(?:Cves|Ghsas)\..+"
        r"|config\.audit\.ignore\..+|tool\.uv\.audit\.ignore.*",
        "advisories are ignored",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"audit|msbuild\.NuGetAudit(?: \(\d+\))?|config\.audit\.block-insecure|config\.policy\.advisories",
        "advisories are ignored",
        switched("false"),
        Severity.LOW,
    ),
    Switch(
        r"(?:publishConfig\.)?provenance|npmPublishProvenance",
        "releases are published without provenance",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        r"minimumReleaseAgeIgnoreMissingTime",
        "releases of unknown age are installed",
        switched("true"),
        Severity.LOW,
    ),
    Switch(
        r"enableTransparentWorkspaces|linkWorkspacePackages|link-workspace-packages|install\.linkWorkspacePackages",
        "packages of the workspace may come from a registry",
        switched("false"),
        Severity.MEDIUM,
    ),
    Switch(
        r"install\.auto",
        "packages are installed where code asks for them",
        switched("force", "fallback"),
        Severity.MEDIUM,
    ),
    Switch(r"permissions\.[^.]+\.(?:all|run|ffi)", "code may do anything", switched("true"), Severity.MEDIUM),
    Switch(r"logFilters\[\d+\]\.level", "messages of the client are hidden", gained, Severity.LOW),
    Switch(
        r"gitBranchLockfile|git-branch-lockfile|lockfileDir|lockfile-dir|lockfileFilename|lock\.path|msbuild\.NuGetLockFilePath.*"
        r"|BUNDLE_(?:GEMFILE|LOCKFILE)",
        "another lockfile decides",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"shrinkwrap|(?:config\.)?lock|install\.lockfile\.save|install\.saveTextLockfile",
        "installs may deviate from the lockfile",
        switched("false"),
    ),
    Switch(
        r"msbuild\.(?:RestoreLockedMode|RestorePackagesWithLockFile)(?: \(\d+\))?"
        r"|lock\.frozen|install\.frozenLockfile|BUNDLE_(?:FROZEN|DEPLOYMENT)",
        "installs may deviate from the lockfile",
        switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(r"tasks\..+", "installs may deviate from the lockfile", unlocks, Severity.MEDIUM),
    Switch(r"install\.security\.scanner", "fetched packages are not scanned", lifted),
    Switch(
        r"verifyDepsBeforeRun|verify-deps-before-run",
        "scripts run whatever is installed",
        switched("false"),
        Severity.LOW,
    ),
    # Whether the other end proves who it is
    Switch(
        r"strict-ssl|strictSsl|enableStrictSsl|networkSettings\..+\.enableStrictSsl"
        rf"|(?:tool\.(?:poetry|pdm)\.)?source{ITEM}\.verify_ssl|pypi(?:\.[^.]+)?\.verify_ssl"
        r"|certificates\.[^.]+\.cert",
        "certificates are not checked",
        switched("false"),
    ),
    Switch(
        r"packageSources\..+\.allowInsecureConnections|config\.disable-tls",
        "certificates are not enforced",
        switched("true"),
    ),
    Switch(
        r"config\.secure-http|http\.check-revoke|BUNDLE_SSL_VERIFY_MODE",
        "certificates are not enforced",
        switched("false", "0"),
    ),
)
