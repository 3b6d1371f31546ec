"""Version catalogs of Gradle (`gradle/libs.versions.toml`): libraries and plug-ins with their versions.

    libraries, plugins          Package   `manifest`; a plug-in under the name of what is fetched for it
    gradle.floating.NAME        Setting   a version that is another one tomorrow

https://docs.gradle.org/current/userguide/version_catalogs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.marked.document import Marked
from fimci.model import Package, Record, Unread
from fimci.readers.documents import repeated, toml_table
from fimci.readers.manifests import settings

_SUFFIX = ".versions.toml"
_SECTIONS = ("libraries", "plugins")
#: How a rich version says what is taken, the strictest first.
_RICH = ("strictly", "require", "prefer")
_FLOATING = re.compile(r".*\+|latest\..*|.*-SNAPSHOT|[\[(\]].*,.*[\])\[]", re.DOTALL)
_NAME = re.compile(r"[\w.-]{1,200}:[\w.-]{1,200}", re.ASCII)


class _Found(NamedTuple):
    """What an alias stands for: `group:name`, its version, and the line that says the version."""

    name: str
    version: str | None
    line: int


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want every catalog, the usual one and others."""
    return path.endswith(_SUFFIX)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what a catalog has builds take."""
    document = toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    for section in _SECTIONS:
        for alias, value in document.table(section).items():
            line = document.line((section, alias))
            found = _found(document, section, alias, value)
            if found is None:
                why = "an alias that stands for no known module"
                yield Unread(path=path, part=f"{section}.{alias}"[:200], why=why, line=line)
                continue
            name = found.name.replace(":", "/")
            yield Package(
                ecosystem="maven",
                name=name,
                place=f"{path}#{section}/{alias}",
                stated_by="manifest",
                version=found.version,
                origin_kind="registry",
                origin=None,
                at=settings.place(path, line, f"{found.name}:{found.version or ''}"),
            )
            if found.version is not None and _FLOATING.fullmatch(found.version):
                yield settings.setting(path, f"gradle.floating.{name}", found.version, found.line)


def _found(document: Marked, section: str, alias: str, value: Any) -> _Found | None:
    """Take an alias apart: in one text, or in a table."""
    line = document.line((section, alias))
    if isinstance(value, str):
        parts = value.split(":")
        shortest = 1 if section == "plugins" else 2
        name = _module(section, parts[:shortest])
        version = parts[shortest] if len(parts) > shortest else None
        return _Found(name, version, line) if name else None
    if not isinstance(value, dict):
        return None
    keys = ("id",) if section == "plugins" else ("module",) if "module" in value else ("group", "name")
    words = [value.get(key) for key in keys]
    name = _module(section, [word for word in words if isinstance(word, str)])
    if not name:
        return None
    wanted = value.get("version")
    if isinstance(wanted, dict) and isinstance(wanted.get("ref"), str):
        pointer = ("versions", wanted["ref"])
        versions = document.table("versions")
        if wanted["ref"] not in versions:
            return None
        return _Found(name, _version(versions[wanted["ref"]]), document.line(pointer))
    return _Found(name, _version(wanted), document.line((section, alias, "version")))


def _module(section: str, words: list[str]) -> str:
    """Return `group:name`; a plug-in is found by a marker that is called after it."""
    text = ":".join(words)
    name = f"{text}:{text}.gradle.plugin" if section == "plugins" else text
    return name if _NAME.fullmatch(name) else ""


def _version(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((value[key] for key in _RICH if isinstance(value.get(key), str)), None)
    return value if isinstance(value, str) and value else None
