"""Which names come from a place of their own, and which place answers for all others.

No list of public registries: what a project itself says decides. The usual host of an ecosystem is
the one that configuration names for everything (`registry`, `index-url`) or, without that, the one
from which most of the locked packages come. Private are scopes that configuration sends elsewhere,
and names whose lockfile entries come from a host that is not the usual one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fimci.model import UNSTATED, Package, Record, Setting
from fimci.packages.origins import address
from fimci.packages.releases import Known, Name, locked, named
from fimci.packages.resemblance import scope

#: Settings that name the place of everything, by ecosystem.
_USUAL = {
    "npm": re.compile(r"registry|npmRegistryServer|install\.registry(?:\.url)?"),
    "pypi": re.compile(r"(?:(?:global|install|tool\.uv|tool\.uv\.pip|pip)\.)?index-url"),
}
#: Settings that name the place of one scope of npm.
_OF_SCOPE = re.compile(
    r"(?P<npm>@[^:/]+):registry|npmScopes\.(?P<yarn>[^.]+)\.npmRegistryServer|registries\.(?P<pnpm>@[^.]+)"
    r"|install\.scopes\.(?P<bun>[^.]+?)(?:\.url)?"
)


#: Where a client looks for what its lockfile gives no place.
DEFAULT = "the default registry"


class Private(NamedTuple):
    """What the left side says; hosts by what comes from them."""

    #: Of each ecosystem, the host of all that is not private; empty where its lockfiles name none.
    usual: Mapping[str, str]
    names: Mapping[Name, str]
    scopes: Mapping[str, str]

    def host(self, name: Name) -> str:
        """Return the host that a private name comes from, nothing for any other name."""
        ecosystem, spelt = name
        if ecosystem == "npm" and scope(spelt) in self.scopes:
            return self.scopes[scope(spelt)]
        return self.names.get(name, "")


def private(before: Iterable[Record]) -> Private:
    """Gather what the left side says of hosts."""
    scopes: dict[str, str] = {}
    usual: dict[str, str] = {}
    hosts: dict[str, dict[Name, str]] = {}
    for record in before:
        if isinstance(record, Setting):
            _configured(record, usual, scopes)
        elif locked(record) and _from_registry(record):
            hosts.setdefault(record.ecosystem, {})[named(record)] = address(record.origin).host
    names: dict[Name, str] = {}
    for ecosystem, found in hosts.items():
        others = [host for host in found.values() if host not in scopes.values()]
        counts = Counter(others or found.values())
        main = usual.setdefault(ecosystem, counts.most_common(1)[0][0])
        # As many as the usual host has, or more, are no exception to it.
        rare = {host for host in counts if counts[host] < counts[main]} | set(scopes.values())
        names.update((name, host) for name, host in found.items() if host and host != main and host in rare)
    return Private(usual, names, {key: host for key, host in scopes.items() if host != usual.get("npm")})


def leaked(package: Package, apart: Private, left: Known) -> tuple[str, str] | None:
    """Return from where to where a private name has gone, if that is the usual place."""
    was = apart.host(named(package))
    if not was or package.origin_kind != "registry" or package.origin is UNSTATED:
        return None
    if package.origin is None:
        # The format gives no place to what comes from the default, and gave one to this name.
        olds = left.locked.get(named(package), ())
        stated = any(old.at.path == package.at.path and isinstance(old.origin, str) for old in olds)
        return (was, DEFAULT) if stated else None
    host = address(package.origin).host
    return (was, host) if host == apart.usual.get(package.ecosystem) else None


def _from_registry(package: Package) -> bool:
    return package.origin_kind == "registry" and package.origin is not UNSTATED


def _configured(setting: Setting, usual: dict[str, str], scopes: dict[str, str]) -> None:
    host = address(setting.value).host
    if not host:
        return
    for ecosystem, pattern in _USUAL.items():
        if pattern.fullmatch(setting.name):
            usual.setdefault(ecosystem, host)
    found = _OF_SCOPE.fullmatch(setting.name)
    if found is not None:
        name = next(filter(None, found.groupdict().values()))
        scopes[name if name.startswith("@") else f"@{name}"] = host
