"""A client is told to fetch from elsewhere, to check less, or to run more.

A registry, an extra index or a proxy decides whose code is installed under a name: with one line in
`.npmrc` or `pip.conf`, a lockfile that nobody touched resolves to somebody else's packages
(dependency confusion: pypa/pip#8606). Other switches drop a check (certificates, hashes, the age of a
release) or let code run (install scripts, `yarnPath`, plug-ins, build backends). `overrides` and
their kin speak where they put another package, a URL or a repository in the place of one.

Read are `.npmrc`, `.yarnrc`, `.yarnrc.yml`, `pnpm-workspace.yaml`, `bunfig.toml`, `package.json`,
`pip.conf`, `uv.toml`, `pyproject.toml` and the options of `requirements.txt`.

Silent on switches that are made stricter, on additional places and permissions that are taken away,
on a setting that only moved to another file, on a permission that the same package already had
(for another version, or in another client's words), and on overrides that pick a version.

Fix: ask who needs the switch; name the registry per scope or index rather than for everything, and
accept the finding if it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import and_more, cut

SEVERITY = Severity.HIGH

#: Whether an old and a new value (`None`: not there) are worth a word.
_Judge: TypeAlias = Callable[[str | None, str | None], bool]

_NO = frozenset({"false", "none", "null", "no", "0", "off", "", "[]", "{}"})
_LOCAL = re.compile(r"(?:file|link|portal|patch):|\.{1,2}/|/")
_FOREIGN = re.compile(
    r"(?:npm|jsr|git[+:].*|github|gitlab|bitbucket|gist|ssh|https?):|[\w-][\w.-]*/[\w.-]+(?:#|$)"
)
_LENGTH = 120
_YARN_RELEASE = re.compile(r"\.yarn/releases/[\w.-]+")


def _moved(old: str | None, new: str | None) -> bool:
    return old != new


def _gained(old: str | None, new: str | None) -> bool:
    return new is not None and new.lower() not in _NO and new != old


def _appeared(old: str | None, new: str | None) -> bool:
    return new is not None and new != old


def _changed(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and old != new


def _switched(*unsafe: str, lapses: bool = False) -> _Judge:
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


def _not_a_release(old: str | None, new: str | None) -> bool:
    return _gained(old, new) and not all(_YARN_RELEASE.fullmatch(value or "") for value in (old, new))


class _Switch(NamedTuple):
    """`element` in the pattern names a package or host that is let in: one of a list."""

    pattern: str
    what: str
    judge: _Judge
    severity: Severity = Severity.HIGH


#: Where options of pip and uv stand.
_PIP = r"(?:(?:global|install|download|wheel|lock|index|pip|tool\.uv\.pip|tool\.uv|tool\.pip)\.)?"
_LISTED = r"(?:\[\d+\]|\.(?P<element>.+))?"
_ITEM = r"(?:\.[^.]+|\[\d+\])"
_OVERRIDE = r"(?:pnpm\.)?(?:overrides|resolutions|packageExtensions|(?:workspaces\.)?catalogs?)\..+"

#: What each setting does. The first row that fits and objects, speaks.
_SWITCHES = (
    # C01: where packages come from
    _Switch(
        rf"registry|@[^:]+:registry|(?:npmScopes\.[^.]+\.)?npmRegistryServer|registries\..+"
        rf"|install\.registry(?:\.url)?|install\.scopes\.[^.]+(?:\.url)?|{_PIP}index-url|(?:tool\.uv\.)?index{_ITEM}\.url"
        rf"|tool\.(?:poetry|pdm)\.source{_ITEM}\.url",
        "packages come from elsewhere",
        _moved,
    ),
    _Switch(rf"{_PIP}(?:extra-index-url|find-links){_LISTED}", "another place to get packages from", _gained),
    _Switch(
        rf"(?:tool\.uv\.)?index{_ITEM}\.explicit|tool\.poetry\.source{_ITEM}\.priority",
        "an index answers for any name",
        _broadened,
    ),
    _Switch(
        rf"{_PIP}(?:trusted-host|allow-insecure-host){_LISTED}|unsafeHttpWhitelist\.(?P<host>.+)",
        "a host is trusted without a certificate",
        _gained,
    ),
    _Switch(
        rf"strict-ssl|enableStrictSsl|networkSettings\..+\.enableStrictSsl|tool\.(?:poetry|pdm)\.source{_ITEM}\.verify_ssl",
        "certificates are not checked",
        _switched("false"),
    ),
    _Switch(
        rf"ca(?:\[\d+\])?|cafile|httpsCaFilePath|networkSettings\..+\.httpsCaFilePath|{_PIP}cert",
        "somebody else may vouch for registries",
        _gained,
    ),
    _Switch(
        rf"(?:https?-)?proxy|https?Proxy|networkSettings\..+\.https?Proxy|{_PIP}(?:https?-)?proxy",
        "downloads pass through a proxy",
        _gained,
    ),
    _Switch(
        rf"publishConfig\.(?:@[^:]+:)?registry|{_PIP}publish-url|npmPublishRegistry",
        "releases are sent elsewhere",
        _gained,
    ),
    _Switch(
        r"binary\.(?:host(?:\..+)?|remote_path|staging_host|production_host)",
        "binaries come from elsewhere",
        _changed,
    ),
    # C02, C03: what is checked, and what may run
    _Switch(
        r"(?:--install\.)?ignore-scripts|ignoreScripts|install\.ignoreScripts",
        "install scripts run",
        _switched("false", lapses=True),
    ),
    _Switch(
        r"enableScripts|dangerously-?allow-?all-?(?:scripts|builds)|dangerouslyAllowAll(?:Scripts|Builds)",
        "install scripts of every package run",
        _switched("true"),
    ),
    _Switch(
        r"(?:pnpm\.|lavamoat\.)?(?:allowScripts|allow-scripts|onlyBuiltDependencies|allowBuilds|trustedDependencies)"
        r"(?:\[\d+\]|\.(?P<element>.+))|dependenciesMeta\.(?P<built>.+)\.built",
        "a package may run its install scripts",
        _gained,
    ),
    _Switch(
        r"allow-(?:git|remote|file|directory)",
        "packages may come from outside the registry",
        _switched("all", "root", "true"),
    ),
    _Switch(r"approvedGitRepositories\.(?P<element>.+)", "packages may come from repositories", _gained),
    _Switch(
        r"blockExoticSubdeps", "packages may come from outside the registry", _switched("false", lapses=True)
    ),
    _Switch(
        r"(?:install\.)?(?:minimumReleaseAge|minimum-release-age|min-release-age|npmMinimalAgeGate)",
        "fresh releases are installed sooner",
        _shortened,
    ),
    _Switch(
        r"(?:pnpm\.)?(?:minimumReleaseAgeExcludes?|trustPolicyExclude|npmPreapprovedPackages)\.(?P<element>.+)",
        "a package is exempt from a check",
        _gained,
        Severity.MEDIUM,
    ),
    _Switch(r"trustPolicy", "releases may lose their provenance", _switched("off", lapses=True)),
    _Switch(r"trust-?lockfile|trustLockfile", "the lockfile is believed unchecked", _switched("true")),
    _Switch(r"enableHardenedMode", "the lockfile is believed unchecked", _switched("false", lapses=True)),
    _Switch(
        r"checksumBehavior|unsafe-disable-integrity-migration|verify-store-integrity|verifyStoreIntegrity",
        "a hash that does not fit is accepted",
        _switched("update", "ignore", "reset", "false"),
    ),
    _Switch(
        rf"package-lock|lockfile|enableImmutableInstalls|{_PIP}verify-hashes",
        "what is installed is not locked",
        _switched("false"),
    ),
    _Switch(
        rf"{_PIP}(?:require-hashes|no-index)",
        "what is installed is not locked",
        _switched("false", lapses=True),
    ),
    _Switch(
        rf"{_PIP}index-strategy",
        "any index may answer for any name",
        _switched("unsafe-first-match", "unsafe-best-match"),
    ),
    # C04: what runs at install
    _Switch(r"yarnPath|yarn-path", "a file of the repository runs as the client", _not_a_release),
    _Switch(r"yarnPath|yarn-path", "another release runs as the client", _gained, Severity.MEDIUM),
    _Switch(
        r"plugins(?:\[\d+\](?:\.path)?|\..+)|(?:global-?)?pnpmfile(?:\[\d+\]|\..+)?|globalPnpmfile|extension-file"
        r"|onload-script|(?:test\.)?preload(?:\..+)?|(?:pnpm\.)?configDependencies\..+",
        "code runs at every install",
        _gained,
    ),
    _Switch(
        r"script-?shell|scriptShell|node-?options|nodeOptions|git|shell",
        "something else runs scripts",
        _gained,
    ),
    _Switch(
        r"packageManager|devEngines\.packageManager(?:\[\d+\])?\.name",
        "another package manager runs",
        _another_manager,
    ),
    _Switch(r"build-system\.build-backend", "another backend builds the project", _changed, Severity.MEDIUM),
    _Switch(
        r"build-system\.backend-path\..+|tool\.hatch\.(?:build|metadata)(?:\..+)?\.hooks\.custom(?:\..+)?"
        r"|tool\.setuptools\.cmdclass\..+|tool\.poetry\.build(?:\.script)?|tool\.pdm\.build\.(?:custom-hook|run-setuptools)",
        "code of the repository runs while it is built",
        _appeared,
        Severity.MEDIUM,
    ),
    # C05: what stands in for a package
    _Switch(_OVERRIDE, "a package is replaced", _replaced),
    _Switch(r"tool\.uv\.override-dependencies\..+@.+", "a package is replaced", _gained),
    _Switch(_OVERRIDE, "a package is replaced by a local one", _replaced_locally, Severity.MEDIUM),
    _Switch(r"(?:pnpm\.)?patchedDependencies\..+", "a package is patched", _gained, Severity.MEDIUM),
)
_PATTERNS = tuple(re.compile(switch.pattern, re.DOTALL) for switch in _SWITCHES)


class _Told(NamedTuple):
    change: Change
    setting: Setting
    switch: _Switch


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of switch."""
    told = [found for change in changes if (found := _told(change)) is not None]
    if not told:
        return
    known = _identities(record for record in before if isinstance(record, Setting))
    arrived = _identities(
        change.after for change in changes if isinstance(change.after, Setting) and change.added
    )
    groups: dict[tuple[str, str], list[_Told]] = {}
    for item in told:
        if not _only_moved(item, known, arrived):
            groups.setdefault((item.setting.path, item.switch.what), []).append(item)
    for group in groups.values():
        yield _objection(sorted(group, key=lambda item: item.setting.at.line))


