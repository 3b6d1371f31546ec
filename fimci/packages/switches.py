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
#: `1440`, `3d`, `2 weeks`, and of ISO 8601 what has one unit (`P3D`, `PT12H`).
_AGE = re.compile(r"(?:pt?)?([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?:([smhdw])\w{0,10})?")
_YARN_RELEASE = re.compile(r"\.yarn/releases/[\w.-]+")


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
    found = _AGE.fullmatch((value or "0").lower())
    return float(found[1]) * {"s": 1 / 60, "h": 60, "d": 1440, "w": 10080}.get(found[2], 1) if found else 0


def _lifted(old: str | None, new: str | None) -> bool:
    return old is not None and not is_off(old) and (new is None or is_off(new))


def _later(old: str | None, new: str | None) -> bool:
    """Tell whether a day before which a release must have come out (ISO 8601) is later now, or gone."""
    return old is not None and (new is None or new > old)


def _unlocks(old: str | None, new: str | None) -> bool:
    """Tell whether a command installs without the lockfile now, or runs install scripts."""
    loose = re.compile(r"--(?:no-lock|allow-scripts)\b")
    return new is not None and bool(loose.search(new)) and not loose.search(old or "")


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
_OVERRIDE = r"(?:pnpm\.)?(?:overrides|resolutions|packageExtensions|(?:workspaces\.)?catalogs?)\..+"

