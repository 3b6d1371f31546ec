"""The `package.json` of an installed package: what it is, what it requires, runs and offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

#: What clients run for every package that they install.
_SCRIPTS = ("preinstall", "install", "postinstall")
_BOM = b"\xef\xbb\xbf"


class Manifest(NamedTuple):
    """What is read of it. `bins` are paths by command; `scripts` commands by the name of the hook.

    `needed` are the packages without which it does not work, by range; `bundled`: it brings packages
    along in its own archive.
    """

    name: str
    version: str
    line: int
    scripts: Mapping[str, str]
    bins: Mapping[str, str]
    folder_of_bins: str
    needed: Mapping[str, str]
    asked: Mapping[str, str]
    bundled: bool
    gyp: bool


def parse(data: bytes) -> Manifest | None:
    """Read a manifest; `None` where it is none that Node could read. The last of two equal keys counts."""
    try:
        value = msgspec.json.decode(data.removeprefix(_BOM))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    name, version = _text(value.get("name")), _text(value.get("version"))
    needed, optional = _texts(value.get("dependencies")), _texts(value.get("optionalDependencies"))
    at = data.find(b'"version"')
    return Manifest(
        name=name,
        version=version,
        line=data.count(b"\n", 0, max(at, 0)) + 1,
        scripts={k: v for k, v in _texts(value.get("scripts")).items() if k in _SCRIPTS and v.strip()},
        bins=_bins(value.get("bin"), name),
        folder_of_bins=_text(_table(value.get("directories")).get("bin")),
        needed={k: v for k, v in needed.items() if k not in optional},
        asked={
            **_texts(value.get("devDependencies")),
            **_texts(value.get("peerDependencies")),
            **optional,
            **needed,
        },
        bundled=bool(value.get("bundleDependencies") or value.get("bundledDependencies")),
        gyp=value.get("gypfile") is not False,
    )


def _bins(value: Any, name: str) -> dict[str, str]:
    if isinstance(value, str):
        return {name.rpartition("/")[2]: value}
    return {key.rpartition("/")[2]: path for key, path in _texts(value).items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    return {key: item for key, item in _table(value).items() if isinstance(item, str)}