def _told(change: Change) -> _Told | None:
    """Return the first row that objects to a change of a setting."""
    setting, old = change.record, change.before
    if not isinstance(setting, Setting) or not change.real:
        return None
    before = old.value if isinstance(old, Setting) else None
    after = change.after.value if isinstance(change.after, Setting) else None
    for switch, pattern in zip(_SWITCHES, _PATTERNS, strict=True):
        found = pattern.fullmatch(setting.name)
        if found is not None and switch.judge(before, after):
            return _Told(change, setting, switch)
    return None


def _only_moved(item: _Told, known: set[tuple[str, str]], arrived: set[tuple[str, str]]) -> bool:
    identity = _identity(item.setting)
    if item.change.removed:
        return identity in arrived
    listed = "[" in item.setting.name
    return identity in known and (item.change.added or listed)


def _identities(settings: Iterable[Setting]) -> set[tuple[str, str]]:
    return {_identity(setting) for setting in settings if setting.value.lower() not in _NO}


def _identity(setting: Setting) -> tuple[str, str]:
    """Return what a setting says, wherever it stands and in whichever version of a package."""
    for switch, pattern in zip(_SWITCHES, _PATTERNS, strict=True):
        found = pattern.fullmatch(setting.name)
        element = (
            next((value for value in found.groupdict().values() if value), "") if found is not None else ""
        )
        if element:
            return switch.what, element if element.rfind("@") < 1 else element[: element.rfind("@")]
    return re.sub(r"\[\d+\]", "[]", setting.name), setting.value


def _objection(group: list[_Told]) -> Finding:
    switch = group[0].switch
    return grouped(
        [item.change for item in group],
        rule="registry-configuration-changed",
        severity=switch.severity,
        message=f"{switch.what}: {_fact(group[0].change)}{and_more(len(group) - 1)}",
    )


def _fact(change: Change) -> str:
    old, new = change.before, change.after
    if isinstance(old, Setting) and not isinstance(new, Setting):
        return f"{old.name} = {cut(old.value, _LENGTH)} is gone"
    if not isinstance(new, Setting):
        return ""
    if isinstance(old, Setting):
        return f"{new.name} = {cut(new.value, _LENGTH)}, was {cut(old.value, _LENGTH)}"
    return new.name if new.value == "true" and "." in new.name else f"{new.name} = {cut(new.value, _LENGTH)}"
