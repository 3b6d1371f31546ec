"""What the settings of package managers do, and which changes of them are worth a word.

One table for all clients: `.npmrc` and `pip.conf` say the same things in other words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from fimci.findings import Severity

#: Whether an old and a new value (`None`: not there) are worth a word.
Judge: TypeAlias = Callable[[str | None, str | None], bool]

_NO = frozenset({"false", "none", "null", "no", "0", "off", "", "[]", "{}"})
_LOCAL = re.compile(r"(?:file|link|portal|patch):|\.{1,2}/|/")
_FOREIGN = re.compile(
    r"(?:npm|jsr|git[+:].*|github|gitlab|bitbucket|gist|ssh|https?):|[\w-][\w.-]*/[\w.-]+(?:#|$)"
)
_YARN_RELEASE = re.compile(r"(?:\./)?\.yarn/releases/[\w.-]+")


def _moved(old: str | None, new: str | None) -> bool:
    return old != new


def _gained(old: str | None, new: str | None) -> bool:
    return new is not None and not is_off(new) and new != old


def _appeared(old: str | None, new: str | None) -> bool:
    return new is not None and new != old


def _changed(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and old != new


def _switched(*unsafe: str, lapses: bool = False) -> Judge:
    """Return a judge of a value that turns unsafe or, where it `lapses`, is no longer said to be safe."""

    def judge(old: str | None, new: str | None) -> bool:
        if old is not None and old.lower() in unsafe:
            return False
        return lapses and old is not None if new is None else new.lower() in unsafe

    return judge


def _shortened(old: str | None, new: str | None) -> bool:
    before, after = _minutes(old), _minutes(new)
    return after < before or (new is not None and old is None and after == 0)


def _broadened(old: str | None, new: str | None) -> bool:
    """Tell whether an index that served only what names it (poetry: `explicit`) now serves any name."""
    return old in {"explicit", "true"} and new != old


def _minutes(value: str | None) -> float:
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?:([smhdw])\w{0,10})?", (value or "0").lower())
    return float(found[1]) * {"s": 1 / 60, "h": 60, "d": 1440, "w": 10080}.get(found[2], 1) if found else 0


def _replaced(old: str | None, new: str | None) -> bool:
    return new is not None and new != old and bool(_FOREIGN.match(new))


def _replaced_locally(old: str | None, new: str | None) -> bool:
    return new is not None and new != old and bool(_LOCAL.match(new))


def _another_manager(old: str | None, new: str | None) -> bool:
    """Tell a version bump from another program, an address, or a hash that is given up."""
    if new is None or new == old:
        return False
    renamed = old is not None and old.partition("@")[0] != new.partition("@")[0]
    return renamed or "://" in new or (old is not None and "+sha" in old and "+sha" not in new)


def _another_protocol(old: str | None, new: str | None) -> bool:
    return new not in {None, "npm:", old}


def _lifted(old: str | None, new: str | None) -> bool:
    return old is not None and not is_off(old) and (new is None or is_off(new))


def _reached_sooner(old: str | None, new: str | None) -> bool:
    """Tell whether a check that ends after some time was given an end, or an earlier one."""
    return new is not None and (old is None or _minutes(new) < _minutes(old))


def _other_code(old: str | None, new: str | None) -> bool:
    """Tell code that is new, from an address, or has another hash at its version from an update.

    pnpm 10 writes `1.0.0+sha512-…`, and refuses what has no hash; later releases write the version alone.
    """
    if new is None or old is None or "://" in new:
        return _gained(old, new)
    (version, hashed, _), (other, rehashed, _) = old.partition("+"), new.partition("+")
    return bool(hashed and rehashed) and version == other and old != new


def _not_a_release(old: str | None, new: str | None) -> bool:
    return _gained(old, new) and not all(_YARN_RELEASE.fullmatch(value or "") for value in (old, new))


class Switch(NamedTuple):
    """One kind of setting, what it does, and when a change of it is worth a word.

    `element` in the pattern names a package or host that is let in: one of a list.
    """

    pattern: str
    what: str
    judge: Judge
    severity: Severity = Severity.HIGH


#: Where options of pip and uv stand.
_PIP = r"(?:(?:global|install|download|wheel|lock|index|pip|tool\.uv\.pip|tool\.uv|tool\.pip)\.)?"
_LISTED = r"(?:\[\d+\]|\.(?P<element>.+))?"
_ITEM = r"(?:\.[^.]+|\[\d+\])"
#: Arguments that `.yarnrc` adds to every command of yarn 1, or to one (`--install.ignore-scripts`).
_FLAG = r"(?:--(?:[\w*-]+\.)?)"
_OVERRIDE = r"(?:pnpm\.)?(?:overrides|resolutions|packageExtensions|(?:workspaces\.)?catalogs?)\..+"

#: What each setting does. The first row that fits and objects, speaks.
_SWITCHES = (
    # C01: where packages come from
    Switch(
        rf"{_FLAG}?registry|@[^:]+:registry|(?:npmScopes\.[^.]+\.)?npmRegistryServer|(?:registries|namedRegistries)\..+"
        rf"|install\.registry(?:\.url)?|install\.scopes\.[^.]+(?:\.url)?|{_PIP}index-url|(?:tool\.uv\.)?index{_ITEM}\.url"
        rf"|tool\.(?:poetry|pdm)\.source{_ITEM}\.url",
        "packages come from elsewhere",
        _moved,
    ),
    Switch(r"defaultProtocol", "packages come from elsewhere", _another_protocol),
    Switch(rf"{_PIP}(?:extra-index-url|find-links){_LISTED}", "another place to get packages from", _gained),
    Switch(r"yarn-offline-mirror", "packages come from a folder", _gained, Severity.MEDIUM),
    Switch(
        rf"(?:tool\.uv\.)?index{_ITEM}\.explicit|tool\.poetry\.source{_ITEM}\.priority",
        "an index answers for any name",
        _broadened,
    ),
    Switch(
        rf"{_PIP}(?:trusted-host|allow-insecure-host){_LISTED}|unsafeHttpWhitelist\.(?P<host>.+)",
        "a host is trusted without a certificate",
        _gained,
    ),
    Switch(
        rf"strict-ssl|strictSsl|enableStrictSsl|networkSettings\..+\.enableStrictSsl|tool\.(?:poetry|pdm)\.source{_ITEM}\.verify_ssl",
        "certificates are not checked",
        _switched("false"),
    ),
    Switch(
        rf"ca(?:\[\d+\])?|cafile|caFilePath|httpsCaFilePath|networkSettings\..+\.httpsCaFilePath|{_PIP}cert",
        "somebody else may vouch for registries",
        _gained,
    ),
    Switch(
        rf"(?:https?-)?proxy|https?Proxy|networkSettings\..+\.https?Proxy|{_PIP}(?:https?-)?proxy",
        "downloads pass through a proxy",
        _gained,
    ),
    Switch(
        rf"publishConfig\.(?:@[^:]+:)?registry|{_PIP}publish-url|(?:npmScopes\.[^.]+\.)?npmPublishRegistry",
        "releases are sent elsewhere",
        _gained,
    ),
    Switch(
        r"binary\.(?:host(?:\..+)?|remote_path|staging_host|production_host)",
        "binaries come from elsewhere",
        _changed,
    ),
    # C02, C03: what is checked, and what may run
    Switch(
        rf"{_FLAG}?ignore-scripts|ignoreScripts|install\.ignoreScripts",
        "install scripts run",
        _switched("false", lapses=True),
    ),
    Switch(
        r"enableScripts|dangerously-?allow-?all-?(?:scripts|builds)|(?:pnpm\.)?dangerouslyAllowAll(?:Scripts|Builds)",
        "install scripts of every package run",
        _switched("true"),
    ),
    Switch(
        r"enableScripts",
        "install scripts of every package run, where that is the client's default",
        _switched("true", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.|lavamoat\.)?(?:allowScripts|allow-scripts|onlyBuiltDependencies|allowBuilds|trustedDependencies)"
        r"(?:\[\d+\]|\.(?P<element>.+))|dependenciesMeta\.(?P<built>.+)\.built",
        "a package may run its install scripts",
        _gained,
    ),
    Switch(
        r"(?:pnpm\.)?neverBuiltDependencies(?:\[\d+\]|\..+)",
        "a package that must not run install scripts may do so",
        _lifted,
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.)?(?:strictDepBuilds|strict-dep-builds)",
        "install scripts that nobody decided about are no error",
        _switched("false"),
        Severity.MEDIUM,
    ),
    Switch(
        r"allow-(?:git|remote|file|directory)",
        "packages may come from outside the registry",
        _switched("all", "root", "true"),
    ),
    Switch(r"approvedGitRepositories\.(?P<element>.+)", "packages may come from repositories", _gained),
    Switch(
        r"blockExoticSubdeps|block-exotic-subdeps",
        "packages may come from outside the registry",
        _switched("false", lapses=True),
    ),
    Switch(
        r"(?:install\.)?(?:minimumReleaseAge|minimum-release-age|min-release-age|npmMinimalAgeGate)",
        "fresh releases are installed sooner",
        _shortened,
    ),
    Switch(
        r"minimumReleaseAgeStrict|minimum-release-age-strict",
        "fresh releases are installed where there is no older one",
        _switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(
        r"(?:pnpm\.)?(?:minimumReleaseAgeExcludes?|trustPolicyExclude|npmPreapprovedPackages)\.(?P<element>.+)",
        "a package is exempt from a check",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(r"trustPolicy|trust-policy", "releases may lose their provenance", _switched("off", lapses=True)),
    Switch(
        r"trustPolicyIgnoreAfter|trust-policy-ignore-after",
        "releases of some age may lose their provenance",
        _reached_sooner,
        Severity.MEDIUM,
    ),
    Switch(r"trust-?lockfile|trustLockfile", "the lockfile is believed unchecked", _switched("true")),
    Switch(r"enableHardenedMode", "the lockfile is believed unchecked", _switched("false", lapses=True)),
    Switch(
        rf"{_FLAG}(?:skip-integrity-check|update-checksums)",
        "a hash that does not fit is accepted",
        _gained,
    ),
    Switch(
        r"checksumBehavior|unsafe-disable-integrity-migration|verify-store-integrity|verifyStoreIntegrity",
        "a hash that does not fit is accepted",
        _switched("update", "ignore", "reset", "false"),
    ),
    Switch(
        rf"package-lock|lockfile|(?:prefer-?)?frozen-?lockfile|frozenLockfile|preferFrozenLockfile"
        rf"|{_FLAG}frozen-lockfile|enableImmutable(?:Cache|Installs)|{_PIP}verify-hashes",
        "what is installed is not locked",
        _switched("false"),
    ),
    Switch(rf"{_FLAG}(?:no|pure)-lockfile", "what is installed is not locked", _gained),
    Switch(
        rf"{_PIP}(?:require-hashes|no-index)",
        "what is installed is not locked",
        _switched("false", lapses=True),
    ),
    Switch(
        r"gitBranchLockfile|git-branch-lockfile|lockfileDir|lockfile-dir",
        "another lockfile decides",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"verifyDepsBeforeRun|verify-deps-before-run",
        "scripts run whatever is installed",
        _switched("false"),
        Severity.LOW,
    ),
    Switch(
        rf"{_PIP}index-strategy",
        "any index may answer for any name",
        _switched("unsafe-first-match", "unsafe-best-match"),
    ),
    Switch(
        r"npmAudit(?:ExcludePackages|IgnoreAdvisories)\..+",
        "advisories are not looked at",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(r"logFilters\[\d+\]\.level", "messages of the client are hidden", _gained, Severity.LOW),
    Switch(
        r"locked\.cacheKey",
        "checksums of the lockfile are of another cache, and not to be held against the old ones",
        _changed,
        Severity.INFO,
    ),
    # C04: what runs at install
    Switch(r"yarnPath|yarn-path", "a file of the repository runs as the client", _not_a_release),
    Switch(r"yarnPath|yarn-path", "another release runs as the client", _gained, Severity.MEDIUM),
    Switch(r"pnpmfile\.digest", "code that runs at every install changed", _changed, Severity.MEDIUM),
    Switch(r"(?:pnpm\.)?configDependencies\..+", "code runs at every install", _other_code),
    Switch(
        r"(?:pnpm\.)?configDependencies\..+",
        "code that runs at every install is another release",
        _changed,
        Severity.LOW,
    ),
    Switch(
        r"plugins(?:\[\d+\](?:\.path)?|\..+)|(?:global-?)?pnpmfile(?:\[\d+\]|\..+)?|globalPnpmfile|extension-file"
        r"|onload-script|(?:test\.)?preload(?:\..+)?",
        "code runs at every install",
        _gained,
    ),
    Switch(
        r"injectEnvironmentFiles\..+",
        "variables of a file reach every script",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"script-?shell|scriptShell|node-?options|nodeOptions|git|shell",
        "something else runs scripts",
        _gained,
    ),
    Switch(
        r"packageManager|devEngines\.packageManager(?:\[\d+\])?\.name",
        "another package manager runs",
        _another_manager,
    ),
    Switch(r"build-system\.build-backend", "another backend builds the project", _changed, Severity.MEDIUM),
    Switch(
        r"build-system\.backend-path\..+|tool\.hatch\.(?:build|metadata)(?:\..+)?\.hooks\.custom(?:\..+)?"
        r"|tool\.setuptools\.cmdclass\..+|tool\.poetry\.build(?:\.script)?|tool\.pdm\.build\.(?:custom-hook|run-setuptools)",
        "code of the repository runs while it is built",
        _appeared,
        Severity.MEDIUM,
    ),
    # C05: what stands in for a package
    Switch(_OVERRIDE, "a package is replaced", _replaced),
    Switch(r"tool\.uv\.override-dependencies\..+@.+", "a package is replaced", _gained),
    Switch(_OVERRIDE, "a package is replaced by a local one", _replaced_locally, Severity.MEDIUM),
    Switch(r"(?:pnpm\.)?patchedDependencies\..+", "a package is patched", _gained, Severity.MEDIUM),
)


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compile the table once there is a setting to look up: 6 ms that most runs need not pay."""
    return tuple(re.compile(switch.pattern, re.DOTALL) for switch in _SWITCHES)


def objecting(name: str, old: str | None, new: str | None) -> Switch | None:
    """Return the first row of the table that objects to a setting's new value (`None`: not there)."""
    for switch, pattern in zip(_SWITCHES, _patterns(), strict=True):
        if pattern.fullmatch(name) is not None and switch.judge(old, new):
            return switch
    return None


def let_in(name: str) -> tuple[str, str] | None:
    """Return what a setting does and the package or host it lets in, for one of a list.

    The version of a package is left out: a permission for another version is the same permission.
    """
    for switch, pattern in zip(_SWITCHES, _patterns(), strict=True):
        found = pattern.fullmatch(name)
        element = next(filter(None, found.groupdict().values()), "") if found is not None else ""
        if element:
            return switch.what, element if element.rfind("@") < 1 else element[: element.rfind("@")]
    return None


def is_off(value: str) -> bool:
    """Tell whether a value switches its setting off, or is empty."""
    return value.lower() in _NO
