"""The small files of a `.dist-info`: who it is, where it came from, which commands it has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from fimci.excerpts import without_credentials
from fimci.model import UNSTATED, Digest, OriginKind, Unstated

#: Bytes of `METADATA` that are looked at for a name and a version: they stand at its top.
HEAD = 65_536
_HEADER = re.compile(r"^(name|version)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})
_HEX = re.compile(r"[0-9a-fA-F]+")


class Origin(NamedTuple):
    """Where a distribution came from, as `direct_url.json` states it."""

    kind: OriginKind | Unstated
    url: str | Unstated
    integrity: tuple[Digest, ...] | Unstated = UNSTATED
    editable: bool = False


#: Without a `direct_url.json` it came from an index; from which one, no installer writes down.
INDEX = Origin("registry", UNSTATED)


def named(data: bytes) -> tuple[str, str]:
    """Return name and version as the headers of `METADATA` or `PKG-INFO` state them; empty: not."""
    text = data[:HEAD].decode("utf-8-sig", "surrogateescape")
    text = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")[0]
    facts: dict[str, str] = {}
    for key, value in _HEADER.findall(text):
        facts.setdefault(key.lower(), value.strip())
    return facts.get("name", ""), facts.get("version", "")


def origin(data: bytes) -> Origin | None:
    """Read a `direct_url.json`; `None` where it is none.

    https://packaging.python.org/en/latest/specifications/direct-url-data-structure/
    """
    try:
        stated = json.loads(data)
    except (ValueError, RecursionError):
        return None
    url = stated.get("url") if isinstance(stated, dict) else None
    if not isinstance(url, str):
        return None
    url = without_credentials(url)
    if isinstance(vcs := stated.get("vcs_info"), dict):
        commit = str(vcs.get("commit_id", ""))
        return Origin("git", f"git+{url}#{commit}" if commit else f"git+{url}")
    if isinstance(folder := stated.get("dir_info"), dict):
        return Origin("directory", url, editable=folder.get("editable") is True)
    archive = stated.get("archive_info")
    kind: OriginKind = "file" if url.startswith("file:") else "tarball"
    return Origin(kind, url, _hashes(archive if isinstance(archive, dict) else {}))


def _hashes(archive: Mapping[str, Any]) -> tuple[Digest, ...] | Unstated:
    hashes = archive.get("hashes")
    found = dict(hashes) if isinstance(hashes, dict) else {}
    algorithm, equals, value = str(archive.get("hash", "")).partition("=")
    if equals:
        found.setdefault(algorithm, value)
    digests = [
        Digest(name.lower(), value.lower())
        for name, value in found.items()
        if isinstance(name, str) and isinstance(value, str) and _HEX.fullmatch(value)
    ]
    return tuple(sorted(digests)) if digests else UNSTATED


def commands(data: bytes) -> Mapping[str, str]:
    """Return the commands that `entry_points.txt` declares, each with what it calls (`module:function`)."""
    found: dict[str, str] = {}
    group = ""
    for raw in data.decode("utf-8-sig", "surrogateescape").splitlines():
        line = raw.strip()
        if line[:1] == "[":
            group = line[1:].partition("]")[0].strip()
            continue
        name, equals, target = line.partition("=")
        if equals and group in _SCRIPTS and line[0] not in "#;":
            found[name.strip()] = target.partition("[")[0].strip()
    return found
