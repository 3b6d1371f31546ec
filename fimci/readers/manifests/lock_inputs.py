"""What the hash in a lockfile is taken of: the parts of its manifest, in the client's own recipe.

Shared by this room. Each recipe was checked against the client that has it (poetry 1.0 to 2.5,
pdm 1.15 to 2.29, pipenv 2026, Composer 2.5): `fimci.drift` holds the result against what the lock says. Where
recipes changed between releases of a client, all of them are given: the lock is stale if it
fits none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from fimci.names import canonical

_POETRY_FIRST = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT = ("requires-python", "dependencies", "optional-dependencies")
_COMPOSER = (
    *("name", "version", "require", "require-dev", "conflict", "replace", "provide"),
    *("minimum-stability", "prefer-stable", "repositories", "extra"),
)
#: Sections of a Pipfile that are no category of packages.
_PIPFILE = frozenset(
    {"default", "develop", "dev-packages", "packages", "pipenv", "requires", "scripts", "source"}
)


def poetry(manifest: dict[str, Any]) -> str:
    """Return what poetry hashes: before 1.2 without groups, before 2.3 without dependency groups."""
    project = {key: value for key, value in _table(manifest, "project").items() if key in _PROJECT}
    groups = _table(manifest, "dependency-groups")
    tool = _table(_table(manifest, "tool"), "poetry")
    return _digests(
        _of_poetry(project, chosen, tool, keys)
        for chosen in ({}, groups)
        for keys in (_POETRY_FIRST, (*_POETRY_FIRST, "group"))
    )


def _of_poetry(
    project: dict[str, Any], groups: dict[str, Any], tool: dict[str, Any], keys: tuple[str, ...]
) -> dict[str, Any]:
    standard = {"project": project, "dependency-groups": groups}
    relevant = {key: value for key, value in standard.items() if value}
    old = {key: tool.get(key) for key in keys if key in tool or (key in _POETRY_FIRST and not relevant)}
    return {**relevant, "tool": {"poetry": old}} if relevant else old


def pdm(manifest: dict[str, Any]) -> str:
    """Return what pdm hashes: `overrides` up to 2.7, the whole table of `resolution` later."""
    project = _table(manifest, "project")
    tool = _table(_table(manifest, "tool"), "pdm")
    resolution = _table(tool, "resolution")
    common = {
        "sources": tool.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": _table(tool, "dev-dependencies"),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
    }
    merged = {**common, "dev-dependencies": _groups(manifest, tool)}
    return _digests(
        [
            {**merged, "resolution": resolution},
            {**common, "overrides": resolution.get("overrides", {})},
            common,
        ]
    )


def _groups(manifest: dict[str, Any], tool: dict[str, Any]) -> dict[str, list[Any]]:
    """Merge the groups of the standard with pdm's own, by their normalised names."""
    groups: dict[str, list[Any]] = {}
    for table in (_table(manifest, "dependency-groups"), _table(tool, "dev-dependencies")):
        for group, wanted in table.items():
            groups.setdefault(canonical(group), []).extend(wanted if isinstance(wanted, list) else [])
    return groups


def pipenv(manifest: dict[str, Any]) -> str:
    """Return what pipenv hashes; nothing where the Pipfile leaves its source to the client."""
    if "source" not in manifest:
        return ""
    meta = {"sources": manifest["source"], "requires": manifest.get("requires", {})}
    more = {key: value for key, value in manifest.items() if key not in _PIPFILE}
    hashed = {
        "_meta": meta,
        "default": manifest.get("packages", {}),
        "develop": manifest.get("dev-packages", {}),
    }
    return _digests([{**hashed, **more}], separators=(",", ":"))


def composer(manifest: dict[str, Any]) -> str:
    """Return what Composer hashes: some of the keys, in the order of their names, as PHP writes JSON."""
    relevant = {key: manifest[key] for key in _COMPOSER if key in manifest}
    platform = _table(manifest, "config").get("platform")
    if platform is not None:
        relevant["config"] = {"platform": platform}
    try:
        text = json.dumps(_as_php(dict(sorted(relevant.items()))), separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        return ""
    return hashlib.md5(text.replace("/", "\\/").encode(), usedforsecurity=False).hexdigest()


def _as_php(value: Any) -> Any:
    """Return a value as PHP has it, which knows no difference between an empty table and an empty list."""
    if isinstance(value, dict):
        if list(value) == [str(number) for number in range(len(value))]:
            return [_as_php(item) for item in value.values()]
        return {key: _as_php(item) for key, item in value.items()}
    return [_as_php(item) for item in value] if isinstance(value, list) else value


def _digests(inputs: list[dict[str, Any]] | Iterator[dict[str, Any]], **style: Any) -> str:
    """Return the hashes of all recipes, each once; nothing where JSON has no word for a value."""
    try:
        texts = [json.dumps(one, sort_keys=True, **style) for one in inputs]
    except (TypeError, ValueError, RecursionError):
        return ""
    return " ".join(sorted({hashlib.sha256(text.encode()).hexdigest() for text in texts}))


def _table(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
