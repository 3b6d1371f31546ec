"""Which registries yarn, pnpm and bun are told to use, in their own files of a project.

Addresses alone: credentials of these clients are not read. A file that cannot be read says nothing, and what
is written as a reference to the environment (`${NAME}`) is not looked up: it stands in a file of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fimci.marked import toml, yaml
from fimci.marked.document import Malformed

#: What each client calls its file.
FILES = (".yarnrc.yml", ".yarnrc", "pnpm-workspace.yaml", "bunfig.toml")
_SMALL = 1 << 20
_CLASSIC = re.compile(r'^[ \t]*"?((?:@[\w.-]+:)?registry)"?[ \t]+"?([^\s"]+)"?[ \t]*$', re.MULTILINE)


def stated(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return addresses by `registry` and `@scope:registry`, as npm would call these settings."""
    found: dict[str, str] = {}
    for name in FILES:
        for key, url in _of(name, files.get(name, b"")[:_SMALL]):
            if isinstance(url, str) and url and "${" not in url:
                found.setdefault(key, url)
    return found


def _of(name: str, data: bytes) -> Iterator[tuple[str, Any]]:
    if not data:
        return
    if name == ".yarnrc":
        yield from _CLASSIC.findall(data.decode("utf-8", "replace"))
        return
    try:
        value = (toml if name.endswith(".toml") else yaml).load(data).value
    except Malformed:
        return
    table = value if isinstance(value, dict) else {}
    if name == ".yarnrc.yml":
        yield "registry", table.get("npmRegistryServer")
        for scope, one in _table(table.get("npmScopes")).items():
            yield f"@{scope}:registry", _table(one).get("npmRegistryServer")
    elif name == "pnpm-workspace.yaml":
        for scope, url in _table(table.get("registries")).items():
            yield "registry" if scope == "default" else f"{scope}:registry", url
    else:
        install = _table(table.get("install"))
        yield "registry", _address(install.get("registry"))
        for scope, one in _table(install.get("scopes")).items():
            yield f"@{scope.removeprefix('@')}:registry", _address(one)


def _address(one: Any) -> Any:
    return one.get("url") if isinstance(one, dict) else one


def _table(one: Any) -> Mapping[str, Any]:
    return one if isinstance(one, dict) else {}
