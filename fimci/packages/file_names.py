"""Which release the name of a Python file spells: `left_pad-1.0-py3-none-any.whl`, `left-pad-1.0.tar.gz`.

Wheels are named by their specification; of source archives the older ones are named freely, so
that a name fits if it is the project's in any spelling, followed by the version in any spelling.
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_SOURCES = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|z)|tgz|zip)$")
_LONGEST = 512


def file_name(address: str) -> str:
    """Return the name of the file that a URL or path leads to."""
    name = address.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return unquote(name) if "%" in name else name


def contradicts(file: str, name: str, version: str) -> bool:
    """Tell whether the name of a wheel or source archive is surely not that of this release.

    `name` is normalised (PEP 503). What is neither a wheel nor a source archive spells nothing.
    """
    lowered, escaped = file.lower(), name.replace("-", "_")
    if len(file) > _LONGEST or lowered == f"{escaped}-{version}.tar.gz":
        return False
    if lowered.endswith(".whl"):
        if lowered.startswith(f"{escaped}-{version}-"):
            return False
        stem, dash, rest = lowered[:-4].partition("-")
        return not dash or _normal(stem) != name or _apart(rest.partition("-")[0].replace("_", "-"), version)
    stem = _SOURCES.sub("", lowered)
    if stem == lowered:
        return False
    found = re.match(rf"{'[-_.]+'.join(map(re.escape, name.split('-')))}[-_.]+(?=v?\d)", stem)
    return found is None or _apart(stem[found.end() :], version)


def _apart(stated: str, version: str) -> bool:
    if not version or _normal(stated) == _normal(version):
        return False
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (only where the spelling differs)

    try:
        return Version(stated) != Version(version)
    except InvalidVersion:
        return True


def _normal(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()