#: What each setting does. The first row that fits and objects, speaks.
_SWITCHES = (
    # C01: where packages come from
    Switch(
        rf"registry|@[^:]+:registry|(?:npmScopes\.[^.]+\.)?npmRegistryServer|registries\..+"
        rf"|install\.registry(?:\.url)?|install\.scopes\.[^.]+(?:\.url)?|{_PIP}index-url|(?:tool\.uv\.)?index{_ITEM}\.url"
        rf"|tool\.(?:poetry|pdm)\.source{_ITEM}\.url",
        "packages come from elsewhere",
        _moved,
    ),
    Switch(rf"{_PIP}(?:extra-index-url|find-links){_LISTED}", "another place to get packages from", _gained),
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
        rf"strict-ssl|enableStrictSsl|networkSettings\..+\.enableStrictSsl|tool\.(?:poetry|pdm)\.source{_ITEM}\.verify_ssl",
        "certificates are not checked",
        _switched("false"),
    ),
    Switch(
        rf"ca(?:\[\d+\])?|cafile|httpsCaFilePath|networkSettings\..+\.httpsCaFilePath|{_PIP}cert",
        "somebody else may vouch for registries",
        _gained,
    ),
    Switch(
        rf"(?:https?-)?proxy|https?Proxy|networkSettings\..+\.https?Proxy|{_PIP}(?:https?-)?proxy",
        "downloads pass through a proxy",
        _gained,
    ),
    Switch(
        rf"publishConfig\.(?:@[^:]+:)?registry|{_PIP}publish-url|npmPublishRegistry",
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
        r"(?:--install\.)?ignore-scripts|ignoreScripts|install\.ignoreScripts",
        "install scripts run",
        _switched("false", lapses=True),
    ),
    Switch(
        r"enableScripts|dangerously-?allow-?all-?(?:scripts|builds)|dangerouslyAllowAll(?:Scripts|Builds)",
        "install scripts of every package run",
        _switched("true"),
    ),
    Switch(
        r"(?:pnpm\.|lavamoat\.)?(?:allowScripts|allow-scripts|onlyBuiltDependencies|allowBuilds|trustedDependencies)"
        r"(?:\[\d+\]|\.(?P<element>.+))|dependenciesMeta\.(?P<built>.+)\.built",
        "a package may run its install scripts",
        _gained,
    ),
    Switch(
        r"allow-(?:git|remote|file|directory)",
        "packages may come from outside the registry",
        _switched("all", "root", "true"),
    ),
    Switch(r"approvedGitRepositories\.(?P<element>.+)", "packages may come from repositories", _gained),
    Switch(
        r"blockExoticSubdeps", "packages may come from outside the registry", _switched("false", lapses=True)
    ),
    Switch(
        r"(?:install\.)?(?:minimumReleaseAge|minimum-release-age|min-release-age|npmMinimalAgeGate)",
        "fresh releases are installed sooner",
        _shortened,
    ),
    Switch(
        r"(?:pnpm\.)?(?:minimumReleaseAgeExcludes?|trustPolicyExclude|npmPreapprovedPackages)\.(?P<element>.+)",
        "a package is exempt from a check",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(r"trustPolicy", "releases may lose their provenance", _switched("off", lapses=True)),
    Switch(r"trust-?lockfile|trustLockfile", "the lockfile is believed unchecked", _switched("true")),
    Switch(r"enableHardenedMode", "the lockfile is believed unchecked", _switched("false", lapses=True)),
    Switch(
        r"checksumBehavior|unsafe-disable-integrity-migration|verify-store-integrity|verifyStoreIntegrity",
        "a hash that does not fit is accepted",
        _switched("update", "ignore", "reset", "false"),
    ),
    Switch(
        rf"package-lock|lockfile|enableImmutableInstalls|{_PIP}verify-hashes",
        "what is installed is not locked",
        _switched("false"),
    ),
    Switch(
        rf"{_PIP}(?:require-hashes|no-index)",
        "what is installed is not locked",
        _switched("false", lapses=True),
    ),
    Switch(
        rf"{_PIP}index-strategy",
        "any index may answer for any name",
        _switched("unsafe-first-match", "unsafe-best-match"),
    ),
    # C04: what runs at install
    Switch(r"yarnPath|yarn-path", "a file of the repository runs as the client", _not_a_release),
    Switch(r"yarnPath|yarn-path", "another release runs as the client", _gained, Severity.MEDIUM),
    Switch(
        r"plugins(?:\[\d+\](?:\.path)?|\..+)|(?:global-?)?pnpmfile(?:\[\d+\]|\..+)?|globalPnpmfile|extension-file"
        r"|onload-script|(?:test\.)?preload(?:\..+)?|(?:pnpm\.)?configDependencies\..+",
        "code runs at every install",
        _gained,
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
    # npm 12, bun and deno
    Switch(r"npm-extension\.digest", "code that runs at every install changed", _changed, Severity.MEDIUM),
    Switch(r"npm-extension\.digest", "code runs at every install", _gained),
    Switch(
        r"npmExtensionHash", "code that ran before the lockfile was made changed", _gained, Severity.MEDIUM
    ),
    Switch(r"patched\..+|patch\.digest", "a package is patched", _gained, Severity.MEDIUM),
    Switch(
        r"min-release-age-exclude\.(?P<element>.+)|(?:install\.)?minimumReleaseAgeExcludes\.(?P<exempt>.+)"
        r"|minimumDependencyAge\.exclude\.(?P<named>.+)",
        "a package is exempt from a check",
        _gained,
        Severity.MEDIUM,
    ),
    Switch(r"before", "fresh releases are installed sooner", _later, Severity.MEDIUM),
    Switch(r"minimumDependencyAge(?:\.age)?", "fresh releases are installed sooner", _shortened),
    Switch(
        r"strict-allow-scripts",
        "install scripts that nobody decided about are no error",
        _switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(r"allowScripts", "install scripts of every package run", _switched("true")),
    Switch(r"denyScripts\..+", "a package may run its install scripts", _lifted),
    Switch(r"node-gyp|run\.shell", "something else runs scripts", _gained),
    Switch(r"(?:user|global)config", "settings come from another file", _gained, Severity.MEDIUM),
    Switch(
        r"shrinkwrap|lock|install\.lockfile\.save|install\.saveTextLockfile",
        "what is installed is not locked",
        _switched("false"),
    ),
    Switch(
        r"lock\.frozen|install\.frozenLockfile",
        "what is installed is not locked",
        _switched("false", lapses=True),
        Severity.MEDIUM,
    ),
    Switch(r"tasks\..+", "what is installed is not locked", _unlocks, Severity.MEDIUM),
    Switch(r"importMap", "packages come from elsewhere", _gained, Severity.MEDIUM),
    Switch(r"install\.security\.scanner", "fetched packages are not scanned", _lifted),
    Switch(r"install\.security\.scanner", "code runs at every install", _gained, Severity.MEDIUM),
    Switch(r"install\.ca(?:\[\d+\])?|install\.cafile", "somebody else may vouch for registries", _gained),
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
