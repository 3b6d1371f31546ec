"""What a lockfile copies of the configuration, against that: overrides, patches, catalogs, trust.

pnpm, bun and uv write down with what they resolved, and hold it against the configuration before they believe
the lockfile. A copy of what stands nowhere was put there by hand: it explains to whoever reads the lockfile
alone why a package is another one. Values are compared where they are plain; of patches and lists, whether
they are there. Silent where code of the project may change the configuration (`updateConfig` of a pnpmfile,
plug-ins of pnpm).

`pnpmfileChecksum` is the hash of one file, and what `configDependencies` and `packageManagerDependencies`
lock is the version that is configured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.drift.side import Side, beside
from fimci.model import Drift, Setting
from fimci.names import canonical

PNPMFILES = (".pnpmfile.cjs", ".pnpmfile.mjs")
_LOCKED = "locked."
#: Lists and tables of which each element is copied, and what one is called.
_TABLES = {
    "overrides": "override of",
    "patchedDependencies": "patch of",
    "catalogs": "catalog entry",
    "trustedDependencies": "trust in",
    "onlyBuiltDependencies": "permission to build",
    "neverBuiltDependencies": "ban to build",
    "ignoredOptionalDependencies": "neglect of",
}
_VALUED = frozenset({"overrides", "catalogs"})
#: Of these every element is copied, whether it is used or not.
_WHOLE = frozenset({"overrides"})
#: Values that the client replaces by what they mean, before it copies them.
_MEANT = ("$", "catalog:", "file:", "link:", "portal:", "workspace:", ".", "/")
#: Packages with a pnpmfile that pnpm heeds by their name.
_PLUGIN = re.compile(r"(?:pnpm\.)?configDependencies\.(?:@pnpm/plugin-.+|(?:@[^/]+/)?pnpm-plugin-.+)")
_CHECKSUM = "pnpmfileChecksum"
_CURRENT = "sha256-"
#: What may name another pnpmfile than the one beside the lockfile.
_ELSEWHERE = re.compile(r"(?:global-?)?pnpmfile.*|globalPnpmfile|(?:pnpm\.)?configDependencies\..+")
#: What the first document of a lock of pnpm copies, and what that is called.
_BEFORE = {"configDependencies": "configDependency", "packageManagerDependencies": "package manager"}
_CONFIGURED = frozenset({"configDependencies"})
_RANGE = re.compile(r"devEngines\.packageManager(?:\[\d+\])?\.version")
#: What uv copies, and what that is called.
_OF_UV = {"override": "override of", "constraint": "constraint of", "build-constraint": "constraint of"}
_SPOKEN = tuple(f"{word} " for word in (*_TABLES.values(), *_BEFORE.values(), *_OF_UV.values()))
_NAMED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*")
_MOST = 1000


class _Files(NamedTuple):
    """The files that configure the client of a lock, beside it."""

    names: tuple[str, ...]
    #: What stands before the names of settings there, and is left out; other settings do not count.
    prefix: Mapping[str, str]


_NODE = {
    "pnpm-lock.yaml": _Files(
        ("package.json", "pnpm-workspace.yaml", ".npmrc", *PNPMFILES), {"package.json": "pnpm."}
    ),
    "bun.lock": _Files(("package.json",), {}),
}
_UV = ("pyproject.toml", "uv.toml")


def derive(side: Side) -> Iterator[Drift]:
    """Yield each copy in a lockfile that is not one of what stands beside it."""
    for path in sorted(side.files):
        files = _NODE.get(path.rpartition("/")[2])
        if files is not None and beside(path, "package.json") in side.files:
            yield from _node(side, path, files)
        elif path.rpartition("/")[2] == "uv.lock" and beside(path, _UV[0]) in side.files:
            yield from _uv(side, path)


def spoken_of(name: str) -> str:
    """Return what a drift calls what a setting of a configuration says; nothing where none is copied."""
    table, dot, key = _normal(name.removeprefix("pnpm.")).partition(".")
    return f"{_TABLES[table]} {key}" if dot and table in _TABLES else ""


def is_copy(name: str) -> bool:
    """Tell whether a drift is about a copy of the configuration, and not of a requirement."""
    return name.startswith(_SPOKEN)


def _node(side: Side, path: str, files: _Files) -> Iterator[Drift]:
    beneath = {name: side.settings.get(beside(path, name), {}) for name in files.names}
    raw = [setting for settings in beneath.values() for setting in settings.values()]
    locked = side.settings.get(path, {})
    if path.endswith("pnpm-lock.yaml"):
        yield from _hooked(path, locked.get(_LOCKED + _CHECKSUM), raw)
        yield from _first(side, path, raw)
        if any(one.name == "lock-input.pnpm-config" or _PLUGIN.fullmatch(one.name) for one in raw):
            return
    config: dict[str, Setting] = {}
    for name, settings in beneath.items():
        for setting in settings.values():
            known = _known(setting.name, files.prefix.get(name, ""))
            if known:
                config[known] = setting
    yield from _tables(path, locked, config)


def _known(name: str, prefix: str) -> str:
    """Return the name under which the lock would copy a setting of a file."""
    if name.startswith(prefix):
        name = name.removeprefix(prefix)
    elif not name.startswith("resolutions."):
        return ""
    name = _normal(name)
    return name if name.partition(".")[0] in _TABLES else ""


def _normal(name: str) -> str:
    """Bring the other words for a table to one: `resolutions.**/left`, `catalog.left`, `overrides.left..`."""
    name = name.removeprefix("workspaces.")
    table, dot, key = name.partition(".")
    if table == "catalog" and dot:
        return f"catalogs.default.{key}"
    if table in {"overrides", "resolutions"}:
        return f"overrides.{key.removeprefix('**/').removesuffix('..')}"
    return name


def _tables(path: str, locked: Mapping[str, Setting], config: Mapping[str, Setting]) -> Iterator[Drift]:
    copies = {
        _normal(name.removeprefix(_LOCKED)): setting
        for name, setting in locked.items()
        if name.startswith(_LOCKED)
    }
    for name, copy in copies.items():
        table = name.partition(".")[0]
        if table not in _TABLES or "." not in name:
            continue
        asked = config.get(name)
        if asked is None:
            shown = copy.value if table in _VALUED else ""
            yield Drift(path=path, name=spoken_of(name), wanted=None, locked=shown, at=copy.at)
        elif table in _VALUED and asked.value != copy.value and not asked.value.startswith(_MEANT):
            yield Drift(path=path, name=spoken_of(name), wanted=asked.value, locked=copy.value, at=asked.at)
    for name, asked in config.items():
        whole = name.partition(".")[0] in _WHOLE and not asked.name.startswith("resolutions.")
        if whole and name not in copies:
            yield Drift(path=path, name=spoken_of(name), wanted=asked.value, locked=None, at=asked.at)


def _hooked(path: str, said: Setting | None, raw: Iterable[Setting]) -> Iterator[Drift]:
    """Hold the checksum of the pnpmfile against the file; an old one can only be there for no file."""
    if said is None or any(_ELSEWHERE.fullmatch(one.name) for one in raw if one.name != "pnpmfile.digest"):
        return
    made = [one.value for one in raw if one.name == "lock-input.pnpm"]
    if len(made) > 1 or (made and (said.value in made or not said.value.startswith(_CURRENT))):
        return
    yield Drift(path=path, name="the checksum", wanted=f"of {PNPMFILES[0]}", locked=None, at=said.at)


def _first(side: Side, path: str, raw: Iterable[Setting]) -> Iterator[Drift]:
    """Hold the first document of two against the configuration: what runs before anything is installed."""
    configured = {one.name.removeprefix("pnpm."): one for one in raw}
    for package in side.packages.get(path, []):
        section, _, name = package.place[len(path) + 1 :].removeprefix("requires/").partition("/")
        if package.stated_by != "manifest" or section not in _BEFORE:
            continue
        text, told = str(package.version or ""), f"{_BEFORE[section]} {name}"
        one = configured.get(f"{section}.{name}") if section in _CONFIGURED else _manager(configured)
        if one is None:
            yield Drift(path=path, name=told, wanted=None, locked=text, at=package.at)
        elif (wanted := _bare(one.value)) != text and not _RANGE.fullmatch(one.name):
            yield Drift(path=path, name=told, wanted=wanted, locked=text, at=one.at)


def _manager(configured: Mapping[str, Setting]) -> Setting | None:
    """Return what says which release of pnpm runs: exactly, or by a range of which the lock has a copy."""
    exact = configured.get("packageManager")
    if exact is not None and exact.value.startswith("pnpm@"):
        return exact
    return next((one for name, one in configured.items() if _RANGE.fullmatch(name)), None)


def _bare(value: str) -> str:
    """Return the version of `pnpm@12.1.0+sha512.…` and of `1.0.0+sha512-…`."""
    return value.removeprefix("pnpm@").partition("+sha")[0]


def _uv(side: Side, path: str) -> Iterator[Drift]:
    """Hold the copies of overrides and constraints against those of the project, by their names."""
    config: dict[str, set[str]] = {}
    for file in _UV:
        for name in side.settings.get(beside(path, file), {}):
            section, dot, text = name.removeprefix("tool.uv.").partition("-dependencies.")
            found = _NAMED.match(text) if dot else None
            if found is not None:
                config.setdefault(f"{section}/{canonical(found[1])}", set()).add(
                    _specifier(text[found.end() :])
                )
    for package in side.packages.get(path, [])[:_MOST]:
        kind = package.place[len(path) + 1 :].removeprefix("requires/").rpartition("/")[0]
        if package.stated_by != "manifest" or kind not in _OF_UV:
            continue
        asked = config.get(f"{kind}/{package.name}")
        name = f"{_OF_UV[kind]} {package.name}"
        shown = str(package.version or package.origin or "any version")
        if asked is None:
            yield Drift(path=path, name=name, wanted=None, locked=shown, at=package.at)
        elif package.version and "" not in asked and _specifier(package.version) not in asked:
            wanted = ", ".join(sorted(asked))
            yield Drift(path=path, name=name, wanted=wanted, locked=shown, at=package.at)


def _specifier(text: str) -> str:
    """Return a specifier in one order of its parts; nothing where it is a place and not a version."""
    bare = text.partition(";")[0].strip().strip("()")
    if "@" in bare or bare.startswith("["):
        return ""
    return ",".join(sorted(part.replace(" ", "") for part in bare.split(",") if part.strip()))
