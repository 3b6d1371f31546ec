"""`package.json`: requirements, scripts that run at install, and the switches of the npm family.

Inside `node_modules` only the top of a package counts, and of it only what a client heeds in a
dependency: its three lifecycle scripts, requirements that are installed with it, `bin`, and where
its binaries come from. At home also what npm, yarn and pnpm run or obey in one's own project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import without_credentials
from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import Capability, Package, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import npm_spec, settings

_FLAGS = {
    "dependencies": (),
    "devDependencies": ("dev",),
    "optionalDependencies": ("optional",),
    "peerDependencies": ("peer",),
}
#: Run for every package that is installed.
_SCRIPTS = ("preinstall", "install", "postinstall")
#: Run as well where the package is the project itself, a workspace, a link or a git dependency.
_OWN_SCRIPTS = ("prepublish", "preprepare", "prepare", "postprepare", "dependencies", "pnpm:devPreinstall")
#: Switches that a client heeds in a dependency.
_SETTINGS = ("bin", "binary", "bundleDependencies", "bundledDependencies", "directories", "gypfile")
#: Switches that it heeds in one's own project only.
_OWN_SETTINGS = (
    "allowScripts",
    "catalog",
    "catalogs",
    "dependenciesMeta",
    "devEngines",
    "files",
    "lavamoat",
    "onlyBuiltDependencies",
    "overrides",
    "packageExtensions",
    "packageManager",
    "patchedDependencies",
    "pnpm",
    "publishConfig",
    "resolutions",
    "trustedDependencies",
    "workspaces",
)
_READ = frozenset((*_FLAGS, "scripts", *_SETTINGS, *_OWN_SETTINGS))
_INSTALLED = re.compile(r"(?:.*/)?node_modules/(.*)", re.DOTALL)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this is the manifest of a package, and not one of its test fixtures."""
    if path.rpartition("/")[2] != "package.json":
        return False
    inside = _INSTALLED.fullmatch(path)
    return inside is None or inside[1].count("/") == (2 if inside[1].startswith("@") else 1)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements, install scripts and settings."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    if not isinstance(document.value, dict):
        yield Unread(path=path, why="not a JSON object, so no manifest")
        return
    yield from repeated(path, document, _READ)
    yield from settings.bounded(
        path, _facts(path, document, installed=_INSTALLED.fullmatch(path) is not None)
    )


def _facts(path: str, document: Marked, *, installed: bool) -> Iterator[Record]:
    if installed:
        yield from _itself(path, document)
    for section in _FLAGS:
        # What a dependency needs for its own development is never installed with it.
        if not (installed and section == "devDependencies"):
            yield from _requirements(path, document, section)
    yield from _scripts(path, document, _SCRIPTS if installed else (*_SCRIPTS, *_OWN_SCRIPTS))
    for key in _SETTINGS if installed else (*_SETTINGS, *_OWN_SETTINGS):
        if key in document.value:
            yield from _settings(path, document, key)


def _itself(path: str, document: Marked) -> Iterator[Package]:
    """Yield the installed package itself; its folder is what it owns."""
    name, version = document.value.get("name"), document.value.get("version")
    if isinstance(name, str) and isinstance(version, str):
        line = document.line(("version",))
        folder = path.rpartition("/")[0]
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{folder}#package.json",
            stated_by="disk",
            version=version,
            owns=(folder,),
            at=settings.place(path, line, f"{name} {version}"),
        )


def _requirements(path: str, document: Marked, section: str) -> Iterator[Package | Unread]:
    table = document.value.get(section)
    if table is None or table == []:  # npm itself once wrote an empty list
        return
    if not isinstance(table, dict):
        yield _strange(path, document, (section,), "not a table of requirements")
        return
    bundled = _bundled(document.value) if section in {"dependencies", "optionalDependencies"} else frozenset()
    for name, spec in table.items():
        if not isinstance(spec, str):
            yield _strange(path, document, (section, name), "a requirement that is no text")
            continue
        flags = {*_FLAGS[section], *(("bundled",) if name in bundled else ())}
        if (
            section == "peerDependencies"
            and document.table("peerDependenciesMeta", name).get("optional") is True
        ):
            flags.add("optional")
        yield _requirement(path, document, (section, name), spec, tuple(sorted(flags)))


def _requirement(
    path: str, document: Marked, pointer: tuple[str, str], spec: str, flags: tuple[str, ...]
) -> Package:
    section, name = pointer
    wanted = npm_spec.parse(spec)
    version = without_credentials(spec)
    return Package(
        ecosystem="npm",
        name=wanted.name or name,
        alias=name if wanted.name not in {None, name} else None,
        place=f"{path}#{section}/{name}",
        stated_by="manifest",
        version=version,
        origin_kind=wanted.kind,
        origin=wanted.origin,
        flags=flags,
        at=settings.place(path, document.line(pointer), f'"{name}": "{version}"'),
    )


def _bundled(manifest: dict[str, Any]) -> frozenset[str]:
    """Return the names that the package brings along; `true` means all its dependencies."""
    bundled = manifest.get("bundleDependencies", manifest.get("bundledDependencies"))
    if bundled is True:
        bundled = manifest.get("dependencies")
    return (
        frozenset(name for name in bundled if isinstance(name, str))
        if isinstance(bundled, (dict, list))
        else frozenset()
    )


def _scripts(path: str, document: Marked, names: tuple[str, ...]) -> Iterator[Capability | Unread]:
    scripts = document.value.get("scripts")
    if not isinstance(scripts, dict):
        if scripts:
            yield _strange(path, document, ("scripts",), "not a table of scripts")
        return
    for name in names:
        command = scripts.get(name)
        if isinstance(command, str) and command.strip():
            yield Capability(
                path=path,
                name="install-script",
                subject=name,
                phase="install",
                detail=command,
                at=settings.place(path, document.line(("scripts", name)), command),
            )
        elif command and not isinstance(command, str):
            yield _strange(path, document, ("scripts", name), "a script that is no text")


def _settings(path: str, document: Marked, key: str) -> Iterator[Record]:
    value = document.value[key]
    if key == "bin" and isinstance(value, str):
        name = document.value.get("name")
        command = name.rpartition("/")[2] if isinstance(name, str) else ""
        yield settings.setting(path, f"bin.{command}", value, document.line((key,)))
    elif value not in (None, [], {}, ""):
        yield from settings.flatten(path, document, (key,), key)


def _strange(path: str, document: Marked, pointer: tuple[str, ...], why: str) -> Unread:
    return Unread(path=path, why=why, part=".".join(pointer), line=document.line(pointer))
